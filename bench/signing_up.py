"""Registering: whole registrations by new visitors, a burst, the last seat. Mail goes out meanwhile."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urljoin, urlsplit

from sqlalchemy import func, select

from bench import load, seed
from bench.commits import Pgbench
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import Ground, Instance, Web
from bench.sink import Sink
from nextevents.events.models import Event, Registration
from nextevents.ground.database import db

VISITORS = (1, 8, 32)
SHARE = 0.07
LONGEST = 0.25
BURST, BURST_SEATS, BURST_SECONDS = 600, 400, 6.0
FIGHTERS = 8
#: MiB that a worker may take.
MEMORY = 100
#: What the answer page says to whoever holds a seat, and to whoever waits.
SEATED, WAITING = "24 Stunden für Sie reserviert", "stehen Sie auf der Warteliste"

_FIELD = re.compile(r'<input[^>]* name="(csrf_token|vorgang)"[^>]* value="([^"]+)"')


@dataclass
class Visits:
    """What new visitors came to."""

    #: How long each whole registration took.
    waits: list[float] = field(default_factory=list)
    seated: int = 0
    waiting: int = 0
    #: Whoever was not told how it stands.
    lost: int = 0
    requests: int = 0


def registering(port: int, slug: str, number: int, visits: Visits) -> load.Visitor:
    """A new visitor, who reads the event's page, sends its form and follows to the answer."""
    began = time.perf_counter()
    page = f"/veranstaltungen/{slug}/"
    answer = yield load.get(port, page)
    cookies = _cookies(answer)
    form = {name: unescape(value) for name, value in _FIELD.findall(answer.body.decode())}
    form |= {"name": f"Ada Beispiel {number}", "email": f"{slug}-{number}@stadt-{number % 40}.example"}
    typed = urlencode(form | {"organisation": "Stadt Beispiel"}).encode()
    answer = yield load.post(port, f"{page}anmeldung", typed, Cookie=_written(cookies))
    cookies |= _cookies(answer)
    if answer.status == 303:
        target = urlsplit(urljoin(page, answer.headers("Location")[0]))
        answer = yield load.get(port, target.path, Cookie=_written(cookies))
    visits.waits.append(time.perf_counter() - began)
    _note(visits, answer)


def _cookies(answer: load.Answer) -> dict[str, str]:
    pairs = (value.partition(";")[0].partition("=") for value in answer.headers("Set-Cookie"))
    return {name: value for name, _, value in pairs}


