"""Whoever comes to a circle is called to what stands already, and says yes to it with one click."""

from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from nextevents.communities import queries as communities
from nextevents.communities.errors import CommunityClosed
from nextevents.communities.models import Belonging, Community
from nextevents.communities.services import Parts, choose_parts, leave
from nextevents.events import queries
from nextevents.events.errors import RegistrationClosed
from nextevents.events.models import Audience, Call, CallAnswer, Event, Registration, Stage, State
from nextevents.events.services import (
    appoint_lead,
    cancel_registration,
    hand_over_lead,
    join_circle,
    publish_event,
    say_yes,
)
from nextevents.ground.database import db as database
from nextevents.ground.errors import NotFound
from nextevents.people.addresses import address_of
from nextevents.people.models import Membership, MembershipKind, Person
from tests.factories import make_belonging, make_community, make_event, make_lead, make_person, make_registration
from tests.house.listening import changes, statements
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db", "at_noon")


@pytest.fixture
def circle(db):
    """A circle without dates."""
    return make_community("chatbot", name="Chatbot")


def dates(circle: Community, count: int = 2, **values: object) -> list[Event]:
    """So many published dates of a circle, a week apart."""
    first = datetime(2026, 12, 2, 14)
    return [
        make_event(title=f"Treffen {one}", starts=first + timedelta(weeks=one), communities=(circle,), **values)
        for one in range(count)
    ]


def called_to(person: Person) -> list[int]:
    """The numbers of the dates to which somebody was called, as rows and as mails, which must be the same."""
    rows = database.session.scalars(select(Call.event_id).where(Call.person_id == person.id).order_by(Call.event_id))
    mails = [one.row.subject for one in posted("called") if one.row.recipient == person.address]
    numbers = list(rows)
    assert sorted(mails) == sorted(f"event:{one}" for one in numbers)
    return numbers


def places(person: Person) -> list[tuple[int, State]]:
    """Where somebody is registered, and how."""
    chosen = select(Registration).where(Registration.person_id == person.id).order_by(Registration.event_id)
    return [(one.event_id, one.state) for one in database.session.scalars(chosen)]


# Calling newcomers


def test_whoever_joins_is_called_once_to_each_date_that_stands(circle, noon):
    first, second = dates(circle)
    ada = make_person("ada@stadt.example")

    for _ in range(2):
        join_circle(circle, ada, at=noon)

    assert called_to(ada) == [first.id, second.id]
    assert (first.called_at, second.called_at, places(ada)) == (noon, noon, [])
    entry = icalendar.Calendar.from_ical(posted("called")[0].calendar)
    line = entry.walk("VEVENT")[0]
    assert (entry["METHOD"], line["UID"]) == ("REQUEST", first.uid)
    assert (line["ATTENDEE"].params["PARTSTAT"], line["ATTENDEE"].params["RSVP"]) == ("NEEDS-ACTION", "TRUE")


def test_a_newcomer_gets_the_mail_of_joining_with_what_comes_next_in_it(circle, noon):
    later, sooner = dates(circle)[::-1]
    make_event(title="Entwurf", stage=Stage.DRAFT, communities=(circle,))
    make_event(title="Abgesagt", stage=Stage.CANCELLED, communities=(circle,))
    make_event(title="Anderswo")
    join_circle(circle, make_person("ada@stadt.example"), at=noon)
    join_circle(circle, make_person("eve@stadt.example", language="en"), at=noon)
    join_circle(make_community(), make_person("bob@stadt.example"), at=noon)

    ada, eve, bob = (next(mail for mail in posted("joined") if mail.row.recipient.startswith(one)) for one in "aeb")

    for words in (ada.text, ada.html):
        assert words.index(f"/veranstaltungen/{sooner.slug}/") < words.index(f"/veranstaltungen/{later.slug}/")
        assert "Mittwoch, 2. Dezember 2026, 14 bis 15.30 Uhr (MEZ), Treffen 0" in " ".join(words.split())
        assert not any(title in words for title in ("Entwurf", "Abgesagt", "Anderswo"))
    assert "Wednesday, 2 December 2026" in eve.text
    assert "stehen schon fest" not in bob.text


def test_nobody_is_called_to_what_they_know_or_do_not_want_or_cannot_come_to(circle, noon):
    known, gone, over, elsewhere, closed, members, draft = (*dates(circle, 6), make_event(stage=Stage.DRAFT))
    draft.communities = [circle]
    over.set_time(datetime(2026, 11, 20, 14), datetime(2026, 11, 20, 15))
    elsewhere.takes_registrations = False
    closed.closes_at = noon - timedelta(hours=1)
    members.audience = Audience.MEMBERS
    ada, quiet, own = (make_person(f"{name}@stadt.example") for name in ("ada", "quiet", "own"))
    make_registration(known, ada)
    cancel_registration(make_registration(gone, ada), at=noon)
    make_belonging(quiet, circle).gets_invitations = False
    began = {"began_on": noon.date() - timedelta(days=9), "kind": MembershipKind.PERSONAL}
    database.session.add(Membership(person_id=own.id, **began))
    database.session.flush()

    for person in (ada, quiet, own):
        join_circle(circle, person, at=noon)

    assert (called_to(ada), called_to(quiet)) == ([], [])
    assert called_to(own) == [known.id, gone.id, members.id]


