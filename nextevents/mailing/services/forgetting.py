"""Forgetting what was written to whom (rule L-10). What is not settled yet is never touched (guarantee G6)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from ...ground.database import change_rows, db
from ..models import InboundMail, InboundState, Message, State

LOG_TIME = timedelta(days=90)
#: What came in and is settled; what a person has to look at stays until somebody has.
ARRIVAL_TIME = timedelta(days=30)
#: So many rows at a time, so that nobody waits for long.
PORTION = 5000


def _is_old(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Settled: sent, or given up and too late to be sent again."""
    is_settled = Message.state.in_((State.SENT, State.FAILED))
    return is_settled, Message.created_at < at - LOG_TIME, Message.expires_at < at - LOG_TIME / 2


def count_old_messages(*, at: datetime) -> int:
    """How many messages forget_old_messages would delete."""
    return db.session.scalar(select(func.count()).where(*_is_old(at))) or 0


def forget_old_messages(*, at: datetime) -> int:
    """Delete messages older than 90 days with what was kept of them; returns how many, at most PORTION.

    Forms stay: they hold no receiver's values, and may be in use.
    """
    old = select(Message.id).where(*_is_old(at)).order_by(Message.id).limit(PORTION)
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
