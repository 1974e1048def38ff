"""Reading communities."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select

from ..ground.database import db, joined_up, read_row
from ..ground.errors import NotFound
from ..people.models import Person
from .models import Belonging, Community, Lead

_ALL_VERSIONS = select(joined_up(Community.id, Community.version))


def community_with_slug(slug: str) -> Community:
    """A community by its address. Raises NotFound."""
    community = db.session.scalars(select(Community).where(Community.slug == slug)).first()
    if community is None:
        raise NotFound
    return community


def all_communities() -> Sequence[Community]:
    """All circles in their order."""
    return db.session.scalars(select(Community).order_by(Community.position, Community.name)).all()


def communities_with_slugs(slugs: Iterable[str]) -> Sequence[Community]:
    """The named circles, in their order; unknown slugs are left out."""
    chosen = select(Community).where(Community.slug.in_(list(slugs)))
    return db.session.scalars(chosen.order_by(Community.position, Community.name)).all()


def has_ended(community: Community, on: date) -> bool:
    """Whether a circle has finished its work."""
    return community.ended_on is not None and community.ended_on < on


def fingerprint() -> str:
    """Changes whenever any circle does: the key for everything rendered from all of them."""
    return read_row(_ALL_VERSIONS)[0] or ""


def belongs_to_any(person: Person, communities: Iterable[Community]) -> bool:
    """Whether a person belongs to, or leads, at least one of the circles."""
    numbers = [community.id for community in communities]
    belonging = select(Belonging.id).where(Belonging.person_id == person.id, Belonging.community_id.in_(numbers))
    leading = select(Lead.person_id).where(Lead.person_id == person.id, Lead.community_id.in_(numbers))
    return db.session.scalar(select(belonging.exists() | leading.exists())) or False


def count_belonging(community: Community) -> int:
    """How many people belong to a circle."""
    return db.session.scalar(select(func.count()).where(Belonging.community_id == community.id)) or 0


def leads_any(person: Person) -> bool:
    """Whether a person leads a circle."""
    return db.session.scalar(select(select(Lead.person_id).where(Lead.person_id == person.id).exists())) or False


def led_by(person: Person) -> Sequence[Community]:
    """The circles that a person leads, in their order."""
    chosen = select(Community).join(Lead).where(Lead.person_id == person.id)
    return db.session.scalars(chosen.order_by(Community.position, Community.name)).all()
