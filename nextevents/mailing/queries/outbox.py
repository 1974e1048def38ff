"""Reading the outbox."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, undefer

from ...ground.database import db
from ..models import WAITING, Campaign, InboundMail, InboundState, KeptMail, Message, Pause, State


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


def recipients_of(kind: str, subject: str) -> Select[str]:
    """The addresses to which mails of one kind about one thing were written, to be looked up in."""
    return select(Message.recipient).where(Message.kind == kind, Message.subject == subject)


def messages_in(state: State | None, *, campaign_id: int | None = None, limit: int, offset: int) -> Sequence[Message]:
    """Messages, newest first, in one state or in all, of one campaign or of all."""
    chosen = select(Message).order_by(Message.id.desc()).limit(limit).offset(offset)
    if state:
        chosen = chosen.where(Message.state == state)
    if campaign_id is not None:
        chosen = chosen.where(Message.campaign_id == campaign_id)
    return db.session.scalars(chosen).all()


def oldest_due(at: datetime) -> datetime | None:
    """Since when the longest waiting due message has been due; None if nothing waits."""
    return db.session.scalar(select(func.min(Message.due_at)).where(Message.state.in_(WAITING), Message.due_at <= at))


def campaign_behind(number: int) -> Campaign | None:
    """The campaign of that number, if there is one."""
    return db.session.get(Campaign, number)


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


def times_written(kind: str, recipient: str, *, since: datetime, subject: str = "") -> int:
    """How many mails of one kind, about one thing if wanted, were written to an address since that moment."""
    chosen = select(func.count()).where(
        Message.recipient == recipient, Message.kind == kind, Message.created_at > since
    )
    return db.session.scalar(chosen.where(Message.subject == subject) if subject else chosen) or 0


class Arrived(NamedTuple):
    """A mail that came in, with as much of its content as is needed to show it."""

    id: int
    received_at: datetime
    sender: str
    kind: str
    note: str
    content: bytes


#: Mails of people's calendars are smaller than this; of longer ones the beginning is shown.
SHOWN, BEGINNING = 200_000, 16_384


def mails_in_review(*, limit: int, offset: int) -> list[Arrived]:
    """Mails that a person has to look at, oldest first."""
    content = InboundMail.content
    shown = case((func.length(content) <= SHOWN, content), else_=func.substr(content, 1, BEGINNING))
    rows = db.session.execute(
        select(InboundMail.id, InboundMail.received_at, InboundMail.sender, InboundMail.kind, InboundMail.note, shown)
        .where(InboundMail.state == InboundState.REVIEW)
        .order_by(InboundMail.id)
        .limit(limit)
        .offset(offset)
    )
    return [Arrived(*row) for row in rows]


def counts_in_review(about: Collection[str]) -> dict[str, int]:
    """How many mails about each of these wait for a person; those without any are left out."""
    rows = db.session.execute(
        select(InboundMail.about, func.count())
        .where(InboundMail.about.in_(about), InboundMail.state == InboundState.REVIEW)
        .group_by(InboundMail.about)
    )
    return dict(rows.all())


def mails_in_review_count() -> int:
    """How many of them there are."""
    return db.session.scalar(select(func.count()).where(InboundMail.state == InboundState.REVIEW)) or 0


def mail_in_review(number: int) -> InboundMail | None:
    """One of them with its content, held until the transaction ends; None if somebody else was faster."""
    return db.session.scalars(
        select(InboundMail)
        .where(InboundMail.id == number, InboundMail.state == InboundState.REVIEW)
        .options(undefer(InboundMail.content))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
