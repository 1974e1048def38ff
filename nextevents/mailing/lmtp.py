"""The door through which mail comes in: LMTP (RFC 2033), with our own mail server in front.

A mail is answered with 250 only once its rows are committed. While the database is away the answer is 451, and the
server in front tries again: nothing that was acknowledged is lost, and nothing is refused for a reason of ours.
"""

import asyncio
import logging
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from flask import Flask

from ..ground import clock
from ..ground.database import attempted_twice, db, transaction
from . import services

LARGEST = 10 * 1024 * 1024
MOST_RECEIVERS = 100
#: Mails have long lines although they must not; refusing them helps nobody.
LONGEST_LINE = 64 * 1024
IDLE_SECONDS = 120

_DATA = frozenset({"354", b"354"})
_NOBODY = "<>"
_log = logging.getLogger(__name__)


class Conversation(LMTP):
    """One connection. After the data each receiver has an answer of its own (RFC 2033 4.2)."""

    line_length_limit = LONGEST_LINE
    _receivers = 0

    async def push(self, status: AnyStr) -> None:
        """Say something; to the data, as often as there are receivers."""
        if status[:3] in _DATA and self.envelope:
            self._receivers = len(self.envelope.rcpt_tos)
            await super().push(status)
            return
        count, self._receivers = self._receivers or 1, 0
        for _ in range(count):
            await super().push(status)


class Keeper:
    """What happens to mails: they become rows."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._writer = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail-in")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        """Take a receiver if it is one of ours."""
        if len(envelope.rcpt_tos) >= MOST_RECEIVERS:
            return "452 4.5.3 Too many recipients"
        if not _is_plain(address) or not self._is_expected(address):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - named by the library
        """Keep the mail, and only then take it off the sender's hands."""
        sender = (envelope.mail_from or "").removeprefix(_NOBODY)
        content = envelope.original_content or b""
        if sender and not _is_plain(sender):
            return "553 5.1.7 Sender cannot be read"
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._keep, sender, tuple(envelope.rcpt_tos), content)
        except Exception as error:  # noqa: BLE001 - whatever ails us, the mail must stay where it is
            _log.error("a mail could not be kept: %s", type(error).__name__)
            return "451 4.3.0 Cannot keep it now, please try again"
        return "250 2.0.0 Kept"

    def close(self) -> None:
        """Finish what is being written."""
        self._writer.shutdown(wait=True)

    def _is_expected(self, address: str) -> bool:
        with self._app.app_context():
            return services.is_expected(address)

    def _keep(self, sender: str, recipients: tuple[str, ...], content: bytes) -> None:
        def unit() -> None:
            with transaction():
                services.receive(sender, recipients, content, at=clock.now())

        with self._app.app_context():
            try:
                attempted_twice(unit)
            finally:
                db.session.remove()


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable()


async def serve(app: Flask, host: str, port: int, *, ready: asyncio.Event | None = None) -> None:
    """Take mails until told to stop (SIGTERM, SIGINT)."""
    loop, keeper = asyncio.get_running_loop(), Keeper(app)
    name = app.config["MAIL_FROM"].rpartition("@")[2]

    def conversation() -> Conversation:
        return Conversation(
            keeper, data_size_limit=LARGEST, hostname=name, ident="NExTevents", timeout=IDLE_SECONDS, loop=loop
        )

    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    server = await loop.create_server(conversation, host, port)
    if ready:
        ready.set()
    await stop.wait()
    server.close()
    keeper.close()
