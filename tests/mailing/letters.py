"""Mails as they come in: answers as the calendars of this world write them, and what bad people send."""

import base64
import quopri
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

BORDER = "mx.next.example"
OURS = "termine@next.example"


def stamp(at: datetime) -> str:
    """A moment as DTSTAMP."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def calendar(
    uid: str,
    address: str,
    answer: str = "ACCEPTED",
    *,
    at: datetime,
    sequence: int = 0,
    method: str = "REPLY",
    attendees: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
) -> str:
    """A plain answer, with nothing in it that is not needed."""
    own = f"ATTENDEE;PARTSTAT={answer}:mailto:{address}"
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Test//DE", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT",
        f"UID:{uid}", f"DTSTAMP:{stamp(at)}", f"SEQUENCE:{sequence}", *(attendees or (own,)), *more,
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def outlook(uid: str, address: str, *, at: datetime) -> str:
    """As Exchange writes it: no ORGANIZER, MAILTO in capitals, a Windows zone, a German prefix, folded lines."""
    return "\r\n".join([
        "BEGIN:VCALENDAR", "METHOD:REPLY", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
        "BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time",
        "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
        "BEGIN:VEVENT", f'ATTENDEE;PARTSTAT=ACCEPTED;CN="Beispiel, Ada (Amt 3)":MAILTO:{address[:10].upper()}',
        f" {address[10:]}", "COMMENT;LANGUAGE=de-DE:Ich komme gern\\, etwas später.\\n", f"UID:{uid}",
        "SUMMARY;LANGUAGE=de-DE:Zugesagt: Sprachmodelle im Bürgeramt",
        "DTSTART;TZID=W. Europe Standard Time:20261202T140000", "DTEND;TZID=W. Europe Standard Time:20261202T153000",
        "CLASS:PUBLIC", "PRIORITY:5", f"DTSTAMP:{stamp(at)}", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "SEQUENCE:0",
        "LOCATION;LANGUAGE=de-DE:virtuell", "X-MICROSOFT-CDO-APPT-SEQUENCE:0", "X-MICROSOFT-CDO-OWNERAPPTID:2120",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


def google(uid: str, address: str, *, at: datetime) -> str:
    """As Google writes it: with the organiser, the moment in UTC, X-NUM-GUESTS."""
    return "\r\n".join([
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
        "METHOD:REPLY", "BEGIN:VEVENT", "DTSTART:20261202T130000Z", "DTEND:20261202T143000Z", f"DTSTAMP:{stamp(at)}",
        f"ORGANIZER;CN=NExT e. V.:mailto:{OURS}", f"UID:{uid}",
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=Ada Be",
        f" ispiel;X-NUM-GUESTS=0:mailto:{address}",
        "CREATED:20261101T120000Z", "DESCRIPTION:", "LAST-MODIFIED:20261121T115900Z", "LOCATION:", "SEQUENCE:0",
        "STATUS:CONFIRMED", "SUMMARY:Sprachmodelle im Bürgeramt", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


def apple(uid: str, address: str, *, at: datetime) -> str:
    """As Apple writes it: EMAIL beside the address, bare line feeds."""
    return "\n".join([
        "BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", "METHOD:REPLY", "PRODID:-//Apple Inc.//macOS 15.1//EN", "VERSION:2.0",
        "BEGIN:VEVENT", f"ATTENDEE;CN=Ada;CUTYPE=INDIVIDUAL;EMAIL={address};PARTSTAT=TENTATIVE:mailto:{address}",
        "DTEND;TZID=Europe/Berlin:20261202T153000", f"DTSTAMP:{stamp(at)}",
        "DTSTART;TZID=Europe/Berlin:20261202T140000", f"ORGANIZER:mailto:{OURS}", "SEQUENCE:0", "SUMMARY:Sprachmodelle",
        f"UID:{uid}", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


def thunderbird(uid: str, address: str, *, at: datetime) -> str:
    """As Thunderbird writes it: several own properties, the state in lower case."""
    return "\r\n".join([
        "BEGIN:VCALENDAR", "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0", "METHOD:REPLY",
        "BEGIN:VEVENT", "CREATED:20261120T100000Z", f"LAST-MODIFIED:{stamp(at)}", f"DTSTAMP:{stamp(at)}", f"UID:{uid}",
        f"ATTENDEE;CN=Ada;PARTSTAT=accepted;ROLE=REQ-PARTICIPANT;X-NUM-GUESTS=0:mailto:{address}",
        f"ORGANIZER;CN=NExT:mailto:{OURS}", "X-MOZ-RECEIVED-SEQUENCE:0", f"X-MOZ-RECEIVED-DTSTAMP:{stamp(at)}",
        "X-MOZ-INVITED-ATTENDEE:mailto:x@example.org", "SEQUENCE:0", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


STYLES = {"outlook": outlook, "google": google, "apple": apple, "thunderbird": thunderbird}


def passed(address: str) -> str:
    """What our border says of a mail that its author's domain has signed."""
    domain = address.rpartition("@")[2]
    return f"{BORDER}; dkim=pass (2048-bit key) header.d={domain} header.s=s1; dmarc=pass header.from={domain}"


def part(text: str, *, kind: str = "text/calendar; charset=utf-8; method=REPLY", coding: str = "base64") -> str:
    """A part of a mail."""
    content = text.encode()
    if coding == "base64":
        body = base64.encodebytes(content).decode()
    elif coding == "quoted-printable":
        body = quopri.encodestring(content).decode()
    else:
        body = text
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n{body}"


def mail(
    *parts: str,
    author: str = "ada@stadt.example",
    border: str | None = None,
    headers: Mapping[str, str] | None = None,
    text: str = "Zugesagt",
) -> bytes:
    """A mail as our border hands it over; its words about the sender stand above all others."""
    said = passed(author) if border is None else border
    head = {
        "Received": f"from elsewhere by {BORDER} with ESMTPS; Sat, 21 Nov 2026 12:00:00 +0000",
        "From": f'"Beispiel, Ada" <{author}>',
        "To": OURS,
        "Subject": "Zugesagt: Sprachmodelle",
        "Date": format_datetime(datetime(2026, 11, 21, 12, tzinfo=UTC)),
        "Message-ID": "<1@stadt.example>",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_x"',
    } | dict(headers or {})
    lines = [f"Authentication-Results: {said}"] if said else []
    lines += [f"{name}: {value}" for name, value in head.items() if value]
    bodies = [part(text, kind="text/plain; charset=utf-8", coding="quoted-printable"), *parts]
    whole = "".join(f"--=_x\r\n{one}\r\n" for one in bodies)
    return ("\r\n".join(lines) + f"\r\n\r\n{whole}--=_x--\r\n").encode()


def nested(levels: int) -> bytes:
    """A bomb: multiparts within multiparts."""
    head = b"From: ada@stadt.example\r\n"
    body = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'.encode() for level in range(levels)
    )
    return head + body + b"Content-Type: text/plain\r\n\r\nx\r\n"
