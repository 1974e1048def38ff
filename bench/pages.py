"""Pages and feeds, beside a do-nothing application served in the same way at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import load, seed
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import Ground, Web, hello_beside

EVENTS = 200
CONNECTIONS = (1, 16, 64)


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
    growth = Growth(
        title="Pages over more connections", columns=("page", "connections", "a second", "p50 ms", "p99 ms")
    )
    with instance.served() as web, hello_beside(web, instance.folder) as hello:
        for target in TARGETS:
            request = _request(web, target)
            pairs = {count: _pair(web, request, hello, count, plan) for count in CONNECTIONS}
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


def _pair(web: Web, request: bytes, hello: Web, connections: int, plan: Plan) -> Pair:
    pair, greeting = Pair(), load.get(hello.port, "/")
    expected = {load.fetch(web.port, request).status}
    load.press(web.port, request, at_once=connections, seconds=plan.warm_up)
    for _ in range(plan.rounds):
        pair.ours.append(load.press(web.port, request, at_once=connections, seconds=plan.seconds))
        pair.hello.append(load.press(hello.port, greeting, at_once=connections, seconds=plan.seconds))
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
            "p50 ms": pair.wait(50),
            "p99 ms": pair.wait(99),
        },
    )


def _lines(what: str, pairs: dict[int, Pair]) -> Sequence[tuple[str, ...]]:
    return [
        (what, str(count), f"{pair.rates[0]:,.0f}", f"{pair.wait(50):.1f}", f"{pair.wait(99):.1f}")
        for count, pair in pairs.items()
    ]
