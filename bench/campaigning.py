"""Newsletters, from the click to the last mail: the real audience, an issue of the newsroom, signed and unsigned.

The click is the whole request over HTTP of somebody who is signed in. Then a worker process sets the issue in type and
writes a row for each reader; others send them, beside nothing but smtplib with the same mails, finished.
"""

import json
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import delete, func, select, text, update

from bench import load, readers, seed
from bench.mailing import SENDER
from bench.plan import Plan
from bench.readers import Issue
from bench.report import Growth, Report, Row
from bench.servers import ROOT, Ground, Instance, Web
from bench.sink import Sink
from bench.visits import releasing, signing_in
from nextevents.ground.database import db, transaction
from nextevents.mailing.addresses import links_of, return_path
from nextevents.mailing.forms import Press
from nextevents.mailing.models import CampaignForm, Form, Message, State
from nextevents.mailing.services.figures import KIND
from nextevents.mailing.signing import make_key

SHARE, BY_TWO = 0.60, 1.7
SECONDS, CLICK, CODE = 60.0, 0.1, 5.0
FLAT = 1.2
#: A signature of 2048 bits in base64, with what it covers.
SIGNATURE = 700
COLUMNS = (
    "receivers",
    "different mails",
    "typesetting, s",
    "rows, µs each",
    "MiB at the peak",
    "page, ms",
    "click, ms",
)
Make = Callable[[Instance, int], Issue]


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """Ever more rows for a newsletter, and for a list by rule; then an issue to 10,000 that is sent."""
    newsletter = [_write_many(ground, readers.make_newsletter, count) for count in plan.receivers]
    by_rule = [_write_many(ground, readers.make_list_by_rule, count) for count in plan.by_rule]
    report.rows += [_writing_row(newsletter), _click_row([*newsletter, *by_rule]), _flat_row(newsletter)]
    report.growths += [
        _growth("More receivers of a newsletter, half of them with an account", newsletter),
        _growth("More members on a list by rule", by_rule),
    ]
    report.rows += _sending(ground, plan)


