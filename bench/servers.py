"""What is measured: PostgreSQL with everything durable, Redis, our web servers and worker, and `hello`."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Self

import psutil
from flask import Flask

from bench import load
from nextevents.app import create_app
from nextevents.ground.database import db
from nextevents.settings import from_environment
from tests.services.postgresql import PostgreSQL
from tests.services.process import OwnProcess, free_port
from tests.services.redis import Redis

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("nextevents")
SECRET = "a secret of the measurements, long enough to be taken"  # noqa: S105 - protects nothing
#: Nobody listens there: mail is queued and stays.
NO_MAIL_SERVER = "smtp://127.0.0.1:9"
#: What the machine's own environment must not change.
OWN_SETTINGS = ("WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "NEXTEVENTS_DEMO", "TRUSTED_PROXIES", "ALLOWED_HOSTS")


class Ground:
    """The servers underneath, which all instances share. A with block runs them."""

    def __init__(self) -> None:
        """Prepare them: fsync on, as in production."""
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.postgresql = PostgreSQL(durable=True, settings={"shared_buffers": "1GB"})
        self.redis = Redis()
        self._numbers = count(1)

    def __enter__(self) -> Self:
        """Start them."""
        self.postgresql.__enter__()
        self.redis.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them and forget everything."""
        self.redis.close()
        self.postgresql.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def work(self) -> float:
        """The seconds of one core that PostgreSQL has taken so far."""
        return work_of(self.postgresql.pid)

    def new_instance(self) -> "Instance":
        """Ours with an empty database of its own."""
        name = f"bench_{next(self._numbers)}"
        self.redis.empty()
        instance = Instance(self.postgresql.create_database(name), self.redis.url, self.folder / name)
        instance.folder.mkdir()
        with instance.app.app_context():
            db.create_all()
        return instance


@dataclass
class Instance:
    """Ours on one database: settings, and the application in this process to fill it with."""

    database_url: str
    redis_url: str
    folder: Path
    smtp_url: str = NO_MAIL_SERVER
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        """The settings, as an operator gives them."""
        inherited = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
        return inherited | {
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "DATABASE_URL": self.database_url,
            "NEXTEVENTS_DATA": str(self.folder),
            "PORT": str(self.port),
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET,
            "SMTP_URL": self.smtp_url,
            "WEB_THREADS": "1",
        }

    @cached_property
    def app(self) -> Flask:
        """The application in this process."""
        return create_app(from_environment(self.environment))

    @contextmanager
    def served(self, *, workers: int = 2) -> Iterator["Web"]:
        """Serve it as in production, with so many gunicorn workers of one thread, which makes them sync ones."""
        environment = self.environment | {"WEB_CONCURRENCY": str(workers)}
        web = Web(OwnProcess([PROGRAM, "web"], log=self.folder / "web.log", cwd=ROOT, env=environment), self.port)
        with web.running():
            yield web

    @contextmanager
    def worked(self) -> Iterator[OwnProcess]:
        """Run a worker, which delivers mail."""
        worker = OwnProcess([PROGRAM, "worker"], log=self.folder / "worker.log", cwd=ROOT, env=self.environment)
        try:
            yield worker
        finally:
            worker.stop()


@dataclass
class Web:
    """A web server that runs."""

    process: OwnProcess
    port: int
    #: When it first answered with 200, by the clock of time.perf_counter().
    answered_at: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Wait until it answers; stop it in the end."""
        try:
            self.process.wait_until(self.answers)
            yield
        finally:
            self.process.stop()

    def answers(self) -> bool:
        """Whether the start page can be had."""
        is_there = load.fetch(self.port, load.get(self.port, "/")).status == 200
        self.answered_at = time.perf_counter()
        return is_there

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return psutil.Process(self.process.pid).children()

    def work(self) -> float:
        """The seconds of one core that it has taken so far."""
        return work_of(self.process.pid)


def work_of(pid: int) -> float:
    """The seconds of one core that a process and its children have taken so far, those that ended included."""
    root = psutil.Process(pid)
    gone, family = root.cpu_times(), [root, *root.children(recursive=True)]
    spent: float = gone.children_user + gone.children_system
    for process in family:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


@contextmanager
def hello_beside(ours: Web, folder: Path) -> Iterator[Web]:
    """Serve the do-nothing application with the very options that ours runs with."""
    port = free_port()
    options = psutil.Process(ours.process.pid).cmdline()
    command = [word.replace(f":{ours.port}", f":{port}") for word in options[:-1]]
    web = Web(OwnProcess([*command, "bench.hello:app"], log=folder / "hello.log", cwd=ROOT), port)
    with web.running():
        yield web
