"""The services that other tests rely on do what they say, and the judges of calendars judge."""

import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import psutil
import psycopg
import pytest
import redis
import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from tests.services import chromium, ical_judges, postgresql
from tests.services.apt import ROOT
from tests.services.postgresql import PostgreSQL
from tests.services.redis import Redis
from tests.services.smtp import (
    Fault,
    FaultySMTP,
    Sink,
    Stage,
    answer_late,
    certificate,
    drop,
    hang,
    refuse,
    trickle,
)

# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL() as running:
        yield running


def asked(url: str, question: str) -> object:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return connection.execute(sa.text(question)).scalar_one()


def told(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def test_postgresql_gives_databases_that_sqlalchemy_reaches(server):
    url = server.create_database("first")

    assert asked(url, "SELECT current_database() || ' ' || current_setting('TimeZone')") == "first UTC"


def test_a_database_made_from_a_template_holds_what_the_template_holds(server):
    told(server.create_database("template"), "CREATE TABLE thing (name text)", "INSERT INTO thing VALUES ('Ä')")

    copy = postgresql.create_database(server.url, "copy", template="template")
    again = postgresql.create_database(server.url, "copy", template="template")

    assert (copy, asked(again, "SELECT name FROM thing")) == (again, "Ä")


def test_a_dropped_database_is_gone_even_while_somebody_is_connected(server):
    url = server.create_database("dropped")
    with sa.create_engine(url).connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        server.drop_database("dropped")
        connection.invalidate()

    with pytest.raises(sa.exc.OperationalError):
        asked(url, "SELECT 1")


def test_pgbench_and_the_other_programs_come_with_it(server):
    server.create_database("bench")

    made = subprocess.run(
        [server.program("pgbench"), "-i", "-h", server.socket_folder, "-U", "postgres", "bench"], check=False
    )

    assert made.returncode == 0


def test_a_durable_cluster_survives_immediate_restarts_and_kills():
    with PostgreSQL(durable=True) as durable:
        url = durable.create_database("kept")
        told(url, "CREATE TABLE thing (number int)")
        told(url, "INSERT INTO thing VALUES (1)")
        durable.restart(immediate=True)
        told(url, "INSERT INTO thing VALUES (2)")
        durable.kill()
        durable.start()
        told(url, "INSERT INTO thing VALUES (3)")
        durable.stop()
        durable.start()
        settings = asked(url, "SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit')")
        kept = asked(url, "SELECT array_agg(number ORDER BY number) FROM thing")

    assert (settings, kept) == ("on on", [1, 2, 3])


def test_a_frozen_postgresql_is_silent_until_it_is_thawed():
    with PostgreSQL() as frozen:
        address = frozen.url.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            frozen.freeze()
            with pytest.raises(psycopg.errors.ConnectionTimeout):
                psycopg.connect(address, connect_timeout=2)
            frozen.thaw()
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nothing_is_left_of_servers_whose_test_run_was_killed():
    script = (
        "import os, signal\n"
        "from tests.services.postgresql import PostgreSQL\n"
        "from tests.services.redis import Redis\n"
        "a, b = PostgreSQL(), Redis()\n"
        "a.start(), b.start(), b.freeze()\n"
        "print(a.pid, b.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # nobody, whose PostgreSQL is when root starts it, must get in
        killed = subprocess.run(
            [sys.executable, "-c", script],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | {"TMPDIR": name},
        )
        pids = [int(pid) for pid in killed.stdout.split()]

        assert (killed.returncode, len(pids)) == (-signal.SIGKILL, 2)
        wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids))
        wait_for(lambda: not list(folder.iterdir()))


def wait_for(holds, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.05)


# ── Redis ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_redis_answers_can_be_emptied_and_comes_back_at_the_same_port():
    with Redis() as server, redis.Redis.from_url(server.url) as client:
        client.set("bell", "rung")
        before = client.get("bell")
        server.empty()
        emptied = client.get("bell")
        client.set("bell", "again")
        port = server.port
        server.kill()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        server.start()

        assert (before, emptied, client.get("bell"), server.port) == (b"rung", None, None, port)


def test_a_persistent_redis_remembers_after_a_kill():
    with Redis(persistent=True) as server, redis.Redis.from_url(server.url) as client:
        client.set("bell", "rung")
        server.kill()
        server.start()

        assert client.get("bell") == b"rung"


