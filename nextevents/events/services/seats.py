"""Seats and the waiting list. The only code that changes seats_taken (guarantees G1 to G3).

A seat is taken by one statement that can fail, under a constraint that cannot. Whoever frees seats holds the event's
row first, so that the next people on the list get them before anybody new can.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy.orm.attributes import set_committed_value

from ...ground.database import change_rows, db
from ...mailing.services import post
from .. import messages, queries
from ..models import Event, Registration, Stage, State, WaitingMode


def hold(event: Event) -> None:
    """Let nobody else change this event or its seats until the transaction ends, and see it as it is now.

    On SQLite the whole database is held by BEGIN IMMEDIATE already.
    """
    db.session.refresh(event, with_for_update=True)


def take_seat(event: Event) -> bool:
    """Take one seat if there is one. Safe against any number of others doing the same."""
    return _take(event)


def take_seats(event: Event, count: int) -> int:
    """Take so many seats, or as many as there are; returns how many. The caller holds the event."""
    free = event.seats_free
    granted = max(count if free is None else min(count, free), 0)
    if granted:
        _add_seats(event, granted)
        db.session.refresh(event, ["seats_taken"])
    return granted


def take_open_seat(event: Event, *, at: datetime) -> bool:
    """Take one seat if there is one and the event still takes registrations at that moment.

    Whoever gets none holds the event, as it is now, and looks again: a seat given back meanwhile must not pass by
    somebody who is about to wait for it.
    """
    is_open = (Event.stage == Stage.PUBLISHED, func.coalesce(Event.closes_at, Event.starts_at) > at)
    if _take(event, *is_open):
        return True
    db.session.refresh(event, with_for_update=True)
    return _take(event, *is_open)


def _take(event: Event, *conditions: ColumnElement[bool]) -> bool:
    has_free_seat = or_(Event.capacity.is_(None), Event.seats_taken < Event.capacity)
    return _add_seats(event, 1, has_free_seat, *conditions)


def free_seat(event: Event) -> None:
    """Give one seat back. The caller holds the event and fills the seat again."""
    _add_seats(event, -1)


def _add_seats(event: Event, count: int, *conditions: ColumnElement[bool]) -> bool:
    more = update(Event).where(Event.id == event.id, *conditions).values(seats_taken=Event.seats_taken + count)
    return bool(change_rows(more))


def bump_sequence(event: Event, *, at: datetime) -> None:
    """Raise the event's revision in calendars by one, in the database rather than in Python (checks 6 and 7)."""
    sequence = db.session.scalars(
        update(Event)
        .where(Event.id == event.id)
        .values(sequence=Event.sequence + 1, changed_at=at)
        .returning(Event.sequence)
        .execution_options(synchronize_session=False)
    ).one()
    set_committed_value(event, "sequence", sequence)
    set_committed_value(event, "changed_at", at)


def fill_free_seats(event: Event, *, at: datetime) -> None:
    """Give free seats to those who wait, in order. The caller holds the event.

    Nothing is given away once the event was cancelled, or has begun and takes no registrations any more.
    """
    if event.stage != Stage.PUBLISHED or _given_until(event) <= at:
        return
    while (head := queries.first_waiting(event)) and take_seat(event):
        if event.waiting_mode == WaitingMode.OFFER:
            _offer(head, at=at)
        else:
            move_up(head, at=at)


def _given_until(event: Event) -> datetime:
    """As long as newcomers may get a seat, so may those who wait."""
    return max(event.starts_at, event.registration_ends_at)


def move_up(registration: Registration, *, at: datetime) -> None:
    """Confirm somebody who waited or was offered a seat; the seat is taken already, or it is one more."""
    registration.state = State.CONFIRMED
    registration.has_seat = not registration.is_extra
    registration.waiting_since = registration.expires_at = None
    db.session.flush()
    bump_sequence(registration.event, at=at)
    post(messages.moved_up(registration, at=at), at=at)


def _offer(registration: Registration, *, at: datetime) -> None:
    event = registration.event
    registration.state = State.OFFERED
    registration.has_seat = True
    registration.expires_at = min(at + timedelta(hours=event.offer_hours), _given_until(event))
    registration.revision += 1
    db.session.flush()
    post(messages.seat_offered(registration, at=at), at=at)
