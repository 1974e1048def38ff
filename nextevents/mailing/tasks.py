"""The worker's door to mail."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from celery import shared_task
from flask import current_app

from ..ground import clock
from ..ground.database import Result, after_commit, attempted_patiently, transaction
from ..ground.queue import chore, stopping
from . import queries, services
from .addresses import links_of, return_path
from .carrier import Carrier, carrier_for
from .errors import DeliveryError, Refused, ServerUnusable, UnfillableForm
from .flights import Flight, forget_old_flights
from .forms import Press, Sender
from .relay_log import read_relay_log
from .services.importing import TAKE_IMPORTS
from .services.posting import DELIVER_DUE
from .signing import Signer

_log = logging.getLogger(__name__)

#: How many mails are taken at once, each time with one transaction.
PORTION = 100
#: No longer than this does a mail wait behind one that is less urgent, but for the one that is just leaving; and so
#: long ago at the most somebody looked whether it is still wanted.
PORTION_SECONDS = 0.5
#: Longer than the slowest mail takes: a mail whose lease ends sooner does not begin.
SLOWEST_MAIL = timedelta(minutes=11)
PRESSES = 500
#: Seconds for which an outcome waits for the database; well within the lease.
PATIENCE = 120.0


@dataclass
class Round:
    """One worker's round: takes portions, sends them over one kept connection, writes down what came of them."""

    carrier: Carrier
    sender: Sender
    #: Where flights are noted.
    data: Path
    signer: Signer | None = None
    #: Of lists, for each destination, a minute; 0: as fast as it goes.
    rate: float = 0.0
    presses: dict[str, Press] = field(default_factory=dict)
    #: How many mails are taken next: about as many as leave in PORTION_SECONDS.
    portion: int = PORTION
    #: Of the last portion: what the server has accepted, what has not begun, and why the server is to be left alone.
    accepted: list[services.Accepted] = field(default_factory=list)
    unsent: list[services.Claimed] = field(default_factory=list)
    trouble: str = ""
    flight: Flight = field(default_factory=Flight)

    def deliver(self) -> int:
        """Send everything that is due, until told to stop; returns how many mails the server accepted."""
        count = 0
        try:
            while not stopping.is_set() and (batch := self._write(self._take)) is not None:
                self._send_all(batch)
                count += len(self.accepted)
        finally:
            if self.accepted or self.unsent:  # told to stop, or something broke
                self._write(self._conclude)
        return count

    def _take(self, at: datetime) -> list[services.Claimed] | None:
        """Write down what came of the last portion and take the next, most urgent first; None if none is due."""
        self._settle(at)
        is_free = not services.is_paused(at=at)
        claimed = services.claim_due(limit=self.portion, at=at) if is_free else []
        self.unsent += claimed  # should the answer to this COMMIT be lost, the next one puts them back
        batch = services.put_off(services.fail_expired(claimed, at=at), rate=self.rate, at=at)
        batch = services.set_aside_unwanted(batch)
        self._make_ready(batch)
        flight = Flight(self.data, [message.taking for message in batch])
        after_commit(lambda: self._set_out(flight, batch))
        return batch if claimed else None

    def _conclude(self, at: datetime) -> None:
        """Write down what came of the last portion and take nothing more."""
        self._settle(at)
        after_commit(lambda: self._set_out(Flight(), []))

    def _settle(self, at: datetime) -> None:
        if self.accepted:
            services.note_sent(self.accepted, at=at)
            services.resume_sending()
        services.release(self.unsent)
        if self.trouble:
            services.pause_sending(self.trouble, at=at)

    def _make_ready(self, batch: list[services.Claimed]) -> None:
        if len(self.presses) > PRESSES:
            self.presses.clear()
        services.prepare_presses(batch, self.sender, self.presses)

    def _set_out(self, flight: Flight, batch: list[services.Claimed]) -> None:
        self.accepted, self.unsent, self.trouble = [], list(batch), ""
        self.flight.end()
        self.flight = flight

    def _send_all(self, batch: list[services.Claimed]) -> None:
        """Send a portion with no transaction open, as far as it leaves in time."""
        ends = time.monotonic() + PORTION_SECONDS
        for position, message in enumerate(batch):
            try:
                content = self._print(message)
                self.flight.begin(message.taking)
                # Looked at last: whoever is frozen after it has noted that the mail has begun.
                if (position and time.monotonic() > ends) or clock.now() > message.lease_until - SLOWEST_MAIL:
                    self.portion = position or 1  # others may be more urgent by now
                    return
                self._send(message, content)
            except ServerUnusable as error:
                self.trouble = str(error)
                return
            except DeliveryError as error:
                self.unsent.remove(message)
                self._note_failure(message, error)
        self.portion = min(PORTION, 2 * self.portion)

    def _send(self, message: services.Claimed, content: bytes) -> None:
        answer = self.carrier.send(message.id, sender=self._return_path(message), to=message.recipient, content=content)
        self.unsent.remove(message)
        self.accepted.append((message.taking, answer))
        self.flight.land(message.taking, answer)

    def _note_failure(self, message: services.Claimed, failure: DeliveryError) -> None:
        self._write(lambda at: services.note_failure(message, failure, at=at))
        words = str(failure)
        if isinstance(failure, Refused):
            self._write(lambda at: services.note_refusal(message.id, words, at=at))
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
        try:
            content = press.print(
                to=message.recipient,
                message_id=message.message_id,
                date=message.created_at,
                values=message.values,
                links=links_of(message.list_id, message.mailbox_id),
            )
        except ValueError as error:
            raise UnfillableForm(f"{type(error).__name__}: {error}") from error
        return self.signer.signed(content, press.domain) if self.signer else content

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
        Round(carrier, sender, config["DATA"], Signer(config["DKIM_KEYS"]), config["DESTINATION_RATE"]).deliver()
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


@chore(every=300)
def forget_destinations() -> None:
    """Let nobody be called slow who is not written to any more."""
    with transaction():
        services.forget_destinations(at=clock.now())


@chore(every=30)
def free_abandoned() -> None:
    """Free what dead workers left behind, and repeat once what stayed uncertain and our relay knows nothing of."""
    try:
        with transaction():
            services.free_abandoned(at=clock.now())
        if log := current_app.config["RELAY_LOG"]:
            _ask_relay(log)
        with transaction():
            services.repeat_uncertain(at=clock.now())
    finally:
        forget_old_flights(current_app.config["DATA"])


def _ask_relay(log: Path) -> None:
    """Settle what our own relay's log says of uncertain mails; read with no transaction open (guarantee G8)."""
    with transaction():
        uncertain = services.uncertain_mails(at=clock.now())
    if uncertain:
        said = read_relay_log(log, {one.message_id for one in uncertain})
        with transaction():
            services.believe_relay(said, uncertain, at=clock.now())


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