def test_a_circle_that_does_not_invite_calls_no_newcomer(circle, noon):
    dates(circle)
    circle.invites = False
    ada = make_person()

    join_circle(circle, ada, at=noon)

    assert called_to(ada) == []


def test_who_leaves_and_comes_back_or_joins_the_other_host_of_a_date_is_not_called_again(circle, noon):
    other = make_community()
    both = make_event(communities=(circle, other))
    ada = make_person()
    leave(join_circle(circle, ada, at=noon), at=noon)

    join_circle(circle, ada, at=noon + timedelta(days=1))
    join_circle(other, ada, at=noon + timedelta(days=2))

    assert called_to(ada) == [both.id]


def test_publishing_after_joining_calls_once_more_only_to_the_new_date(circle, noon):
    (stands,) = dates(circle, 1)
    ada = make_person()
    draft = make_event(stage=Stage.DRAFT, starts=datetime(2027, 1, 13, 14), communities=(circle,))
    join_circle(circle, ada, at=noon)

    publish_event(draft, at=noon + timedelta(hours=1))

    assert called_to(ada) == [stands.id, draft.id]


def test_nobody_joins_or_is_called_where_the_work_is_done(circle, noon):
    dates(circle)
    circle.ended_on = noon.date() - timedelta(days=1)
    ada = make_person()

    with pytest.raises(CommunityClosed):
        join_circle(circle, ada, at=noon)

    assert (called_to(ada), database.session.scalars(select(Belonging)).all()) == ([], [])


def test_a_new_lead_is_called_too(circle, noon):
    (stands,) = dates(circle, 1)
    first, second, third = (make_person(f"{name}@stadt.example") for name in ("one", "two", "three"))
    make_lead(first, circle)

    appoint_lead(circle, address_of(second.address), by=first, at=noon)
    hand_over_lead(circle, first, address_of(third.address), at=noon)

    assert (called_to(second), called_to(third)) == ([stands.id], [stands.id])
    assert {one.id for one in communities.leads_of(circle)} == {second.id, third.id}


def test_calls_to_many_dates_are_one_statement(circle, noon):
    dates(circle, 20)
    ada = make_person()

    with statements() as heard:
        join_circle(circle, ada, at=noon)

    assert len(called_to(ada)) == 20
    assert len([one for one in changes(heard) if 'INTO "call"' in one or "INTO call" in one]) == 1


# Saying yes to what stands


def test_a_standing_yes_registers_for_new_dates_and_not_for_those_that_stand(circle, noon):
    dates(circle)
    ada = make_person()
    belonging = join_circle(circle, ada, at=noon)
    choose_parts(belonging, Parts(always_comes=True), at=noon)
    new = make_event(stage=Stage.DRAFT, starts=datetime(2027, 1, 13, 14), communities=(circle,))

    publish_event(new, at=noon)

    assert places(ada) == [(new.id, State.CONFIRMED)]


def test_one_yes_registers_once_whether_called_or_not(circle, noon):
    first, second = dates(circle)
    full = make_event(capacity=0, communities=(circle,))
    called, quiet = make_person("ada@stadt.example"), make_person("quiet@stadt.example", proved=False)
    join_circle(circle, called, at=noon)
    make_belonging(quiet, circle).gets_invitations = False

    for _ in range(2):
        say_yes(circle, called, {first.id, second.id}, at=noon)
        say_yes(circle, quiet, {second.id}, at=noon)

    assert places(called) == [(first.id, State.CONFIRMED), (second.id, State.CONFIRMED)]
    assert places(quiet) == [(second.id, State.CONFIRMED)]
    assert queries.call_of(first.id, called.id).answer == CallAnswer.ACCEPTED
    assert (second.seats_taken, quiet.proved_at) == (2, noon)
    with pytest.raises(RegistrationClosed):
        say_yes(circle, called, {full.id}, at=noon)


def test_a_yes_to_a_date_of_another_circle_or_to_a_draft_finds_nothing(circle, noon):
    ada = make_person()
    draft, foreign = make_event(stage=Stage.DRAFT, communities=(circle,)), make_event()

    for number in (draft.id, foreign.id, 0):
        with pytest.raises(NotFound):
            say_yes(circle, ada, {number}, at=noon)

    assert places(ada) == []
