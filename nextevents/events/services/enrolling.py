"""What organisers do with one participant: put somebody on the list, take somebody off it."""

from datetime import datetime

from ...ground.database import db
from ...mailing.services import post
from ...people.addresses import Address
from ...people.models import Person, Purpose
from ...people.services import ask_for_proof, person_with_address
from .. import messages, queries, rules
from ..errors import AlreadyOver, AlreadyRegistered, RegistrationClosed
from ..models import Event, Registration, State
from . import seats
from .approving import refuse_request
from .registration import (
    Outcome,
    Request,
    end_registration,
    has_entry,
    insert_registration,
    tell_outcome,
)


def enrol(
    event: Event, address: Address, *, name: str, organisation_name: str = "", by: Person, as_extra: bool, at: datetime
) -> Registration:
    """Register somebody as an organiser, whoever the event is for and also before and after it takes registrations.

    A known person is registered at once and told by whom. To any other address goes the ordinary question whether
    that is meant, and the place is held for 24 hours.

    Raises RegistrationClosed unless the event takes place, and AlreadyRegistered; then nothing has changed.
    """
    seats.hold(event)
    if not rules.takes_place(event, at=at):
        raise RegistrationClosed
    person = person_with_address(address, name=name, organisation_name=organisation_name, at=at)
    earlier = queries.registrations_of(person, event)
    if any(one.is_active for one in earlier):
        raise AlreadyRegistered
    outcome = Outcome.SEAT if seats.take_seat(event) else Outcome.EXTRA if as_extra else Outcome.QUEUE
    request = Request(
        name=name,
        organisation_name=organisation_name,
        is_proved=person.proved_at is not None,
        registered_by_id=by.id,
    )
    registration = insert_registration(event, person, request, outcome, at=at)
    if registration is None:
        raise AlreadyRegistered
    if earlier:
        seats.bump_sequence(event, at=at)
    _tell(registration, address, by, at=at)
    return registration


def _tell(registration: Registration, address: Address, by: Person, *, at: datetime) -> None:
    if registration.state == State.CONFIRMED:
        post(messages.registered_by_other(registration, by, at=at), at=at)
    elif registration.state == State.WAITING:
        tell_outcome(registration, at=at)
    elif proof := ask_for_proof(Purpose.REGISTRATION, address, at=at):
        post(messages.confirm_address(registration.event, registration.person, proof), at=at)


def cancel_as_organiser(registration: Registration, reason: str, *, at: datetime) -> None:
    """Take somebody off the list, with words that are told; the seat goes to the next one. Twice is harmless.

    Raises AlreadyOver once the event has ended.
    """
    event = registration.event
    if event.ends_at <= at:
        raise AlreadyOver
    seats.hold(event)
    db.session.refresh(registration)
    if not registration.is_active:
        return
    if registration.state == State.REQUESTED:
        refuse_request(registration, reason, at=at)
        return
    had_entry = has_entry(registration)
    registration.reason = reason
    end_registration(registration, at=at)
    if had_entry and rules.takes_place(event, at=at):
        seats.bump_sequence(event, at=at)
        post(messages.cancelled_by_organisers(registration, at=at), at=at)
    seats.fill_free_seats(event, at=at)
