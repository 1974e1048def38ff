"""Reading communities."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..ground.database import db, joined_up, read_row
from ..ground.errors import NotFound
from ..people.models import Person
from .models import Belonging, Community, EarlierSlug, Lead

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


def community_with_number(number: int) -> Community:
    """A community by its number. Raises NotFound."""
    community = db.session.get(Community, number)
    if community is None:
        raise NotFound
    return community


def community_that_had(slug: str) -> Community:
    """The circle that has taken over this address from before. Raises NotFound."""
    chosen = select(Community).join(EarlierSlug).where(EarlierSlug.slug == slug)
    found = db.session.scalars(chosen).first()
    if found is None:
        raise NotFound
    return found


def belonging_of(person: Person, community: Community) -> Belonging:
    """How somebody belongs to a circle. Raises NotFound for whoever does not."""
    found = belonging(community.id, person.id)
    if found is None:
        raise NotFound
    return found


def belonging(community_id: int, person_id: int) -> Belonging | None:
    """How somebody belongs to a circle, with both; None for whoever does not."""
    return db.session.scalars(
        select(Belonging)
        .where(Belonging.community_id == community_id, Belonging.person_id == person_id)
        .options(joinedload(Belonging.community), joinedload(Belonging.person))
    ).first()


def belongings_of(person: Person) -> Sequence[Belonging]:
    """All circles that somebody belongs to, in their order."""
    return db.session.scalars(
        select(Belonging)
        .join(Community)
        .where(Belonging.person_id == person.id)
        .options(joinedload(Belonging.community))
        .order_by(Community.position, Community.name)
    ).all()


def leads_of(community: Community) -> Sequence[Person]:
    """The people who lead a circle, by name."""
    chosen = select(Person).join(Lead, Lead.person_id == Person.id).where(Lead.community_id == community.id)
    return db.session.scalars(chosen.order_by(Person.name, Person.id)).all()


def leads_by_circle() -> dict[int, list[Person]]:
    """The people who lead circles, by name, under the circles' numbers."""
    chosen = select(Lead.community_id, Person).join(Person, Person.id == Lead.person_id)
    found: dict[int, list[Person]] = {}
    for number, person in db.session.execute(chosen.order_by(Person.name, Person.id)):
        found.setdefault(number, []).append(person)
    return found


def lead_numbers(community: Community) -> Sequence[int]:
    """The numbers of the people who lead a circle."""
    return db.session.scalars(select(Lead.person_id).where(Lead.community_id == community.id)).all()


def leads(person: Person, community: Community) -> bool:
    """Whether a person leads this circle."""
    chosen = select(Lead.person_id).where(Lead.person_id == person.id, Lead.community_id == community.id)
    return db.session.scalar(select(chosen.exists())) or False


def count_bodies(community: Community) -> int:
    """From how many known bodies the people of a circle come."""
    chosen = select(func.count(Person.organisation_id.distinct())).join(Belonging, Belonging.person_id == Person.id)
    return db.session.scalar(chosen.where(Belonging.community_id == community.id)) or 0


def counts_of_parts(community: Community) -> dict[str, int]:
    """How many people of a circle want each of its parts."""
    columns = (Belonging.gets_mail, Belonging.gets_invitations, Belonging.is_in_feed, Belonging.always_comes)
    counted = select(*(func.count().filter(column) for column in columns))
    row = db.session.execute(counted.where(Belonging.community_id == community.id)).one()
    return {column.key: count for column, count in zip(columns, row, strict=True)}


def counts_belonging() -> dict[int, int]:
    """How many people belong to each circle, by its number; circles without any are left out."""
    rows = db.session.execute(select(Belonging.community_id, func.count()).group_by(Belonging.community_id))
    return dict(rows.all())
