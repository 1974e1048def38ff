"""The bell and the chores. The database row is the queue; Celery only says that there is something in it.

Ringing is best effort: a broker that is dead or frozen costs one second once, and then nothing for half a minute
(guarantee G12). What no bell announced is found by the worker's own look into the database (G13).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import Celery, Task, signals
from flask import Flask, current_app, has_app_context

from .database import db

BREAKER_SECONDS = 30.0
QUIET_SECONDS = 0.25
#: So long a worker that is told to stop waits for its chores; less than its supervisor waits for it.
STOP_SECONDS = 20.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chore:
    """Something that the worker does by itself every so many seconds."""

    name: str
    every: float
    work: Callable[[], object]


class Bell:
    """Tells a worker by task name that rows are waiting. Never fails, never waits longer than a second."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._rung_at: dict[str, float] = {}

    def ring(self, name: str) -> None:
        """Announce a task. Rings that follow each other closely are one ring; the worker looks by itself anyway."""
        at = time.monotonic()
        if at < self._silent_until or at - self._rung_at.get(name, -1.0) < QUIET_SECONDS:
            return
        self._rung_at[name] = at
        try:
            current_app.extensions["celery"].send_task(name, ignore_result=True, retry=False)
        except Exception as error:  # noqa: BLE001 - whatever ails the broker, the visitor is served
            self._silent_until = time.monotonic() + BREAKER_SECONDS
            _log.warning("the bell is silent for %d s: %s", BREAKER_SECONDS, type(error).__name__)


bell = Bell()
chores: list[Chore] = []
#: The worker was told to stop: what goes on and on ends where it can be taken up again.
stopping = threading.Event()


def chore(*, every: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Declare a function that the worker runs every so many seconds, beside being a task that can be rung for."""

    def declare(work: Callable[[], object]) -> Callable[[], object]:
        chores.append(Chore(f"{work.__module__}.{work.__qualname__}", every, work))
        return work

    return declare


def connect_queue(app: Flask, *, redis_url: str, data: Path) -> Celery[Any]:
    """Give the application its Celery: Redis if there is one, otherwise the file system. Nothing is connected yet."""

    class WithinApplication(Task[Any, Any]):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            if has_app_context():
                return self.run(*args, **kwargs)
            with app.app_context():
                return self.run(*args, **kwargs)

    celery: Celery[Any] = Celery("nextevents", task_cls=WithinApplication, set_as_current=False)
    celery.conf.update(
        broker_url=redis_url or "filesystem://",
        broker_transport_options=_transport_options(redis_url, data),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_publish_retry=False,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_always_eager=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_prefetch_multiplier=1,
        timezone="UTC",
        enable_utc=True,
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


def _transport_options(redis_url: str, data: Path) -> dict[str, Any]:
    if redis_url:
        return {"socket_timeout": 1, "socket_connect_timeout": 1, "visibility_timeout": 3600, "max_retries": 0}
    folder = data / "broker"
    control = folder / "control"
    control.mkdir(parents=True, exist_ok=True)
    return {"data_folder_in": folder, "data_folder_out": folder, "control_folder": control, "polling_interval": 0.5}


def look_around(app: Flask, one: Chore, stop: threading.Event) -> None:
    """Do a chore again and again until told to stop. A chore that fails is logged and tried again."""
    while not stop.is_set():
        _do(app, one)
        stop.wait(one.every)


def _do(app: Flask, one: Chore) -> None:
    with app.app_context():
        try:
            one.work()
        except Exception:  # noqa: BLE001 - a chore must not take the others with it
            db.session.rollback()
            _log.exception("chore %s failed", one.name)


def start_looking_around(app: Flask) -> None:
    """Let every Celery worker of this process look into the database too, broker or not (guarantee G13)."""
    threads: list[threading.Thread] = []

    @signals.worker_init.connect(weak=False)
    def begin(**_: object) -> None:
        for one in chores:
            threads.append(threading.Thread(target=look_around, args=(app, one, stopping), name=one.name, daemon=True))
            threads[-1].start()

    @signals.worker_shutting_down.connect(weak=False)
    def tell(**_: object) -> None:
        stopping.set()

    @signals.worker_shutdown.connect(weak=False)
    def end(**_: object) -> None:
        stopping.set()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
