"""Our own rules for the bytes of a calendar: what no library noticed in damaged samples, and what clients need.

The numbers C-… are those of the calendar rules that the product follows.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_LINE = 75
LARGEST_INTEGER = 2**31 - 1
METHODS = {"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"}
SCHEDULING = {"REQUEST", "CANCEL"}
#: Whose value is one text, so that comma and semicolon in it are escaped.
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "NAME", "X-WR-CALNAME", "X-WR-CALDESC", "TZNAME"}
IN_UTC = {"DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED"}
ALLOWED = {
    "PARTSTAT": {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"},
    "ROLE": {"CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT"},
    "CUTYPE": {"INDIVIDUAL", "GROUP", "RESOURCE", "ROOM", "UNKNOWN"},
    "RSVP": {"TRUE", "FALSE"},
}
VALUE_NEEDED = {"CONFERENCE": "URI", "REFRESH-INTERVAL": "DURATION", "SOURCE": "URI"}
ONCE_PER_EVENT = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY")
AT_MOST_ONCE = ("ORGANIZER", "SEQUENCE", "STATUS", "LOCATION", "DESCRIPTION", "URL", "RRULE", "RECURRENCE-ID", "TRANSP")

CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
NAME = re.compile(r"[A-Za-z0-9-]+")
DATE = re.compile(r"\d{8}")
DATE_TIME = re.compile(r"\d{8}T\d{6}Z?")
MAILTO = re.compile(r"mailto:[^\s@<>,;]+@[^\s@<>,;]+")


@dataclass(frozen=True)
class Property:
    """One unfolded line."""

    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class Component:
    """What stands between a BEGIN and its END."""

    name: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Give the properties of that name."""
        return [one for one in self.properties if one.name == name]

    def first(self, name: str) -> Property | None:
        """Give the first property of that name, or None."""
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        """Give the value of the first property of that name, or nothing."""
        found = self.first(name)
        return found.value if found else ""

    def walk(self) -> Iterator["Component"]:
        """Go through this and all that stands in it."""
        yield self
        for child in self.children:
            yield from child.walk()


def complaints(ics: bytes) -> list[str]:
    """Give what is wrong with a calendar, in sentences; none when all is well."""
    found = list(_of_bytes(ics))
    parser = _Parser()
    calendars = parser.read(ics)
    found += parser.complaints
    for calendar in calendars:
        found += _of_calendar(calendar)
    return list(dict.fromkeys(found))


def _of_bytes(ics: bytes) -> Iterator[str]:
    if not ics.endswith(b"\r\n"):
        yield "does not end with CRLF"
    lines = ics.split(b"\r\n")
    for number, line in enumerate(lines, 1):
        if b"\n" in line or b"\r" in line:
            yield f"line {number}: CR or LF alone (C-16)"
        if len(line) > LONGEST_LINE:
            yield f"line {number}: {len(line)} octets, more than 75 (C-16)"
        if CONTROL.search(line):
            yield f"line {number}: a control character (C-15)"
        if not line.strip() and number < len(lines):
            yield f"line {number}: empty"
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            yield f"line {number}: not UTF-8, or folded within a character (C-16)"


