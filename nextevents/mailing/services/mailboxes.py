"""Mailboxes: found by address, made when new, suspended when mail comes back, and left alone for good if so wished."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from ...ground.database import change_rows, db, insert_many_unless_there, insert_unless_there
from ...ground.errors import OwnAddressRefused
from ...ground.mail_addresses import Address, address_of
from ...ground.tokens import keyed_fingerprints
from .. import queries
from ..addresses import slug_in
from ..models import Mailbox, Subscription, SubscriptionState, Suppression
from .consenting import note_withdrawal

SUPPRESSION = "suppression"
#: What a mailbox says of itself that wants nothing ever again.
WANTS_NOTHING = "suppressed"


def mailbox_for(address: Address | str, *, name: str = "", language: str = "de", at: datetime) -> Mailbox:
    """The mailbox with this address, made if there is none. What is known of it is not overwritten.

    Raises AddressRefused for what is no address, and OwnAddressRefused for a list's.
    """
    address = address_of(address) if isinstance(address, str) else address
    if standing := queries.mailbox_with_key(address.key):
        return standing
    refuse_own(address)
    [values] = _rows([(address, name, language)], at=at)
    made = db.session.scalars(insert_unless_there(Mailbox).returning(Mailbox), [values]).first()
    found = made or queries.mailbox_with_key(address.key)
    if found is None:
        raise LookupError("the mailbox just made is gone")
    return found


def enter_mailboxes(people: Iterable[tuple[Address, str, str]], *, at: datetime) -> None:
    """Make the mailboxes that are missing for (address, name, language), in one go; for portions of some thousands."""
    if rows := _rows(list(people), at=at):
        insert_many_unless_there(Mailbox, rows)


def _rows(people: Sequence[tuple[Address, str, str]], *, at: datetime) -> list[dict[str, object]]:
    """Rows to insert. Whoever wanted nothing ever again is suspended from the first moment."""
    unwanted = suppressed_among([address.key for address, _name, _language in people])
    return [
        {
            "address": address.routed,
            "address_key": address.key,
            "name": name,
            "language": language,
            "made_at": at,
            "suspended_at": at if address.key in unwanted else None,
            "suspended_because": WANTS_NOTHING if address.key in unwanted else "",
        }
        for address, name, language in people
    ]


def refuse_own(address: Address) -> None:
    """Raise OwnAddressRefused for the address of a list: a list on a list goes in circles (bad input 28)."""
    slug = slug_in(address.routed)
    if slug and queries.list_with_slug_or_none(slug):
        raise OwnAddressRefused


def suspend(mailbox: Mailbox, because: str, *, at: datetime) -> None:
    """Send nothing to a mailbox any more until its owner has confirmed it anew (rules M-11 and M-12).

    The reason is shown to the owner and to the office. Twice is harmless; the first reason stays.
    """
    if mailbox.suspended_at is None:
        mailbox.suspended_at, mailbox.suspended_because = at, because
        db.session.flush()


def wake(mailbox: Mailbox) -> None:
    """Send to a mailbox again: its owner has shown that mail arrives. Whoever wanted nothing at all stays so."""
    if mailbox.suspended_because != WANTS_NOTHING:
        mailbox.suspended_at, mailbox.suspended_because = None, ""
        db.session.flush()


def suppress(address: Address, reason: str, *, at: datetime) -> None:
    """Send nothing of any list to an address ever again, whoever enters it where; only a fingerprint is kept of it.

    The reason is "erased", "complaint", "office" or "import". Twice is harmless.
    """
    values = {"fingerprint": keyed_fingerprints(SUPPRESSION, address.key)[0], "since": at, "reason": reason}
    db.session.execute(insert_unless_there(Suppression), [values])
    mailbox = queries.mailbox_with_key(address.key)
    if mailbox is None:
        return
    mailbox.suspended_at, mailbox.suspended_because = at, WANTS_NOTHING
    db.session.flush()
    note_withdrawal(mailbox_id=mailbox.id, by=reason, at=at)
    change_rows(
        update(Subscription)
        .where(Subscription.mailbox_id == mailbox.id, Subscription.state != SubscriptionState.ENDED)
        .values(state=SubscriptionState.ENDED, ended_at=at, ended_by=reason)
    )


def lift_suppression(address: Address) -> None:
    """Let an address be on lists again, because its owner, proved to be it, has asked for one. Twice is harmless."""
    fingerprints = keyed_fingerprints(SUPPRESSION, address.key)
    change_rows(delete(Suppression).where(Suppression.fingerprint.in_(fingerprints)))
    mailbox = queries.mailbox_with_key(address.key)
    if mailbox and mailbox.suspended_because == WANTS_NOTHING:
        mailbox.suspended_at, mailbox.suspended_because = None, ""
        db.session.flush()


def is_suppressed(address: Address) -> bool:
    """Whether this address wants nothing of lists."""
    return bool(suppressed_among([address.key]))


def suppressed_among(keys: Sequence[str]) -> set[str]:
    """Those of the address keys that want nothing of lists; some thousands at the most."""
    return _known_among(SUPPRESSION, keys)


def remember_leaving(people: Iterable[tuple[int, str]], *, at: datetime) -> None:
    """Keep a fingerprint of who has left which list (its number, address key), for some thousands at the most."""
    rows = [
        {"fingerprint": keyed_fingerprints(_leaving(list_id), key)[0], "since": at, "reason": "left"}
        for list_id, key in people
    ]
    if rows:
        insert_many_unless_there(Suppression, rows)


def left_among(list_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the address keys of whom is remembered that they once left this list."""
    return _known_among(_leaving(list_id), keys)


def _leaving(list_id: int) -> str:
    return f"left:{list_id}"


def _known_among(purpose: str, keys: Sequence[str]) -> set[str]:
    if not db.session.scalar(select(func.count()).select_from(Suppression)):
        return set()
    by_fingerprint = {one: key for key in keys for one in keyed_fingerprints(purpose, key)}
    found: set[str] = set()
    fingerprints = list(by_fingerprint)
    for start in range(0, len(fingerprints), 5000):
        some = fingerprints[start : start + 5000]
        rows = db.session.scalars(select(Suppression.fingerprint).where(Suppression.fingerprint.in_(some)))
        found |= {by_fingerprint[one] for one in rows}
    return found


__all__ = [
    "enter_mailboxes",
    "is_suppressed",
    "left_among",
    "lift_suppression",
    "mailbox_for",
    "refuse_own",
    "remember_leaving",
    "suppress",
    "suppressed_among",
    "suspend",
    "wake",
]
