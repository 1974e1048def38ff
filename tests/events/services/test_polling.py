"""Date polls: asking, voting, reminding, and the time that becomes the meeting."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from nextevents.communities.models import Belonging
from nextevents.communities.services import Parts, choose_parts
from nextevents.events import queries
from nextevents.events.errors import AlreadyOver, AskedRecently, NobodyAsked, NoDates, PollClosed
from nextevents.events.models import Audience, Event, Invitation, Registration, Stage, State, Vote, Voter, Wish
from nextevents.events.retention import TERMS
from nextevents.events.services import (
    Ballot,
    PollWish,
    change_deadline,
    choose_time,
    close_poll,
    make_poll,
    read_invitees,
    remind_before_deadlines,
    remind_silent_voters,
    vote,
    vote_openly,
)
from nextevents.events.showing_polls import standings
from nextevents.ground.errors import NotFound
from nextevents.people.addresses import address_of
from nextevents.people.models import Person
from tests import factories
from tests.factories import make_belonging, make_community, make_event, make_person, make_voter
from tests.mailing.reading import posted

TIMES = [(datetime(2026, 12, 8, 14), datetime(2026, 12, 8, 15)), (datetime(2026, 12, 9, 10), datetime(2026, 12, 9, 11))]
YES, MAYBE, NO = Wish.YES, Wish.IF_NEED_BE, Wish.NO


@pytest.fixture
def community(db):
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def poll(community):
    return factories.make_poll(community)


def wish(noon, **values):
    return PollWish(**({"title": "Treffen", "times": TIMES, "closes_at": noon + timedelta(days=7)} | values))


def ballot(poll, *wishes, name="Ada"):
    return Ballot(name, {one.id: said for one, said in zip(poll.options, wishes, strict=False) if said})


def said(poll):
    """Who said what, in the order of the times."""
    return {
        one.name: [next((vote.wish for vote in one.votes if vote.option_id == time.id), None) for time in poll.options]
        for one in queries.voters_of(poll)
    }


# Asking


def test_all_of_the_circle_who_want_mails_are_asked_with_links_of_their_own(db, community, noon):
    ada, bo, eve = (make_person(f"{name}@stadt.example", name=name) for name in ("ada", "bo", "eve"))
    for person in (ada, bo, eve):
        make_belonging(person, community)
    silent = belonging_of(db, eve)
    choose_parts(silent, Parts(gets_mail=False, gets_invitations=False), at=noon)

    poll = make_poll(community, wish(noon), by=ada, at=noon)

    mails = posted("poll_asked")
    assert [mail.row.recipient for mail in mails] == ["ada@stadt.example", "bo@stadt.example"]
    links = [next(line for line in mail.text.splitlines() if "/umfrage/stimme/" in line) for mail in mails]
    assert len(set(links)) == 2
    assert mails[0].text.split("\n\n")[2].splitlines() == [
        "  Treffen",
        "  NExTcommunity Chatbot",
        "  Zur Wahl:",
        "  - Dienstag, 8. Dezember 2026, 14 bis 15 Uhr (MEZ)",
        "  - Mittwoch, 9. Dezember 2026, 10 bis 11 Uhr (MEZ)",
        "  Abstimmen bis: Samstag, 28. November 2026, 13 Uhr",
    ]
    assert (poll.asks_all, queries.turnout(poll)) == (True, queries.Turnout(asked=2, silent=2, voted=0))


def belonging_of(db, person):
    return db.scalars(select(Belonging).where(Belonging.person_id == person.id)).one()


def test_named_people_are_asked_and_nobody_else(db, community, noon):
    make_belonging(make_person(), community)
    named = read_invitees("Max <max@x.example>; erika@x.example")

    poll = make_poll(community, wish(noon, named=named), by=make_person(), at=noon)

    assert [mail.row.recipient for mail in posted("poll_asked")] == ["max@x.example", "erika@x.example"]
    assert poll.asks_all is False


def test_a_poll_needs_times_and_people(db, community, noon):
    by = make_person()
    with pytest.raises(NoDates):
        make_poll(community, wish(noon, times=[]), by=by, at=noon)
    with pytest.raises(NobodyAsked):
        make_poll(community, wish(noon, named=[]), by=by, at=noon)


# Voting


def test_a_vote_can_be_changed_by_the_own_link(db, poll, noon):
    voter = make_voter(poll, "ada@x.example")

    vote(voter, ballot(poll, YES, NO), at=noon)
    vote(voter, ballot(poll, None, MAYBE, name="Ada B."), at=noon)

    assert said(poll) == {"Ada B.": [None, MAYBE]}
    assert db.scalar(select(func.count()).select_from(Vote)) == 1


def test_the_own_link_proves_the_address_it_was_sent_to(db, poll, noon):
    voter = make_voter(poll, "ada@x.example")

    vote(voter, ballot(poll, YES), at=noon)

    person = db.scalars(select(Person).where(Person.address_key == "ada@x.example")).one()
    assert (voter.person_id, person.proved_at, person.name) == (person.id, noon, "Ada")


def test_by_name_alone_one_has_a_link_of_one_s_own_at_once(db, poll, noon):
    voter = vote_openly(poll, ballot(poll, YES), at=noon)

    assert voter
    assert (voter.name, voter.address, voter.person_id) == ("Ada", "", None)
    assert posted() == []


def test_the_same_form_twice_is_one_vote(db, poll, noon):
    first = vote_openly(poll, ballot(poll, YES), nonce="einmaliges", at=noon)
    again = vote_openly(poll, ballot(poll, NO), nonce="einmaliges", at=noon)

    assert first == again
    assert said(poll) == {"Ada": [YES, None]}


def test_an_address_gets_its_link_by_mail_and_nobody_else_does(db, poll, noon):
    assert vote_openly(poll, ballot(poll, YES), address=address_of("ada@x.example"), at=noon) is None

    (mail,) = posted("poll_voted")
    assert (mail.row.recipient, said(poll)) == ("ada@x.example", {"Ada": [YES, None]})
    assert "/umfrage/stimme/" in mail.text
    assert "Ada" not in mail.text


def test_a_stranger_cannot_change_the_vote_of_an_address_nor_learn_of_it(db, poll, noon):
    vote(make_voter(poll, "ada@x.example"), ballot(poll, YES), at=noon)

    told = [
        vote_openly(poll, ballot(poll, NO, name="Fremd"), address=address_of(typed), nonce=typed, at=noon)
        for typed in ("ADA@x.example", "neu@x.example")
    ]

    assert told == [None, None]
    assert said(poll) == {"Ada": [YES, None], "Fremd": [NO, None]}


def test_a_victim_gets_one_mail_a_day_of_a_poll_whatever_strangers_type(db, poll, noon):
    for number in range(5):
        vote_openly(poll, ballot(poll, NO), address=address_of("ada@x.example"), nonce=f"nummer{number}", at=noon)

    assert len(posted("poll_voted")) == 1


def test_whoever_is_signed_in_votes_once(db, poll, noon):
    person = make_person("ada@x.example")
    asked = make_voter(poll, person=person)

    assert vote_openly(poll, ballot(poll, YES), person=person, at=noon) == asked
    assert vote_openly(poll, ballot(poll, NO), person=person, at=noon) == asked
    assert said(poll) == {"Ada": [NO, None]}


def test_votes_for_times_of_another_poll_are_not_counted(db, poll, community, noon):
    other = factories.make_poll(community)

    vote(make_voter(poll, "ada@x.example"), ballot(other, YES, YES), at=noon)

    assert db.scalar(select(func.count()).select_from(Vote)) == 0


def test_after_the_deadline_and_after_the_end_nobody_votes(db, poll, noon):
    voter = make_voter(poll, "ada@x.example")
    with pytest.raises(PollClosed):
        vote(voter, ballot(poll, YES), at=poll.closes_at)
    close_poll(poll, at=noon)
    close_poll(poll, at=noon + timedelta(days=1))
    assert poll.closed_at == noon
    with pytest.raises(PollClosed):
        vote_openly(poll, ballot(poll, YES), at=noon)
    with pytest.raises(PollClosed):
        change_deadline(poll, noon)


def test_the_best_time_has_most_yes_and_then_most_if_need_be(app, db, community, noon):
    times = tuple(datetime(2026, 12, day, 14) for day in (8, 9, 10))
    poll = factories.make_poll(community, starts=times)
    for wishes in ((YES, YES, NO), (NO, MAYBE, YES), (MAYBE, YES, NO)):
        vote(make_voter(poll), ballot(poll, *wishes), at=noon)

    with app.test_request_context():
        found = standings(poll, queries.tally(poll), 3)

    assert [(one.option.starts_local.day, one.yes, one.if_need_be, one.no, one.is_best) for one in found] == [
        (9, 2, 1, 0, True),
        (8, 1, 1, 1, False),
        (10, 1, 0, 2, False),
    ]
    assert (found[0].yes_share, found[0].if_need_be_share) == (66.7, 33.3)


# Reminding


def test_only_the_silent_are_reminded_at_most_once_a_day(db, poll, noon):
    voter, _silent = make_voter(poll, "ada@x.example"), make_voter(poll, "bo@x.example")
    vote(voter, ballot(poll, YES), at=noon)
    with pytest.raises(AskedRecently):
        remind_silent_voters(poll, at=noon + timedelta(hours=23))

    assert remind_silent_voters(poll, at=noon + timedelta(days=1, minutes=1)) == 1
    with pytest.raises(AskedRecently):
        remind_silent_voters(poll, at=noon + timedelta(days=1, hours=1))
    assert remind_silent_voters(poll, at=noon + timedelta(days=2, hours=2)) == 1

    assert [mail.row.recipient for mail in posted("poll_reminder")] == ["bo@x.example"] * 2


def test_a_day_before_the_deadline_the_silent_are_reminded_once(db, poll, noon):
    make_voter(poll, "bo@x.example")
    before = poll.closes_at - timedelta(days=1)

    assert remind_before_deadlines(at=before - timedelta(minutes=1)) == 0
    assert remind_before_deadlines(at=before) == 1
    assert remind_before_deadlines(at=before + timedelta(hours=3)) == 0
    assert remind_before_deadlines(at=poll.closes_at) == 0


# Choosing


def test_the_chosen_time_becomes_the_meeting_with_everybody_who_said_yes(db, poll, community, noon):
    make_event(title="Treffen", communities=(community,), capacity=20, starts=datetime(2026, 11, 4, 14))
    ada, bo, eve = (make_voter(poll, f"{name}@x.example") for name in ("ada", "bo", "eve"))
    vote(ada, ballot(poll, NO, YES, name="Ada"), at=noon)
    vote(bo, ballot(poll, YES, MAYBE, name="Bo"), at=noon)
    vote_openly(poll, ballot(poll, NO, YES, name="Fremd"), address=address_of("fremd@x.example"), at=noon)
    vote_openly(poll, ballot(poll, NO, YES, name="Nur Name"), at=noon)

    event = choose_time(poll, poll.options[1].id, by=make_person(), at=noon)

    assert (event.title, event.stage, event.capacity) == ("Wann passt es?", Stage.PUBLISHED, 20)
    assert (event.starts_at, event.ends_at) == (poll.options[1].starts_at, poll.options[1].ends_at)
    registered = db.scalars(select(Registration).where(Registration.event_id == event.id)).all()
    assert [(one.person.address, one.name, one.state) for one in registered] == [
        ("ada@x.example", "Ada", State.CONFIRMED)
    ]
    assert [mail.row.recipient for mail in posted("registered")] == ["ada@x.example"]
    told = posted("poll_decided")
    assert [mail.row.recipient for mail in told] == ["bo@x.example", eve.address, "fremd@x.example"]
    assert all("/einladung/" in mail.text for mail in told)
    assert (poll.event, poll.closed_at) == (event, noon)


def test_choosing_twice_gives_the_same_meeting(db, poll, noon):
    by = make_person()
    first = choose_time(poll, poll.options[0].id, by=by, at=noon)

    assert choose_time(poll, poll.options[1].id, by=by, at=noon) == first
    assert db.scalar(select(func.count()).select_from(Event)) == 1


def test_people_of_the_circle_are_called_by_entry_and_not_written_to_twice(db, poll, community, noon):
    person = make_person("ada@x.example")
    make_belonging(person, community)
    make_voter(poll, person=person)

    choose_time(poll, poll.options[0].id, by=make_person(), at=noon)

    kinds = [mail.kind for mail in posted() if mail.row.recipient == "ada@x.example"]
    assert len(kinds) == 1
    assert "poll_decided" not in kinds


def test_a_yes_to_a_meeting_for_invited_people_counts_because_they_were_asked(db, poll, community, noon):
    make_event(communities=(community,), audience=Audience.INVITED, starts=datetime(2026, 11, 4, 14))
    voter = make_voter(poll, "ada@x.example")
    vote(voter, ballot(poll, YES), at=noon)

    event = choose_time(poll, poll.options[0].id, by=make_person(), at=noon)

    assert db.scalar(select(Registration.state).where(Registration.event_id == event.id)) == State.CONFIRMED


def test_more_yes_than_seats_make_a_waiting_list(db, poll, community, noon):
    make_event(communities=(community,), capacity=1, starts=datetime(2026, 11, 4, 14))
    for name in ("ada", "bo"):
        vote(make_voter(poll, f"{name}@x.example"), ballot(poll, YES, name=name), at=noon)

    event = choose_time(poll, poll.options[0].id, by=make_person(), at=noon)

    states = db.scalars(select(Registration.state).where(Registration.event_id == event.id).order_by(Registration.id))
    assert states.all() == [State.CONFIRMED, State.WAITING]


def test_a_time_of_another_poll_and_one_that_is_over_cannot_be_chosen(db, poll, community, noon):
    other = factories.make_poll(community)
    by = make_person()
    with pytest.raises(NotFound):
        choose_time(poll, other.options[0].id, by=by, at=noon)
    with pytest.raises(AlreadyOver):
        choose_time(poll, poll.options[0].id, by=by, at=poll.options[0].starts_at)
    assert db.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_poll_s_voters_are_forgotten_half_a_year_after_its_end(db, poll, noon):
    make_voter(poll, "ada@x.example")
    term = next(one for one in TERMS if one.name == "polls")
    late = poll.closes_at + timedelta(days=184)

    assert (term.count(noon), term.count(late)) == (0, 1)
    assert (term.fade(late), term.fade(late)) == (1, 0)
    assert db.scalar(select(func.count()).select_from(Voter)) == 0
