"""Answers and questions that calendars send (RFC 5546, RFC 6047): tolerant in form (C-34), of limited size (C-40).

Of a foreign calendar only the lines that an answer needs are looked at. So no foreign rule is expanded, no foreign
time zone is learned, and what a program has mangled elsewhere does no harm.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from ..mailing.inbound import Letter, Part
from .models import CallAnswer

MOST_ENTRIES = 50
LONGEST_COMMENT = 500
#: A clock that goes ahead of ours by more than this says nothing about when somebody has answered (bad input 72).
FASTEST_CLOCK = timedelta(hours=1)

ANSWERS = {
    "ACCEPTED": CallAnswer.ACCEPTED,
    "TENTATIVE": CallAnswer.TENTATIVE,
    "DECLINED": CallAnswer.DECLINED,
}
_KINDS = frozenset({"text/calendar", "application/ics", "text/x-vcalendar", "application/calendar"})
_LINES = frozenset({
    *("BEGIN", "END", "METHOD", "UID", "SEQUENCE", "DTSTAMP", "ATTENDEE", "COMMENT", "RECURRENCE-ID"),
    *("DTSTART", "DTEND"),
})  # fmt: skip
_COMPONENTS = frozenset({"VCALENDAR", "VEVENT"})
_LINE_END = re.compile(r"\r\n|\n|\r")
_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"\s*([A-Za-z-]+)\s*[;:]")
_STAMP = re.compile(r"(\d{8}T\d{6})")
_BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, kw_only=True)
class CalendarReply:
    """What a calendar has answered. One with a problem is for a person to look at."""

    method: str = ""
    uid: str = ""
    #: Whose answer it is: the sender's own line, or the only one there is; case-folded.
    attendee: str = ""
    #: PARTSTAT in capitals.
    participation: str = ""
    sequence: int = 0
    #: When it was answered; None if the calendar does not say.
    stamp: datetime | None = None
    comment: str = ""
    #: The time that a COUNTER proposes, in Berlin (naive): its beginning, and its end if it says one.
    proposed_span: tuple[datetime, datetime | None] | None = None
    #: Why it does not count by itself; empty if it may.
    problem: str = ""

    @property
    def proposed(self) -> str:
        """The proposed time, as the organisers read it."""
        return span_label(*self.proposed_span) if self.proposed_span else ""

    @property
    def answer(self) -> CallAnswer | None:
        """What was said, if it is one of the three answers."""
        return ANSWERS.get(self.participation) if self.method == "REPLY" else None

    def stamped(self, at: datetime) -> datetime:
        """When it was answered, given when it arrived."""
        return at if self.stamp is None or self.stamp > at + FASTEST_CLOCK else self.stamp


def reply_in(letter: Letter) -> CalendarReply | None:
    """The answer in a mail; None if there is no calendar in it. The same one in several parts is one."""
    found = {_read(part, letter.author) for part in letter.parts if is_calendar(part)}
    sound = {one for one in found if not one.problem} or found
    return CalendarReply(problem="several answers") if len(sound) > 1 else next(iter(sound), None)


def is_calendar(part: Part) -> bool:
    """Whether a part is a calendar by its kind or the name of its file."""
    return part.kind in _KINDS or part.name.endswith(".ics")


def _read(part: Part, author: str) -> CalendarReply:
    lines = list(_needed_lines(part.text))
    if sum(line.upper() == "BEGIN:VEVENT" for line in lines) > MOST_ENTRIES:
        return CalendarReply(problem="too many entries")
    try:
        calendars = icalendar.Calendar.from_ical("\r\n".join([*lines, ""]), multiple=True)
        return _reply(calendars, part.method, author)
    except Exception:  # noqa: BLE001 - as in mailing.inbound: whatever somebody sends, the next one must be read too
        return CalendarReply(problem="unreadable calendar")


def _needed_lines(text: str) -> Iterator[str]:
    """The lines of calendars and entries that an answer needs; other components are left out with all they hold."""
    within: list[str] = []
    for line in _LINE_END.split(_FOLD.sub("", text.lstrip("\ufeff"))):
        name = _NAME.match(line)
        if not name or name[1].upper() not in _LINES:
            continue
        word, kind = name[1].upper(), line.partition(":")[2].strip().upper()
        if word == "BEGIN":
            within.append(kind)
        if _COMPONENTS.issuperset(within):
            yield f"{word}:{kind}" if word in {"BEGIN", "END"} else line.strip()
        if word == "END" and within:
            within.pop()


def _reply(calendars: Iterable[Any], method: str, author: str) -> CalendarReply:
    entries = [(one, entry) for one in calendars for entry in one.walk("VEVENT")]
    if len(entries) != 1:
        return CalendarReply(problem="several answers" if entries else "unreadable calendar")
    calendar, entry = entries[0]
    reply = CalendarReply(
        method=(str(calendar.get("METHOD", "")) or method).strip().upper(),
        uid=str(entry.get("UID", "")).strip(),
        sequence=_number(entry.get("SEQUENCE")),
        stamp=_stamp(entry.get("DTSTAMP")),
        comment=_comment(entry.get("COMMENT")),
    )
    if reply.method not in {"REPLY", "COUNTER", "REFRESH"}:
        return replace(reply, problem="no answer")
    if reply.method == "COUNTER":
        reply = replace(reply, proposed_span=_proposed(entry))
    return _with_attendee(reply, _listed(entry.get("ATTENDEE")), author, of_one_date="RECURRENCE-ID" in entry)


def _with_attendee(reply: CalendarReply, attendees: list[Any], author: str, *, of_one_date: bool) -> CalendarReply:
    """Whose answer it is. Of several lines only the sender's own counts (bad input 66)."""
    own = [one for one in attendees if _address(one) == author] or attendees
    if len(own) != 1:
        return replace(reply, problem="several people" if own else "nobody answers")
    (line,) = own
    parameters = {name.upper(): str(value).upper() for name, value in getattr(line, "params", {}).items()}
    reply = replace(reply, attendee=_address(line), participation=parameters.get("PARTSTAT", ""))
    if reply.participation == "DELEGATED" or {"DELEGATED-TO", "DELEGATED-FROM"} & parameters.keys():
        return replace(reply, problem="delegated")
    if of_one_date:
        return replace(reply, problem="one date of a series")
    if reply.method == "REPLY" and reply.answer is None:
        return replace(reply, problem="no answer")
    return reply


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _address(line: object) -> str:
    scheme, _, address = str(line).strip().partition(":")
    return address.strip().casefold() if scheme.lower() == "mailto" else ""


