"""What our own relay on this host has written about our mails: the log of Postfix or Exim (guarantee G8).

Postfix names a Message-ID while the mail still comes in, and its queue only when all of it is there; Exim writes one
line when it has taken a mail. A mail counts as lost only if the log reaches from before it to after it.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: Of each file so much is read, from its end.
MOST_READ = 64 * 1024 * 1024
#: A log that was written to so long after a portion of mails began would name them: the last of them may begin four
#: minutes after the first, and wait five for its answer.
LATER = timedelta(minutes=10)
_LONGEST_LINE = 4096
_NAMED = re.compile(rb"\]: (\w+): message-id=(<[^>\s]+>)")
_QUEUED = re.compile(rb"\]: (\w+): from=<[^>]*>, size=")
_TAKEN_BY_EXIM = re.compile(rb" <= .* id=([^\s<>]+)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
#: As syslog wrote of old: "Nov  7 09:05:01", in the host's own time and without a year.
_OLD = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d")


@dataclass(frozen=True)
class RelayLog:
    """What the relay says of the mails about which it was asked."""

    #: The Message-IDs of those that it has taken.
    taken: frozenset[str] = frozenset()
    #: From when to when all is in the log, in UTC; None if nobody can say.
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether a mail that began to leave then and is not named was not taken."""
        return bool(self.since and self.until and self.since <= moment and moment + LATER <= self.until)


def read_relay_log(file: Path, asked: Collection[str]) -> RelayLog:
    """What the log and the one before it (`….1`) say of these Message-IDs. What cannot be read says nothing."""
    wanted = {one.encode() for one in asked}
    names: dict[bytes, bytes] = {}
    taken: set[bytes] = set()
    since = until = None
    for part in (file.with_name(f"{file.name}.1"), file):
        with suppress(OSError):
            written = datetime.fromtimestamp(part.stat().st_mtime, UTC)
            for line in _lines(part):
                since = since or _moment(line, written)
                _note(line, wanted, names, taken)
            until = written
    return RelayLog(frozenset(one.decode() for one in taken), since, until)


def _lines(file: Path) -> Iterator[bytes]:
    """The last lines of a file, whole ones."""
    with file.open("rb") as log:
        size = log.seek(0, 2)
        log.seek(max(0, size - MOST_READ))
        if size > MOST_READ:
            log.readline()
        while line := log.readline(_LONGEST_LINE):
            yield line


def _note(line: bytes, wanted: set[bytes], names: dict[bytes, bytes], taken: set[bytes]) -> None:
    """Read one line: names is what is coming in, by its number in the relay's queue; taken is what is there."""
    if (found := _NAMED.search(line)) and found[2] in wanted:
        names[found[1]] = found[2]
    elif (found := _QUEUED.search(line)) and found[1] in names:
        taken.add(names.pop(found[1]))
    elif (found := _TAKEN_BY_EXIM.search(line)) and b"<%b>" % found[1] in wanted:
        taken.add(b"<%b>" % found[1])


def _moment(line: bytes, written: datetime) -> datetime | None:
    """When a line was written, in UTC; None if it does not begin as Postfix and Exim do."""
    head = line[:40].decode("ascii", "replace")
    with suppress(ValueError):
        if found := _ISO.match(head):
            return datetime.fromisoformat(found[0]).astimezone(UTC)
        if found := _OLD.match(head):
            moment = datetime.strptime(f"{written.year} {found[0]}", "%Y %b %d %H:%M:%S").astimezone(UTC)
            return moment if moment <= written + timedelta(days=1) else moment.replace(year=written.year - 1)
    return None
