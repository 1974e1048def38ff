"""Who may sign up, signing up, confirming, withdrawing: one page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import select

from ...ground.database import db, insert_unless_there
from ...mailing.services import post
from ...people.models import Person
from .. import messages, queries, rules
from ..errors import AlreadyOver, NotInvited, NotWaitingForAnswer, RegistrationClosed
from ..models import NOTED, CallAnswer, Event, Registration, State
from . import seats
from .answers import NOTHING_CHOSEN, Answers, Choices, hand_over_answers, replace_answers, store_answers
from .news import ask_about_newsletter

#: How long a seat is held for somebody who has not yet pressed the button in the mail.
CONFIRMATION_TIME = timedelta(hours=24)
#: Whoever is here has no entry in the calendar yet.
WITHOUT_ENTRY = frozenset({State.UNCONFIRMED, State.REQUESTED})


class Outcome(Enum):
    """What somebody gets who registers; the value is the state once the address is proved."""

    SEAT = (State.CONFIRMED, "seat")
    #: A place beyond the seats, which organisers have promised.
    EXTRA = (State.CONFIRMED, "extra")
    QUEUE = (State.WAITING, "queue")
    #: Somebody of the organisers has to say yes first.
    REQUEST = (State.REQUESTED, "request")

    @property
    def state(self) -> State:
        """The state of a proved registration with this outcome."""
        return self.value[0]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody typed to register, and whether they are known to be that person."""

    name: str
    organisation_name: str = ""
    #: Signed in as this person; otherwise the address has still to be proved.
    is_proved: bool
    #: The form's own number: the same form sent twice is the same registration.
    nonce: str | None = None
    #: Who registers this person, if it is somebody else.
    registered_by_id: int | None = None
    #: What the event asks, by the numbers of its questions.
    answers: Answers = field(default_factory=dict)
    choices: Choices = NOTHING_CHOSEN


def register(event: Event, person: Person, request: Request, *, at: datetime) -> Registration:
    """Give a person a seat, or a place on the waiting list, and queue the mail that says so.

    Where somebody has to say yes first, it becomes a request without a seat; whoever was promised a place has one
    even if all seats are taken. Asking twice is harmless: what stands is returned and no second mail is written.
    Whoever has not proved the address holds the seat unconfirmed for 24 hours; the mail to prove it is the door's
    business.

    Raises RegistrationClosed or NotInvited; then nothing has changed.
    """
    earlier = queries.registrations_of(person, event)
    if standing := _standing(earlier, request.nonce):
        if request.is_proved and standing.state == State.UNCONFIRMED:
            _take_over_words(standing, request, at=at)
            _confirm(standing, at=at)
        return standing
    if not event.is_open(at):
        raise RegistrationClosed
    if not rules.may_register(person if request.is_proved else None, event, at=at):
        raise NotInvited
    outcome = _outcome(event, person, at=at)
    if outcome != Outcome.SEAT and not event.is_open(at):  # closed or called off since the first look
        raise RegistrationClosed
    registration = insert_registration(event, person, request, outcome, at=at)
    if registration is None:
        return _given_to_the_winner(event, person, has_seat=outcome == Outcome.SEAT)
    store_answers(registration, request.answers, at=at)
    if request.is_proved:
        if earlier:
            seats.bump_sequence(event, at=at)  # whoever got a CANCEL before takes an entry only with a higher number
        tell_outcome(registration, at=at)
        ask_about_newsletter(registration, at=at)
    return registration


def _outcome(event: Event, person: Person, *, at: datetime) -> Outcome:
    """Take what there is for this person. Whoever gets no seat holds the event, as it is now."""
    if rules.needs_approval(person, event):
        seats.hold(event)
        return Outcome.REQUEST
    if seats.take_open_seat(event, at=at):
        return Outcome.SEAT
    return Outcome.EXTRA if queries.may_exceed(person, event) else Outcome.QUEUE


def _standing(earlier: Sequence[Registration], nonce: str | None) -> Registration | None:
    same_form = (one for one in earlier if nonce and one.nonce == nonce)
    active = (one for one in earlier if one.is_active)
    return next(same_form, None) or next(active, None)


