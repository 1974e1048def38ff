"""What people type to answer an invitation, and to give a seat to a colleague."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField

from ...ground.fields import EmailField, LineField, SeveralOfField, add_error, options, required
from ...ground.text import NAME_LENGTH
from .. import showing
from ..models import Event


class ReplyForm(FlaskForm):
    """Yes or no to what was sent to one address. Nothing is chosen beforehand, so no robot answers (guarantee G22)."""

    reply = RadioField(
        _("Kommen Sie?"),
        choices=options(("yes", _("Ja, ich komme.")), ("no", _("Nein, ich komme nicht."))),
        validators=[required(_("Bitte wählen Sie eine Antwort."))],
    )
    name = LineField(_("Name"), longest=NAME_LENGTH)
    organisation = LineField(_("Organisation"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whoever comes says a name."""
        is_fine = super().validate(extra_validators=extra_validators)
        if is_fine and self.says_yes and not self.name.data:
            add_error(self.name, str(_("Bitte geben Sie Ihren Namen an.")))
            return False
        return bool(is_fine)

    @property
    def says_yes(self) -> bool:
        """Whether it is a yes."""
        return bool(self.reply.data == "yes")


class YesOrNoForm(FlaskForm):
    """Yes or no of somebody whom we know."""

    reply = RadioField(
        _("Kommen Sie?"),
        choices=options(("yes", _("Ja, ich komme.")), ("no", _("Nein, ich komme nicht."))),
        validators=[required(_("Bitte wählen Sie eine Antwort."))],
    )


class ComingForm(FlaskForm):
    """To which of a circle's dates somebody comes. Nothing is ticked, so a robot that sends it says nothing (G22)."""

    dates = SeveralOfField(
        _("Zu welchen kommen Sie?"),
        choices=[],
        validators=[required(_("Bitte kreuzen Sie an, wohin Sie kommen."))],
    )

    def offer(self, dates: Iterable[Event]) -> None:
        """Give these dates to choose from."""
        self.dates.choices = [(str(one.id), f"{showing.when_label(one)}: {one.title}") for one in dates]

    @property
    def numbers(self) -> set[int]:
        """The numbers of the dates that were chosen."""
        return {int(one) for one in self.dates.data or ()}


class TransferForm(FlaskForm):
    """Who shall have a seat."""

    taker_name = LineField(
        _("Name"), validators=[required(_("Bitte geben Sie an, wer den Platz bekommt."))], longest=NAME_LENGTH
    )
    taker_email = EmailField(_("E-Mail-Adresse"), validators=[required(_("Bitte geben Sie eine E-Mail-Adresse an."))])
    taker_organisation = LineField(_("Organisation"))
