"""How events are said to people: dates, places, seats. In the reader's language, times in Berlin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import url_for
from flask_babel import format_date, format_datetime, format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from ..ground import clock
from .models import (
    Audience,
    Event,
    Format,
    Material,
    MaterialKind,
    MaterialViewers,
    Place,
    Registration,
    Stage,
    State,
)

#: So few seats are "nearly gone".
FEW_SEATS = 5
MEGABYTE = 1_000_000


def day_label(day: date) -> str:
    """Mittwoch, 2. Dezember 2026."""
    return format_date(day, "EEEE, d. MMMM y" if _is_german() else "EEEE, d MMMM y")


def time_label(moment: datetime) -> str:
    """Mittwoch, 2. Dezember 2026, 14.00 Uhr, of a moment."""
    wall = clock.local(moment)
    return f"{day_label(wall.date())}, {_clock_time(wall)}"


def when_label(event: Event) -> str:
    """The whole date of an event, with the zone's name (rule C-28)."""
    last_day = _last_day(event)
    first_day = event.starts_local.date()
    if event.is_all_day:
        return day_label(first_day) if first_day == last_day else f"{day_label(first_day)} – {day_label(last_day)}"
    if first_day != last_day:
        return (
            f"{day_label(first_day)}, {_clock_time(event.starts_local)} – "
            f"{day_label(last_day)}, {_clock_time(event.ends_local)} ({zone_name(event.ends_at)})"
        )
    return f"{day_label(first_day)}, {hours_label(event)} ({zone_name(event.starts_at)})"


def when_if_known(event: Event) -> str:
    """The whole date of an event; of one that was taken off its date, that a new one follows."""
    return _("Termin folgt") if event.stage == Stage.POSTPONED else when_label(event)


def hours_label(event: Event) -> str:
    """14.00 bis 15.30 Uhr."""
    if event.is_all_day:
        return _("ganztägig")
    starts, ends = _bare_time(event.starts_local), _bare_time(event.ends_local)
    return _("%(starts)s bis %(ends)s Uhr", starts=starts, ends=ends)


def span_label(starts_local: datetime, ends_local: datetime, starts_at: datetime) -> str:
    """Mittwoch, 2. Dezember 2026, 14 bis 15.30 Uhr (MEZ): a time that is not an event's yet."""
    first, zone = day_label(starts_local.date()), zone_name(starts_at)
    if starts_local.date() != ends_local.date():
        last = f"{day_label(ends_local.date())}, {_clock_time(ends_local)}"
        return f"{first}, {_clock_time(starts_local)} – {last} ({zone})"
    hours = _("%(starts)s bis %(ends)s Uhr", starts=_bare_time(starts_local), ends=_bare_time(ends_local))
    return f"{first}, {hours} ({zone})"


def zone_name(moment: datetime) -> str:
    """MEZ or MESZ."""
    is_summer = bool(clock.local(moment).dst())
    return _("MESZ") if is_summer else _("MEZ")


def _last_day(event: Event) -> date:
    return (event.ends_local - timedelta(minutes=1)).date() if event.is_all_day else event.ends_local.date()


def _bare_time(wall: datetime) -> str:
    if not _is_german():
        return f"{wall.hour}:{wall.minute:02d}"
    return f"{wall.hour}.{wall.minute:02d}" if wall.minute else str(wall.hour)


def _clock_time(wall: datetime) -> str:
    return _("%(time)s Uhr", time=_bare_time(wall))


def _is_german() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "de"


def place_label(event: Event) -> str:
    """Where, in one line."""
    address = ", ".join(line.strip() for line in event.address.splitlines() if line.strip())
    if event.place == Place.VIRTUAL:
        return _("virtuell")
    if event.place == Place.HYBRID:
        return _("%(address)s und virtuell", address=address) if address else _("in Präsenz und virtuell")
    return address or _("in Präsenz")


def is_link(dial_in: str) -> bool:
    """Whether the way into a video conference is an address to open; otherwise it is a number to call, or words."""
    return dial_in.startswith(("https://", "http://"))


def place_word(place: Place) -> str:
    """The kind of place."""
    return {
        Place.VIRTUAL: _("virtuell"),
        Place.IN_PRESENCE: _("in Präsenz"),
        Place.HYBRID: _("hybrid"),
    }[place]