# ── Releasing and writing ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Click:
    """Seconds: for the page that shows who gets it, and for the click that lets it go out."""

    page: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a worker process says of itself: seconds, those of typesetting among them, of work; MiB."""

    seconds: float
    typesetting: float
    work: float
    memory: float
    peak: float


@dataclass(frozen=True)
class Written:
    """An issue of which everybody has a row."""

    count: int
    #: How many different mails were set in type.
    variants: int
    click: Click
    done: Done

    @property
    def each(self) -> float:
        """Seconds for each row, without typesetting."""
        return (self.done.seconds - self.done.typesetting) / self.count


def _write_many(ground: Ground, make: Make, count: int) -> Written:
    instance = ground.new_instance()
    issue = make(instance, count)
    with instance.served(workers=1) as web:
        click = _release(instance, web, issue)
    done = _work(instance, "write")
    with instance.app.app_context():
        written = db.session.scalar(select(func.count()).where(Message.kind == KIND))
        variants = db.session.scalar(select(func.count()).select_from(CampaignForm)) or 0
    assert written == count, f"{written} rows for {count} receivers"
    return Written(count, variants, click, done)


def _release(instance: Instance, web: Web, issue: Issue) -> Click:
    """From the open issue to the click that lets it go out, as the office does it."""
    cookie = seed.cookie_of_office(instance)
    load.drive(web.port, load.times(load.get(web.port, "/veranstaltungen/"), 5), at_once=1)
    run = load.drive(web.port, [releasing(web.port, issue.campaign, cookie)], at_once=1)
    assert run.statuses == {200: 2, 303: 2}, f"releasing was answered with {dict(run.statuses)}"
    return Click(run.waits[2], run.waits[3])


def _started(instance: Instance, act: str, **environment: str) -> "subprocess.Popen[str]":
    command, known = [sys.executable, "-m", "bench.campaign_worker", act], instance.environment | environment
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=known)


def _ended(process: "subprocess.Popen[str]") -> Done:
    said, _ = process.communicate()
    assert process.returncode == 0, "a worker failed"
    return Done(**json.loads(said))


def _work(instance: Instance, act: str) -> Done:
    return _ended(_started(instance, act))


# ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Rates:
    """Mails a second, run by run, and milliseconds of work for each mail."""

    one: list[float] = field(default_factory=list)
    two: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)


def _sending(ground: Ground, plan: Plan) -> list[Row]:
    instance = ground.new_instance()
    issue = readers.make_newsletter(instance, plan.issue)
    keys = instance.folder / "keys"
    make_key(keys, SENDER.address.rpartition("@")[2], "bench")
    kinds = {"unsigned": Rates(), "signed with DKIM": Rates()}
    alone: list[float] = []
    with Sink(instance.folder) as sink:
        instance.smtp_url = sink.url
        with instance.served(workers=1) as web:
            _release(instance, web, issue)
            _work(instance, "write")
            built = _built(instance)
            for _ in range(plan.rounds):
                alone.append(_send_with_smtplib(sink, built))
                sizes = [_send_by_one_and_two(instance, sink, issue.count, kinds["unsigned"])]
                sizes.append(
                    _send_by_one_and_two(instance, sink, issue.count, kinds["signed with DKIM"], keys=str(keys))
                )
                assert sizes[1] - sizes[0] > SIGNATURE * issue.count, "they are not signed"
            code = _code_beside(instance, web, sink)
    rows = [row for kind, rates in kinds.items() for row in _rate_rows(issue.count, kind, alone, rates)]
    return [*rows, _code_row(code)]


def _send_by_one_and_two(instance: Instance, sink: Sink, count: int, rates: Rates, *, keys: str = "") -> int:
    """Send the issue by one worker process, then by two; how many bytes arrived of one issue."""
    known = {"DKIM_KEYS": keys} if keys else {}
    for workers, found in ((1, rates.one), (2, rates.two)):
        _send_again(instance)
        sink.forget()
        running = [_started(instance, "send", **known) for _ in range(workers)]
        done = [_ended(one) for one in running]
        ledger = sink.ledger()
        assert (ledger.mails, ledger.recipients) == (count, count), f"{ledger} for {count} mails"
        found.append(count / max(one.seconds for one in done))
        rates.work.append(1000 * sum(one.work for one in done) / count)
    return ledger.size


def _built(instance: Instance) -> list[tuple[str, str, bytes]]:
    """The same mails, finished beforehand: return path, receiver, mail."""
    with instance.app.app_context():
        presses = {form.key: Press(form, SENDER) for form in db.session.scalars(select(Form))}
        queued = db.session.scalars(select(Message).where(Message.kind == KIND).order_by(Message.id)).all()
        return [
            (return_path(one.id, is_of_list=True), one.recipient, _printed(presses[one.form_key], one))
            for one in queued
        ]


def _printed(press: Press, one: Message) -> bytes:
    links = links_of(one.list_id, one.mailbox_id)
    return press.print(to=one.recipient, message_id=one.message_id, date=one.created_at, values=one.values, links=links)


def _send_with_smtplib(sink: Sink, built: list[tuple[str, str, bytes]]) -> float:
    with smtplib.SMTP("127.0.0.1", sink.port) as server:
        began = time.perf_counter()
        for sender, recipient, content in built:
            server.sendmail(sender, [recipient], content)
        return len(built) / (time.perf_counter() - began)


def _send_again(instance: Instance) -> None:
    """Let the issue wait once more, and nothing beside it."""
    with instance.app.app_context(), transaction():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(delete(Message).where(Message.kind != KIND))
        db.session.execute(update(Message).values(state=State.QUEUED, attempt=0, sent_at=None, body_at=None, answer=""))
    readers.vacuum(instance, "message")


def _code_beside(instance: Instance, web: Web, sink: Sink) -> float:
    """How long somebody who asks to sign in waits for the code while one worker process sends an issue."""
    _send_again(instance)
    sink.forget()
    sending = _started(instance, "send")
    while sink.ledger().mails < 100:
        time.sleep(0.05)
    began = time.perf_counter()
    run = load.drive(web.port, [signing_in(web.port, "code@amt1.example")], at_once=1)
    assert run.statuses == {200: 1, 303: 1}, f"asking for a code was answered with {dict(run.statuses)}"
    with instance.app.app_context():
        asked = select(Message.state).where(Message.kind == "sign_in")
        while db.session.scalar(asked) != State.SENT:
            time.sleep(0.02)
            db.session.rollback()
        waited = time.perf_counter() - began
        assert db.session.scalar(select(Message.id).where(Message.state == State.QUEUED)), "the issue was over before"
    _ended(sending)
    return waited


# ── What came of it ──────────────────────────────────────────────────────────────────────────────────────────────────


def _rate_rows(count: int, kind: str, alone: list[float], rates: Rates) -> list[Row]:
    one, two, ceiling = median(rates.one), median(rates.two), median(alone)
    figures: dict[str, object] = {"one": rates.one, "two": rates.two, "smtplib": alone, "work per mail, ms": rates.work}
    return [
        Row(
            what=f"an issue to {count:,}, {kind}, one worker process",
            target=f"{SHARE:.0%} of smtplib alone",
            measured=f"{one:,.0f}/s of {ceiling:,.0f}/s, {median(rates.work):.2f} ms of work each",
            ratio=one / ceiling,
            is_met=one / ceiling >= SHARE,
            peers="pretix 18/s, Mailman 27/s, Indico 46/s",
            figures=figures,
        ),
        Row(
            what=f"an issue to {count:,}, {kind}, two worker processes",
            target=f"{BY_TWO} times one",
            measured=f"{two:,.0f}/s of {one:,.0f}/s",
            ratio=two / one,
            is_met=two / one >= BY_TWO,
            peers="",
        ),
    ]


def _code_row(seconds: float) -> Row:
    return Row(
        what="a code, from the click to the mail, while an issue leaves by one worker process",
        target=f"under {CODE:.0f} s",
        measured=f"{seconds:.2f} s",
        is_met=seconds < CODE,
        peers="",
    )


def _writing_row(written: list[Written]) -> Row:
    few, many = written[0].done, written[-1].done
    return Row(
        what=f"setting an issue to {written[-1].count:,} in type and writing its rows",
        target=f"under {SECONDS:.0f} s, flat memory",
        measured=f"{many.seconds:.1f} s, {many.peak:.0f} MiB instead of {few.peak:.0f}",
        is_met=many.seconds < SECONDS and many.peak < FLAT * few.peak,
        peers="",
        figures={"typesetting, s": many.typesetting, "work, s": many.work},
    )


def _flat_row(written: list[Written]) -> Row:
    few, many = written[0], written[-1]
    return Row(
        what=f"writing one row of {many.count:,} instead of {few.count:,}",
        target=f"at most {FLAT - 1:.0%} more",
        measured=f"{1e6 * many.each:.1f} µs instead of {1e6 * few.each:.1f}",
        ratio=many.each / few.each,
        is_met=many.each < FLAT * few.each,
        peers="",
        figures={"µs each": {one.count: 1e6 * one.each for one in written}},
    )


def _click_row(written: list[Written]) -> Row:
    slowest = max(written, key=lambda one: one.click.seconds)
    return Row(
        what=f"the click that lets an issue go out, to {max(one.count for one in written):,} or fewer",
        target=f"under {1000 * CLICK:.0f} ms",
        measured=f"{1000 * slowest.click.seconds:.0f} ms, the slowest, to {slowest.count:,}",
        is_met=slowest.click.seconds < CLICK,
        peers="",
        figures={"ms": [1000 * one.click.seconds for one in written]},
    )


def _growth(title: str, written: list[Written]) -> Growth:
    return Growth(title=title, columns=COLUMNS, lines=[_line(one) for one in written])


def _line(one: Written) -> tuple[str, ...]:
    each, click = one.each, one.click
    shown = (f"{one.count:,}", f"{one.variants}", f"{one.done.typesetting:.2f}", f"{1e6 * each:.1f}")
    return *shown, f"{one.done.peak:.0f}", f"{1000 * click.page:.0f}", f"{1000 * click.seconds:.0f}"
