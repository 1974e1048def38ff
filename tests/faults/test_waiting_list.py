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


MOVE_UP = (WaitingMode.MOVE_UP, "confirmed", "moved_up")
OFFER = (WaitingMode.OFFER, "offered", "seat_offered")


@pytest.mark.parametrize(
    ("instance", "mode", "state", "mail"),
    [("postgresql", *MOVE_UP), ("postgresql", *OFFER), ("sqlite", *OFFER)],
    indirect=["instance"],
    ids=["moving up", "offering", "offering on SQLite"],
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
    event, seated, queue = fill(instance, confirmed=20, waiting=30)
    newcomers = instance.make_people(80)

    told = all_at_once(
        instance,
        *((acts.cancel_and_fill_later, share) for share in shares(seated, 4)),
        *((acts.sign_up, event, share, 2) for share in shares(newcomers, 4)),
    )

    assert outcomes(chain.from_iterable(told)).get("confirmed", 0) > 0
    assert having(instance, event, "confirmed") != queue[:20]


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


def test_whoever_joins_the_list_of_an_event_that_is_called_off_is_refused_or_told(instance):
    events = [fill(instance, confirmed=1, waiting=0)[0] for _ in range(ROUNDS)]
    start = gate(2)

    called_off, joined = all_at_once(
        instance,
        (acts.call_off_in_rounds, start, events),
        (acts.sign_up_in_rounds, start, events, instance.make_people(ROUNDS), 0.02),
    )

    assert outcomes(called_off) == {"called off": ROUNDS}
    told = mails_of(instance, "event_cancelled")
    for event, answer in zip(events, joined, strict=True):
        waiting = having(instance, event, "waiting")
        assert (answer.outcome, [told[number] for number in waiting]) in [("waiting", [1]), ("RegistrationClosed", [])]


@pytest.fixture
def offers(instance):
    """Fifteen events, each with one offered seat that lapses an hour after the one before, and somebody next."""
    lapses = [now() + timedelta(hours=place) for place in range(ROUNDS)]
    made = []
    for at in lapses:
        event, _, (second,) = fill(instance, confirmed=0, waiting=1, waiting_mode=WaitingMode.OFFER)
        with instance.door():
            event_of(event).capacity = 1
        with instance.door():
            first = factories.make_registration(event_of(event), state=State.OFFERED)
            first.expires_at = at
        made.append((event, first.id, second, at))
    return made


def race(instance, offers, accept):
    """Accept each offer just before it lapses, and let it lapse at the same moment; what the acceptors were told."""
    start = gate(2)
    told, _ = all_at_once(
        instance,
        (accept, start, [(first, at - timedelta(seconds=1)) for _, first, _, at in offers]),
        (acts.lapse_in_rounds, start, [at + timedelta(seconds=1) for *_, at in offers]),
    )
    return [answer.outcome for answer in told]


def test_an_offer_that_is_accepted_while_it_lapses_ends_in_exactly_one_way(instance, offers):
    told = race(instance, offers, acts.accept_in_rounds)

    accepted, lapsed = mails_of(instance, "moved_up"), mails_of(instance, "offer_lapsed")
    offered = mails_of(instance, "seat_offered")
    states = dict(instance.rows("SELECT id, state FROM registration"))
    for outcome, (event, first, second, _) in zip(told, offers, strict=True):
        found = (states[first], states[second], accepted[first], lapsed[first], offered[second])
        assert (outcome, *found) in {
            ("confirmed", "confirmed", "waiting", 1, 0, 0),
            ("NotWaitingForAnswer", "cancelled", "offered", 0, 1, 1),
        }
        assert instance.seats(event) == (1, 1, 1)


def test_control_accepting_what_was_looked_at_before_ends_in_both_ways(instance, offers):
    race(instance, offers, acts.accept_in_rounds_without_guard)

    assert mails_of(instance, "moved_up").keys() & mails_of(instance, "offer_lapsed").keys()
