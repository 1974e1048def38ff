"""A circle's library: its own documents, and what stays of its meetings, each as far as its reader may see it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, literal, or_, select, true, union_all
from sqlalchemy.orm import joinedload

from ...communities.models import Belonging, Community, Document
from ...communities.models import Viewers as Readers
from ...communities.queries import has_words
from ...ground.database import db
from ...ground.full_text import FileText
from ...people.models import Person
from ..models import ATTENDANCE, Event, Material, MaterialViewers, Registration, Stage, event_community
from .organising import is_organised_by

Kept = Document | Material


def library(
    community: Community,
    person: Person | None,
    readers: Collection[Readers],
    words: str = "",
    *,
    limit: int,
    offset: int = 0,
) -> Sequence[Kept]:
    """What somebody finds in a circle's library, newest first; with files and events, in three queries.

    `readers` are what communities.rules.viewers_for() says of this person.
    """
    both = union_all(_documents(community, readers, words), _materials(community, person, words)).subquery()
    page = select(both.c.kind, both.c.number).order_by(both.c.made_at.desc(), both.c.kind, both.c.number.desc())
    order = db.session.execute(page.limit(limit).offset(offset)).all()
    documents, materials = ([number for one, number in order if one == kind] for kind in ("document", "material"))
    found = _all(select(Document).where(Document.id.in_(documents)).options(joinedload(Document.file)))
    with_event = (joinedload(Material.file), joinedload(Material.event))
    found |= _all(select(Material).where(Material.id.in_(materials)).options(*with_event))
    return [found[kind, number] for kind, number in order]


def _documents(community: Community, readers: Collection[Readers], words: str) -> Select[str, int, datetime]:
    chosen = select(literal("document", String).label("kind"), Document.id.label("number"), Document.made_at)
    return chosen.outerjoin(FileText, FileText.file_id == Document.file_id).where(
        Document.community_id == community.id,
        Document.viewers.in_(readers),
        *has_words(words, Document.search_text, FileText.search_text),
    )


def _materials(community: Community, person: Person | None, words: str) -> Select[str, int, datetime]:
    chosen = select(literal("material", String).label("kind"), Material.id.label("number"), Material.made_at)
    return (
        chosen.join(Event, Event.id == Material.event_id)
        .join(event_community, event_community.c.event_id == Event.id)
        .outerjoin(FileText, FileText.file_id == Material.file_id)
        .where(
            event_community.c.community_id == community.id,
            Event.stage != Stage.DRAFT,
            _may_see(person),
            *has_words(words, Material.search_text, Event.search_text, FileText.search_text),
        )
    )


def _may_see(person: Person | None) -> ColumnElement[bool]:
    """As rules.viewers_for() and rules.may_organise() say, and no door to events that are not listed."""
    if person is None:
        return and_(Material.viewers == MaterialViewers.EVERYBODY, Event.is_listed)
    is_for_signed_in = Material.viewers.in_((MaterialViewers.EVERYBODY, MaterialViewers.SIGNED_IN))
    belongs = (
        select(event_community.c.event_id)
        .join(Belonging, Belonging.community_id == event_community.c.community_id)
        .where(event_community.c.event_id == Event.id, Belonging.person_id == person.id)
        .exists()
    )
    is_for_circle = and_(Material.viewers == MaterialViewers.COMMUNITY, belongs)
    was_there = (
        select(Registration.id)
        .where(Registration.event_id == Event.id, Registration.person_id == person.id)
        .where(Registration.state.in_(ATTENDANCE))
        .exists()
    )
    is_for_participants = and_(Material.viewers != MaterialViewers.NOBODY, was_there)
    organises = true() if person.is_office else is_organised_by(person)
    return or_(and_(or_(is_for_signed_in, is_for_circle), Event.is_listed), is_for_participants, organises)


def _all(rows: Select[Document] | Select[Material]) -> dict[tuple[str, int], Kept]:
    found: Sequence[Kept] = db.session.scalars(rows).all()
    return {(one.__tablename__, one.id): one for one in found}
