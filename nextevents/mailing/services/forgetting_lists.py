"""Forgetting who was on lists, in portions (rules L-04, L-05, L-09, L-10). What proves a consent outlives the rest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from ...ground.database import change_rows, db
from ...ground.mail_addresses import Address
from ...ground.text import search_key
from .. import queries
from ..models import Bounce, Consent, Mailbox, MailingList, Message, Post, Subscription, SubscriptionState
from .consenting import PORTION, UNCONFIRMED
from .mailboxes import remember_leaving, suppress

#: How long it is remembered that somebody has left, for the office to answer questions.
LEFT = timedelta(days=90)


def _never_confirmed(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Consent.confirmed_at.is_(None), Consent.requested_at < at - UNCONFIRMED


def _never_begun(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Subscription.state == SubscriptionState.REQUESTED, Subscription.made_at < at - UNCONFIRMED


def _left_long_ago(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of lists by rule it is remembered as long as the mailbox: it is what keeps people off them."""
    by_rule = exists().where(MailingList.id == Subscription.list_id, MailingList.rule != "")
    return Subscription.state == SubscriptionState.ENDED, Subscription.ended_at < at - LEFT, ~by_rule


def _of_nobody(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """On no list, asked for none, and named by no mail whose links must still work."""
    names_it = [exists().where(table.mailbox_id == Mailbox.id) for table in (Subscription, Message, Bounce, Post)]
    is_proved = exists().where(
        Consent.mailbox_id == Mailbox.id, Consent.confirmed_at.is_not(None), Consent.withdrawn_at.is_(None)
    )
    return Mailbox.made_at < at - UNCONFIRMED, ~or_(*names_it), ~is_proved


def count_unconfirmed(*, at: datetime) -> int:
    """How many requests forget_unconfirmed would delete."""
    return db.session.scalar(select(func.count(Consent.id)).where(*_never_confirmed(at))) or 0


def forget_unconfirmed(*, at: datetime) -> int:
    """Delete what nobody has confirmed within 13 days: requests and, if nothing else is there, addresses."""
    old = select(Consent.id).where(*_never_confirmed(at)).order_by(Consent.id).limit(PORTION)
    gone = change_rows(delete(Consent).where(Consent.id.in_(old)))
    begun = select(Subscription.id).where(*_never_begun(at)).order_by(Subscription.id).limit(PORTION)
    gone += change_rows(delete(Subscription).where(Subscription.id.in_(begun)))
    return gone + _forget_mailboxes(at)


def count_left(*, at: datetime) -> int:
    """How many subscriptions forget_left would delete."""
    return db.session.scalar(select(func.count(Subscription.id)).where(*_left_long_ago(at))) or 0


def forget_left(*, at: datetime) -> int:
    """Delete that somebody left a list more than 90 days ago; the proof that they were on it has a time of its own.

    A fingerprint stays, so that no roster brings them back.
    """
    named = select(Subscription.id, Subscription.list_id, Mailbox.address_key).join(Subscription.mailbox)
    old = db.session.execute(named.where(*_left_long_ago(at)).order_by(Subscription.id).limit(PORTION)).all()
    remember_leaving(((one.list_id, one.address_key) for one in old), at=at)
    numbers = [one.id for one in old]
    return change_rows(delete(Subscription).where(Subscription.id.in_(numbers))) + _forget_mailboxes(at)


def _forget_mailboxes(at: datetime) -> int:
    old = select(Mailbox.id).where(*_of_nobody(at)).order_by(Mailbox.id).limit(PORTION)
    return _delete_mailboxes(db.session.scalars(old).all())


def _delete_mailboxes(numbers: Sequence[int]) -> int:
    for table in (Consent, Post):
        change_rows(update(table).where(table.mailbox_id.in_(numbers)).values(mailbox_id=None))
    return change_rows(delete(Mailbox).where(Mailbox.id.in_(numbers)))


def erase_mailbox(address: Address, *, keep_away: bool, at: datetime) -> None:
    """Forget an address and where it was (Art. 17). Proofs of what it agreed to stay until claims have lapsed.

    Their authors' names go from posts, and what still waits for them is not sent. With keep_away a fingerprint stays,
    so that nobody enters the address again (rule L-09). Twice is harmless.
    """
    mailbox = queries.mailbox_with_key(address.key)
    if mailbox is not None:
        withdrawn = {"withdrawn_at": at, "withdrawn_by": "erased"}
        given = (Consent.confirmed_at.is_not(None), Consent.withdrawn_at.is_(None))
        change_rows(update(Consent).where(Consent.mailbox_id == mailbox.id, *given).values(withdrawn))
        change_rows(delete(Consent).where(Consent.mailbox_id == mailbox.id, Consent.confirmed_at.is_(None)))
        number = mailbox.id
        db.session.expunge(mailbox)
        _delete_mailboxes([number])
    for post in queries.posts_by(address.key):
        post.author_name, post.author_address = "", ""
        post.search_text = search_key(f"{post.subject}\n{post.text}")
    db.session.flush()
    if keep_away:
        suppress(address, "erased", at=at)


def portable(address: Address) -> dict[str, object]:
    """Everything that lists know of an address, as plain values for an export (Art. 15 and 20)."""
    mailbox = queries.mailbox_with_key(address.key)
    keys = [address.typed, address.routed, address.key]
    return {
        "mailbox": _of_mailbox(mailbox) if mailbox else None,
        "subscriptions": [_of_subscription(one) for one in queries.subscriptions_of(mailbox)] if mailbox else [],
        "consents": [_of_consent(one) for one in queries.proofs_of(keys, mailbox.id if mailbox else None)],
        "posts": [_of_post(one) for one in queries.posts_by(address.key)],
    }


def _of_post(one: Post) -> dict[str, object]:
    return {
        "list": one.mailing_list.name,
        "received_at": _moment(one.received_at),
        "state": one.state.value,
        "name": one.author_name,
        "subject": one.subject,
        "text": one.text,
    }


def _of_mailbox(mailbox: Mailbox) -> dict[str, object]:
    return {
        "address": mailbox.address,
        "name": mailbox.name,
        "language": mailbox.language,
        "made_at": _moment(mailbox.made_at),
        "suspended_at": _moment(mailbox.suspended_at),
        "suspended_because": mailbox.suspended_because,
    }


def _of_subscription(one: Subscription) -> dict[str, object]:
    return {
        "list": one.mailing_list.name,
        "state": one.state.value,
        "delivery": one.delivery.value,
        "topics": [topic.name for topic in one.topics],
        "asked_at": _moment(one.made_at),
        "began_at": _moment(one.began_at),
        "ended_at": _moment(one.ended_at),
        "ended_by": one.ended_by,
    }


def _of_consent(one: Consent) -> dict[str, object]:
    moments = {
        name: _moment(getattr(one, name)) for name in ("requested_at", "mailed_at", "confirmed_at", "withdrawn_at")
    }
    words = (
        "address",
        "text",
        "text_version",
        "language",
        "form_url",
        "was_ticked",
        "mail_id",
        "mail_version",
        "confirmed_by",
        "reason",
        "withdrawn_by",
    )
    return {name: getattr(one, name) for name in words} | moments | {"source": one.source.value}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