def test_a_frozen_redis_takes_connections_and_is_silent():
    with Redis() as server, redis.Redis.from_url(server.url, socket_timeout=0.3) as client:
        server.freeze()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        server.thaw()

        assert client.ping()


# ── SMTP ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def mail(number: int = 1, to: str = "ada@amt.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "termine@next.example", to, "Anmeldung bestätigt"
    message["Message-ID"] = f"<{number}@next.example>"
    message.set_content("Grüße\n.\n..\nEnde\n")
    return message


def connected(server: Sink | FaultySMTP, timeout: float = 5.0) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", server.port, timeout=timeout)


def test_the_sink_keeps_a_ledger_of_what_it_took():
    with Sink() as sink:
        with connected(sink) as client:
            client.send_message(mail(1))
            client.send_message(mail(2, "bob@amt.example"))
        mails = sink.wait_for(2)

    assert [(one.sender, one.recipients, one.message_id, one.connection) for one in mails] == [
        ("termine@next.example", ("ada@amt.example",), "<1@next.example>", 1),
        ("termine@next.example", ("bob@amt.example",), "<2@next.example>", 1),
    ]
    assert mails[0].message.get_content() == "Grüße\r\n.\r\n..\r\nEnde\r\n"
    assert sink.copies == {("<1@next.example>", "ada@amt.example"): 1, ("<2@next.example>", "bob@amt.example"): 1}


def test_waiting_for_mails_that_do_not_come_ends():
    with Sink() as sink, pytest.raises(TimeoutError, match="0 of 1"):
        sink.wait_for(1, within=0.1)


def test_the_sink_lets_only_known_users_in():
    with Sink(login=("worker", "secret")) as sink:
        with connected(sink) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("worker", "wrong")
            client.login("worker", "secret")
            client.send_message(mail())
        with connected(sink) as client, pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
            client.send_message(mail())

        assert (len(sink.mails), sink.url) == (1, f"smtp://worker:secret@127.0.0.1:{sink.port}")


@pytest.mark.parametrize("starttls", [True, False])
def test_the_sink_speaks_tls_to_those_who_trust_it(tmp_path, starttls):
    context, authority = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(authority))
    with Sink(tls=context, starttls=starttls) as sink:
        if starttls:
            with connected(sink) as client:
                client.starttls(context=trusting)
                client.send_message(mail())
        else:
            with smtplib.SMTP_SSL("127.0.0.1", sink.port, timeout=5, context=trusting) as client:
                client.send_message(mail())

        assert len(sink.mails) == 1


ANSWERED = [
    (refuse(Stage.EHLO, "451 4.3.0 later"), smtplib.SMTPHeloError),
    (refuse(Stage.MAIL, "550 5.7.1 not you"), smtplib.SMTPSenderRefused),
    (refuse(Stage.RCPT, "450 4.2.2 full"), smtplib.SMTPRecipientsRefused),
    (refuse(Stage.DATA, "451 4.3.0 later"), smtplib.SMTPDataError),
    (refuse(Stage.DOT, "552 5.3.4 too big"), smtplib.SMTPDataError),
]


@pytest.mark.parametrize(("fault", "error"), ANSWERED, ids=lambda value: getattr(value, "stage", ""))
def test_the_faulty_server_refuses_where_it_is_told_and_stores_nothing(fault: Fault, error):
    with FaultySMTP() as server:
        server.always(fault)
        with connected(server) as client, pytest.raises(error):
            client.send_message(mail())
        server.always(None)
        with connected(server) as client:
            client.send_message(mail())

    assert [len(server.mails), {one.fault for one in server.incidents}] == [1, {fault}]


def test_the_faulty_server_can_be_too_busy_for_a_connection():
    with FaultySMTP() as server:
        server.next_connections(refuse(Stage.GREETING, "421 4.3.2 busy"), None)
        with pytest.raises(smtplib.SMTPConnectError, match="busy"):
            connected(server)
        with connected(server) as client:
            client.send_message(mail())

        assert (len(server.mails), server.connections) == (1, 2)


@pytest.mark.parametrize(
    ("stage", "stored"),
    [
        (Stage.MAIL, 0),
        (Stage.RCPT, 0),
        (Stage.DATA, 0),
        (Stage.BODY, 0),
        (Stage.DOT, 0),
        (Stage.STORED, 1),
    ],
)
def test_the_faulty_server_hangs_up_where_it_is_told(stage, stored):
    with FaultySMTP() as server:
        server.next_messages(drop(stage))
        with suppress(smtplib.SMTPServerDisconnected), connected(server) as client:
            with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
                client.send_message(mail())
            client.close()
        with connected(server) as client:
            client.send_message(mail(2))
        ids = [one.message_id for one in server.mails]

    assert ids == ["<1@next.example>"] * stored + ["<2@next.example>"]
    assert [(one.fault.stage, one.connection) for one in server.incidents] == [(stage, 1)]


