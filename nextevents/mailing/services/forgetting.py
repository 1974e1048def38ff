"""Forgetting what was written to whom (rule L-10). What is not settled yet is never touched (guarantee G6)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from ...ground.database import change_rows, db
from ..models import Message, State

LOG_TIME = timedelta(days=90)
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
