"""A program that a test starts, and may freeze, kill and start again."""

import contextlib
import importlib.util
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

#: Waits until its input ends, which is when whoever started it is gone, however that went. Then it stops the process
#: that it was told of, if that is still the same one, and removes the folders.
MINDER = """
import json, shutil, signal, sys
import psutil
pid, born, folders = json.loads(sys.argv[1])
sys.stdin.read()
try:
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)] if root.create_time() == born else []
    for process in family:
        process.resume()
    for process in family[:1]:
        process.send_signal(signal.SIGINT)
except psutil.NoSuchProcess:
    family = []
for process in psutil.wait_procs(family, timeout=5)[1]:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        pass
for folder in folders:
    shutil.rmtree(folder, ignore_errors=True)
"""


class ServiceError(Exception):
    """A service could not be brought or did not start; the text says what to do or shows what it said."""


def free_port() -> int:
    """Give a TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class OwnProcess:
    """One running program with its children: only these get its signals."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        folders: Sequence[Path] = (),
    ) -> None:
        """Start the program; what it says goes to the log. The folders vanish should this test run be killed."""
        self.log = log
        with log.open("ab") as output:
            self._popen = self._start([str(word) for word in command], output, cwd=cwd, env=env, user=user)
        self.pid = self._popen.pid
        self._process = psutil.Process(self.pid)
        words = json.dumps([self.pid, self._process.create_time(), [str(folder) for folder in folders]])
        self._minder = subprocess.Popen(
            [sys.executable, "-c", MINDER, words], stdin=subprocess.PIPE, start_new_session=True
        )

    def _start(
        self,
        command: list[str],
        output: IO[bytes],
        *,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        user: str | None,
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if env is None else dict(env),
            user=user,
            group=None if user is None else group_of(user),
            extra_groups=None if user is None else [],
            start_new_session=True,  # Ctrl-C in the terminal is for the tests: they stop what they started
        )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._popen.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program, and to it alone."""
        self._popen.send_signal(number)  # does nothing once the program has been seen to end

    def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 10.0) -> None:
        """End it in its own way; after that many seconds, kill it."""
        if self.is_running:
            self.thaw()
            self.send(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(within)
        self.kill()

    def kill(self) -> None:
        """End it and all its children at once, with nothing put in order (SIGKILL)."""
        family = self._family()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=10)
        self._popen.wait(10)
        # The minder finds nobody to stop and nothing to remove but what is removed anyway.
        self._minder.kill()
        self._minder.communicate()

    def freeze(self) -> None:
        """Stop it and its children in the middle of whatever they do (SIGSTOP); connections stay open and silent."""
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        """Let it go on (SIGCONT). Harmless when it is not frozen."""
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def wait_until(self, is_ready: Callable[[], bool], *, within: float = 20.0) -> None:
        """Wait for it to be ready; raise ServiceError with its last words when it ends or takes too long."""
        deadline = time.monotonic() + within
        while not is_ready():
            if not self.is_running or time.monotonic() > deadline:
                self.kill()
                words = self.log.read_text(errors="replace")[-2000:]
                raise ServiceError(f"{self._popen.args!r} is not ready. Its last words:\n{words}")
            time.sleep(0.02)

    def _family(self) -> list[psutil.Process]:
        """Itself first, then its children; empty once it ended."""
        if not self.is_running:
            return []
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


class Service:
    """A server as tests see it: with block, start, stop, kill, freeze, thaw."""

    _process: OwnProcess | None = None

    def start(self) -> None:
        """Start it, or start it again at the same address, and wait until it answers."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop it and remove what it stored."""
        raise NotImplementedError

    @property
    def process(self) -> OwnProcess:
        """The running program. Raises ServiceError when there is none."""
        if self._process is None:
            raise ServiceError(f"{type(self).__name__} is not running")
        return self._process

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.process.pid

    def stop(self) -> None:
        """End it in good order; what it stored stays for the next start."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def freeze(self) -> None:
        """Let it neither answer nor hang up until thaw()."""
        self.process.freeze()

    def thaw(self) -> None:
        """End the freeze."""
        self.process.thaw()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def folder_of(package: str) -> Path:
    """Give the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError(f"The package {package} is not installed: run make test")
    return Path(spec.submodule_search_locations[0])


def group_of(user: str) -> int:
    """Give the number of a user's own group."""
    import pwd  # noqa: PLC0415  # Unix only, like changing the user

    return pwd.getpwnam(user).pw_gid
