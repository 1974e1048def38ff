"""Mail addresses: which ones we take, and when two are the same (the catalogue of bad inputs, cases 19 to 28)."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from flask import current_app

from .errors import AddressRefused, OwnAddressRefused

_LONGEST, _LONGEST_LOCAL_PART = 254, 64


@dataclass(frozen=True)
class Address:
    """A mail address in the three forms that matter."""

    #: As it was typed, but for blanks around it.
    typed: str
    #: Where mail goes to: ASCII, the domain as A-labels in lower case (rule C-23).
    routed: str
    #: What makes two addresses the same: routed, case-folded.
    key: str
    #: The domain alone, as A-labels.
    domain: str


def address_of(typed: str) -> Address:
    """Read an address.

    The local part is kept as it was typed, dots and tags included. Raises AddressRefused for anything that is not
    one plain address with an ASCII local part, and OwnAddressRefused for our own.
    """
    typed = typed.strip()
    if len(typed) > _LONGEST:
        raise AddressRefused
    try:
        checked = _checked(typed)
    except EmailNotValidError as error:
        raise AddressRefused from error
    routed = checked.ascii_email
    local_part, _, domain = (routed or "").rpartition("@")
    if not routed or not local_part or len(local_part) > _LONGEST_LOCAL_PART or len(routed) > _LONGEST:
        raise AddressRefused
    key = f"{local_part.casefold()}@{domain.lower()}"
    if key in _our_own():
        raise OwnAddressRefused
    return Address(typed=typed, routed=f"{local_part}@{domain.lower()}", key=key, domain=domain.lower())


def _checked(typed: str) -> ValidatedEmail:
    return validate_email(
        typed, check_deliverability=False, allow_smtputf8=False, allow_quoted_local=False, test_environment=True
    )


def _our_own() -> set[str]:
    config = current_app.config
    return {config[name].casefold() for name in ("MAIL_FROM", "MAIL_BOUNCES", "NEWSLETTER_FROM")}


def enclosing_domains(domain: str) -> list[str]:
    """The domain and what encloses it, longest first, down to two labels: a.b.example, b.example."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def readable(address: str) -> str:
    """A mail address or a domain with umlauts instead of A-labels (RFC 5891), to be looked at and never to mail to.

    A domain in another script than ours stays as it is: its letters can look like ours and be others.
    """
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{_in_our_letters(domain)}" if "xn--" in domain else address


@lru_cache(maxsize=1024)
def _in_our_letters(domain: str) -> str:
    try:
        found = _checked(f"post@{domain}").domain
    except EmailNotValidError:
        return domain
    is_ours = all(one.isascii() or unicodedata.name(one, "").startswith("LATIN ") for one in found)
    return found if is_ours else domain
