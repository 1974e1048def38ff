"""Forgetting what was written to whom (rule L-10). What is not settled yet is never touched (guarantee G6)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select

from ...ground.database import change_rows, db
from ..models import Campaign, InboundMail, InboundState, Message, State
from .figures import freeze

LOG_TIME = timedelta(days=90)
#: What came in and is settled; what a person has to look at stays until somebody has.
ARRIVAL_TIME = timedelta(days=30)
#: So many rows at a time, so that nobody waits for long.
PORTION = 5000


def _is_old(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Settled: sent, not needed any more, or given up and too late to be sent again. Of a campaign, when it is over."""
    is_settled = Message.state.in_((State.SENT, State.FAILED, State.SKIPPED))
    is_in_use = or_(Campaign.ended_at.is_(None), Campaign.ended_at >= at - LOG_TIME)
    of_campaign_in_use = exists().where(Campaign.id == Message.campaign_id, is_in_use).correlate(Message)
    return is_settled, Message.created_at < at - LOG_TIME, Message.expires_at < at - LOG_TIME / 2, ~of_campaign_in_use


def count_old_messages(*, at: datetime) -> int:
    """How many messages forget_old_messages would delete."""
    return db.session.scalar(select(func.count()).where(*_is_old(at))) or 0


def forget_old_messages(*, at: datetime) -> int:
    """Delete messages older than 90 days with what was kept of them; returns how many, at most PORTION.

    Forms stay: they hold no receiver's values, and may be in use. Campaigns keep their figures.
    """
    old = list(db.session.scalars(select(Message.id).where(*_is_old(at)).order_by(Message.id).limit(PORTION)))
    concerned = select(Message.campaign_id).where(Message.id.in_(old), Message.campaign_id.is_not(None))
    for campaign in db.session.scalars(select(Campaign).where(Campaign.id.in_(concerned))):
        freeze(campaign)
    db.session.flush()
    return change_rows(delete(Message).where(Message.id.in_(old)))


def _is_settled(at: datetime) -> tuple[ColumnElement[bool], ...]:
    was_settled = InboundMail.state.in_((InboundState.DONE, InboundState.DROPPED))
    return was_settled, InboundMail.settled_at < at - ARRIVAL_TIME


def count_old_arrivals(*, at: datetime) -> int:
    """How many mails forget_old_arrivals would delete."""
    return db.session.scalar(select(func.count()).where(*_is_settled(at))) or 0


def forget_old_arrivals(*, at: datetime) -> int:
    """Delete mails that came in and were settled more than 30 days ago; returns how many, at most PORTION."""
    old = select(InboundMail.id).where(*_is_settled(at)).order_by(InboundMail.id).limit(PORTION)
    return change_rows(delete(InboundMail).where(InboundMail.id.in_(old)))