def test_an_incident_behind_the_dot_tells_which_mail_it_was():
    with FaultySMTP() as server:
        server.next_messages(None, drop(Stage.STORED))
        with connected(server) as client:
            client.send_message(mail(1))
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.send_message(mail(2))

    assert [(one.message_id, one.recipients) for one in server.incidents] == [
        ("<2@next.example>", ("ada@amt.example",))
    ]


def test_one_recipient_can_be_refused_among_others():
    with FaultySMTP() as server:
        server.for_recipient("gone@amt.example", refuse(Stage.RCPT, "550 5.1.1 unknown"))
        with connected(server) as client:
            refused = client.send_message(mail(), to_addrs=["ada@amt.example", "gone@amt.example", "bob@amt.example"])

        assert refused == {"gone@amt.example": (550, b"5.1.1 unknown")}
        assert server.mails[0].recipients == ("ada@amt.example", "bob@amt.example")


def test_an_answer_comes_late_and_the_mail_is_there_before_it():
    with FaultySMTP() as server:
        server.next_messages(answer_late(5))
        began = time.monotonic()
        with connected(server, timeout=0.5) as client:
            with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
                client.send_message(mail())
            client.close()

        assert len(server.mails) == 1
    assert time.monotonic() - began < 3, "neither the client nor the server waits for the end of it"


@pytest.mark.parametrize("stage", [Stage.GREETING, Stage.EHLO, Stage.MAIL, Stage.DATA, Stage.DOT, Stage.STORED])
def test_a_hanging_server_is_silent_and_can_be_stopped(stage):
    with FaultySMTP() as server:
        server.always(hang(stage))
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            smtplib.SMTP("127.0.0.1", server.port, timeout=0.3).send_message(mail())

        assert len(server.mails) == (stage is Stage.STORED)


def test_a_trickling_server_answers_byte_by_byte():
    with FaultySMTP() as server:
        server.next_connections(trickle(Stage.EHLO, seconds=0.02))
        began = time.monotonic()
        with connected(server) as client:
            client.noop()
            assert time.monotonic() - began < 0.5 + 20 * 0.02
            client.ehlo()
        assert time.monotonic() - began > 50 * 0.02


def test_logins_are_counted_and_can_be_refused():
    with FaultySMTP(login=True) as server:
        server.next_connections(refuse(Stage.AUTH, "535 5.7.8 wrong"), None)
        with connected(server) as client, pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("worker", "secret")
        with connected(server) as client:
            client.login("worker", "secret")

        assert len(server.logins) >= 2


def test_commands_may_come_all_at_once_where_pipelining_is_offered():
    with FaultySMTP(pipelining=True) as server, socket.create_connection(("127.0.0.1", server.port), 5) as link:
        lines = link.makefile("rb")
        lines.readline()
        link.sendall(b"EHLO me\r\n")
        hello = [lines.readline() for _ in range(5)]
        link.sendall(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        codes = [lines.readline()[:3] for _ in range(3)]
        link.sendall(b"Subject: x\r\n\r\ntext\r\n.\r\nQUIT\r\n")
        codes += [lines.readline()[:3] for _ in range(2)]
        lines.close()

        assert b"250 PIPELINING\r\n" in hello
        assert codes == [b"250", b"250", b"354", b"250", b"221"]
        assert server.mails[0].content == b"Subject: x\r\n\r\ntext\r\n"


def test_the_faulty_server_takes_many_connections_and_comes_back_at_the_same_port():
    server = FaultySMTP()
    server.start()
    port = server.port

    def send(number: int) -> None:
        with connected(server) as client:
            client.send_message(mail(number))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        connected(server)
    server.start()
    send(30)
    server.stop()

    assert (len(server.copies), server.port) == (31, port)


# ── Chromium ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_chromium_opens_a_page_and_runs_its_script(tmp_path):
    (tmp_path / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>x</title><script>document.title = 'Läuft'</script>"
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path))) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        with sync_playwright() as playwright, chromium.browser(playwright) as browser:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{web.server_port}/")
            title = page.title()
        web.shutdown()

    assert title == "Läuft"


