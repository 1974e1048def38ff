"""The mail carrier: the one seam with an interface. Two makes: SMTP, and keeping mail here."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import delete

from ..ground import clock
from ..ground.database import db, transaction
from .errors import DeliveryError, NotNow, Refused, ServerUnusable, Unanswered
from .models import KeptMail

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
#: Waiting short here makes uncertain mails; RFC 5321 4.5.3.2.6 recommends ten minutes.
FINAL_REPLY_SECONDS = 300.0

_OK = 250
_START_BODY = 354
_SERVICE_CLOSING = frozenset({421, 432})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class Carrier(Protocol):
    """Takes finished mails one at a time, over a connection that is kept until close()."""

    def send(self, number: int, *, sender: str, to: str, content: bytes) -> str:
        """Hand over one mail to one receiver; returns the server's words.

        Raises Refused, NotNow, Unanswered or ServerUnusable.
        """

    def close(self) -> None:
        """Hang up politely. The next send() connects anew."""


class KeepingCarrier:
    """Keeps each mail as a row, to be looked at. Nothing leaves the machine."""

    def send(self, number: int, *, sender: str, to: str, content: bytes) -> str:
        """Keep the mail; the same number again replaces it."""
        del sender, to
        with transaction():
            db.session.execute(delete(KeptMail).where(KeptMail.message_id == number))
            db.session.add(KeptMail(message_id=number, kept_at=clock.now(), content=content))
        return "kept here"

    def close(self) -> None:
        """Nothing to hang up."""


class SMTPCarrier:
    """Hands mails to a mail server over one kept connection, one receiver per SMTP transaction."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._wants_starttls = parse_qs(parts.query).get("starttls") == ["1"]
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or (465 if self._is_tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, number: int, *, sender: str, to: str, content: bytes) -> str:
        """Hand over one mail. A broken connection is an Unanswered only once the body had begun to leave."""
        return self._hand_over(self._ready(number, sender, to), content)

    def close(self) -> None:
        """Say QUIT if the server still listens."""
        if self._server:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._drop()

    def _ready(self, number: int, sender: str, to: str) -> smtplib.SMTP:
        """Connected, and asked for a body. Of a kept connection the server may have had enough: then over a new one."""
        was_kept = self._server is not None
        try:
            server = self._server or self._greeted()
            self._announce(server, _commands(server, number, sender, to))
        except DeliveryError:
            raise
        except Exception as error:  # whatever it is, such as a password that is not ASCII: no body has begun
            self._drop()
            if was_kept and _has_hung_up(error):
                return self._ready(number, sender, to)
            raise ServerUnusable(_words_of(error)) from error
        return server

    def _greeted(self) -> smtplib.SMTP:
        server: smtplib.SMTP = (
            smtplib.SMTP_SSL(timeout=CONNECT_SECONDS, context=ssl.create_default_context())
            if self._is_tls
            else smtplib.SMTP(timeout=CONNECT_SECONDS)
        )
        vars(server)["_host"] = (
            self._host
        )  # smtplib checks certificates against it, but sets it only when it connects at once
        self._server = server
        code, words = server.connect(self._host, self._port)
        if code != 220:  # noqa: PLR2004 - the greeting of RFC 5321 4.3.1
            raise smtplib.SMTPConnectError(code, words)
        self._wait_for(server, COMMAND_SECONDS)
        server.ehlo_or_helo_if_needed()
        if self._wants_starttls:
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        if self._user:
            server.login(self._user, self._password)
        return server

    def _announce(self, server: smtplib.SMTP, commands: Sequence[str]) -> None:
        """MAIL, RCPT and DATA: in one go where the server takes that (RFC 2920), else one by one."""
        if server.has_extn("pipelining"):
            server.send("".join(f"{command}\r\n" for command in commands))
            replies = self._replies(server, len(commands))
            if replies[-1][0] == _START_BODY and replies[1][0] not in {_OK, 251}:
                server.send(".\r\n")  # no receiver was taken, so an empty body ends the transaction
                server.getreply()
        else:
            replies = []
            for command in commands:
                replies.append(server.docmd(command))
                if replies[-1][0] not in {_OK, 251, _START_BODY}:
                    break
        self._judge(server, replies)

    @staticmethod
    def _replies(server: smtplib.SMTP, count: int) -> list[tuple[int, bytes]]:
        """The answers to several commands; fewer if the server says that it hangs up."""
        replies: list[tuple[int, bytes]] = []
        while len(replies) < count and not (replies and replies[-1][0] in _SERVICE_CLOSING):
            replies.append(server.getreply())
        return replies

    def _judge(self, server: smtplib.SMTP, replies: list[tuple[int, bytes]]) -> None:
        """Sort the answers: to MAIL it is about us, to RCPT and DATA about the mail (guarantee G11)."""
        for position, (code, words) in enumerate(replies):
            if code in {_OK, 251, _START_BODY}:
                continue
            if position == 0:
                raise smtplib.SMTPResponseException(code, words)
            self._drop() if code in _SERVICE_CLOSING else self._start_over(server)
            raise _refusal(code, words)

    def _hand_over(self, server: smtplib.SMTP, content: bytes) -> str:
        self._wait_for(server, FINAL_REPLY_SECONDS)
        try:
            server.send(_dot_stuffed(content))
            code, words = server.getreply()
        except Exception as error:
            self._drop()
            raise Unanswered(_words_of(error)) from error
        if code == -1:
            self._drop()
            raise Unanswered("the connection broke before the answer")
        self._wait_for(server, COMMAND_SECONDS)
        if code != _OK:
            raise _refusal(code, words)
        return _as_text(code, words)

    def _start_over(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    @staticmethod
    def _wait_for(server: smtplib.SMTP, seconds: float) -> None:
        if server.sock:
            server.sock.settimeout(seconds)


def _commands(server: smtplib.SMTP, number: int, sender: str, to: str) -> list[str]:
    """MAIL, RCPT and DATA. Where the server can, it is asked for reports (rule M-14, RFC 3461).

    Of failures and delays, with the headers alone, under the row's number; of mails without a sender none.
    """
    if sender and server.has_extn("dsn"):
        return [f"MAIL FROM:<{sender}> RET=HDRS ENVID={number}", f"RCPT TO:<{to}> NOTIFY=FAILURE,DELAY", "DATA"]
    return [f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA"]


def _refusal(code: int, words: bytes) -> Refused | NotNow:
    text = _as_text(code, words)
    return Refused(text) if code >= 500 else NotNow(text)  # noqa: PLR2004 - 5yz is for good (RFC 5321 4.2.1)


def _has_hung_up(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code in _SERVICE_CLOSING
    is_silent = isinstance(error.__context__, TimeoutError)  # smtplib calls that disconnected too
    return isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError) and not is_silent


def _dot_stuffed(content: bytes) -> bytes:
    """The body as it goes over the wire (RFC 5321 4.5.2); ours has CRLF line ends already."""
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _as_text(code: int, words: bytes) -> str:
    return _CONTROLS.sub(" ", f"{code} {words.decode('utf-8', 'replace')}")[:500]


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _as_text(error.smtp_code, words if isinstance(words, bytes) else words.encode())
    return _CONTROLS.sub(" ", f"{type(error).__name__}: {error}")[:500]


def carrier_for(smtp_url: str) -> Carrier:
    """The carrier that the settings ask for."""
    return SMTPCarrier(smtp_url) if smtp_url else KeepingCarrier()
