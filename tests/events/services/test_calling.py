"""Calling a circle to its meeting: a standing yes registers, an entry invites, and whoever has it hears of changes."""

from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from nextevents.communities.models import Belonging, Community
from nextevents.events import queries
from nextevents.events.errors import NothingToAnswer
from nextevents.events.models import Audience, CallAnswer, Event, Registration, Stage, State
from nextevents.events.services import (
    Reached,
    Request,
    accept_call,
    agree_to_join,
    ask_to_join,
    call_next_due,
    call_people,
    cancel_event,
    cancel_registration,
    decline_call,
    join_circle,
    postpone_event,
    publish_event,
    register,
    resume_calling,
    say_yes,
    stop_calling,
)
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from nextevents.mailing.models import State as MailState
from nextevents.people.models import Membership, MembershipKind, Person
from tests.events.changing import changed_to
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_event,
    make_organisation,
    make_person,
    make_registration,
)
from tests.house.listening import statements
from tests.mailing.reading import Mail, posted

pytestmark = pytest.mark.usefixtures("db", "at_noon")


def member(circle: Community, address: str = "", *, since: datetime = NOON, **parts: bool) -> Person:
    """Somebody who belongs to a circle, with these parts of it."""
    person = make_person(address)
    belonging = make_belonging(person, circle)
    belonging.since = since
    for name, value in parts.items():
        setattr(belonging, name, value)
    database.session.flush()
    return person


def draft(*circles: Community, **values: object) -> Event:
    """A meeting that is not published yet."""
    return make_event(stage=Stage.DRAFT, communities=circles, **values)


def mail_to(name: str) -> Mail:
    """The latest mail to somebody."""
    return [one for one in posted() if one.row.recipient.startswith(f"{name}@")][-1]


def entry_of(name: str) -> icalendar.Calendar:
    """The calendar in the latest mail to somebody."""
    return icalendar.Calendar.from_ical(mail_to(name).calendar)


def kinds() -> list[tuple[str, str]]:
    """What was written to whom, in the order of the addresses."""
    rows = database.session.execute(select(Message.kind, Message.recipient).order_by(Message.recipient, Message.id))
    return [(kind, to.partition("@")[0]) for kind, to in rows]


def states(event: Event) -> list[tuple[str, State]]:
    """Who is registered how, in order."""
    chosen = select(Registration).where(Registration.event_id == event.id).order_by(Registration.id)
    return [(one.person.address.partition("@")[0], one.state) for one in database.session.scalars(chosen)]


def sent() -> None:
    """All mails have left."""
    database.session.execute(Message.__table__.update().values(state=MailState.SENT))


# Inviting by entry


