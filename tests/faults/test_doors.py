"""Several people at one door, at the same moment, on both databases."""

from datetime import timedelta

import pytest

from nextevents.events.models import Registration, State
from nextevents.ground.database import db
from nextevents.people.models import Person
from tests import factories
from tests.faults import doors
from tests.faults.actors import all_at_once, gate
from tests.faults.instance import event_of, now

DEVICES = 3
PEOPLE = 12


@pytest.fixture
def begun(instance):
    """An event that has begun, its registrations, and the moment."""
    event, people = instance.make_event(capacity=None), instance.make_people(PEOPLE)
    at = now()
    with instance.door():
        found = event_of(event)
        starts = (at - timedelta(minutes=30)).replace(tzinfo=None, microsecond=0)
        found.set_time(starts, starts + timedelta(hours=2), "UTC")
        registrations = [
            factories.make_registration(found, _person(person), state=State.CONFIRMED).id for person in people
        ]
    return event, registrations, at


def _person(number):
    return db.session.get_one(Person, number)


def attended(instance, event):
    return instance.rows(
        "SELECT state, count(*), count(checked_in_at) FROM registration WHERE event_id = :event GROUP BY state",
        event=event,
    )


def test_a_person_whom_three_devices_scan_at_once_comes_once_at_the_earliest_moment(instance, begun):
    event, registrations, at = begun
    together = gate(DEVICES)
    moments = [
        [at - timedelta(seconds=10 * device + step) for step in range(PEOPLE)][::-1] for device in range(DEVICES)
    ]

    told = all_at_once(
        instance,
        *((doors.scan_in_rounds, together, event, registrations, device, moments[device]) for device in range(DEVICES)),
    )

    assert [sum(round_) for round_ in zip(*told, strict=True)] == [1] * PEOPLE
    assert attended(instance, event) == [("attended", PEOPLE, PEOPLE)]
    assert instance.value("SELECT count(*) FROM scan") == DEVICES * PEOPLE
    with instance.door():
        earliest = [min(one) for one in zip(*moments, strict=True)]
        found = [_registration(number).checked_in_at for number in registrations]
        assert found == earliest


def test_one_scan_that_comes_three_times_at_once_is_written_once(instance, begun):
    event, registrations, at = begun
    together = gate(DEVICES)

    told = all_at_once(instance, *((doors.sync_in_rounds, together, event, registrations, at) for _ in range(DEVICES)))

    assert [sum(round_) for round_ in zip(*told, strict=True)] == [1] * PEOPLE
    assert instance.value("SELECT count(*) FROM scan") == PEOPLE
    assert attended(instance, event) == [("attended", PEOPLE, PEOPLE)]


def test_one_button_that_three_people_press_at_once_is_news_to_one(instance, begun):
    event, registrations, at = begun
    together = gate(DEVICES)

    told = all_at_once(instance, *((doors.press_in_rounds, together, registrations, at) for _ in range(DEVICES)))

    assert [sum(round_) for round_ in zip(*told, strict=True)] == [1] * PEOPLE
    assert attended(instance, event) == [("attended", PEOPLE, PEOPLE)]


def _registration(number):
    return db.session.get_one(Registration, number)
