"""The grid of a week's days by times, from which candidates of a date poll are ticked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import request
from flask_babel import format_date

from ...events.queries import Span
from ...ground import clock
from ...ground.holidays import holiday_name
from ..planning import Mark, marks_of

TICK = "raster"
MOST_TICKS = 40
WORKDAYS = 5
HOURS = (time(9), time(10), time(11), time(13), time(14), time(15), time(16))
_PATTERN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Cell:
    """One time that can be ticked."""

    value: str
    label: str
    is_ticked: bool
    is_over: bool
    mark: Mark


@dataclass(frozen=True)
class Day:
    """A column: its day in short, and why nobody may have time then."""

    label: str
    holiday: str


@dataclass(frozen=True)
class Grid:
    """A week to tick times in, and what was ticked in other weeks."""

    monday: date
    days: list[Day]
    rows: list[tuple[str, list[Cell]]]
    elsewhere: list[Cell]
    #: What else takes place, in the order of the cells, each once.
    clashes: list[str]


class UnreadableTickError(ValueError):
    """What came is no time that the clock in Berlin shows once."""


def ticked_times() -> list[datetime]:
    """The times that were ticked, on the wall clock, in order. Raises UnreadableTickError."""
    typed = request.form.getlist(TICK)
    if len(typed) > MOST_TICKS:
        raise UnreadableTickError
    try:
        times = sorted({datetime.strptime(one, _PATTERN) for one in typed})  # noqa: DTZ007 - the wall clock
        for one in times:
            clock.moment_of(one)
    except (ValueError, clock.NoSuchLocalTimeError, clock.AmbiguousLocalTimeError) as error:
        raise UnreadableTickError from error
    return times


def grid_of(day: date, ticked: Sequence[datetime], length: timedelta, usual: time) -> Grid:
    """The grid of the week in which that day lies; the usual time of the circle has a row of its own."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=number) for number in range(WORKDAYS)]
    hours = sorted({*HOURS, usual, *(one.time() for one in ticked if one.date() in days)})
    within = [datetime.combine(one, hour) for hour in hours for one in days]
    others = [one for one in ticked if one not in within]
    cells = _cells([*within, *others], frozenset(ticked), length)
    rows = [(f"{hour:%H:%M}", cells[number * WORKDAYS : (number + 1) * WORKDAYS]) for number, hour in enumerate(hours)]
    clashes = dict.fromkeys(f"{one.label}: {one.mark.clash}" for one in cells if one.mark.clash)
    named = [Day(format_date(one, "E d.M."), holiday_name(one) or "") for one in days]
    return Grid(monday, named, rows, cells[len(within) :], list(clashes))


def _cells(walls: Sequence[datetime], ticked: frozenset[datetime], length: timedelta) -> list[Cell]:
    marks, at = marks_of([_span(one, length) for one in walls]), clock.now()
    return [
        Cell(
            value=wall.strftime(_PATTERN),
            label=f"{format_date(wall, 'EEEE, d. MMMM', rebase=False)}, {wall:%H:%M}",
            is_ticked=wall in ticked,
            is_over=clock.moment_of(wall) <= at,
            mark=mark,
        )
        for wall, mark in zip(walls, marks, strict=True)
    ]


def _span(wall: datetime, length: timedelta) -> Span:
    starts = clock.moment_of(wall)
    return Span(starts, starts + length, wall, wall + length)
