"""The demo's made-up world as values: communities, public bodies, dates and people, read from the files in content/."""

import csv
import random
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import count as counting_from
from typing import Any, Literal, get_args

from nextevents.ground.holidays import is_meeting_day

Kind = Literal["community", "series", "camp", "panel", "workshop"]
Level = Literal[
    "federal", "state", "municipal", "research", "social_insurance", "public_company", "association", "other"
]
Place = Literal["virtual", "in_presence", "hybrid"]
WaitingMode = Literal["move_up", "offer"]
Audience = Literal["everybody", "members", "community"]
Format = Literal["community_meeting", "whats_next", "camp", "panel", "workshop", "external"]
Registration = Literal["here", "elsewhere"]

_LEVELS: tuple[Level, ...] = get_args(Level)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
_DAYS_OF_NOTICE = timedelta(days=3)
_LAST_MONTH_OF_SPRING_CONFERENCES = 6
_FULL_WITHOUT_LIMIT = 100
_SHARE_OF_UNKNOWN_DOMAINS = 0.08


@dataclass(frozen=True, kw_only=True, slots=True)
class Community:
    """A lasting circle, a series, the camp, the panel or a workshop; description is Markdown."""

    slug: str
    name: str
    kind: Kind
    summary: str
    description: str
    #: The last day of an ended circle.
    ended_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Something in a circle's library: a note in Markdown, a link, or a file beside this one."""

    community: str
    title: str
    viewers: str
    text: str = ""
    url: str = ""
    file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a workshop has published; abstract is Markdown, the file lies beside this one."""

    community: str
    title: str
    authors: str
    abstract: str
    published_on: date
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """A made-up public body. A domain may lie under one that belongs to another body; one holds an umlaut as typed."""

    name: str
    level: Level
    domains: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComingEvent:
    """An event ahead. Both moments are naive local times in Europe/Berlin; description is Markdown."""

    slug: str
    #: Slugs. Two for a joint meeting, none for an external event.
    communities: tuple[str, ...]
    title: str
    summary: str
    description: str
    starts_at: datetime
    #: On the last day, when there are several. All-day events too say here when people come and go.
    ends_at: datetime
    place: Place
    audience: Audience
    format: Format
    #: How full the demo makes it: 0 is empty, 1 is full.
    fill: float
    #: How many seats there are; None means as many as come.
    capacity: int | None = None
    waiting_mode: WaitingMode = "move_up"
    #: How many people wait for a seat.
    waiting: int = 0
    #: Several lines; None where nobody meets in a room.
    address: str | None = None
    dial_in: str | None = None
    website: str | None = None
    registration: Registration = "here"
    all_day: bool = False
    cancelled: bool = False

    @property
    def registrations(self) -> int:
        """How many seats the demo takes. Where there is no limit, a hundred counts as full."""
        return round(self.fill * (self.capacity or _FULL_WITHOUT_LIMIT))


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody made up, with an address under a domain of their organisation."""

    name: str
    email: str
    #: Its name. It stands among the organisations unless the address has a domain that none of them has.
    organisation: str


#: Bodies that no list of domains knows.
UNKNOWN_ORGANISATIONS = (
    Organisation(name="Zweckverband Tiefland", level="other", domains=("zweckverband-tiefland.example",)),
    Organisation(name="Wasserverband Obere Linne", level="other", domains=("wasserverband-linne.example",)),
    Organisation(name="Regionalverband Hochwinkel", level="other", domains=("rv-hochwinkel.example",)),
    Organisation(name="Stadt Ulmenfleet", level="municipal", domains=("ulmenfleet.example",)),
)

_COMMUNITIES_BY_WORDS_OF_2022 = {
    "Mobile Apps": "mobile-apps",
    "Chatbot": "chatbot-community",
    "Robotic Process Automation": "robotic-process-automation",
    "Interne Beratung": "interne-beratung",
    "Kollegiale Beratung": "organisationsentwicklung",
    "Digitale Ethik": "digitale-ethik",
    "Machine Learning & KI": "machine-learning-ki",
    "Test & QS": "test-und-qs",
    "Innovationsmanagement": "innovationsmanagement",
    "4Germany": "4germany",
    "NExTcamp": "nextcamp",
    "NExTpanel": "nextpanel",
}

_SPELLED_IN_ASCII = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ł": "l",
        "đ": "d",
        "ø": "o",
        " ": "-",
        "'": "",
    }
)


def communities() -> tuple[Community, ...]:
    """All circles in the order in which an overview shows them, ended ones included."""
    return tuple(Community(**entry) for entry in _tables("communities.toml", "community"))


def documents() -> tuple[Document, ...]:
    """What lies in libraries."""
    return tuple(Document(**entry) for entry in _tables("library.toml", "document"))


def results() -> tuple[Result, ...]:
    """What workshops have published."""
    return tuple(Result(**entry) for entry in _tables("library.toml", "result"))


