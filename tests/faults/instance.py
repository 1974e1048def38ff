"""One NExTevents that a test may hurt: its database, its programs, and a look at its rows past the application."""

import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from nextevents.app import create_app
from nextevents.commands import _worker_command
from nextevents.events.models import Event
from nextevents.ground.database import db, transaction, upgrade_database
from nextevents.settings import from_environment
from tests import factories
from tests.faults.forked import ForkedProcess
from tests.faults.visitor import ask
from tests.services import postgresql
from tests.services.process import Service, free_port

SECRET = "a secret of the fault tests, long enough to be taken"
REPOSITORY = Path(__file__).parents[2]


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def wait_until(is_so: Callable[[], object], what: str, *, within: float = 60.0, every: float = 0.02) -> None:
    """Wait for a condition; raise TimeoutError, which says what did not happen, when it takes longer."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {within} s still not: {what}")
        time.sleep(every)


class Compiled(BytecodeCache):
    """Templates that one application has compiled, for the next."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template, if it is known."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


compiled = Compiled()


def application(environment: Mapping[str, str]) -> Flask:
    """The application as a process makes it for itself."""
    app = create_app(from_environment(environment))
    app.jinja_env.bytecode_cache = compiled
    return app


class Instance:
    """An empty, migrated database and a folder; the application, the web and the worker on top when asked for."""

    def __init__(self, kind: str, database_url: str, folder: Path, **environment: str) -> None:
        self.kind = kind
        self.folder = folder
        self.environment = {
            "NEXTEVENTS_DATA": str(folder),
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET,
            "BASE_URL": "http://127.0.0.1",
            "MAIL_FROM": "termine@next.example",
            "MAIL_BOUNCES": "ruecklauf@next.example",
            **environment,
        }
        self._eye = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")

    @cached_property
    def app(self) -> Flask:
        """The application in the test's own process."""
        return application(self.environment)

    @contextmanager
    def door(self) -> Iterator[None]:
        """An open transaction of the application, as a door opens it."""
        with self.app.app_context(), transaction():
            yield

    def rows(self, question: str, **values: object) -> list[tuple[Any, ...]]:
        """What the database holds, asked over a connection of its own and without the application."""
        with self._eye.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(question), values)]

    def value(self, question: str, **values: object) -> Any:
        """The one value that the database answers with."""
        ((found,),) = self.rows(question, **values)
        return found

    def change(self, statement: str, **values: object) -> None:
        """Change rows past the application."""
        with self._eye.connect() as connection:
            connection.execute(sa.text(statement), values)

    def make_event(self, **values: Any) -> int:
        """A published event in thirty days; gives its number."""
        starts = datetime.combine(now().date() + timedelta(days=30), datetime.min.time().replace(hour=14))
        slug = values.pop("slug", f"termin-{uuid.uuid4().hex[:8]}")
        with self.door():
            return factories.make_event(starts=starts, slug=slug, **values).id

    def make_people(self, count: int, **values: Any) -> list[int]:
        """So many people with proved addresses; gives their numbers."""
        with self.door():
            made = [factories.make_person(f"person-{uuid.uuid4().hex}@stadt.example", **values) for _ in range(count)]
            return [person.id for person in made]

    def slug_of(self, event: int) -> str:
        """The name of an event in addresses."""
        return str(self.value("SELECT slug FROM event WHERE id = :event", event=event))

    def full_environment(self) -> dict[str, str]:
        """The environment of a program that runs this instance."""
        return {name: value for name, value in os.environ.items() if name != "SECRET_KEY"} | self.environment

    def seats(self, event: int) -> tuple[int | None, int, int]:
        """The capacity of an event, the seats taken by its own count, and the rows that hold one."""
        ((capacity, taken),) = self.rows("SELECT capacity, seats_taken FROM event WHERE id = :event", event=event)
        rows = self.value(
            "SELECT count(*) FROM registration WHERE event_id = :event AND has_seat AND state <> 'cancelled'",
            event=event,
        )
        return capacity, taken, rows

    def values_of_mails(self, kind: str) -> list[dict[str, str]]:
        """What is filled into each mail of a kind."""
        found = self.rows('SELECT "values" FROM message WHERE kind = :kind', kind=kind)
        return [json.loads(values) if isinstance(values, str) else values for (values,) in found]

    def close(self) -> None:
        """Let go of the database."""
        if "app" in vars(self):
            with self.app.app_context():
                db.session.remove()
                db.engines[None].dispose()
        self._eye.dispose()


class Templates:
    """Migrated databases, made once and copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, str] = {}

    def copy(self, kind: str, folder: Path) -> str:
        """The address of a migrated database without rows."""
        if kind not in self._made:
            self._made[kind] = self._migrated(kind)
        if kind == "sqlite":
            target = folder / "nextevents.db"
            shutil.copyfile(self._made[kind].removeprefix("sqlite:///"), target)
            return f"sqlite:///{target}"
        name = sa.make_url(self._made[kind]).database
        return postgresql.create_database(os.environ["TEST_POSTGRESQL"], f"fault_{uuid.uuid4().hex}", template=name)

    def _migrated(self, kind: str) -> str:
        if kind == "sqlite":
            url = f"sqlite:///{self._folder / 'template.db'}"
        else:
            url = postgresql.create_database(os.environ["TEST_POSTGRESQL"], f"template_{uuid.uuid4().hex}")
        migrate(url, self._folder)
        return url


def migrate(url: str, folder: Path) -> None:
    """Bring an empty database to the newest state."""
    app = create_app(
        from_environment({"NEXTEVENTS_DATA": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET}),
    )
    with app.app_context():
        upgrade_database()
        if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
            with db.engines[None].connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engines[None].dispose()


class Web(Service):
    """gunicorn with the pages of an instance, at a port that it keeps."""

    def __init__(
        self, instance: Instance, *, workers: int = 2, threads: int = 4, module: str = "nextevents.wsgi:app"
    ) -> None:
        self._instance = instance
        self._workers, self._threads, self._module = workers, threads, module
        self.port = free_port()
        self.log = instance.folder / "web.log"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait for its first answer."""
        options = ["--workers", str(self._workers), "--threads", str(self._threads), "--timeout", "60"]
        options += ["--keep-alive", "5", "--bind", f"127.0.0.1:{self.port}"]
        self._process = ForkedProcess(
            [sys.executable, "-m", "gunicorn", *options, self._module],
            log=self.log,
            cwd=REPOSITORY,
            env=self._instance.full_environment() | {"BASE_URL": self.url},
        )
        self._process.wait_until(self._answers, within=90)

    def _answers(self) -> bool:
        return ask(f"{self.url}/healthz").status == HTTPStatus.OK

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that serve, without the one that starts them."""
        return psutil.Process(self.pid).children()

    def close(self) -> None:
        """Stop it."""
        self.kill()


class Worker(Service):
    """The worker of an instance, started as `nextevents worker` starts it."""

    def __init__(self, instance: Instance, *, module: str = "nextevents.worker:celery") -> None:
        self._instance = instance
        self._module = module
        self.log = instance.folder / "worker.log"

    def start(self) -> None:
        """Start it. Whether it works shows in what it does."""
        command = [self._module if word == "nextevents.worker:celery" else word for word in _worker_command()]
        self._process = ForkedProcess(command, log=self.log, cwd=REPOSITORY, env=self._instance.full_environment())

    def close(self) -> None:
        """Stop it."""
        self.kill()


def event_of(number: int) -> Event:
    """An event by its number."""
    found = db.session.get(Event, number)
    assert found is not None
    return found
