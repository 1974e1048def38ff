"""A load generator: many visitors at once, in one thread, over sockets of its own.

A visitor is a generator that yields the bytes of a request and gets the answer. Visitors bring no library with them, so
that on a machine which client and server share little is taken from the server; `Load.effort` says how much.
"""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

PIECE = 262_144
#: Seconds after which a visitor goes away, as browsers and proxies do.
PATIENCE = 60.0
#: An answer that never came or broke off.
NOTHING = 0

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; status 0 if it said nothing that can be read."""

    status: int
    head: bytes = b""
    body: bytes = b""

    def headers(self, name: str) -> list[str]:
        """The values of a header, in order."""
        found = re.findall(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return [value.decode("latin-1") for value in found]


Visitor = Generator[bytes, Answer, None]


@dataclass
class Load:
    """What came of a run."""

    #: From the first request to the last answer.
    seconds: float = 0.0
    #: How long each request took.
    waits: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    #: The share of one core that the load generator itself took.
    effort: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: int) -> float:
        """The wait, in seconds, that so many of a hundred requests did not exceed."""
        return percentile(self.waits, share)


def percentile(values: Iterable[float], share: int) -> float:
    """The value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0.0


def drive(port: int, visitors: Iterable[Visitor], *, at_once: int) -> Load:
    """Let visitors come, so many at once, each as soon as one has gone, until nobody comes any more."""
    crowd = _Crowd(port, iter(visitors), at_once)
    began, began_work = time.perf_counter(), time.process_time()
    crowd.run()
    crowd.load.seconds = time.perf_counter() - began
    crowd.load.effort = (time.process_time() - began_work) / crowd.load.seconds
    return crowd.load


def repeat(request: bytes, *, seconds: float) -> Visitor:
    """Somebody who asks for the same thing again and again."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        if (yield request).status == NOTHING:
            return


def press(port: int, request: bytes, *, at_once: int, seconds: float) -> Load:
    """Ask for the same thing over so many connections for so long."""
    return drive(port, [repeat(request, seconds=seconds) for _ in range(at_once)], at_once=at_once)


def times(request: bytes, count: int) -> list[Visitor]:
    """So many people who ask for the same thing once."""

    def once() -> Visitor:
        yield request

    return [once() for _ in range(count)]


def fetch(port: int, request: bytes) -> Answer:
    """One answer."""
    answers: list[Answer] = []

    def once() -> Visitor:
        answers.append((yield request))

    drive(port, [once()], at_once=1)
    return answers[0]


def get(port: int, path: str, **headers: str) -> bytes:
    """The bytes of a GET. Underscores in a header's name become hyphens."""
    return _request("GET", port, path, headers)


def post(port: int, path: str, form: bytes, **headers: str) -> bytes:
    """The bytes of a POST of a form."""
    typed = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": str(len(form))}
    return _request("POST", port, path, typed | headers) + form


def _request(method: str, port: int, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


class _Talk:
    """One visitor's connection and what has come over it."""

    __slots__ = ("began", "head_end", "length", "link", "received", "visitor")

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.link: socket.socket | None = None
        self.received = b""
        self.began = 0.0
        self.head_end = self.length = -1

    def is_complete(self) -> bool:
        """Whether the whole answer is there, as far as its length was announced."""
        if self.head_end < 0:
            self.head_end = self.received.find(b"\r\n\r\n")
            if self.head_end < 0:
                return False
            found = _LENGTH.search(self.received, 0, self.head_end + 2)
            has_body = self.received[9:12] != b"304"
            self.length = int(found[1]) if found and has_body else -1 if has_body else 0
        return self.length >= 0 and len(self.received) >= self.head_end + 4 + self.length

    def answer(self) -> Answer:
        """What was received, read."""
        if self.head_end < 0 or len(self.received) < self.head_end + 4 + max(self.length, 0):
            return Answer(NOTHING)
        head, body = self.received[: self.head_end + 2], self.received[self.head_end + 4 :]
        return Answer(int(head[9:12]), head, body)


class _Crowd:
    """The visitors who are here, and those still to come."""

    def __init__(self, port: int, coming: Iterator[Visitor], at_once: int) -> None:
        self._address = ("127.0.0.1", port)
        self._coming = coming
        self._free = at_once
        self._selector = selectors.DefaultSelector()
        self._looked_at = time.perf_counter()
        self.load = Load()

    def run(self) -> None:
        """Serve everybody until all are gone."""
        with self._selector:
            self._let_in()
            while self._selector.get_map():
                for key, _ in self._selector.select(1.0):
                    self._read(key.data)
                self._send_the_impatient_away()

    def _let_in(self) -> None:
        while self._free and (visitor := next(self._coming, None)):
            self._free -= 1
            talk = _Talk(visitor)
            self._say(talk, next(visitor, None))

    def _say(self, talk: _Talk, request: bytes | None) -> None:
        """Send a visitor's next request; without one the visitor goes, and the next one comes."""
        if request is None:
            self._hang_up(talk)
            self._free += 1
            self._let_in()
            return
        talk.received, talk.head_end, talk.length = b"", -1, -1
        talk.began = time.perf_counter()
        try:
            if talk.link is None:
                talk.link = self._connected(talk)
            talk.link.send(request)
        except OSError:
            self._hear(talk, Answer(NOTHING))

    def _connected(self, talk: _Talk) -> socket.socket:
        link = socket.socket()
        link.settimeout(PATIENCE)
        link.connect(self._address)
        link.settimeout(0)
        self._selector.register(link, selectors.EVENT_READ, talk)
        return link

    def _read(self, talk: _Talk) -> None:
        if talk.link is None:
            return
        try:
            piece = talk.link.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        talk.received += piece
        if talk.is_complete() or not piece:
            self._hear(talk, talk.answer())

    def _hear(self, talk: _Talk, answer: Answer) -> None:
        """Hand an answer to its visitor and send what the visitor wants next."""
        self.load.waits.append(time.perf_counter() - talk.began)
        self.load.statuses[answer.status] += 1
        if talk.length < 0 or not answer.status or _CLOSES.search(answer.head):
            self._hang_up(talk)
        request = None
        with suppress(StopIteration):
            request = talk.visitor.send(answer)
        self._say(talk, request)

    def _hang_up(self, talk: _Talk) -> None:
        if talk.link:
            self._selector.unregister(talk.link)
            talk.link.close()
            talk.link = None

    def _send_the_impatient_away(self) -> None:
        now = time.perf_counter()
        if now - self._looked_at < 1:
            return
        self._looked_at = now
        for key in list(self._selector.get_map().values()):
            if now - key.data.began > PATIENCE:
                self._hear(key.data, Answer(NOTHING))
