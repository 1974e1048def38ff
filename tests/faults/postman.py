"""Delivering mail: as it is done, and with one guard removed at a time for the controls."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from flask import Flask
from sqlalchemy import update

from nextevents.ground import clock
from nextevents.ground.database import change_rows, transaction
from nextevents.mailing import services
from nextevents.mailing.carrier import carrier_for
from nextevents.mailing.forms import Sender
from nextevents.mailing.models import Message, State
from nextevents.mailing.services import Claimed
from nextevents.mailing.tasks import Round


def deliver(app: Flask) -> int:
    """Send everything that is due; gives how many mails the server accepted."""
    return _deliver(app, Round)


def keep_delivering(app: Flask) -> None:
    """Look for due mail for ever."""
    while True:
        deliver(app)
        time.sleep(0.05)


class UndoneError(Exception):
    """The transaction is not meant to be committed."""


class Unfenced(Round):
    """A round whose worker writes and sends whatever somebody else has done since."""

    def _settle(self, at: datetime) -> None:
        for (number, _), answer in self.accepted:
            self._set(number, state=State.SENT, sent_at=at, answer=answer)

    def _send_all(self, batch: list[Claimed]) -> None:
        for message in batch:
            self._send(message, self._print(message))

    @staticmethod
    def _set(number: int, **values: object) -> None:
        change_rows(update(Message).where(Message.id == number).values(**values))


class Hasty(Unfenced):
    """A round whose claims nobody else sees before the mails have left."""

    def deliver(self) -> int:
        """Claim, send, and write down what came of it, all together."""
        count = 0
        while batch := self._look():
            self._send_all(batch)
            count += len(self.accepted)
            self._write(self._settle)
            self.accepted = []
        return count

    def _look(self) -> list[Claimed]:
        with suppress(UndoneError), transaction():
            batch = services.claim_due(limit=100, at=clock.now())
            services.prepare_presses(batch, self.sender, self.presses)
            raise UndoneError
        self.unsent = list(batch)
        return batch


class Forward(Round):
    """A round for which what was fetched counts as sent."""

    def _take(self, at: datetime) -> list[Claimed] | None:
        batch = super()._take(at)
        change_rows(
            update(Message).where(Message.id.in_([message.id for message in batch or []])).values(state=State.SENT)
        )
        return batch


def deliver_without_fencing(app: Flask) -> int:
    """A control."""
    return _deliver(app, Unfenced)


def deliver_before_the_claim_is_committed(app: Flask) -> int:
    """A control."""
    return _deliver(app, Hasty)


def deliver_with_the_checkpoint_first(app: Flask) -> int:
    """A control."""
    return _deliver(app, Forward)


def _deliver(app: Flask, make: Callable[..., Round]) -> int:
    with app.app_context():
        config = app.config
        carrier = carrier_for(config["SMTP_URL"])
        sender = Sender(config["MAIL_FROM"], config["MAIL_FROM_NAME"], config["MAIL_BOUNCES"])
        try:
            return make(carrier, sender, config["DATA"]).deliver()
        finally:
            carrier.close()