def format_word(kind: Format) -> str:
    """The kind of date."""
    return {
        Format.COMMUNITY_MEETING: _("Community-Treffen"),
        Format.WHATS_NEXT: _("What’s NExT?"),
        Format.CAMP: _("NExTcamp"),
        Format.PANEL: _("NExTpanel"),
        Format.WORKSHOP: _("NExTwerkstatt"),
        Format.EXTERNAL: _("Externe Veranstaltung"),
    }[kind]


def audience_label(event: Event) -> str:
    """For whom."""
    return {
        Audience.EVERYBODY: _("alle, die es interessiert"),
        Audience.PUBLIC_SECTOR: _("alle, die im öffentlichen Dienst arbeiten"),
        Audience.MEMBERS: _("Mitglieder von NExT e. V. und eingeladene Gäste"),
        Audience.COMMUNITY: _("Mitglieder dieser Community"),
        Audience.INVITED: _("Menschen mit einer Einladung"),
    }[event.audience]


def state_word(state: State) -> str:
    """Where a registration is."""
    return {
        State.UNCONFIRMED: _("unbestätigt"),
        State.REQUESTED: _("angefragt"),
        State.CONFIRMED: _("angemeldet"),
        State.WAITING: _("Warteliste"),
        State.OFFERED: _("Platz angeboten"),
        State.CANCELLED: _("abgemeldet"),
        State.ATTENDED: _("teilgenommen"),
        State.EXCUSED: _("entschuldigt"),
        State.ABSENT: _("nicht erschienen"),
    }[state]


def hosts_label(event: Event) -> str:
    """Whose date it is: the communities, or the kind of date."""
    names = [community.full_name for community in event.communities]
    return _(" und ").join(names) if names else format_word(event.format)


def availability(event: Event, at: datetime) -> tuple[str, str]:
    """How things stand: the kind of sign (open, last, full, cancelled, past) and its words."""
    if event.stage == Stage.POSTPONED:
        return "last", _("verschoben")
    if event.stage == Stage.CANCELLED:
        return "cancelled", _("abgesagt")
    if event.ends_at <= at:
        return "past", ""
    if not event.takes_registrations:
        return "past", _("extern")
    if not event.is_open(at):
        opens_later = event.opens_at is not None and event.opens_at > at
        return "past", _("öffnet später") if opens_later else _("Anmeldung beendet")
    if event.seats_free is None:
        return "open", _("Plätze frei")
    if event.seats_free == 0:
        return "full", _("Warteliste")
    if event.seats_free <= FEW_SEATS:
        return "last", ngettext("noch %(num)s Platz", "noch %(num)s Plätze", event.seats_free)
    return "open", ngettext("%(num)s Platz frei", "%(num)s Plätze frei", event.seats_free)


def seats_label(capacity: int | None, taken: int, waiting: int) -> str:
    """How many seats there are and are left, or how many people wait."""
    if capacity is None:
        return _("so viele, wie kommen")
    if taken < capacity:
        return _("%(free)s von %(all)s frei", free=capacity - taken, all=capacity)
    if waiting:
        people = ngettext("%(num)s Person wartet", "%(num)s Personen warten", waiting)
        return _("alle %(all)s vergeben, %(people)s", all=capacity, people=people)
    return _("alle %(all)s vergeben", all=capacity)


@dataclass(frozen=True)
class Row:
    """An event as a row of an agenda."""

    href: str
    iso: str
    day: str
    weekday: str
    time: str
    title: str
    meta: str
    state: str
    state_label: str


@dataclass(frozen=True)
class Month:
    """A heading and its rows."""

    label: str
    rows: list[Row]


def row_of(event: Event, at: datetime, registration: Registration | None = None) -> Row:
    """An event as a row; with what the reader has there, if anything."""
    state, state_label = availability(event, at)
    if registration and event.stage == Stage.PUBLISHED and event.ends_at > at:
        state, state_label = "mine", state_word(registration.state)
    return Row(
        href=url_for("events.show", slug=event.slug),
        iso=event.starts_local.date().isoformat(),
        day=f"{event.starts_local.day:02d}",
        weekday=format_date(event.starts_local.date(), "EEE").rstrip("."),
        time=_("ganztags") if event.is_all_day else _clock_time(event.starts_local),
        title=event.title,
        meta=f"{hosts_label(event)} · {place_word(event.place)}",
        state=state,
        state_label=state_label,
    )


