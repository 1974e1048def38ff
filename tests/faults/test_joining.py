"""Joining a circle while a date of it is being published: the newcomer is called to it, once."""

from datetime import datetime, timedelta

from nextevents.events.models import Stage
from tests import factories
from tests.faults import joining
from tests.faults.actors import all_at_once, gate
from tests.faults.instance import now

ROUNDS = 12


def make_drafts(instance):
    """Circles with a draft each; gives the circles' and the drafts' numbers."""
    starts = datetime.combine(now().date() + timedelta(days=30), datetime.min.time().replace(hour=14))
    with instance.door():
        circles = [factories.make_community(f"kreis-{number}") for number in range(ROUNDS)]
        drafts = [factories.make_event(stage=Stage.DRAFT, starts=starts, communities=(one,)) for one in circles]
        return [one.id for one in circles], [one.id for one in drafts]


def called(instance, drafts):
    """How often the newcomer was called to each of them, as rows and as mails."""
    return [
        (
            instance.value("SELECT count(*) FROM call WHERE event_id = :event", event=draft),
            instance.value(
                "SELECT count(*) FROM message WHERE kind = 'called' AND subject = :about", about=f"event:{draft}"
            ),
        )
        for draft in drafts
    ]


def test_whoever_joins_while_a_date_is_published_is_called_to_it_once(instance):
    (circles, drafts), (newcomer,) = make_drafts(instance), instance.make_people(1)
    start = gate(2)

    all_at_once(
        instance,
        (joining.join_in_rounds, start, circles, newcomer),
        (joining.publish_in_rounds, start, drafts),
    )

    assert called(instance, drafts) == [(1, 1)] * ROUNDS


def test_control_looking_before_joining_loses_newcomers(instance):
    (circles, drafts), (newcomer,) = make_drafts(instance), instance.make_people(1)
    start = gate(2)

    all_at_once(
        instance,
        (joining.join_in_rounds_without_holding, start, circles, newcomer),
        (joining.publish_in_rounds, start, drafts),
    )

    assert (0, 0) in called(instance, drafts)
