"""What people have answered in their calendars."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, and_, cast, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from ...ground.database import db
from ...mailing.models import Message
from ...people.models import Person
from ..models import Call, CallAnswer, Event, Invitation, Registration
from .registrations import active_registration


class Said(NamedTuple):
    """Somebody's newest answer to the entry in their calendar."""

    answer: CallAnswer | None
    #: What stood beside it, or beside another time that was proposed.
    comment: str
    #: Whether the date was changed after the entry that was answered.
    is_outdated: bool
    answered_at: datetime | None
    #: Whether it came from the calendar, and not from the page.
    is_by_mail: bool


def answers_by_person(event: Event, only: Person | None = None) -> dict[int, Said]:
    """The answers given in calendars, and proposals of another time, by the numbers of those who gave them."""
    of_registration = and_(
        Message.kind == "event_changed", Message.subject.in_(["registration:" + cast(Registration.id, String)])
    )
    of_call = and_(
        Message.kind == "called_changed", Message.subject == f"event:{event.id}", Message.recipient == Person.address
    )
    said = (Call.person_id, Call.answer, Call.comment, Call.answered_at, Call.is_by_mail)
    chosen = (
        select(*said, Call.answered_sequence, func.max(Message.revision))
        .join(Person, Person.id == Call.person_id)
        .outerjoin(Registration, and_(Registration.event_id == Call.event_id, Registration.person_id == Call.person_id))
        .outerjoin(Message, or_(of_registration, of_call))
        .where(Call.event_id == event.id, or_(Call.answer.is_not(None), Call.comment != ""))
        .group_by(*said, Call.answered_sequence)
    )
    rows = db.session.execute(chosen.where(Call.person_id == only.id) if only else chosen)
    return {
        person: Said(answer, comment, sequence is not None and sequence < (changed or 0), answered_at, is_by_mail)
        for person, answer, comment, answered_at, is_by_mail, sequence, changed in rows
    }


def proposals_to(events: Collection[Event]) -> Sequence[Call]:
    """Other times that were proposed for these dates and that nobody has answered, in order, with both."""
    return db.session.scalars(
        select(Call)
        .join(Event)
        .where(Call.event_id.in_([one.id for one in events]), Call.proposed_at.is_not(None), Call.refused_at.is_(None))
        .options(contains_eager(Call.event), joinedload(Call.person).joinedload(Person.organisation))
        .order_by(Event.starts_at, Call.proposed_at, Call.person_id)
    ).all()


def answered_calls(event: Event, *, limit: int) -> Sequence[Call]:
    """Those who were called and have said something, newest first."""
    return db.session.scalars(
        select(Call)
        .where(Call.event_id == event.id, or_(Call.answer.is_not(None), Call.proposed_at.is_not(None)))
        .options(joinedload(Call.person).joinedload(Person.organisation))
        .order_by(func.coalesce(Call.answered_at, Call.proposed_at).desc(), Call.person_id)
        .limit(limit)
    ).all()


def standing_of(person: Person, event: Event) -> Registration | Call | Invitation | None:
    """What somebody has to do with an event: a place, or an invitation in one way or the other."""
    return (
        active_registration(person, event)
        or db.session.get(Call, (event.id, person.id))
        or db.session.scalars(
            select(Invitation).where(Invitation.event_id == event.id, Invitation.address_key == person.address_key)
        ).first()
    )


def events_with_uids(uids: Collection[str]) -> dict[str, Event]:
    """Events by their identity in calendars."""
    return {event.uid: event for event in db.session.scalars(select(Event).where(Event.uid.in_(uids)))}
