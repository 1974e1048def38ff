"""The worker's door to mail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from celery import shared_task
from flask import current_app

from ..ground import clock
from ..ground.database import Result, attempted_patiently, transaction
from ..ground.queue import chore
from . import services
from .carrier import Carrier, carrier_for
from .errors import DeliveryError, ServerUnusable, UnfillableForm
from .forms import Press, Sender
from .services.posting import DELIVER_DUE

BATCH = 100
PRESSES = 500
#: Seconds for which an outcome waits for the database; well within the lease.
PATIENCE = 120.0


@dataclass
class Round:
    """One worker's round: claims portions, sends them over one kept connection, writes down each outcome."""

    carrier: Carrier
    sender: Sender
    presses: dict[str, Press] = field(default_factory=dict)
    #: What the server has accepted and what is not written down yet.
    accepted: tuple[services.Claimed, str] | None = None

    def deliver(self) -> int:
        """Send everything that is due; returns how many mails the server accepted."""
        count = 0
        while batch := self._claim():
            for position, message in enumerate(batch):
                try:
                    count += self._send(message)
                except ServerUnusable as error:
                    self._leave_server_alone(batch[position:], str(error))
                    return count
            self._finish_batch()
        return count

    def _claim(self) -> list[services.Claimed]:
        at = clock.now()
        with transaction():
            if services.is_paused(at=at):
                return []
            services.give_up_expired(at=at)
            batch = services.claim_due(limit=BATCH, at=at)
            if len(self.presses) > PRESSES:
                self.presses.clear()
            services.prepare_presses(batch, self.sender, self.presses)
        return batch

    def _send(self, message: services.Claimed) -> bool:
        """Send one mail with no transaction open; whether it was accepted."""
        if not self._begin(message):
            return False
        try:
            answer = self.carrier.send(
                message.id, sender=self.sender.bounces, to=message.recipient, content=self._print(message)
            )
        except ServerUnusable:
            raise
        except DeliveryError as error:
            failure = error
            self._write(lambda at: services.note_failure(message, failure, at=at))
            return False
        self.accepted = (message, answer)
        return True

    def _begin(self, message: services.Claimed) -> bool:
        is_ours = self._write(lambda at: services.note_sent_and_begin(self.accepted, message, at=at))
        self.accepted = None
        return is_ours

    def _print(self, message: services.Claimed) -> bytes:
        press = self.presses.get(message.form_key)
        if not press:
            raise UnfillableForm("the form cannot become a mail")
        return press.print(
            to=message.recipient, message_id=message.message_id, date=message.created_at, values=message.values
        )

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
        Round(carrier, sender).deliver()
    finally:
        carrier.close()


@chore(every=2)
def look_for_due() -> None:
    """Send what no bell announced."""
    deliver_due()


@chore(every=30)
def free_abandoned() -> None:
    """Free what dead workers left behind, and repeat once what stayed uncertain."""
    with transaction():
        services.free_abandoned(at=clock.now())
