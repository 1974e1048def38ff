"""The next meeting of a circle is like its last one, but for the date."""

from datetime import datetime, timedelta

import pytest

from nextevents.events.models import Partner, Place, Stage
from nextevents.events.services import Meeting, make_meeting
from nextevents.ground import clock
from tests.factories import make_community, make_event, make_question

NEXT = datetime(2027, 1, 13, 16, 0)


def test_the_next_meeting_has_the_settings_of_the_last_one_and_its_length(db, noon):
    community, other = make_community("chatbot"), make_community("daten")
    last = make_event(
        title="Treffen", communities=(community, other), capacity=25, starts=datetime(2026, 12, 2, 14), hours=2
    )
    last.partners.append(Partner(name="Amt"))
    make_question(last, label="Ihr Thema?")
    make_event(title="Älter", communities=(community,), starts=datetime(2026, 10, 2, 14))
    make_event(title="Fällt aus", communities=(community,), starts=datetime(2026, 12, 9, 14), stage=Stage.CANCELLED)

    event = make_meeting(community, Meeting(NEXT), publishes=False, at=noon)

    assert (event.title, event.capacity, event.stage) == ("Treffen", 25, Stage.DRAFT)
    assert (event.starts_local, event.ends_local) == (NEXT, NEXT + timedelta(hours=2))
    assert (event.dial_in, event.communities) == (last.dial_in, [community])
    db.refresh(event)
    assert [one.name for one in event.partners] == ["Amt"]
    assert event.uid != last.uid


def test_registration_closes_as_long_before_as_the_last_time(db, noon):
    community = make_community()
    last = make_event(communities=(community,))
    last.closes_at = last.starts_at - timedelta(days=2)
    db.flush()

    event = make_meeting(community, Meeting(NEXT), publishes=True, at=noon)

    assert (event.stage, event.closes_at) == (Stage.PUBLISHED, event.starts_at - timedelta(days=2))


def test_a_circle_s_own_way_in_helps_where_the_last_meeting_had_none(db, noon):
    community = make_community()
    community.dial_in = "https://konferenz.example/immer"
    make_event(communities=(community,), dial_in="")

    assert make_meeting(community, Meeting(NEXT), publishes=False, at=noon).dial_in == community.dial_in


def test_a_circle_s_first_meeting_is_plain(app, db, noon):
    community = make_community("chatbot", name="Chatbot")

    with app.test_request_context():
        event = make_meeting(community, Meeting(NEXT), publishes=False, at=noon)

    assert (event.title, event.place, event.capacity) == ("Treffen: NExTcommunity Chatbot", Place.VIRTUAL, None)
    assert event.duration == timedelta(minutes=90)


def test_an_hour_that_does_not_exist_is_refused(db, noon):
    with pytest.raises(clock.NoSuchLocalTimeError):
        make_meeting(make_community(), Meeting(datetime(2027, 3, 28, 2, 30)), publishes=False, at=noon)