def months(events: Iterable[Event], at: datetime) -> list[Month]:
    """Events under their months, in the order given."""
    return by_month((event.starts_local, row_of(event, at)) for event in events)


def by_month(rows: Iterable[tuple[datetime, Row]]) -> list[Month]:
    """Rows, each with what the wall clock shows when it begins, under their months, in the order given."""
    return [
        Month(format_date(date(year, month, 1), "MMMM y"), [row for _starts, row in found])
        for (year, month), found in groupby(rows, key=lambda pair: (pair[0].year, pair[0].month))
    ]


@dataclass(frozen=True)
class Entry:
    """An event in a month's table."""

    href: str
    title: str
    time: str
    state: str


@dataclass(frozen=True)
class Day:
    """A day in a month's table."""

    number: int
    date_label: str
    is_today: bool
    is_other_month: bool
    entries: list[Entry]


def month_weeks(first: date, events: Sequence[Event], at: datetime) -> list[list[Day]]:
    """The weeks, from Monday, of the month that begins on that day, with their events."""
    by_day: dict[date, list[Entry]] = {}
    for event in events:
        time = "" if event.is_all_day else f"{event.starts_local:%H:%M}"
        entry = Entry(url_for("events.show", slug=event.slug), event.title, time, availability(event, at)[0])
        by_day.setdefault(event.starts_local.date(), []).append(entry)
    today = clock.local(at).date()
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday < first or monday.month == first.month:
        week = [monday + timedelta(days=offset) for offset in range(7)]
        weeks.append([_day(day, first, today, by_day.get(day, [])) for day in week])
        monday += timedelta(days=7)
    return weeks


def _day(day: date, first: date, today: date, entries: list[Entry]) -> Day:
    label = format_date(day, "EEEE, d. MMMM" if _is_german() else "EEEE, d MMMM")
    return Day(day.day, label, day == today, day.month != first.month, entries)


def weekday_names() -> list[str]:
    """Montag to Sonntag."""
    return [format_date(date(2024, 1, day), "EEEE") for day in range(1, 8)]


def edited_label(moment: datetime) -> str:
    """A moment in few signs, for tables of the office."""
    pattern = "dd.MM.y HH:mm" if _is_german() else "d MMM y, H:mm"
    return format_datetime(clock.local(moment).replace(tzinfo=None), pattern, rebase=False)


def duration_label(event: Event) -> str:
    """How long it took: days for whole-day events, hours and minutes otherwise."""
    if event.is_all_day:
        days = (event.ends_local.date() - event.starts_local.date()).days or 1
        return ngettext("%(num)s Tag", "%(num)s Tage", days)
    minutes = round(event.duration.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    in_hours = ngettext("%(num)s Stunde", "%(num)s Stunden", hours)
    in_minutes = ngettext("%(num)s Minute", "%(num)s Minuten", rest)
    return " ".join(part for part, number in ((in_hours, hours), (in_minutes, rest)) if number)


def material_label(material: Material) -> str:
    """What follows a click: the kind of file and its size, or that it leads elsewhere."""
    if material.file:
        ending = material.file.name.rpartition(".")[2].upper()
        return f"{ending}, {size_label(material.file.size)}"
    return {
        MaterialKind.LINK: _("Link"),
        MaterialKind.RECORDING: _("Aufzeichnung"),
        MaterialKind.MINUTES: _("Protokoll"),
        MaterialKind.FILE: _("Datei"),
    }[material.kind]


def size_label(size: int) -> str:
    """Bytes in the unit that people know: 12 KB, 1,2 MB."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1000))} KB"
    return f"{format_decimal(size / MEGABYTE, format='#,##0.0')} MB"


def viewers_word(viewers: MaterialViewers) -> str:
    """Who may see what stays of an event."""
    return {
        MaterialViewers.NOBODY: _("niemand außer den Veranstaltenden"),
        MaterialViewers.PARTICIPANTS: _("die Teilnehmenden"),
        MaterialViewers.COMMUNITY: _("die Teilnehmenden und wer zur Community gehört"),
        MaterialViewers.SIGNED_IN: _("alle mit einem Konto hier"),
        MaterialViewers.EVERYBODY: _("alle"),
    }[viewers]


def date_label(moment: datetime) -> str:
    """2. Dezember 2026, the day of a moment in Berlin."""
    return format_date(clock.local(moment).date(), "d. MMMM y" if _is_german() else "d MMMM y")
