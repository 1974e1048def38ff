"""Inviting people by name: looking through a pasted list, sending, reminding the silent, accepting, declining."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import func, select, update

from ...ground.database import db, insert_unless_there
from ...mailing.services import post_all
from ...people.addresses import Address
from ...people.models import Person
from ...people.services import mark_proved, person_with_address
from .. import messages_to_many as messages
from .. import queries, rules
from ..errors import NothingToAnswer, NotYetPublic, RegistrationClosed, RemindedRecently, TooManyInvitations
from ..models import ACTIVE, Event, Invitation, Registration, State
from . import seats
from .approving import approve_requests
from .reading_invitees import Invitee, Outcome, read_invitees
from .registration import Request, cancel_registration, register
from .waiting_list import give_seat

#: An event invites so many in a day at the most (bad input 65).
MOST_A_DAY = 5_000
#: The silent are reminded so often at the most.
BETWEEN_REMINDERS = timedelta(days=3)
PORTION = 1_000
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Report:
    """What a pasted list holds, row by row."""

    rows: Sequence[Invitee]

    @property
    def new(self) -> list[Invitee]:
        """Those who would be invited."""
        return [one for one in self.rows if one.outcome == Outcome.NEW]

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rows have each outcome; those without any are there with 0."""
        return dict.fromkeys(Outcome, 0) | dict(Counter(one.outcome for one in self.rows))


def look_through(event: Event, text: str) -> Report:
    """Read a pasted list and say of each row what would become of it. Changes nothing."""
    rows = read_invitees(text)
    keys = [one.address.key for one in rows if one.outcome == Outcome.NEW and one.address]
    registered = _registered(event, keys)
    invited = _invited(event, keys)

    def judged(one: Invitee) -> Invitee:
        if one.outcome != Outcome.NEW or one.address is None:
            return one
        if one.address.key in registered:
            return replace(one, outcome=Outcome.REGISTERED)
        return replace(one, outcome=Outcome.KNOWN) if one.address.key in invited else one

    return Report([judged(one) for one in rows])


def _registered(event: Event, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for portion in _portions(keys):
        found.update(
            db.session.scalars(
                select(Person.address_key)
                .join(Registration, Registration.person_id == Person.id)
                .where(Registration.event_id == event.id, Registration.state.in_(ACTIVE))
                .where(Person.address_key.in_(portion))
            )
        )
    return found


def _invited(event: Event, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for portion in _portions(keys):
        found.update(
            db.session.scalars(
                select(Invitation.address_key).where(
                    Invitation.event_id == event.id, Invitation.address_key.in_(portion)
                )
            )
        )
    return found


def _portions(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    remaining = iter(things)
    while portion := list(islice(remaining, PORTION)):
        yield portion


def invite(event: Event, invitees: Sequence[Invitee], *, may_exceed: bool, by: Person, at: datetime) -> int:
    """Invite by mail all who are not invited yet, a thousand at a time; returns how many that were.

    The same list again invites nobody twice.

    Raises NotYetPublic and TooManyInvitations; then nobody is invited.
    """
    if not rules.takes_place(event, at=at):
        raise NotYetPublic
    seats.hold(event)
    if _made_today(event, at=at) + len(invitees) > MOST_A_DAY:
        raise TooManyInvitations(MOST_A_DAY)
    count = 0
    for portion in _portions(one for one in invitees if one.address):
        rows = [_row(event, one, may_exceed=may_exceed, by=by, at=at) for one in portion]
        statement = insert_unless_there(Invitation).returning(
            Invitation.id, Invitation.address, Invitation.address_key, Invitation.name
        )
        made = [messages.Invited(*row) for row in db.session.execute(statement, rows)]
        post_all(messages.invitations(event, made, _languages(made), at=at), at=at)
        count += len(made)
    return count


def _made_today(event: Event, *, at: datetime) -> int:
    is_of_today = (Invitation.event_id == event.id, Invitation.made_at > at - timedelta(days=1))
    return db.session.scalar(select(func.count()).where(*is_of_today)) or 0


def _row(event: Event, invitee: Invitee, *, may_exceed: bool, by: Person, at: datetime) -> dict[str, Any]:
    address = invitee.address
    return {
        "event_id": event.id,
        "address": address.routed if address else "",
        "address_key": address.key if address else "",
        "name": invitee.name,
        "organisation_name": invitee.organisation_name,
        "may_exceed": may_exceed,
        "made_at": at,
        "made_by_id": by.id,
        "reminders": 0,
    }


def _languages(invited: Iterable["messages.Invited"]) -> dict[str, str]:
    """The language of those whom we know, by address; all others are written to in German."""
    keys = [one.address_key for one in invited]
    rows = db.session.execute(select(Person.address_key, Person.language).where(Person.address_key.in_(keys)))
    return dict(rows.all())


def remind_silent(event: Event, *, at: datetime) -> int:
    """Ask those once more who have neither accepted nor declined, three days after the last mail; returns how many.

    Raises NotYetPublic, and RemindedRecently if that is nobody.
    """
    if not rules.takes_place(event, at=at):
        raise NotYetPublic
    seats.hold(event)
    silent = queries.silent_invitations(event, written_before=at - BETWEEN_REMINDERS)
    reminded = (
        update(Invitation)
        .where(Invitation.id.in_(silent))
        .values(reminders=Invitation.reminders + 1, reminded_at=at)
        .returning(Invitation.id, Invitation.address, Invitation.address_key, Invitation.name, Invitation.reminders)
        .execution_options(synchronize_session=False)
    )
    found = [messages.Invited(*row) for row in db.session.execute(reminded)]
    if not found:
        raise RemindedRecently
    for portion in _portions(found):
        post_all(messages.invitations(event, portion, _languages(portion), at=at), at=at)
    return len(found)


def accept_invitation(
    invitation: Invitation, *, name: str, organisation_name: str = "", language: str, at: datetime
) -> Registration:
    """Say yes, for the invited address only; that proves the address too. Twice is one registration.

    Whoever stood there before has to ask no more, and waits no more if a place was promised.

    Raises RegistrationClosed if it is too late.
    """
    event = invitation.event
    seats.hold(event)
    db.session.refresh(invitation)
    domain = invitation.address.rpartition("@")[2]
    address = Address(typed=invitation.address, routed=invitation.address, key=invitation.address_key, domain=domain)
    person = person_with_address(address, name=name, organisation_name=organisation_name, language=language, at=at)
    request = Request(name=name, organisation_name=organisation_name, is_proved=True)
    registration = register(event, person, request, at=at)
    mark_proved(person, name=name, at=at)
    invitation.declined_at = None
    db.session.flush()
    if queries.open_answer_to(invitation):
        _let_in(registration, at=at)
    return registration


def _let_in(registration: Registration, *, at: datetime) -> None:
    if not registration.event.is_open(at):
        raise RegistrationClosed
    if registration.state == State.REQUESTED:
        approve_requests(registration.event, [registration], at=at)
    else:
        give_seat(registration, as_extra=True, at=at)


def decline_invitation(invitation: Invitation, *, at: datetime) -> None:
    """Say no; nobody is reminded any more, and whoever only asked or waited is taken off the list. Twice is harmless.

    Raises NothingToAnswer for whoever is registered, and AlreadyOver for whoever waited until the event had ended.
    """
    seats.hold(invitation.event)
    db.session.refresh(invitation)
    if queries.answer_to(invitation):
        raise NothingToAnswer
    if standing := queries.open_answer_to(invitation):
        cancel_registration(standing, at=at)
    invitation.declined_at = invitation.declined_at or at
    db.session.flush()
