"""Who may do what with an event, and until when."""

from datetime import timedelta

import pytest

from nextevents.events import rules
from nextevents.events.models import Audience, Stage, State
from nextevents.people.models import Level
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_event,
    make_invitation,
    make_lead,
    make_organisation,
    make_person,
    make_registration,
)

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize(
    ("stage", "is_public"),
    [(Stage.DRAFT, False), (Stage.PUBLISHED, True), (Stage.POSTPONED, True), (Stage.CANCELLED, True)],
)
def test_everybody_sees_what_was_ever_published(stage, is_public):
    assert rules.is_public(make_event(stage=stage)) == is_public


def test_one_must_sign_in_where_not_everybody_may_come():
    asked = {audience for audience in Audience if rules.needs_sign_in(make_event(audience=audience))}

    assert asked == {Audience.MEMBERS, Audience.COMMUNITY, Audience.INVITED}


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.COMMUNITY, Audience.INVITED])
def test_strangers_and_people_from_elsewhere_may_not_register_there(audience):
    event = make_event(audience=audience)

    assert [rules.may_register(person, event, at=NOON) for person in (None, make_person())] == [False, False]


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.COMMUNITY, Audience.INVITED])
def test_whoever_was_invited_by_name_may_register_everywhere(audience):
    event, guest = make_event(audience=audience), make_person()
    make_invitation(event, guest.address)

    assert rules.may_register(guest, event, at=NOON)
    assert not rules.may_register(make_person(), event, at=NOON)


def test_confirmed_people_see_the_way_in_unless_it_was_called_off():
    seen = {state for state in State if rules.may_see_dial_in(make_registration(make_event(), state=state))}
    called_off = make_registration(make_event(stage=Stage.CANCELLED))

    assert seen == {State.CONFIRMED, State.ATTENDED}
    assert not rules.may_see_dial_in(called_off)


def test_a_place_can_be_given_up_until_the_end():
    event = make_event()
    registration, gone = make_registration(event), make_registration(event, state=State.CANCELLED)

    assert rules.may_cancel(registration, at=event.ends_at - timedelta(seconds=1))
    assert not rules.may_cancel(registration, at=event.ends_at)
    assert not rules.may_cancel(gone, at=NOON)


def test_giving_up_can_be_undone_for_a_day_while_registration_is_open():
    event = make_event()
    registration = make_registration(event, state=State.CANCELLED)
    registration.cancelled_at = NOON

    assert rules.may_restore(registration, at=NOON + timedelta(hours=23, minutes=59))
    assert not rules.may_restore(registration, at=NOON + timedelta(hours=24))
    assert not rules.may_restore(make_registration(event), at=NOON)

    event.closes_at = NOON + timedelta(hours=1)
    assert not rules.may_restore(registration, at=NOON + timedelta(hours=2))


def test_what_takes_place_is_public_and_not_over():
    event = make_event()

    assert rules.takes_place(event, at=event.ends_at - timedelta(seconds=1))
    assert not rules.takes_place(event, at=event.ends_at)
    assert {stage for stage in Stage if rules.takes_place(make_event(stage=stage), at=NOON)} == {Stage.PUBLISHED}


def test_an_event_is_run_by_the_office_the_leads_of_its_circles_and_its_guests_at_the_desk(db):
    own, other = make_community(), make_community()
    office, lead, guest, neighbour, member = make_person(office=True), *(make_person() for _ in range(4))
    make_lead(lead, own)
    make_lead(neighbour, other)
    make_belonging(member, own)
    event = make_event(communities=(own,))
    event.organisers = [guest]
    db.flush()

    people = {"office": office, "lead": lead, "guest": guest, "neighbour": neighbour, "member": member, "nobody": None}
    assert {who for who, person in people.items() if rules.may_organise(person, event)} == {"office", "lead", "guest"}


def test_public_bodies_come_at_once_where_others_are_asked_after():
    city = make_person()
    city.organisation = make_organisation(level=Level.MUNICIPAL)
    firm, unknown = make_person(), make_person()
    firm.organisation = make_organisation(level=Level.ASSOCIATION)
    public, everybody = make_event(audience=Audience.PUBLIC_SECTOR), make_event()

    assert [rules.needs_approval(person, public) for person in (city, firm, unknown)] == [False, True, True]
    assert [rules.needs_approval(person, everybody) for person in (city, firm, unknown)] == [False, False, False]
    assert rules.needs_approval(city, make_event(needs_approval=True))
