"""Whether a mail of a list is still wanted, asked in the moment before it leaves (rules M-29 and M-30).

Between writing a campaign's messages and sending the last of them lie hours: people leave, are erased, their mailbox
fails, a rule names them no more, somebody presses pause. So nobody is asked what was true when the row was written.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, case, exists, literal, or_, select, update

from ...ground.database import db
from ..models import (
    Campaign,
    CampaignState,
    Delivery,
    Mailbox,
    MailingList,
    Message,
    State,
    Subscription,
    SubscriptionState,
)
from ..naming import OWNER_IS_NAMED
from .claiming import Claimed, are_still

#: What a message says that was not sent after all.
LEFT_MEANWHILE = "not wanted any more"
PAUSED = "its campaign is paused"


def _campaign_is(*states: CampaignState) -> ColumnElement[bool]:
    return exists().where(Campaign.id == Message.campaign_id, Campaign.state.in_(states)).correlate(Message)


def _is_on_list() -> ColumnElement[bool]:
    """On a list by rule is whom it names and who has not said no; on any other who has said yes.

    Its list is open, the mailbox works.
    """
    of_both = and_(Subscription.list_id == MailingList.id, Subscription.mailbox_id == Mailbox.id)
    has_subscribed = and_(MailingList.rule == "", Subscription.state == SubscriptionState.ACTIVE)
    has_not_left = or_(Subscription.id.is_(None), Subscription.state != SubscriptionState.ENDED)
    is_named = and_(MailingList.rule != "", has_not_left, OWNER_IS_NAMED)
    return (
        select(MailingList.id)
        .join(Mailbox, Mailbox.id == Message.mailbox_id)
        .outerjoin(Subscription, of_both)
        .where(MailingList.id == Message.list_id, MailingList.closed_at.is_(None), Mailbox.suspended_at.is_(None))
        .where(or_(has_subscribed, is_named))
        .where(or_(Subscription.id.is_(None), Subscription.delivery != Delivery.PAUSED))
        .correlate(Message)
        .exists()
    )


#: Whether a message may leave; always so for what is not of a list. What a person sends once more after a campaign's
#: end may leave too.
IS_WANTED: ColumnElement[bool] = or_(
    Message.list_id.is_(None),
    and_(
        or_(Message.campaign_id.is_(None), _campaign_is(CampaignState.SENDING, CampaignState.SENT)),
        _is_on_list(),
    ),
)


def set_aside_unwanted(claimed: Collection[Claimed]) -> list[Claimed]:
    """Hold or skip those of the claimed that are not wanted any more; returns the others."""
    of_lists = [message for message in claimed if message.list_id is not None]
    if not of_lists:
        return list(claimed)
    is_paused, of_state = _campaign_is(CampaignState.PAUSED), Message.state.type
    gone = set(
        db.session.scalars(
            update(Message)
            .where(are_still(of_lists), ~IS_WANTED)
            .values(
                state=case((is_paused, literal(State.HELD, of_state)), else_=literal(State.SKIPPED, of_state)),
                answer=case((is_paused, PAUSED), else_=LEFT_MEANWHILE),
                lease_until=None,
                body_at=None,
            )
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
    )
    return [message for message in claimed if message.id not in gone]
