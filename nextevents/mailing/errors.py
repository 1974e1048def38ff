"""What can go wrong with a mail, sorted by what is to be done about it (guarantees G7, G10, G11)."""


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


class ServerUnusable(DeliveryError):  # noqa: N818
    """The server cannot be reached, or refuses us rather than a mail. Nothing of this mail has left."""
