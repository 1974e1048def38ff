"""Claiming: rows are taken by changing them, for a while, and put back if they were not begun (guarantee G9).

Whoever claims means to let them leave as soon as that is committed, so one statement says both.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, select, tuple_, update

from ...ground.database import change_rows, db, is_postgresql
from ..flights import Taking
from ..models import WAITING, Message, State

#: Longer than a portion (half a second) and the slowest mail (ten minutes) take together; so it is not renewed.
LEASE = timedelta(minutes=15)
EXPIRED = "expired before it left"
#: The priority of mail to many, after everything else.
BULK = 9
#: Said so that no index on states serves it: rows that were claimed a while ago would lie in the way of each look.
IS_CLAIMED = func.coalesce(Message.state, literal(State.FAILED, Message.state.type)) == State.CLAIMED

#: What was claimed and not begun waits again; the try does not count.
PUT_BACK: dict[str, Any] = {
    "state": State.QUEUED,
    "attempt": Message.attempt - 1,
    "lease_until": None,
    "body_at": None,
}


@dataclass(frozen=True)
class Claimed:
    """A message that is ours for a while, as a value that outlives the transaction."""

    id: int
    lease_until: datetime
    attempt: int
    recipient: str
    form_key: str
    values: dict[str, Any]
    message_id: str
    created_at: datetime
    expires_at: datetime
    list_id: int | None = None
    mailbox_id: int | None = None
    campaign_id: int | None = None

    @property
    def taking(self) -> Taking:
        """Which taking of which mail this is."""
        return self.id, self.lease_until

    @property
    def domain(self) -> str:
        """Where it goes to."""
        return self.recipient.rpartition("@")[2].lower()


_COLUMNS = tuple(getattr(Message, name) for name in Claimed.__dataclass_fields__)


def claim_due(*, limit: int, at: datetime) -> list[Claimed]:
    """Take up to so many due messages, most urgent first. Two workers never get the same one."""
    claimed = _claim(Message.priority < BULK, limit=limit, at=at)
    # Mail to many has a range of the index for itself: a million rows that are due later cost nothing.
    if len(claimed) < limit:
        claimed += _claim(Message.priority == BULK, limit=limit - len(claimed), at=at)
    return claimed


def _claim(are_meant: ColumnElement[bool], *, limit: int, at: datetime) -> list[Claimed]:
    due = (
        select(Message.id)
        .where(Message.state.in_(WAITING), are_meant, Message.due_at <= at)
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(limit)
    )
    if is_postgresql():
        due = due.with_for_update(skip_locked=True)
    rows = db.session.execute(
        update(Message)
        .where(Message.id.in_(select(due.cte("due").c.id)))
        .values(state=State.CLAIMED, attempt=Message.attempt + 1, lease_until=at + LEASE, body_at=at)
        .returning(Message.priority, *_COLUMNS)
        .execution_options(synchronize_session=False)
    )
    in_order = sorted(rows, key=lambda row: (row.priority, row.id))
    return [Claimed(*row[1:]) for row in in_order]


def fail_expired(claimed: Iterable[Claimed], *, at: datetime) -> list[Claimed]:
    """Fail those of the claimed that are not worth sending any more: the code has run out, the event is over.

    Returns the others. What was never claimed waits for nothing: it is looked at when it is due.
    """
    expired: list[Claimed] = []
    fresh: list[Claimed] = []
    for message in claimed:
        (expired if message.expires_at <= at else fresh).append(message)
    if expired:
        change_rows(update(Message).where(are_still(expired)).values(state=State.FAILED, answer=EXPIRED, body_at=None))
    return fresh


def are_still(messages: Collection[Claimed]) -> ColumnElement[bool]:
    """The rows of these messages, as far as they are still ours."""
    numbers = Message.id.in_([message.id for message in messages])
    ours = tuple_(Message.id, Message.lease_until).in_([message.taking for message in messages])
    return and_(numbers, ours, IS_CLAIMED)


def release(messages: Collection[Claimed]) -> None:
    """Put back what was claimed and not begun."""
    if messages:
        change_rows(update(Message).where(are_still(messages)).values(PUT_BACK))
