"""Who was there: at the door, without a connection, without a registration, and online."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nextevents.events import queries, services
from nextevents.events.errors import (
    AlreadyAttended,
    AlreadyOver,
    DoorClosed,
    JoiningClosed,
    NoSeatFree,
    NotAdmitted,
    NotBegunYet,
)
from nextevents.events.models import Registration, Scan, Stage, State
from nextevents.events.services import Seen, WalkIn
from nextevents.mailing.models import Message
from nextevents.people.addresses import address_of
from tests.factories import make_event, make_person, make_registration

MINUTE = timedelta(minutes=1)


def key(number: int) -> str:
    return f"{number:032x}"


@pytest.fixture
def start(db):
    """When the event of `event` begins."""
    return make_event().starts_at


@pytest.fixture
def event(db):
    return make_event(capacity=2, counts_joining=True)


@pytest.fixture
def ada(event):
    return make_registration(event, make_person(name="Ada"))


@pytest.fixture
def office(db):
    return make_person(office=True)


def how(registration):
    return registration.state, registration.checked_in_at


# ── At the door ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_checking_in_twice_is_harmless_and_keeps_the_first_moment(ada, start):
    first = services.check_in(ada, at=start)
    second = services.check_in(ada, at=start + MINUTE)

    assert (first, second) == (True, False)
    assert how(ada) == (State.ATTENDED, start)


def test_a_mistake_can_be_undone(ada, start):
    services.check_in(ada, at=start)
    services.undo_check_in(ada)

    assert how(ada) == (State.CONFIRMED, None)
    assert services.check_in(ada, at=start + MINUTE) is True


@pytest.mark.parametrize(
    "state", [state for state in State if state not in {State.CONFIRMED, State.ATTENDED, State.EXCUSED, State.ABSENT}]
)
def test_whoever_has_no_sure_seat_is_not_admitted(event, start, state):
    other = make_registration(event, state=state)

    with pytest.raises(NotAdmitted):
        services.check_in(other, at=start)
    with pytest.raises(NotAdmitted):
        services.excuse(other)
    assert how(other) == (state, None)


def test_the_door_opens_a_day_before_and_stays_open_afterwards(event, ada, start):
    with pytest.raises(DoorClosed):
        services.check_in(ada, at=start - timedelta(days=1, seconds=1))

    assert services.check_in(ada, at=start - timedelta(days=1)) is True
    assert services.check_in(make_registration(event), at=start + timedelta(days=3)) is True


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.POSTPONED, Stage.CANCELLED])
def test_nobody_comes_in_to_what_does_not_take_place(ada, start, stage, db):
    ada.event.stage = stage
    db.flush()

    with pytest.raises(DoorClosed):
        services.check_in(ada, at=start)


def test_an_excuse_is_noted_and_undone_but_not_for_whoever_is_there(event, ada, start):
    services.excuse(ada)
    assert ada.state == State.EXCUSED
    services.undo_check_in(ada)
    assert ada.state == State.CONFIRMED

    services.check_in(ada, at=start)
    with pytest.raises(AlreadyAttended):
        services.excuse(ada)


def test_whoever_was_excused_and_comes_after_all_is_there(ada, start):
    services.excuse(ada)

    assert services.check_in(ada, at=start) is True
    assert how(ada) == (State.ATTENDED, start)


# ── Closing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_closing_counts_those_who_did_not_come_as_absent_and_opening_takes_it_back(start, db):
    event = make_event(capacity=None)
    there, excused, missing = (make_registration(event) for _ in range(3))
    waiting = make_registration(event, state=State.WAITING)
    services.check_in(there, at=start)
    services.excuse(excused)
    version = event.version

    with pytest.raises(NotBegunYet):
        services.close_attendance(event, at=start - MINUTE)
    assert services.close_attendance(event, at=start) == 1
    assert services.close_attendance(event, at=start + MINUTE) == 0

    assert event.attendance_closed_at == start
    assert event.version > version
    assert [one.state for one in (there, excused, missing, waiting)] == [
        State.ATTENDED,
        State.EXCUSED,
        State.ABSENT,
        State.WAITING,
    ]
    services.reopen_attendance(event)
    services.reopen_attendance(event)
    assert (event.attendance_closed_at, missing.state) == (None, State.CONFIRMED)


def test_after_closing_a_mistake_undone_is_an_absence(event, ada, start):
    services.check_in(ada, at=start)
    services.close_attendance(event, at=start)
    services.undo_check_in(ada)

    assert how(ada) == (State.ABSENT, None)


# ── Without a connection ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_scan_that_comes_twice_counts_once(event, ada, office, start, db):
    scan = Seen(key(1), ada.id, start)
    first = services.sync_scans(event, [scan], by=office, at=start + MINUTE)
    again = services.sync_scans(event, [scan, scan], by=office, at=start + 2 * MINUTE)

    assert [(one.is_news, one.refusal) for one in first + again] == [(True, ""), (False, ""), (False, "")]
    assert how(ada) == (State.ATTENDED, start)
    assert db.scalar(select(func.count()).select_from(Scan)) == 1


def test_a_scan_that_comes_again_after_it_was_undone_does_not_count_again(event, ada, office, start):
    scan = Seen(key(1), ada.id, start)
    services.sync_scans(event, [scan], by=office, at=start)
    services.undo_check_in(ada)
    services.sync_scans(event, [scan], by=office, at=start + MINUTE)

    assert how(ada) == (State.CONFIRMED, None)


def test_of_two_devices_the_earlier_moment_wins_whichever_comes_first(event, ada, office, start):
    late = services.sync_scans(event, [Seen(key(1), ada.id, start + 9 * MINUTE)], by=office, at=start + 10 * MINUTE)
    early = services.sync_scans(event, [Seen(key(2), ada.id, start + MINUTE)], by=office, at=start + 11 * MINUTE)

    assert ([one.is_news for one in late], [one.is_news for one in early]) == ([True], [False])
    assert how(ada) == (State.ATTENDED, start + MINUTE)


def test_a_late_scan_makes_somebody_counted_as_absent_present(event, ada, office, start):
    services.close_attendance(event, at=start + 60 * MINUTE)
    assert ada.state == State.ABSENT

    services.sync_scans(event, [Seen(key(1), ada.id, start)], by=office, at=start + timedelta(days=2))

    assert how(ada) == (State.ATTENDED, start)


@pytest.mark.parametrize(
    "wrong", [timedelta(days=-400), timedelta(minutes=30), timedelta(days=365)], ids=["past", "future", "far future"]
)
def test_a_device_with_a_wrong_clock_is_not_believed(event, ada, office, start, wrong):
    now = start + 5 * MINUTE
    services.sync_scans(event, [Seen(key(1), ada.id, now + wrong)], by=office, at=now)

    assert how(ada) == (State.ATTENDED, now)


def test_scans_of_others_and_of_other_events_are_refused_one_by_one(event, ada, office, start):
    elsewhere, cancelled = make_registration(make_event()), make_registration(event, state=State.CANCELLED)
    seen = [
        Seen(key(number), one, start) for number, one in enumerate((elsewhere.id, cancelled.id, 999_999_999, ada.id))
    ]

    synced = services.sync_scans(event, seen, by=office, at=start)

    assert [bool(one.refusal) for one in synced] == [True, True, True, False]
    assert [one.state for one in (elsewhere, cancelled, ada)] == [State.CONFIRMED, State.CANCELLED, State.ATTENDED]


# ── Without a registration ───────────────────────────────────────────────────────────────────────────────────────────


def walk_in(address="gast@stadt.example", **values):
    return WalkIn(name="Gast", address=address_of(address), **values)


def test_somebody_at_the_door_is_registered_and_there_at_once_and_told(event, start, db):
    made = services.register_walk_in(event, walk_in(organisation_name="Amt"), at=start)

    assert (*how(made), made.has_seat, made.name, made.person.organisation_name) == (
        State.ATTENDED,
        start,
        True,
        "Gast",
        "Amt",
    )
    db.refresh(event)
    assert event.seats_taken == 1
    assert made.person.proved_at == start
    assert db.scalars(select(Message.kind)).all() == ["registered"]


def test_beyond_the_seats_only_where_the_organisers_say_so_and_uncounted(event, start, db):
    for _ in range(2):
        make_registration(event)

    with pytest.raises(NoSeatFree):
        services.register_walk_in(event, walk_in(), at=start)
    made = services.register_walk_in(event, walk_in(is_beyond=True), at=start)

    assert (made.state, made.has_seat, made.is_extra) == (State.ATTENDED, False, True)
    db.refresh(event)
    assert event.seats_taken == 2


def test_whoever_is_registered_already_is_only_checked_in(event, ada, start, db):
    made = services.register_walk_in(event, walk_in(ada.person.address), at=start)

    assert made == ada
    assert (*how(ada), ada.name) == (State.ATTENDED, start, "Ada")
    assert db.scalars(select(Message)).all() == []


def test_whoever_waits_gets_the_seat_that_is_free_or_one_more(event, start):
    make_registration(event)
    first, second = (make_registration(event, state=State.WAITING) for _ in range(2))

    services.register_walk_in(event, walk_in(first.person.address), at=start)
    with pytest.raises(NoSeatFree):
        services.register_walk_in(event, walk_in(second.person.address), at=start)
    services.register_walk_in(event, walk_in(second.person.address, is_beyond=True), at=start)

    assert [(one.state, one.has_seat, one.is_extra, one.waiting_since) for one in (first, second)] == [
        (State.ATTENDED, True, False, None),
        (State.ATTENDED, False, True, None),
    ]


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.OFFERED])
def test_a_seat_that_is_held_already_is_not_taken_twice(event, start, state):
    held = make_registration(event, state=state)

    services.register_walk_in(event, walk_in(held.person.address), at=start)

    assert (*how(held), held.expires_at) == (State.ATTENDED, start, None)
    assert event.seats_taken == 1


def test_whoever_had_cancelled_and_comes_after_all_is_registered_anew(event, start, db):
    before = make_registration(event, state=State.CANCELLED)
    sequence = event.sequence

    made = services.register_walk_in(event, walk_in(before.person.address), at=start)

    assert (made.id != before.id, made.state, before.state) == (True, State.ATTENDED, State.CANCELLED)
    assert event.sequence > sequence


def test_nobody_is_registered_at_a_closed_door(event, start, db):
    with pytest.raises(DoorClosed):
        services.register_walk_in(event, walk_in(), at=start - timedelta(days=2))
    assert db.scalars(select(Registration)).all() == []


# ── Online ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_going_through_the_door_to_the_conference_counts_once_where_the_event_says_so(ada, start):
    services.note_joining(ada, at=start - 15 * MINUTE)
    services.note_joining(ada, at=start + MINUTE)

    assert how(ada) == (State.ATTENDED, start - 15 * MINUTE)


def test_elsewhere_it_does_not_count(ada, start, db):
    ada.event.counts_joining = False
    db.flush()

    services.note_joining(ada, at=start)

    assert how(ada) == (State.CONFIRMED, None)


def test_that_door_is_open_from_some_minutes_before_until_the_end(ada, start):
    for moment in (start - 16 * MINUTE, ada.event.ends_at):
        with pytest.raises(JoiningClosed):
            services.note_joining(ada, at=moment)
    assert ada.state == State.CONFIRMED


@pytest.mark.parametrize("state", [State.WAITING, State.REQUESTED, State.UNCONFIRMED, State.CANCELLED])
def test_it_is_for_confirmed_people_only(event, start, state):
    other = make_registration(event, state=state)

    with pytest.raises(NotAdmitted):
        services.note_joining(other, at=start)
    assert other.state == state


# ── Those who are there do not withdraw ──────────────────────────────────────────────────────────────────────────────


def test_whoever_has_come_cannot_withdraw_any_more(ada, start):
    services.check_in(ada, at=start)

    with pytest.raises(AlreadyOver):
        services.cancel_registration(ada, at=start + MINUTE)
    assert ada.state == State.ATTENDED


# ── The list at the door ─────────────────────────────────────────────────────────────────────────────────────────────


def test_at_the_door_stand_those_with_a_sure_seat_by_name(event, db):
    event.capacity = None
    for name, state in (
        ("Zoe", State.CONFIRMED),
        ("Änne", State.ATTENDED),
        ("Bo", State.WAITING),
        ("Mia", State.ABSENT),
    ):
        make_registration(event, make_person(name=name), state=state)

    assert [one.name for one in db.scalars(queries.at_the_door(event))] == ["Änne", "Mia", "Zoe"]
    assert [one.name for one in db.scalars(queries.at_the_door(event, "än"))] == ["Änne"]