def test_publishing_a_meeting_invites_its_people_by_entry(noon):
    circle = make_community()
    member(circle, "ada@stadt.example")
    event = draft(circle)

    publish_event(event, at=noon)

    assert kinds() == [("called", "ada")]
    assert (event.called_at, queries.call_counts(event).called) == (noon, 1)
    entry = entry_of("ada")
    line = entry.walk("VEVENT")[0]
    assert (entry["METHOD"], line["UID"], line["STATUS"]) == ("REQUEST", event.uid, "CONFIRMED")
    assert line["ATTENDEE"] == "mailto:ada@stadt.example"
    assert (line["ATTENDEE"].params["PARTSTAT"], line["ATTENDEE"].params["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    assert event.dial_in not in entry.to_ical().decode()


def test_only_those_are_invited_who_want_it_and_nobody_twice(noon):
    circle, other = make_community(), make_community()
    both = member(circle, "both@stadt.example")
    make_belonging(both, other)
    member(circle, "quiet@stadt.example", gets_invitations=False)
    there = member(circle, "there@stadt.example")
    event = draft(circle, other)
    make_registration(event, there)

    publish_event(event, at=noon)
    call_people(event, at=noon + timedelta(minutes=1))

    assert kinds() == [("called", "both")]


def test_a_circle_that_does_not_invite_invites_nobody_and_its_standing_yes_counts_all_the_same(noon):
    circle = make_community()
    circle.invites = False
    member(circle, "ada@stadt.example")
    member(circle, "bob@stadt.example", always_comes=True)
    event = draft(circle)

    publish_event(event, at=noon)

    assert kinds() == [("standing", "bob")]


@pytest.mark.parametrize(
    "values",
    [
        {"starts": datetime(2026, 11, 20, 14)},
        {"takes_registrations": False},
        {"capacity": 0},
        {"audience": Audience.INVITED},
        {"opens_at": NOON + timedelta(days=1)},
    ],
    ids=["past", "elsewhere", "closed", "by name only", "opens later"],
)
def test_what_nobody_can_register_for_calls_nobody(noon, values):
    circle = make_community()
    member(circle, always_comes=True)
    member(circle)
    event = draft(circle, **values)

    publish_event(event, at=noon)

    assert (kinds(), states(event), event.called_at) == ([], [], None)


def test_whoever_joins_later_is_called_by_calling_again(noon):
    circle = make_community()
    member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)
    member(circle, "late@stadt.example")

    assert call_people(event, at=noon + timedelta(hours=1)) == Reached(invited=1)
    assert kinds() == [("called", "ada"), ("called", "late")]


def test_a_meeting_for_members_calls_members(noon):
    circle, body = make_community(), make_organisation()
    own, through, stranger = (member(circle, f"{name}@stadt.example") for name in ("own", "through", "stranger"))
    through.organisation = body
    for values in ({"person_id": own.id}, {"organisation_id": body.id}):
        kind = MembershipKind.PERSONAL
        database.session.add(Membership(kind=kind, began_on=noon.date() - timedelta(days=9), **values))
    event = draft(circle, audience=Audience.MEMBERS)

    publish_event(event, at=noon)

    assert kinds() == [("called", "own"), ("called", "through")]
    assert stranger.id


# A standing yes


def test_a_standing_yes_registers_in_the_order_of_joining_and_the_rest_wait(noon):
    circle = make_community()
    for name, days in (("third", 1), ("first", 9), ("second", 5)):
        member(circle, f"{name}@stadt.example", since=noon - timedelta(days=days), always_comes=True)
    event = draft(circle, capacity=2)

    publish_event(event, at=noon)

    assert states(event) == [("first", State.CONFIRMED), ("second", State.CONFIRMED), ("third", State.WAITING)]
    assert event.seats_taken == 2
    assert kinds() == [("standing", "first"), ("standing", "second"), ("standing", "third")]
    assert "weil Sie immer dabei sein wollen" in " ".join(mail_to("first").text.split())
    entry = entry_of("first").walk("VEVENT")[0]
    assert (entry["ATTENDEE"].params["PARTSTAT"], entry["STATUS"]) == ("ACCEPTED", "CONFIRMED")


def test_where_somebody_has_to_say_yes_first_a_standing_yes_is_a_request(noon):
    circle = make_community()
    member(circle, "ada@stadt.example", always_comes=True)
    event = draft(circle, needs_approval=True)

    publish_event(event, at=noon)

    assert (states(event), event.seats_taken) == ([("ada", State.REQUESTED)], 0)
    assert mail_to("ada").calendar == b""


def test_a_no_to_one_date_leaves_the_standing_yes_and_is_not_asked_again(noon):
    circle = make_community()
    ada = member(circle, "ada@stadt.example", always_comes=True)
    first, second = draft(circle), draft(circle, starts=datetime(2026, 12, 9, 14))
    publish_event(first, at=noon)
    cancel_registration(queries.active_registration(ada, first), at=noon)

    call_people(first, at=noon)
    publish_event(second, at=noon)

    assert states(first) == [("ada", State.CANCELLED)]
    assert states(second) == [("ada", State.CONFIRMED)]
    assert database.session.scalars(select(Belonging.always_comes)).all() == [True]


def test_whoever_has_declined_a_date_is_not_registered_for_it_by_a_standing_yes(noon):
    circle = make_community()
    ada = member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)
    decline_call(queries.call_of(event.id, ada.id), at=noon)
    database.session.scalars(select(Belonging)).one().always_comes = True

    call_people(event, at=noon)

    assert states(event) == []


# Answering on the page


def test_a_yes_registers_and_twice_is_once(noon):
    circle = make_community()
    ada = member(circle, "ada@stadt.example")
    event = draft(circle, audience=Audience.COMMUNITY)
    publish_event(event, at=noon)
    call = queries.call_of(event.id, ada.id)

    first = accept_call(call, at=noon)
    again = accept_call(call, at=noon)

    assert (again.id, first.state, call.answer) == (first.id, State.CONFIRMED, CallAnswer.ACCEPTED)
    assert kinds() == [("called", "ada"), ("registered", "ada")]


