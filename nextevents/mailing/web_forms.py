"""What people type to come onto a list. The forms of mails stand in forms.py."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField

from ..ground.fields import EmailField, LineField, SeveralOfField, options, required
from ..ground.text import NAME_LENGTH
from .models import Topic


def as_choices(topics: Sequence[Topic]) -> list[Any]:
    """The topics of a list, to be ticked."""
    return options(*((topic.id, topic.name) for topic in topics))


class SubscribeForm(FlaskForm):
    """Who wants a list. The box is never ticked before, and its label is the very text that is stored (rule L-02)."""

    email = EmailField(_("E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))])
    name = LineField(_("Name"), longest=NAME_LENGTH)
    topics = SeveralOfField(
        _("Worüber möchten Sie lesen?"), description=_("Wenn Sie nichts auswählen, kommt alles."), coerce=int
    )
    agrees = BooleanField(validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie diese Mails möchten."))])


class OwnSubscribeForm(FlaskForm):
    """The same for somebody who is signed in: one click, because the address is known to be theirs."""

    topics = SeveralOfField(
        _("Worüber möchten Sie lesen?"), description=_("Wenn Sie nichts auswählen, kommt alles."), coerce=int
    )


class SureForm(FlaskForm):
    """Asked once more, so that no machine that reads mail can have pressed the button (rule M-39)."""

    is_sure = BooleanField(
        _("Ja, ich möchte diese Mails bekommen."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie diese Mails möchten."))],
    )
