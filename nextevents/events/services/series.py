"""Series: a rule by words makes independent dates, each with an entry of its own (rules C-29 and C-32).

Only patterns that Outlook can hold are offered. The rule is kept as RFC 5545 writes it; dates are counted on the wall
clock in Berlin, so a meeting at 14:00 stays at 14:00 over both clock changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import islice
from typing import Any

from dateutil import rrule
from flask_babel import gettext as _
from sqlalchemy import delete, select

from ...communities.models import Community
from ...ground import clock
from ...ground.database import change_rows, db
from ...ground.errors import Refusal
from ...people.models import Person
from ..errors import AlreadyOver, CalledOff, DraftInUse, NoDates, NoSuchHour, TooManyDates
from ..models import Event, Registration, Series, Stage
from . import seats
from .meetings import Meeting, make_meetings
from .organising import EventChange, cancel_event, change_event

#: So many dates are made at once.
MOST_DATES = 24
#: So many are counted before giving up.
MOST_OCCURRENCES = 500
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Every(StrEnum):
    """The kinds of patterns."""

    #: Every so many weeks on a weekday.
    WEEKS = "weeks"
    #: Every so many months on the first to fourth or the last weekday.
    WEEKDAY_OF_MONTH = "weekday_of_month"
    #: Every so many months on a day of the month; months without that day are left out.
    DAY_OF_MONTH = "day_of_month"


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """When dates repeat. Either a count or a last day."""

    every: Every
    interval: int = 1
    #: 0 is Monday.
    weekday: int = 0
    #: 1 to 4, or -1 for the last one of the month.
    nth: int = 1
    day: int = 1
    starts_on: date
    count: int | None = None
    until: date | None = None


def rule_of(pattern: Pattern) -> str:
    """The pattern as RFC 5545 3.3.10 writes it, without DTSTART; UNTIL in UTC (rule C-30)."""
    weekday = _WEEKDAYS[pattern.weekday]
    parts = {
        Every.WEEKS: ("FREQ=WEEKLY", f"BYDAY={weekday}"),
        Every.WEEKDAY_OF_MONTH: ("FREQ=MONTHLY", f"BYDAY={pattern.nth}{weekday}"),
        Every.DAY_OF_MONTH: ("FREQ=MONTHLY", f"BYMONTHDAY={pattern.day}"),
    }[pattern.every]
    end = f"COUNT={pattern.count}" if pattern.until is None else f"UNTIL={_end_of(pattern.until):%Y%m%dT%H%M%SZ}"
    return ";".join((parts[0], f"INTERVAL={pattern.interval}", parts[1], end))


def _end_of(day: date) -> datetime:
    return (clock.moment_of(datetime.combine(day, time(23, 59, 59)))).astimezone(UTC)


def dates_of(pattern: Pattern) -> list[date]:
    """The days of a pattern, the first of them on or after its start.

    Raises NoDates where there is none, and TooManyDates beyond MOST_DATES.
    """
    weekday = rrule.weekday(pattern.weekday)
    chosen: dict[str, Any] = {
        Every.WEEKS: {"freq": rrule.WEEKLY, "byweekday": weekday},
        Every.WEEKDAY_OF_MONTH: {"freq": rrule.MONTHLY, "byweekday": weekday(pattern.nth)},
        Every.DAY_OF_MONTH: {"freq": rrule.MONTHLY, "bymonthday": pattern.day},
    }[pattern.every]
    if pattern.count is not None and pattern.count > MOST_DATES:
        raise TooManyDates(MOST_DATES)
    counted = rrule.rrule(
        **chosen,
        interval=pattern.interval,
        dtstart=datetime.combine(pattern.starts_on, time.min),
        until=datetime.combine(pattern.until, time.min) if pattern.until else None,
        count=pattern.count if pattern.until is None else None,
    )
    found = [one.date() for one in islice(counted, MOST_OCCURRENCES)]
    if not found:
        raise NoDates
    if len(found) > MOST_DATES:
        raise TooManyDates(MOST_DATES)
    return found


def make_series(
    community: Community, pattern: Pattern, meetings: Sequence[Meeting], *, publishes: bool, by: Person, at: datetime
) -> Series:
    """The dates that were chosen from a pattern, as drafts or published at once. Each is independent from then on.

    Raises NoDates, TooManyDates, and clock.NoSuchLocalTimeError or clock.AmbiguousLocalTimeError.
    """
    if not meetings:
        raise NoDates
    if len(meetings) > MOST_DATES:
        raise TooManyDates(MOST_DATES)
    series = Series(rule=rule_of(pattern), made_at=at, made_by_id=by.id)
    db.session.add(series)
    db.session.flush()
    in_order = sorted(meetings, key=lambda one: one.starts_local)
    make_meetings(community, in_order, publishes=publishes, series=series, at=at)
    db.session.expire(series, ["events"])
    return series


@dataclass(frozen=True)
class SeriesWish:
    """What several dates of a series shall have in common; what is not named stays as it is in each of them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    starts_time: time | None = None
    ends_time: time | None = None


