"""Lists of events: what was asked for, what is shown, and when it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import selectinload

from ...communities.models import Community
from ...ground import clock
from ...ground.database import db, joined_up, read_row
from ...ground.text import contains_pattern
from ..models import Event, Format, Place, Stage

Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])


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
    #: Leave out what was called off.
    takes_place: bool = False

    def conditions(self, at: datetime) -> list[ColumnElement[bool]]:
        """The filter as conditions on Event."""
        found: list[ColumnElement[bool]] = (
            [] if self.with_drafts else [Event.stage != Stage.DRAFT, Event.is_listed.is_(True)]
        )
        if self.takes_place:
            found.append(Event.stage == Stage.PUBLISHED)
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
    closes_at = func.coalesce(Event.closes_at, Event.starts_at).label("closes_at")
    columns = select(Event.id, Event.version, Event.seats_taken, Event.opens_at, closes_at)
    shown = _in_order(columns, chosen, at).limit(limit).offset(offset).subquery()
    row = read_row(
        select(
            joined_up(shown.c.id, shown.c.version, shown.c.seats_taken),
            func.count().filter(shown.c.opens_at > at),
            func.count().filter(shown.c.closes_at > at),
        )
    )
    return tuple(row)


def listed_events(chosen: EventFilter, at: datetime, *, limit: int, offset: int = 0) -> Sequence[Event]:
    """The events of a list in order, the archive's newest first; with their communities, in two queries."""
    page = _in_order(select(Event), chosen, at).options(selectinload(Event.communities)).limit(limit).offset(offset)
    return db.session.scalars(page).all()


def _in_order(columns: Chosen, chosen: EventFilter, at: datetime) -> Chosen:
    order = Event.starts_at.desc() if chosen.year else Event.starts_at
    return columns.where(*chosen.conditions(at)).order_by(order, Event.id)