# ── Judges of calendars ──────────────────────────────────────────────────────────────────────────────────────────────

ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""
RIGHT = f"""\
BEGIN:VCALENDAR
PRODID:-//NExT e. V.//NExTevents//DE
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REQUEST
{ZONE}BEGIN:VEVENT
UID:6f1c6b1e-9f0e-4a93-8bfb-0b1f0d6a1f10
SEQUENCE:2
DTSTAMP:20260601T100000Z
LAST-MODIFIED:20260601T100000Z
DTSTART;TZID=Europe/Berlin:20260715T090000
DTEND;TZID=Europe/Berlin:20260715T103000
SUMMARY:Daten\\, Karten & Übermut
DESCRIPTION:Zugang: https://meet.example/a\\nBis bald\\; und: viel Spaß\\\\
LOCATION:https://meet.example/a
CATEGORIES:Daten,Karten
STATUS:CONFIRMED
URL:https://next.example/veranstaltungen/daten/
CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL="Zugang: hier":https://mee
 t.example/a
ORGANIZER;CN="NExT e. V.":mailto:termine@next.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FA
 LSE;CN="Ada, Amt":mailto:ada@amt.example
END:VEVENT
END:VCALENDAR
"""
SERIES = RIGHT.replace(
    "DTSTART;TZID=Europe/Berlin:20260715T090000\nDTEND;TZID=Europe/Berlin:20260715T103000\n",
    "DTSTART;TZID=Europe/Berlin:20261014T090000\nDTEND;TZID=Europe/Berlin:20261014T103000\n"
    "RRULE:FREQ=WEEKLY;UNTIL=20261111T080000Z\nEXDATE;TZID=Europe/Berlin:20261104T090000\n",
)
ATTENDEE = RIGHT[RIGHT.index("ATTENDEE") : RIGHT.index("END:VEVENT")]
MOVED = SERIES[SERIES.index("BEGIN:VEVENT") : SERIES.index("END:VCALENDAR")]
MOVED = "\n".join(line for line in MOVED.split("\n") if not line.startswith(("RRULE", "EXDATE"))).replace(
    "DTSTART;TZID=Europe/Berlin:20261014T090000\nDTEND;TZID=Europe/Berlin:20261014T103000\n",
    "RECURRENCE-ID;TZID=Europe/Berlin:20261021T090000\n"
    "DTSTART;TZID=Europe/Berlin:20261022T140000\nDTEND;TZID=Europe/Berlin:20261022T153000\n",
)
WHOLE_DAYS = RIGHT.replace("DTSTART;TZID=Europe/Berlin:20260715T090000", "DTSTART;VALUE=DATE:20260715").replace(
    "DTEND;TZID=Europe/Berlin:20260715T103000", "DTEND;VALUE=DATE:20260717"
)
CANCEL = RIGHT.replace("METHOD:REQUEST", "METHOD:CANCEL").replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
PUBLISH = RIGHT.replace("METHOD:REQUEST", "METHOD:PUBLISH").replace(ATTENDEE, "")


def written(calendar: str) -> bytes:
    return calendar.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    "calendar",
    [RIGHT, SERIES, SERIES.replace("END:VCALENDAR", MOVED + "END:VCALENDAR"), WHOLE_DAYS, CANCEL, PUBLISH],
    ids=["one date", "a series", "a series with a moved date", "whole days", "cancelled", "published"],
)
def test_right_calendars_find_no_complaint(calendar):
    assert ical_judges.judge(written(calendar)) == []


