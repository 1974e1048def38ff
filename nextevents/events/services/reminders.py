"""Reminders: a day before, once, and never late (guarantee G19)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import joinedload

from ...ground.database import db
from ...mailing.models import Message
from ...mailing.services import post_all
from .. import messages
from ..models import Event, Registration, Stage, State

BEFORE = timedelta(hours=24)


def remind(*, at: datetime) -> None:
    """Queue the reminders of all events that begin within a day.

    Whoever registered within that day knows. The messages' unique key makes a second reminder of the same date
    impossible, however often and by however many this is called; a moved date is reminded of anew.
    """
    due = db.session.scalars(
        select(Event).where(Event.stage == Stage.PUBLISHED, Event.starts_at > at, Event.starts_at <= at + BEFORE)
    ).all()
    for event in due:
        post_all((messages.reminder(registration, at=at) for registration in _not_reminded(event)), at=at)


def _not_reminded(event: Event) -> Sequence[Registration]:
    is_reminded = exists().where(
        Message.kind == messages.REMINDER,
        Message.subject == literal("registration:").concat(cast(Registration.id, String)),
        Message.revision == messages.reminder_revision(event),
    )
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED, ~is_reminded)
        .where(Registration.made_at < event.starts_at - BEFORE)
        .options(joinedload(Registration.person))
    ).all()
