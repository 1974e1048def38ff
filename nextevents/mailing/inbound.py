"""Mails that came in, read as far as they can be trusted (rules C-35 and C-40, bad inputs 66 to 73).

Nothing in here raises: what cannot be read says why. Nothing is fetched, nothing is expanded, and mails within mails
are left closed.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice

from .tnef import files_in

#: Limits of what is read; a longer mail is kept all the same, and a person looks at it.
LONGEST = 2_000_000
MOST_PARTS = 20
DEEPEST = 50
MOST_STATIONS = 25
LONGEST_LINE = 300

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_NESTS = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
#: One address and nothing else: whatever is written in an odder way proves nothing.
_AUTHOR = re.compile(
    r'\s*(?:(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:]*)\s*<([^\s<>()",;:@]+@[\w.-]+)>|([^\s<>()",;:@]+@[\w.-]+))\s*\Z', re.ASCII
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_OUT_OF_OFFICE = re.compile(r"(automatische antwort|automatic reply|abwesen|out of office|autoreply)", re.IGNORECASE)
_PASS = re.compile(r"(dkim|dmarc)(?:/\d+)?=pass\Z")


class Unreadable(Exception):  # noqa: N818 - says what the mail is
    """A mail that is not taken apart; str() says why."""


@dataclass(frozen=True)
class Part:
    """One body or file of a mail, decoded."""

    #: Such as "text/calendar".
    kind: str
    #: The name of the file in lower case, if it has one.
    name: str
    #: The parameter of that name, in capitals (RFC 6047 2.4).
    method: str
    charset: str
    content: bytes

    @property
    def is_tnef(self) -> bool:
        """Whether it is what only Outlook opens whole (rule C-39)."""
        return self.kind == "application/ms-tnef" or self.name == "winmail.dat"

    @property
    def text(self) -> str:
        """The content as text: as it says, else as UTF-8, else as Windows writes it."""
        for charset in (self.charset, "utf-8", "cp1252"):
            try:
                return self.content.decode(charset)
            except (LookupError, ValueError):
                continue
        return self.content.decode("ascii", "replace")


@dataclass(frozen=True)
class Letter:
    """A mail as it was read. One with a problem has hardly anything else."""

    #: The one address in its one From line, case-folded; empty if there is none or more than one.
    author: str = ""
    #: That line as a person would read it.
    shown_author: str = ""
    subject: str = ""
    #: Whether our own border says that the author's domain has sent it.
    is_proved: bool = False
    #: Written by a program: out of office, and everything else that says so (RFC 3834).
    is_automatic: bool = False
    #: Sent to many.
    is_bulk: bool = False
    #: Where it says that it has been before, and whether it has come through too many hands.
    loops: frozenset[str] = frozenset()
    is_tired: bool = False
    #: About a mail that could not be delivered (RFC 3464).
    is_report: bool = False
    parts: tuple[Part, ...] = field(default=(), repr=False)
    #: Why it cannot be read; empty if it can.
    problem: str = ""

    @property
    def text(self) -> str:
        """The first plain text in it."""
        return next((part.text for part in self.parts if part.kind == "text/plain" and not part.name), "")

    @property
    def has_tnef(self) -> bool:
        """Whether something is in it that only Outlook can open (rule C-39)."""
        return any(part.is_tnef for part in self.parts)


def read(content: bytes, *, border: str) -> Letter:
    """Read a mail. The border is the setting MAIL_BORDER."""
    try:
        return _read(opened(content), border)
    except Unreadable as problem:
        return Letter(problem=str(problem))
    except Exception as error:  # noqa: BLE001 - whatever somebody sends, the next mail must be read too
        return Letter(problem=f"unreadable: {type(error).__name__}")


def opened(content: bytes, *, longest: int = LONGEST) -> "Message[str, str]":
    """A mail taken apart, of at most so many bytes and levels. Raises Unreadable."""
    if len(content) > longest:
        raise Unreadable("too long")
    if len(_NESTS.findall(content)) > DEEPEST:
        raise Unreadable("too deep")
    try:
        return message_from_bytes(content)
    except Exception as error:
        raise Unreadable(f"unreadable: {type(error).__name__}") from error


def read_head(content: bytes) -> Letter:
    """Read what stands at the beginning of a mail, for showing: at least who writes, and about what."""
    letter = read(content, border="")
    if not letter.problem:
        return letter
    with suppress(Exception):
        head = message_from_bytes(_HEAD_END.split(content, maxsplit=1)[0])
        return replace(letter, shown_author=readable(head.get("From", "")), subject=readable(head.get("Subject", "")))
    return letter


def _read(message: "Message[str, str]", border: str) -> Letter:
    parts = tuple(islice(_parts(message), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        return Letter(problem="too many parts")
    return replace(read_headers(message, border), parts=parts)


def read_headers(message: "Message[str, str]", border: str) -> Letter:
    """What stands above the body: who has written, whether that is proved, and what sort of mail it is."""
    written_by = message.get_all("From", [])
    author = _author(str(written_by[0])) if len(written_by) == 1 else ""
    subject = readable(message.get("Subject", ""))
    return Letter(
        author=author,
        shown_author=readable(", ".join(str(one) for one in written_by[:2])),
        subject=subject,
        is_proved=bool(author) and is_proved(author, message.items(), border),
        is_automatic=is_automatic(message, subject),
        is_bulk=_is_bulk(message),
        loops=frozenset(str(value).strip().casefold() for value in message.get_all("X-Loop", [])),
        is_tired=len(message.get_all("Received", [])) > MOST_STATIONS,
        is_report=message.get_content_type() == "multipart/report",
    )


def _parts(message: "Message[str, str]") -> Iterator[Part]:
    """The bodies and files, those in winmail.dat too, but not those of mails within the mail."""
    if message.get_content_maintype() == "multipart":
        for one in message.get_payload() if message.is_multipart() else ():
            if isinstance(one, Message):
                yield from _parts(one)
        return
    content = None if message.is_multipart() else message.get_payload(decode=True)
    part = Part(
        kind=message.get_content_type(),
        name=readable(message.get_filename() or "").lower(),
        method=str(message.get_param("method") or "").upper(),
        charset=str(message.get_content_charset() or "utf-8"),
        content=content if isinstance(content, bytes) else b"",
    )
    yield part
    if part.is_tnef:
        for name, within in files_in(part.content):
            yield Part(kind="application/octet-stream", name=readable(name), method="", charset="utf-8", content=within)


def readable(value: object) -> str:
    """A header as people read it: decoded, in one line, without signs that change what is seen."""
    text = str(value)
    with suppress(LookupError, ValueError):
        text = str(make_header(decode_header(text)))
    return " ".join(_CONTROLS.sub(" ", text).split())[:LONGEST_LINE]


def _author(value: str) -> str:
    found = _AUTHOR.match(value)
    address: str = (found[1] or found[2]).casefold() if found else ""
    return address if address.isascii() else ""


def is_automatic(message: "Message[str, str]", subject: str) -> bool:
    """Whether a program has written it: it says so (RFC 3834 5), or its subject does."""
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    return said not in {"no", ""} or "X-Autoreply" in message or is_out_of_office(subject)


def is_out_of_office(subject: str) -> bool:
    """Whether a subject says that somebody is away (rule M-10)."""
    return bool(_OUT_OF_OFFICE.match(subject))


def _is_bulk(message: "Message[str, str]") -> bool:
    precedence = str(message.get("Precedence", "")).strip().lower()
    is_listed = any(name.lower().startswith("list-") for name in message.keys())  # noqa: SIM118 - no mapping
    return is_listed or precedence in {"bulk", "list", "junk", "auto_reply"}


def is_proved(author: str, fields: Iterable[tuple[str, object]], border: str) -> bool:
    """Whether our own border says that the author's domain has sent this: DMARC, or DKIM of that domain.

    The border is its name in Authentication-Results and, after a blank, how many Received lines our own servers write
    above its words; 0 unless given. What stands lower was written by others, whoever's name it bears (RFC 8601 5).
    """
    name, _, stations = border.partition(" ")
    domain = author.rpartition("@")[2]
    return any(_says_pass(one, domain) for one in _words_of(name.lower(), int(stations or 0), fields))


def _words_of(border: str, stations: int, fields: Iterable[tuple[str, object]]) -> Iterator[list[str]]:
    for name, value in fields:
        if name.lower() == "received":
            if not stations:
                return
            stations -= 1
        elif name.lower() == "authentication-results":
            who, *statements = _statements(str(value))
            if border and who.split()[:1] == [border]:
                yield statements


def _statements(value: str) -> list[str]:
    """What stands between semicolons, in lower case, without comments (RFC 8601 2.2); nothing if something is open.

    In quotation marks nothing is a sign of the grammar: blanks, semicolons and equals signs there become a mark.
    """
    plain: list[str] = []
    depth, is_quoted, is_escaped = 0, False, False
    for sign in value.lower():
        if is_escaped:
            is_escaped = False
            plain += "" if depth else "\0"
        elif sign == "\\" and (is_quoted or depth):
            is_escaped = True
        elif is_quoted:
            is_quoted = sign != '"'
            plain += "" if not is_quoted else "\0" if sign in " ;=\t\r\n" else sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            plain += " "
        elif not depth:
            is_quoted = sign == '"'
            plain += "" if is_quoted else sign
        if depth < 0:
            return [""]
    if depth or is_quoted:
        return [""]
    return re.sub(r"\s*([=/])\s*", r"\1", "".join(plain)).split(";")


def _says_pass(statements: list[str], domain: str) -> bool:
    for statement in statements:
        method, *properties = statement.split() or [""]
        if found := _PASS.match(method):
            wanted = ("header.from=",) if found[1] == "dmarc" else ("header.d=", "header.i=")
            if any(one.startswith(wanted) and is_aligned(one.rpartition("=")[2], domain) for one in properties):
                return True
    return False


def is_aligned(one: str, other: str) -> bool:
    """Whether two domains are of one house: the same, or one within the other, which has a dot at least.

    Narrower than RFC 7489 3.1, which needs a list of public suffixes: sisters are strangers here.
    """
    one, other = one.rpartition("@")[2].rstrip("."), other.rstrip(".")
    shorter, longer = sorted((one, other), key=len)
    return "." in shorter and (shorter == longer or longer.endswith("." + shorter))
