"""Processes that act at the same moment, and may be killed or frozen in the middle of it."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import BrokenBarrierError
from types import TracebackType
from typing import Any, Self

from tests.faults.forked import context
from tests.faults.instance import Instance, application

Act = Callable[..., Any]


class ActFailedError(Exception):
    """An act raised, or its process died; the text is what it said."""


class Actor:
    """A process with an application of its own that performs one act."""

    def __init__(self, instance: Instance, act: Act, *words: object, start: Any = None) -> None:
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_perform, args=(theirs, start, instance.environment, act, words), daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process.pid
        return self._process.pid

    @property
    def is_acting(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def result(self, *, within: float = 120.0) -> Any:
        """What the act returned. Raises ActFailedError if it raised or died, or takes longer."""
        if not self._answer.poll(within):
            raise ActFailedError(f"no result after {within} s")
        try:
            is_well, value = self._answer.recv()
        except EOFError:
            raise ActFailedError("the process died") from None
        self._process.join(10)
        if not is_well:
            raise ActFailedError(value)
        return value

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it in the middle of whatever it does (SIGKILL)."""
        self.send(signal.SIGKILL)
        self._process.join(10)
        self._answer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()


def all_at_once(instance: Instance, *acts: tuple[Any, ...]) -> list[Any]:
    """Perform acts, each in a process of its own, from the same moment on; gives what each returned."""
    start = context.Barrier(len(acts))
    actors: list[Actor] = []
    try:
        actors += [Actor(instance, act, *words, start=start) for act, *words in acts]
        return [actor.result() for actor in actors]
    finally:
        for actor in actors:
            actor.kill()


def gate(parties: int) -> Any:
    """Where so many actors wait for each other, again and again: gate.wait()."""
    return context.Barrier(parties)


def shares(things: Iterable[Any], count: int) -> list[list[Any]]:
    """Things dealt out to so many."""
    dealt = list(things)
    return [dealt[position::count] for position in range(count)]


def _perform(pipe: Connection, start: Any, environment: dict[str, str], act: Act, words: tuple[Any, ...]) -> None:
    try:
        app = application(environment)
        if start is not None:
            start.wait(60)
        pipe.send((True, act(app, *words)))
    except BrokenBarrierError:
        sys.exit("the others did not come")
    except BaseException:  # noqa: BLE001  # whatever it was, the test shall see it
        pipe.send((False, traceback.format_exc()))
