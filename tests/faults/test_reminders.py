"""Two dispatchers at once remind everybody once (G19)."""

from collections import Counter
from datetime import timedelta

from tests import factories
from tests.faults import acts
from tests.faults.actors import all_at_once, gate
from tests.faults.instance import event_of, now

DISPATCHERS = 2
ROUNDS = 8


def due_events(instance, *, planned):
    """Events, the moments at which their reminders are due, and how many people are registered in all."""
    events = [instance.make_event() for _ in range(ROUNDS)]
    moments = []
    with instance.door():
        for number, one in enumerate(events):
            event = event_of(one)
            starts = event.starts_local + timedelta(hours=number)
            event.set_time(starts, starts + timedelta(hours=1))
            moments.append(event.starts_at - timedelta(hours=24))
            for _ in range(5):
                factories.make_registration(event, made_at=now() - timedelta(days=2))
    if planned:
        with instance.door():
            acts.services.remind(at=now())
    return moments


def reminded(instance):
    """How many mails each receiver has."""
    return Counter(to for (to,) in instance.rows("SELECT recipient FROM message WHERE kind = 'reminder'"))


def test_two_dispatchers_at_once_remind_everybody_once(instance):
    moments, rounds = due_events(instance, planned=True), gate(DISPATCHERS)

    all_at_once(instance, *[(acts.remind_in_rounds, rounds, moments)] * DISPATCHERS)

    assert set(reminded(instance).values()) == {1}
    assert len(reminded(instance)) == ROUNDS * 5
    assert instance.rows("SELECT state, count(*) FROM planned_reminder GROUP BY state") == [("sent", ROUNDS)]


def test_events_from_before_there_were_rules_get_one_however_many_look_at_once(instance):
    moments, rounds = due_events(instance, planned=False), gate(DISPATCHERS)

    all_at_once(instance, *[(acts.remind_in_rounds, rounds, moments)] * DISPATCHERS)

    assert set(reminded(instance).values()) == {1}
    assert instance.rows("SELECT count(*), count(DISTINCT event_id) FROM reminder_rule") == [(ROUNDS, ROUNDS)]


def test_control_looking_before_sending_reminds_twice(instance):
    moments, rounds = due_events(instance, planned=True), gate(DISPATCHERS)

    all_at_once(instance, *[(acts.remind_in_rounds_without_guard, rounds, moments)] * DISPATCHERS)

    assert max(reminded(instance).values()) > 1
