"""Two SMTP servers in threads of the test: one that takes every mail, and one that fails as it is told.

Both keep a ledger of what they stored, which is the only witness of what was delivered.
"""

import asyncio
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.process import ServiceError


@dataclass(frozen=True)
class Mail:
    """One mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    #: When it was stored, by the clock of this machine, and by one that never goes back (in seconds).
    at: datetime
    ticks: float
    #: The how-many-eth connection to this server brought it, from 1.
    connection: int

    @property
    def message(self) -> EmailMessage:
        """The mail, read."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID, or nothing."""
        return str(self.message.get("Message-ID", ""))


class Ledger:
    """The mails that a server stored, in order. Safe to read while more arrive."""

    def __init__(self) -> None:
        """Begin with none."""
        self._mails: list[Mail] = []
        self._changed = threading.Condition()

    def add(self, sender: str, recipients: list[str], content: bytes, connection: int) -> None:
        """Store one."""
        mail = Mail(sender, tuple(recipients), content, datetime.now(UTC), time.monotonic(), connection)
        with self._changed:
            self._mails.append(mail)
            self._changed.notify_all()

    @property
    def mails(self) -> list[Mail]:
        """All so far, oldest first."""
        with self._changed:
            return list(self._mails)

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        """How many copies of each message (Message-ID) each address got: one of each is right."""
        return Counter((mail.message_id, to) for mail in self.mails for to in mail.recipients)

    def wait_for(self, count: int, *, within: float = 10.0) -> list[Mail]:
        """Give all mails as soon as there are that many. Raises TimeoutError when they do not come."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._mails) >= count, within):
                raise TimeoutError(f"{len(self._mails)} of {count} mails after {within} s")
            return list(self._mails)

    def clear(self) -> None:
        """Forget them."""
        with self._changed:
            self._mails.clear()


class _Connection(SMTP):
    """A conversation that knows its number."""

    number = 0


class Sink(Ledger):
    """Takes every mail. A with block runs it on a free port of loopback."""

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
        size_limit: int = 33_554_432,
        smtputf8: bool = True,
    ) -> None:
        """Prepare it. Login: it wants that user and password. TLS from the first byte, or from STARTTLS on."""
        super().__init__()
        self._login = login
        self._tls = tls
        self._starttls = starttls
        self._options: dict[str, Any] = {"data_size_limit": size_limit, "enable_SMTPUTF8": smtputf8}
        self._connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp sink", daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """Its address as a setting (SMTP_URL), with user and password if it wants them."""
        scheme = "smtps" if self._tls and not self._starttls else "smtp"
        user = "{}:{}@".format(*self._login) if self._login else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}" + ("?starttls=1" if self._starttls else "")

    @property
    def connections(self) -> int:
        """How many connections it has had."""
        return self._connections

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=None if self._starttls else self._tls),
            self._loop,
        ).result(10)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Hang up on everybody and end."""

        async def end() -> None:
            self._server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: _Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a mail, if whoever sends it may."""
        del server
        if self._login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_DATA(self, server: _Connection, session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        """Store a mail."""
        del session
        if envelope.mail_from is None or not isinstance(envelope.original_content, bytes):
            raise ServiceError("a mail without sender or content")
        self.add(envelope.mail_from, envelope.rcpt_tos, envelope.original_content, server.number)
        return "250 2.0.0 stored"

    def _protocol(self) -> _Connection:
        self._connections += 1
        login: dict[str, Any] = {}
        if self._login:
            login = {"authenticator": self._knows, "auth_require_tls": False}
        server = _Connection(
            self,
            hostname="sink.example",
            loop=self._loop,
            tls_context=self._tls if self._starttls else None,
            require_starttls=self._starttls,
            **self._options,
            **login,
        )
        server.number = self._connections
        return server

    def _knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        del server, session, envelope, mechanism
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self._login, handled=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for 127.0.0.1: give a server's context, and the file of the authority to be believed."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return context, folder / "authority.pem"


class Stage(StrEnum):
    """Where in the conversation something happens: before the server's answer to this."""

    GREETING = "GREETING"
    EHLO = "EHLO"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    #: In the middle of the body.
    BODY = "BODY"
    #: The dot has come; the mail is not stored yet.
    DOT = "DOT"
    #: The mail is stored; nothing has been answered yet.
    STORED = "STORED"


