"""What can go wrong with a mail, sorted by what is to be done about it (guarantees G7, G10, G11), and refusals."""

from flask_babel import gettext as _

from ..ground.errors import Refusal


class DeliveryError(Exception):
    """A mail was not accepted. str() is what the server said, or what went wrong."""


class UnfillableForm(DeliveryError):  # noqa: N818 - says what the form is
    """The mail cannot be written; trying again would not help."""


class Refused(DeliveryError):  # noqa: N818 - says what the server does
    """The server says no to this mail for good (5xx)."""


class NotNow(DeliveryError):  # noqa: N818 - as above
    """The server says later to this mail (4xx)."""


class Unanswered(DeliveryError):  # noqa: N818 - as above
    """The connection broke after the body had begun to leave: the server has it, or has not."""


class ServerUnusable(DeliveryError):  # noqa: N818 - a state of the server
    """The server cannot be reached or used, or refuses us rather than a mail. Nothing of this mail has left."""


class CampaignNotThere(Refusal):
    """Somebody else was faster: the campaign is not where it was when the page was shown."""

    def sentence(self) -> str:
        """Say what to do."""
        return _("Diese Aussendung hat inzwischen einen anderen Stand. Bitte sehen Sie sich die Seite noch einmal an.")


class ListClosed(Refusal):
    """Nobody subscribes to this list any more."""

    def sentence(self) -> str:
        """Say so."""
        return _("Dieser Verteiler ist geschlossen.")


class ListNameTaken(Refusal):
    """Another list is called so, or has, or had, this address."""

    def sentence(self) -> str:
        """Say so."""
        return _("So heißt schon ein anderer Verteiler, oder die Adresse ist vergeben.")


class ListChangedMeanwhile(Refusal):
    """Somebody else has changed the list since the page was shown (guarantee G20)."""

    def sentence(self) -> str:
        """Say what to do."""
        return _(
            "Jemand anderes hat diesen Verteiler inzwischen geändert. Bitte vergleichen Sie, und speichern Sie dann."
        )


class NobodySubscribes(Refusal):
    """Who is on this list follows from a rule."""

    def sentence(self) -> str:
        """Say so."""
        return _("Wer auf diesem Verteiler steht, ergibt sich von selbst. Eintragen kann man niemanden.")


class AddressWantsNothing(Refusal):
    """The owner of this address has said that they want no mail of lists at all."""

    def sentence(self) -> str:
        """Say what the owner can do."""
        return _(
            "Unter dieser Adresse sind keine Mails von Verteilern erwünscht. "
            "Nur die Person selbst kann das ändern: angemeldet, auf der Seite des Verteilers."
        )


class NoRoster(Refusal):
    """The file is no text, so there is nobody in it."""

    def sentence(self) -> str:
        """Say what would be."""
        return _("Diese Datei ist keine Textdatei. Bitte nehmen Sie eine Tabelle als CSV oder einen Export.")


class NoProof(Refusal):
    """There is nothing that shows that this person wanted the list (rule L-06)."""

    def sentence(self) -> str:
        """Say what to do instead."""
        return _("Dafür gibt es keinen Nachweis. Tragen Sie die Adresse neu ein, dann wird sie um Bestätigung gebeten.")


class PostDecided(Refusal):
    """Another keeper was faster."""

    def sentence(self) -> str:
        """Say so."""
        return _("Über diesen Beitrag ist schon entschieden.")
