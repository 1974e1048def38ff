"""Reading events and registrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ..communities.models import Community
from ..ground import clock
from ..ground.database import Moment, db, joined_up
from ..ground.errors import NotFound
from ..ground.text import contains_pattern
from ..people.models import Feed, Person
from .models import ACTIVE, Event, Format, Place, Registration, Stage, State, event_community

FEED_CANCELLED = timedelta(days=30)
FEED_PAST = timedelta(days=60)
TOLD = (State.CONFIRMED, State.WAITING, State.OFFERED)


def event_with_slug(slug: str, *, with_drafts: bool = False) -> Event:
    """An event by its address, with its communities. Raises NotFound for what is not public."""
    chosen = select(Event).where(Event.slug == slug).options(selectinload(Event.communities))
    if not with_drafts:
        chosen = chosen.where(Event.stage != Stage.DRAFT)
    event = db.session.scalars(chosen).first()
    if event is None:
        raise NotFound
    return event


class PageKey(NamedTuple):
    """What a public event's page is made of: numbers and versions, and the moments that change it."""

    versions: tuple[object, ...]
    moments: tuple[datetime | None, ...]


def page_key(slug: str) -> PageKey:
    """The key of a public event's page, from one cheap row. Raises NotFound for what is not public."""
    community_versions = (
        select(joined_up(Community.id, Community.version))
        .join(event_community, event_community.c.community_id == Community.id)
        .where(event_community.c.event_id == Event.id)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(
            Event.id,
            Event.version,
            Event.sequence,
            Event.seats_taken,
            community_versions,
            Event.opens_at,
            func.coalesce(Event.closes_at, Event.starts_at, type_=Moment),
            Event.ends_at,
        ).where(Event.slug == slug, Event.stage != Stage.DRAFT)
    ).first()
    if row is None:
        raise NotFound
    return PageKey(tuple(row[:5]), tuple(row[5:]))


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Which events somebody wants to see. Empty means all."""

    community: str = ""
    format: Format | None = None
    place: Place | None = None
    words: str = ""
    #: The first day of a month.
    month: date | None = None
    #: The archive of one year instead of what is coming.
    year: int | None = None
    with_drafts: bool = False

    def conditions(self, at: datetime) -> list[ColumnElement[bool]]:
        """The filter as conditions on Event."""
        found: list[ColumnElement[bool]] = [] if self.with_drafts else [Event.stage != Stage.DRAFT]
        if self.community:
            found.append(Event.communities.any(Community.slug == self.community))
        if self.format:
            found.append(Event.format == self.format)
        if self.place:
            found.append(Event.place == self.place)
        found += [Event.search_text.like(contains_pattern(word), escape="\\") for word in self.words.split()[:8]]
        if self.month:
            found += _within(self.month, _next_month(self.month))
        elif self.year:
            found += [*_within(date(self.year, 1, 1), date(self.year + 1, 1, 1)), Event.ends_at <= at]
        else:
            found.append(Event.ends_at > at)
        return found


def _within(first: date, end: date) -> list[ColumnElement[bool]]:
    begin, finish = (clock.moment_of(datetime.combine(day, time())) for day in (first, end))
    return [Event.starts_at >= begin, Event.starts_at < finish]


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def list_key(chosen: EventFilter, at: datetime, *, limit: int, offset: int = 0) -> tuple[object, ...]:
    """Changes whenever anything shown in such a list does: numbers, versions, seats, and what time alone changes."""
    shown = _listed(chosen, at).limit(limit).offset(offset).subquery()
    row = db.session.execute(
        select(
            joined_up(shown.c.id, shown.c.version, shown.c.seats_taken),
            func.count().filter(shown.c.opens_at > at),
            func.count().filter(func.coalesce(shown.c.closes_at, shown.c.starts_at) > at),
        )
    ).one()
    return tuple(row)


def _listed(chosen: EventFilter, at: datetime) -> Select[Event]:
    order = Event.starts_at.desc() if chosen.year else Event.starts_at
    return select(Event).where(*chosen.conditions(at)).order_by(order, Event.id)


def listed_events(chosen: EventFilter, at: datetime, *, limit: int, offset: int = 0) -> Sequence[Event]:
    """The events of a list in order, the archive's newest first; with their communities, in two queries."""
    page = _listed(chosen, at).options(selectinload(Event.communities)).limit(limit).offset(offset)
    return db.session.scalars(page).all()


