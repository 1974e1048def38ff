"""Newsletters: personal mails to many by one worker and by two, beside nothing but smtplib; writing a million rows."""

import json
import smtplib
import subprocess
import sys
import time
from statistics import median

from sqlalchemy import func, select, text, update

from bench.mailing import SENDER, Delivery
from bench.plan import Plan
from bench.report import Growth, Report, Row
from bench.servers import ROOT, Ground, Instance
from bench.sink import Sink
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.ground.queue import bell
from nextevents.mailing import services
from nextevents.mailing.addresses import links_of, list_headers, return_path
from nextevents.mailing.forms import FormDraft, Press, place
from nextevents.mailing.models import Campaign, Form, ListKind, MailingList, Message, State, Stream

SHARE, BY_TWO = 0.60, 1.7
SECONDS, CLICK, CODE = 60.0, 0.1, 5.0
FLAT = 1.2
#: About as long as an issue with eight events: 6 kB of text and HTML.
PARAGRAPH = "Drei Städte berichten, wie sie Sprachmodelle im Bürgeramt einsetzen und was sie gelernt haben. "


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """An issue to 10,000, then ever more rows."""
    written = {count: _write_many(ground, count) for count in plan.receivers}
    report.rows += [_writing_row(written)]
    report.growths.append(_growth(written))
    report.rows += _sending(ground, plan)


# ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sending(ground: Ground, plan: Plan) -> list[Row]:
    instance, count = ground.new_instance(), plan.issue
    with Sink(instance.folder) as sink:
        instance.smtp_url = sink.url
        _subscribe(instance, count)
        _release(instance)
        _work(instance, "write")
        built = _built(instance)
        alone: list[float] = []
        one: list[float] = []
        two: list[float] = []
        work: list[float] = []
        for _ in range(plan.rounds):
            alone.append(_send_with_smtplib(sink, built))
            for rates, workers in ((one, 1), (two, 2)):
                _send_again(instance)
                rate, worked = _send(instance, sink, count, workers)
                rates.append(rate)
                work.append(worked)
        code = _code_beside(instance, sink)
    return [_rate_row(count, alone, one, two, work), _two_row(count, one, two), _code_row(code)]


def _subscribe(instance: Instance, count: int) -> None:
    """A newsletter with so many readers, made by the database."""
    with instance.app.app_context(), transaction():
        newsletter = MailingList(slug="neues", name="Neues", kind=ListKind.NEWSLETTER, made_at=clock.now())
        db.session.add(newsletter)
        db.session.flush()
        db.session.add(
            Campaign(list_id=newsletter.id, slug="ausgabe", subject="Neues im Dezember", made_at=clock.now())
        )
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        mailboxes = (
            "INSERT INTO mailbox (address, address_key, name, language, made_at, suspended_because) "
            "SELECT 'p' || n || '@amt' || n % 50 || '.example', 'p' || n || '@amt' || n % 50 || '.example', "
            "'Leserin ' || n, 'de', now(), '' FROM generate_series(1, :count) n"
        )
        subscriptions = (
            "INSERT INTO subscription (list_id, mailbox_id, state, delivery, made_at, began_at, ended_by, "
            "digested_until) SELECT :list, id, 'active', 'each', now(), now(), '', 0 FROM mailbox"
        )
        db.session.execute(text(mailboxes), {"count": count})
        db.session.execute(text(subscriptions), {"list": newsletter.id})
    _vacuum(instance, "mailbox", "subscription")


def _release(instance: Instance) -> float:
    """Press the button; how long the transaction takes that the click waits for."""
    with instance.app.test_request_context("/"):
        campaign = db.session.scalars(select(Campaign)).one()
        with transaction():
            services.store_campaign_forms(campaign, {"de": _issue(campaign)})
        bell.ring(services.TEND_CAMPAIGNS)  # as in a process that has run for a while
        began = time.perf_counter()
        with transaction():
            services.release_campaign(campaign, by="redaktion@next.example", at=clock.now())
        return time.perf_counter() - began


def _issue(campaign: Campaign) -> FormDraft:
    newsletter = db.session.get_one(MailingList, campaign.list_id)
    links = f"{place('unsubscribe_url')}\n{place('preferences_url')}\n"
    rest = f'<a href="{place("unsubscribe_url")}">Abmelden</a> <a href="{place("preferences_url")}">Einstellungen</a>'
    return FormDraft(
        language="de",
        subject=campaign.subject,
        text=f"Guten Tag {place('name')},\n\n{20 * (PARAGRAPH + chr(10))}\n{links}",
        html=f"<p>Guten Tag {place('name')},</p>\n{25 * f'<p>{PARAGRAPH}</p>'}\n<p>{rest}</p>\n",
        stream=Stream.NEWSLETTER,
        headers=list_headers(newsletter, Stream.NEWSLETTER),
    )


def _built(instance: Instance) -> list[tuple[str, str, bytes]]:
    """The same mails, finished beforehand: return path, receiver, mail."""
    with instance.app.app_context():
        press = Press(db.session.scalars(select(Form)).one(), SENDER)
        queued = db.session.scalars(select(Message).order_by(Message.id)).all()
        return [(return_path(one.id, is_of_list=True), one.recipient, _printed(press, one)) for one in queued]


def _printed(press: Press, one: Message) -> bytes:
    links = links_of(one.list_id, one.mailbox_id)
    return press.print(to=one.recipient, message_id=one.message_id, date=one.created_at, values=one.values, links=links)


def _send_with_smtplib(sink: Sink, built: list[tuple[str, str, bytes]]) -> float:
    with smtplib.SMTP("127.0.0.1", sink.port) as server:
        began = time.perf_counter()
        for sender, recipient, content in built:
            server.sendmail(sender, [recipient], content)
        return len(built) / (time.perf_counter() - began)