def _written(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _note(visits: Visits, answer: load.Answer) -> None:
    said = answer.body.decode() if answer.status == 200 else ""
    visits.seated += SEATED in said
    visits.waiting += WAITING in said
    visits.lost += SEATED not in said and WAITING not in said


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """All of it on one instance whose worker delivers what visitors are written."""
    instance = ground.new_instance()
    seed.fill_with_events(instance, 200)
    pgbench = Pgbench(ground)
    with Sink(instance.folder) as sink:
        instance.smtp_url = sink.url
        with instance.served() as web, instance.worked() as worker:
            _await_first_mail(instance, web, sink)
            _measure_registrations(pgbench, instance, web, plan, report)
            _measure_burst(instance, web, plan, report)
            _measure_last_seat(instance, web, plan, report)
            report.rows.append(_worker_row(peak_memory(worker.pid)))


def peak_memory(pid: int) -> float:
    """The most memory that a process has ever had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _await_first_mail(instance: Instance, web: Web, sink: Sink) -> None:
    seed.add_event(instance, "erster", capacity=None)
    visits = Visits()
    load.drive(web.port, [registering(web.port, "erster", 0, visits)], at_once=1)
    assert visits.seated == 1, "the first visitor could not register"
    until = time.monotonic() + 30
    while sink.ledger().mails < 1:
        assert time.monotonic() < until, "the worker delivers no mail"
        time.sleep(0.1)


def _measure_registrations(pgbench: Pgbench, instance: Instance, web: Web, plan: Plan, report: Report) -> None:
    seed.add_event(instance, "gross", capacity=1_000_000)
    numbers = count(1)
    runs: dict[int, list[tuple[load.Load, Visits]]] = {visitors: [] for visitors in VISITORS}
    ceiling = []
    for _ in range(plan.rounds):
        for visitors in VISITORS:
            runs[visitors].append(_run(web, numbers, visitors, plan))
        ceiling.append(pgbench.rate(clients=8, seconds=plan.seconds))
    found = [visits for one in runs.values() for _, visits in one]
    report.note_effort(run for one in runs.values() for run, _ in one)
    report.rows += [_requests_row(found), _rate_row(runs, ceiling), _wait_row(runs)]
    report.growths.append(_growth(runs))


def _run(web: Web, numbers: Iterator[int], visitors: int, plan: Plan) -> tuple[load.Load, Visits]:
    visits, until = Visits(), time.perf_counter() + plan.seconds

    def coming() -> Iterator[load.Visitor]:
        while time.perf_counter() < until:
            yield registering(web.port, "gross", next(numbers), visits)

    run = load.drive(web.port, coming(), at_once=visitors)
    visits.requests = len(run.waits)
    return run, visits


def _rate(run: tuple[load.Load, Visits]) -> float:
    return len(run[1].waits) / run[0].seconds


def _requests_row(found: list[Visits]) -> Row:
    each = sum(one.requests for one in found) / sum(len(one.waits) for one in found)
    untold = sum(one.lost + one.waiting for one in found)
    return Row(
        what="a whole registration by a new visitor",
        target="3 requests",
        measured=f"{each:.2g} requests, {untold} not told of a seat",
        is_met=each <= 3 and not untold,
        peers="pretix 11, Indico 5",
    )


def _rate_row(runs: dict[int, list[tuple[load.Load, Visits]]], ceiling: list[float]) -> Row:
    rates, statements = [_rate(run) for run in runs[8]], median(ceiling)
    rate = median(rates)
    return Row(
        what="the same, 8 visitors at once",
        target=f"{SHARE:.0%} of pgbench's seats",
        measured=f"{rate:,.0f}/s of {statements:,.0f}/s",
        ratio=rate / statements,
        is_met=rate / statements >= SHARE,
        peers="pretix 1.5/s, Indico 5.2/s",
        figures={"ours": rates, "pgbench": ceiling},
    )


def _wait_row(runs: dict[int, list[tuple[load.Load, Visits]]]) -> Row:
    waits = [load.percentile(visits.waits, 99) for _, visits in runs[32]]
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


def _growth(runs: dict[int, list[tuple[load.Load, Visits]]]) -> Growth:
    growth = Growth(
        title="Registrations by more visitors at once", columns=("visitors", "a second", "p50 ms", "p99 ms")
    )
    for visitors, found in runs.items():
        waits = [wait for _, visits in found for wait in visits.waits]
        shares = [f"{1000 * load.percentile(waits, share):.0f}" for share in (50, 99)]
        growth.lines.append((str(visitors), f"{median(map(_rate, found)):,.0f}", *shares))
    return growth


def _measure_burst(instance: Instance, web: Web, plan: Plan, report: Report) -> None:
    runs = [_burst(instance, web, f"ansturm-{number}") for number in range(plan.rounds)]
    seconds = [run.seconds for run, _, _ in runs]
    exact = all(
        (visits.seated, visits.waiting, seats) == (BURST_SEATS, BURST - BURST_SEATS, BURST_SEATS)
        for _, visits, seats in runs
    )
    _, visits, seats = runs[0]
    report.rows.append(
        Row(
            what=f"{BURST} new visitors at once for {BURST_SEATS} seats",
            target=f"{BURST_SEATS} in, all told within {BURST_SECONDS:.0f} s, no error",
            measured=f"{seats} in, {visits.seated} + {visits.waiting} told in {median(seconds):.1f} s, "
            f"{sum(visits.lost for _, visits, _ in runs)} errors",
            is_met=exact and median(seconds) <= BURST_SECONDS,
            peers="pretix 272 s, 322 not told; Indico 150 s",
            figures={"seconds": seconds, "longest request": [max(run.waits) for run, _, _ in runs]},
        )
    )  # fmt: skip


def _burst(instance: Instance, web: Web, slug: str) -> tuple[load.Load, Visits, int]:
    seed.add_event(instance, slug, capacity=BURST_SEATS)
    visits = Visits()
    run = load.drive(web.port, [registering(web.port, slug, number, visits) for number in range(BURST)], at_once=BURST)
    return run, visits, _seats_held(instance, slug)


def _seats_held(instance: Instance, slug: str) -> int:
    """The seats that registrations hold; the event's own count must say the same."""
    held = select(func.count()).where(Registration.event_id == Event.id, Registration.has_seat).scalar_subquery()
    with instance.app.app_context():
        counted, taken = db.session.execute(select(held, Event.seats_taken).where(Event.slug == slug)).one()
    assert counted == taken, f"{counted} seats are held and {taken} counted"
    return int(counted)


def _measure_last_seat(instance: Instance, web: Web, plan: Plan, report: Report) -> None:
    outcomes = [_last_seat(instance, web, f"letzter-{number}") for number in range(plan.last_seats)]
    once = outcomes.count((1, 1, FIGHTERS - 1))
    report.rows.append(
        Row(
            what=f"last seat, {FIGHTERS} visitors, {plan.last_seats} rounds",
            target="sold once each time",
            measured=f"sold once in {once} of {plan.last_seats}",
            is_met=once == plan.last_seats,
            peers="pretix once in 5 of 6, Indico twice in 9 of 12",
        )
    )


def _last_seat(instance: Instance, web: Web, slug: str) -> tuple[int, int, int]:
    """How many seats are held, how many visitors were told of one, and how many that they wait."""
    seed.add_event(instance, slug, capacity=1)
    visits = Visits()
    visit = partial(registering, web.port, slug, visits=visits)
    load.drive(web.port, [visit(number) for number in range(FIGHTERS)], at_once=FIGHTERS)
    return _seats_held(instance, slug), visits.seated, visits.waiting
