"""Flights: what a process notes about a portion of mails while they leave, so that its death leaves few riddles.

Before any of them leaves, one durable statement says that they are about to; afterwards another says which were
accepted. What happens in between stands in a file of this machine: a line when a mail begins, and one when the server
has taken it. Not waiting for the disk makes lines cheap: they outlive the process, not the machine. So they count only
as long as the machine was not started anew, and where there are none, everything begun is uncertain (guarantee G9).
"""

import errno
import json
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from time import time
from typing import IO, Any

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FOLDER = "flights"
#: Much longer than any lease; by then the rows have been settled.
_KEPT = timedelta(days=1)

#: A row's number and the end of the lease for which it was taken: one taking of one mail, and never another.
Taking = tuple[int, datetime]
#: What is known of a mail that was taken and never begun, and of one that was begun and not answered.
NOT_BEGUN, BEGUN = None, ""


class Flight:
    """The notes about one portion, in a folder of its own beneath the data; without one, nothing is noted."""

    def __init__(self, data: Path | None = None, takings: Collection[Taking] = ()) -> None:
        """Note what is about to leave; to be done before that is committed."""
        self._path: Path | None = None
        self._file: IO[bytes] | None = None
        boot = _this_boot()
        if data and takings and boot:
            self._path = data / _FOLDER / f"{boot}-{secrets.token_hex(8)}"
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(_lines_about(takings, NOT_BEGUN))

    def begin(self, taking: Taking) -> None:
        """Note that from here on the server may have it."""
        self._note(BEGUN, taking)

    def land(self, taking: Taking, answer: str) -> None:
        """Note that the server has taken it."""
        self._note(answer or "accepted", taking)

    def end(self) -> None:
        """Forget it: everything is in the database."""
        if self._file:
            self._file.close()
        if self._path:
            self._path.unlink(missing_ok=True)

    def _note(self, words: str, taking: Taking) -> None:
        if not self._path:
            return
        # Opened when the first begins: a portion whose transaction was undone leaves nothing open.
        self._file = self._file or self._path.open("ab", buffering=0)
        line = _lines_about([taking], words)
        if self._file.write(line) < len(line):
            raise OSError(errno.ENOSPC, "the notes about mails on their way do not fit on the disk")


def _lines_about(takings: Collection[Taking], words: str | None) -> bytes:
    return "".join(f"{json.dumps([number, lease.isoformat(), words])}\n" for number, lease in takings).encode()


def what_flights_say(data: Path) -> dict[Taking, str | None]:
    """What processes of this machine noted last about each mail: NOT_BEGUN, BEGUN, or the server's words."""
    boot = _this_boot()
    files = (data / _FOLDER).glob(f"{boot}-*") if boot else ()
    return {(number, datetime.fromisoformat(lease)): words for file in files for number, lease, words in _lines(file)}


def forget_old_flights(data: Path) -> None:
    """Remove what dead processes left, once nobody asks for it any more."""
    for file in (data / _FOLDER).glob("*"):
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < time() - _KEPT.total_seconds():
                file.unlink()


def _lines(file: Path) -> Iterator[list[Any]]:
    with suppress(FileNotFoundError):
        for line in file.read_bytes().splitlines():
            with suppress(ValueError):  # its process died while writing it
                yield json.loads(line)


@cache
def _this_boot() -> str:
    """The name of this machine's start; empty where /proc does not give it."""
    with suppress(OSError):
        return _BOOT.read_text().strip()
    return ""
