"""A mail server that takes everything and keeps nothing but a count: as cheap as Python can have it.

Announces PIPELINING, as Postfix, Exim and Exchange do. Runs as a program of its own: `python -m bench.sink PORT`.
"""

import asyncio
import json
import smtplib
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, cast

from tests.services.process import OwnProcess, free_port

COUNT = "XCOUNT"
FORGET = "XFORGET"
EXTENSIONS = b"250-sink\r\n250-8BITMIME\r\n250-SIZE 33554432\r\n250 PIPELINING\r\n"


@dataclass
class Ledger:
    """What arrived."""

    mails: int = 0
    recipients: int = 0
    connections: int = 0
    size: int = 0


class Sink:
    """The server as measurements see it. A with block runs it."""

    def __init__(self, folder: Path) -> None:
        """Prepare it; its log lies in that folder."""
        self.port = free_port()
        self._log = folder / "sink.log"

    @property
    def url(self) -> str:
        """Its address as a setting (SMTP_URL)."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start it."""
        self._process = OwnProcess(
            [sys.executable, "-m", "bench.sink", str(self.port)], log=self._log, cwd=Path(__file__).parents[1]
        )
        self._process.wait_until(self._answers)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._process.stop()

    def ledger(self) -> Ledger:
        """What arrived so far, this look not counted."""
        return Ledger(**json.loads(self._say(COUNT)))

    def forget(self) -> None:
        """Count anew."""
        self._say(FORGET)

    def _answers(self) -> bool:
        try:
            self._say("NOOP")
        except OSError:
            return False
        return True

    def _say(self, command: str) -> str:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
            return server.docmd(command)[1].decode()


class _Books:
    """What one server has counted."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.recipients: set[bytes] = set()

    def counted(self) -> bytes:
        self.ledger.recipients = len(self.recipients)
        return json.dumps(asdict(self.ledger)).encode()


class _Talk(asyncio.Protocol):
    """One conversation."""

    def __init__(self, books: _Books) -> None:
        self._books = books
        self._received = b""
        self._recipient = b""
        self._takes_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command and every whole mail, in one go."""
        self._received += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes | None:
        piece, end, rest = self._received.partition(b"\r\n.\r\n" if self._takes_body else b"\r\n")
        if not end:
            return None
        self._received = rest
        if self._takes_body:
            return self._stored(len(piece))
        return self._obeyed(piece)

    def _stored(self, size: int) -> bytes:
        self._takes_body = False
        books = self._books
        books.ledger.mails += 1
        books.ledger.size += size
        books.recipients.add(self._recipient)
        return b"250 2.0.0 taken\r\n"

    def _obeyed(self, line: bytes) -> bytes:
        command = line[:4].upper()
        if command == b"RCPT":
            self._recipient = line
        elif command == b"DATA":
            self._takes_body = True
            return b"354 go on\r\n"
        elif command == b"EHLO":
            return EXTENSIONS
        elif command == b"MAIL":
            self._books.ledger.connections += not self._recipient
        elif command == b"QUIT":
            asyncio.get_running_loop().call_soon(self._transport.close)
            return b"221 bye\r\n"
        elif line == COUNT.encode():
            return b"250 " + self._books.counted() + b"\r\n"
        elif line == FORGET.encode():
            self._books.ledger, self._books.recipients = Ledger(), set()
        return b"250 ok\r\n"


async def _serve(port: int) -> None:
    books = _Books()
    server = await asyncio.get_running_loop().create_server(lambda: _Talk(books), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