CONNECTION_STAGES = frozenset({Stage.GREETING, Stage.EHLO, Stage.AUTH})


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and where. Made by refuse, drop, answer_late, hang and trickle."""

    stage: Stage
    kind: str
    answer: str = ""
    seconds: float = 0.0


def refuse(stage: Stage, answer: str = "451 4.3.0 try again later") -> Fault:
    """Answer with that line, 4xx or 5xx; at DOT the mail is not stored. After 421 the server hangs up."""
    return Fault(stage, "refuse", answer)


def drop(stage: Stage) -> Fault:
    """Hang up without an answer. At DOT the mail is lost, at STORED it has been taken."""
    return Fault(stage, "drop")


def answer_late(seconds: float, stage: Stage = Stage.STORED) -> Fault:
    """Answer rightly, but only after so long."""
    return Fault(stage, "late", seconds=seconds)


def hang(stage: Stage) -> Fault:
    """Never answer, and keep the connection until the client gives up or the server stops."""
    return Fault(stage, "hang")


def trickle(stage: Stage = Stage.GREETING, seconds: float = 1.0) -> Fault:
    """From there on, answer one byte every so many seconds."""
    return Fault(stage, "trickle", seconds=seconds)


@dataclass(frozen=True)
class Incident:
    """One fault that did happen, to whom."""

    fault: Fault
    connection: int
    sender: str
    recipients: tuple[str, ...]
    message_id: str


@dataclass
class _Conversation:
    """What the server knows in the middle of one connection."""

    link: socket.socket
    number: int
    fault: Fault | None
    #: None outside of a mail; empty in one that nobody sent, as bounces are.
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    content: bytes = b""
    seconds_per_byte: float = 0.0


class _HangUpError(Exception):
    """The conversation is over."""


class FaultySMTP(Ledger):
    """Fails as it is told, by connection, by message, or by recipient; otherwise takes the mail.

    Told of nothing it behaves well. Faults at GREETING, EHLO and AUTH are a connection's, all others a message's:

        server.next_connections(refuse(Stage.GREETING, "421 busy"), None)   # the first fails, the second is well
        server.next_messages(None, drop(Stage.STORED))                      # the second message
        server.for_recipient("gone@amt.example", refuse(Stage.RCPT, "550 5.1.1 unknown"))
        server.always(hang(Stage.DATA)); server.always(None)                # until told otherwise
    """

    def __init__(self, *, pipelining: bool = False, login: bool = False, dsn: bool = False) -> None:
        """Prepare it. Login: it offers AUTH and believes everybody, but for faults at AUTH. DSN: it offers reports."""
        super().__init__()
        #: What was said with MAIL and RCPT, in order.
        self.envelopes: list[str] = []
        self._extensions = ["SIZE 33554432", "8BITMIME", "SMTPUTF8"]
        self._extensions += ["PIPELINING"] * pipelining + ["AUTH PLAIN LOGIN"] * login + ["DSN"] * dsn
        self._lock = threading.Lock()
        self._of_connections: list[Fault | None] = []
        self._of_messages: list[Fault | None] = []
        self._of_recipients: dict[str, Fault] = {}
        self._always: Fault | None = None
        self._incidents: list[Incident] = []
        self._attempts: list[float] = []
        self._links: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self._connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Its address as a setting (SMTP_URL)."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections it has had."""
        return self._connections

    @property
    def incidents(self) -> list[Incident]:
        """The faults that did happen, in order."""
        with self._lock:
            return list(self._incidents)

    @property
    def logins(self) -> list[float]:
        """When somebody tried to log in, in seconds of a clock that never goes back."""
        with self._lock:
            return list(self._attempts)

    def next_connections(self, *faults: Fault | None) -> None:
        """Tell it how the next connections go, one each."""
        if any(fault and fault.stage not in CONNECTION_STAGES for fault in faults):
            raise ValueError("from MAIL on it is messages that fail: next_messages()")
        with self._lock:
            self._of_connections.extend(faults)

    def next_messages(self, *faults: Fault | None) -> None:
        """Tell it how the next messages go, one each, counted at MAIL FROM."""
        if any(fault and fault.stage in CONNECTION_STAGES for fault in faults):
            raise ValueError("before MAIL it is connections that fail: next_connections()")
        with self._lock:
            self._of_messages.extend(faults)

    def for_recipient(self, address: str, fault: Fault | None) -> None:
        """Tell it what happens to every message to that address, from RCPT on."""
        with self._lock:
            if fault is None:
                self._of_recipients.pop(address, None)
            else:
                self._of_recipients[address] = fault

    def always(self, fault: Fault | None) -> None:
        """Tell it what happens to everything of which nothing else was told."""
        with self._lock:
            self._always = fault

    def start(self) -> None:
        """Listen on a free port; started again, on the same one."""
        self._over.clear()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        self.port = self._listener.getsockname()[1]
        self._run(self._accept)

    def stop(self) -> None:
        """Hang up on everybody and refuse new connections. The ledger stays."""
        self._over.set()
        _cut(self._listener)
        self._listener.close()
        with self._lock:
            links = list(self._links)
        for link in links:
            _cut(link)
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, work: Callable[..., None], *words: object) -> None:
        thread = threading.Thread(target=work, args=words, name="faulty smtp", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._links.add(link)
                self._connections += 1
                fault = self._of_connections.pop(0) if self._of_connections else self._always
                conversation = _Conversation(link, self._connections, fault)
            self._run(self._converse, conversation)

    def _converse(self, now: _Conversation) -> None:
        try:
            with now.link, now.link.makefile("rb") as lines:
                if self._answer(now, Stage.GREETING, "220 faulty.example ready"):
                    while line := lines.readline():
                        self._obey(now, line.decode("utf-8", "replace").strip(), lines)
        except (OSError, _HangUpError):
            pass
        finally:
            with self._lock:
                self._links.discard(now.link)

    def _obey(self, now: _Conversation, command: str, lines: IO[bytes]) -> None:  # noqa: C901  # one case per command
        verb, _, rest = command.partition(" ")
        self.envelopes += [command] * (verb.upper() in {"MAIL", "RCPT"})
        match verb.upper():
            case "EHLO" | "HELO":
                words = ["faulty.example", *self._extensions] if verb.upper() == "EHLO" else ["faulty.example"]
                hello = "\r\n".join(f"250{'-' if n < len(words) else ' '}{word}" for n, word in enumerate(words, 1))
                self._answer(now, Stage.EHLO, hello)
            case "AUTH":
                self._log_in(now, rest, lines)
            case "MAIL":
                with self._lock:
                    now.fault = self._of_messages.pop(0) if self._of_messages else self._always
                now.sender, now.recipients, now.content = _address(rest), (), b""
                if not self._answer(now, Stage.MAIL, "250 2.1.0 ok"):
                    now.sender = None
            case "RCPT" if now.sender is not None:
                self._take_recipient(now, _address(rest))
            case "DATA" if now.recipients:
                if self._answer(now, Stage.DATA, "354 go on"):
                    self._take_content(now, lines)
                now.sender, now.recipients = None, ()
            case "RCPT" | "DATA":
                self._send(now, "503 5.5.1 not now")
            case "RSET":
                now.sender, now.recipients = None, ()
                self._send(now, "250 2.0.0 ok")
            case "NOOP":
                self._send(now, "250 2.0.0 ok")
            case "QUIT":
                self._send(now, "221 2.0.0 bye")
                raise _HangUpError
            case _:
                self._send(now, "502 5.5.1 unknown")

    def _log_in(self, now: _Conversation, words: str, lines: IO[bytes]) -> None:
        with self._lock:
            self._attempts.append(time.monotonic())
        mechanism, _, first = words.partition(" ")
        for prompt in ["334 VXNlcm5hbWU6"] * (not first) + ["334 UGFzc3dvcmQ6"] * (mechanism.upper() == "LOGIN"):
            self._send(now, prompt)
            lines.readline()
        self._answer(now, Stage.AUTH, "235 2.7.0 welcome")

    def _take_recipient(self, now: _Conversation, address: str) -> None:
        with self._lock:
            special = self._of_recipients.get(address)
        of_message = now.fault
        now.fault = special or of_message
        now.recipients += (address,)
        if not self._answer(now, Stage.RCPT, "250 2.1.5 ok"):
            now.recipients = now.recipients[:-1]
        if special and special.stage is Stage.RCPT:  # the next recipient is another matter
            now.fault = of_message

    def _take_content(self, now: _Conversation, lines: IO[bytes]) -> None:
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise _HangUpError
            if not now.content:
                self._answer(now, Stage.BODY, "")
            now.content += line.removeprefix(b".")
        if self._answer(now, Stage.DOT, ""):
            self.add(now.sender or "", list(now.recipients), now.content, now.number)
            self._answer(now, Stage.STORED, "250 2.0.0 stored")

    def _answer(self, now: _Conversation, stage: Stage, line: str) -> bool:
        """Answer rightly, or with the fault that is due here. Give whether the client heard that all is well."""
        fault = now.fault
        if fault is None or fault.stage is not stage:
            self._send(now, line)
            return True
        message_id = str(message_from_bytes(now.content, policy=policy.default).get("Message-ID", ""))
        with self._lock:
            self._incidents.append(Incident(fault, now.number, now.sender or "", now.recipients, message_id))
        if fault.kind == "refuse":
            self._send(now, fault.answer)
            if fault.answer.startswith("421"):
                raise _HangUpError
            return False
        if fault.kind == "drop":
            raise _HangUpError
        if fault.kind == "hang":
            self._wait(now, None)
            raise _HangUpError
        if fault.kind == "late":
            self._wait(now, fault.seconds)
        if fault.kind == "trickle":
            now.seconds_per_byte = fault.seconds
        self._send(now, line)
        return True

    def _send(self, now: _Conversation, line: str) -> None:
        if not line:
            return
        content = line.encode() + b"\r\n"
        if not now.seconds_per_byte:
            now.link.sendall(content)
            return
        for byte in content:
            self._wait(now, now.seconds_per_byte)
            now.link.sendall(bytes([byte]))

    def _wait(self, now: _Conversation, seconds: float | None) -> None:
        """Wait so long, or for ever; not longer than the server runs or the client stays."""
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            left = 0.1 if until is None else min(0.1, max(0.0, until - time.monotonic()))
            if self._over.wait(left) or _is_gone(now.link):
                raise _HangUpError


def _address(words: str) -> str:
    """Take the address out of FROM:<a@b> SIZE=1."""
    return words.partition("<")[2].partition(">")[0]


def _cut(link: socket.socket) -> None:
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


def _is_gone(link: socket.socket) -> bool:
    """Tell whether the client has hung up."""
    try:
        return link.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
