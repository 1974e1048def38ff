"""Organisers register somebody, and take somebody off the list."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import AlreadyOver, AlreadyRegistered, RegistrationClosed
from nextevents.events.models import Audience, Stage, State
from nextevents.events.services import cancel_as_organiser, confirm_registrations, enrol
from nextevents.mailing.models import Message
from nextevents.people.addresses import address_of
from tests.factories import make_event, make_person, make_registration
from tests.mailing.reading import posted


def kinds_of_mail(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def enrolled(event, at, address="ada@stadt.example", **values):
    wish = {"name": "Ada", "by": make_person(name="Lea Leitung"), "as_extra": False} | values
    return enrol(event, address_of(address), at=at, **wish)


def test_somebody_known_is_registered_at_once_and_told_by_whom(db, noon):
    event, ada = make_event(audience=Audience.MEMBERS, needs_approval=True), make_person("ada@stadt.example")

    registration = enrolled(event, noon)

    (mail,) = posted()
    assert (registration.person, registration.state, registration.has_seat) == (ada, State.CONFIRMED, True)
    assert mail.kind == "registered_by_other"
    assert "Lea Leitung hat Sie zu diesem Termin angemeldet." in " ".join(mail.text.split())


def test_an_unknown_address_is_asked_first_and_holds_the_seat(db, noon):
    event = make_event(needs_approval=True)

    registration = enrolled(event, noon)

    assert (registration.state, registration.has_seat) == (State.UNCONFIRMED, True)
    assert kinds_of_mail(db) == ["confirm_address"]
    confirm_registrations(registration.person, at=noon)
    assert registration.state == State.CONFIRMED


@pytest.mark.parametrize(
    ("as_extra", "proved", "expected"),
    [
        (False, True, (State.WAITING, False)),
        (True, True, (State.CONFIRMED, True)),
        (True, False, (State.UNCONFIRMED, True)),
    ],
)
def test_when_all_is_taken_one_waits_or_is_one_more(db, noon, as_extra, proved, expected):
    event = make_event(capacity=1)
    make_registration(event)
    make_person("ada@stadt.example", proved=proved)

    registration = enrolled(event, noon, as_extra=as_extra)

    db.refresh(event)
    assert (registration.state, registration.is_extra, event.seats_taken) == (*expected, 1)
    confirm_registrations(registration.person, at=noon)
    assert registration.state == (State.CONFIRMED if as_extra else State.WAITING)


def test_also_after_the_deadline_but_not_to_what_does_not_take_place(db, noon):
    make_person("ada@stadt.example")
    assert enrolled(make_event(closes_at=noon - timedelta(days=1)), noon).state == State.CONFIRMED

    for event in (make_event(stage=Stage.CANCELLED), make_event(stage=Stage.DRAFT)):
        with pytest.raises(RegistrationClosed):
            enrolled(event, noon)


def test_nobody_is_registered_twice(db, noon):
    event = make_event()
    make_registration(event, make_person("ada@stadt.example"))

    with pytest.raises(AlreadyRegistered):
        enrolled(event, noon)


def test_being_taken_off_is_told_in_the_organisers_words_and_the_seat_goes_on(db, noon):
    event = make_event(capacity=1)
    seated, waits = make_registration(event), make_registration(event, state=State.WAITING)

    cancel_as_organiser(seated, "Das Treffen ist nur für {{7*7}} <i>Ämter</i>.", at=noon)
    cancel_as_organiser(seated, "Noch einmal", at=noon)

    (mail,) = posted("cancelled_by_organisers")
    assert (seated.state, waits.state) == (State.CANCELLED, State.CONFIRMED)
    assert "{{7*7}} <i>Ämter</i>." in mail.text
    assert mail.page.find_all("i") == []
    assert b"METHOD:CANCEL" in mail.calendar


def test_whoever_had_only_asked_is_refused_and_whoever_has_not_confirmed_hears_nothing(db, noon):
    event = make_event()
    for state in (State.REQUESTED, State.UNCONFIRMED):
        cancel_as_organiser(make_registration(event, state=state), "Leider nein", at=noon)

    db.refresh(event)
    assert kinds_of_mail(db) == ["refused"]
    assert event.seats_taken == 0


def test_nobody_is_taken_off_what_is_over(db, noon):
    registration = make_registration(make_event())

    with pytest.raises(AlreadyOver):
        cancel_as_organiser(registration, "Zu spät", at=registration.event.ends_at)
