"""A seat goes from one person to a colleague, with no moment in between in which somebody else could take it."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from ...ground.database import change_rows, db
from ...mailing.services import post
from ...people import queries as people
from ...people.addresses import Address
from ...people.models import Person
from ...people.services import mark_proved, person_with_address
from .. import messages, queries, rules
from ..errors import (
    AlreadyRegistered,
    NothingToAnswer,
    NotTransferable,
    TooManyTransfers,
    TransferredToOneself,
)
from ..models import Registration, State, Transfer
from . import seats
from .registration import Outcome, Request, end_registration, insert_registration, tell_outcome

#: How long a colleague has to answer.
ANSWER_TIME = timedelta(hours=48)
#: So many mails about one seat, or to one address, in a day (bad input 65).
MOST_A_DAY = 3


def offer_transfer(
    registration: Registration, address: Address, *, name: str, organisation_name: str = "", at: datetime
) -> Transfer:
    """Ask a colleague by mail whether they take this seat. Until they say yes, it stays where it is.

    A later wish takes the place of an earlier one. Whether the colleague is registered already is not told here.

    Raises NotTransferable, TransferredToOneself and TooManyTransfers.
    """
    event = registration.event
    seats.hold(event)
    db.session.refresh(registration)
    if not rules.may_transfer(registration, at=at):
        raise NotTransferable
    if address.key == registration.person.address_key:
        raise TransferredToOneself
    _refuse_a_flood(registration, address, at=at)
    withdraw_transfers(registration, at=at)
    transfer = Transfer(
        registration=registration,
        name=name,
        organisation_name=organisation_name,
        address=address.routed,
        address_key=address.key,
        made_at=at,
        expires_at=min(at + ANSWER_TIME, event.starts_at),
    )
    db.session.add(transfer)
    db.session.flush()
    known = people.person_with_key(address.key)
    post(messages.transfer_offered(transfer, known.language if known else registration.person.language), at=at)
    return transfer


def _refuse_a_flood(registration: Registration, address: Address, *, at: datetime) -> None:
    is_same = or_(Transfer.registration_id == registration.id, Transfer.address_key == address.key)
    asked = db.session.scalar(select(func.count()).where(is_same, Transfer.made_at > at - timedelta(days=1)))
    if (asked or 0) >= MOST_A_DAY:
        raise TooManyTransfers


def withdraw_transfers(registration: Registration, *, at: datetime) -> None:
    """Let nobody answer any more who was asked to take this seat."""
    is_open = (Transfer.registration_id == registration.id, Transfer.answered_at.is_(None))
    change_rows(update(Transfer).where(*is_open).values(answered_at=at))


def accept_transfer(
    transfer: Transfer, *, name: str, organisation_name: str = "", language: str, at: datetime
) -> Registration:
    """Take the seat, which proves the address too. Of many who say yes or no at once, one is heard.

    Raises NothingToAnswer if it was answered, has run out, or the seat is no longer there, and AlreadyRegistered.
    """
    giver = transfer.registration
    seats.hold(giver.event)
    db.session.refresh(transfer)
    db.session.refresh(giver)
    if not transfer.is_open(at) or not rules.may_transfer(giver, at=at):
        raise NothingToAnswer
    address = Address(
        typed=transfer.address,
        routed=transfer.address,
        key=transfer.address_key,
        domain=transfer.address.rpartition("@")[2],
    )
    taker = person_with_address(address, name=name, organisation_name=organisation_name, language=language, at=at)
    mark_proved(taker, name=name, at=at)
    return transfer_seat(giver, taker, name=name, organisation_name=organisation_name, at=at)


def decline_transfer(transfer: Transfer, *, at: datetime) -> None:
    """Leave the seat where it is. Saying no twice is harmless; after a yes it raises NothingToAnswer."""
    giver = transfer.registration
    seats.hold(giver.event)
    db.session.refresh(transfer)
    db.session.refresh(giver)
    if transfer.answered_at and giver.state == State.CANCELLED:
        raise NothingToAnswer
    transfer.answered_at = transfer.answered_at or at
    db.session.flush()


def transfer_seat(
    giver: Registration, taker: Person, *, name: str, organisation_name: str = "", at: datetime
) -> Registration:
    """Give a sure seat to another person at once; both are told, and both calendars follow.

    Raises NotTransferable if there is no such seat, and AlreadyRegistered if the other one has one; nothing changes.
    """
    event = giver.event
    seats.hold(event)
    db.session.refresh(giver)
    if not rules.may_transfer(giver, at=at):
        raise NotTransferable
    standing = queries.active_registration(taker, event)
    if standing and standing.state not in {State.UNCONFIRMED, State.REQUESTED, State.WAITING, State.OFFERED}:
        raise AlreadyRegistered
    outcome = Outcome.SEAT if giver.has_seat else Outcome.EXTRA
    withdraw_transfers(giver, at=at)
    giver.has_seat = False  # it is not freed: it moves
    end_registration(giver, at=at)
    seats.bump_sequence(event, at=at)
    post(messages.transferred(giver, name, at=at), at=at)
    if standing:
        return _moved_to(standing, outcome, at=at)
    request = Request(name=name, organisation_name=organisation_name, is_proved=True, registered_by_id=giver.person_id)
    taken = insert_registration(event, taker, request, outcome, at=at)
    if taken is None:  # only while the event is not held could somebody be faster
        raise AlreadyRegistered
    tell_outcome(taken, at=at)
    return taken


def _moved_to(standing: Registration, outcome: Outcome, *, at: datetime) -> Registration:
    """Whoever waited or was offered another seat has this one; a second one goes to the next in the queue."""
    has_own = standing.has_seat
    standing.has_seat = has_own or outcome == Outcome.SEAT
    standing.is_extra = not standing.has_seat
    standing.state = State.CONFIRMED
    standing.waiting_since = standing.expires_at = None
    db.session.flush()
    tell_outcome(standing, at=at)
    if has_own and outcome == Outcome.SEAT:
        seats.free_seat(standing.event)
        seats.fill_free_seats(standing.event, at=at)
    return standing
