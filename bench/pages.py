"""Pages and feeds, beside a do-nothing application served in the same way at the same time."""

from dataclasses import dataclass, field
from statistics import median

from bench import load, seed
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import Ground, Web, hello_beside

EVENTS = 200
CONNECTIONS = (1, 16, 64)
TITLE = "Pages over more connections (core ms: what an answer takes of one core, web server and database)"
COLUMNS = ("page", "connections", "a second", "p50 ms", "p99 ms", "core ms", "hello's")


@dataclass(frozen=True)
class Target:
    """A page, and the share of hello's requests a second that it must reach over 16 connections."""

    what: str
    path: str
    share: float
    peers: str
    #: Whether the visitor has the body already.
    is_known: bool = False


TARGETS = (
    Target("event page, signed out", "/veranstaltungen/treffen-7/", 0.40, "pretix 0.65 %, Indico 0.67 %"),
    Target("list of 200 coming events", "/veranstaltungen/", 0.10, "Indico 0.2 %"),
    Target("feed of 200 events", "/kalender.ics", 0.30, "Indico 0.16 %, pretix 5 % but stale"),
    Target("feed of 200 events, answered 304", "/kalender.ics", 0.50, "", is_known=True),
)


@dataclass
class Pair:
    """Runs of ours and of hello, turn about."""

    ours: list[load.Load] = field(default_factory=list)
    hello: list[load.Load] = field(default_factory=list)
    #: What an answer took of one core, in milliseconds: web server and database, and hello.
    work: list[float] = field(default_factory=list)
    hello_work: list[float] = field(default_factory=list)

    @property
    def rates(self) -> tuple[float, float]:
        """The medians of ours and of hello, a second."""
        return median(one.rate for one in self.ours), median(one.rate for one in self.hello)

    @property
    def share(self) -> float:
        """Ours as a share of hello."""
        ours, hello = self.rates
        return ours / hello

    def wait(self, share: int) -> float:
        """The median of a percentile of ours, in milliseconds."""
        return 1000 * median(one.percentile(share) for one in self.ours)


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """Ask for each page over 1, 16 and 64 connections."""
    instance = ground.new_instance()
    seed.fill_with_events(instance, EVENTS)
    growth = Growth(title=TITLE, columns=COLUMNS)
    with instance.served() as web, hello_beside(web, instance.folder) as hello:
        for target in TARGETS:
            request = _request(web, target)
            measured = Measured(ground, web, request, hello)
            pairs = {count: _pair(measured, count, plan) for count in CONNECTIONS}
            report.rows.append(_row(target, pairs[16]))
            growth.lines.extend(_lines(target.what, pairs))
            report.note_effort(run for pair in pairs.values() for run in (*pair.ours, *pair.hello))
    report.growths.append(growth)


def _request(web: Web, target: Target) -> bytes:
    request = load.get(web.port, target.path)
    answer = load.fetch(web.port, request)
    assert answer.status == 200, f"{target.path} answered {answer.status}"
    if not target.is_known:
        return request
    return load.get(web.port, target.path, If_None_Match=answer.headers("ETag")[0])


@dataclass(frozen=True)
class Measured:
    """What is asked for, and where."""

    ground: Ground
    web: Web
    request: bytes
    hello: Web

    def work(self) -> float:
        """The seconds of one core that our web server and the database have taken so far."""
        return self.web.work() + self.ground.work()


def _pair(measured: Measured, connections: int, plan: Plan) -> Pair:
    pair, web, hello = Pair(), measured.web, measured.hello
    greeting = load.get(hello.port, "/")
    expected = {load.fetch(web.port, measured.request).status}
    load.press(web.port, measured.request, at_once=connections, seconds=plan.warm_up)
    for _ in range(plan.rounds):
        before = measured.work()
        pair.ours.append(load.press(web.port, measured.request, at_once=connections, seconds=plan.seconds))
        pair.work.append(1000 * (measured.work() - before) / len(pair.ours[-1].waits))
        before = hello.work()
        pair.hello.append(load.press(hello.port, greeting, at_once=connections, seconds=plan.seconds))
        pair.hello_work.append(1000 * (hello.work() - before) / len(pair.hello[-1].waits))
    assert {status for run in pair.ours for status in run.statuses} == expected
    return pair


def _row(target: Target, pair: Pair) -> Row:
    ours, hello = pair.rates
    return Row(
        what=f"{target.what}, 16 connections",
        target=f"{target.share:.0%} of hello",
        measured=f"{ours:,.0f}/s of {hello:,.0f}/s",
        ratio=pair.share,
        is_met=pair.share >= target.share,
        peers=target.peers,
        figures={
            "ours": [one.rate for one in pair.ours],
            "hello": [one.rate for one in pair.hello],
            "core ms": pair.work,
            "hello's core ms": pair.hello_work,
            "p50 ms": pair.wait(50),
            "p99 ms": pair.wait(99),
        },
    )


def _lines(what: str, pairs: dict[int, Pair]) -> list[tuple[str, ...]]:
    return [
        (
            what,
            str(count),
            f"{pair.rates[0]:,.0f}",
            f"{pair.wait(50):.1f}",
            f"{pair.wait(99):.1f}",
            f"{median(pair.work):.2f}",
            f"{median(pair.hello_work):.2f}",
        )
        for count, pair in pairs.items()
    ]
