"""Registering: whole registrations by new visitors, beside pgbench taking seats. Mail goes out meanwhile."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

from bench import load, rush, seed
from bench.commits import Pgbench
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import Ground, Instance, Web, work_of
from bench.sink import Sink
from bench.visits import Visits, registering

VISITORS = (1, 8, 32)
SHARE = 0.07
LONGEST = 0.25
#: MiB that a worker may take.
MEMORY = 100
TITLE = "Registrations by more visitors at once (core ms: what a registration takes of one core)"
COLUMNS = ("visitors", "a second", "p50 ms", "p99 ms", "core ms: web", "database", "mail")


@dataclass(frozen=True)
class Stage:
    """Where it happens."""

    ground: Ground
    instance: Instance
    web: Web
    #: The process that delivers mail meanwhile.
    worker: int

    def work(self) -> tuple[float, float, float]:
        """The seconds of one core that web server, database and worker have taken so far."""
        return self.web.work(), self.ground.work(), work_of(self.worker)


@dataclass(frozen=True)
class Run:
    """So many visitors at once, for some seconds."""

    load: load.Load
    visits: Visits
    #: Seconds of one core: web server, database, worker.
    work: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Whole registrations a second."""
        return len(self.visits.waits) / self.load.seconds

    @property
    def work_each(self) -> list[float]:
        """Milliseconds of one core for a registration."""
        return [1000 * seconds / len(self.visits.waits) for seconds in self.work]


@dataclass
class Runs:
    """All runs, by the number of visitors, and pgbench in between."""

    ours: dict[int, list[Run]] = field(default_factory=lambda: {visitors: [] for visitors in VISITORS})
    ceiling: list[float] = field(default_factory=list)

    @property
    def all(self) -> list[Run]:
        """All of ours."""
        return [run for runs in self.ours.values() for run in runs]


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """All of it on one instance whose worker delivers what visitors are written."""
    instance = ground.new_instance()
    seed.fill_with_events(instance, 200)
    with Sink(instance.folder) as sink:
        instance.smtp_url = sink.url
        with instance.served() as web, instance.worked() as worker:
            _await_first_mail(instance, web, sink)
            _measure_registrations(Stage(ground, instance, web, worker.pid), plan, report)
            rush.measure(instance, web, plan, report)
            report.rows.append(_worker_row(_peak_memory(worker.pid)))


def _await_first_mail(instance: Instance, web: Web, sink: Sink) -> None:
    seed.add_event(instance, "erster", capacity=None)
    visits = Visits()
    load.drive(web.port, [registering(web.port, "erster", 0, visits)], at_once=1)
    assert visits.seated == 1, "the first visitor could not register"
    until = time.monotonic() + 30
    while sink.ledger().mails < 1:
        assert time.monotonic() < until, "the worker delivers no mail"
        time.sleep(0.1)


def _measure_registrations(stage: Stage, plan: Plan, report: Report) -> None:
    seed.add_event(stage.instance, "gross", capacity=1_000_000)
    numbers, pgbench, runs = count(1), Pgbench(stage.ground), Runs()
    for _ in range(plan.rounds):
        for visitors in VISITORS:
            runs.ours[visitors].append(_run(stage, numbers, visitors, plan))
        runs.ceiling.append(pgbench.rate(clients=8, seconds=plan.seconds))
    report.note_effort(run.load for run in runs.all)
    report.rows += [_requests_row(runs), _rate_row(runs), _wait_row(runs)]
    report.growths.append(_growth(runs))


def _run(stage: Stage, numbers: Iterator[int], visitors: int, plan: Plan) -> Run:
    visits, until, port = Visits(), time.perf_counter() + plan.seconds, stage.web.port

    def coming() -> Iterator[load.Visitor]:
        while time.perf_counter() < until:
            yield registering(port, "gross", next(numbers), visits)

    before = stage.work()
    found = load.drive(port, coming(), at_once=visitors)
    work = (after - earlier for after, earlier in zip(stage.work(), before, strict=True))
    return Run(found, visits, tuple(work))


def _requests_row(runs: Runs) -> Row:
    visits = [run.visits for run in runs.all]
    each = sum(len(run.load.waits) for run in runs.all) / sum(len(one.waits) for one in visits)
    untold = sum(one.lost + one.waiting for one in visits)
    return Row(
        what="a whole registration by a new visitor",
        target="3 requests",
        measured=f"{each:.2g} requests, {untold} not told of a seat",
        is_met=each <= 3 and not untold,
        peers="pretix 11, Indico 5",
    )


def _rate_row(runs: Runs) -> Row:
    rates, seats = [run.rate for run in runs.ours[8]], median(runs.ceiling)
    share = median(rates) / seats
    return Row(
        what="the same, 8 visitors at once",
        target=f"{SHARE:.0%} of pgbench's seats",
        measured=f"{median(rates):,.0f}/s of {seats:,.0f}/s",
        ratio=share,
        is_met=share >= SHARE,
        peers="pretix 1.5/s, Indico 5.2/s",
        figures={"ours": rates, "pgbench": runs.ceiling},
    )


def _wait_row(runs: Runs) -> Row:
    waits = [load.percentile(run.visits.waits, 99) for run in runs.ours[32]]
    return Row(
        what="the same, 32 visitors at once, p99",
        target=f"{1000 * LONGEST:.0f} ms",
        measured=f"{1000 * median(waits):,.0f} ms",
        is_met=median(waits) <= LONGEST,
        peers="pretix 24,400 ms, Indico 6,330 ms",
        figures={"ours": waits},
    )


def _worker_row(peak: float) -> Row:
    return Row(
        what="the worker's memory at its peak meanwhile, under Celery",
        target=f"under {MEMORY} MiB",
        measured=f"{peak:.0f} MiB",
        is_met=peak < MEMORY,
        peers="pretix 302 MiB, Indico 269 MiB (largest process)",
    )


def _peak_memory(pid: int) -> float:
    """The most memory that a process has ever had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _growth(runs: Runs) -> Growth:
    growth = Growth(title=TITLE, columns=COLUMNS)
    for visitors, found in runs.ours.items():
        waits = [wait for run in found for wait in run.visits.waits]
        shares = [f"{1000 * load.percentile(waits, share):.0f}" for share in (50, 99)]
        work = [f"{median(each):.1f}" for each in zip(*(run.work_each for run in found), strict=True)]
        growth.lines.append((str(visitors), f"{median(run.rate for run in found):,.0f}", *shares, *work))
    return growth
