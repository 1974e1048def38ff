"""The worker's door to mail."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from celery import shared_task
from flask import current_app

from ..ground import clock
from ..ground.database import Result, attempted_patiently, transaction
from ..ground.queue import chore
from . import queries, services
from .addresses import links_of, return_path
from .carrier import Carrier, carrier_for
from .errors import DeliveryError, ServerUnusable, UnfillableForm
from .forms import Press, Sender
from .services.importing import TAKE_IMPORTS
from .services.posting import DELIVER_DUE
from .signing import Signer

_log = logging.getLogger(__name__)

BATCH = 100
LEAST_BATCH = 5
#: No longer than this does a mail wait behind one that is less urgent, but for the one that is just leaving.
BATCH_SECONDS = 2.0
PRESSES = 500
#: Seconds for which an outcome waits for the database; well within the lease.
PATIENCE = 120.0


@dataclass
class Round:
    """One worker's round: claims portions, sends them over one kept connection, writes down each outcome."""

    carrier: Carrier
    sender: Sender
    signer: Signer | None = None
    #: Of lists, for each mail domain, a minute; 0: as fast as it goes.
    rate: float = 0.0
    presses: dict[str, Press] = field(default_factory=dict)
    #: What the server has accepted and what is not written down yet.
    accepted: tuple[services.Claimed, str] | None = None
    #: How many mails are claimed next: about as many as leave in BATCH_SECONDS.
    portion: int = BATCH

    def deliver(self) -> int:
        """Send everything that is due; returns how many mails the server accepted."""
        count = 0
        while (batch := self._claim()) is not None:
            began = time.monotonic()
            for position, message in enumerate(batch):
                if position and time.monotonic() > began + BATCH_SECONDS:
                    self._give_back(batch[position:])
                    break
                try:
                    count += self._send(message)
                except ServerUnusable as error:
                    self._leave_server_alone(batch[position:], str(error))
                    return count
            else:
                self.portion = min(BATCH, 2 * self.portion)
            self._finish_batch()
        return count

    def _claim(self) -> list[services.Claimed] | None:
        """The next mails, most urgent first; None if none is due. Whoever waits to sign in waits for one portion."""
        at = clock.now()
        with transaction():
            if services.is_paused(at=at):
                return None
            claimed = services.claim_due(limit=self.portion, at=at)
            batch = services.set_aside_unwanted(services.fail_expired(claimed, at=at))
            batch = services.put_off(batch, rate=self.rate, at=at)
            if len(self.presses) > PRESSES:
                self.presses.clear()
            services.prepare_presses(batch, self.sender, self.presses)
        return batch if claimed else None

    def _give_back(self, unsent: list[services.Claimed]) -> None:
        """The server is slow: others may be more urgent by now."""
        self.portion = max(LEAST_BATCH, self.portion - len(unsent))
        self._write(lambda _at: services.release(unsent))

    def _send(self, message: services.Claimed) -> bool:
        """Send one mail with no transaction open; whether it was accepted."""
        if not self._begin(message):
            return False
        try:
            answer = self.carrier.send(
                message.id, sender=self._return_path(message), to=message.recipient, content=self._print(message)
            )
        except ServerUnusable:
            raise
        except DeliveryError as error:
            self._note_failure(message, error)
            return False
        self.accepted = (message, answer)
        return True

    def _begin(self, message: services.Claimed) -> bool:
        may_leave = self._write(lambda at: services.note_sent_and_begin(self.accepted, message, at=at))
        self.accepted = None
        if not may_leave:
            self._write(lambda _at: services.set_aside_unwanted([message]))
        return may_leave

    def _note_failure(self, message: services.Claimed, failure: DeliveryError) -> None:
        self._write(lambda at: services.note_failure(message, failure, at=at))
        words = str(failure)
        if message.list_id is not None and services.asks_to_slow_down(words):
            self._write(lambda at: services.slow_down(message.domain, words, rate=self.rate, at=at))

    @staticmethod
    def _return_path(message: services.Claimed) -> str:
        if message.values.get("is_answer"):
            return ""  # whatever happens to an automatic answer, nobody is told (rule M-22)
        return return_path(message.id, is_of_list=message.list_id is not None)

    def _print(self, message: services.Claimed) -> bytes:
        press = self.presses.get(message.form_key)
        if not press:
            raise UnfillableForm("the form cannot become a mail")
        content = press.print(
            to=message.recipient,
            message_id=message.message_id,
            date=message.created_at,
            values=message.values,
            links=links_of(message.list_id, message.mailbox_id),
        )
        return self.signer.signed(content, press.domain) if self.signer else content

    def _finish_batch(self) -> None:
        if self.accepted:
            self._write(lambda at: services.note_sent_and_begin(self.accepted, None, at=at))
            self._write(lambda _at: services.resume_sending())
            self.accepted = None

    def _leave_server_alone(self, unsent: list[services.Claimed], reason: str) -> None:
        self._finish_batch()
        self._write(lambda _at: services.release(unsent))
        self._write(lambda at: services.pause_sending(reason, at=at))

    def _write(self, note: Callable[[datetime], Result]) -> Result:
        """Write an outcome down, even if the database is away for a while: only this process knows it (G15)."""

        def unit() -> Result:
            with transaction():
                return note(clock.now())

        return attempted_patiently(unit, seconds=PATIENCE)


