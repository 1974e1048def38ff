"""Who organises what, and who was asked to come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from ...communities.models import Lead
from ...ground.database import db
from ...people.models import Person
from ..models import Event, Invitation, event_community, event_host


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


def organises(person: Person, event: Event) -> bool:
    """Whether a person leads one of the event's circles, or was asked to run this one date."""
    chosen = select(Event.id).where(Event.id == event.id, or_(_led_by(person), _hosted_by(person)))
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
