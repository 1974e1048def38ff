"""Rooms for video conferences at a provider: BigBlueButton by its API (docs.bigbluebutton.org/development/api).

A room is made when the first person goes in. Asking for one that is there is harmless, so nothing is stored but its
key. A provider is asked outside of transactions, seldom, and not for long.
"""

import hashlib
import hmac
import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode, urlsplit
from xml.parsers import expat  # _Answer refuses what could be a bomb: any document type, depth, length

from flask import Flask, current_app, url_for

from ..mailing.messages import absolute
from .errors import RoomUnavailable

#: How long one call may take altogether, in seconds.
PATIENCE = 5.0
#: So many threads of one process ask at a time; others are told to come again, so that pages go on being served.
AT_ONCE = 2
#: So long is a room known to be there without asking again, in seconds.
KNOWN_FOR = 60.0
MOST_KNOWN = 1_000
LONGEST_ANSWER = 64 * 1024
DEEPEST_ANSWER = 8
LONGEST_TITLE = 200
_NAME = "conferences"


@dataclass(frozen=True)
class Room:
    """A room as it shall be."""

    #: Its identity at the provider; whoever knows it can do nothing with it.
    key: str
    title: str
    #: Where people are led when they leave.
    leads_back_to: str


class Conferences(Protocol):
    """A provider of rooms. All of it raises RoomUnavailable when the provider does not answer, or says no."""

    def way_in(self, room: Room, name: str, *, is_moderator: bool) -> str:
        """Make the room unless it is there, and give the address by which somebody enters under this name."""
        ...

    def is_running(self, key: str) -> bool:
        """Whether somebody is in the room."""
        ...

    def end(self, key: str) -> None:
        """Lead everybody out of the room. Harmless if nobody is there."""
        ...


def new_key() -> str:
    """The identity of a new room."""
    return secrets.token_hex(12)


def href_of(key: str) -> str:
    """The address of the page that leads into a room: what stands in mails and calendars."""
    return absolute(url_for("events.room", key=key))


def connect_conferences(app: Flask, *, bbb_url: str, bbb_secret: str) -> None:
    """Offer rooms at that server; none if nothing is given."""
    app.extensions[_NAME] = BigBlueButton(bbb_url, bbb_secret) if bbb_url and bbb_secret else None


def offers_rooms() -> bool:
    """Whether there is a provider."""
    return current_app.extensions[_NAME] is not None


def provider() -> Conferences:
    """The provider. Raises RoomUnavailable if there is none (any more)."""
    found: Conferences | None = current_app.extensions[_NAME]
    if found is None:
        raise RoomUnavailable
    return found


