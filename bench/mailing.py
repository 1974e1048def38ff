"""Mail: confirmations with text, HTML and calendar, delivered by one worker process, beside nothing but smtplib."""

import json
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import joinedload

from bench import seed
from bench.commits import Pgbench
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import ROOT, Ground, Instance
from bench.sink import Sink
from nextevents.events import messages
from nextevents.events.models import Event, Registration
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.models import Form, Message, State
from nextevents.mailing.services import Mail, post_all

SHARE = 0.60
MEMORY = 100
SENDER = Sender("termine@next.example", "NExT e. V.", "ruecklauf@next.example")
PORTION = 1_000


@dataclass(frozen=True)
class Delivery:
    """What one worker process did."""

    count: int
    seconds: float
    #: Of one core.
    work: float
    memory: float
    peak: float

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.count / self.seconds


@dataclass
class Runs:
    """Deliveries, and smtplib alone, turn about."""

    ours: list[Delivery] = field(default_factory=list)
    ceiling: list[float] = field(default_factory=list)
    #: Durable commits a second, one after another: each mail needs one.
    commits: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Ours as a share of smtplib."""
        return median(one.rate for one in self.ours) / median(self.ceiling)


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """A mailing, then ever more mails."""
    instance = ground.new_instance()
    with Sink(instance.folder) as sink:
        instance.smtp_url = sink.url
        posting = _post(instance, plan.mails)
        runs = _runs(instance, sink, Pgbench(ground), plan)
    deliveries = {count: _deliver_many(ground, count) for count in plan.queued}
    report.rows += [_rate_row(plan.mails, runs, posting), _memory_row(runs, deliveries)]
    report.growths.append(_growth(deliveries))


def _post(instance: Instance, number: int) -> float:
    """Queue the confirmations of so many registrations, through the services; returns how long that took."""
    seed.add_event(instance, "versand", capacity=None)
    seed.fill_with_registrations(instance, "versand", number)
    began = time.perf_counter()
    with instance.app.test_request_context("/"), transaction():
        post_all(_confirmations(), at=clock.now())
    _vacuum(instance)
    return time.perf_counter() - began


def _confirmations() -> Iterator[Mail]:
    """One after another, so that memory does not grow with their number."""
    at, last = clock.now(), 0
    event = db.session.scalars(select(Event)).one()
    while portion := _registrations_after(event, last):
        yield from (messages.registered(one, at=at) for one in portion)
        last = portion[-1].id
        for one in portion:
            db.session.expunge(one)


def _registrations_after(event: Event, number: int) -> list[Registration]:
    chosen = select(Registration).where(Registration.event_id == event.id, Registration.id > number)
    loaded = chosen.options(joinedload(Registration.person), joinedload(Registration.event))
    return list(db.session.scalars(loaded.order_by(Registration.id).limit(PORTION)))


def _vacuum(instance: Instance) -> None:
    with instance.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE message"))


def _runs(instance: Instance, sink: Sink, pgbench: Pgbench, plan: Plan) -> Runs:
    runs, built = Runs(), _built(instance)
    for _ in range(plan.rounds):
        runs.ceiling.append(_send_with_smtplib(sink, built))
        runs.ours.append(_deliver(instance, sink, plan.mails))
        runs.commits.append(pgbench.rate(clients=1, seconds=1))
        _queue_again(instance)
    return runs


def _built(instance: Instance) -> list[tuple[str, bytes]]:
    """The same mails, finished beforehand."""
    with instance.app.app_context():
        press = Press(db.session.scalars(select(Form)).one(), SENDER)
        queued = db.session.scalars(select(Message).order_by(Message.id)).all()
        return [(one.recipient, _printed(press, one)) for one in queued]


def _printed(press: Press, message: Message) -> bytes:
    return press.print(
        to=message.recipient, message_id=message.message_id, date=message.created_at, values=message.values
    )


def _send_with_smtplib(sink: Sink, built: list[tuple[str, bytes]]) -> float:
    """Mails a second over one connection."""
    with smtplib.SMTP("127.0.0.1", sink.port) as server:
        began = time.perf_counter()
        for recipient, content in built:
            server.sendmail(SENDER.bounces, [recipient], content)
        return len(built) / (time.perf_counter() - began)


def _deliver(instance: Instance, sink: Sink, count: int) -> Delivery:
    """Let one worker process deliver what is queued, and see that everybody got one mail."""
    sink.forget()
    command = [sys.executable, "-m", "bench.deliver"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=instance.environment)
    ledger = sink.ledger()
    assert (ledger.mails, ledger.recipients) == (count, count), f"{ledger} for {count} mails"
    with instance.app.app_context():
        sent = db.session.scalar(select(func.count()).where(Message.state == State.SENT))
    assert sent == count, f"{sent} of {count} are written down as sent"
    return Delivery(count, **json.loads(done.stdout))


def _queue_again(instance: Instance) -> None:
    with instance.app.app_context(), transaction():
        db.session.execute(update(Message).values(state=State.QUEUED, attempt=0, sent_at=None, body_at=None, answer=""))
    _vacuum(instance)


def _deliver_many(ground: Ground, count: int) -> Delivery:
    instance = ground.new_instance()
    with Sink(instance.folder) as sink:
        instance.smtp_url = sink.url
        _post(instance, count)
        return _deliver(instance, sink, count)


def _rate_row(count: int, runs: Runs, posting: float) -> Row:
    ours, ceiling = median(one.rate for one in runs.ours), median(runs.ceiling)
    return Row(
        what=f"{count:,} mails, text + HTML + calendar, one worker",
        target=f"{SHARE:.0%} of smtplib alone",
        measured=f"{ours:,.0f}/s of {ceiling:,.0f}/s",
        ratio=runs.share,
        is_met=runs.share >= SHARE,
        peers="pretix 18/s, Mailman 27/s, Indico 46/s",
        figures={
            "ours": [one.rate for one in runs.ours],
            "smtplib": runs.ceiling,
            "durable commits": runs.commits,
            "work per mail, ms": 1000 * median(one.work / one.count for one in runs.ours),
            "posting, s": posting,
        },
    )


def _memory_row(runs: Runs, deliveries: dict[int, Delivery]) -> Row:
    few, (most, many) = max(one.peak for one in runs.ours), max(deliveries.items())
    return Row(
        what=f"the worker's memory at its peak, also with {most:,} mails",
        target=f"under {MEMORY} MiB",
        measured=f"{few:.0f} MiB, {many.peak:.0f} MiB",
        is_met=max(few, many.peak) < MEMORY,
        peers="pretix 815 MiB, Indico 985 MiB",
        figures={"few": few, "many": many.peak},
    )


def _growth(deliveries: dict[int, Delivery]) -> Growth:
    growth = Growth(title="More mails queued", columns=("mails", "ms each", "MiB at the start", "MiB at the peak"))
    for count, one in deliveries.items():
        line = (f"{count:,}", f"{1000 / one.rate:.2f}", f"{one.memory:.0f}", f"{one.peak:.0f}")
        growth.lines.append(line)
    return growth
