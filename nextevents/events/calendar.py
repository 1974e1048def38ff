"""The iCalendar: the one place that writes it (rules C-10 to C-28 and C-41 to C-44).

Mail carries REQUEST and CANCEL with the receiver's line left open; downloads and feeds are PUBLISH without receivers.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import icalendar
from flask import current_app, url_for
from flask_babel import gettext as _

from ..ground.tokens import token_for
from ..mailing.messages import absolute, place
from .models import Event, Place, PollOption, Stage

Method = Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
Participation = Literal["ACCEPTED", "TENTATIVE", "NEEDS-ACTION"]

PRODUCT = "-//NExT e. V.//NExTevents//DE"
LONGEST_LOCATION = 255
#: Octets of a folded line, as the library folds.
_FOLDED = 74
_PLAIN_NAME = re.compile(r"[A-Za-z'-]+( [A-Za-z'-]+)+")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+")
CONTENT_TYPE = "text/calendar; charset=utf-8"

#: One STANDARD and one DAYLIGHT with a yearly rule, because Exchange reads nothing else (rules C-24 and C-25).
_BERLIN = icalendar.Timezone.from_ical(
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
    "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
    "TZNAME:CET\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
    "BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"
    "TZNAME:CEST\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\n"
    "END:VTIMEZONE\r\n"
)
_OPEN_STAMP = datetime(1970, 1, 1, tzinfo=UTC)


class Text(icalendar.vText):
    r"""A text as it was typed (RFC 5545 3.3.11). The library would break the line at the N of C:\Neu."""

    def to_ical(self) -> bytes:
        """Escaped: backslash, semicolon, comma, and line breaks."""
        return rb"\\N".join(icalendar.vText(part).to_ical() for part in self.split(r"\N"))


def for_mail(
    event: Event, method: Method, *, is_confirmed: bool, is_for_one: bool = False, is_asking: bool = False
) -> str:
    """A calendar with places for `stamp` and `attendee`, to be filled in per receiver.

    A REQUEST for somebody on the waiting list is tentative and has no dial-in. A CANCEL that takes one person out
    (is_for_one) has no STATUS: the event goes on (RFC 5546 3.2.5). One that asks (is_asking) is sure to take place,
    whether or not the receiver comes.
    """
    calendar = _calendar(method)
    entry = _entry(
        event, shows_dial_in=is_confirmed and method == "REQUEST", stamp=_OPEN_STAMP, is_mailed=method == "REQUEST"
    )
    if method == "REQUEST":
        entry.add("status", "CONFIRMED" if is_confirmed or is_asking else "TENTATIVE")
        entry.add("x-microsoft-cdo-busystatus", "BUSY" if is_confirmed else "TENTATIVE")
        entry.add("x-microsoft-disallow-counter", "TRUE")
    elif not is_for_one:
        entry.add("status", "CANCELLED")
    calendar.add_component(entry)
    return _with_places(calendar)


def for_candidate(option: PollOption, method: Method) -> str:
    """A time of a date poll as an entry that is kept free for now, with places for `stamp` and `attendee`.

    Its revision is 0, and 1 when it is withdrawn; the meeting that takes over its identity goes on from 2 (C-12).
    """
    poll, zone = option.poll, ZoneInfo("Europe/Berlin")
    page = absolute(url_for("events.poll", token=token_for("poll", poll.id)))
    calendar, entry = _calendar(method), icalendar.Event()
    entry.add("uid", option.uid)
    entry.add("sequence", 0 if method == "REQUEST" else 1)
    entry.add("dtstamp", _OPEN_STAMP)
    entry.add("dtstart", option.starts_local.replace(tzinfo=zone))
    entry.add("dtend", option.ends_local.replace(tzinfo=zone))
    entry.add("summary", Text(_("Vorgemerkt: %(title)s", title=poll.title)))
    entry.add("description", f"{_('Diese Zeit steht zur Wahl, sie ist noch nicht sicher.')}\n\n{page}")
    entry.add("url", page)
    entry.add("organizer", _organizer())
    entry.add("status", "TENTATIVE" if method == "REQUEST" else "CANCELLED")
    if method == "REQUEST":
        entry.add("x-microsoft-cdo-busystatus", "TENTATIVE")
        entry.add("x-microsoft-disallow-counter", "TRUE")
    calendar.add_component(entry)
    return _with_places(calendar)


def declining_counter(event: Event, sequence: int) -> str:
    """That the date stays as it is: nothing but the entry and the revision that the proposal spoke of (RFC 5546 3.2.8).

    With a place for `stamp`.
    """
    calendar, entry = icalendar.Calendar(), icalendar.Event()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "DECLINECOUNTER")):
        calendar.add(name, value)
    entry.add("uid", event.uid)
    entry.add("sequence", sequence)
    entry.add("dtstamp", _OPEN_STAMP)
    entry.add("organizer", _organizer())
    entry.add("comment", _("Es bleibt bei der Zeit."))
    calendar.add_component(entry)
    return _with_place_for_stamp(calendar)


def _with_places(calendar: icalendar.Calendar) -> str:
    written = _with_place_for_stamp(calendar)
    return written.replace("\r\nEND:VEVENT", f"\r\n{place('attendee')}\r\nEND:VEVENT")


def _with_place_for_stamp(calendar: icalendar.Calendar) -> str:
    written = bytes(calendar.to_ical()).decode()
    return written.replace("\r\nDTSTAMP:19700101T000000Z", f"\r\nDTSTAMP:{place('stamp')}")


def attendee_line(name: str, address: str, participation: Participation, *, asks: bool = False) -> str:
    """The receiver's own line, folded and ready (rule C-14)."""
    if _PLAIN_NAME.fullmatch(name) and _PLAIN_ADDRESS.fullmatch(address):
        return _plain_line(name, address, participation, "TRUE" if asks else "FALSE")
    return _any_line(name, address, participation, asks=asks)


