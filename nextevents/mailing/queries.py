"""Reading the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..ground.database import db
from .models import WAITING, KeptMail, Message, Pause, State


def counts_by_state() -> dict[State, int]:
    """How many messages are in each state; states without any are there with 0."""
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return dict.fromkeys(State, 0) | dict(rows.all())


def counts_by_subject(kind: str, subjects: Collection[str]) -> dict[str, dict[State, int]]:
    """Of the mails of one kind, how many are in each state, by what they are about."""
    rows = db.session.execute(
        select(Message.subject, Message.state, func.count())
        .where(Message.kind == kind, Message.subject.in_(subjects))
        .group_by(Message.subject, Message.state)
    )
    counts: dict[str, dict[State, int]] = {subject: {} for subject in subjects}
    for subject, state, count in rows:
        counts[subject][state] = count
    return counts


def messages_in(state: State | None, *, limit: int, offset: int) -> Sequence[Message]:
    """Messages, newest first, in one state or in all."""
    chosen = select(Message).order_by(Message.id.desc()).limit(limit).offset(offset)
    if state:
        chosen = chosen.where(Message.state == state)
    return db.session.scalars(chosen).all()


def oldest_due(at: datetime) -> datetime | None:
    """Since when the longest waiting due message has been due; None if nothing waits."""
    return db.session.scalar(select(func.min(Message.due_at)).where(Message.state.in_(WAITING), Message.due_at <= at))


def current_pause(at: datetime) -> Pause | None:
    """Why nothing is being sent, if so."""
    return db.session.scalars(select(Pause).where(Pause.until > at)).first()


def kept_mails(*, limit: int, offset: int, recipient: str = "") -> Sequence[tuple[Message, KeptMail]]:
    """Mails that stayed here, newest first."""
    chosen = select(Message, KeptMail).join(KeptMail).order_by(KeptMail.message_id.desc())
    if recipient:
        chosen = chosen.where(Message.recipient == recipient)
    return [(message, kept) for message, kept in db.session.execute(chosen.limit(limit).offset(offset))]


def kept_mail(number: int) -> KeptMail | None:
    """One mail that stayed here."""
    return db.session.get(KeptMail, number)


def messages_about(subject: str, recipient: str, *, limit: int = 50) -> Sequence[Message]:
    """What was written to an address about one thing, such as "registration:12", newest first, with its form."""
    return db.session.scalars(
        select(Message)
        .where(Message.recipient == recipient, Message.subject == subject)
        .options(joinedload(Message.form))
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()