class _Parser:
    """Reads lines into components, and notes what cannot be read."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def read(self, ics: bytes) -> list[Component]:
        text = ics.decode("utf-8", "replace").replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
        top = Component("")
        open_ones = [top]
        for line in filter(None, text.split("\n")):
            one = self._property(line)
            if one is None:
                continue
            if one.name == "BEGIN":
                open_ones[-1].children.append(Component(one.value.upper()))
                open_ones.append(open_ones[-1].children[-1])
            elif one.name != "END":
                if open_ones[-1].name == "VCALENDAR" and open_ones[-1].children:
                    self.complaints.append(f"{one.name} behind a component, where Outlook does not look (C-10)")
                open_ones[-1].properties.append(one)
            elif len(open_ones) > 1 and open_ones[-1].name == one.value.upper():
                open_ones.pop()
            else:
                self.complaints.append(f"END:{one.value} closes what is not open")
        self.complaints += [f"{one.name} is not closed" for one in open_ones[1:]]
        if [one.name for one in top.children] != ["VCALENDAR"] or top.properties:
            self.complaints.append("is not exactly one VCALENDAR")
        return [one for one in top.children if one.name == "VCALENDAR"]

    def _property(self, line: str) -> Property | None:
        name = NAME.match(line)
        parameters: dict[str, str] = {}
        at = name.end() if name else 0
        while parameter := PARAMETER.match(line, at):
            key, value = parameter[1].upper(), parameter[2]
            if key in parameters:
                self.complaints.append(f"{line[:40]!r}: {key} twice")
            parameters[key] = value if '","' in value else value.strip('"')
            at = parameter.end()
        if not name or line[at : at + 1] != ":":
            self.complaints.append(f"{line[:60]!r}: no name, or a parameter not quoted as it must be")
            return None
        return Property(name[0].upper(), parameters, line[at + 1 :])


def _of_calendar(calendar: Component) -> Iterator[str]:
    methods = [one.value for one in calendar.all("METHOD")]
    method = methods[0] if methods else ""
    for name, right in (("VERSION", "2.0"), ("PRODID", None), ("CALSCALE", "GREGORIAN")):
        values = [one.value for one in calendar.all(name)]
        if len(values) != 1 or (right and values != [right]) or not values[0]:
            yield f"{name} is not there exactly once, or is wrong (C-10)"
    if len(methods) != 1 or method not in METHODS:
        yield f"METHOD is not exactly one that exists: {methods} (C-10)"
    yield from _of_places(calendar)
    yield from _of_zones(calendar)
    events = [one for one in calendar.children if one.name == "VEVENT"]
    if not events and method in SCHEDULING:
        yield f"{method} without VEVENT"
    uids = Counter((one.value("UID"), one.value("RECURRENCE-ID")) for one in events)
    if method in SCHEDULING and len({uid for uid, _ in uids}) > 1:
        yield f"several UIDs under {method} (C-22)"
    yield from (f"{uid} stands there {count} times" for (uid, _), count in uids.items() if count > 1)
    for one in calendar.walk():
        for line in one.properties:
            yield from _of_property(line, one)
    for event in events:
        yield from _of_event(event)
        yield from _of_people(event, method)


def _of_places(calendar: Component) -> Iterator[str]:
    """Say what stands in the wrong component."""
    for one in calendar.walk():
        if one is not calendar:
            yield from (f"METHOD in {one.name} (C-10)" for _ in one.all("METHOD"))


def _of_zones(calendar: Component) -> Iterator[str]:
    zones = [one for one in calendar.children if one.name == "VTIMEZONE"]
    defined = [zone.value("TZID") for zone in zones]
    used = {line.parameters["TZID"] for one in calendar.walk() for line in one.properties if "TZID" in line.parameters}
    yield from (f"TZID {name} without VTIMEZONE (C-24)" for name in sorted(used - set(defined)))
    yield from (f"VTIMEZONE {name} {count} times" for name, count in Counter(defined).items() if count > 1)
    for zone in zones:
        if sorted(part.name for part in zone.children) != ["DAYLIGHT", "STANDARD"]:
            yield "VTIMEZONE is not one STANDARD and one DAYLIGHT (C-24)"
        for part in zone.children:
            rules = [line.value for line in part.all("RRULE")]
            if len(rules) != 1 or "BYDAY=-1SU" not in rules[0].split(";") or "FREQ=YEARLY" not in rules[0].split(";"):
                yield f"{part.name} of VTIMEZONE has not one yearly RRULE with BYDAY=-1SU (C-24)"
            if part.all("RDATE"):
                yield f"{part.name} of VTIMEZONE has RDATE (C-25)"
            if "UNTIL=" in "".join(rules) or "COUNT=" in "".join(rules):
                yield f"{part.name} of VTIMEZONE ends some day (C-25)"


def _of_property(line: Property, within: Component) -> Iterator[str]:
    name, value = line.name, line.value
    if name in IN_UTC and not (DATE_TIME.fullmatch(value) and value.endswith("Z")):
        yield f"{name} is not in UTC (C-13)"
    if name in {"ORGANIZER", "ATTENDEE"} and not MAILTO.fullmatch(value):
        yield f"{name} is not mailto: and an address: {value!r} (C-14)"
    if name in TEXTS and not re.fullmatch(r"(?:\\[\\;,nN]|[^\\;,])*", value):
        yield f"{name}: comma, semicolon or backslash not escaped, or something else escaped (C-15)"
    if name == "CATEGORIES" and not re.fullmatch(r"(?:\\[\\;,nN]|[^\\;])*", value):
        yield "CATEGORIES: semicolon or backslash not escaped (C-15)"
    if name == "SEQUENCE" and not (value.isdecimal() and int(value) <= LARGEST_INTEGER):
        yield f"SEQUENCE is no number: {value!r} (C-12)"
    if name in {"RRULE", "RDATE"} and within.name == "VEVENT":
        yield from _of_rule(line, within)
    yield from _of_parameters(line)


def _of_parameters(line: Property) -> Iterator[str]:
    name = line.name
    if "TZID" in line.parameters and (line.value.endswith("Z") or line.parameters.get("VALUE") == "DATE"):
        yield f"{name}: TZID together with Z or a day (C-24)"
    for parameter, allowed in ALLOWED.items():
        if line.parameters.get(parameter) not in {None, *allowed}:
            yield f"{name}: {parameter}={line.parameters[parameter]} does not exist (C-14)"
    needed = VALUE_NEEDED.get(name)
    if needed and line.parameters.get("VALUE") != needed:
        yield f"{name} without VALUE={needed} (C-19, C-42)"
    if name == "X-MICROSOFT-CDO-APPT-SEQUENCE":
        yield f"{name} is a second truth beside SEQUENCE (C-20)"


def _of_rule(line: Property, event: Component) -> Iterator[str]:
    if line.name == "RDATE":
        yield "RDATE, which Outlook does not take (C-29)"
        return
    parts = dict(part.partition("=")[::2] for part in line.value.split(";"))
    start = event.first("DTSTART")
    if "UNTIL" in parts and "COUNT" in parts:
        yield "RRULE with COUNT and UNTIL (C-30)"
    if "UNTIL" in parts and start and ("TZID" in start.parameters) and not parts["UNTIL"].endswith("Z"):
        yield "UNTIL is not in UTC (C-30)"
    if event.first("RECURRENCE-ID"):
        yield "RRULE together with RECURRENCE-ID (C-31)"


def _of_event(event: Component) -> Iterator[str]:
    for name in ONCE_PER_EVENT:
        if len(event.all(name)) != 1 or not event.value(name).strip():
            yield f"{name} is not there exactly once (C-11, C-13, C-17)"
    yield from (f"{name} is there more than once" for name in AT_MOST_ONCE if len(event.all(name)) > 1)
    if event.all("DURATION"):
        yield "DURATION instead of DTEND (C-17)"
    start, end, moved = event.first("DTSTART"), event.first("DTEND"), event.first("RECURRENCE-ID")
    for moment in filter(None, (start, end, moved)):
        whole_day = moment.parameters.get("VALUE") == "DATE"
        if not (DATE if whole_day else DATE_TIME).fullmatch(moment.value):
            yield f"{moment.name} is no moment: {moment.value!r}"
        if not whole_day and not moment.value.endswith("Z") and "TZID" not in moment.parameters:
            yield f"{moment.name} is at no certain time: neither TZID nor Z (C-27)"
    if start and end and _form(start) != _form(end):
        yield "DTSTART and DTEND are not of one form (C-17)"
    if start and moved and _form(start) != _form(moved):
        yield "RECURRENCE-ID is not of the form of DTSTART (C-31)"
    if start and end and _form(start) == _form(end) and end.value <= start.value:
        yield "DTEND is not after DTSTART (C-17)"


def _of_people(event: Component, method: str) -> Iterator[str]:
    organizers = [one.value.lower() for one in event.all("ORGANIZER")]
    attendees = [one.value.lower() for one in event.all("ATTENDEE")]
    if method in SCHEDULING and (len(organizers) != 1 or len(attendees) != 1):
        yield f"{method} without exactly one ORGANIZER and one ATTENDEE (C-05, C-14)"
    if method == "PUBLISH" and attendees:
        yield "PUBLISH with ATTENDEE (C-42)"
    if set(organizers) & set(attendees):
        yield "ATTENDEE is the ORGANIZER (C-07)"
    if method in SCHEDULING and not event.all("SEQUENCE"):
        yield f"{method} without SEQUENCE (C-12)"
    if method == "CANCEL" and any(one.name == "VALARM" for one in event.children):
        yield "CANCEL with VALARM (C-18)"
    if method == "REQUEST" and event.value("STATUS") not in {"TENTATIVE", "CONFIRMED"}:
        yield "STATUS in REQUEST is neither TENTATIVE nor CONFIRMED (C-18)"
    if method == "CANCEL" and event.value("STATUS") not in {"", "CANCELLED"}:
        yield "STATUS in CANCEL is not CANCELLED (C-18)"


def _form(moment: Property) -> tuple[str, bool]:
    zone = moment.parameters.get("TZID", "Z" if moment.value.endswith("Z") else "")
    return zone, moment.parameters.get("VALUE") == "DATE"
