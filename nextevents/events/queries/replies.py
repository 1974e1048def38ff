"""What people have answered in their calendars."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import String, and_, cast, func, or_, select

from ...ground.database import db
from ...mailing.models import Message
from ...people.models import Person
from ..models import Call, CallAnswer, Event, Invitation, Registration
from .registrations import active_registration


class Said(NamedTuple):
    """Somebody's newest answer to the entry in their calendar."""

    answer: CallAnswer | None
    #: What stood beside it, or another time that was proposed.
    comment: str
    #: Whether the date was changed after the entry that was answered.
    is_outdated: bool


def answers_by_person(event: Event, only: Person | None = None) -> dict[int, Said]:
    """The answers given in calendars, and proposals of another time, by the numbers of those who gave them."""
    of_registration = and_(
        Message.kind == "event_changed", Message.subject.in_(["registration:" + cast(Registration.id, String)])
    )
    of_call = and_(
        Message.kind == "called_changed", Message.subject == f"event:{event.id}", Message.recipient == Person.address
    )
    chosen = (
        select(Call.person_id, Call.answer, Call.comment, Call.answered_sequence, func.max(Message.revision))
        .join(Person, Person.id == Call.person_id)
        .outerjoin(Registration, and_(Registration.event_id == Call.event_id, Registration.person_id == Call.person_id))
        .outerjoin(Message, or_(of_registration, of_call))
        .where(Call.event_id == event.id, or_(Call.answer.is_not(None), Call.comment != ""))
        .group_by(Call.person_id, Call.answer, Call.comment, Call.answered_sequence)
    )
    rows = db.session.execute(chosen.where(Call.person_id == only.id) if only else chosen)
    return {
        person: Said(answer, comment, sequence is not None and sequence < (changed or 0))
        for person, answer, comment, sequence, changed in rows
    }


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
