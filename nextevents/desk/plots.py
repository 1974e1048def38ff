"""Figures as plots: geometry only; templates/ui/plot.html draws it as SVG, with its table beside it.

Nothing is said by colour alone: each bar has its label and number, and what did not come about is hatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from ..events import queries as events
from ..events import showing
from ..events.models import Event, State
from ..people.models import Level
from ..people.showing import level_word

#: The drawing's own units; the page scales it.
WIDTH = 600.0
ROW = 44.0
BAR_TOP, BAR = 20.0, 16.0
LINE_HEIGHT, LINE_MARGIN = 180.0, 28.0
#: What did not come about.
HATCHED = frozenset({State.CANCELLED, State.EXCUSED, State.ABSENT, State.UNCONFIRMED})


@dataclass(frozen=True)
class Bar:
    """A row of a bar plot, from the top."""

    label: str
    count: int
    y: float
    length: float
    is_hatched: bool = False


@dataclass(frozen=True)
class Plot:
    """A drawing with what it says in words, and the same as rows of a table."""

    name: str
    title: str
    summary: str
    columns: tuple[str, str]
    rows: list[tuple[str, int]]
    height: float
    bars: list[Bar] = field(default_factory=list)
    #: The points of a line, as SVG wants them, and what stands at the axes' ends.
    points: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    #: What else is to be known.
    note: str = ""
    width: float = WIDTH


def plots(counted: Mapping[str, Any]) -> list[Plot]:
    """An event's figures, as events.queries.figures_of counts them. What is empty is left out."""
    found = [
        _growth(counted["by_day"]),
        _states(counted["states"]),
        _levels(counted["levels"]),
        _bodies(counted["bodies"]),
        *[_question(one) for one in counted["questions"]],
    ]
    return [one for one in found if one]


def feedback_plots(event: Event) -> list[Plot]:
    """What people think of an event; nothing of a question that fewer than five have answered."""
    found = events.feedback_figures(event)
    if found is None:
        return []
    marks = [_("sehr"), _("eher ja"), _("teils, teils"), _("eher nein"), _("gar nicht")]
    titles = {"rating": _("Hat es sich gelohnt?"), "useful": _("Ist es für die Arbeit zu gebrauchen?")}
    return [
        _bars(f"feedback-{name}", title, _("Antwort"), list(zip(marks, reversed(found[name]), strict=True)))
        for name, title in titles.items()
        if sum(found[name]) >= events.FEWEST_ANSWERS
    ]


def _bars(
    name: str,
    title: str,
    column: str,
    rows: Sequence[tuple[str, int]],
    *,
    hatched: frozenset[str] = frozenset(),
    note: str = "",
) -> Plot:
    most = max((count for _label, count in rows), default=0) or 1
    bars = [
        Bar(label, count, position * ROW, round(WIDTH * count / most, 1), label in hatched)
        for position, (label, count) in enumerate(rows)
    ]
    summary = ", ".join(f"{label}: {count}" for label, count in rows)
    columns = (column, _("Anzahl"))
    return Plot(name, title, summary, columns, list(rows), ROW * len(rows), bars=bars, note=note)


def _growth(by_day: Sequence[Sequence[Any]]) -> Plot | None:
    """How the registrations grew: a line in steps, from the first day to the last."""
    if not by_day:
        return None
    days = [date.fromisoformat(day) for day, _count in by_day]
    totals, total = [], 0
    for _day, count in by_day:
        total += count
        totals.append(total)
    return Plot(
        "growth",
        _("Anmeldungen im Lauf der Zeit"),
        ngettext(
            "Vom %(first)s bis %(last)s kam %(num)s Anmeldung zusammen.",
            "Vom %(first)s bis %(last)s kamen %(num)s Anmeldungen zusammen.",
            total,
            first=format_date(days[0], "d. MMMM"),
            last=format_date(days[-1], "d. MMMM y"),
        ),
        (_("Bis einschließlich"), _("Anmeldungen insgesamt")),
        [(format_date(day, "medium"), count) for day, count in zip(days, totals, strict=True)],
        LINE_HEIGHT + 2 * LINE_MARGIN,
        points=_steps(days, totals),
        marks={"first": format_date(days[0], "d. MMM"), "last": format_date(days[-1], "d. MMM"), "top": str(total)},
        note=_("Alle, die sich je angemeldet haben, auch wer später abgesagt oder die Adresse nicht bestätigt hat."),
    )


def _steps(days: Sequence[date], totals: Sequence[int]) -> str:
    span = (days[-1] - days[0]).days or 1
    foot = LINE_HEIGHT + LINE_MARGIN
    points, height = [(0.0, foot)], foot
    for day, count in zip(days, totals, strict=True):
        x = round(WIDTH * (day - days[0]).days / span, 1)
        points.append((x, height))
        height = round(foot - LINE_HEIGHT * count / totals[-1], 1)
        points.append((x, height))
    points.append((WIDTH, height))
    return " ".join(f"{x},{y}" for x, y in points)


def _states(states: Mapping[str, int]) -> Plot | None:
    rows = [(showing.state_word(State(name)), count) for name, count in states.items()]
    words = frozenset(showing.state_word(state) for state in HATCHED)
    return _bars("states", _("Was daraus wurde"), _("Stand"), rows, hatched=words) if rows else None


def _levels(levels: Mapping[str, int]) -> Plot | None:
    rows = [(level_word(Level(name)) if name else _("nicht bekannt"), count) for name, count in levels.items()]
    return _bars("levels", _("Ebenen"), _("Ebene"), rows, note=_of_those_who_come()) if rows else None


def _of_those_who_come() -> str:
    return _("Ohne Abgesagte, offene Anfragen und unbestätigte Anmeldungen.")


def _bodies(bodies: Mapping[str, Any]) -> Plot | None:
    rows = [(name, count) for name, count in bodies["top"]]
    if bodies["others"]:
        rows.append((_("alle anderen"), bodies["others"]))
    if not rows:
        return None
    count = bodies["count"]
    note = ngettext(
        "%(num)s Organisation insgesamt. Mit Namen steht hier nur, wer mindestens drei Personen schickt.",
        "%(num)s Organisationen insgesamt. Mit Namen steht hier nur, wer mindestens drei Personen schickt.",
        count,
    )
    return _bars("bodies", _("Organisationen"), _("Organisation"), rows, note=f"{note} {_of_those_who_come()}")


def _question(one: Mapping[str, Any]) -> Plot | None:
    rows = [(answer, count) for answer, count in one["answers"]]
    name, note = f"question-{one['id']}", _of_those_who_come()
    return _bars(name, one["label"], _("Antwort"), rows, note=note) if rows else None
