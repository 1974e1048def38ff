"""The waiting list under a rush: nobody is overtaken, no seat stays idle, everybody is told once (G3)."""

from collections import Counter
from datetime import timedelta
from itertools import chain

import pytest

from nextevents.events.models import State, WaitingMode
from tests import factories
from tests.faults import acts
from tests.faults.actors import all_at_once, gate, shares
from tests.faults.instance import event_of, now
from tests.faults.ledger import outcomes

ROUNDS = 15


def fill(instance, *, confirmed, waiting, **values):
    """An event with people on its seats and on its waiting list; its number and theirs, in order."""
    event = instance.make_event(capacity=confirmed, **values)
    began = now() - timedelta(days=2)
    with instance.door():
        chosen = event_of(event)
        seated = [factories.make_registration(chosen, made_at=began).id for _ in range(confirmed)]
        queue = [
            factories.make_registration(chosen, state=State.WAITING, made_at=began + timedelta(seconds=place)).id
            for place in range(waiting)
        ]
    return event, seated, queue


def having(instance, event, *states):
    """The numbers of the registrations in these states."""
    rows = instance.rows("SELECT id, state FROM registration WHERE event_id = :event ORDER BY id", event=event)
    return [number for number, state in rows if state in states]


def mails_of(instance, kind):
    """How many mails of a kind each registration got."""
    return Counter(
        int(subject.partition(":")[2])
        for (subject,) in instance.rows("SELECT subject FROM message WHERE kind = :kind", kind=kind)
    )


@pytest.mark.parametrize(
    ("mode", "state", "mail"),
    [(WaitingMode.MOVE_UP, "confirmed", "moved_up"), (WaitingMode.OFFER, "offered", "seat_offered")],
    ids=["moving up", "offering"],
)
def test_of_fifty_seats_given_back_among_two_hundred_newcomers_all_go_to_those_who_waited(instance, mode, state, mail):
    event, seated, queue = fill(instance, confirmed=50, waiting=100, waiting_mode=mode)
    newcomers = instance.make_people(200)

    told = all_at_once(
        instance,
        *((acts.cancel, share) for share in shares(seated, 4)),
        *((acts.sign_up, event, share, 2) for share in shares(newcomers, 4)),
    )

    assert outcomes(chain.from_iterable(told)) == {"cancelled": 50, "waiting": 200}
    assert instance.seats(event) == (50, 50, 50)
    assert having(instance, event, state) == queue[:50]
    assert mails_of(instance, mail) == Counter(queue[:50])


def test_control_filling_seats_only_after_the_cancellation_lets_newcomers_overtake(instance):
    event, seated, queue = fill(instance, confirmed=50, waiting=100)
    newcomers = instance.make_people(200)

    told = all_at_once(
        instance,
        *((acts.cancel_and_fill_later, share) for share in shares(seated, 4)),
        *((acts.sign_up, event, share, 2) for share in shares(newcomers, 4)),
    )

    assert outcomes(chain.from_iterable(told)).get("confirmed", 0) > 0
    assert having(instance, event, "confirmed") != queue[:50]


def test_a_seat_given_back_while_somebody_joins_the_list_does_not_stay_idle(instance):
    rounds = [fill(instance, confirmed=1, waiting=0) for _ in range(ROUNDS)]
    events = [event for event, _, _ in rounds]
    start = gate(2)

    cancelled, joined = all_at_once(
        instance,
        (acts.cancel_in_rounds, start, [seated for _, (seated,), _ in rounds]),
        (acts.sign_up_in_rounds, start, events, instance.make_people(ROUNDS), 0.02),
    )

    assert outcomes(cancelled) == {"cancelled": ROUNDS}
    assert set(outcomes(joined)) <= {"confirmed", "waiting"}
    assert [len(having(instance, event, "waiting")) for event in events] == [0] * ROUNDS
    assert [instance.seats(event) for event in events] == [(1, 1, 1)] * ROUNDS


def test_an_offer_that_lapses_while_it_is_accepted_ends_in_one_way(instance):
    rounds = []
    for _ in range(ROUNDS):
        event, (seated,), (first, second) = fill(instance, confirmed=1, waiting=2, waiting_mode=WaitingMode.OFFER)
        all_at_once(instance, (acts.cancel, [seated])) if not rounds else None
        rounds.append((event, seated, first, second))
