"""Coming onto a list: asked for by anybody, begun by the owner of the mailbox alone (rules L-01 to L-06, M-39)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import delete, insert, select

from ...ground.database import change_rows, db, insert_unless_there
from ...ground.mail_addresses import Address
from .. import messages_of_lists as messages
from .. import queries
from ..errors import ListClosed, NobodySubscribes
from ..models import (
    Consent,
    Delivery,
    Mailbox,
    MailingList,
    Message,
    Subscription,
    SubscriptionState,
    SubscriptionTopic,
    Topic,
)
from .consenting import DOUBTFUL, Declaration, note_consent, note_request
from .mailboxes import is_suppressed, lift_suppression, mailbox_for, wake
from .posting import post

#: One mail for an address in such a time, whatever it is asked for (rule L-04).
REST = timedelta(hours=24)
#: Whoever answers sooner after the mail was handed over may be a machine that reads mail (rule M-39).
TOO_SOON = timedelta(seconds=60)


class Answer(Enum):
    """What came of pressing the button."""

    CONFIRMED = "confirmed"
    #: So soon that it is asked again, with a tick.
    DOUBTFUL = "doubtful"
    #: The link is too old, or what was asked for is gone.
    TOO_LATE = "too late"


def ask_to_subscribe(
    one: MailingList,
    address: Address,
    declaration: Declaration,
    *,
    name: str = "",
    topics: Sequence[int] = (),
    at: datetime,
) -> Consent | None:
    """Ask the owner of an address whether they want a list. Whoever asked never learns what came of it.

    An address that wants nothing gets nothing. Whoever is on the list is told so, at most once a day. Of several
    requests in a day the first is mailed; its link shows them all.

    Raises ListClosed, NobodySubscribes, and OwnAddressRefused for a list's address.
    """
    refuse_if_shut(one)
    if is_suppressed(address):
        return None
    mailbox = mailbox_for(address, name=name, language=declaration.language, at=at)
    subscription = _subscription(one, mailbox, at=at)
    if subscription.state == SubscriptionState.ACTIVE and mailbox.suspended_at is None:
        if not queries.times_written(messages.KIND_ALREADY, mailbox.address, since=at - REST):
            post(messages.already_subscribed(one, mailbox, at=at), at=at)
        return None
    if subscription.state == SubscriptionState.ENDED:
        subscription.state, subscription.made_at = SubscriptionState.REQUESTED, at
    if subscription.state == SubscriptionState.REQUESTED:
        choose_topics_of(subscription, topics)
    waiting = queries.waiting_requests(mailbox.id, since=at - REST)
    if same := next((each for each in waiting if each.list_id == one.id), None):
        return same
    consent = note_request(one, mailbox, address.typed, declaration, at=at)
    mailed = _last_mail(mailbox, since=at - REST)
    if mailed is None:
        post(messages.confirm_subscription(one, mailbox, consent, at=at), at=at)
        mailed = _last_mail(mailbox, since=at - REST)
    if mailed:
        consent.mail_id, consent.mail_version = mailed.message_id, messages.MAIL_VERSION
    db.session.flush()
    return consent


def refuse_if_shut(one: MailingList) -> None:
    """Raise ListClosed or NobodySubscribes where nobody can subscribe."""
    if one.closed_at:
        raise ListClosed
    if one.rule:
        raise NobodySubscribes


def _subscription(one: MailingList, mailbox: Mailbox, *, at: datetime) -> Subscription:
    """What there is between the two, held; a request if there was nothing."""
    values = {
        "list_id": one.id,
        "mailbox_id": mailbox.id,
        "state": SubscriptionState.REQUESTED,
        "delivery": Delivery.EACH,
        "made_at": at,
        "ended_by": "",
        "digested_until": 0,
    }
    db.session.execute(insert_unless_there(Subscription), [values])
    of_both = (Subscription.list_id == one.id, Subscription.mailbox_id == mailbox.id)
    held = select(Subscription).where(*of_both).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(held).one()


def _last_mail(mailbox: Mailbox, *, since: datetime) -> Message | None:
    """The mail that asked this mailbox for confirmation last."""
    asked = (Message.kind == messages.KIND, Message.recipient == mailbox.address, Message.created_at > since)
    return db.session.scalars(select(Message).where(*asked).order_by(Message.id.desc()).limit(1)).first()


def choose_topics_of(subscription: Subscription, topics: Sequence[int]) -> None:
    """Take over what somebody wants to read about; of another list's topics nothing."""
    of_list = select(Topic.id).where(Topic.list_id == subscription.list_id, Topic.id.in_(list(topics)))
    chosen = db.session.scalars(of_list).all()
    standing = SubscriptionTopic.subscription_id == subscription.id
    change_rows(delete(SubscriptionTopic).where(standing))
    if chosen:
        rows = [{"subscription_id": subscription.id, "topic_id": number} for number in chosen]
        db.session.execute(insert(SubscriptionTopic), rows)
    db.session.expire(subscription, ["topics"])