def _plain_line(name: str, address: str, participation: Participation, rsvp: str) -> str:
    """The same line in a tenth of the time, for names of letters that need no care: thousands are written at once."""
    line = (
        f'ATTENDEE;CN="{name}";CUTYPE=INDIVIDUAL;PARTSTAT={participation};ROLE=REQ-PARTICIPANT;RSVP={rsvp}'
        f":mailto:{address}"
    )
    return "\r\n ".join(line[start : start + _FOLDED] for start in range(0, len(line), _FOLDED))


def _any_line(name: str, address: str, participation: Participation, *, asks: bool) -> str:
    attendee = icalendar.vCalAddress(f"mailto:{address}")
    attendee.params.update(
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT=participation,
        RSVP="TRUE" if asks else "FALSE",
        CN=name or address,
    )
    line = icalendar.parser.Contentline.from_parts("ATTENDEE", attendee.params, attendee)
    return bytes(line.to_ical()).decode()


def stamp(at: datetime) -> str:
    """A moment as DTSTAMP writes it."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def published(
    events: Iterable[Event],
    *,
    name: str,
    source: str,
    dial_ins: frozenset[int] = frozenset(),
    tentative: frozenset[int] = frozenset(),
) -> bytes:
    """A file or feed: the same bytes as long as nothing changes (rules C-42 to C-44).

    The dial-in stands only in the events whose numbers are in dial_ins: those that this reader is confirmed for.
    What this reader only might come to is tentative and leaves the time free (RFC 5545 3.8.2.7).
    """
    calendar = _calendar("PUBLISH")
    calendar.add("name", Text(name))  # escaped, which add() only does for names that it knows
    calendar.add("x-wr-calname", Text(name))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("source", source, parameters={"VALUE": "URI"})
    for event in sorted(events, key=lambda one: (one.starts_at, one.uid)):
        entry = _entry(event, shows_dial_in=event.id in dial_ins, stamp=event.changed_at)
        entry.add("status", _status(event, is_sure=event.id not in tentative))
        if event.id in tentative and not event.is_all_day:
            entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _status(event: Event, *, is_sure: bool) -> str:
    if event.stage == Stage.CANCELLED:
        return "CANCELLED"
    return "CONFIRMED" if is_sure else "TENTATIVE"


def _calendar(method: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_BERLIN)
    return calendar


def _entry(event: Event, *, shows_dial_in: bool, stamp: datetime, is_mailed: bool = False) -> icalendar.Event:
    page = absolute(url_for("events.show", slug=event.slug))
    dial_in = _way_in(event) if shows_dial_in else ""
    entry = icalendar.Event()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", stamp)
    entry.add("last-modified", event.changed_at)
    _add_times(entry, event)
    entry.add("summary", Text(event.title))
    entry.add("description", Text(_description(event, page, dial_in, is_mailed=is_mailed)))
    entry.add("location", Text(_location(event, dial_in)[:LONGEST_LOCATION]))
    entry.add("url", page)
    entry.add("organizer", _organizer())
    if dial_in.startswith(("https://", "http://")):
        parameters = icalendar.Parameters(VALUE="URI", FEATURE=["AUDIO", "VIDEO"], LABEL=_("Zugang zur Videokonferenz"))
        entry.add("conference", icalendar.vUri(dial_in), parameters=parameters)
    return entry


def _way_in(event: Event) -> str:
    """The dial-in, or the door before it where going through counts as having been there."""
    if event.dial_in and event.counts_joining:
        return absolute(url_for("events.enter", slug=event.slug))
    return event.dial_in


def _add_times(entry: icalendar.Event, event: Event) -> None:
    if event.is_all_day:
        entry.add("dtstart", event.starts_local.date())
        entry.add("dtend", event.ends_local.date())
        entry.add("transp", "TRANSPARENT")
        return
    zone = ZoneInfo(event.zone)
    entry.add("dtstart", event.starts_local.replace(tzinfo=zone))
    entry.add("dtend", event.ends_local.replace(tzinfo=zone))


def _organizer() -> Any:
    organizer = icalendar.vCalAddress(f"mailto:{current_app.config['MAIL_FROM']}")
    organizer.params["CN"] = current_app.config["MAIL_FROM_NAME"]
    return organizer


def _description(event: Event, page: str, dial_in: str, *, is_mailed: bool) -> str:
    """The links stand here too, as Outlook drops mails (rule C-08). None is personal: teams share calendars."""
    own = _("Anmeldung ansehen oder absagen: %(link)s", link=absolute(url_for("site.account"))) if is_mailed else ""
    paragraphs = [event.summary, _("Zugang: %(link)s", link=dial_in) if dial_in else "", page, own]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _location(event: Event, dial_in: str) -> str:
    address = ", ".join(line.strip() for line in event.address.splitlines() if line.strip())
    if event.place == Place.IN_PRESENCE:
        return address
    if event.place == Place.HYBRID:
        return " / ".join(part for part in (address, dial_in or _("virtuell")) if part)
    return dial_in or _("virtuell")
