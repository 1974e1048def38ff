"""Addresses as organisers paste them: in lines, with semicolons, or as a table with name and organisation.

What cannot be read is said line by line (bad inputs 62 and 64).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
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

_ANGLED = re.compile(r'"?(?P<name>[^"<>@]*?)"?\s*<(?P<address>[^<>\s]*@[^<>\s]*)>')
_ADDRESS_COLUMN = re.compile(r"(e-?)?mail.{0,12}|adresse", re.IGNORECASE)


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


def as_table(invitees: Iterable[Invitee]) -> str:
    """Rows as a table that is read again as it was."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["Adresse", "Name", "Organisation"])
    writer.writerows((one.address.typed, one.name, one.organisation_name) for one in invitees if one.address)
    return table.getvalue()


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


@dataclass(frozen=True)
class _Table:
    """What the first line says of the others; nothing if it is a list."""

    delimiter: str = ""
    columns: tuple[str, ...] = ()

    @classmethod
    def announced_by(cls, line: str) -> "_Table":
        """The table whose columns these are."""
        delimiter = _delimiter(line)
        return cls(delimiter, tuple(name.strip().casefold() for name in _cells(line, delimiter)))


def _rows(text: str) -> Iterator[Invitee]:
    table = _Table()
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        typed = line.strip()
        if number == 1 and _names_columns(typed):
            table = _Table.announced_by(typed)
        elif typed and len(typed) > LONGEST_LINE:
            yield _unreadable(number, typed, _("Diese Zeile ist zu lang."))
        elif typed:
            people = [_cells(typed, table.delimiter)] if table.columns else _people_on(typed)
            yield from (_read(number, cells, table.columns) for cells in people)


def _names_columns(line: str) -> bool:
    """Whether this is the first line of a table: it names one column for addresses, and holds none."""
    cells = _cells(line, _delimiter(line))
    return "@" not in line and any(_ADDRESS_COLUMN.fullmatch(cell) for cell in cells)


def _people_on(line: str) -> Iterable[list[str]]:
    """The people on a line of a list, each as cells: several with an @ are several people, otherwise it is one row."""
    angled = list(_ANGLED.finditer(line))
    if angled:
        rest = re.split(r"[;,\n\t]", _ANGLED.sub("\n", line))
        alone = [[piece.strip()] for piece in rest if "@" in piece]
        return [*([found["name"].strip(" ;,\t"), found["address"]] for found in angled), *alone]
    cells = _cells(line, _delimiter(line))
    with_address = [cell for cell in cells if "@" in cell]
    return [[cell] for cell in with_address] if len(with_address) > 1 else [cells]


def _delimiter(line: str) -> str:
    return max(";\t,", key=line.count)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [line]


def _read(number: int, cells: list[str], columns: Sequence[str]) -> Invitee:
    typed = "; ".join(filter(None, cells))
    try:
        address, name, organisation = _sorted_out(cells, columns)
    except UnreadableInvitee as problem:
        return _unreadable(number, typed, str(problem))
    return Invitee(number, address.typed, Outcome.NEW, address, name, organisation)


def _unreadable(number: int, typed: str, remark: str) -> Invitee:
    shown = "".join(sign if sign.isprintable() else "·" for sign in typed[:LINE_LENGTH])
    return Invitee(number, shown, Outcome.UNREADABLE, remark=remark)


def _sorted_out(cells: list[str], columns: Sequence[str]) -> tuple[Address, str, str]:
    """The address, the name and the organisation of a row, by what the columns are called or by what is in them."""
    if columns:
        named = list(zip(columns, cells, strict=False))
        typed = [cell for column, cell in named if "mail" in column or "adress" in column]
        organisations = [cell for column, cell in named if column.startswith("org") or "behörde" in column]
        first_names_first = sorted(named, key=lambda pair: not pair[0].startswith("vorname"))
        names = [cell for column, cell in first_names_first if "name" in column and "org" not in column]
    else:
        typed = [cell for cell in cells if "@" in cell]
        others = [cell for cell in cells if cell and "@" not in cell]
        names, organisations = others[:1], others[1:2]
    address = _address("".join(typed[:1]))
    return address, _line(" ".join(names), NAME_LENGTH), _line("".join(organisations), LINE_LENGTH)


def _address(typed: str) -> Address:
    if "@" not in typed:
        raise UnreadableInvitee(_("Hier steht keine E-Mail-Adresse."))
    try:
        return address_of(typed)
    except OwnAddressRefused as refusal:
        raise UnreadableInvitee(str(refusal)) from None
    except AddressRefused:
        raise UnreadableInvitee(_("Das ist keine E-Mail-Adresse.")) from None


def _line(typed: str, longest: int) -> str:
    try:
        text = one_line(typed)
    except UnreadableText:
        raise UnreadableInvitee(_("Der Name enthält Zeichen, die man nicht sehen kann.")) from None
    if len(text) > longest:
        raise UnreadableInvitee(_("Der Name ist zu lang."))
    return text