def _take_over_words(standing: Registration, request: Request, *, at: datetime) -> None:
    """Let what a person says count, once we know who says it, and not what somebody has typed for that address."""
    seats.hold(standing.event)
    replace_answers(standing, request.answers, at=at)
    for name, value in asdict(request.choices).items():
        setattr(standing, name, value)
    db.session.flush()


def insert_registration(
    event: Event, person: Person, request: Request, outcome: Outcome, *, at: datetime
) -> Registration | None:
    """The new row; None if somebody was faster with the same person or the same form. The seat is taken already."""
    state = outcome.state if request.is_proved else State.UNCONFIRMED
    values = {
        "event_id": event.id,
        "person_id": person.id,
        "name": request.name,
        "organisation_name": request.organisation_name,
        "state": state,
        "has_seat": outcome == Outcome.SEAT,
        "is_extra": outcome == Outcome.EXTRA,
        "made_at": at,
        "waiting_since": at if outcome == Outcome.QUEUE else None,
        "expires_at": at + CONFIRMATION_TIME if state == State.UNCONFIRMED else None,
        "revision": 0,
        "nonce": request.nonce,
        "registered_by_id": request.registered_by_id,
        **asdict(request.choices),
    }
    return db.session.scalars(insert_unless_there(Registration).returning(Registration), [values]).first()


def _given_to_the_winner(event: Event, person: Person, *, has_seat: bool) -> Registration:
    if has_seat:
        seats.free_seat(event)
    winner = queries.active_registration(person, event)
    if winner is None:
        raise RegistrationClosed
    return winner


def tell_outcome(registration: Registration, *, at: datetime) -> None:
    """Queue the mail that says how a proved registration stands."""
    written = {State.WAITING: messages.waiting, State.REQUESTED: messages.requested}
    post(written.get(registration.state, messages.registered)(registration, at=at), at=at)


def confirm_registrations(person: Person, *, at: datetime) -> list[Registration]:
    """Make everything that somebody registered for, before proving the address, count; returns those registrations."""
    found = queries.unconfirmed_registrations(person, at=at)
    for registration in found:
        _confirm(registration, at=at)
    return list(found)


def _confirm(registration: Registration, *, at: datetime) -> None:
    event = registration.event
    seats.hold(event)
    db.session.refresh(registration)
    if registration.state != State.UNCONFIRMED:
        return
    registration.expires_at = None
    _keep_promise(registration)
    if len(queries.registrations_of(registration.person, event)) > 1:
        seats.bump_sequence(event, at=at)
    registration.state = _proved_state(registration, at=at)
    db.session.flush()
    ask_about_newsletter(registration, at=at)
    if not rules.takes_place(event, at=at):
        return  # called off since: the page says so, and an entry would only have to go again
    if registration.state == State.WAITING:
        seats.fill_free_seats(event, at=at)
        if registration.state != State.WAITING:
            return
    tell_outcome(registration, at=at)


def _keep_promise(registration: Registration) -> None:
    """Whoever was promised a place since does not wait for one. The caller holds the event."""
    if (
        registration.has_seat
        or registration.is_extra
        or not queries.may_exceed(registration.person, registration.event)
    ):
        return
    registration.has_seat = seats.take_seat(registration.event)
    registration.is_extra = not registration.has_seat
    registration.waiting_since = None


def _proved_state(registration: Registration, *, at: datetime) -> State:
    """What an unconfirmed registration becomes; one with neither seat nor place in the queue is a request."""
    if registration.has_seat or registration.is_extra:
        return State.CONFIRMED
    if registration.waiting_since is None and rules.needs_approval(registration.person, registration.event):
        return State.REQUESTED
    registration.waiting_since = registration.waiting_since or at
    return State.WAITING