def _send(instance: Instance, sink: Sink, count: int, workers: int) -> tuple[float, float]:
    """Mails a second of so many worker processes, from the first claim to the last mail's end; ms of work per mail."""
    sink.forget()
    running = [_started(instance, "send") for _ in range(workers)]
    done = [_ended(one) for one in running]
    ledger = sink.ledger()
    assert (ledger.mails, ledger.recipients) == (count, count), f"{ledger} for {count} mails"
    return count / max(one.seconds for one in done), 1000 * sum(one.work for one in done) / count


def _send_again(instance: Instance) -> None:
    with instance.app.app_context(), transaction():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(update(Message).values(state=State.QUEUED, attempt=0, sent_at=None, body_at=None, answer=""))
    _vacuum(instance, "message")


def _code_beside(instance: Instance, sink: Sink) -> float:
    """How long somebody waits for a code while one worker process sends an issue."""
    _send_again(instance)
    sink.forget()
    sending = _started(instance, "send")
    while sink.ledger().mails < 100:
        time.sleep(0.05)
    with instance.app.test_request_context("/"), transaction():
        form = FormDraft(language="de", subject="Ihr Code", text="123456", html="<p>123456</p>")
        services.post(
            services.Mail(kind="code", subject="x", recipient="code@amt.example", form=form, priority=0), at=clock.now()
        )
    began = time.perf_counter()
    with instance.app.app_context():
        asked = select(Message.state).where(Message.kind == "code")
        while db.session.scalar(asked) != State.SENT:
            time.sleep(0.02)
            db.session.rollback()
    waited = time.perf_counter() - began
    _ended(sending)
    return waited


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _write_many(ground: Ground, count: int) -> tuple[Delivery, float]:
    instance = ground.new_instance()
    _subscribe(instance, count)
    click = _release(instance)
    done = _work(instance, "write")
    with instance.app.app_context():
        written = db.session.scalar(select(func.count()).select_from(Message))
    assert written == count, f"{written} rows for {count} receivers"
    return Delivery(count, **vars(done)), click


class _Done:
    """What a worker process says of itself."""

    def __init__(self, **said: float) -> None:
        self.seconds, self.work = said["seconds"], said["work"]
        self.memory, self.peak = said["memory"], said["peak"]


def _started(instance: Instance, act: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.campaign_worker", act]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=instance.environment)


def _ended(process: "subprocess.Popen[str]") -> _Done:
    said, _ = process.communicate()
    assert process.returncode == 0, "a worker failed"
    return _Done(**json.loads(said))


def _work(instance: Instance, act: str) -> _Done:
    return _ended(_started(instance, act))


def _vacuum(instance: Instance, *tables: str) -> None:
    with instance.app.app_context(), db.engine.connect() as connection:
        durable = connection.execution_options(isolation_level="AUTOCOMMIT")
        durable.execute(text("SET statement_timeout = 0"))
        for table in tables:
            durable.execute(text(f"VACUUM ANALYZE {table}"))


# ── What came of it ──────────────────────────────────────────────────────────────────────────────────────────────────


def _rate_row(count: int, alone: list[float], one: list[float], two: list[float], work: list[float]) -> Row:
    share = median(one) / median(alone)
    return Row(
        what=f"an issue to {count:,}, one worker process",
        target=f"{SHARE:.0%} of smtplib alone",
        measured=f"{median(one):,.0f}/s of {median(alone):,.0f}/s, {median(work):.2f} ms of work each",
        ratio=share,
        is_met=share >= SHARE,
        peers="pretix 18/s, Mailman 27/s, Indico 46/s",
        figures={"one": one, "two": two, "smtplib": alone, "work per mail, ms": work},
    )


def _two_row(count: int, one: list[float], two: list[float]) -> Row:
    times = median(two) / median(one)
    return Row(
        what=f"an issue to {count:,}, two worker processes",
        target=f"{BY_TWO} times one",
        measured=f"{median(two):,.0f}/s of {median(one):,.0f}/s",
        ratio=times,
        is_met=times >= BY_TWO,
        peers="",
    )


def _code_row(seconds: float) -> Row:
    return Row(
        what="a code while an issue leaves, one worker process",
        target=f"under {CODE:.0f} s",
        measured=f"{seconds:.2f} s",
        is_met=seconds < CODE,
        peers="",
    )


def _writing_row(written: dict[int, tuple[Delivery, float]]) -> Row:
    few, (most, (many, _)) = written[min(written)][0], max(written.items())
    click = max(one for _, one in written.values())
    cost = (many.seconds / most) / (few.seconds / min(written))
    return Row(
        what=f"writing the rows of an issue to {most:,}; the click that starts it",
        target=f"under {SECONDS:.0f} s, flat memory, {CLICK * 1000:.0f} ms",
        measured=f"{many.seconds:.1f} s, {many.memory:.0f} to {many.peak:.0f} MiB, {1000 * click:.0f} ms",
        ratio=cost,
        is_met=many.seconds < SECONDS and many.peak < 1.2 * few.peak and click < CLICK and cost < FLAT,
        peers="",
    )


def _growth(written: dict[int, tuple[Delivery, float]]) -> Growth:
    growth = Growth(title="More receivers written", columns=("receivers", "µs each", "MiB at the peak", "click, ms"))
    for count, (one, click) in written.items():
        each = f"{1e6 * one.seconds / count:.1f}"
        growth.lines.append((f"{count:,}", each, f"{one.peak:.0f}", f"{1000 * click:.1f}"))
    return growth
