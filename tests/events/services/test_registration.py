"""Signing up, confirming, withdrawing, waiting."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import NotInvited, RegistrationClosed
from nextevents.events.models import Audience, Registration, State, WaitingMode
from nextevents.events.services import Request, cancel_registration, confirm_registrations, register
from nextevents.mailing.models import Message
from tests.factories import make_event, make_person, make_registration

PROVED = Request(name="Ada Beispiel", is_proved=True)
UNPROVED = Request(name="Ada Beispiel", is_proved=False)


def seats_taken(db, event):
    db.refresh(event)
    return event.seats_taken


def kinds_of_mail(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def test_the_last_seat_goes_to_one_person_and_the_next_one_waits(db, noon):
    event, ada, bob = make_event(capacity=1), make_person(), make_person()

    first = register(event, ada, PROVED, at=noon)
    second = register(event, bob, PROVED, at=noon)

    assert (first.state, second.state) == (State.CONFIRMED, State.WAITING)
    assert seats_taken(db, event) == 1
    assert kinds_of_mail(db) == ["registered", "waiting"]


def test_registering_twice_keeps_one_registration_and_one_mail(db, noon):
    event, ada = make_event(), make_person()

    first = register(event, ada, PROVED, at=noon)
    again = register(event, ada, PROVED, at=noon)

    assert again == first
    assert kinds_of_mail(db) == ["registered"]
    assert seats_taken(db, event) == 1


def test_the_same_form_sent_again_after_a_withdrawal_does_not_register_again(db, noon):
    event, ada = make_event(), make_person()
    form = Request(name="Ada", is_proved=True, nonce="form-1")
    registration = register(event, ada, form, at=noon)
    cancel_registration(registration, at=noon)

    again = register(event, ada, form, at=noon)

    assert (again.id, again.state) == (registration.id, State.CANCELLED)


def test_whoever_has_not_proved_the_address_holds_a_seat_for_a_day_without_any_mail(db, noon):
    event, ada = make_event(), make_person(proved=False)

    registration = register(event, ada, UNPROVED, at=noon)

    assert (registration.state, registration.has_seat) == (State.UNCONFIRMED, True)
    assert registration.expires_at == noon + timedelta(hours=24)
    assert kinds_of_mail(db) == []
    assert seats_taken(db, event) == 1


def test_confirming_makes_the_held_seat_sure_and_says_so(db, noon):
    event, ada = make_event(), make_person(proved=False)
    registration = register(event, ada, UNPROVED, at=noon)

    assert confirm_registrations(ada, at=noon) == [registration]
    assert registration.state == State.CONFIRMED
    assert kinds_of_mail(db) == ["registered"]


def test_who_withdraws_leaves_the_seat_to_the_one_who_waits_longest(db, noon):
    event = make_event(capacity=1)
    seated = make_registration(event)
    late = make_registration(event, state=State.WAITING, made_at=noon)
    early = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=1))

    cancel_registration(seated, at=noon)

    assert (early.state, late.state, seated.state) == (State.CONFIRMED, State.WAITING, State.CANCELLED)
    assert kinds_of_mail(db) == ["cancelled_by_you", "moved_up"]
    assert seats_taken(db, event) == 1


def test_where_seats_are_offered_the_next_one_is_asked_and_holds_the_seat(db, noon):
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER)
    seated, waiting = make_registration(event), make_registration(event, state=State.WAITING)

    cancel_registration(seated, at=noon)

    assert (waiting.state, waiting.has_seat) == (State.OFFERED, True)
    assert waiting.expires_at == noon + timedelta(hours=48)
    assert kinds_of_mail(db) == ["cancelled_by_you", "seat_offered"]


def test_nobody_registers_after_the_beginning(db, noon):
    event, ada = make_event(), make_person()

    with pytest.raises(RegistrationClosed):
        register(event, ada, PROVED, at=event.starts_at)

    assert list(db.scalars(select(Registration))) == []


def test_a_date_for_members_refuses_others(db, noon):
    event, ada = make_event(audience=Audience.MEMBERS), make_person()

    with pytest.raises(NotInvited):
        register(event, ada, PROVED, at=noon)