@shared_task(name=DELIVER_DUE)
def deliver_due() -> None:
    """Send every message that is due. Safe to run late, twice, or side by side."""
    config = current_app.config
    carrier = carrier_for(config["SMTP_URL"])
    sender = Sender(config["MAIL_FROM"], config["MAIL_FROM_NAME"], config["MAIL_BOUNCES"])
    try:
        Round(carrier, sender, Signer(config["DKIM_KEYS"]), config["DESTINATION_RATE"]).deliver()
    finally:
        carrier.close()


@chore(every=2)
def look_for_due() -> None:
    """Send what no bell announced."""
    deliver_due()


@shared_task(name=services.TEND_CAMPAIGNS)
def tend_campaigns() -> None:
    """Let the rows of campaigns follow what people have decided. Safe to run late, twice, or side by side."""
    for number in services.campaigns_to_tend():
        while _tend(number):
            pass


def _tend(number: int) -> bool:
    with transaction():
        return services.tend(number, at=clock.now())


@chore(every=2)
def look_after_campaigns() -> None:
    """Begin campaigns whose moment has come, and tend those that no bell announced."""
    with transaction():
        services.begin_scheduled(at=clock.now())
    tend_campaigns()


@chore(every=60)
def give_up_expired() -> None:
    """Fail what is not worth sending any more and waits for something else, such as its campaign."""
    with transaction():
        services.give_up_expired(at=clock.now())


@chore(every=30)
def free_abandoned() -> None:
    """Free what dead workers left behind, and repeat once what stayed uncertain."""
    with transaction():
        services.free_abandoned(at=clock.now())


#: Whoever reads what came back; one in each process is enough.
_reader = threading.Lock()


@shared_task(name=services.MAIL_CAME_BACK)
def read_bounces() -> None:
    """Read what came back, and what follows from it. Safe to run late, twice, or side by side."""
    if not _reader.acquire(blocking=False):
        return
    try:
        number = 0
        while number := _begin_reading(after=number):
            _read_bounce(number)
    finally:
        _reader.release()


def _begin_reading(*, after: int) -> int:
    with transaction():
        return services.begin_reading(services.to_return_paths(), after=after, at=clock.now()) or 0


def _read_bounce(number: int) -> None:
    """Read one mail. Whatever fails, it stays where it is, and the next one is read."""
    try:
        with transaction():
            if mail := services.mail_to_read(number):
                services.read_bounce(mail, at=clock.now())
    except Exception as error:  # noqa: BLE001 - one bad mail must not keep the others waiting
        _log.error("mail %d cannot be read now: %s", number, type(error).__name__)


@chore(every=10)
def look_for_bounces() -> None:
    """Read what no bell announced."""
    read_bounces()


@chore(every=30)
def look_for_imports() -> None:
    """Take over rosters that no bell announced."""
    take_imports()


@shared_task(name=TAKE_IMPORTS)
def take_imports() -> None:
    """Take over the rosters that the office has handed in, a portion at a time. Safe to run twice, or side by side."""
    for number in services.imports_to_take():
        content, done_until = queries.import_content(number)
        for portion in services.portions(content, done_until=done_until):
            with transaction():
                is_ours = services.take_portion(number, portion, done_until=done_until, at=clock.now())
            if not is_ours:
                break
            done_until += len(portion)
        else:
            with transaction():
                services.end_import(number, at=clock.now())
