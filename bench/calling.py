"""Calling a circle to its meeting: one click that invites all its people by entry."""

import json
import subprocess
import sys
from dataclasses import dataclass

from sqlalchemy import func, insert, select, text

from bench import seed
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import ROOT, Ground, Instance
from nextevents.communities.models import Belonging
from nextevents.events.models import Call
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.mailing.models import Message

MANY = 3_000
SECONDS = 1.0


@dataclass(frozen=True)
class Click:
    """What publishing took: seconds, and MB of memory more than before it."""

    seconds: float
    growth: float


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """A circle of the size that was agreed, then ever larger ones."""
    clicks = {count: _publish(ground, count) for count in sorted({MANY, *plan.called})}
    report.rows.append(_row(clicks[MANY]))
    columns = ("people", "ms", "µs each", "memory MB more")
    report.growths.append(
        Growth(
            title="More people invited by one click",
            columns=columns,
            lines=[_line(count, click) for count, click in clicks.items()],
        )
    )


def _publish(ground: Ground, count: int) -> Click:
    instance = ground.new_instance()
    _fill(instance, count)
    command = [sys.executable, "-m", "bench.publish"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=instance.environment)
    with instance.app.app_context():
        made = [db.session.scalar(select(func.count()).select_from(table)) for table in (Call, Message)]
    assert made == [count, count], f"{made} calls and mails for {count} people"
    return Click(**json.loads(done.stdout))


def _fill(instance: Instance, count: int) -> None:
    """So many people of one circle, and a draft of its next meeting."""
    with instance.app.app_context(), transaction():
        people = seed.add_people("ruf", count)
        at = clock.now()
        circle = seed.add_draft("ruf")
        rows = [{"community_id": circle.id, "person_id": person, "since": at} for person in people]
        for start in range(0, len(rows), seed.PORTION):
            db.session.execute(insert(Belonging), rows[start : start + seed.PORTION])
    with instance.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _row(click: Click) -> Row:
    return Row(
        what=f"One click invites {MANY:,} people by entry",
        target=f"under {SECONDS:.0f} s",
        measured=f"{click.seconds:.2f} s, {click.growth:.0f} MB more",
        is_met=click.seconds < SECONDS,
        peers="none invites by entry",
        figures={"seconds": click.seconds, "memory_growth": click.growth},
    )


def _line(count: int, click: Click) -> tuple[str, ...]:
    each = click.seconds / count * 1_000_000
    return f"{count:,}", f"{click.seconds * 1000:.0f}", f"{each:.0f}", f"{click.growth:.0f}"
