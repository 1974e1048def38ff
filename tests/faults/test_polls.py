"""Date polls in a rush: two leads who choose at once, and votes that come while the poll ends."""

from datetime import datetime, timedelta

from tests import factories
from tests.faults import polling
from tests.faults.actors import all_at_once, gate
from tests.faults.instance import now

ROUNDS = 12


def make_polls(instance):
    """Open polls of one circle, each with a voter who was asked; gives the polls' and the voters' numbers."""
    day = datetime.combine(now().date() + timedelta(days=30), datetime.min.time())
    times = (day + timedelta(hours=10), day + timedelta(hours=14))
    with instance.door():
        community = factories.make_community("chatbot")
        polls = [
            factories.make_poll(community, title=f"Treffen {number}", starts=times, closes_at=now() + timedelta(days=7))
            for number in range(ROUNDS)
        ]
        voters = [factories.make_voter(poll) for poll in polls]
        return [one.id for one in polls], [one.id for one in voters]


def test_two_leads_who_choose_at_once_make_one_meeting(instance):
    (polls, _voters), leads = make_polls(instance), instance.make_people(2)
    start = gate(2)

    first, second = all_at_once(
        instance, *((polling.choose_in_rounds, start, polls, lead, which) for which, lead in enumerate(leads))
    )

    assert first == second
    assert instance.value("SELECT count(*) FROM event") == len(set(first)) == ROUNDS


def test_a_vote_that_comes_while_a_time_is_chosen_counts_or_is_refused(instance):
    (polls, voters), (lead,) = make_polls(instance), instance.make_people(1)
    start = gate(2)

    made, told = all_at_once(
        instance,
        (polling.choose_in_rounds, start, polls, lead, 0),
        (polling.vote_in_rounds, start, voters),
    )

    seats = [instance.seats(event)[1] for event in made]
    assert [one == "voted" for one in told] == [taken == 1 for taken in seats]
    votes = instance.value("SELECT count(*) FROM vote")
    assert votes == told.count("voted")
