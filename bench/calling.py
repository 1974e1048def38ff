"""Calling a circle to its meeting: the lead's click that registers who always comes and invites all others by entry.

It is the click as the lead makes it: signed in, with the form's token, over HTTP, to one web worker. Reading the page
before it is not counted.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, insert, select, text

from bench import load, seed
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import Ground, Instance, Web
from bench.visits import publishing
from nextevents.communities.models import Belonging
from nextevents.events.models import Call, Registration
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.mailing.models import Message

MANY = 3_000
#: One in so many has a standing yes.
STANDING = 10
SECONDS = 1.0
#: MB that the click may take more for the largest circle than for one of the size that was agreed.
FLAT = 16
SLUG = "ruf"


@dataclass(frozen=True)
class Click:
    """What publishing took: seconds, and MB that the web worker held at its peak, more than before it."""

    seconds: float
    growth: float


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """A circle of the size that was agreed, several times, then ever larger ones."""
    clicks = {count: _publish(ground, count) for count in sorted({MANY, *plan.called})}
    agreed = [clicks[MANY], *(_publish(ground, MANY) for _ in range(plan.rounds - 1))]
    report.rows += [_time_row(agreed), _memory_row(clicks)]
    columns = ("people", "ms", "µs each", "memory MB more")
    report.growths.append(
        Growth(
            title=f"More people called by one click, one in {STANDING} of them with a standing yes",
            columns=columns,
            lines=[_line(count, click) for count, click in clicks.items()],
        )
    )


def _publish(ground: Ground, count: int) -> Click:
    instance = ground.new_instance()
    circle = _fill(instance, count)
    cookie = seed.cookie_of_lead(instance, circle)
    with instance.served(workers=1) as web:
        load.drive(web.port, load.times(load.get(web.port, "/veranstaltungen/"), 5), at_once=1)
        before = _forget_the_peak(web)
        run = load.drive(web.port, [publishing(web.port, SLUG, cookie)], at_once=1)
        growth = _memory(web, "VmHWM") - before
    assert list(run.statuses.elements()) == [200, 303], f"the click was answered with {dict(run.statuses)}"
    with instance.app.app_context():
        made = [db.session.scalar(select(func.count()).select_from(table)) for table in (Call, Registration, Message)]
    standing = count // STANDING
    assert made == [count - standing, standing, count], f"{made} calls, registrations and mails for {count} people"
    return Click(run.waits[-1], max(growth, 0))


def _fill(instance: Instance, count: int) -> int:
    """So many people of one circle, and a draft of its next meeting; gives the circle's number."""
    with instance.app.app_context(), transaction():
        people = seed.add_people(SLUG, count)
        at = clock.now()
        circle = seed.add_draft(SLUG)
        rows = [
            {"community_id": circle.id, "person_id": person, "since": at, "always_comes": number % STANDING == 0}
            for number, person in enumerate(people)
        ]
        for start in range(0, len(rows), seed.PORTION):
            db.session.execute(insert(Belonging), rows[start : start + seed.PORTION])
        number = circle.id
    with instance.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    return number


def _forget_the_peak(web: Web) -> float:
    """Let the most that the web worker has held be what it holds now, in MB; gives that."""
    for worker in web.workers:
        Path(f"/proc/{worker.pid}/clear_refs").write_text("5")
    return _memory(web, "VmRSS")


def _memory(web: Web, name: str) -> float:
    """What the web worker's kernel says of its memory, in MB."""
    (worker,) = web.workers
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(name))


def _time_row(clicks: list[Click]) -> Row:
    slowest = max(click.seconds for click in clicks)
    return Row(
        what=f"A lead's click calls {MANY:,} people, {MANY // STANDING} of them with a standing yes",
        target=f"under {SECONDS:.0f} s",
        measured=f"{slowest:.2f} s, the slowest of {len(clicks)}",
        is_met=slowest < SECONDS,
        peers="none invites by entry",
        figures={"seconds": [click.seconds for click in clicks]},
    )


def _memory_row(clicks: dict[int, Click]) -> Row:
    most = max(clicks)
    more = clicks[most].growth - clicks[MANY].growth
    return Row(
        what=f"Memory of that click for {most:,} people instead of {MANY:,}",
        target=f"at most {FLAT} MB more",
        measured=f"{more:.0f} MB more: {clicks[most].growth:.0f} instead of {clicks[MANY].growth:.0f}",
        is_met=more <= FLAT,
        peers="",
        figures={"memory_growth": {count: click.growth for count, click in clicks.items()}},
    )


def _line(count: int, click: Click) -> tuple[str, ...]:
    each = click.seconds / count * 1_000_000
    return f"{count:,}", f"{click.seconds * 1000:.0f}", f"{each:.0f}", f"{click.growth:.0f}"
