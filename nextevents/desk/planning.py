"""What a lead should know about days that are only thought of: holidays, weekends, what else takes place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from ..events import queries as events
from ..events.queries import Span
from ..events.showing_polls import clash_hint
from ..ground import clock
from ..ground.holidays import holiday_name

SATURDAY = 6


@dataclass(frozen=True)
class Mark:
    """What is to be known about one day: short words, and what else takes place then."""

    words: tuple[str, ...] = ()
    clash: str = ""


def span_between(starts_local: datetime, ends_local: datetime) -> Span | None:
    """A time of the wall clock in Berlin; None for what the clock does not show, or shows twice."""
    try:
        return Span(clock.moment_of(starts_local), clock.moment_of(ends_local), starts_local, ends_local)
    except (clock.NoSuchLocalTimeError, clock.AmbiguousLocalTimeError):
        return None


def marks_of(spans: Sequence[Span | None], *, but: Iterable[int] = ()) -> list[Mark]:
    """The marks of each time, with one look into the calendar for all; None for times that cannot be.

    Events with the numbers in `but` do not clash.
    """
    known = [one for one in spans if one]
    others = iter(events.others_near(known, but=but))
    return [_mark(one, clash_hint(*next(others))) if one else Mark() for one in spans]


def _mark(span: Span, clash: str) -> Mark:
    day = span.starts_local.date()
    words = []
    if name := holiday_name(day):
        words.append(name)
    if day.isoweekday() >= SATURDAY:
        words.append(_("Wochenende"))
    if span.starts_at <= clock.now():
        words.append(_("schon vorbei"))
    return Mark(tuple(words), clash)
