"""What tests share: the application on both databases, a database per test, people and events to work with."""

import gc
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings as hypothesis
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import scoped_session
from time_machine import TimeMachineFixture

from nextevents.app import create_app
from nextevents.ground import clock
from nextevents.ground.database import READING
from nextevents.ground.database import db as database
from nextevents.ground.rendered import Shelf, shelf
from nextevents.people.models import Person
from nextevents.people.services import begin_session
from nextevents.settings import Settings
from tests.house.visitors import Visitor
from tests.services import postgresql

DATABASES = ("sqlite", "postgresql")
_shared: dict[str, postgresql.PostgreSQL] = {}
_templates = tempfile.TemporaryDirectory(prefix="templates-")

#: Templates are compiled once for all applications of a test process: 2 s for each otherwise.
Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(_templates.name)}

hypothesis.register_profile("house", deadline=None)  # a busy machine is slow; slowness has tests of its own
hypothesis.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all test processes."""
    if not hasattr(config, "workerinput"):
        server = postgresql.PostgreSQL()
        server.start()
        _shared["server"] = server
        os.environ["TEST_POSTGRESQL"] = server.url


def pytest_collection_finish() -> None:
    """What has been collected stays to the end; looking through it for rubbish again and again takes long."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it."""
    if not hasattr(config, "workerinput") and (server := _shared.pop("server", None)):
        server.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test fails the run: what cannot be tried is not known."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def settings_for(folder: Path, database_url: str, **changes: object) -> Settings:
    """Settings of a test instance; mail is kept, the demo is on unless told otherwise."""
    values: dict[str, object] = {
        "data": folder,
        "database_url": database_url,
        "base_url": "http://localhost",
        "secret_key": "a secret of the tests, long enough to be taken",
        "mail_from": "termine@next.example",
        "mail_bounces": "ruecklauf@next.example",
        "demo": True,
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


def new_database_url(kind: str, folder: Path) -> str:
    """The address of an empty database of that kind."""
    if kind == "sqlite":
        return f"sqlite:///{folder / f'{uuid.uuid4().hex}.db'}"
    return postgresql.create_database(os.environ["TEST_POSTGRESQL"], f"test_{uuid.uuid4().hex}")


@pytest.fixture(scope="session", params=DATABASES)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with an empty, migrated-like database; every test that asks for it runs on both."""
    folder = tmp_path_factory.mktemp(request.param)
    application = create_app(settings_for(folder, new_database_url(request.param, folder)))
    application.testing = True
    application.test_client_class = Visitor
    with application.app_context():
        database.create_all()
    yield application
    with application.app_context():
        database.engine.dispose()


@pytest.fixture
def db(app: Flask) -> Iterator[scoped_session]:
    """A session whose every change, commits included, is undone from outside after the test."""
    with app.app_context():
        connection = database.engine.connect()
        transaction = connection.begin()
        engines = database.engines
        kept = dict(engines)
        engines[None] = engines[READING] = connection
        _forget_what_was_made_of_rows(app)
        database.session.remove()
        database.session.configure(join_transaction_mode="create_savepoint")
        yield database.session
        database.session.remove()
        transaction.rollback()
        connection.close()
        engines.update(kept)
        _forget_what_was_made_of_rows(app)


def _forget_what_was_made_of_rows(app: Flask) -> None:
    """After an undone test SQLite gives the same numbers to other rows."""
    for name in ("stored_forms", "form_drafts"):
        app.extensions.pop(name, None)
    vars(shelf).update(vars(Shelf()))


@pytest.fixture
def client(app: Flask, db: scoped_session) -> Visitor:
    """A browser without a past."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, db: scoped_session) -> Callable[[Person], Visitor]:
    """Gives a browser in which somebody is signed in."""

    def browser_of(person: Person) -> Visitor:
        secret = begin_session(person, browser="Firefox, Linux", at=clock.now())
        return app.test_client().sign_in(secret)

    return browser_of


@pytest.fixture
def nearly_full(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is less room on the disk than shall be kept free."""
    monkeypatch.setitem(app.config, "KEEP_FREE_MB", 10**9)


@pytest.fixture
def noon() -> datetime:
    """An ordinary moment: 21 November 2026, 12:00 UTC."""
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def at_noon(noon: datetime, time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """All clocks stand at noon until moved on."""
    time_machine.move_to(noon, tick=False)
    return time_machine
