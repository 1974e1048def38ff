"""Candidates of a poll in calendars: tentative, withdrawn, and the chosen one that becomes the meeting."""

from datetime import datetime, timedelta

import icalendar
import pytest

from nextevents.events.errors import TooManyToHold
from nextevents.events.models import Wish
from nextevents.events.services import Ballot, PollWish, choose_time, close_poll, make_poll, read_invitees, vote
from tests.factories import make_belonging, make_community, make_person
from tests.mailing.reading import posted
from tests.services import ical_judges

TIMES = [(datetime(2026, 12, day, 14), datetime(2026, 12, day, 15)) for day in (8, 9, 10)]
HELD, RELEASED = "poll_held", "poll_released"


@pytest.fixture
def community(db):
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def ada(community):
    """Somebody of the circle, who is invited to its meetings."""
    person = make_person("ada@stadt.example", name="Ada Müller, Amt")
    make_belonging(person, community)
    return person


@pytest.fixture
def poll(community, ada, noon):
    return held_poll(community, ada, noon)


def held_poll(community, by, noon, **values):
    wish = {"title": "Treffen", "times": TIMES, "closes_at": noon + timedelta(days=7), "holds_times": True} | values
    return make_poll(community, PollWish(**wish), by=by, at=noon)


def entries(kind, address=None):
    """What the entries of such mails say: method, identity, revision, status, and the beginning."""
    return [
        (read["METHOD"], str(one["UID"]), int(one["SEQUENCE"]), str(one.get("STATUS", "")), one["DTSTART"].dt)
        for mail in posted(kind)
        if mail.calendar and address in (None, mail.row.recipient)
        for read in [icalendar.Calendar.from_ical(mail.calendar)]
        for one in read.walk("VEVENT")
    ]


def option_at(poll, day):
    return next(one for one in poll.options if one.starts_local.day == day)


def test_everybody_who_is_asked_gets_each_time_as_a_tentative_entry_of_its_own(poll):
    found = entries(HELD)

    assert [(method, sequence, status) for method, _uid, sequence, status, _begin in found] == [
        ("REQUEST", 0, "TENTATIVE")
    ] * 3
    assert [uid for _method, uid, *_rest in found] == [one.uid for one in poll.options]
    assert len({uid for _method, uid, *_rest in found}) == 3
    assert len(posted("poll_asked")) == 1


def test_judges_find_nothing_wrong_with_entries_and_their_withdrawal(poll, noon):
    close_poll(poll, at=noon)

    files = [mail.calendar for kind in (HELD, RELEASED) for mail in posted(kind)]
    assert len(files) == 6
    assert [ical_judges.judge(one) for one in files] == [[]] * 6
    for moments in ical_judges.instants(files[0]).values():
        assert moments == [poll.options[0].starts_at]


def test_without_the_wish_nothing_is_held(community, ada, noon):
    held_poll(community, ada, noon, holds_times=False)

    assert posted(HELD) == []


def test_more_times_than_anybody_wants_in_the_calendar_are_refused(community, ada, noon):
    many = [(datetime(2026, 12, day, 14), datetime(2026, 12, day, 15)) for day in range(1, 7)]

    with pytest.raises(TooManyToHold):
        held_poll(community, ada, noon, times=many)
    held_poll(community, ada, noon, times=many[:5])


def test_a_poll_that_ends_without_a_meeting_lets_go_of_all_times_once(poll, noon):
    close_poll(poll, at=noon)
    close_poll(poll, at=noon)

    assert [entry[:4] for entry in entries(RELEASED)] == [("CANCEL", one.uid, 1, "CANCELLED") for one in poll.options]


def test_the_chosen_time_becomes_the_meeting_and_the_others_go_away(poll, ada, noon):
    voter = poll.voters[0]
    chosen = option_at(poll, 9)
    vote(voter, Ballot("Ada", {chosen.id: Wish.YES}), at=noon)

    event = choose_time(poll, chosen.id, by=ada, at=noon)

    assert event.uid == chosen.uid
    assert {entry[1] for entry in entries(RELEASED)} == {one.uid for one in poll.options if one is not chosen}
    ((method, uid, sequence, status, _begin),) = entries("registered", ada.address)
    assert (method, uid, status) == ("REQUEST", chosen.uid, "CONFIRMED")
    assert sequence > 1, "higher than the candidate's, and than its withdrawal's would be"


def test_whoever_did_not_vote_is_called_by_the_same_entry(poll, ada, noon):
    chosen = option_at(poll, 9)

    choose_time(poll, chosen.id, by=ada, at=noon)

    ((method, uid, sequence, _status, _begin),) = entries("called", ada.address)
    assert (method, uid, sequence >= 2) == ("REQUEST", chosen.uid, True)
    assert chosen.uid not in {entry[1] for entry in entries(RELEASED, ada.address)}


def test_whoever_gets_no_entry_of_the_meeting_keeps_none_of_the_chosen_time(community, ada, noon):
    poll = held_poll(community, ada, noon, named=read_invitees("fremd@x.example"))
    chosen = option_at(poll, 9)

    choose_time(poll, chosen.id, by=ada, at=noon)

    assert {entry[1] for entry in entries(RELEASED, "fremd@x.example")} == {one.uid for one in poll.options}
    assert [mail.row.recipient for mail in posted("poll_decided")] == ["fremd@x.example"]


def test_a_meeting_that_is_chosen_after_the_poll_was_ended_has_an_identity_of_its_own(poll, ada, noon):
    close_poll(poll, at=noon)
    released = len(posted(RELEASED))

    event = choose_time(poll, poll.options[0].id, by=ada, at=noon)

    assert event.uid not in {one.uid for one in poll.options}
    assert len(posted(RELEASED)) == released