def cancel_registration(registration: Registration, *, by_calendar: bool = False, at: datetime) -> None:
    """Withdraw somebody and give the seat to the next one at once. Withdrawing twice is harmless.

    Whoever has declined in the calendar needs no entry taken away, but a way back.

    Raises AlreadyOver once the event has ended or attendance is noted.
    """
    event = registration.event
    if event.ends_at <= at:
        raise AlreadyOver
    seats.hold(event)
    db.session.refresh(registration)
    if not registration.is_active:
        return
    if registration.state in NOTED:
        raise AlreadyOver
    has_own_entry = has_entry(registration) and rules.takes_place(event, at=at)
    end_registration(registration, at=at)
    if by_calendar:
        post(messages.declined(registration, at=at), at=at)
    elif has_own_entry:
        seats.bump_sequence(event, at=at)
        post(messages.cancelled_by_you(registration, at=at), at=at)
    seats.fill_free_seats(event, at=at)


def has_entry(registration: Registration) -> bool:
    """Whether the date stands in this person's calendar: by the registration, or because they were called to it."""
    if registration.state not in WITHOUT_ENTRY:
        return True
    call = queries.call_of(registration.event_id, registration.person_id)
    return call is not None and call.answer != CallAnswer.DECLINED


def end_registration(registration: Registration, *, at: datetime) -> None:
    """Take somebody out. The caller holds the event."""
    if registration.has_seat:
        seats.free_seat(registration.event)
    registration.state = State.CANCELLED
    registration.has_seat = False
    registration.cancelled_at = at
    registration.waiting_since = registration.expires_at = None
    registration.revision += 1
    db.session.flush()


def restore_registration(registration: Registration, *, at: datetime) -> Registration:
    """Undo a withdrawal within 24 hours: a new registration, with a seat if one is free.

    Raises RegistrationClosed when it is too late.
    """
    if registration.is_active:
        return registration
    if not rules.may_restore(registration, at=at):
        raise RegistrationClosed
    request = Request(
        name=registration.name,
        organisation_name=registration.organisation_name,
        is_proved=True,
        choices=Choices(**{one.name: getattr(registration, one.name) for one in fields(Choices)}),
    )
    restored = register(registration.event, registration.person, request, at=at)
    hand_over_answers(registration, restored)
    return restored


def accept_offer(registration: Registration, *, at: datetime) -> None:
    """Take an offered seat. Raises NotWaitingForAnswer if the offer has lapsed."""
    seats.hold(registration.event)
    db.session.refresh(registration)
    if registration.state == State.CONFIRMED:
        return
    if registration.state != State.OFFERED or registration.expires_at is None or registration.expires_at <= at:
        raise NotWaitingForAnswer
    if not rules.takes_place(registration.event, at=at):
        raise NotWaitingForAnswer
    seats.move_up(registration, at=at)


def decline_offer(registration: Registration, *, at: datetime) -> None:
    """Refuse an offered seat, which goes to the next one at once.

    Raises NotWaitingForAnswer if it is not offered any more, and AlreadyOver once the event has ended.
    """
    seats.hold(registration.event)
    db.session.refresh(registration)
    if registration.state != State.OFFERED:
        raise NotWaitingForAnswer
    cancel_registration(registration, at=at)


def lapse_offers(*, at: datetime) -> int:
    """Pass on seats that were offered and not accepted in time; returns how many."""
    return _end_expired(State.OFFERED, at=at)


def drop_unconfirmed(*, at: datetime) -> int:
    """Pass on seats whose holders did not confirm within 24 hours; returns how many."""
    return _end_expired(State.UNCONFIRMED, at=at)


def _end_expired(state: State, *, at: datetime) -> int:
    expired = db.session.scalars(
        select(Registration)
        .where(Registration.state == state, Registration.expires_at <= at)
        .order_by(Registration.event_id, Registration.id)
        .limit(500)
    ).all()
    for registration in expired:
        seats.hold(registration.event)
        db.session.refresh(registration)
        if registration.state != state or registration.expires_at is None or registration.expires_at > at:
            continue
        end_registration(registration, at=at)
        if state == State.OFFERED and rules.takes_place(registration.event, at=at):
            seats.bump_sequence(registration.event, at=at)
            post(messages.offer_lapsed(registration, at=at), at=at)
        seats.fill_free_seats(registration.event, at=at)
    return len(expired)
