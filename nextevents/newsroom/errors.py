"""Refusals of the newsroom; their texts may be shown to people."""

from flask_babel import gettext as _

from ..ground.errors import Refusal


class ChangedMeanwhile(Refusal):
    """Somebody else has changed the campaign since the form was opened (guarantee G20)."""

    def sentence(self) -> str:
        """What to tell whoever was overtaken."""
        return _("Jemand anders hat diese Aussendung inzwischen geändert. Bitte sehen Sie sie sich noch einmal an.")


class NotADraft(Refusal):
    """It has been handed over, or sent: nobody writes in it any more."""

    def sentence(self) -> str:
        """What to tell whoever wants to write in it."""
        return _("Diese Aussendung ist kein Entwurf mehr und lässt sich nicht mehr ändern.")


class NotReady(Refusal):
    """Something is missing before it may go out."""


class NeedsAnotherPerson(Refusal):
    """This list wants a second pair of eyes, and these have written the last version."""

    def sentence(self) -> str:
        """What to tell the writer."""
        return _("Bei diesem Verteiler gibt jemand anders frei als die Person, die zuletzt geschrieben hat.")


class CountChanged(Refusal):
    """Other people are on the list by now than was confirmed."""

    def sentence(self) -> str:
        """What to tell whoever has confirmed another number."""
        return _("Die Zahl der Empfangenden hat sich eben geändert. Bitte bestätigen Sie die neue Zahl.")


class TooManyBlocks(Refusal):
    """A mail that nobody would read to its end."""

    def sentence(self) -> str:
        """What to tell whoever adds one more."""
        return _("Mehr Bausteine passen nicht in eine Mail. Bitte kürzen Sie.")


class TooManyVariants(Refusal):
    """So many mails would have to be set in type that it is no letter to many any more."""

    def sentence(self) -> str:
        """What to do instead."""
        return _(
            "Aus den eigenen Communities der Lesenden ergeben sich zu viele Fassungen. Bitte wählen Sie einzelne aus."
        )
