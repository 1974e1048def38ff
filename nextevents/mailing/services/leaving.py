"""Leaving a list, and coming back within a day; choosing how a list comes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ...ground.database import db, insert_unless_there
from ...ground.mail_addresses import address_of
from .. import messages_of_lists as messages
from .. import queries
from ..errors import NoProof
from ..models import Delivery, ListKind, Mailbox, MailingList, Subscription, SubscriptionState
from .consenting import Declaration, last_consent, note_consent, note_withdrawal
from .mailboxes import WANTS_NOTHING, is_suppressed, wake
from .posting import post
from .subscribing import REST, choose_topics_of, put_on_list, refuse_if_shut

#: How long one can take leaving back.
SECOND_THOUGHTS = timedelta(days=1)
#: Ways of leaving that one's own second thoughts can undo.
OWN_WAYS = frozenset({"one_click", "page", "preferences", "mail", "account"})


def leave_list(one: MailingList, mailbox: Mailbox, *, by: str, at: datetime) -> bool:
    """Take a mailbox off a list, at once, and note that its consent is withdrawn. Twice is harmless.

    On a list by rule it is written down that they do not want it. Returns whether anything has changed.
    """
    of_both = (Subscription.list_id == one.id, Subscription.mailbox_id == mailbox.id)
    if one.rule:
        values = {
            "list_id": one.id,
            "mailbox_id": mailbox.id,
            "state": SubscriptionState.ACTIVE,
            "delivery": Delivery.EACH,
            "made_at": at,
            "ended_by": "",
            "digested_until": 0,
        }
        db.session.execute(insert_unless_there(Subscription), [values])
    held = select(Subscription).where(*of_both).with_for_update().execution_options(populate_existing=True)
    subscription = db.session.scalars(held).first()
    if subscription is None or subscription.state == SubscriptionState.ENDED:
        return False
    subscription.state, subscription.ended_at, subscription.ended_by = SubscriptionState.ENDED, at, by
    db.session.flush()
    note_withdrawal(mailbox_id=mailbox.id, list_id=one.id, by=by, at=at)
    return True


def may_come_back(subscription: Subscription | None, *, at: datetime) -> bool:
    """Whether somebody who has left by themselves can still take that back with one click."""
    if subscription is None or subscription.state != SubscriptionState.ENDED or subscription.ended_at is None:
        return False
    is_own = subscription.ended_by in OWN_WAYS and subscription.began_at is not None
    is_by_rule = bool(subscription.mailing_list.rule) and subscription.ended_by in OWN_WAYS
    is_open = subscription.mailing_list.closed_at is None
    return (is_own or is_by_rule) and is_open and at < subscription.ended_at + SECOND_THOUGHTS


def come_back(one: MailingList, mailbox: Mailbox, declaration: Declaration, *, at: datetime) -> bool:
    """Take leaving back within a day, as a consent of its own. Returns whether that was still possible."""
    subscription = queries.subscription(one, mailbox)
    if subscription is None or not may_come_back(subscription, at=at):
        return False
    _return(one, mailbox, declaration, by="undo", at=at)
    return True


def _return(one: MailingList, mailbox: Mailbox, declaration: Declaration, *, by: str, at: datetime) -> None:
    put_on_list(one, mailbox, at=at)
    if not one.rule:
        note_consent(one, mailbox, declaration, by=by, at=at)


def choose_delivery(
    subscription: Subscription,
    delivery: Delivery | None,
    *,
    topics: Sequence[int] | None = None,
    declaration: Declaration,
    by: str,
    at: datetime,
) -> None:
    """Take over how somebody wants a list: each mail, a digest, nothing for now, or, with None, not at all.

    Whoever is off it and chooses a way is on it again, with this declaration as the consent. Digests are for
    discussions; of anything else each mail comes.
    """
    one, mailbox = subscription.mailing_list, subscription.mailbox
    if delivery is None:
        leave_list(one, mailbox, by=by, at=at)
        return
    if subscription.state != SubscriptionState.ACTIVE:
        _return(one, mailbox, declaration, by=by, at=at)
        db.session.refresh(subscription)
    if delivery in {Delivery.DAILY, Delivery.WEEKLY} and one.kind != ListKind.DISCUSSION:
        delivery = Delivery.EACH
    subscription.delivery = delivery
    if topics is not None:
        choose_topics_of(subscription, topics)
    db.session.flush()


def ask_to_wake(mailbox: Mailbox, *, at: datetime) -> None:
    """Send the owner of a suspended mailbox a mail whose link shows that it arrives; at most one a day."""
    if mailbox.suspended_at is None or mailbox.suspended_because == WANTS_NOTHING:
        return
    if not queries.times_written(messages.KIND_AWAKENING, mailbox.address, since=at - REST):
        post(messages.confirm_mailbox(mailbox, at=at), at=at)


def repair(one: MailingList, mailbox: Mailbox, declaration: Declaration, *, at: datetime) -> None:
    """Put somebody back on a list who fell off it by mistake, with the office's reason in the declaration.

    Raises NoProof if there was never a consent, or the address wants nothing of lists; ListClosed, NobodySubscribes.
    """
    if one.rule and (standing := queries.subscription(one, mailbox)):
        standing.state, standing.ended_at, standing.ended_by = SubscriptionState.ACTIVE, None, ""
        db.session.flush()
        return
    refuse_if_shut(one)
    if last_consent(one, mailbox) is None or is_suppressed(address_of(mailbox.address)):
        raise NoProof
    put_on_list(one, mailbox, at=at)
    note_consent(one, mailbox, declaration, by="office", at=at)
    wake(mailbox)
