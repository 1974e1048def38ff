"""PostgreSQL restarts under load (G15); and its counterpart, SQLite with many processes that write (G17)."""

import threading
import time
from collections import Counter
from http import HTTPStatus

import pytest

from tests.faults.instance import Instance, Web, Worker, migrate, wait_until
from tests.faults.outbox import counts, write, written
from tests.faults.rush import Rush, check_ledger, registered
from tests.faults.visitor import ask
from tests.services.postgresql import PostgreSQL
from tests.services.smtp import FaultySMTP

RESTARTS = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One that keeps what it was given, with a migrated database to copy."""
    with PostgreSQL(durable=True) as running:
        migrate(running.create_database("migrated"), tmp_path_factory.mktemp("migrated"))
        yield running


@pytest.fixture
def on_postgresql(server, tmp_path):
    made = Instance("postgresql", server.create_database("restarted", template="migrated"), tmp_path)
    yield made
    made.close()


@pytest.fixture
def on_sqlite(templates, tmp_path):
    made = Instance("sqlite", templates.copy("sqlite", tmp_path), tmp_path)
    yield made
    made.close()


class Reader(threading.Thread):
    """Somebody who reads a page again and again."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self._url = url
        self._over = threading.Event()
        self.told = []

    def run(self):
        while not self._over.is_set():
            self.told.append(ask(self._url))
            time.sleep(0.02)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join(60)


def test_while_postgresql_restarts_people_are_put_off_and_nothing_is_half_done(server, on_postgresql):
    instance = on_postgresql
    slug = instance.slug_of(instance.make_event(capacity=None))
    with Web(instance) as web, Reader(f"{web.url}/veranstaltungen/{slug}/") as reader, Rush(web, slug) as rush:
        for _ in range(RESTARTS):
            rush.more(15)
            server.restart(immediate=True)
            back = time.monotonic()
            wait_until(lambda back=back: any(told.asked > back for told in rush.told), "a sign-up", within=60)
            recovered = min(told.answered for told in rush.told if told.asked > back)
            assert recovered - back < 10
        rush.more(15)
    instance.close()

    assert rush.put_off, "nobody noticed, so nothing was tried"
    assert {told.retry_after for told in rush.put_off} == {"10"}
    assert not rush.cut_off
    assert {told.status for told in reader.told} <= {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}
    check_ledger(instance, rush)


def test_while_postgresql_restarts_the_worker_forgets_no_answer_and_goes_on_by_itself(server, on_postgresql):
    with FaultySMTP() as smtp:
        on_postgresql.environment["SMTP_URL"] = smtp.url
        write(on_postgresql, 400)
        with Worker(on_postgresql):
            for count in (50, 130, 220):
                wait_until(lambda count=count: len(smtp.mails) > count, f"{count} mails", within=60)
                server.restart(immediate=True)
            on_postgresql.close()
            wait_until(lambda: counts(on_postgresql) == {"sent": 400}, "all sent", within=60)
        assert smtp.copies == Counter(written(on_postgresql))


def test_control_without_its_own_page_for_it_a_restart_is_an_error(server, on_postgresql):
    slug = on_postgresql.slug_of(on_postgresql.make_event(capacity=None))
    with (
        Web(on_postgresql, module="tests.faults.unready:app") as web,
        Reader(f"{web.url}/veranstaltungen/{slug}/") as reader,
    ):
        wait_until(lambda: reader.told, "an answer")
        server.restart(immediate=True)
        wait_until(lambda: any(told.status == HTTPStatus.INTERNAL_SERVER_ERROR for told in reader.told), "an error")


def crowd(instance, is_enough, *, module="nextevents.wsgi:app"):
    """Let four web processes and two workers write at once, until there was enough of it."""
    slug = instance.slug_of(instance.make_event(capacity=None))
    with (
        FaultySMTP() as smtp,
        Web(instance, workers=4, threads=3, module=module) as web,
    ):
        instance.environment["SMTP_URL"] = smtp.url
        with Worker(instance), Worker(instance):
            with Rush(web, slug, visitors=12) as rush:
                wait_until(lambda: is_enough(rush), "enough", within=90)
            if module == "nextevents.wsgi:app":
                wait_until(lambda: len(smtp.mails) >= len(rush.told), "all mails", within=60)
    return rush, smtp


def test_many_processes_write_into_one_sqlite_and_nobody_hears_that_it_is_locked(on_sqlite):
    rush, smtp = crowd(on_sqlite, lambda rush: len(rush.told) > 200)

    assert rush.put_off == []
    check_ledger(on_sqlite, rush)
    assert sorted(to for _, to in smtp.copies.elements()) == sorted(registered(on_sqlite))
    logs = (on_sqlite.folder / "web.log").read_text() + (on_sqlite.folder / "worker.log").read_text()
    assert "locked" not in logs


def test_control_transactions_that_begin_by_reading_hear_that_it_is_locked(on_sqlite):
    rush, _ = crowd(on_sqlite, lambda rush: rush.put_off, module="tests.faults.deferred:app")

    assert rush.put_off