DAMAGED: dict[str, tuple[str, str]] = {
    "no version": ("VERSION:2.0\n", ""),
    "no product": ("PRODID:-//NExT e. V.//NExTevents//DE\n", ""),
    "no method": ("METHOD:REQUEST\n", ""),
    "unknown method": ("METHOD:REQUEST", "METHOD:INVITE"),
    "method in the event": ("SEQUENCE:2", "SEQUENCE:2\nMETHOD:REQUEST"),
    "method behind a component": (f"METHOD:REQUEST\n{ZONE}", f"{ZONE}METHOD:REQUEST\n"),
    "no identity": ("UID:6f1c6b1e-9f0e-4a93-8bfb-0b1f0d6a1f10\n", ""),
    "no stamp": ("DTSTAMP:20260601T100000Z\n", ""),
    "a stamp in local time": ("DTSTAMP:20260601T100000Z", "DTSTAMP:20260601T100000"),
    "no start": ("DTSTART;TZID=Europe/Berlin:20260715T090000\n", ""),
    "end before start": ("DTEND;TZID=Europe/Berlin:20260715T103000", "DTEND;TZID=Europe/Berlin:20260715T083000"),
    "end at start": ("DTEND;TZID=Europe/Berlin:20260715T103000", "DTEND;TZID=Europe/Berlin:20260715T090000"),
    "a length instead of an end": ("DTEND;TZID=Europe/Berlin:20260715T103000", "DURATION:PT90M"),
    "a start at no certain time": ("DTSTART;TZID=Europe/Berlin:", "DTSTART:"),
    "a day and a time": ("DTEND;TZID=Europe/Berlin:20260715T103000", "DTEND;VALUE=DATE:20260716"),
    "a zone and Z": ("20260715T090000\n", "20260715T090000Z\n"),
    "a zone that is not defined": ("DTSTART;TZID=Europe/Berlin:2026", "DTSTART;TZID=Europe/Paris:2026"),
    "no zone defined": (ZONE, ""),
    "a zone by list": ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RDATE:20261025T030000"),
    "a zone on the first Sunday": ("BYDAY=-1SU;BYMONTH=3", "BYDAY=1SU;BYMONTH=3"),
    "a zone with two winters": (
        "BEGIN:DAYLIGHT",
        "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nBEGIN:DAYLIGHT",
    ),
    "a sequence that is no number": ("SEQUENCE:2", "SEQUENCE:two"),
    "a cancelled request": ("STATUS:CONFIRMED", "STATUS:CANCELLED"),
    "no organiser": ("ORGANIZER;CN=", "X-ORGANIZER;CN="),
    "no attendee": (ATTENDEE, ""),
    "two attendees": (ATTENDEE, ATTENDEE + ATTENDEE.replace("ada@", "bob@")),
    "the organiser as attendee": ("mailto:ada@amt.example", "mailto:termine@next.example"),
    "an address without mailto": ("mailto:ada@amt.example", "ada@amt.example"),
    "a shouted mailto": ("mailto:ada@amt.example", "MAILTO:ada@amt.example"),
    "an unknown answer": ("PARTSTAT=ACCEPTED", "PARTSTAT=YES"),
    "a name that needs quotes": ('CN="Ada, Amt"', "CN=Ada: Amt"),
    "a comma not escaped": ("Daten\\, Karten", "Daten, Karten"),
    "a semicolon not escaped": ("Bis bald\\;", "Bis bald;"),
    "a colon escaped": ("und: viel", "und\\: viel"),
    "a control character": ("Übermut", "\x07bermut"),
    "a long line": ("Übermut", "Übermut" + 70 * "!"),
    "a line without a name": ("SEQUENCE:2", "SEQUENCE:2\nhallo"),
    "an event that is not closed": ("END:VEVENT\n", ""),
    "two entries of other identity": (
        "END:VCALENDAR",
        RIGHT[RIGHT.index("BEGIN:VEVENT") : RIGHT.index("END:VCALENDAR")].replace("6f1c6b1e", "7f1c6b1e")
        + "END:VCALENDAR",
    ),
    "the same entry twice": (
        "END:VCALENDAR",
        RIGHT[RIGHT.index("BEGIN:VEVENT") : RIGHT.index("END:VCALENDAR")] + "END:VCALENDAR",
    ),
    "a conference that is no address": ("CONFERENCE;VALUE=URI;", "CONFERENCE;"),
    "two truths about the sequence": ("SEQUENCE:2", "SEQUENCE:2\nX-MICROSOFT-CDO-APPT-SEQUENCE:2"),
}
DAMAGED_SERIES: dict[str, tuple[str, str]] = {
    "until in local time": ("UNTIL=20261111T080000Z", "UNTIL=20261111T090000"),
    "until and count": ("UNTIL=20261111T080000Z", "UNTIL=20261111T080000Z;COUNT=5"),
    "a rule that does not exist": ("FREQ=WEEKLY", "FREQ=SOMETIMES"),
    "a weekday that does not exist": ("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=XX"),
    "a rule in a moved date": ("SEQUENCE:2", "SEQUENCE:2\nRECURRENCE-ID;TZID=Europe/Berlin:20261014T090000"),
}


