"""Two organisers, or two browsers, at the same moment: one seat, one registration, one mail (G1, G3, G5)."""

from collections import Counter
from datetime import timedelta

import pytest

from nextevents.events import services
from nextevents.events.models import Invitation, Registration, State
from nextevents.ground.database import db
from nextevents.people.addresses import address_of
from tests import factories
from tests.faults import acts, filling
from tests.faults.actors import all_at_once, gate
from tests.faults.instance import event_of, now
from tests.faults.ledger import outcomes

ROUNDS = 12


def mails(instance, kind):
    """How many mails of a kind there are about each subject."""
    return Counter(subject for (subject,) in instance.rows("SELECT subject FROM message WHERE kind = :kind", kind=kind))


def states(instance, event):
    """How many registrations of an event are in each state."""
    rows = instance.rows("SELECT state, count(*) FROM registration WHERE event_id = :event GROUP BY state", event=event)
    return dict(rows)


# Requests


def requests(instance, *, capacity, each):
    """Events with so many requests each: their numbers, and those of the requests."""
    events = [instance.make_event(capacity=capacity, needs_approval=True) for _ in range(ROUNDS)]
    with instance.door():
        made = [
            [factories.make_registration(event_of(event), state=State.REQUESTED).id for _ in range(each)]
            for event in events
        ]
    return events, made


def approve_the_same_twice(instance, act):
    events, made = requests(instance, capacity=5, each=1)
    numbers = [number for (number,) in made]
    start = gate(2)
    all_at_once(instance, (act, start, numbers), (act, start, numbers))
    return events


def test_two_organisers_who_say_yes_to_the_same_request_give_one_seat_and_one_mail(instance):
    events = approve_the_same_twice(instance, filling.approve_in_rounds)

    assert [instance.seats(event) for event in events] == [(5, 1, 1)] * ROUNDS
    assert set(mails(instance, "registered").values()) == {1}


def test_control_looking_first_gives_two_seats_to_one_request(instance):
    events = approve_the_same_twice(instance, filling.approve_in_rounds_without_guard)

    assert (5, 2, 1) in [instance.seats(event) for event in events]


def test_of_two_approvals_for_the_last_seat_one_gets_it_and_the_other_waits(instance):
    events, made = requests(instance, capacity=1, each=2)
    start = gate(2)

    first, second = all_at_once(
        instance,
        (filling.approve_in_rounds, start, [pair[0] for pair in made]),
        (filling.approve_in_rounds, start, [pair[1] for pair in made]),
    )

    assert outcomes([*first, *second]) == {"1 confirmed": ROUNDS, "1 waiting": ROUNDS}
    assert [instance.seats(event) for event in events] == [(1, 1, 1)] * ROUNDS


# Invitations


def invitations(instance):
    """An event and an open invitation to it, for each round."""
    events = [instance.make_event(capacity=5) for _ in range(ROUNDS)]
    with instance.door():
        made = [
            Invitation(
                event_id=event,
                address=f"gast{event}@x.example",
                address_key=f"gast{event}@x.example",
                made_at=now(),
            )
            for event in events
        ]
        db.session.add_all(made)
        db.session.flush()
        return events, [one.id for one in made]


def accept_twice(instance, act):
    events, numbers = invitations(instance)
    start = gate(2)
    told = all_at_once(instance, (act, start, numbers), (act, start, numbers))
    return events, [answer for answers in told for answer in answers]


def test_an_invitation_accepted_in_two_browsers_at_once_is_one_registration(instance):
    events, told = accept_twice(instance, filling.accept_invitation_in_rounds)

    assert outcomes(told) == {"confirmed": 2 * ROUNDS}
    assert [(instance.seats(event), states(instance, event)) for event in events] == [
        ((5, 1, 1), {"confirmed": 1})
    ] * ROUNDS
    assert set(mails(instance, "registered").values()) == {1}


def test_control_looking_first_takes_two_seats_for_one_invitation(instance):
    events, _told = accept_twice(instance, filling.accept_invitation_in_rounds_by_looking_first)

    assert 2 in [instance.seats(event)[1] for event in events]


# Transfers


@pytest.fixture
def offered(instance):
    """Full events, a seat of each offered to a colleague, and somebody who waits: event, seat, offer."""
    events = [instance.make_event(capacity=1) for _ in range(ROUNDS)]
    with instance.door():
        made = []
        for event in events:
            began = now() - timedelta(days=2)
            seat = factories.make_registration(event_of(event), made_at=began)
            factories.make_registration(event_of(event), state=State.WAITING, made_at=began)
            offer = services.offer_transfer(seat, address_of(f"bob{event}@x.example"), name="Bob", at=now())
            made.append((event, seat.id, offer.id))
        assert db.session.query(Registration).count() == 2 * ROUNDS
        return made


def take_while_withdrawing(instance, offered, act):
    start = gate(2)
    told, _ = all_at_once(
        instance,
        (act, start, [offer for *_, offer in offered]),
        (acts.cancel_in_rounds, start, [seat for _, seat, _ in offered]),
    )
    return [answer.outcome for answer in told]


def test_a_seat_that_is_taken_over_while_it_is_given_back_has_one_next_person(instance, offered):
    told = take_while_withdrawing(instance, offered, filling.accept_transfer_in_rounds)

    for outcome, (event, _, _) in zip(told, offered, strict=True):
        assert instance.seats(event) == (1, 1, 1)
        assert (outcome, states(instance, event)) in [
            ("taken", {"cancelled": 1, "confirmed": 1, "waiting": 1}),
            ("NothingToAnswer", {"cancelled": 1, "confirmed": 1}),
        ]


def test_control_looking_first_gives_the_seat_to_two(instance, offered):
    take_while_withdrawing(instance, offered, filling.accept_transfer_in_rounds_by_looking_first)

    assert {"cancelled": 1, "confirmed": 2} in [states(instance, event) for event, _, _ in offered]


def test_a_seat_that_two_browsers_take_over_at_once_is_taken_once(instance, offered):
    numbers, start = [offer for *_, offer in offered], gate(2)

    told = all_at_once(
        instance,
        (filling.accept_transfer_in_rounds, start, numbers),
        (filling.accept_transfer_in_rounds, start, numbers),
    )

    assert outcomes(answer for answers in told for answer in answers) == {"taken": ROUNDS, "NothingToAnswer": ROUNDS}
    assert [instance.seats(event) for event, _, _ in offered] == [(1, 1, 1)] * ROUNDS
    assert set(mails(instance, "transferred").values()) == {1}
