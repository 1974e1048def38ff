r"""Mails with places to fill in: written once, filled in for each receiver when sending.

A place is written «\ue000name\ue001» with two private-use characters that nobody can type (ground.text refuses
them). Places are found once, in the form; what is filled in is never looked at again, so a name like
"{{7*7}}" stays a name. In HTML, values are escaped; in calendars they stand as they are and must be finished lines.

Mails of lists have three places that nobody fills in: two addresses and "reading_token" are worked out when
printing (addresses.py), and so are the two headers by which mail programs offer to leave (RFC 8058).
"""

import json
import re
import secrets
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import SMTP
from email.utils import format_datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any

from markupsafe import escape

from .errors import UnfillableForm
from .models import Form, Stream

_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")
#: Where a part's body will stand; a number that nobody can write into a subject.
_PART = f"@@{secrets.token_hex(8)}@@"
_TO, _DATE, _ID = "to@place.invalid", "Thu, 01 Jan 1970 00:00:00 +0000", "<id@place.invalid>"
#: Where the headers for leaving a list will stand.
_LEAVING = f"@@{secrets.token_hex(8)}@@"
#: What else the mails of each stream say of themselves (rule 2.3).
_OF_STREAM = {
    Stream.TRANSACTIONAL: {"Auto-Submitted": "auto-generated"},
    Stream.NEWSLETTER: {"Auto-Submitted": "auto-generated", "Precedence": "bulk"},
    Stream.LIST: {"Precedence": "list"},
}
_OF_THREAD, _FOLD = ("In-Reply-To", "References"), "\r\n "
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE = 76
_HEADER_VALUE = re.compile(r"[\x21-\x7e]+\Z")


def place(name: str) -> str:
    """Where a receiver's value will stand."""
    return f"{_OPEN}{name}{_CLOSE}"


@dataclass(frozen=True, kw_only=True)
class FormDraft:
    """A form before it is stored. Texts are finished but for their places."""

    language: str
    subject: str
    text: str
    html: str
    calendar: str | None = None
    calendar_method: str | None = None
    stream: Stream = Stream.TRANSACTIONAL
    #: Headers in place of those that every mail has, or beside them. Of List-Unsubscribe, the address for mails.
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: A finished MIME entity in place of the bodies: what its author has signed stays untouched (rule M-18).
    entity: bytes | None = None

    @cached_property
    def key(self) -> str:
        """The fingerprint under which the form is stored once."""
        parts = [self.language, self.subject, self.text, self.html, self.calendar or "", self.calendar_method or ""]
        if self.stream != Stream.TRANSACTIONAL or self.headers or self.entity:
            parts += [self.stream, json.dumps(sorted(self.headers.items())), sha256(self.entity or b"").hexdigest()]
        return sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Sender:
    """Who mails come from."""

    address: str
    name: str
    bounces: str


