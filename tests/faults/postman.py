"""Delivering mail: as it is done, and with one guard removed at a time for the controls."""

import time
from collections.abc import Callable
from contextlib import suppress

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

    def _begin(self, message: Claimed | None) -> bool:
        with transaction():
            if self.accepted:
                self._set(self.accepted[0], state=State.SENT, sent_at=clock.now(), answer=self.accepted[1])
            if message:
                self._set(message, body_at=clock.now())
        self.accepted = None
        return True

    def _finish_batch(self) -> None:
        self._begin(None)

    @staticmethod
    def _set(message: Claimed, **values: object) -> None:
        change_rows(update(Message).where(Message.id == message.id).values(**values))


class Hasty(Unfenced):
    """A round whose claims nobody else sees before the mails have left."""

    def _claim(self) -> list[Claimed]:
        with suppress(UndoneError), transaction():
            batch = services.claim_due(limit=100, at=clock.now())
            services.prepare_presses(batch, self.sender, self.presses)
            raise UndoneError
        return batch


class Forward(Unfenced):
    """A round for which what was fetched counts as sent."""

    def _claim(self) -> list[Claimed]:
        batch = super()._claim()
        with transaction():
            change_rows(
                update(Message).where(Message.id.in_([message.id for message in batch])).values(state=State.SENT)
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
            return make(carrier, sender).deliver()
        finally:
            carrier.close()
