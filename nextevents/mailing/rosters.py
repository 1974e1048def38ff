"""Lists of people as other programs write them: CSV, Mailman 2 and 3, listmonk. Nothing here raises (bad input 62)."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..ground.text import NAME_LENGTH, UnreadableText, one_line
from .models import Delivery

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
_STATUS_WORDS = ("status", "stand", "subscription_status", "delivery_status")
_DELIVERY_WORDS = ("delivery_mode", "delivery", "zustellung")
#: What listmonk, Mailman 3, other programs and people write of who has left or complained about this list, of who gets
#: no mail at all, and of those whose mail came back.
_LEFT = frozenset({"disabled", "unsubscribed", "abgemeldet", "abbestellt", "ausgetragen", "complained", "beschwerde"})
_BLOCKED = frozenset({"blocklisted", "blacklisted", "blocked", "gesperrt"})
_UNREACHABLE = frozenset({"bounced", "by_bounces", "unzustellbar", "cleaned"})
_UNCONFIRMED = frozenset({"unconfirmed", "pending", "unbestätigt", "nicht bestätigt"})
_PAUSED = frozenset({"by_user", "by_moderator", "paused", "pausiert", "pause"})
_COLLECTED = frozenset({"mime_digests", "plaintext_digests", "summary_digests", "digest", "gesammelt"})
#: The numbers in Mailman 2's `delivery_status`.
_OF_MAILMAN_2 = {"1": "paused", "2": "by_user", "3": "by_moderator", "4": "by_bounces"}
_DELIMITERS = (";", "\t", ",")
_IN_BRACKETS = re.compile(r"\s*(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*\Z")
#: `dumpdb config.pck` of Mailman 2: "    'members': {   'ada@x.example': 0,".
_SECTION = re.compile(r"'(members|digest_members|usernames|delivery_status)':\s*\{(.*?)\}", re.DOTALL)
_PAIR = re.compile(r"'([^'\n]+)':\s*(?:u?'((?:[^'\\\n]|\\.)*)'|u?\"((?:[^\"\\\n]|\\.)*)\"|([^,}\n]*))")


class Standing(StrEnum):
    """What a roster says of somebody's wish."""

    WANTED = "wanted"
    #: Asked for and never confirmed: whoever it was may be asked again.
    UNCONFIRMED = "unconfirmed"
    #: Wanted, but mails came back; whether they arrive here nobody knows.
    UNREACHABLE = "unreachable"
    #: Has left this list, or complained about it.
    LEFT = "left"
    #: Gets no mail at all.
    BLOCKED = "blocked"


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
    standing: Standing = Standing.WANTED
    #: The file's own word for that.
    status: str = ""
    #: How posts come to them.
    delivery: Delivery = Delivery.EACH

    @property
    def weight(self) -> int:
        """Of several lines about one person the heaviest counts."""
        return 2 if self.is_unwanted else int(self.standing == Standing.UNREACHABLE)

    @property
    def is_unwanted(self) -> bool:
        """Whether the file says that nothing of this list may go there."""
        return self.standing in {Standing.LEFT, Standing.BLOCKED}


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
        "delivery": _DELIVERY_WORDS,
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
    status, delivery = field("status"), field("delivery").lower()
    return _checked(
        Entry(
            line,
            field("address"),
            name,
            field("proof"),
            standing=_standing(status),
            status=status,
            delivery=_delivery(status, is_collected=delivery in _COLLECTED),
        )
    )


def _standing(status: str) -> Standing:
    word = status.lower()
    if word in _BLOCKED:
        return Standing.BLOCKED
    if word in _LEFT:
        return Standing.LEFT
    if word in _UNREACHABLE:
        return Standing.UNREACHABLE
    return Standing.UNCONFIRMED if word in _UNCONFIRMED else Standing.WANTED


def _delivery(status: str, *, is_collected: bool) -> Delivery:
    if status.lower() in _PAUSED:
        return Delivery.PAUSED
    return Delivery.DAILY if is_collected else Delivery.EACH


def _checked(entry: Entry) -> Entry:
    """The entry without a name that cannot be shown; too long or with a NUL it is a problem."""
    whole = (entry.address, entry.name, entry.proof, entry.status)
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
        for piece in pieces:
            if not piece.strip():
                continue
            found = _IN_BRACKETS.match(piece)
            name, address = (found["name"].strip("\"' "), found["address"]) if found else ("", piece.strip())
            yield _checked(Entry(number, address.strip(), name))


def _of_mailman_2(text: str) -> Iterator[Entry]:
    sections: dict[str, dict[str, str]] = {
        "members": {}, "digest_members": {}, "usernames": {}, "delivery_status": {},
    }  # fmt: skip
    for section in _SECTION.finditer(text):
        pairs = _PAIR.finditer(section[2])
        sections[section[1]] |= {pair[1]: pair[2] or pair[3] or pair[4] or "" for pair in pairs}
    for number, address in enumerate(sections["members"] | sections["digest_members"], start=1):
        status = _OF_MAILMAN_2.get(sections["delivery_status"].get(address, "").lstrip("("), "")
        yield _checked(
            Entry(
                number,
                address,
                sections["usernames"].get(address, ""),
                standing=_standing(status),
                status=status,
                delivery=_delivery(status, is_collected=address in sections["digest_members"]),
            )
        )
