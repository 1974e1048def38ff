"""Bringing in a table of past events: what was done and what could not be read, row by row."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import select

from ...communities.models import Community
from ...communities.queries import all_communities
from ...ground.database import db
from ...ground.text import UnreadableText, one_line, slug_of
from ..models import Event, Format, Place
from .organising import EventChange, make_event, publish_event

COLUMNS = ("Nr", "Datum", "Event", "Format / Projekt", "Ort")
FORMATS = {
    "nextcommunity": Format.COMMUNITY_MEETING,
    "nextcamp": Format.CAMP,
    "nextpanel": Format.PANEL,
    "what's next?": Format.WHATS_NEXT,
    "nextwerkstatt": Format.WORKSHOP,
    "externe veranstaltung": Format.EXTERNAL,
}
PLACES = {"virtuell": Place.VIRTUAL, "in präsenz": Place.IN_PRESENCE, "hybrid": Place.HYBRID}
#: Circles by the words that name them in titles. Longer words are looked for first.
TITLE_WORDS = {
    "machine learning": "machine-learning-ki",
    "interne beratung": "interne-beratung",
    "chatbot": "chatbot-community",
    "robotic process automation": "robotic-process-automation",
    "test & qs": "test-und-qs",
    "digitale ethik": "digitale-ethik",
    "mobile apps": "mobile-apps",
    "innovationsmanagement": "innovationsmanagement",
    "kollegiale beratung": "organisationsentwicklung",
    "4germany": "4germany",
    "what's next": "whats-next",
    "nextcamp": "nextcamp",
    "nextpanel": "nextpanel",
    "nextsommerfest": "nextpanel",
}
Kind = TypeVar("Kind", bound=StrEnum)

#: Those that the archive can show.
YEARS = range(2000, 2100)
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})\Z", re.ASCII)


class UnreadableRow(ValueError):  # noqa: N818 - says what the row is
    """A row that cannot become an event; str() says why, in German."""


@dataclass(frozen=True)
class ImportedRow:
    """What became of one row of the table."""

    line: int
    title: str
    #: made, known, or unreadable.
    outcome: str
    remark: str = ""


def import_rows(content: bytes, *, at: datetime) -> Iterator[ImportedRow]:
    """Make published, past-or-coming whole-day events of a table with five columns; report each row.

    Reads UTF-8 (with or without BOM) and cp1252, comma or semicolon. A row that was brought in before is known by
    its contents and left alone, so a file can be read twice.
    """
    communities = {community.slug: community for community in all_communities()}
    for line, row in _rows(content):
        try:
            yield _import(line, row, communities, at)
        except UnreadableRow as problem:
            yield ImportedRow(line, row.get("Event") or "", "unreadable", str(problem))


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    text = _decoded(content)
    delimiter = ";" if text.partition("\n")[0].count(";") >= len(COLUMNS) - 1 else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        if header != list(COLUMNS):
            yield 1, {"problem": f"Die Spalten heißen nicht {', '.join(COLUMNS)}."}
            return
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, _named(row)
    except csv.Error as error:
        yield reader.line_num, {"problem": f"Die Zeile ist nicht lesbar ({error})."}


def _named(row: Sequence[str]) -> dict[str, str]:
    if len(row) != len(COLUMNS):
        return {"problem": f"Die Zeile hat {len(row)} statt {len(COLUMNS)} Spalten."}
    return dict(zip(COLUMNS, row, strict=True))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _import(line: int, row: dict[str, str], communities: dict[str, Community], at: datetime) -> ImportedRow:
    if problem := row.get("problem"):
        raise UnreadableRow(problem)
    title, day = _title(row["Event"]), _day(row["Datum"])
    kind, place = _word(FORMATS, row["Format / Projekt"], "Format"), _word(PLACES, row["Ort"], "Ort")
    source = _source(title, day)
    if db.session.scalar(select(Event.id).where(Event.source == source)):
        return ImportedRow(line, title, "known")
    if title.casefold().startswith("nextpanel"):
        kind = Format.PANEL
    change = EventChange(
        title=title,
        summary="",
        description="",
        format=kind,
        starts_local=datetime.combine(day, time()),
        ends_local=datetime.combine(day + timedelta(days=1), time()),
        is_all_day=True,
        place=place,
        takes_registrations=False,
    )
    hosts = [] if kind == Format.EXTERNAL else _hosts(title, communities)
    event = make_event(_free_slug(f"{slug_of(title)}-{day:%Y-%m-%d}"), change, hosts, source=source, at=at)
    publish_event(event, at=at)
    return ImportedRow(line, title, "made", ", ".join(host.name for host in hosts))


def _title(cell: str) -> str:
    try:
        title = one_line(cell)
    except UnreadableText as problem:
        raise UnreadableRow(f"Der Titel enthält unsichtbare Zeichen ({problem}).") from None
    if not title:
        raise UnreadableRow("Der Titel fehlt.")
    if len(title) > 200:  # noqa: PLR2004 - the longest title that forms take
        raise UnreadableRow("Der Titel ist länger als 200 Zeichen.")
    return title


def _day(cell: str) -> date:
    found = _DATE.match(cell.strip())
    if not found:
        raise UnreadableRow(f"Das Datum „{cell.strip()[:40]}“ ist nicht lesbar (erwartet: TT.MM.JJ).")
    day, month, year = (int(part) for part in found.groups())
    if len(found[3]) == 2:  # noqa: PLR2004 - two digits of a year
        year += 2000
    if year not in YEARS:
        raise UnreadableRow(f"Das Jahr {year} liegt zu weit weg.")
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableRow(f"Den Tag „{cell.strip()}“ gibt es nicht.") from None


def _word(known: dict[str, Kind], cell: str, column: str) -> Kind:
    found = known.get(cell.strip().replace("’", "'").casefold())
    if found is None:
        raise UnreadableRow(f"{column} „{cell.strip()[:40]}“ ist unbekannt.")
    return found


def _source(title: str, day: date) -> str:
    return "table:" + sha256(f"{day.isoformat()} {title}".encode()).hexdigest()[:32]


def _hosts(title: str, communities: dict[str, Community]) -> list[Community]:
    folded = title.casefold().replace("’", "'")
    slugs = {slug for words, slug in TITLE_WORDS.items() if words in folded}
    return [community for slug, community in communities.items() if slug in slugs]


def _free_slug(wanted: str) -> str:
    taken = set(db.session.scalars(select(Event.slug).where(Event.slug.like(f"{wanted}%"))))
    candidates = [wanted, *(f"{wanted}-{number}" for number in range(2, 100))]
    return next(slug for slug in candidates if slug not in taken)
