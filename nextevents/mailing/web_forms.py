"""What people type to come onto a list. The forms of mails stand in forms.py."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from ..ground.fields import EmailField, LineField, options, required
from ..ground.text import NAME_LENGTH
from .models import Topic


class TopicsField(SelectMultipleField):
    """Topics of a list, as boxes to tick, by number."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def offer(self, topics: Sequence[Topic]) -> None:
        """Let these be chosen."""
        self.choices = options(*((str(topic.id), topic.name) for topic in topics))

    @property
    def numbers(self) -> list[int]:
        """What was chosen."""
        return [int(one) for one in self.data or ()]


class SubscribeForm(FlaskForm):
    """Who wants a list. The box is never ticked before, and its label is the very text that is stored (rule L-02)."""

    email = EmailField(_("E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))])
    name = LineField(_("Name"), longest=NAME_LENGTH)
    topics = TopicsField(_("Worüber möchten Sie lesen?"), description=_("Wenn Sie nichts auswählen, kommt alles."))
    agrees = BooleanField(validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie diese Mails möchten."))])


class OwnSubscribeForm(FlaskForm):
    """The same for somebody who is signed in: one click, because the address is known to be theirs."""

    topics = TopicsField(_("Worüber möchten Sie lesen?"), description=_("Wenn Sie nichts auswählen, kommt alles."))


class SureForm(FlaskForm):
    """Asked once more, so that no machine that reads mail can have pressed the button (rule M-39)."""

    is_sure = BooleanField(
        _("Ja, ich möchte diese Mails bekommen."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie diese Mails möchten."))],
    )
