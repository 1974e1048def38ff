"""Who comes, who waits, who came."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from ...ground.database import db
from ...ground.errors import NotFound
from ...people.models import Person
from ..models import ACTIVE, Event, Registration, State

#: Whoever has the entry in the calendar.
TOLD = (State.CONFIRMED, State.WAITING, State.OFFERED)


def registrations_of(person: Person, event: Event) -> Sequence[Registration]:
    """All that a person ever had at an event, newest first."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.person_id == person.id, Registration.event_id == event.id)
        .order_by(Registration.id.desc())
    ).all()


def active_registration(person: Person, event: Event) -> Registration | None:
    """A person's place at an event, if any."""
    return db.session.scalars(
        select(Registration).where(
            Registration.person_id == person.id, Registration.event_id == event.id, Registration.state.in_(ACTIVE)
        )
    ).first()


def registration(number: int) -> Registration:
    """A registration with its event and person. Raises NotFound."""
    found = db.session.scalars(
        select(Registration)
        .where(Registration.id == number)
        .options(joinedload(Registration.event).selectinload(Event.communities), joinedload(Registration.person))
    ).first()
    if found is None:
        raise NotFound
    return found


def unconfirmed_registrations(person: Person, *, at: datetime) -> Sequence[Registration]:
    """What a person has registered for and not confirmed yet."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.person_id == person.id, Registration.state == State.UNCONFIRMED)
        .where(Registration.expires_at > at)
        .options(joinedload(Registration.event))
        .order_by(Registration.id)
    ).all()


def own_registrations(person: Person, at: datetime, *, is_past: bool, limit: int = 100) -> Sequence[Registration]:
    """A person's registrations with their events: coming ones in order, or past ones, newest first."""
    chosen = (
        select(Registration)
        .join(Event)
        .where(Registration.person_id == person.id, Registration.state != State.CANCELLED)
        .options(joinedload(Registration.event).selectinload(Event.communities))
        .limit(limit)
    )
    if is_past:
        return db.session.scalars(chosen.where(Event.ends_at <= at).order_by(Event.starts_at.desc())).all()
    return db.session.scalars(chosen.where(Event.ends_at > at).order_by(Event.starts_at)).all()


def first_waiting(event: Event) -> Registration | None:
    """Whoever waits longest for a seat; held until the transaction ends."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.WAITING)
        .order_by(Registration.waiting_since, Registration.id)
        .limit(1)
        .with_for_update()
    ).first()


def waiting_position(waiting: Registration) -> int:
    """The place in the queue, the first being 1."""
    is_ahead = or_(
        Registration.waiting_since < waiting.waiting_since,
        and_(Registration.waiting_since == waiting.waiting_since, Registration.id <= waiting.id),
    )
    return (
        db.session.scalar(
            select(func.count()).where(
                Registration.event_id == waiting.event_id, Registration.state == State.WAITING, is_ahead
            )
        )
        or 0
    )


def waiting_moments(event: Event) -> list[tuple[int, datetime]]:
    """The numbers of those who wait, in order, and since when."""
    rows = db.session.execute(
        select(Registration.id, Registration.waiting_since)
        .where(Registration.event_id == event.id, Registration.state == State.WAITING)
        .order_by(Registration.waiting_since, Registration.id)
    )
    return [(number, since) for number, since in rows if since]


def requests(event: Event) -> Select[Registration]:
    """The requests that nobody has answered, oldest first, with their people; to be paged."""
    return (
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.REQUESTED)
        .options(joinedload(Registration.person).joinedload(Person.organisation))
        .order_by(Registration.made_at, Registration.id)
    )


def has_requests(event: Event) -> bool:
    """Whether somebody waits for a yes or no."""
    chosen = select(Registration.id).where(Registration.event_id == event.id, Registration.state == State.REQUESTED)
    return db.session.scalar(select(chosen.exists())) or False


def waiting_list(event: Event) -> Select[Registration]:
    """Those who wait, in order, with their people; to be paged."""
    return (
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.WAITING)
        .options(joinedload(Registration.person).joinedload(Person.organisation))
        .order_by(Registration.waiting_since, Registration.id)
    )


def registrations_at(event: Event, numbers: Collection[int]) -> Sequence[Registration]:
    """Those of an event's registrations that have these numbers, oldest first, with their people."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.id.in_(numbers))
        .options(joinedload(Registration.person).joinedload(Person.organisation))
        .order_by(Registration.made_at, Registration.id)
    ).all()


def waiting_count(event: Event) -> int:
    """How many people wait for a seat."""
    return (
        db.session.scalar(
            select(func.count()).where(Registration.event_id == event.id, Registration.state == State.WAITING)
        )
        or 0
    )


def told_registrations(event: Event) -> Sequence[Registration]:
    """Everybody who has the event's entry in the calendar."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state.in_(TOLD))
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    ).all()


def counts_by_state(event: Event) -> dict[State, int]:
    """How many registrations are in each state."""
    rows = db.session.execute(
        select(Registration.state, func.count()).where(Registration.event_id == event.id).group_by(Registration.state)
    )
    return dict.fromkeys(State, 0) | dict(rows.all())


def shown_participants(event: Event) -> Sequence[Registration]:
    """Who comes and has said that it may be seen, by name (rule L-15)."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.is_shown)
        .where(Registration.state.in_((State.CONFIRMED, State.ATTENDED)))
        .options(joinedload(Registration.person).joinedload(Person.organisation))
        .order_by(Registration.name, Registration.id)
    ).all()