def file(name: str) -> bytes:
    """A file as somebody would upload it."""
    return resources.files("nextevents.demo").joinpath("content", name).read_bytes()


def organisations() -> tuple[Organisation, ...]:
    """The made-up public bodies. No domain belongs to two of them."""
    return tuple(
        Organisation(name=row["name"], level=_level(row["level"]), domains=tuple(row["domains"].split()))
        for row in _rows("organisations.csv")
    )


def past_events_table() -> bytes:
    """The 31 events of 2022 as the activity report prints them, in the form that `import-events` reads."""
    return resources.files("nextevents.demo").joinpath("content", "events-2022.csv").read_bytes()


def coming_events(today: date) -> tuple[ComingEvent, ...]:
    """The events of the twelve months after today (a day in Berlin), earliest first, none sooner than in three days.

    A day that is too close moves on by a month. One on a public holiday or at the turn of the year moves by a week
    or two. Hence a slug, which carries year and month, is the same only for days of loading that lead to the same day.
    """
    events = [_coming_event(entry, today) for entry in _tables("coming.toml", "event")]
    return tuple(sorted(events, key=lambda event: (event.starts_at, event.slug)))


def people(count: int, seed: int = 7) -> tuple[Person, ...]:
    """That many made-up people, each with an address of their own; names may come twice.

    The same seed always gives the same people, and asking for more of them keeps the first ones. About eight in a
    hundred have an address under a domain that belongs to none of organisations().
    """
    chance = random.Random(seed)  # noqa: S311 - nobody is protected by it
    known, given_names, family_names = organisations(), _lines("given_names.txt"), _lines("family_names.txt")
    taken: set[str] = set()
    made_up = []
    for _ in range(count):
        given, family = chance.choice(given_names), chance.choice(family_names)
        is_unknown = chance.random() < _SHARE_OF_UNKNOWN_DOMAINS
        organisation = chance.choice(UNKNOWN_ORGANISATIONS if is_unknown else known)
        email = _free_address(given, family, chance.choice(organisation.domains), taken)
        taken.add(email)
        made_up.append(Person(name=f"{given} {family}", email=email, organisation=organisation.name))
    return tuple(made_up)


def _coming_event(entry: dict[str, Any], today: date) -> ComingEvent:
    told = dict(entry)
    days = told.pop("days", 1)
    day = _first_day(told.pop("month"), told.pop("week"), told.pop("weekday"), days, today)
    starts_at = datetime.combine(day, time.fromisoformat(told.pop("starts")))
    told |= {
        "slug": f"{told.pop('slug_topic')}-{day:%Y-%m}",
        "communities": tuple(told["communities"]),
        "title": told["title"].replace("{Mitgliederkonferenz}", _members_conference(day)),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(days=days - 1, minutes=told.pop("minutes")),
    }
    return ComingEvent(**told)


def _members_conference(day: date) -> str:
    return "Frühjahrskonferenz" if day.month <= _LAST_MONTH_OF_SPRING_CONFERENCES else "Herbstkonferenz"


def _first_day(months_ahead: int, week: int, weekday: str, days: int, today: date) -> date:
    earliest = today + _DAYS_OF_NOTICE
    planned = next(
        day for months in counting_from(months_ahead) if (day := _nth_weekday(today, months, week, weekday)) >= earliest
    )
    around_holidays = (planned + timedelta(weeks=weeks) for weeks in (0, 1, -1, 2, 3))
    return next(
        day
        for day in around_holidays
        if day >= earliest and all(is_meeting_day(day + timedelta(days=later)) for later in range(days))
    )


def _nth_weekday(today: date, months_ahead: int, week: int, weekday: str) -> date:
    years, month = divmod(today.month - 1 + months_ahead, 12)
    first = date(today.year + years, month + 1, 1)
    days_to_weekday = (_WEEKDAYS.index(weekday) - first.weekday()) % 7
    return first + timedelta(days=days_to_weekday, weeks=week - 1)


def _free_address(given: str, family: str, domain: str, taken: set[str]) -> str:
    local_part = f"{_in_ascii(given)}.{_in_ascii(family)}"
    numbered = (f"{local_part}{number}@{domain}" for number in counting_from(2))
    address = f"{local_part}@{domain}"
    while address in taken:
        address = next(numbered)
    return address


def _in_ascii(name: str) -> str:
    spelled = name.lower().translate(_SPELLED_IN_ASCII)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def _level(text: str) -> Level:
    return next(level for level in _LEVELS if level == text)


@cache
def _tables(file: str, key: str) -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(_text(file))[key])


def _rows(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(file).splitlines()))


def _lines(file: str) -> list[str]:
    return _text(file).splitlines()


def _text(file: str) -> str:
    return resources.files("nextevents.demo").joinpath("content", file).read_text(encoding="utf-8")
