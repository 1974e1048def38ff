"""What an event's row knows, and what the database promises for it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from nextevents.events.models import Event, Registration, State
from nextevents.ground.clock import AmbiguousLocalTimeError, NoSuchLocalTimeError
from tests.factories import make_event, make_person, make_registration

pytestmark = pytest.mark.usefixtures("db")


def test_its_moments_follow_from_what_the_wall_clock_shows():
    event = make_event(starts=datetime(2027, 7, 1, 9), hours=2)

    assert (event.starts_at.isoformat(), event.ends_at.isoformat(), event.duration) == (
        "2027-07-01T07:00:00+00:00",
        "2027-07-01T09:00:00+00:00",
        timedelta(hours=2),
    )


@pytest.mark.parametrize(
    ("starts", "hours", "duration"),
    [(datetime(2026, 10, 24, 22), 8, 9), (datetime(2027, 3, 27, 22), 8, 7), (datetime(2026, 12, 2, 14), 8, 8)],
)
def test_how_long_it_takes_counts_a_clock_change(starts, hours, duration):
    assert make_event(starts=starts, hours=hours).duration == timedelta(hours=duration)


@pytest.mark.parametrize(
    ("wall", "error"),
    [(datetime(2027, 3, 28, 2, 30), NoSuchLocalTimeError), (datetime(2026, 10, 25, 2, 30), AmbiguousLocalTimeError)],
)
def test_an_hour_of_a_clock_change_is_refused_for_beginning_and_end(wall, error):
    event = make_event()

    with pytest.raises(error):
        event.set_time(wall, wall + timedelta(hours=4))
    with pytest.raises(error):
        event.set_time(wall - timedelta(hours=4), wall)


def test_free_seats_are_what_is_left_or_unlimited():
    assert [make_event(capacity=capacity).seats_free for capacity in (None, 0, 7)] == [None, 0, 7]


@pytest.mark.parametrize("taken", [-1, 3])
def test_the_database_sells_no_seat_that_there_is_not(db, taken):
    event = make_event(capacity=2)

    with pytest.raises(IntegrityError):
        db.execute(update(Event).where(Event.id == event.id).values(seats_taken=taken))


def test_the_database_keeps_the_end_behind_the_beginning(db):
    event = make_event()

    with pytest.raises(IntegrityError):
        db.execute(update(Event).where(Event.id == event.id).values(ends_at=event.starts_at - timedelta(seconds=1)))


def test_a_person_has_one_place_at_an_event_and_as_many_given_up_ones_as_there_were(db):
    event, ada = make_event(), make_person()
    for state in (State.CANCELLED, State.CANCELLED, State.WAITING):
        make_registration(event, ada, state=state)

    with pytest.raises(IntegrityError):
        make_registration(event, ada, state=State.UNCONFIRMED)


def test_one_form_makes_one_registration(db):
    ada = make_person()
    for _ in range(2):
        make_registration(make_event(), ada)
    first, second = db.query(Registration).all()
    first.nonce = second.nonce = "the same form"

    with pytest.raises(IntegrityError):
        db.flush()


def test_two_dates_never_share_an_identity_or_an_address(db):
    first = make_event(slug="ki")

    with pytest.raises(IntegrityError):
        make_event(uid=first.uid)


def test_who_saves_over_somebody_elses_change_is_stopped(db):
    event = make_event()
    db.execute(update(Event).where(Event.id == event.id).values(version=9).execution_options(synchronize_session=False))
    event.title = "Von mir"

    with pytest.raises(StaleDataError):
        db.flush()


def test_a_place_counts_until_it_is_given_up():
    assert [state for state in State if not make_registration(make_event(), state=state).is_active] == [State.CANCELLED]