def confirm(consent: Consent, *, is_sure: bool, by: str = "button", at: datetime) -> Answer:
    """Begin what was asked for, because the owner of the mailbox presses the button. Twice is harmless.

    Within a minute after the mail was handed over it could be a machine: that is noted, and the owner has to say so
    once more (rule M-39). That no machine did it is_sure says: a tick at the button, the sender's proof of a mail.
    """
    mailbox = queries.mailbox(consent.mailbox_id) if consent.mailbox_id else None
    one = queries.list_behind(consent.list_id) if consent.list_id else None
    if mailbox is None or one is None or one.closed_at:
        return Answer.TOO_LATE
    if consent.confirmed_at:
        return Answer.CONFIRMED
    if at > consent.requested_at + queries.LINK_TIME:
        return Answer.TOO_LATE
    handed_over = db.session.scalar(select(Message.sent_at).where(Message.message_id == consent.mail_id))
    consent.mailed_at = handed_over
    is_doubtful = handed_over is None or at < handed_over + TOO_SOON
    if is_doubtful and not is_sure:
        consent.confirmed_by = DOUBTFUL
        db.session.flush()
        return Answer.DOUBTFUL
    consent.confirmed_at, consent.confirmed_by = at, "button_and_tick" if is_sure and by == "button" else by
    _begin(_subscription(one, mailbox, at=at), at=at)
    wake(mailbox)
    return Answer.CONFIRMED


def _begin(subscription: Subscription, *, at: datetime) -> None:
    if subscription.state != SubscriptionState.ACTIVE:
        subscription.state, subscription.began_at = SubscriptionState.ACTIVE, at
        subscription.ended_at, subscription.ended_by = None, ""
        if subscription.delivery == Delivery.PAUSED:
            subscription.delivery = Delivery.EACH
    db.session.flush()


def subscribe_proved(
    one: MailingList,
    address: Address,
    declaration: Declaration,
    *,
    by: str,
    name: str = "",
    topics: Sequence[int] | None = None,
    at: datetime,
) -> Subscription:
    """Put somebody on a list who has shown that the address is theirs: signed in, or by a link of their own.

    Twice is harmless. Whoever wanted nothing at all wants this one now.

    Raises ListClosed, NobodySubscribes and OwnAddressRefused.
    """
    refuse_if_shut(one)
    mailbox = mailbox_for(address, name=name, language=declaration.language, at=at)
    lift_suppression(address)
    subscription = _subscription(one, mailbox, at=at)
    if subscription.state != SubscriptionState.ACTIVE:
        note_consent(one, mailbox, declaration, by=by, at=at)
        _begin(subscription, at=at)
    if topics is not None:
        choose_topics_of(subscription, topics)
    return subscription


def put_on_list(one: MailingList, mailbox: Mailbox, *, at: datetime) -> Subscription:
    """Put a mailbox on a list whose consent stands or is being written down by the caller. Twice is harmless."""
    subscription = _subscription(one, mailbox, at=at)
    _begin(subscription, at=at)
    return subscription
