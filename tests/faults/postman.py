"""Delivering mail: as it is done, and with one guard removed at a time for the controls."""

import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import update

from nextevents.ground import clock
from nextevents.ground.database import change_rows, db, transaction
from nextevents.mailing import services
from nextevents.mailing.carrier import carrier_for
from nextevents.mailing.forms import Sender
from nextevents.mailing.models import Message, State
from nextevents.mailing.services import Claimed, delivery
from nextevents.mailing.tasks import Round


def deliver(app: Flask) -> int:
    """Send everything that is due; gives how many mails the server accepted."""
    return _deliver(app, Round)


def keep_delivering(app: Flask) -> None:
    """Look for due mail for ever."""
    while True:
        deliver(app)
        time.sleep(0.05)


def deliver_before_the_claim_is_committed(app: Flask) -> int:
    """A control: nobody else sees what was claimed until it has been sent."""

    class Hasty(Round):
        def _claim(self) -> list[Claimed]:
            at = clock.now()
            batch = services.claim_due(limit=100, at=at)
            services.prepare_presses(batch, self.sender, self.presses)
            db.session.rollback()
            return batch

    return _deliver(app, Hasty, fenced=False)


def deliver_without_fencing(app: Flask) -> int:
    """A control: whoever claimed once writes and sends, even if somebody else has claimed since."""
    return _deliver(app, Round, fenced=False)


def deliver_with_the_checkpoint_first(app: Flask) -> int:
    """A control: what was fetched counts as sent, and then it is sent."""

    class Forward(Round):
        def _claim(self) -> list[Claimed]:
            batch = super()._claim()
            with transaction():
                ours = Message.id.in_([message.id for message in batch])
                change_rows(update(Message).where(ours).values(state=State.SENT))
            return batch

    return _deliver(app, Forward, fenced=False)


def _deliver(app: Flask, make: Callable[..., Round], *, fenced: bool = True) -> int:
    is_still = delivery._is_still  # noqa: SLF001  # the guard that is removed
    with app.app_context():
        config = app.config
        carrier = carrier_for(config["SMTP_URL"])
        sender = Sender(config["MAIL_FROM"], config["MAIL_FROM_NAME"], config["MAIL_BOUNCES"])
        if not fenced:
            delivery._is_still = lambda message: Message.id == message.id  # noqa: SLF001
        try:
            return make(carrier, sender).deliver()
        finally:
            delivery._is_still = is_still  # noqa: SLF001
            carrier.close()
