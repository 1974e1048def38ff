"""Why somebody does not get in, or something cannot be changed."""

from flask_babel import gettext as _

from ..ground.errors import Refusal


class RegistrationClosed(Refusal):
    """Registration has not begun, is over, or never was."""

    def sentence(self) -> str:
        """Say that it is closed."""
        return _("Die Anmeldung zu diesem Termin ist geschlossen.")


class NotInvited(Refusal):
    """The event is for others."""

    def sentence(self) -> str:
        """Say that it is for others."""
        return _("Dieser Termin ist nicht für alle offen. Bitte melden Sie sich mit Ihrer Adresse an.")


class NotWaitingForAnswer(Refusal):
    """There is no offer to accept or decline any more."""

    def sentence(self) -> str:
        """Say that the offer has lapsed."""
        return _("Dieses Angebot gilt nicht mehr. Der Platz ist weitergegeben worden.")


class CapacityBelowTaken(Refusal):
    """Fewer seats than are taken (guarantee G2)."""

    def __init__(self, taken: int) -> None:
        super().__init__(
            _(
                "Es sind schon %(taken)s Plätze vergeben. Weniger Plätze gehen nicht, ohne jemandem abzusagen.",
                taken=taken,
            )
        )
        self.taken = taken


class ChangedMeanwhile(Refusal):
    """Somebody else has saved the event since the form was opened (guarantee G20)."""

    def sentence(self) -> str:
        """Say so."""
        return _("Jemand anders hat diesen Termin inzwischen geändert. Bitte vergleichen Sie beide Fassungen.")


class AlreadyOver(Refusal):
    """The event has begun or is over."""

    def sentence(self) -> str:
        """Say so."""
        return _("Dieser Termin hat schon begonnen.")
