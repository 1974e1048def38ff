"""One event, and the next ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import selectinload

from ...communities.models import Community
from ...ground.database import Moment, db, joined_up, read_row
from ...ground.errors import NotFound
from ...ground.files import File
from ...mailing import queries as mailing
from ..models import Event, Registration, Stage, State, event_community


def event_with_uid(uid: str) -> Event | None:
    """An event by its identity in calendars, drafts too."""
    return db.session.scalars(select(Event).where(Event.uid == uid[:200])).first()


def event_with_slug(slug: str, *, with_drafts: bool = False) -> Event:
    """An event by its address, with its communities. Raises NotFound for what is not public."""
    chosen = select(Event).where(Event.slug == slug).options(selectinload(Event.communities))
    if not with_drafts:
        chosen = chosen.where(Event.stage != Stage.DRAFT)
    event = db.session.scalars(chosen).first()
    if event is None:
        raise NotFound
    return event


def event_with_room(key: str) -> Event:
    """The public event that meets in this room at the conference provider. Raises NotFound."""
    chosen = select(Event).where(Event.room == key, Event.room != "", Event.stage != Stage.DRAFT)
    event = db.session.scalars(chosen.options(selectinload(Event.communities))).first()
    if event is None:
        raise NotFound
    return event


class PageKey(NamedTuple):
    """What a public event's page is made of: numbers and versions, the moments that change it, and the seats."""

    versions: tuple[object, ...]
    moments: tuple[datetime | None, ...]
    capacity: int | None
    seats_taken: int
    #: How many people wait; counted only where all seats are taken.
    waiting: int

    @property
    def is_full(self) -> bool:
        """Whether no seat is left."""
        return self.capacity is not None and self.seats_taken >= self.capacity


_COMMUNITY_VERSIONS = (
    select(joined_up(Community.id, Community.version))
    .join(event_community, event_community.c.community_id == Community.id)
    .where(event_community.c.event_id == Event.id)
    .scalar_subquery()
)
#: The registration form names the newsletter that it offers.
_NEWSLETTER = case((Event.asks_newsletter, mailing.NEWSLETTER_NAME), else_="")
_VERSIONS = (Event.id, Event.version, Event.sequence, _COMMUNITY_VERSIONS, _NEWSLETTER)
_MOMENTS = (Event.opens_at, func.coalesce(Event.closes_at, Event.starts_at, type_=Moment), Event.ends_at)
_WAITING = (
    select(func.count()).where(Registration.event_id == Event.id, Registration.state == State.WAITING).scalar_subquery()
)
_SEATS = (Event.capacity, Event.seats_taken, case((Event.seats_taken >= Event.capacity, _WAITING), else_=0))
_PAGE_KEY = select(*_VERSIONS, *_MOMENTS, *_SEATS).where(Event.slug == bindparam("slug"), Event.stage != Stage.DRAFT)


def page_key(slug: str) -> PageKey:
    """The key of a public event's page, from one cheap row. Raises NotFound for what is not public."""
    try:
        row = read_row(_PAGE_KEY, slug=slug)
    except NoResultFound:
        raise NotFound from None
    versions, rest = tuple(row[: len(_VERSIONS)]), tuple(row[len(_VERSIONS) :])
    return PageKey(versions, rest[: len(_MOMENTS)], *rest[len(_MOMENTS) :])


def archive_years(at: datetime) -> list[int]:
    """The years that have past events, newest first."""
    year = func.extract("year", Event.starts_local)
    past = (
        select(year)
        .where(Event.stage != Stage.DRAFT, Event.is_listed, Event.ends_at <= at)
        .distinct()
        .order_by(year.desc())
    )
    return [int(found) for found in db.session.scalars(past)]


def next_events(at: datetime, *, limit: int) -> Sequence[Event]:
    """The next public events that take place."""
    return db.session.scalars(
        select(Event)
        .where(Event.stage == Stage.PUBLISHED, Event.is_listed, Event.ends_at > at)
        .options(selectinload(Event.communities))
        .order_by(Event.starts_at, Event.id)
        .limit(limit)
    ).all()


def meetings_of(community: Community, at: datetime, *, is_past: bool, limit: int) -> Sequence[Event]:
    """A circle's coming meetings in order, or its past ones, newest first."""
    chosen = (
        select(Event)
        .join(event_community, event_community.c.event_id == Event.id)
        .where(event_community.c.community_id == community.id, Event.stage != Stage.DRAFT, Event.is_listed)
        .options(selectinload(Event.communities))
        .limit(limit)
    )
    if is_past:
        return db.session.scalars(chosen.where(Event.ends_at <= at).order_by(Event.starts_at.desc(), Event.id)).all()
    return db.session.scalars(chosen.where(Event.ends_at > at).order_by(Event.starts_at, Event.id)).all()


def coming_counts(at: datetime) -> dict[int, int]:
    """How many coming events each community has, by its number."""
    rows = db.session.execute(
        select(event_community.c.community_id, func.count())
        .join(Event, Event.id == event_community.c.event_id)
        .where(Event.stage == Stage.PUBLISHED, Event.is_listed, Event.ends_at > at)
        .group_by(event_community.c.community_id)
    )
    return dict(rows.all())


def picture_of(event: Event, number: int) -> File:
    """The event's picture or a partner's logo with this number. Raises NotFound for any other file."""
    found = (
        db.session.get(File, number) if number in {event.picture_id, *(one.logo_id for one in event.partners)} else None
    )
    if found is None:
        raise NotFound
    return found
