"""Who may do what with an event, and until when."""

from datetime import timedelta

import pytest

from nextevents.events import rules
from nextevents.events.models import Audience, Stage, State
from tests.factories import NOON, make_event, make_person, make_registration

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize(
    ("stage", "is_public"), [(Stage.DRAFT, False), (Stage.PUBLISHED, True), (Stage.CANCELLED, True)]
)
def test_everybody_sees_what_was_ever_published(stage, is_public):
    assert rules.is_public(make_event(stage=stage)) == is_public


def test_one_must_sign_in_where_not_everybody_may_come():
    assert [rules.needs_sign_in(make_event(audience=audience)) for audience in Audience] == [False, True, True]


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.COMMUNITY])
def test_strangers_and_people_from_elsewhere_may_not_register_there(audience):
    event = make_event(audience=audience)

    assert [rules.may_register(person, event, at=NOON) for person in (None, make_person())] == [False, False]


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
    assert [rules.takes_place(make_event(stage=stage), at=NOON) for stage in Stage] == [False, True, False]
