"""Requests: who has to be said yes to, and what a yes or a no does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import NothingToAnswer
from nextevents.events.models import Audience, Call, CallAnswer, Invitation, Stage, State
from nextevents.events.services import (
    Request,
    approve_requests,
    cancel_as_organiser,
    cancel_event,
    cancel_registration,
    confirm_registrations,
    refuse_requests,
    register,
)
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from nextevents.people.models import Level
from tests.factories import make_event, make_organisation, make_person, make_registration
from tests.mailing.reading import posted

PROVED = Request(name="Ada Beispiel", is_proved=True)
UNPROVED = Request(name="Ada Beispiel", is_proved=False)


def kinds_of_mail(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def asked(event, count, at):
    """Requests, oldest first."""
    return [register(event, make_person(), PROVED, at=at - timedelta(hours=count - number)) for number in range(count)]


def seats_taken(db, event):
    db.refresh(event)
    return event.seats_taken


def test_where_somebody_has_to_say_yes_a_registration_is_a_request_without_a_seat(db, noon):
    event = make_event(needs_approval=True)

    request = register(event, make_person(), PROVED, at=noon)

    assert (request.state, request.has_seat, request.waiting_since) == (State.REQUESTED, False, None)
    assert kinds_of_mail(db) == ["requested"]
    assert seats_taken(db, event) == 0


def test_an_unproved_request_becomes_one_once_the_address_is_proved(db, noon):
    event, ada = make_event(needs_approval=True), make_person(proved=False)

    held = register(event, ada, UNPROVED, at=noon)
    assert (held.state, held.has_seat) == (State.UNCONFIRMED, False)
    confirm_registrations(ada, at=noon)

    assert held.state == State.REQUESTED
    assert kinds_of_mail(db) == ["requested"]


def test_in_the_public_sector_only_those_are_looked_at_whose_body_is_not_known(db, noon):
    event = make_event(audience=Audience.PUBLIC_SECTOR)
    known, unknown, company = make_person(), make_person(), make_person()
    known.organisation = make_organisation()
    company.organisation = make_organisation(level=Level.OTHER)

    states = [register(event, person, PROVED, at=noon).state for person in (known, unknown, company)]

    assert states == [State.CONFIRMED, State.REQUESTED, State.REQUESTED]


def test_whoever_was_invited_by_name_needs_no_other_yes(db, noon):
    event, ada = make_event(needs_approval=True), make_person("ada@stadt.example")
    db.add(Invitation(event_id=event.id, address=ada.address, address_key=ada.address_key, made_at=noon))

    assert register(event, ada, PROVED, at=noon).state == State.CONFIRMED


def test_a_yes_gives_seats_in_the_order_of_the_requests_and_then_places_on_the_waiting_list(db, noon):
    event = make_event(needs_approval=True, capacity=2)
    requests = asked(event, 3, noon)

    approved = approve_requests(event, requests, at=noon)

    assert [one.state for one in approved] == [State.CONFIRMED, State.CONFIRMED, State.WAITING]
    assert seats_taken(db, event) == 2
    assert kinds_of_mail(db)[3:] == ["registered", "registered", "waiting"]


def test_whoever_waits_already_is_not_overtaken_by_a_request_of_before(db, noon):
    event = make_event(capacity=1)
    seated = make_registration(event)
    early = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=1))
    request = make_registration(event, state=State.REQUESTED, made_at=noon - timedelta(days=2))

    approve_requests(event, [request], at=noon)
    cancel_registration(seated, at=noon)

    assert (early.state, request.state) == (State.CONFIRMED, State.WAITING)


def test_saying_yes_twice_is_one_seat_and_one_mail(db, noon):
    event = make_event(needs_approval=True)
    requests = asked(event, 1, noon)

    approve_requests(event, requests, at=noon)

    assert approve_requests(event, requests, at=noon) == []
    assert kinds_of_mail(db) == ["requested", "registered"]
    assert seats_taken(db, event) == 1


def test_a_no_is_told_with_its_reason_and_cannot_be_undone_by_the_person(db, noon):
    event = make_event(needs_approval=True)
    (request,) = asked(event, 1, noon)

    refuse_requests(event, [request], "Nur für <b>Behörden</b> {event}.", at=noon)

    (mail,) = posted("refused")
    assert (request.state, request.reason) == (State.CANCELLED, "Nur für <b>Behörden</b> {event}.")
    assert "Nur für <b>Behörden</b> {event}." in mail.text
    assert mail.page.find_all("b") == []
    assert mail.calendar == b""


def test_a_no_after_a_yes_changes_nothing(db, noon):
    event = make_event(needs_approval=True)
    requests = asked(event, 1, noon)
    approve_requests(event, requests, at=noon)

    assert refuse_requests(event, requests, "Zu spät", at=noon) == []
    assert requests[0].state == State.CONFIRMED


def test_requests_of_another_event_are_left_alone(db, noon):
    mine, other = make_event(needs_approval=True), make_event(needs_approval=True)
    requests = asked(other, 1, noon)

    assert approve_requests(mine, requests, at=noon) == []
    assert refuse_requests(mine, requests, "Nein", at=noon) == []


def test_whoever_asked_for_a_seat_hears_that_the_event_is_called_off(db, noon):
    event = make_event(needs_approval=True)
    (request,) = asked(event, 1, noon)

    cancel_event(event, "Der Raum ist weg.", at=noon)

    (mail,) = posted("refused")
    assert (request.state, request.reason) == (State.CANCELLED, "Der Termin fällt leider aus. Der Raum ist weg.")
    assert "Der Termin fällt leider aus. Der Raum ist weg." in mail.text


def test_nobody_is_let_into_what_does_not_take_place(db, noon):
    event = make_event(needs_approval=True, stage=Stage.CANCELLED)
    requests = [make_registration(event, state=State.REQUESTED)]

    with pytest.raises(NothingToAnswer):
        approve_requests(event, requests, at=noon)


def test_a_request_that_is_withdrawn_has_no_entry_to_take_back(db, noon):
    event = make_event(needs_approval=True)
    (request,) = asked(event, 1, noon)

    cancel_registration(request, at=noon)

    assert request.state == State.CANCELLED
    assert kinds_of_mail(db) == ["requested"]


def test_whoever_asks_again_after_a_withdrawal_gets_an_entry_with_a_higher_number(db, noon):
    event = make_event()
    first = register(event, ada := make_person(), PROVED, at=noon)
    cancel_registration(first, at=noon)
    event.needs_approval = True
    again = register(event, ada, PROVED, at=noon)
    before = event.sequence

    approve_requests(event, [again], at=noon)

    assert event.sequence == before + 1


def called_and_asking(noon, answer=None):
    """Somebody with the entry in the calendar who has to be said yes to."""
    event, ada = make_event(needs_approval=True), make_person()
    call = Call(event=event, person=ada, called_at=noon - timedelta(days=1), answer=answer, comment="")
    database.session.add(call)
    return register(event, ada, PROVED, at=noon)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        (lambda request, at: refuse_requests(request.event, [request], "Nein.", at=at), "refused"),
        (lambda request, at: cancel_as_organiser(request, "Nein.", at=at), "refused"),
        (lambda request, at: cancel_event(request.event, at=at), "refused"),
        (lambda request, at: cancel_registration(request, at=at), "cancelled_by_you"),
    ],
    ids=["refused", "taken off the list", "called off", "withdrawn"],
)
def test_a_request_of_somebody_called_takes_its_entry_along_when_it_ends(db, noon, ending, kind):
    request = called_and_asking(noon)
    sequence = request.event.sequence

    ending(request, noon)

    (told,) = posted(kind)
    assert b"METHOD:CANCEL" in told.calendar
    assert told.calendar.count(b"ATTENDEE") == 1
    db.refresh(request.event)
    assert request.event.sequence > sequence
    assert posted("called_off") == []


@pytest.mark.parametrize("is_called", [True, False])
def test_without_an_entry_a_refusal_takes_none_away(db, noon, is_called):
    request = called_and_asking(noon, CallAnswer.DECLINED) if is_called else None
    request = request or register(make_event(needs_approval=True), make_person(), PROVED, at=noon)

    refuse_requests(request.event, [request], "Nein.", at=noon)

    assert [mail.row.form.calendar for mail in posted("refused")] == [None]
