"""Processes that begin with everything read: they are forked from one that has, instead of each reading it anew."""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from tests.services.process import OwnProcess

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.faults.warm"])


class ForkedProcess(OwnProcess):
    """A program of this Python (`python -m …`) with its children: it starts in a tenth of the time."""

    def _start(
        self,
        command: list[str],
        output: IO[bytes],
        *,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        user: str | None,
    ) -> Any:
        del output, user  # it opens the log itself, and stays who it is
        return _Fork(command, log=self.log, cwd=cwd, env=env)


class _Fork:
    """What a Popen tells and does of a forked program."""

    def __init__(self, command: list[str], *, log: Path, cwd: Path | None, env: Mapping[str, str] | None) -> None:
        assert command[:2] == [sys.executable, "-m"]
        self.args = command
        words = (command[2:], str(log), str(cwd or Path.cwd()), dict(os.environ if env is None else env))
        self._process = context.Process(target=_become, args=words, daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int | None:
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.poll()


def _become(words: list[str], log: str, cwd: str, env: dict[str, str]) -> None:
    """Be the program from now on: with its own session, log, folder, environment and words."""
    os.setsid()
    os.chdir(cwd)
    with Path(log).open("ab") as output:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(output.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(env)
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
