"""Why somebody is not let in, or an address is not taken."""

from flask_babel import gettext as _

from ..ground.errors import AddressRefused, OwnAddressRefused, Refusal

__all__ = ["AddressRefused", "DomainTaken", "OwnAddressRefused", "ProofFailed", "TooManyCodes"]


class ProofFailed(Refusal):
    """The code is wrong, or the attempt has run out, was used, or never was."""

    def sentence(self) -> str:
        """Say what to do next."""
        return _("Der Code stimmt nicht oder ist abgelaufen. Bitte prüfen Sie ihn oder fordern Sie eine neue Mail an.")


class TooManyCodes(ProofFailed):
    """Five wrong codes end an attempt (rule A-04)."""

    def sentence(self) -> str:
        """Say that this attempt is over."""
        return _("Der Code wurde zu oft falsch eingegeben. Bitte fordern Sie eine neue Mail an.")


class DomainTaken(Refusal):
    """The mail domain already belongs to a body."""

    def sentence(self) -> str:
        """Say so."""
        return _("Diese Domain ist schon zugeordnet.")
