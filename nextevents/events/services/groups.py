"""Registering colleagues of one body along with oneself: each decides for themselves, by the mail they get."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...ground.database import db
from ...mailing.services import post
from ...people.addresses import Address
from ...people.models import Person, Purpose
from ...people.services import ask_for_proof, person_with_address
from .. import messages
from ..models import Event
from .registration import Request, register

#: So many with one form (bad input 36).
MOST_COLLEAGUES = 10


@dataclass(frozen=True)
class Colleague:
    """Somebody as typed by a colleague."""

    name: str
    address: Address


def make_known(people: Iterable[Colleague], *, language: str, at: datetime) -> list[Person]:
    """The persons behind these addresses, in the order given, made where nobody is known yet.

    They are made in the order of their addresses, before any seat is taken: two groups with the same people in
    another order would otherwise wait for each other for ever.
    """
    wanted = list(people)
    made = {
        one.address.key: person_with_address(one.address, name=one.name, language=language, at=at)
        for one in sorted(wanted, key=lambda one: one.address.key)
    }
    return [made[one.address.key] for one in wanted]


def register_colleagues(
    event: Event, by: Person, colleagues: Sequence[Colleague], *, nonce: str | None, language: str, at: datetime
) -> list[bool]:
    """Hold a place for each for 24 hours and ask each by mail whether they want it; says for each if it is a seat.

    Whoever is registered already stays as they are, and the answer does not tell: it says then what anybody would get.
    An address that has had enough mails for now gets no further one. Sent twice, nothing happens twice.

    Raises RegistrationClosed and NotInvited; then nothing has changed.
    """
    persons = make_known(colleagues, language=language, at=at)
    return [
        _hold(event, person, colleague, by=by, nonce=nonce, at=at)
        for person, colleague in zip(persons, colleagues, strict=True)
    ]


def _hold(event: Event, person: Person, colleague: Colleague, *, by: Person, nonce: str | None, at: datetime) -> bool:
    request = Request(
        name=colleague.name,
        organisation_name=by.body,
        is_proved=False,
        nonce=nonce,
        registered_by_id=by.id,
    )
    registration = register(event, person, request, at=at)
    is_own = registration.made_at == at or (nonce is not None and registration.nonce == nonce)
    if registration.made_at == at:
        proof = ask_for_proof(Purpose.REGISTRATION, colleague.address, at=at)
        if proof:
            post(messages.confirm_for_colleague(event, person, proof), at=at)
    if is_own:
        return registration.has_seat
    db.session.refresh(event, ["seats_taken", "capacity"])
    return event.seats_free != 0
