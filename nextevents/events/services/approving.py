"""Requests: looking at them, saying yes or no."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from ...ground.database import db
from ...mailing.services import post
from .. import messages, queries, rules
from ..errors import NothingToAnswer
from ..models import Event, Registration, State
from . import seats
from .registration import end_registration, has_entry, tell_outcome


def approve_requests(event: Event, requests: Iterable[Registration], *, at: datetime) -> list[Registration]:
    """Say yes: each gets a seat, or a place at the end of the waiting list, in the order given, and is told.

    What is no request any more is left as it is, so saying yes twice is harmless. Returns those that were approved.

    Raises NothingToAnswer if the event does not take place.
    """
    seats.hold(event)
    if not rules.takes_place(event, at=at):
        raise NothingToAnswer
    approved = []
    for request in requests:
        db.session.refresh(request)
        if request.event_id == event.id and request.state == State.REQUESTED:
            _approve(event, request, at=at)
            approved.append(request)
    return approved


def _approve(event: Event, request: Registration, *, at: datetime) -> None:
    request.has_seat = seats.take_seat(event)
    request.is_extra = not request.has_seat and queries.may_exceed(request.person, event)
    request.state = State.CONFIRMED if request.has_seat or request.is_extra else State.WAITING
    request.waiting_since = at if request.state == State.WAITING else None
    db.session.flush()
    if len(queries.registrations_of(request.person, event)) > 1:
        seats.bump_sequence(event, at=at)  # whoever got a CANCEL before takes an entry only with a higher number
    tell_outcome(request, at=at)


def refuse_requests(event: Event, requests: Iterable[Registration], reason: str, *, at: datetime) -> list[Registration]:
    """Say no, with a reason that is told. What is no request any more is left as it is; returns those refused."""
    seats.hold(event)
    refused = []
    for request in requests:
        db.session.refresh(request)
        if request.event_id == event.id and request.state == State.REQUESTED:
            refuse_request(request, reason, at=at)
            refused.append(request)
    return refused


def refuse_request(request: Registration, reason: str, *, at: datetime) -> None:
    """Say no to one request, which the caller has looked at, holding the event. An entry in a calendar goes too."""
    request.reason = reason
    was_called = has_entry(request)
    end_registration(request, at=at)
    if was_called:
        seats.bump_sequence(request.event, at=at)
    post(messages.refused(request, has_entry=was_called, at=at), at=at)


def end_requests(event: Event, *, at: datetime) -> None:
    """Say no to all who ask for a seat at an event that was called off: they have no entry that could go away."""
    for request in db.session.scalars(queries.requests(event)).all():
        with force_locale(request.person.language):
            reason = " ".join(filter(None, (_("Der Termin fällt leider aus."), event.notice)))
        refuse_requests(event, [request], reason, at=at)
