"""The waiting list in the organisers' hands."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events import queries
from nextevents.events.errors import NoSeatFree, NothingToAnswer
from nextevents.events.models import Registration, State, WaitingMode
from nextevents.events.services import Move, Request, cancel_registration, give_seat, move_waiting, register
from nextevents.mailing.models import Message
from tests.factories import make_event, make_person, make_registration


def waiting(event, count, at, apart=timedelta(seconds=1)):
    """The numbers of so many who wait, in order."""
    return [
        make_registration(event, state=State.WAITING, made_at=at - timedelta(hours=1) + apart * place).id
        for place in range(count)
    ]


def order(event):
    return [number for number, _ in queries.waiting_moments(event)]


def positions(db, event):
    return [
        queries.waiting_position(db.get_one(Registration, number, populate_existing=True)) for number in order(event)
    ]


@pytest.mark.parametrize("apart", [timedelta(seconds=1), timedelta(0)], ids=["one after the other", "all at once"])
@pytest.mark.parametrize(
    ("place", "move", "expected"),
    [
        (2, Move.UP, [0, 2, 1, 3]),
        (1, Move.DOWN, [0, 2, 1, 3]),
        (3, Move.TOP, [3, 0, 1, 2]),
        (0, Move.UP, [0, 1, 2, 3]),
        (3, Move.DOWN, [0, 1, 2, 3]),
        (0, Move.TOP, [0, 1, 2, 3]),
    ],
)
def test_one_is_moved_and_the_others_keep_their_order(db, noon, apart, place, move, expected):
    event = make_event(capacity=1)
    people = waiting(event, 4, noon, apart)

    move_waiting(event, people[place], move)

    assert order(event) == [people[place] for place in expected]
    assert positions(db, event) == [1, 2, 3, 4]


def test_moving_again_and_again_leaves_nobody_behind_a_newcomer(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    people = waiting(event, 3, noon + timedelta(hours=1), timedelta(0))
    for _ in range(5):
        move_waiting(event, people[0], Move.DOWN)
        move_waiting(event, people[2], Move.TOP)
    newcomer = register(event, make_person(), Request(name="Neu", is_proved=True), at=noon)

    assert order(event)[-1] == newcomer.id


def test_a_free_seat_goes_by_the_new_order(db, noon):
    event = make_event(capacity=1)
    seated = make_registration(event)
    people = waiting(event, 3, noon)

    move_waiting(event, people[2], Move.TOP)
    cancel_registration(seated, at=noon)

    assert db.get_one(Registration, people[2]).state == State.CONFIRMED
    assert order(event) == people[:2]


def test_who_does_not_wait_is_not_moved(db, noon):
    event = make_event(capacity=1)
    seated, people = make_registration(event), waiting(event, 2, noon)
    elsewhere = waiting(make_event(capacity=1), 1, noon)

    for number in (seated.id, elsewhere[0]):
        move_waiting(event, number, Move.TOP)

    assert order(event) == people


def test_without_a_free_seat_nobody_gets_one_unless_it_may_be_one_more(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    waits = make_registration(event, state=State.WAITING)

    with pytest.raises(NoSeatFree):
        give_seat(waits, as_extra=False, at=noon)
    give_seat(waits, as_extra=True, at=noon)

    db.refresh(event)
    assert (waits.state, waits.is_extra, waits.has_seat, event.seats_taken) == (State.CONFIRMED, True, False, 1)
    assert list(db.scalars(select(Message.kind))) == ["moved_up"]


def test_one_more_who_leaves_frees_no_seat(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    first, second = (make_registration(event, state=State.WAITING) for _ in range(2))
    give_seat(first, as_extra=True, at=noon)

    cancel_registration(first, at=noon)

    db.refresh(event)
    assert (second.state, event.seats_taken) == (State.WAITING, 1)


def test_an_offered_seat_can_be_given_without_an_answer(db, noon):
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER)
    offered = make_registration(event, state=State.OFFERED)

    give_seat(offered, as_extra=False, at=noon)
    give_seat(offered, as_extra=False, at=noon)

    db.refresh(event)
    assert (offered.state, offered.has_seat, event.seats_taken) == (State.CONFIRMED, True, 1)
    assert list(db.scalars(select(Message.kind))) == ["moved_up"]


@pytest.mark.parametrize("state", [State.CANCELLED, State.REQUESTED, State.UNCONFIRMED])
def test_who_neither_waits_nor_was_offered_a_seat_gets_none_here(db, noon, state):
    with pytest.raises(NothingToAnswer):
        give_seat(make_registration(make_event(), state=state), as_extra=True, at=noon)