def archive_years(at: datetime) -> list[int]:
    """The years that have past events, newest first."""
    year = func.extract("year", Event.starts_local)
    past = select(year).where(Event.stage != Stage.DRAFT, Event.ends_at <= at).distinct().order_by(year.desc())
    return [int(found) for found in db.session.scalars(past)]


def next_events(at: datetime, *, limit: int) -> Sequence[Event]:
    """The next public events that take place."""
    return db.session.scalars(
        select(Event)
        .where(Event.stage == Stage.PUBLISHED, Event.ends_at > at)
        .options(selectinload(Event.communities))
        .order_by(Event.starts_at, Event.id)
        .limit(limit)
    ).all()


def meetings_of(community: Community, at: datetime, *, is_past: bool, limit: int) -> Sequence[Event]:
    """A circle's coming meetings in order, or its past ones, newest first."""
    chosen = (
        select(Event)
        .join(event_community, event_community.c.event_id == Event.id)
        .where(event_community.c.community_id == community.id, Event.stage != Stage.DRAFT)
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
        .where(Event.stage == Stage.PUBLISHED, Event.ends_at > at)
        .group_by(event_community.c.community_id)
    )
    return dict(rows.all())


def _feed_window(today: date) -> ColumnElement[bool]:
    """Which public events stand in feeds on a day (rule C-44)."""
    start_of_day = clock.moment_of(datetime.combine(today, time()))
    return or_(
        and_(Event.stage == Stage.PUBLISHED, Event.ends_at > start_of_day - FEED_PAST),
        and_(
            Event.stage == Stage.CANCELLED,
            Event.ends_at > start_of_day - FEED_PAST,
            Event.changed_at > start_of_day - FEED_CANCELLED,
        ),
    )


def _in_feed(community: Community | None, today: date) -> list[ColumnElement[bool]]:
    conditions = [_feed_window(today)]
    if community:
        conditions.append(Event.communities.any(Community.id == community.id))
    return conditions


def feed_key(community: Community | None, today: date) -> str:
    """Changes whenever the feed's bytes would: numbers, versions and revisions in one string."""
    key = select(joined_up(Event.id, Event.version, Event.sequence)).where(*_in_feed(community, today))
    return db.session.scalar(key) or ""


def feed_events(community: Community | None, today: date) -> Sequence[Event]:
    """The public events of a feed."""
    return db.session.scalars(select(Event).where(*_in_feed(community, today))).all()


def own_feed_registrations(feed: Feed, today: date) -> Sequence[Registration]:
    """What stands in a person's own feed: everything they have a seat at or wait for.

    A feed without invitations leaves out what was mailed as an entry, which is everything told (rule C-46).
    """
    states = (State.ATTENDED,) if feed.only_without_invitation else (*TOLD, State.ATTENDED)
    return db.session.scalars(
        select(Registration)
        .join(Event)
        .where(Registration.person_id == feed.person_id, Registration.state.in_(states), _feed_window(today))
        .options(joinedload(Registration.event))
    ).all()


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


def participants(event: Event, *, words: str = "", state: State | None = None) -> Select[Registration]:
    """The registrations of an event with their people, to be paged; waiting ones in their order."""
    chosen = (
        select(Registration)
        .join(Registration.person)
        .where(Registration.event_id == event.id)
        .options(joinedload(Registration.person).joinedload(Person.organisation))
        .order_by(
            Registration.waiting_since.is_not(None), Registration.waiting_since, Registration.name, Registration.id
        )
    )
    if state:
        chosen = chosen.where(Registration.state == state)
    if words:
        pattern = contains_pattern(words)
        chosen = chosen.where(
            or_(func.lower(Registration.name).like(pattern, escape="\\"), Person.address_key.like(pattern, escape="\\"))
        )
    return chosen


def counts_by_state(event: Event) -> dict[State, int]:
    """How many registrations are in each state."""
    rows = db.session.execute(
        select(Registration.state, func.count()).where(Registration.event_id == event.id).group_by(Registration.state)
    )
    return dict.fromkeys(State, 0) | dict(rows.all())
