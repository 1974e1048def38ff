"""Why somebody cannot join, lead or change a circle."""

from flask_babel import gettext as _

from ..ground.errors import Refusal


class CommunityClosed(Refusal):
    """The circle has finished its work; nobody joins it any more."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diese Runde hat ihre Arbeit abgeschlossen. Neue Mitglieder nimmt sie nicht mehr auf.")


class LastLead(Refusal):
    """A circle cannot be without anybody who leads it."""

    def sentence(self) -> str:
        """Say what to do first."""
        return _("Eine Community braucht mindestens eine Leitung. Benennen Sie zuerst jemand anderen.")


class NobodyKnown(Refusal):
    """Nobody has proved this address."""

    def sentence(self) -> str:
        """Say what that person can do."""
        return _("Unter dieser Adresse kennen wir niemanden. Bitte lassen Sie die Person sich zuerst einmal anmelden.")


class NameTaken(Refusal):
    """Another circle is called so, or was, or has this address."""

    def sentence(self) -> str:
        """Say so."""
        return _("So heißt schon eine andere Community, oder ihre Adresse ist vergeben.")


class ChangedMeanwhile(Refusal):
    """Somebody else has changed the same thing since the form was opened (guarantee G20)."""

    def sentence(self) -> str:
        """Say what happened."""
        return _("Inzwischen hat jemand anders hier etwas geändert. Bitte sehen Sie sich den neuen Stand an.")


class NoOneself(Refusal):
    """A circle cannot become part of itself."""

    def sentence(self) -> str:
        """Say what to choose."""
        return _("Bitte wählen Sie eine andere Community.")


class TooManyDocuments(Refusal):
    """A library holds only so many things."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Hier liegen schon %(most)s Unterlagen. Bitte entfernen Sie zuerst alte.", most=most))


class NotYetComplete(Refusal):
    """What a workshop has made cannot be published without its authors, its abstract and its file."""

    def sentence(self) -> str:
        """Say what is missing, and that it can wait."""
        return _(
            "Zum Veröffentlichen gehören Autor:innen, Zusammenfassung und PDF. "
            "Ohne Tag der Veröffentlichung können Sie schon jetzt speichern."
        )


class TooManyQuestions(Refusal):
    """The leads have got many questions today."""

    def sentence(self) -> str:
        """Say when to come back."""
        return _("Diese Community hat heute schon viele Fragen bekommen. Bitte versuchen Sie es morgen noch einmal.")