def test_a_no_takes_the_entry_away_once_and_can_become_a_yes(noon):
    circle = make_community()
    ada = member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)
    call = queries.call_of(event.id, ada.id)

    decline_call(call, at=noon)
    decline_call(call, at=noon)
    declined = entry_of("ada")
    registration = accept_call(call, at=noon)

    assert kinds() == [("called", "ada"), ("call_declined", "ada"), ("registered", "ada")]
    assert (declined["METHOD"], "STATUS" in declined.walk("VEVENT")[0]) == ("CANCEL", False)
    assert (registration.state, call.answer) == (State.CONFIRMED, CallAnswer.ACCEPTED)
    with pytest.raises(NothingToAnswer):
        decline_call(call, at=noon)


# Changes reach whoever has the entry (guarantee G23)


@pytest.fixture
def answered(noon) -> Event:
    """A meeting with people who said nothing, perhaps, no, and yes."""
    circle = make_community()
    event = draft(circle)
    people = {name: member(circle, f"{name}@stadt.example") for name in ("declined", "silent", "tentative", "accepted")}
    publish_event(event, at=noon)
    sent()
    decline_call(queries.call_of(event.id, people["declined"].id), at=noon)
    queries.call_of(event.id, people["tentative"].id).answer = CallAnswer.TENTATIVE
    accept_call(queries.call_of(event.id, people["accepted"].id), at=noon)
    database.session.flush()
    database.session.execute(Message.__table__.delete())
    return event


def test_a_new_time_reaches_all_who_have_the_entry(answered, noon):
    changed_to(answered, at=noon, starts_local=datetime(2026, 12, 3, 9), ends_local=datetime(2026, 12, 3, 10))

    assert kinds() == [("event_changed", "accepted"), ("called_changed", "silent"), ("called_changed", "tentative")]
    entry = entry_of("silent").walk("VEVENT")[0]
    assert (entry["SEQUENCE"], entry["ATTENDEE"].params["RSVP"]) == (answered.sequence, "TRUE")


@pytest.mark.parametrize(("end", "kind"), [(cancel_event, "event_cancelled"), (postpone_event, "event_postponed")])
def test_what_is_off_leaves_the_calendars_of_all_who_have_the_entry(answered, noon, end, kind):
    end(answered, "Der Raum ist <weg>.", at=noon)

    assert kinds() == [(kind, "accepted"), ("called_off", "silent"), ("called_off", "tentative")]
    for mail in posted("called_off"):
        assert "Der Raum ist <weg>." in mail.text
        assert "Der Raum ist &lt;weg&gt;." in mail.html
    entry = entry_of("silent")
    assert (entry["METHOD"], entry.walk("VEVENT")[0]["SEQUENCE"]) == ("CANCEL", answered.sequence)


def test_whoever_registered_and_withdrew_has_no_entry_and_hears_nothing(noon):
    circle = make_community()
    ada = member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)
    sent()
    cancel_registration(register(event, ada, Request(name="Ada", is_proved=True), at=noon), at=noon)

    cancel_event(event, at=noon)

    assert "called_off" not in [kind for kind, _ in kinds()]


# Taking back


