"""A running NExTevents with the demo world: the programs that people start, and a look at its rows past them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
from flask import Flask

from nextevents.app import create_app
from nextevents.demo.personas import PERSONAS
from nextevents.ground.database import db, transaction
from nextevents.mailing.signing import make_key
from nextevents.people.models import Person
from nextevents.people.services import begin_session
from nextevents.settings import from_environment
from tests.services.process import OwnProcess, Service, free_port

REPOSITORY = Path(__file__).parents[2]
NEXTEVENTS = Path(sys.executable).with_name("nextevents")
#: What another instance may have left in the environment.
OURS = frozenset(
    {"BASE_URL", "DATABASE_URL", "HOST", "NEXTEVENTS_DATA", "NEXTEVENTS_DEMO", "REDIS_URL", "SECRET_KEY", "SMTP_URL"}
)
#: Of those who try the demo, by their names.
ADDRESSES = {one.name: one.email for one in PERSONAS}

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], what: str, *, within: float = 30.0, every: float = 0.1) -> Found:
    """Look until there is something; raise TimeoutError, which says what is missing, when it takes longer."""
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {within} s still not: {what}")
        time.sleep(every)
    return found


class Live(Service):
    """Web, worker and demo data at an address of their own, gone at the end."""

    def __init__(self, folder: Path, database_url: str = "", *, smtp_url: str = "") -> None:
        """Prepare it; SQLite in the folder unless a database is named. Mail is kept unless a server is named."""
        self.folder = folder
        self.port = free_port()
        #: Where mail is taken over LMTP, on SQLite.
        self.mail_in = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._is_embedded = not database_url
        self._environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self._environment |= {
            "NEXTEVENTS_DATA": str(folder),
            "PORT": str(self.port),
            "MAIL_IN": f"127.0.0.1:{self.mail_in}",
            "NEXTEVENTS_DEMO": "on",
        }
        if database_url:
            self._environment["DATABASE_URL"] = database_url
        if smtp_url:
            self._environment["SMTP_URL"] = smtp_url
        #: What its mails are signed with.
        self.key = make_key(folder / "dkim", "next.example", "s1")
        self._programs: list[OwnProcess] = []

    def start(self) -> None:
        """Start it as people do: `nextevents run` on SQLite, each program by itself on PostgreSQL."""
        if self._is_embedded:
            self._begin("run")
        else:
            for command in ("upgrade", "demo"):
                subprocess.run([NEXTEVENTS, command], check=True, capture_output=True, env=self._environment)
            self._begin("web")
            self._begin("worker")
        with httpx.Client(timeout=10) as asking:
            self._programs[0].wait_until(lambda: self._answers(asking), within=300)

    def _begin(self, command: str) -> None:
        log = self.folder / f"{command}.log"
        self._programs.append(OwnProcess([NEXTEVENTS, command], log=log, cwd=REPOSITORY, env=self._environment))

    def _answers(self, asking: httpx.Client) -> bool:
        try:
            return asking.get(f"{self.url}/readyz").is_success
        except httpx.TransportError:
            return False

    def close(self) -> None:
        """Stop it."""
        for program in self._programs:
            program.kill()
        if "app" in vars(self):
            with self.app.app_context():
                db.engines[None].dispose()
        if "_eye" in vars(self):
            self._eye.dispose()

    @cached_property
    def app(self) -> Flask:
        """The same application in the test's own process."""
        return create_app(from_environment(self._environment))

    @contextmanager
    def door(self) -> Iterator[None]:
        """An open transaction of the application, as a door opens it."""
        with self.app.app_context(), transaction():
            yield

    def cookie_of(self, address: str) -> Any:
        """What the browser of somebody gets who signs in now."""
        with self.door():
            person = db.session.scalars(sa.select(Person).where(Person.address == address)).one()
            secret = begin_session(person, browser="Firefox, Linux", at=datetime.now(UTC))
        signer = self.app.session_interface.get_signing_serializer(self.app)
        signed = signer.dumps({"_user_id": secret, "_fresh": True, "seen": int(time.time()), "_permanent": True})
        return {"name": "next", "value": signed, "url": self.url, "httpOnly": True, "sameSite": "Lax"}

    @cached_property
    def _eye(self) -> sa.Engine:
        return sa.create_engine(self.app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)

    def rows(self, question: str, **values: object) -> list[tuple[Any, ...]]:
        """What the database holds, asked over a connection of its own."""
        with self._eye.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(question), values)]

    def change(self, statement: str, **values: object) -> None:
        """Change rows past the application."""
        with self._eye.begin() as connection:
            connection.execute(sa.text(statement), values)

    def slug(self, topic: str) -> str:
        """The slug of a coming event of the demo, which ends in its month."""
        ((found,),) = self.rows("SELECT slug FROM event WHERE slug LIKE :like", like=f"{topic}-20%")
        return str(found)
