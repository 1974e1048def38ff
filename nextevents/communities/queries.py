"""Reading communities."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from ..ground.database import db, joined_up, read_row
from ..ground.errors import NotFound
from ..ground.full_text import FileText
from ..ground.text import contains_pattern
from ..people.models import Person
from .models import Belonging, Community, Document, EarlierSlug, Lead, MergedCommunity, Result

_ALL_VERSIONS = select(joined_up(Community.id, Community.version))
_ALL_RESULTS = select(joined_up(Result.id, Result.version))
#: More are not asked for at once.
MOST_WORDS = 8


def community_with_slug(slug: str) -> Community:
    """A community by its address. Raises NotFound."""
    community = db.session.scalars(select(Community).where(Community.slug == slug)).first()
    if community is None:
        raise NotFound
    return community


def all_communities() -> Sequence[Community]:
    """All circles in their order."""
    return db.session.scalars(select(Community).order_by(Community.position, Community.name)).all()


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
    """A community by its number, or the one that it was merged into. Raises NotFound."""
    merged = select(Community).join(MergedCommunity).where(MergedCommunity.number == number)
    community = db.session.get(Community, number) or db.session.scalars(merged).first()
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


def is_name_free(slug: str, name: str) -> bool:
    """Whether a new circle could be called so, at this address."""
    is_used = select(Community.id).where(or_(Community.slug == slug, func.lower(Community.name) == name.lower()))
    was_used = select(EarlierSlug.slug).where(EarlierSlug.slug == slug)
    return bool(slug) and not db.session.scalar(select(or_(is_used.exists(), was_used.exists())))


def community_at(slug: str) -> Community:
    """A community by its address, or by one from before a new name or a merger. Raises NotFound."""
    found = db.session.scalars(select(Community).where(Community.slug == slug)).first()
    return found or community_that_had(slug)


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


# Documents and results


def documents(community: Community) -> Sequence[Document]:
    """All that lies in a circle's library, newest first."""
    chosen = select(Document).where(Document.community_id == community.id).options(joinedload(Document.file))
    return db.session.scalars(chosen.order_by(Document.made_at.desc(), Document.id.desc())).all()


def document(community: Community, number: int) -> Document:
    """Something in a circle's library. Raises NotFound."""
    found = db.session.scalars(
        select(Document)
        .where(Document.community_id == community.id, Document.id == number)
        .options(joinedload(Document.file), joinedload(Document.community))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def has_words(words: str, *columns: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """Conditions that each word stands in one of these columns, which hold what text.search_key() makes of a text."""
    patterns = [contains_pattern(word) for word in words.split()[:MOST_WORDS]]
    return [or_(*(column.like(pattern, escape="\\") for column in columns)) for pattern in patterns]


def results_of(community: Community) -> Sequence[Result]:
    """What a circle has made, newest first, and before that what is not published."""
    chosen = select(Result).where(Result.community_id == community.id).options(joinedload(Result.file))
    return db.session.scalars(chosen.order_by(*_NEWEST_RESULT)).all()


_NEWEST_RESULT = (Result.published_on.is_not(None), Result.published_on.desc(), Result.id.desc())


def published_results_of(community: Community, on: date) -> Sequence[Result]:
    """What a circle has published, newest first."""
    chosen = select(Result).where(Result.community_id == community.id, Result.published_on <= on)
    return db.session.scalars(chosen.order_by(*_NEWEST_RESULT)).all()


def has_results(community: Community) -> bool:
    """Whether a circle has made something, published or not."""
    return db.session.scalar(select(select(Result.id).where(Result.community_id == community.id).exists())) or False


def result(community: Community, number: int) -> Result:
    """Something that a circle has made. Raises NotFound."""
    return _one_result(Result.community_id == community.id, Result.id == number)


def result_with_slug(slug: str) -> Result:
    """A result by its address, published or not. Raises NotFound."""
    return _one_result(Result.slug == slug)


def _one_result(*conditions: ColumnElement[bool]) -> Result:
    chosen = select(Result).where(*conditions).options(joinedload(Result.file), joinedload(Result.community))
    found = db.session.scalars(chosen).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, kw_only=True)
class ResultFilter:
    """Which published results somebody wants to see. Empty means all."""

    words: str = ""
    year: int | None = None
    community: str = ""


def published_results(chosen: ResultFilter, on: date, *, limit: int, offset: int = 0) -> Sequence[Result]:
    """Published results, newest first, each with its circle and file."""
    page = (
        select(Result)
        .join(Result.community)
        .outerjoin(FileText, FileText.file_id == Result.file_id)
        .where(Result.published_on <= on, *has_words(chosen.words, Result.search_text, FileText.search_text))
        .options(joinedload(Result.community), joinedload(Result.file))
        .order_by(*_NEWEST_RESULT)
        .limit(limit)
        .offset(offset)
    )
    if chosen.year:
        page = page.where(extract("year", Result.published_on) == chosen.year)
    if chosen.community:
        page = page.where(Community.slug == chosen.community)
    return db.session.scalars(page).all()


def years_of_results(on: date) -> Sequence[int]:
    """The years in which something was published, newest first."""
    days = db.session.scalars(select(Result.published_on).where(Result.published_on <= on).distinct()).all()
    return sorted({day.year for day in days if day}, reverse=True)


def communities_with_results(on: date) -> Sequence[Community]:
    """The circles that have published something, by name."""
    with_some = select(Result.community_id).where(Result.published_on <= on)
    return db.session.scalars(select(Community).where(Community.id.in_(with_some)).order_by(Community.name)).all()


def fingerprint_of_results() -> str:
    """Changes whenever any result does."""
    return read_row(_ALL_RESULTS)[0] or ""
