"""Who was there: at the door, through one's own door to the video conference, and who was missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from ...ground.database import change_rows, db, insert_unless_there
from ...people.addresses import Address
from ...people.models import Person
from ...people.services import mark_proved, person_with_address
from .. import queries, rules
from ..errors import AlreadyAttended, DoorClosed, JoiningClosed, NoSeatFree, NotAdmitted, NotBegunYet
from ..models import ATTENDANCE, Event, Registration, Scan, State
from . import seats
from .registration import Outcome, Request, insert_registration, tell_outcome

#: A clock at the door may be wrong by so much before we rather take our own.
LONGEST_DELAY = timedelta(days=3)


def check_in(registration: Registration, *, at: datetime) -> bool:
    """Note that somebody is there; whether that is news. Twice is harmless, and the earlier moment stays.

    Raises DoorClosed earlier than a day before the event, and NotAdmitted for whoever has no sure seat.
    """
    event = registration.event
    seats.hold(event)
    if not rules.is_door_open(event, at=at):
        raise DoorClosed
    db.session.refresh(registration)
    return _note_presence(registration, at)


def _note_presence(registration: Registration, at: datetime) -> bool:
    """The caller holds the event."""
    if registration.state not in ATTENDANCE:
        raise NotAdmitted
    is_news = registration.state != State.ATTENDED
    known = None if is_news else registration.checked_in_at
    registration.state = State.ATTENDED
    registration.checked_in_at = min(at, known) if known else at
    db.session.flush()
    return is_news


def undo_check_in(registration: Registration) -> None:
    """Take back what was noted by mistake: present, or excused. Whoever is neither stays as they are."""
    event = registration.event
    seats.hold(event)
    db.session.refresh(registration)
    if registration.state in {State.ATTENDED, State.EXCUSED}:
        registration.state = State.ABSENT if event.attendance_closed_at else State.CONFIRMED
        registration.checked_in_at = None
        db.session.flush()


def excuse(registration: Registration) -> None:
    """Note that somebody with a seat has said why they do not come.

    Raises AlreadyAttended for whoever is there, and NotAdmitted for whoever has no seat.
    """
    seats.hold(registration.event)
    db.session.refresh(registration)
    if registration.state == State.ATTENDED:
        raise AlreadyAttended
    if registration.state not in ATTENDANCE:
        raise NotAdmitted
    registration.state = State.EXCUSED
    db.session.flush()


def close_attendance(event: Event, *, at: datetime) -> int:
    """Count whoever has not come as absent; returns how many. Twice is harmless.

    Raises NotBegunYet before the event has begun.
    """
    seats.hold(event)
    if event.starts_at > at:
        raise NotBegunYet
    absent = _change_states(event, State.CONFIRMED, State.ABSENT)
    event.attendance_closed_at = event.attendance_closed_at or at
    db.session.flush()
    return absent


def reopen_attendance(event: Event) -> None:
    """Let people be checked in again who were counted as absent. Twice is harmless."""
    seats.hold(event)
    if event.attendance_closed_at:
        _change_states(event, State.ABSENT, State.CONFIRMED)
        event.attendance_closed_at = None
        db.session.flush()


def _change_states(event: Event, before: State, after: State) -> int:
    changed = change_rows(
        update(Registration).where(Registration.event_id == event.id, Registration.state == before).values(state=after)
    )
    for one in db.session.identity_map.values():
        if isinstance(one, Registration):
            db.session.expire(one)
    return changed


@dataclass(frozen=True)
class Seen:
    """What a device at the door has noted: its own number for it, who it was, and when."""

    key: str
    registration_id: int
    at: datetime


@dataclass(frozen=True)
class Synced:
    """What became of it: news, known already, or refused with a sentence."""

    key: str
    is_news: bool
    refusal: str = ""


def sync_scans(event: Event, seen: Iterable[Seen], *, by: Person, at: datetime) -> list[Synced]:
    """Take over what devices noted while they had no connection, each number once; the earlier moment wins.

    This may be late: whoever was counted as absent meanwhile was there after all. A moment in the future, or days
    away from the event, is the fault of a clock; then ours counts.
    """
    seats.hold(event)
    return [_sync(event, one, by=by, at=at) for one in seen]


def _sync(event: Event, seen: Seen, *, by: Person, at: datetime) -> Synced:
    registration = db.session.scalars(
        select(Registration)
        .where(Registration.id == seen.registration_id, Registration.event_id == event.id)
        .execution_options(populate_existing=True)
    ).first()
    moment = _moment_of(event, seen.at, at=at)
    if not rules.is_door_open(event, at=moment):
        return Synced(seen.key, is_news=False, refusal=str(DoorClosed()))
    if registration is None or registration.state not in ATTENDANCE:
        return Synced(seen.key, is_news=False, refusal=str(NotAdmitted()))
    if not _is_first_of_its_number(seen, moment, by=by, at=at):
        return Synced(seen.key, is_news=False)
    return Synced(seen.key, is_news=_note_presence(registration, moment))


def _moment_of(event: Event, noted: datetime, *, at: datetime) -> datetime:
    is_credible = event.starts_at - rules.DOOR_OPENS <= noted <= min(at, event.ends_at + LONGEST_DELAY)
    return noted if is_credible else at


def _is_first_of_its_number(seen: Seen, moment: datetime, *, by: Person, at: datetime) -> bool:
    values = {
        "key": seen.key,
        "registration_id": seen.registration_id,
        "at": moment,
        "received_at": at,
        "made_by_id": by.id,
    }
    return db.session.scalars(insert_unless_there(Scan).returning(Scan.id), [values]).first() is not None


@dataclass(frozen=True, kw_only=True)
class WalkIn:
    """Somebody who stands at the door without a registration."""

    name: str
    organisation_name: str = ""
    address: Address
    #: Whether they are let in although all seats are taken.
    is_beyond: bool = False
    language: str = "de"


def register_walk_in(event: Event, guest: WalkIn, *, at: datetime) -> Registration:
    """Register somebody at the door and check them in at once; who has registered before is checked in.

    Whoever waits, was asked to wait, or has not confirmed gets a seat too, if there is one. A place beyond the seats
    is not counted. The mail with the link to the registration goes out as always.

    Raises NoSeatFree if all seats are taken and it shall not be one more, and DoorClosed.
    """
    seats.hold(event)
    if not rules.is_door_open(event, at=at):
        raise DoorClosed
    person = person_with_address(
        guest.address,
        name=guest.name,
        organisation_name=guest.organisation_name,
        language=guest.language,
        at=at,
    )
    mark_proved(person, at=at)  # somebody has seen them; whoever never proves an address is forgotten
    standing = queries.active_registration(person, event)
    if standing and standing.state in ATTENDANCE:
        _note_presence(standing, at)
        return standing
    registration = _seated(standing, guest) if standing else _new(event, person, guest, at=at)
    registration.state, registration.checked_in_at = State.ATTENDED, at
    db.session.flush()
    if len(queries.registrations_of(person, event)) > 1:
        seats.bump_sequence(event, at=at)  # whoever got a CANCEL before takes an entry only with a higher number
    tell_outcome(registration, at=at)
    return registration


def _seated(standing: Registration, guest: WalkIn) -> Registration:
    """Somebody who was registered without a sure seat, now with one."""
    if not (standing.has_seat or standing.is_extra):
        standing.has_seat = _takes_seat(standing.event, guest)
        standing.is_extra = not standing.has_seat
    standing.waiting_since = standing.expires_at = None
    return standing


def _new(event: Event, person: Person, guest: WalkIn, *, at: datetime) -> Registration:
    outcome = Outcome.SEAT if _takes_seat(event, guest) else Outcome.EXTRA
    request = Request(name=guest.name, organisation_name=guest.organisation_name, is_proved=True)
    made = insert_registration(event, person, request, outcome, at=at)
    if made is None:
        raise LookupError("somebody else registered this person while the event was held")
    return made


def _takes_seat(event: Event, guest: WalkIn) -> bool:
    """Take a seat; False for one more than there are. Raises NoSeatFree if it shall not be one more."""
    if seats.take_seat(event):
        return True
    if not guest.is_beyond:
        raise NoSeatFree
    return False


def note_joining(registration: Registration, *, at: datetime) -> None:
    """Somebody goes through their own door to the video conference; it counts where the event says so.

    Raises JoiningClosed before it opens or after the end, and NotAdmitted for whoever has no sure seat.
    """
    event = registration.event
    if not event.counts_joining:
        ensure_may_join(registration, at=at)
        return
    seats.hold(event)
    db.session.refresh(registration)
    ensure_may_join(registration, at=at)
    _note_presence(registration, at)


def ensure_may_join(registration: Registration, *, at: datetime) -> None:
    """Nothing, for whoever may go in now. Raises JoiningClosed and NotAdmitted as note_joining does."""
    if not rules.may_see_dial_in(registration):
        raise NotAdmitted
    if not rules.is_joining_open(registration.event, at=at):
        raise JoiningClosed