@dataclass(frozen=True)
class Changed:
    """What became of one date: the names of what changed, or why nothing did."""

    event: Event
    names: frozenset[str] = frozenset()
    refusal: str = ""


def change_dates(
    chosen: Sequence[tuple[Event, int]], wish: SeriesWish, *, tells_text_changes: bool = False, at: datetime
) -> list[Changed]:
    """Change several dates at once, each at the version that was seen; everybody is told per date, as ever.

    A date that refuses does not keep the others from changing. Given back in the order of their beginnings.
    """
    # Held one after the other in the order of their numbers, so that two who do this at once do not block each other.
    told = [
        _changed(event, version, wish, tells_text_changes=tells_text_changes, at=at)
        for event, version in sorted(chosen, key=lambda pair: pair[0].id)
    ]
    return sorted(told, key=lambda one: (one.event.starts_at, one.event.id))


def _changed(event: Event, version: int, wish: SeriesWish, *, tells_text_changes: bool, at: datetime) -> Changed:
    try:
        if event.ends_at <= at:
            raise AlreadyOver
        change = _change_of(event, wish)
        names = change_event(event, change, version=version, tells_text_changes=tells_text_changes, at=at)
    except Refusal as refusal:
        return Changed(event, refusal=str(refusal))
    return Changed(event, names)


def _change_of(event: Event, wish: SeriesWish) -> EventChange:
    change = replace(_standing(event), **wish.values)
    if "dial_in" in wish.values:
        change = replace(change, has_room=False)
    if wish.starts_time is None and wish.ends_time is None:
        return change
    starts = _at(event.starts_local, wish.starts_time)
    ends = _at(event.ends_local, wish.ends_time)
    if ends <= starts:
        raise NoSuchHour(_("Das Ende liegt nicht nach dem Beginn."))
    for wall in (starts, ends):
        try:
            clock.moment_of(wall)
        except (clock.NoSuchLocalTimeError, clock.AmbiguousLocalTimeError):
            raise NoSuchHour from None
    return replace(change, starts_local=starts, ends_local=ends, is_all_day=False)


def _standing(event: Event) -> EventChange:
    values: dict[str, Any] = {one.name: getattr(event, one.name) for one in fields(EventChange)}
    return EventChange(**values)


def _at(wall: datetime, hour: time | None) -> datetime:
    return wall if hour is None else datetime.combine(wall.date(), hour)


def move_date(event: Event, starts: datetime, ends: datetime, *, version: int, at: datetime) -> frozenset[str]:
    """Hold one date at another time, on the wall clock in Berlin; returns what changed. Everybody is told, as ever.

    Registration closes as long before as it did. Raises AlreadyOver, CalledOff, ChangedMeanwhile,
    clock.NoSuchLocalTimeError and clock.AmbiguousLocalTimeError.
    """
    if event.ends_at <= at:
        raise AlreadyOver
    if event.stage == Stage.CANCELLED:
        raise CalledOff
    closes_at = event.closes_at and clock.moment_of(starts) - (event.starts_at - event.closes_at)
    change = replace(_standing(event), starts_local=starts, ends_local=ends, is_all_day=False, closes_at=closes_at)
    return change_event(event, change, version=version, at=at)


def skip_date(event: Event, notice: str = "", *, at: datetime) -> None:
    """Leave one date out: it is called off, or, as a draft that nobody has seen, gone. Twice is harmless.

    What the organisers say about it, as plain text, stands in the mails. Raises AlreadyOver, and DraftInUse for a
    draft on which somebody is registered.
    """
    seats.hold(event)
    if event.ends_at <= at:
        raise AlreadyOver
    if event.stage != Stage.DRAFT:
        cancel_event(event, notice, at=at)
        return
    if db.session.scalar(select(Registration.id).where(Registration.event_id == event.id).limit(1)):
        raise DraftInUse
    change_rows(delete(Event).where(Event.id == event.id))