class Press:
    """A form made ready to print one mail per receiver, in microseconds."""

    def __init__(self, form: Form | FormDraft, sender: Sender) -> None:
        headers = _headers(form, sender)
        #: The domain that mails of this form come from.
        self.domain: str = headers["From"].addresses[0].domain
        self._leave_by_mail = form.headers.get("List-Unsubscribe", "")
        self._thread = _thread(form.headers)
        self._bodies: list[Callable[[Mapping[str, Any]], str]] = []
        if form.entity is not None:
            self._head, self._between = _around_entity(headers, form.entity)
            return
        self._bodies = [_fill_in(_with_crlf(form.text), _in_text), _fill_in(_with_crlf(form.html), _in_html)]
        if form.calendar:
            self._bodies += 2 * [_fill_in(_with_crlf(form.calendar), _in_text)]
        self._head, *self._between = _skeleton(form, headers).split(_PART.encode())

    def print(
        self,
        *,
        to: str,
        message_id: str,
        date: datetime,
        values: Mapping[str, Any],
        links: Mapping[str, str] | None = None,
    ) -> bytes:
        """The finished mail: the same bytes each time for the same values.

        Links are what addresses.links_of() gives for a mail of a list. Raises UnfillableForm if a value is missing or
        an address could not stand in a header.
        """
        filled = {**values, **links} if links else values
        try:
            parts = [_encoded(body(filled)) for body in self._bodies]
        except KeyError as missing:
            raise UnfillableForm(f"no value for {missing}") from missing
        head = self._addressed(self._head, to, message_id, date)
        head = self._thread + _answered_to(filled.get("reply_to", "")) + head.replace(*self._leaving(filled))
        if not parts:
            return head + b"".join(self._between)
        return head + b"".join(piece for pair in zip(parts, self._between, strict=True) for piece in pair)

    def _leaving(self, values: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """The mark, and what stands in its place: https first, then by mail (RFC 8058 3.1, RFC 2369 3.2)."""
        mark = f"List-Unsubscribe: {_LEAVING}\r\n".encode()
        if not (url := values.get("unsubscribe_url")):
            return mark, b""
        ways = f"<{url}>"
        if self._leave_by_mail:
            ways += f",\r\n <mailto:{self._leave_by_mail}?subject={values.get('unsubscribe_token', 'unsubscribe')}>"
        return mark, (
            f"List-Unsubscribe: {ways}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode("ascii")
        )

    @staticmethod
    def _addressed(head: bytes, to: str, message_id: str, date: datetime) -> bytes:
        if not (_HEADER_VALUE.match(to) and _HEADER_VALUE.match(message_id)):
            raise UnfillableForm("an address holds characters that no header may hold")
        head = head.replace(_TO.encode(), to.encode(), 1)
        head = head.replace(_ID.encode(), message_id.encode(), 1)
        return head.replace(_DATE.encode(), format_datetime(date).encode(), 1)


def _thread(headers: Mapping[str, str]) -> bytes:
    """What puts a mail into its thread, an identity a line: the email package would encode the longer ones."""
    lines = b""
    for name in _OF_THREAD:
        if identities := headers.get(name, "").split():
            if not all(map(_HEADER_VALUE.match, identities)):
                raise ValueError("an identity holds characters that no header may hold")
            lines += f"{name}: {_FOLD.join(identities)}\r\n".encode()
    return lines


def _answered_to(address: str) -> bytes:
    """The header that lets one receiver answer somebody else than us; nothing without an address."""
    if address and not _HEADER_VALUE.match(address):
        raise UnfillableForm("an address holds characters that no header may hold")
    return f"Reply-To: {address}\r\n".encode() if address else b""


def _with_crlf(text: str) -> str:
    """With the line ends that mail wants."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _in_text(value: object) -> str:
    return _with_crlf(str(value))


def _in_html(value: object) -> str:
    return _with_crlf(str(escape(value)))


def _fill_in(form: str, as_text: Callable[[object], str]) -> Callable[[Mapping[str, Any]], str]:
    pieces = _PLACE.split(form)
    texts, names = pieces[::2], pieces[1::2]

    def filled(values: Mapping[str, Any]) -> str:
        shown = [as_text(values[name]) for name in names]
        return "".join(piece for pair in zip(texts, [*shown, ""], strict=True) for piece in pair)

    return filled


def read_by(form: FormDraft, values: Mapping[str, Any]) -> tuple[str, str]:
    """Text and HTML as the receiver with these values reads them. Raises KeyError if one is missing."""
    return _fill_in(form.text, str)(values), _fill_in(form.html, lambda value: str(escape(value)))(values)


def _encoded(text: str) -> bytes:
    """Base64 in lines of 76 characters."""
    encoded = b2a_base64(text.encode(), newline=False)
    whole = len(encoded) // _LINE
    lines, rest = _lines(whole).unpack_from(encoded), encoded[whole * _LINE :]
    return b"\r\n".join([*lines, rest, b""] if rest else [*lines, b""])


@lru_cache(maxsize=256)
def _lines(count: int) -> Struct:
    """Takes so many lines off the front: a sixth of the time that a pattern needs."""
    return Struct(count * f"{_LINE}s")


def _skeleton(form: Form | FormDraft, headers: EmailMessage) -> bytes:
    """The mail's tree of parts (rule 1.2 of calendar mail) with a mark in place of each body."""
    alternative = MIMEMultipart("alternative", policy=SMTP)
    for part in ("plain", "html"):
        alternative.attach(_part("text", part, charset="utf-8"))
    if not form.calendar:
        return _with_headers(alternative, form, headers)
    alternative.attach(_part("text", "calendar", charset="utf-8", method=form.calendar_method))
    mixed = MIMEMultipart("mixed", policy=SMTP)
    mixed.attach(alternative)
    attachment = _part("application", "ics", name=_file_name(form))
    attachment["Content-Disposition"] = f'attachment; filename="{_file_name(form)}"'
    mixed.attach(attachment)
    return _with_headers(mixed, form, headers)


def _file_name(form: Form | FormDraft) -> str:
    if form.calendar_method == "DECLINECOUNTER":
        return "antwort.ics" if form.language == "de" else "answer.ics"
    is_cancelled = form.calendar_method == "CANCEL"
    if form.language == "de":
        return "absage.ics" if is_cancelled else "termin.ics"
    return "cancellation.ics" if is_cancelled else "event.ics"


def _part(major: str, minor: str, **parameters: str | None) -> MIMENonMultipart:
    part = MIMENonMultipart(major, minor, policy=SMTP, **parameters)
    del part["MIME-Version"]
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(_PART)
    return part


def _headers(form: Form | FormDraft, sender: Sender) -> EmailMessage:
    """Headers are built by the email package only, which refuses line breaks (bad inputs 4 and 23)."""
    given = {
        "From": Address(sender.name, addr_spec=sender.address),
        "To": _TO,
        "Date": _DATE,
        "Message-ID": _ID,
        "Subject": form.subject,  # behind those, which are looked for from the top
        **_OF_STREAM[form.stream],
        "X-Auto-Response-Suppress": "OOF" if form.calendar else "OOF, AutoReply",
        "Content-Language": form.language,
        **form.headers,
    }
    for name in ("List-Unsubscribe", *_OF_THREAD):
        given.pop(name, None)
    if form.stream != Stream.TRANSACTIONAL:
        given["List-Unsubscribe"] = _LEAVING
    headers = EmailMessage(policy=SMTP)
    for name, value in given.items():
        headers[name] = value
    return headers


def _around_entity(headers: EmailMessage, entity: bytes) -> tuple[bytes, list[bytes]]:
    """Headers, and a finished entity with its own; a lone line feed could end the mail too early."""
    head = b"".join(SMTP.fold_binary(name, value) for name, value in headers.items())
    return head + b"MIME-Version: 1.0\r\n", [_LINE_END.sub(b"\r\n", entity)]


def _with_headers(tree: MIMEMultipart, form: Form | FormDraft, headers: EmailMessage) -> bytes:
    for name, value in headers.items():
        tree[name] = value
    tree.set_boundary(f"=_next_{sha256(form.subject.encode()).hexdigest()[:24]}")
    for depth, part in enumerate(tree.walk()):
        if part.is_multipart() and depth:
            part.set_boundary(f"=_next_{sha256(form.text.encode()).hexdigest()[:24]}")
    return tree.as_bytes(policy=SMTP)
