"""Reports about mails of ours, read as far as they say something (rules M-08 to M-13, bad inputs 71 and 75).

Whom a report concerns is not read here: that is said by the signed address to which it came. Only a complaint, which
comes to one address for all, brings the proof along: our own return path or link in the mail that it encloses.

Nothing in here raises. First the report is read as RFC 3464 has it, by the standard library; then by flufl.bounce,
which knows how systems write it that do not keep to that; then by the words that stand in it.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from itertools import islice

from flufl.bounce import all_failures

from .inbound import MOST_PARTS, Unreadable, is_automatic, is_out_of_office, opened, readable
from .models import BounceKind

#: Longer reports are read by RFC 3464 alone: they enclose our mail, and nobody else's words are looked for in it.
LONGEST_WORDS = 100_000

_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.10"})
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
#: A status in words: after an SMTP code, or marked as Exchange does.
_STATUS_IN_WORDS = re.compile(r"(?:\b[45]\d\d[ -]+|#)([45]\.\d{1,3}\.\d{1,3})\b")
_FAILURE = re.compile(
    r"unzustellbar|nicht zugestellt|zustellung.{0,20}fehlgeschlagen|konnte nicht.{0,20}zugestellt|unzustellbarkeit|"
    r"undeliver|delivery (?:status notification|failure|has failed)|mail delivery|returned mail|failure notice|"
    r"could not be delivered|nondeliverable",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?:original-mail-from|return-path):", re.IGNORECASE)
_LINK = re.compile(r"/verteiler/abmelden/([\w=-]{32})")
_ADDRESS = re.compile(r"[^\s<>,;:\"]+\+[a-z2-7]{30,48}@[\w.-]+", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """What a report says."""

    kind: BounceKind
    #: Such as "5.1.1"; empty if it names none.
    status: str = ""
    #: The other system's words, in one line.
    words: str = ""
    #: Of a complaint: what stands in the enclosed mail where our signed return path and our signed links stand.
    paths: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def kind_of(status: str) -> BounceKind:
    """What a status of RFC 3463 means for whoever should have got the mail (rule M-11)."""
    family, _, detail = status.partition(".")
    if status in _DEAD:
        return BounceKind.DEAD
    if detail.startswith("7."):
        return BounceKind.OURS if family == "5" else BounceKind.SLOW
    if family == "4" or status == "5.2.2":
        return BounceKind.SOFT
    return BounceKind.UNKNOWN


def refusal(words: str) -> Report:
    """What a server says that refuses a mail while we hand it over, as if it came back."""
    status = _status_in(words)
    return Report(kind_of(status), status, words)


def read_report(content: bytes) -> Report | None:
    """What a mail reports; None if it is no report of a failure: out of office, a receipt, a letter."""
    try:
        message = opened(content)
        return _read(message, len(content))
    except Unreadable:
        return None
    except Exception:  # noqa: BLE001 - whatever somebody sends, the next mail must be read too
        return None


def _read(message: "Message[str, str]", size: int) -> Report | None:
    kind = str(message.get_param("report-type") or "").lower()
    if kind == "disposition-notification":
        return None
    if kind == "feedback-report":
        return _complaint(message)
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            return _of_standard(part)
    if is_out_of_office(readable(message.get("Subject", ""))):
        return None
    return _of_other_kinds(message) if size <= LONGEST_WORDS else None


def _parts(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    return islice(message.walk(), 2 * MOST_PARTS)


def _of_standard(part: "Message[str, str]") -> Report | None:
    """RFC 3464: a group about the mail, and one for each receiver; ours have one. Action says only that it failed."""
    groups = [one for one in part.get_payload() if isinstance(one, Message)] if part.is_multipart() else []
    failed = [one for one in groups if _action(one) == "failed"]
    concerned = failed or [one for one in groups if _action(one) == "delayed"]
    status = next((found[0] for one in concerned if (found := _STATUS.search(str(one.get("Status", ""))))), "")
    words = next((readable(one["Diagnostic-Code"]) for one in concerned if "Diagnostic-Code" in one), "")
    if status.endswith(".0.0") or not status:
        status = _status_in(words) or status
    return Report(kind_of(status), status, words) if failed else _of_delay(status, words)


def _of_delay(status: str, words: str) -> Report | None:
    """Whoever only waits goes on trying, and says so if it fails; just that mail comes too fast is of use now."""
    kind = kind_of(status)
    return Report(kind, status, words) if kind == BounceKind.SLOW else None


def _action(group: "Message[str, str]") -> str:
    return str(group.get("Action", "")).strip().lower()


def _status_in(words: str) -> str:
    found = _STATUS_IN_WORDS.search(words)
    return found[1] if found else ""


def _of_other_kinds(message: "Message[str, str]") -> Report | None:
    temporary, permanent = _by_flufl(message)
    subject, text = readable(message.get("Subject", "")), _text_of(message)
    names_failure = bool(_FAILURE.search(subject) or _FAILURE.search(text))
    if not (temporary or permanent) and (not names_failure or not _is_of_machine(message, subject)):
        return None
    status = _status_in(text)
    line = readable(next((one for one in text.splitlines() if status and status in one), subject))
    if temporary and not permanent and not status.startswith("5."):
        return _of_delay(status, line)
    return Report(kind_of(status) if status else BounceKind.UNKNOWN, status, line)


def _by_flufl(message: "Message[str, str]") -> tuple[bool, bool]:
    """Whether it finds failures that may pass, and such that stay; which address it names does not matter."""
    with suppress(Exception):
        temporary, permanent = all_failures(message)
        return bool(temporary), bool(permanent)
    return False, False


def _is_of_machine(message: "Message[str, str]", subject: str) -> bool:
    author = readable(message.get("From", "")).lower()
    return "mailer-daemon" in author or "postmaster" in author or is_automatic(message, subject)


def _text_of(message: "Message[str, str]") -> str:
    for part in _parts(message):
        if part.get_content_type() == "text/plain" and not part.is_multipart():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content.decode("utf-8", "replace")
    return ""


def _complaint(message: "Message[str, str]") -> Report | None:
    """RFC 5965: what was said about the mail, and the mail itself or its headers."""
    said, enclosed = "", ""
    for part in _parts(message):
        if part.get_content_type() == "message/feedback-report":
            said = _words_in(part)
        elif part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            enclosed = enclosed or _words_in(part)
    if re.search(r"^feedback-type:\s*not-spam", said, re.IGNORECASE | re.MULTILINE):
        return None
    head = enclosed.replace("\r\n", "\n").partition("\n\n")[0]
    unfolded = re.sub(r"\n[ \t]+", " ", head)
    of_path = [
        one
        for one in f"{said}\n{unfolded}".splitlines()
        if re.match(r"original-mail-from|return-path", one, re.IGNORECASE)
    ]
    of_leaving = [one for one in unfolded.splitlines() if one.lower().startswith("list-unsubscribe:")]
    return Report(
        BounceKind.COMPLAINT,
        words=readable(next((one for one in said.splitlines() if one.lower().startswith("feedback-type")), "")),
        paths=tuple(found for one in of_path for found in _ADDRESS.findall(one)),
        links=tuple(found for one in of_leaving for found in _LINK.findall(one)),
    )


def _words_in(part: "Message[str, str]") -> str:
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content.decode("utf-8", "replace")
    return "\n".join(str(one) for one in part.get_payload()) if part.is_multipart() else str(part.get_payload())
