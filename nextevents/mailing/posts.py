"""Mails to lists, read: what their authors say, what is attached, and why some are never passed on (M-18 to M-20).

Nothing in here raises. Whatever an author's program wrote into the headers stays behind, but for what makes threads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from html import unescape
from itertools import islice

import nh3

from .inbound import Letter, Unreadable, opened, read_headers, readable

LARGEST = 10 * 1024 * 1024
MOST_PARTS = 100
MOST_FILES = 20
LONGEST_TEXT = 100_000
MOST_REFERENCES = 20

_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,240}@[\x21-\x3b\x3d\x3f-\x7e]{1,240}>", re.ASCII)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_LONG_GAPS = re.compile(r"\n{3,}")
#: Signs that cannot be seen, turn lines around, or stand for places in our forms.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff\ud800-\udfff]"
)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SIGNED_HEADERS = (b"content-type", b"content-transfer-encoding", b"content-description", b"content-disposition")


@dataclass(frozen=True)
class Attached:
    """A file in a mail."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Written:
    """A mail to a list, as it was read."""

    letter: Letter
    author_name: str = ""
    #: In angle brackets; empty if it has none.
    message_id: str = ""
    references: tuple[str, ...] = ()
    #: The lists whose mail this was already.
    list_ids: frozenset[str] = frozenset()
    text: str = ""
    files: tuple[Attached, ...] = ()
    #: The whole body with its own headers, byte for byte, if the author has signed or encrypted it.
    entity: bytes | None = field(default=None, repr=False)


def read_post(content: bytes, *, border: str) -> Written:
    """Read a mail to a list. What cannot be read has a problem in its letter."""
    try:
        message = opened(content, longest=LARGEST)
        return _read(message, content, border)
    except Unreadable as problem:
        return Written(Letter(problem=str(problem)))
    except Exception as error:  # noqa: BLE001 - whatever somebody sends, the next mail must be read too
        return Written(Letter(problem=f"unreadable: {type(error).__name__}"))


def _read(message: "Message[str, str]", content: bytes, border: str) -> Written:
    letter = read_headers(message, border)
    parts = list(islice(_leaves(message), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        return Written(Letter(problem="too many parts"))
    is_sealed = _is_sealed(message)
    files = [] if is_sealed else [one for part in parts if (one := _attached(part))]
    if len(files) > MOST_FILES:
        return Written(Letter(problem="too many parts"))
    return Written(
        letter=letter,
        author_name=_name_in(letter.shown_author),
        message_id=next(iter(_ids(message, "Message-ID")), ""),
        references=tuple(_ids(message, "References", "In-Reply-To")[-MOST_REFERENCES:]),
        list_ids=frozenset(str(one).rpartition("<")[2].strip(" >").lower() for one in message.get_all("List-Id", [])),
        text=_text_of(parts),
        files=tuple(files),
        entity=_entity(content) if is_sealed else None,
    )


def _leaves(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The bodies and files, but not those of mails within the mail."""
    if message.get_content_maintype() == "multipart":
        for one in message.get_payload() if message.is_multipart() else ():
            if isinstance(one, Message):
                yield from _leaves(one)
    elif not message.is_multipart():
        yield message


def _is_sealed(message: "Message[str, str]") -> bool:
    """Signed or encrypted by its author: a change would break the seal (RFC 1847, RFC 8551)."""
    kind = message.get_content_type()
    return kind in {"multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}


def _ids(message: "Message[str, str]", *names: str) -> list[str]:
    values = " ".join(str(value) for name in names for value in message.get_all(name, []))
    return list(dict.fromkeys(_MESSAGE_ID.findall(values)))


def _name_in(shown: str) -> str:
    name = shown.rpartition("<")[0].strip().strip('"').strip()
    return plain(name)[:100] if "@" not in name else ""


def plain(text: str) -> str:
    """A text without signs that cannot be seen, turn lines around, or mean something to our forms."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _attached(part: "Message[str, str]") -> Attached | None:
    name = plain(readable(part.get_filename() or ""))
    is_meant = name or part.get_content_disposition() == "attachment" or part.get_content_maintype() != "text"
    if not is_meant:
        return None
    content = part.get_payload(decode=True)
    return Attached(name or "anhang", content if isinstance(content, bytes) else b"")


def _text_of(parts: list["Message[str, str]"]) -> str:
    """The plain text; made of the HTML where there is none."""
    bodies = [one for one in parts if one.get_content_maintype() == "text" and not _attached(one)]
    written = [_decoded(one) for one in bodies if one.get_content_type() == "text/plain"]
    text = "\n\n".join(one for one in written if one.strip())
    if not text:
        text = next((_out_of_html(_decoded(one)) for one in bodies if one.get_content_type() == "text/html"), "")
    return _LONG_GAPS.sub("\n\n", plain(text)).strip()[:LONGEST_TEXT]


def _decoded(part: "Message[str, str]") -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    for charset in (str(part.get_content_charset() or "utf-8"), "utf-8", "cp1252"):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return content.decode("ascii", "replace")


def _out_of_html(html: str) -> str:
    """The words of a page, in lines; nothing of it is kept as markup."""
    shown = _BREAKS.sub("\n", _HIDDEN.sub("", html[: 5 * LONGEST_TEXT]))
    lines = unescape(nh3.clean(shown, tags=set())).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines)


def _entity(content: bytes) -> bytes:
    """The headers that belong to the body, as they were written, and the body."""
    head, _, _ = content.partition(b"\r\n\r\n") if b"\r\n\r\n" in content else content.partition(b"\n\n")
    head_end = _HEAD_END.search(content)
    body = content[head_end.end() :] if head_end else b""
    fields = re.split(rb"\r?\n(?![ \t])", head)
    kept = [one for one in fields if one.partition(b":")[0].strip().lower() in _SIGNED_HEADERS]
    return b"\r\n".join(kept) + b"\r\n\r\n" + body