def _number(value: object) -> int:
    try:
        return max(0, int(str(value)))
    except ValueError:
        return 0


def _stamp(value: Any) -> datetime | None:
    """DTSTAMP is in UTC, whatever else a calendar may say (RFC 5545 3.8.7.2)."""
    found = _STAMP.search(value.to_ical().decode()) if hasattr(value, "to_ical") else None
    with suppress(ValueError):  # a thirteenth month
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
    return None


def _comment(value: object) -> str:
    text = " ".join(" ".join(str(one) for one in _listed(value)).split())
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_COMMENT]


def _proposed(entry: Any) -> tuple[datetime, datetime | None] | None:
    begin, end = (_moment(entry.get(name)) for name in ("DTSTART", "DTEND"))
    return None if begin is None else (begin, end)


def span_label(begin: datetime, end: datetime | None) -> str:
    """A proposed time in figures, the same in all languages."""
    if end is None or begin.date() != end.date():
        return f"{begin:%d.%m.%Y, %H:%M}"
    return f"{begin:%d.%m.%Y, %H:%M} – {end:%H:%M}"


def _moment(value: Any) -> datetime | None:
    """What a wall clock in Berlin shows then."""
    found = getattr(value, "dt", None)
    if isinstance(found, datetime):
        return found.astimezone(_BERLIN).replace(tzinfo=None) if found.tzinfo else found
    return datetime.combine(found, datetime.min.time()) if isinstance(found, date) else None
