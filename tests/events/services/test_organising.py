"""Changing and calling off events, and who hears of it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import CapacityBelowTaken, ChangedMeanwhile
from nextevents.events.models import Stage, State
from nextevents.events.services import cancel_event
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import make_event, make_registration


def told(db):
    return [(row.kind, row.recipient) for row in db.scalars(select(Message).order_by(Message.id))]


def test_a_new_time_is_told_to_all_who_have_the_entry_and_to_nobody_else(db, noon):
    event = make_event(capacity=2)
    confirmed = make_registration(event)
    waiting = make_registration(event, state=State.WAITING)
    make_registration(event, state=State.UNCONFIRMED)
    make_registration(event, state=State.CANCELLED)

    changed = changed_to(event, starts_local=datetime(2026, 12, 3, 14), ends_local=datetime(2026, 12, 3, 15), at=noon)

    assert changed == {"starts_local", "ends_local"}
    assert told(db) == [("event_changed", confirmed.person.address), ("event_changed", waiting.person.address)]
    assert event.sequence == 1


def test_a_new_text_is_told_only_if_asked_for(db, noon):
    event = make_event()
    make_registration(event)

    changed_to(event, description="Neu", at=noon)
    assert told(db) == []
    changed_to(event, description="Noch neuer", tells_text_changes=True, at=noon)
    assert len(told(db)) == 1


def test_saving_what_stands_changes_and_tells_nothing(db, noon):
    event = make_event()
    make_registration(event)
    version = event.version

    assert changed_to(event, at=noon) == frozenset()
    assert (event.version, event.sequence, told(db)) == (version, 0, [])


def test_nobody_is_told_of_a_change_to_an_event_that_is_over(db, noon):
    event = make_event(starts=datetime(2026, 11, 2, 14))
    make_registration(event)

    changed_to(event, dial_in="https://konferenz.next.example/neu", at=noon)

    assert told(db) == []


def test_fewer_seats_than_are_taken_are_refused(db, noon):
    event = make_event(capacity=3)
    make_registration(event)
    make_registration(event)

    with pytest.raises(CapacityBelowTaken) as refusal:
        changed_to(event, capacity=1, at=noon)

    assert refusal.value.taken == 2


def test_more_seats_go_to_those_who_wait_longest(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    late = make_registration(event, state=State.WAITING, made_at=noon)
    early = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=2))
    middle = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=1))

    changed_to(event, capacity=3, at=noon)

    assert (early.state, middle.state, late.state) == (State.CONFIRMED, State.CONFIRMED, State.WAITING)


def test_whoever_saves_an_older_version_is_refused(db, noon):
    event = make_event()
    opened_at = event.version
    changed_to(event, title="Von jemand anderem", at=noon)

    with pytest.raises(ChangedMeanwhile):
        changed_to(event, title="Von mir", version=opened_at, at=noon)

    assert event.title == "Von jemand anderem"


def test_calling_off_is_told_once_however_often_it_is_done(db, noon):
    event = make_event()
    registration = make_registration(event)

    cancel_event(event, at=noon)
    cancel_event(event, at=noon)

    assert event.stage == Stage.CANCELLED
    assert told(db) == [("event_cancelled", registration.person.address)]
