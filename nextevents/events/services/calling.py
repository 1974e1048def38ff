"""Calling a circle to its meeting: who has a standing yes is registered, all others are invited by entry.

One transaction with the publishing. Rows of calls are made by one statement, mails a thousand at a time, so neither
the click nor memory grows with a circle. What has not left yet can be taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, literal, select, true
from sqlalchemy.orm import joinedload

from ...ground import clock
from ...ground.database import Moment, change_rows, db, insert_unless_there
from ...mailing import queries as mailing
from ...mailing.services import post_all, take_back
from ...people.models import Person
from ...people.services import mark_proved
from .. import messages_to_circles as messages
from .. import queries, rules
from ..errors import AlreadyOver, NothingToAnswer
from ..models import Call, CallAnswer, Event, Registration, Stage, State
from . import seats
from .registration import Request, register

PORTION = 1_000


@dataclass(frozen=True)
class Reached:
    """How many people a call has reached."""

    registered: int = 0
    invited: int = 0


def call_people(event: Event, *, at: datetime) -> Reached:
    """Register those with a standing yes, and invite the others of the event's circles who want to be invited.

    Nobody is called twice, so calling again reaches those who have joined since. Drafts, past dates, those that take
    no registrations and those whose invitations were stopped call nobody.
    """
    if not rules.may_call(event, at=at):
        return Reached()
    seats.hold(event)
    reached = Reached(_register_standing(event, at=at), _invite(event, at=at))
    if reached != Reached():
        event.called_at = at
        db.session.flush()
    return reached


def plan_calling(event: Event, *, at: datetime) -> None:
    """Have the circles called when the registration opens, if it has not: to be repeated whenever that changes."""
    waits = event.stage == Stage.PUBLISHED and event.calling_stopped_at is None and rules.opens_later(event, at=at)
    event.calls_at = event.opens_at if waits else None
    db.session.flush()


def call_next_due(*, at: datetime) -> bool:
    """Call the circles of one event whose registration has opened; returns whether there was one."""
    due = select(Event).where(Event.calls_at <= at, Event.stage == Stage.PUBLISHED).order_by(Event.calls_at).limit(1)
    event = db.session.scalars(due.with_for_update(of=Event).execution_options(populate_existing=True)).first()
    if event is None:
        return False
    event.calls_at = None
    db.session.flush()
    call_people(event, at=at)
    return True


def _invite(event: Event, *, at: datetime) -> int:
    wanted = queries.people_to_call(event, clock.local(at).date()).subquery()
    rows = select(literal(event.id), wanted.c.person_id, literal(at, Moment()), literal(""))
    columns = [Call.event_id, Call.person_id, Call.called_at, Call.comment]
    # "true" lets SQLite tell ON CONFLICT from the condition of a join
    made = insert_unless_there(Call).from_select(columns, rows.where(true()))
    count = change_rows(made.execution_options(preserve_rowcount=True))
    if count:
        for portion in queries.called_since(event, at):
            post_all(messages.called(event, portion, at=at), at=at)
    return count


def _register_standing(event: Event, *, at: datetime) -> int:
    """Give seats in the order in which people joined; whoever finds none waits. The caller holds the event."""
    standing = queries.people_who_always_come(event, clock.local(at).date())
    for start in range(0, len(standing), PORTION):
        circles = dict(standing[start : start + PORTION])
        found = select(Person).where(Person.id.in_(circles)).options(joinedload(Person.organisation))
        people = {one.id: one for one in db.session.scalars(found)}
        _register_portion(event, [people[number] for number in circles], circles, at=at)
    return len(standing)


def _register_portion(event: Event, people: Sequence[Person], circles: Mapping[int, int], *, at: datetime) -> None:
    asking = {one.id for one in people if rules.asks_first(one.organisation, event)}
    seated = seats.take_seats(event, len(people) - len(asking))
    rows = []
    for person in people:
        has_seat = person.id not in asking and seated > 0
        seated -= has_seat
        rows.append(_row(event, person, is_asking=person.id in asking, has_seat=has_seat, at=at))
    statement = insert(Registration).returning(Registration, sort_by_parameter_order=True)
    made = db.session.scalars(statement, rows).all()
    post_all(messages.standing(event, zip(made, people, strict=True), circles, at=at), at=at)


def _row(event: Event, person: Person, *, is_asking: bool, has_seat: bool, at: datetime) -> dict[str, object]:
    state = State.REQUESTED if is_asking else State.CONFIRMED if has_seat else State.WAITING
    return {
        "event_id": event.id,
        "person_id": person.id,
        "name": person.name,
        "organisation_name": person.body,
        "state": state,
        "has_seat": has_seat,
        "made_at": at,
        "waiting_since": at if state == State.WAITING else None,
        "revision": 0,
    }


def stop_calling(event: Event, *, at: datetime) -> int:
    """Take back the invitations that have not left yet; returns how many.

    From now on nobody is called, not even whoever comes to a circle, until somebody resumes it. Twice is harmless.
    """
    seats.hold(event)
    event.calling_stopped_at, event.calls_at = event.calling_stopped_at or at, None
    event.touch(at)
    db.session.flush()
    return _take_back(event, at=at)


def resume_calling(event: Event, *, at: datetime) -> Reached:
    """Call everybody who has not been called, as if it had never been stopped."""
    seats.hold(event)
    event.calling_stopped_at = None
    event.touch(at)
    plan_calling(event, at=at)
    return call_people(event, at=at)


def _take_back(event: Event, *, at: datetime) -> int:
    """Take back what has not left yet; whoever has no mail can be called anew. The caller holds the event."""
    subject = messages.subject_of(event)
    count = take_back(messages.CALLED, subject)
    if count:
        has_mail = mailing.recipients_of(messages.CALLED, subject)
        reached = select(Person.id).where(Person.address.in_(has_mail))
        untouched = (Call.answer.is_(None), Call.comment == "")
        change_rows(delete(Call).where(Call.event_id == event.id, *untouched, Call.person_id.not_in(reached)))
        event.touch(at)
        db.session.flush()
    return count


def tell_called(event: Event, changed: frozenset[str], *, at: datetime) -> None:
    """Send the new state to those who have the entry because they were called; to others on the way, only that."""
    was_on_the_way = _take_back(event, at=at)
    for portion in queries.told_by_call(event):
        post_all(messages.called_changed(event, portion, changed, at=at), at=at)
    if was_on_the_way:
        call_people(event, at=at)


def call_off(event: Event, *, at: datetime) -> None:
    """Take the entry out of the calendars of those who were called, and stop invitations that have not left."""
    _take_back(event, at=at)
    for portion in queries.told_by_call(event):
        post_all(messages.called_off(event, portion, at=at), at=at)


def accept_call(call: Call, *, at: datetime) -> Registration:
    """Say yes on the page: a seat if there is one, else a place in the queue. Twice is one registration.

    Raises RegistrationClosed or NotInvited.
    """
    person, event = call.person, call.event
    seats.hold(event)
    request = Request(name=person.name, organisation_name=person.body, is_proved=True)
    registration = register(event, person, request, at=at)
    mark_proved(person, at=at)
    _note(call, CallAnswer.ACCEPTED, at=at)
    return registration


def decline_call(call: Call, *, at: datetime) -> None:
    """Say no on the page, to this one date; the entry goes. Twice is harmless.

    Raises NothingToAnswer for whoever is registered, and AlreadyOver.
    """
    event = call.event
    if event.ends_at <= at:
        raise AlreadyOver
    seats.hold(event)
    db.session.refresh(call)
    if queries.active_registration(call.person, event):
        raise NothingToAnswer
    if call.answer == CallAnswer.DECLINED:
        return
    _note(call, CallAnswer.DECLINED, at=at)
    seats.bump_sequence(event, at=at)
    post_all(messages.call_declined(event, call.person, at=at), at=at)


def _note(call: Call, answer: CallAnswer, *, at: datetime) -> None:
    call.answer, call.answered_at, call.answered_sequence = answer, at, call.event.sequence
    call.is_by_mail = False
    db.session.flush()