@pytest.mark.parametrize(("old", "new"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_calendar_is_caught(old, new):
    assert old in RIGHT

    assert ical_judges.judge(written(RIGHT.replace(old, new, 1))) != []


@pytest.mark.parametrize(("old", "new"), DAMAGED_SERIES.values(), ids=DAMAGED_SERIES.keys())
def test_a_damaged_series_is_caught(old, new):
    assert old in SERIES

    assert ical_judges.judge(written(SERIES.replace(old, new, 1))) != []


@pytest.mark.parametrize(
    "damaged",
    [
        RIGHT.encode(),
        written(RIGHT).replace(b"\r\nSTATUS", b"\nSTATUS"),
        written(RIGHT).removesuffix(b"\r\n"),
        written(RIGHT).replace("Ü".encode(), "Ü".encode("cp1252")),
        written(RIGHT).replace("Ü".encode(), b"\xc3\r\n \x9c"),
        written(WHOLE_DAYS).replace(b"20260717", b"20260715"),
        written(CANCEL).replace(b"SEQUENCE:2\r\n", b""),
        written(CANCEL).replace(
            b"END:VEVENT",
            b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT1H\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT",
        ),
        written(PUBLISH.replace("END:VEVENT", f"{ATTENDEE}END:VEVENT")),
        written(RIGHT) * 2,
        b"",
        b"\0",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    ],
    ids=[
        "only LF",
        "one LF",
        "no end of line at the end",
        "cp1252",
        "folded within a character",
        "no whole day",
        "a cancellation without sequence",
        "a cancellation with alarm",
        "published with an attendee",
        "two calendars",
        "empty",
        "NUL",
        "nothing in it",
    ],
)
def test_damaged_bytes_are_caught(damaged):
    assert ical_judges.judge(damaged) != []


def test_every_judge_notices_something_by_itself():
    said = [
        words
        for damaged in (
            RIGHT.replace("METHOD:REQUEST", "METHOD:PUBLISH"),
            SERIES.replace("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=XX"),
            RIGHT.replace("SEQUENCE:2", "SEQUENCE:two"),
        )
        for words in ical_judges.judge(written(damaged))
    ]

    assert {words.partition(":")[0] for words in said} == {"our rules", "libical", "ical.js", "icalendar"}


def test_all_judges_agree_with_python_on_forty_moments_in_twenty_years():
    berlin = ZoneInfo("Europe/Berlin")
    for number in range(40):
        local = datetime(2026, 1, 7, 9, 30, tzinfo=berlin) + timedelta(days=183 * number)
        calendar = RIGHT.replace("20260715T090000", f"{local:%Y%m%dT%H%M%S}").replace(
            "20260715T103000", f"{local + timedelta(hours=1):%Y%m%dT%H%M%S}"
        )

        moments = ical_judges.instants(written(calendar))

        assert moments == {judge: [local.astimezone(UTC)] for judge in ("libical", "ical.js", "icalendar")}


def test_all_judges_agree_on_a_series_over_the_end_of_summer_time_with_one_date_moved_and_one_left_out():
    moments = ical_judges.instants(written(SERIES.replace("END:VCALENDAR", MOVED + "END:VCALENDAR")))

    right = [
        datetime(2026, 10, 14, 7, 0, tzinfo=UTC),
        datetime(2026, 10, 22, 12, 0, tzinfo=UTC),
        datetime(2026, 10, 28, 8, 0, tzinfo=UTC),
        datetime(2026, 11, 11, 8, 0, tzinfo=UTC),
    ]
    assert moments == {"libical": right, "ical.js": right, "icalendar": right}


def test_a_zone_by_list_makes_the_judges_disagree_about_the_hour():
    """The mistake that icalendar's own zones make: this is what the comparison is for."""
    wrong = SERIES.replace("BYDAY=-1SU;BYMONTH=10", "BYDAY=1SU;BYMONTH=10")

    moments = ical_judges.instants(written(wrong))

    assert moments["libical"] == moments["ical.js"] != moments["icalendar"]


def test_days_count_as_midnight_and_an_endless_series_is_cut():
    days = WHOLE_DAYS.replace("SEQUENCE:2", "SEQUENCE:2\nRRULE:FREQ=YEARLY")

    moments = ical_judges.instants(written(days), limit=2)

    right = [datetime(2026, 7, 15, tzinfo=UTC), datetime(2027, 7, 15, tzinfo=UTC)]
    assert moments == {"libical": right, "ical.js": right, "icalendar": right}
