"""The word No. Each room has one class per outcome; the text may be shown to people."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Something that was asked for and is not done. str() is a sentence for the person who asked."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.sentence())

    def sentence(self) -> str:
        """What to tell the person when nothing more precise was said."""
        return type(self).__name__


class NotFound(Refusal):
    """There is nothing here, or nothing that this person may know of."""
