"""What can go wrong with a mail, sorted by what is to be done about it (guarantees G7, G10, G11), and refusals."""

from flask_babel import gettext as _

from ..ground.errors import Refusal


class DeliveryError(Exception):
    """A mail was not accepted. str() is what the server said, or what went wrong."""


class UnfillableForm(DeliveryError):  # noqa: N818 - says what the form is
    """The mail cannot be written; trying again would not help."""


class Refused(DeliveryError):  # noqa: N818
    """The server says no to this mail for good (5xx)."""


class NotNow(DeliveryError):  # noqa: N818
    """The server says later to this mail (4xx)."""


class Unanswered(DeliveryError):  # noqa: N818
    """The connection broke after the body had begun to leave: the server has it, or has not."""


class ServerUnusable(DeliveryError):  # noqa: N818
    """The server cannot be reached, or refuses us rather than a mail. Nothing of this mail has left."""


class CampaignNotThere(Refusal):
    """Somebody else was faster: the campaign is not where it was when the page was shown."""

    def sentence(self) -> str:
        """Say what to do."""
        return _("Diese Aussendung hat inzwischen einen anderen Stand. Bitte sehen Sie sich die Seite noch einmal an.")
