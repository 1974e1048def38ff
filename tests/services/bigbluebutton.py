"""A BigBlueButton of one's own on loopback: it verifies checksums as the real one does, and fails as it is told."""

import hashlib
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"

#: An answer whose entities would grow to a gigabyte.
_ENTITIES = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
BOMB = (
    f'<?xml version="1.0"?><!DOCTYPE response [<!ENTITY a "{"x" * 1000}">{_ENTITIES}]>'
    "<response><returncode>&j;</returncode></response>"
).encode()
FAULTS = {
    "error 500": (500, b"<html>Internal Server Error</html>"),
    "not found": (404, b""),
    "redirect": (302, b""),
    "no xml": (200, b"It works!"),
    "empty": (200, b""),
    "cut off": (200, b"<response><returncode>SUCC"),
    "another document": (200, b"<html><returncode>SUCCESS</returncode></html>"),
    "too deep": (200, b"<response>" + b"<a>" * 1000 + b"</a>" * 1000 + b"</response>"),
    "too long": (200, b"<response><returncode>SUCCESS</returncode><a>" + b"x" * 10_000_000 + b"</a></response>"),
    "bomb": (200, BOMB),
    "bomb in utf-16": (200, BOMB.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16")),
    "file": (
        200,
        (
            b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
            b"<response><returncode>SUCCESS</returncode><running>&f;</running></response>"
        ),
    ),
}


class Server:
    """The server, and what it was asked."""

    def __init__(self, secret: str = SECRET) -> None:
        """Begin with no meetings and no fault."""
        self.secret = secret
        #: One of FAULTS, "hang", "drip", "hang up", or nothing.
        self.fault = ""
        #: What was asked with a right checksum: the call and its parameters, in order.
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.meetings: dict[str, dict[str, str]] = {}
        #: The meetings that somebody is in, by their identity.
        self.people: dict[str, list[tuple[str, str]]] = {}
        self.is_over = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """As `bbb-conf --secret` tells it."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/bigbluebutton/"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.is_over.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, or fail as told."""
        if self.fault == "hang":
            self.is_over.wait(60)
        elif self.fault == "hang up":
            request.connection.close()
        elif self.fault == "drip":
            self._drip(request)
        else:
            status, body = FAULTS.get(self.fault) or (200, self._said(request.path))
            request.send_response(status)
            if status == 302:
                request.send_header("Location", "http://127.0.0.1:9/elsewhere")
            request.send_header("Content-Type", "text/xml;charset=utf-8")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            with suppress(OSError):  # hung up on us, as it should
                request.wfile.write(body)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not self.is_over.is_set():
            try:
                request.wfile.write(b" ")
            except OSError:
                return
            time.sleep(0.2)

    def _said(self, path: str) -> bytes:
        call, parameters = urlsplit(path).path.rsplit("/", 1)[1], dict(parse_qsl(urlsplit(path).query))
        if not self.is_signed(path):
            return _failed("checksumError", "Checksums do not match")
        parameters.pop("checksum")
        self.asked.append((call, parameters))
        return {"create": self._create, "isMeetingRunning": self._is_running, "end": self._end}[call](parameters)

    def is_signed(self, address: str) -> bool:
        """Whether an address bears the checksum of this server's secret: call, query and secret under SHA-256."""
        parts = urlsplit(address)
        query, _, checksum = parts.query.rpartition("&checksum=")
        call = parts.path.rsplit("/", 1)[1]
        return checksum == hashlib.sha256(f"{call}{query}{self.secret}".encode()).hexdigest()

    def enter(self, address: str) -> tuple[str, str] | None:
        """Go where somebody is led: the name and the role in the meeting; None where there is no way in."""
        parameters = dict(parse_qsl(urlsplit(address).query))
        meeting = self.meetings.get(parameters.get("meetingID", ""))
        if not self.is_signed(address) or not urlsplit(address).path.endswith("/api/join") or meeting is None:
            return None
        passwords = {meeting["moderatorPW"]: "MODERATOR", meeting["attendeePW"]: "VIEWER"}
        if passwords.get(parameters["password"]) != parameters["role"]:
            return None
        self.people.setdefault(parameters["meetingID"], []).append((parameters["fullName"], parameters["role"]))
        return parameters["fullName"], parameters["role"]

    def _create(self, parameters: dict[str, str]) -> bytes:
        standing = self.meetings.get(parameters["meetingID"])
        if standing is None:
            self.meetings[parameters["meetingID"]] = parameters
            return _success(f"<meetingID>{parameters['meetingID']}</meetingID>")
        if any(standing[name] != parameters[name] for name in ("attendeePW", "moderatorPW")):
            return _failed("idNotUnique", "A meeting already exists with that meeting ID.")
        return _success("<messageKey>duplicateWarning</messageKey>")

    def _is_running(self, parameters: dict[str, str]) -> bytes:
        running = str(bool(self.people.get(parameters["meetingID"]))).lower()
        return _success(f"<running>{running}</running>")

    def _end(self, parameters: dict[str, str]) -> bytes:
        if parameters["meetingID"] not in self.meetings:
            return _failed("notFound", "We could not find a meeting with that meeting ID")
        self.people.pop(parameters["meetingID"], None)
        self.meetings.pop(parameters["meetingID"])
        return _success("<messageKey>sentEndMeetingRequest</messageKey>")


def _success(more: str) -> bytes:
    return f"<response><returncode>SUCCESS</returncode>{more}</response>".encode()


def _failed(key: str, words: str) -> bytes:
    return (
        f"<response><returncode>FAILED</returncode><messageKey>{key}</messageKey><message>{words}</message></response>"
    ).encode()
