"""Lists of people as other programs write them: CSV, Mailman 2 and 3, listmonk. Nothing here raises (bad input 62)."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ..ground.text import NAME_LENGTH, UnreadableText, one_line

#: Longer ones are no addresses, names or proofs.
LONGEST_FIELD = 2_000
_ADDRESS_WORDS = ("email", "e-mail", "e-mail-adresse", "mailadresse", "mail", "adresse", "address", "email address")
_NAME_WORDS = ("name", "display name", "display_name", "realname")
_FIRST_WORDS, _LAST_WORDS = (
    ("vorname", "first name", "first_name"),
    ("nachname", "last name", "last_name", "familienname"),
)
_PROOF_WORDS = (
    "nachweis",
    "einwilligung",
    "consent",
    "consented_at",
    "optin",
    "opt-in",
    "confirmed_at",
    "bestätigt am",
)
_STATUS_WORDS = ("status", "stand")
#: Of people who want no mail at all; the others have left this list.
_BLOCKED = "blocklisted"
_UNWANTED = frozenset({"blocklisted", "disabled", "unsubscribed", "abgemeldet"})
_DELIMITERS = (";", "\t", ",")
_IN_BRACKETS = re.compile(r"\s*(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*\Z")
#: `dumpdb config.pck` of Mailman 2: "    'members': {   'ada@x.example': 0,".
_SECTION = re.compile(r"'(members|digest_members|usernames)':\s*\{(.*?)\}", re.DOTALL)
_PAIR = re.compile(r"'([^'\n]+)':\s*(?:u?'((?:[^'\\\n]|\\.)*)'|u?\"((?:[^\"\\\n]|\\.)*)\"|[^,}\n]*)")


@dataclass(frozen=True)
class Entry:
    """One line of a roster."""

    #: The number of the line in the file, from 1.
    line: int
    address: str
    name: str = ""
    #: What proves that this person wanted it, if the file says so.
    proof: str = ""
    #: Why this line cannot be read; empty if it can.
    problem: str = ""
    #: Whether the file says that this person does not want it.
    is_unwanted: bool = False
    #: Whether they want nothing of any list.
    is_blocked: bool = False
    #: Whether posts come to them collected.
    is_collected: bool = False


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what Windows writes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def entries(content: bytes) -> Iterator[Entry]:
    """The lines of a roster, whichever program wrote it; memory does not grow with what has been read."""
    text = decoded(content)
    if _SECTION.search(text) and "'members':" in text:
        return _of_mailman_2(text)
    lines = text.splitlines()
    number = next((number for number, line in enumerate(lines) if line.strip()), 0)
    head = lines[number] if lines else ""
    delimiter = max(_DELIMITERS, key=head.count)
    columns = _columns(next(csv.reader([head[:LONGEST_FIELD].replace("\0", "")], delimiter=delimiter), []))
    if "address" in columns:
        return _of_table(lines, number, delimiter, columns)
    return _of_lines(lines)


def _columns(head: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in head]
    meanings = {
        "address": _ADDRESS_WORDS,
        "name": _NAME_WORDS,
        "first": _FIRST_WORDS,
        "last": _LAST_WORDS,
        "proof": _PROOF_WORDS,
        "status": _STATUS_WORDS,
    }
    return {
        meaning: names.index(word)
        for meaning, words in meanings.items()
        if (word := next((word for word in words if word in names), None)) is not None
    }


def _of_table(lines: Sequence[str], head: int, delimiter: str, columns: Mapping[str, int]) -> Iterator[Entry]:
    start = head + 1
    safe = (line[: 10 * LONGEST_FIELD].replace("\0", "\ufffd") for line in lines[start:])
    rows = csv.reader(safe, delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Entry(start + rows.line_num, "", problem=str(error))
            continue
        if any(field.strip() for field in row):
            yield _of_row(start + rows.line_num, row, columns)


def _of_row(line: int, row: Sequence[str], columns: Mapping[str, int]) -> Entry:
    def field(meaning: str) -> str:
        place = columns.get(meaning, len(row))
        return row[place].strip() if place < len(row) else ""

    name = field("name") or " ".join(part for part in (field("first"), field("last")) if part)
    return _checked(
        Entry(
            line,
            field("address"),
            name,
            field("proof"),
            is_unwanted=field("status").lower() in _UNWANTED,
            is_blocked=field("status").lower() == _BLOCKED,
        )
    )


def _checked(entry: Entry) -> Entry:
    """The entry without a name that cannot be shown; too long or with a NUL it is a problem."""
    whole = (entry.address, entry.name, entry.proof)
    if any(len(text) > LONGEST_FIELD or "\ufffd" in text for text in whole):
        return Entry(entry.line, entry.address[:60], problem="unreadable")
    try:
        name = one_line(entry.name)[:NAME_LENGTH]
    except UnreadableText:
        name = ""
    return replace(entry, name=name)


def _of_lines(lines: Sequence[str]) -> Iterator[Entry]:
    """`mailman members LIST` and `list_members -f LIST`: an address, or a name and an address, on each line."""
    for number, line in enumerate(lines, start=1):
        pieces = line[: 10 * LONGEST_FIELD].replace("\0", "\ufffd").split(";")
        for piece in chain(pieces):
            if not piece.strip():
                continue
            found = _IN_BRACKETS.match(piece)
            name, address = (found["name"].strip("\"' "), found["address"]) if found else ("", piece.strip())
            yield _checked(Entry(number, address.strip(), name))


def _of_mailman_2(text: str) -> Iterator[Entry]:
    sections: dict[str, dict[str, str]] = {"members": {}, "digest_members": {}, "usernames": {}}
    for section in _SECTION.finditer(text):
        sections[section[1]] |= {pair[1]: pair[2] or pair[3] or "" for pair in _PAIR.finditer(section[2])}
    for number, address in enumerate(sections["members"] | sections["digest_members"], start=1):
        is_collected = address in sections["digest_members"]
        yield _checked(Entry(number, address, sections["usernames"].get(address, ""), is_collected=is_collected))