def test_invitations_that_have_not_left_can_be_stopped_and_sent_later(noon):
    circle = make_community()
    member(circle, "gone@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)
    sent()
    member(circle, "waiting@stadt.example")
    call_people(event, at=noon)

    assert stop_calling(event, at=noon) == 1
    assert (kinds(), queries.call_counts(event).called) == ([("called", "gone")], 1)
    assert stop_calling(event, at=noon + timedelta(hours=1)) == 0
    assert event.calling_stopped_at == noon

    assert resume_calling(event, at=noon + timedelta(hours=1)) == Reached(invited=1)
    assert kinds() == [("called", "gone"), ("called", "waiting")]


def stopped(circle: Community, at: datetime) -> Event:
    """A meeting whose invitations were held back by a lead."""
    event = draft(circle)
    publish_event(event, at=at)
    stop_calling(event, at=at)
    return event


def published_in_silence(circle: Community, at: datetime) -> Event:
    """A meeting whose people its lead did not want to invite."""
    event = draft(circle)
    publish_event(event, calls=False, at=at)
    return event


@pytest.mark.parametrize("held_back", [stopped, published_in_silence])
def test_nobody_is_called_to_what_was_stopped_until_it_is_resumed(noon, held_back):
    circle, other = make_community(), make_community()
    member(circle, "ada@stadt.example")
    member(other, "bob@stadt.example", always_comes=True)
    event = held_back(circle, noon)

    join_circle(circle, make_person("new@stadt.example"), at=noon)
    ask_to_join(event, other, by=make_person(), at=noon)
    agree_to_join(event, other, at=noon)
    changed_to(event, at=noon, starts_local=datetime(2026, 12, 3, 9), ends_local=datetime(2026, 12, 3, 10))
    assert call_people(event, at=noon) == Reached()
    assert (kinds(), event.called_at is None) == ([("joined", "new")], held_back is published_in_silence)

    assert resume_calling(event, at=noon) == Reached(registered=1, invited=2)
    join_circle(circle, make_person("zoe@stadt.example"), at=noon)
    called = [("called", "ada"), ("standing", "bob"), ("joined", "new"), ("called", "new")]
    assert kinds() == [*called, ("joined", "zoe"), ("called", "zoe")]


def test_the_circle_is_called_once_the_registration_opens(noon):
    circle, opens_at = make_community(), noon + timedelta(days=2)
    member(circle, "ada@stadt.example", always_comes=True)
    events = [draft(circle, opens_at=opens_at) for _ in range(5)]
    planned, stopped_before, postponed, opened_now, opens_after = events
    for event in events:
        publish_event(event, at=noon)
    stop_calling(stopped_before, at=noon)
    postpone_event(postponed, at=noon)
    changed_to(opens_after, at=noon, opens_at=opens_at + timedelta(days=1))
    assert kinds() == []

    changed_to(opened_now, at=noon, opens_at=None)
    assert states(opened_now) == [("ada", State.CONFIRMED)]
    join_circle(circle, make_person("new@stadt.example"), at=noon)
    assert call_next_due(at=opens_at - timedelta(minutes=1)) is False
    assert [call_next_due(at=opens_at), call_next_due(at=opens_at)] == [True, False]

    assert states(planned) == [("ada", State.CONFIRMED)]
    assert queries.call_counts(planned).called == 1
    changed_to(postponed, at=opens_at, starts_local=datetime(2026, 12, 3, 9), ends_local=datetime(2026, 12, 3, 10))
    called = [bool(states(event)) for event in events]
    assert called == [True, False, True, True, False]
    assert call_next_due(at=opens_at + timedelta(days=1)) is True
    assert states(opens_after) == [("ada", State.CONFIRMED)]


def test_whoever_is_not_invited_may_come_all_the_same(noon):
    circle = make_community()
    event = stopped(circle, noon)
    ada = member(circle, "ada@stadt.example")

    (registration,) = say_yes(circle, ada, [event.id], at=noon)

    assert registration.state == State.CONFIRMED


def test_whoever_was_not_reached_before_a_postponement_is_called_to_the_new_time(noon):
    circle = make_community()
    member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)
    postpone_event(event, at=noon)
    join_circle(circle, make_person("new@stadt.example"), at=noon)
    assert kinds() == [("joined", "new")]

    changed_to(event, at=noon, starts_local=datetime(2026, 12, 3, 9), ends_local=datetime(2026, 12, 3, 10))

    assert kinds() == [("called", "ada"), ("joined", "new"), ("called", "new")]


def test_publishing_says_before_how_many_people_it_reaches_each_of_them_once(noon):
    circle = make_community()
    member(circle, always_comes=True)
    member(circle)
    member(circle, gets_invitations=False)
    event = draft(circle)

    reach = queries.reach_of(event, noon.date())

    publish_event(event, at=noon)
    assert reach == len(kinds()) == 2


def test_calling_off_stops_what_has_not_left_and_tells_the_others(noon):
    circle = make_community()
    member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)

    cancel_event(event, at=noon)

    assert kinds() == []


def test_a_change_replaces_what_has_not_left(noon):
    circle = make_community()
    member(circle, "ada@stadt.example")
    event = draft(circle)
    publish_event(event, at=noon)

    changed_to(
        event,
        at=noon + timedelta(minutes=1),
        starts_local=datetime(2026, 12, 3, 9),
        ends_local=datetime(2026, 12, 3, 10),
    )

    assert kinds() == [("called", "ada")]
    entry = entry_of("ada").walk("VEVENT")[0]
    assert entry["DTSTART"].dt.date().isoformat() == "2026-12-03"


# Many


def test_ten_times_the_people_take_no_more_statements(noon):
    counts = []
    for count in (3, 30):
        circle = make_community()
        for number in range(count):
            member(circle, always_comes=number == 0)
        event = draft(circle)
        with statements() as heard:
            publish_event(event, at=noon)
        counts.append(len(heard))

    assert counts[0] >= counts[1]
