"""What stays of an event: materials, certificates, feedback."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ...ground.database import db
from ...ground.errors import NotFound
from ..models import Certificate, Event, Feedback, Material, Registration


def materials(event: Event) -> Sequence[Material]:
    """An event's materials, in the order in which they were put there."""
    return db.session.scalars(
        select(Material).where(Material.event_id == event.id).options(joinedload(Material.file)).order_by(Material.id)
    ).all()


def material(event: Event, number: int) -> Material:
    """One of an event's materials. Raises NotFound."""
    found = db.session.scalars(
        select(Material).where(Material.event_id == event.id, Material.id == number).options(joinedload(Material.file))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def certificate_with_code(code: str) -> Certificate | None:
    """The certificate with this code, as services.certificates keeps it."""
    return db.session.scalars(
        select(Certificate).where(Certificate.code == code).options(joinedload(Certificate.event))
    ).one_or_none()


def certificate_of(registration: Registration) -> Certificate | None:
    """Somebody's certificate, if it was issued."""
    return db.session.scalars(
        select(Certificate).where(Certificate.registration_id == registration.id).options(joinedload(Certificate.event))
    ).one_or_none()


def certificate_counts(event: Event) -> tuple[int, int]:
    """How many certificates were issued, and how many of them were sent."""
    row = db.session.execute(
        select(func.count(), func.count(Certificate.sent_at)).where(Certificate.event_id == event.id)
    ).one()
    return row[0], row[1]


def feedback_texts(event: Event) -> Sequence[str]:
    """What people wrote, in an order that says nothing about when."""
    chosen = select(Feedback.text).where(Feedback.event_id == event.id, Feedback.text != "")
    return sorted(db.session.scalars(chosen).all(), key=str.casefold)


def feedback_count(event: Event) -> int:
    """How many people have answered."""
    return db.session.scalar(select(func.count()).where(Feedback.event_id == event.id)) or 0
