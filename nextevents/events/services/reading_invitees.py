"""Addresses as organisers paste them: in lines, with semicolons, or as a table with name and organisation.

What cannot be read is said line by line (bad inputs 62 and 64).
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from flask_babel import gettext as _

from ...ground.text import LINE_LENGTH, NAME_LENGTH, UnreadableText, one_line
from ...people.addresses import Address, address_of
from ...people.errors import AddressRefused, OwnAddressRefused

#: So many addresses are read from one text.
MOST_ROWS = 5_000
#: Longer lines hold no address; the csv module itself stops at 131,072 characters in a field.
LONGEST_LINE = 2_000

_ANGLED = re.compile(r'"?(?P<name>[^"<>@]*?)"?\s*<(?P<address>[^<>\s]+)>')
_HEADER = re.compile(r"(e-?mail|mail|adresse|address|name)", re.IGNORECASE)


class Outcome(StrEnum):
    """What becomes of one address."""

    NEW = "new"
    #: Was invited before.
    KNOWN = "known"
    REGISTERED = "registered"
    #: Stands above already.
    DOUBLED = "doubled"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Invitee:
    """One address of a pasted list."""

    line: int
    typed: str
    outcome: Outcome
    address: Address | None = None
    name: str = ""
    organisation_name: str = ""
    remark: str = ""


class UnreadableInvitee(ValueError):  # noqa: N818 - says what the row is
    """A piece of text that is no invitee; str() says why."""


def decoded(content: bytes) -> str:
    """A file's text: UTF-8 with or without BOM, otherwise cp1252, as Excel writes it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace").replace("\ufffd", "?")


def read_invitees(text: str) -> list[Invitee]:
    """The rows of a pasted text, at most 5,000; later ones with an address that was there before are doubled."""
    read: list[Invitee] = []
    seen: set[str] = set()
    for invitee in islice(_rows(text), MOST_ROWS):
        key = invitee.address.key if invitee.address else ""
        is_doubled = bool(key) and key in seen
        seen.add(key)
        read.append(_as(invitee, Outcome.DOUBLED) if is_doubled else invitee)
    return read


def _as(invitee: Invitee, outcome: Outcome) -> Invitee:
    return Invitee(invitee.line, invitee.typed, outcome, invitee.address, invitee.name, invitee.organisation_name)


def _rows(text: str) -> Iterator[Invitee]:
    columns: list[str] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        typed = line.strip()
        if not typed:
            continue
        if number == 1 and "@" not in typed and _HEADER.search(typed):
            columns = [name.strip().casefold() for name in _cells(typed)]
            continue
        for piece in _pieces(typed):
            yield _read(number, piece, columns)


def _pieces(line: str) -> Iterable[list[str]]:
    """The people on a line, each as cells: several with an @ are several people, otherwise it is one row."""
    if len(line) > LONGEST_LINE:
        return [[line]]
    angled = list(_ANGLED.finditer(line))
    if angled:
        rest = _ANGLED.sub("\n", line)
        alone = [[piece.strip()] for piece in re.split(r"[;,\n\t]", rest) if "@" in piece]
        return [*([found["name"].strip(" ;,\t"), found["address"]] for found in angled), *alone]
    cells = _cells(line)
    with_address = [cell for cell in cells if "@" in cell]
    return [[cell] for cell in with_address] if len(with_address) > 1 else [cells]


def _cells(line: str) -> list[str]:
    marks = {mark: line.count(mark) for mark in ";\t,"}
    delimiter = max(marks, key=lambda mark: marks[mark])
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [line]


def _read(number: int, cells: list[str], columns: list[str]) -> Invitee:
    typed = "".join(sign if sign.isprintable() else "·" for sign in "; ".join(cells)[:LINE_LENGTH])
    try:
        address, name, organisation = _sorted_out(cells, columns)
    except UnreadableInvitee as problem:
        return Invitee(number, typed, Outcome.UNREADABLE, remark=str(problem))
    return Invitee(number, typed, Outcome.NEW, address, name, organisation)


def _sorted_out(cells: list[str], columns: list[str]) -> tuple[Address, str, str]:
    """The address, the name and the organisation of a row, by its cells or by what the columns are called."""
    found = [cell for cell in cells if "@" in cell]
    if not found:
        raise UnreadableInvitee(_("Hier steht keine E-Mail-Adresse."))
    try:
        address = address_of(found[0])
    except OwnAddressRefused as refusal:
        raise UnreadableInvitee(str(refusal)) from None
    except AddressRefused:
        raise UnreadableInvitee(_("Das ist keine E-Mail-Adresse.")) from None
    others = [(column, cell) for column, cell in _named(cells, columns) if "@" not in cell and cell]
    organisation = next((cell for column, cell in others if column.startswith("org") or "behörde" in column), None)
    names = [cell for column, cell in others if cell != organisation]
    if organisation is None and not columns and len(names) > 1:
        names, organisation = names[:1], names[1]
    return address, _line(" ".join(names), NAME_LENGTH), _line(organisation or "", LINE_LENGTH)


def _named(cells: list[str], columns: list[str]) -> Iterator[tuple[str, str]]:
    """Each cell with its column's name; first names stand before family names, whatever the order of columns."""
    pairs = [(columns[place] if place < len(columns) else "", cell) for place, cell in enumerate(cells)]
    yield from sorted(pairs, key=lambda pair: not pair[0].startswith("vorname"))


def _line(typed: str, longest: int) -> str:
    try:
        text = one_line(typed)
    except UnreadableText:
        raise UnreadableInvitee(_("Der Name enthält Zeichen, die man nicht sehen kann.")) from None
    if len(text) > longest:
        raise UnreadableInvitee(_("Der Name ist zu lang."))
    return text
