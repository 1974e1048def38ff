"""libical as a judge: reads one calendar per line (JSON, base64) and answers with its complaints and its moments.

A program of its own, so that a crash in C is an answer too. Started by ical_judges.py.
"""

import base64
import ctypes
import json
import sys
from collections.abc import Iterator
from functools import partial

LIBRARY = sys.argv[1] if len(sys.argv) > 1 else "libical.so.3"


class Time(ctypes.Structure):
    """icaltimetype of libical 3."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_dst")),
        ("zone", ctypes.c_void_p),
    )


class Span(ctypes.Structure):
    """icaltime_span of libical 3."""

    _fields_ = (("start", ctypes.c_long), ("end", ctypes.c_long), ("is_busy", ctypes.c_int))


ON_OCCURRENCE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Span), ctypes.c_void_p)
POINTER, TEXT, NUMBER = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
SIGNATURES = {
    "icalparser_parse_string": (POINTER, TEXT),
    "icalrestriction_check": (NUMBER, POINTER),
    "icalcomponent_free": (None, POINTER),
    "icalcomponent_isa": (NUMBER, POINTER),
    "icalcomponent_kind_to_string": (TEXT, NUMBER),
    "icalcomponent_string_to_kind": (NUMBER, TEXT),
    "icalcomponent_get_first_component": (POINTER, POINTER, NUMBER),
    "icalcomponent_get_next_component": (POINTER, POINTER, NUMBER),
    "icalcomponent_get_first_property": (POINTER, POINTER, NUMBER),
    "icalcomponent_get_next_property": (POINTER, POINTER, NUMBER),
    "icalcomponent_get_uid": (TEXT, POINTER),
    "icalcomponent_get_dtstart": (Time, POINTER),
    "icalcomponent_foreach_recurrence": (None, POINTER, Time, Time, ON_OCCURRENCE, POINTER),
    "icalproperty_string_to_kind": (NUMBER, TEXT),
    "icalproperty_get_value_as_string": (TEXT, POINTER),
    "icalproperty_get_datetime_with_component": (Time, POINTER, POINTER),
    "icaltime_as_timet_with_zone": (ctypes.c_long, Time, POINTER),
    "icaltime_from_timet_with_zone": (Time, ctypes.c_long, NUMBER, POINTER),
    "icaltimezone_get_utc_timezone": (POINTER,),
    "icalerror_set_errors_are_fatal": (None, NUMBER),
}

ical = ctypes.CDLL(LIBRARY)
for name, (result, *arguments) in SIGNATURES.items():
    function = getattr(ical, name)
    function.restype, function.argtypes = result, arguments
ical.icalerror_set_errors_are_fatal(0)

ANY = ical.icalcomponent_string_to_kind(b"ANY") or 1
EVENT = ical.icalcomponent_string_to_kind(b"VEVENT")
CALENDAR = ical.icalcomponent_string_to_kind(b"VCALENDAR")
MOVED = ical.icalproperty_string_to_kind(b"RECURRENCE-ID")
ERROR = ical.icalproperty_string_to_kind(b"X-LIC-ERROR")
UTC = ical.icaltimezone_get_utc_timezone()


def children(component: int, kind: int) -> Iterator[int]:
    """Go through the components of that kind directly within another."""
    child = ical.icalcomponent_get_first_component(component, kind)
    while child:
        yield child
        child = ical.icalcomponent_get_next_component(component, kind)


def errors(component: int) -> Iterator[str]:
    """Give the errors that libical has written into a component and those within."""
    kind = ical.icalcomponent_kind_to_string(ical.icalcomponent_isa(component)).decode()
    noted = ical.icalcomponent_get_first_property(component, ERROR)
    while noted:
        yield f"{kind}: {ical.icalproperty_get_value_as_string(noted).decode('utf-8', 'replace')}"
        noted = ical.icalcomponent_get_next_property(component, ERROR)
    for child in list(children(component, ANY)):
        yield from errors(child)


def moments(calendar: int, since: int, until: int) -> list[int]:
    """Give the beginnings of all occurrences as seconds since 1970, computed by libical."""
    window = (ical.icaltime_from_timet_with_zone(since, 0, UTC), ical.icaltime_from_timet_with_zone(until, 0, UTC))
    found: dict[str, set[int]] = {}
    moved: list[tuple[str, int, int]] = []
    for event in list(children(calendar, EVENT)):
        uid = (ical.icalcomponent_get_uid(event) or b"").decode("utf-8", "replace")
        if original := ical.icalcomponent_get_first_property(event, MOVED):
            time = ical.icalproperty_get_datetime_with_component(original, event)
            moved.append((uid, seconds(time), seconds(ical.icalcomponent_get_dtstart(event))))
            continue
        starts = found.setdefault(uid, set())
        ical.icalcomponent_foreach_recurrence(event, *window, ON_OCCURRENCE(partial(note, starts)), None)
    for uid, original, start in moved:
        found.setdefault(uid, set()).discard(original)
        found[uid].add(start)
    return sorted(start for starts in found.values() for start in starts)


def note(starts: set[int], _event: int, span: "ctypes._Pointer[Span]", _unused: int) -> None:
    """Remember the beginning of one occurrence; called by libical."""
    starts.add(span.contents.start)


def seconds(time: Time) -> int:
    """Give a time as seconds since 1970; a day or a time without zone counts as UTC."""
    return int(ical.icaltime_as_timet_with_zone(time, time.zone or UTC))


def judge(ics: bytes, since: int, until: int) -> dict[str, list[str] | list[int]]:
    """Give the complaints and the moments of one calendar."""
    if b"\0" in ics:
        return {"complaints": ["a NUL ends the text"], "moments": []}
    calendar = ical.icalparser_parse_string(ics)
    if not calendar:
        return {"complaints": ["nothing to read"], "moments": []}
    complaints = [] if ical.icalcomponent_isa(calendar) == CALENDAR else ["is not one calendar"]
    is_allowed = ical.icalrestriction_check(calendar)
    complaints += errors(calendar)
    if not is_allowed and not complaints:
        complaints.append("not allowed under this METHOD")
    found = moments(calendar, since, until)
    ical.icalcomponent_free(calendar)
    return {"complaints": complaints, "moments": found}


if __name__ == "__main__":
    for line in sys.stdin:
        question = json.loads(line)
        answer = judge(base64.b64decode(question["ics"]), question["since"], question["until"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