class BigBlueButton:
    """Rooms at a BigBlueButton server of version 2.4 or newer. Nothing is recorded."""

    def __init__(self, url: str, secret: str) -> None:
        """The server's address as `bbb-conf --secret` tells it, with or without /api at its end, and the secret."""
        self._api = url.rstrip("/").removesuffix("/api") + "/api"
        self._secret = secret
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._known: dict[str, float] = {}

    def way_in(self, room: Room, name: str, *, is_moderator: bool) -> str:
        """Make the room unless it is there, and give the address by which somebody enters under this name."""
        if self._known.get(room.key, 0) < time.monotonic():
            self._create(room)
        role = "MODERATOR" if is_moderator else "VIEWER"
        return self._address(
            "join",
            {
                "fullName": name,
                "meetingID": room.key,
                "role": role,
                "password": self._password(room.key, role),  # of servers before 2.4, and required by some after
                "redirect": "true",
                "errorRedirectUrl": room.leads_back_to,
            },
        )

    def _create(self, room: Room) -> None:
        self._ask(
            "create",
            {
                "name": room.title[:LONGEST_TITLE],
                "meetingID": room.key,
                # The same each time: a second call with others is refused as another meeting.
                "attendeePW": self._password(room.key, "VIEWER"),
                "moderatorPW": self._password(room.key, "MODERATOR"),
                "logoutURL": room.leads_back_to,
                "record": "false",
                "autoStartRecording": "false",
                "allowStartStopRecording": "false",
            },
        )
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[room.key] = time.monotonic() + KNOWN_FOR

    def is_running(self, key: str) -> bool:
        """Whether somebody is in the room."""
        return self._ask("isMeetingRunning", {"meetingID": key}).get("running", "").strip() == "true"

    def end(self, key: str) -> None:
        """Lead everybody out of the room. Harmless if nobody is there."""
        self._known.pop(key, None)
        self._ask(
            "end",
            {"meetingID": key, "password": self._password(key, "MODERATOR")},
            harmless=frozenset({"notFound", "invalidMeetingIdentifier"}),
        )

    def _password(self, key: str, role: str) -> str:
        return hmac.new(self._secret.encode(), f"{key} {role}".encode(), hashlib.sha256).hexdigest()[:32]

    def _address(self, call: str, parameters: Mapping[str, str]) -> str:
        query = urlencode(parameters)
        checksum = hashlib.sha256(f"{call}{query}{self._secret}".encode()).hexdigest()
        return f"{self._api}/{call}?{query}&checksum={checksum}"

    def _ask(
        self, call: str, parameters: Mapping[str, str], *, harmless: frozenset[str] = frozenset()
    ) -> Mapping[str, str]:
        if not self._free.acquire(timeout=1):
            raise RoomUnavailable
        try:
            answer = read_answer(_fetched(self._address(call, parameters)))
        finally:
            self._free.release()
        key = answer.get("messageKey", "")
        if answer.get("returncode") != "SUCCESS" and key not in harmless:
            current_app.logger.error("The conference server refuses %s: %s", call, key[:60] or "no reason given")
            raise RoomUnavailable
        return answer


def _fetched(address: str) -> bytes:
    """What stands at an address. Redirects are not followed. Raises RoomUnavailable."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        with _impatient(connection):
            connection.request("GET", f"{parts.path}?{parts.query}", headers={"Accept": "application/xml"})
            response = connection.getresponse()
            body = response.read(LONGEST_ANSWER + 1)
    except (OSError, ssl.SSLError, http.client.HTTPException) as error:
        current_app.logger.error("The conference server does not answer: %s", type(error).__name__)  # noqa: TRY400 - its words may hold secrets
        raise RoomUnavailable from error
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK or len(body) > LONGEST_ANSWER:
        current_app.logger.error("The conference server answers %s with %s bytes", response.status, len(body))
        raise RoomUnavailable
    return body


@contextmanager
def _impatient(connection: http.client.HTTPConnection) -> Iterator[None]:
    """Hang up after a while, also on somebody who goes on sending single bytes."""
    connection.connect()
    line = connection.sock  # kept: the library forgets it while it still reads an answer that ends with the line

    def hang_up() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(PATIENCE, hang_up)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def read_answer(body: bytes) -> Mapping[str, str]:
    """The texts of an answer's elements by their names. Raises RoomUnavailable if it is none, or may do harm."""
    answer = _Answer()
    try:
        return answer.read(body)
    except (expat.ExpatError, _NoAnswer, ValueError, LookupError):
        current_app.logger.error("The conference server's answer cannot be read")  # noqa: TRY400 - holds no more
        raise RoomUnavailable from None


class _NoAnswer(Exception):  # noqa: N818 - never leaves this file
    """What came is not what the API describes."""


class _Answer:
    """Reads <response> with its children; entities, document types and depth are refused where they begin."""

    def __init__(self) -> None:
        self._within: list[str] = []
        self._texts: dict[str, str] = {}

    def read(self, body: bytes) -> dict[str, str]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = lambda _name: self._within.pop()
        parser.CharacterDataHandler = self._say
        parser.Parse(body, True)  # noqa: FBT003 - expat's own way to say that there is no more
        return self._texts

    def _refuse(self, *_: object) -> None:
        raise _NoAnswer

    def _begin(self, name: str, _attributes: object) -> None:
        if len(self._within) >= DEEPEST_ANSWER or (not self._within and name != "response"):
            raise _NoAnswer
        self._within.append(name)

    def _say(self, text: str) -> None:
        if len(self._within) == 2:  # noqa: PLR2004 - a child of the response
            name = self._within[-1]
            self._texts[name] = self._texts.get(name, "") + text
