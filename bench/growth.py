"""How cost grows with what there is: warm, and just after a change, when a body has to be made anew.

One web worker, one visitor: what a request costs, not how many can be had.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import text

from bench import load, seed
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import Ground, Instance, Web
from nextevents.ground.database import db, transaction

WARM, ANEW = 40, 8
#: With how many times as many registrations pages of organisers may still take how many times as long.
SLOWER = 1.5
#: Pages that only organisers see: they are made anew for each look.
WITH_MARKS = (
    *("event", "door", "participants (50 a page)", "participants, last page", "participants, searched"),
    "participants, by body",
)


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one request, and bytes of its answer."""

    warm: float
    anew: float
    size: int


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """More events, then more registrations of one."""
    report.growths.append(_with_events(ground, plan))
    growth, rows = _with_registrations(ground, plan)
    report.growths.append(growth)
    report.rows += rows


def _with_events(ground: Ground, plan: Plan) -> Growth:
    columns = ("events", "page", "warm ms", "after a change ms", "kB")
    growth = Growth(title="More events in the list's database", columns=columns)
    for number in plan.events:
        instance = ground.new_instance()
        seed.fill_with_events(instance, number)
        pages = {
            "list (200 a page)": "/veranstaltungen/",
            "list, last page": f"/veranstaltungen/?seite={max(1, number // 200)}",
            "event": "/veranstaltungen/treffen-7/",
            "feed": "/kalender.ics",
            "start": "/",
        }
        growth.lines.extend(_lines(f"{number:,}", _costs(instance, pages, "treffen-7")))
    return growth


def _with_registrations(ground: Ground, plan: Plan) -> tuple[Growth, list[Row]]:
    columns = ("registrations", "page", "warm ms", "after a change ms", "kB")
    growth = Growth(title="More registrations of an event", columns=columns)
    found: dict[int, dict[str, Cost]] = {}
    for number in plan.registrations:
        instance = ground.new_instance()
        seed.fill_with_events(instance, 200)
        seed.add_event(instance, "gross", capacity=None)
        seed.fill_with_registrations(instance, "gross", number)
        participants = "/veranstaltungen/gross/verwalten/teilnehmende/"
        pages = {
            "event": "/veranstaltungen/gross/",
            "participants (50 a page)": participants,
            "participants, last page": f"{participants}?seite={max(1, number // 50)}",
            "participants, by body": f"{participants}?sortierung=body",
            "door": "/veranstaltungen/gross/verwalten/einlass/",
            "participants, searched": f"{participants}?q=gross-{number - 1}",
        }
        found[number] = _costs(instance, pages, "gross")
        growth.lines.extend(_lines(f"{number:,}", found[number]))
    few, many = min(found), max(found)
    return growth, [_row(name, few, found[few][name], many, found[many][name]) for name in WITH_MARKS]


def _row(name: str, few: int, before: Cost, many: int, after: Cost) -> Row:
    slower = max(after.warm / before.warm, after.anew / before.anew)
    return Row(
        what=f"{name}: {many:,} registrations instead of {few:,}",
        target=f"at most {SLOWER} times as long",
        measured=f"{slower:.2f} times: {after.warm:.1f} instead of {before.warm:.1f} ms, "
        f"{after.anew:.1f} instead of {before.anew:.1f} after a change",
        is_met=slower <= SLOWER,
        peers="",
        figures={"slower": slower},
    )


def _costs(instance: Instance, pages: dict[str, str], slug: str) -> dict[str, Cost]:
    with instance.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    cookie = seed.cookie_of_office(instance)
    change = partial(_change, instance, slug)
    with instance.served(workers=1) as web:
        return {name: _cost(web, path, cookie if "/verwalten/" in path else "", change) for name, path in pages.items()}


def _lines(label: str, costs: dict[str, Cost]) -> list[tuple[str, ...]]:
    return [
        (label, name, f"{cost.warm:.1f}", f"{cost.anew:.1f}", f"{cost.size / 1000:.0f}") for name, cost in costs.items()
    ]


def _cost(web: Web, path: str, cookie: str, change: Callable[[], None]) -> Cost:
    request = load.get(web.port, path, **({"Cookie": cookie} if cookie else {}))
    answer = load.fetch(web.port, request)
    assert answer.status == 200, f"{path} answered {answer.status}"
    anew = []
    for _ in range(ANEW):
        change()
        anew += load.drive(web.port, load.times(request, 1), at_once=1).waits
    warm = load.drive(web.port, load.times(request, WARM), at_once=1)
    return Cost(1000 * warm.percentile(50), 1000 * load.percentile(anew, 50), len(answer.body))


def _change(instance: Instance, slug: str) -> None:
    """Let an event be as after an edit: everything rendered from it is out of date."""
    with instance.app.app_context(), transaction():
        db.session.execute(text("UPDATE event SET version = version + 1 WHERE slug = :slug"), {"slug": slug})
