"""The word No. Each room has one class per outcome; the text may be shown to people."""

from flask_babel import gettext as _


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Something that was asked for and is not done. str() is a sentence for the person who asked."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.sentence())

    def sentence(self) -> str:
        """What to tell the person when nothing more precise was said."""
        return type(self).__name__


class NotFound(Refusal):
    """There is nothing here, or nothing that this person may know of."""


class SignInFirst(NotFound):
    """There is nothing here for strangers; whoever signs in may be shown something.

    Only for pages whose existence is no secret, or said of all pages of a kind alike.
    """


class AddressRefused(Refusal):
    """This cannot be anybody's mail address, or not one that we can write to."""

    def sentence(self) -> str:
        """Say what an address looks like."""
        return _("Das ist keine vollständige E-Mail-Adresse. Beispiel: vorname.nachname@stadt.example")


class OwnAddressRefused(AddressRefused):
    """The address is one of ours: writing to it would go in circles (bad input 28, rule C-07)."""

    def sentence(self) -> str:
        """Say why not."""
        return _("Diese Adresse gehört zu dieser Seite. Bitte geben Sie Ihre eigene an.")
