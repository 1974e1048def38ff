"""Who organises what, and who was asked to come."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from ...communities.models import Lead
from ...ground.database import db
from ...people.models import Person
from ..models import Event, Invitation, Stage, event_community, event_host
from .scheduling import Span, last_day_of


def _led_by(person: Person) -> ColumnElement[bool]:
    return (
        select(event_community.c.event_id)
        .join(Lead, Lead.community_id == event_community.c.community_id)
        .where(event_community.c.event_id == Event.id, Lead.person_id == person.id)
        .exists()
    )


def _hosted_by(person: Person) -> ColumnElement[bool]:
    return (
        select(event_host.c.event_id)
        .where(event_host.c.event_id == Event.id, event_host.c.person_id == person.id)
        .exists()
    )


def is_organised_by(person: Person) -> ColumnElement[bool]:
    """The condition that a person leads one of an event's circles, or was asked to run this one date."""
    return or_(_led_by(person), _hosted_by(person))


def organises(person: Person, event: Event) -> bool:
    """Whether a person leads one of the event's circles, or was asked to run this one date."""
    chosen = select(Event.id).where(Event.id == event.id, is_organised_by(person))
    return db.session.scalar(select(chosen.exists())) or False


def hosts(person: Person) -> bool:
    """Whether a person was asked to run at least one date."""
    return db.session.scalar(select(select(Event.id).where(_hosted_by(person)).exists())) or False


def organised_events(
    person: Person, at: datetime, *, is_past: bool = False, limit: int, offset: int = 0
) -> Sequence[Event]:
    """The events that a person runs, drafts included: coming ones in order, or past ones, newest first.

    For the office these are all.
    """
    chosen = select(Event).options(selectinload(Event.communities)).limit(limit).offset(offset)
    if not person.is_office:
        chosen = chosen.where(or_(_led_by(person), _hosted_by(person)))
    if is_past:
        return db.session.scalars(chosen.where(Event.ends_at <= at).order_by(Event.starts_at.desc(), Event.id)).all()
    return db.session.scalars(chosen.where(Event.ends_at > at).order_by(Event.starts_at, Event.id)).all()


def is_invited(person: Person, event: Event) -> bool:
    """Whether the person's address was invited by name."""
    chosen = select(Invitation.id).where(Invitation.event_id == event.id, Invitation.address_key == person.address_key)
    return db.session.scalar(select(chosen.exists())) or False


def may_exceed(person: Person, event: Event) -> bool:
    """Whether the person was promised a place by name, even if all seats are taken."""
    chosen = select(Invitation.id).where(
        Invitation.event_id == event.id, Invitation.address_key == person.address_key, Invitation.may_exceed
    )
    return db.session.scalar(select(chosen.exists())) or False


def events_on_the_same_day(time: Event | Span, *, but: Sequence[int] = ()) -> Sequence[Event]:
    """Listed events on the day, or the days, of this time, in order, but those with these numbers; at most ten."""
    zone_days = (time.starts_at - timedelta(hours=12), time.ends_at + timedelta(hours=12))
    near = db.session.scalars(
        select(Event)
        .where(Event.id.not_in(but), Event.stage == Stage.PUBLISHED, Event.is_listed)
        .where(Event.starts_at < zone_days[1], Event.ends_at > zone_days[0])
        .order_by(Event.starts_at, Event.id)
        .limit(50)
    ).all()
    first, last = time.starts_local.date(), last_day_of(time)
    return [one for one in near if one.starts_local.date() <= last and last_day_of(one) >= first][:10]


def free_slug(wished: str, day: date) -> str:
    """An address for a new event: the wished one, or with the month, or with a number behind it."""
    base = wished or "termin"
    candidates = (base, f"{base}-{day:%Y-%m}", *(f"{base}-{day:%Y-%m}-{number}" for number in range(2, 100)))
    taken = set(db.session.scalars(select(Event.slug).where(Event.slug.startswith(base, autoescape=True))))
    return next(one for one in candidates if one not in taken)
