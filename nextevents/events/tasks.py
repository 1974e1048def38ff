"""The worker's door to events: what happens because time passes."""

import logging
import threading

from celery import shared_task
from flask import current_app

from ..ground import clock
from ..ground.database import transaction
from ..ground.queue import chore
from ..mailing import services as mailing
from . import retention, services

_log = logging.getLogger(__name__)
#: Whoever reads mails that came in; one in each process is enough.
_reader = threading.Lock()


@chore(every=20)
def pass_on_seats() -> None:
    """Give away seats that were not confirmed or accepted in time."""
    with transaction():
        services.drop_unconfirmed(at=clock.now())
    with transaction():
        services.lapse_offers(at=clock.now())


@chore(every=60)
def remind() -> None:
    """Queue the reminders of tomorrow's events."""
    with transaction():
        services.remind(at=clock.now())


@chore(every=60)
def call_circles() -> None:
    """Invite the people of circles to what has just opened, each event in a transaction of its own."""
    is_going_on = True
    while is_going_on:
        with transaction():
            is_going_on = services.call_next_due(at=clock.now())


@shared_task(name=mailing.MAIL_CAME_IN)
def read_replies() -> None:
    """Read what came in to the organiser's address. Safe to run late, twice, or side by side."""
    if not _reader.acquire(blocking=False):
        return
    try:
        number = 0
        while number := _begin_reading(after=number):
            _read(number)
    finally:
        _reader.release()


def _begin_reading(*, after: int) -> int:
    with transaction():
        return mailing.begin_reading(current_app.config["MAIL_FROM"], after=after, at=clock.now()) or 0


def _read(number: int) -> None:
    """Read one mail. Whatever fails, it stays where it is, and the next one is read."""
    try:
        with transaction():
            if mail := mailing.mail_to_read(number):
                services.read_reply(mail, at=clock.now())
    except Exception as error:  # noqa: BLE001 - one bad mail must not keep the others waiting
        _log.error("mail %d cannot be read now: %s", number, type(error).__name__)


@chore(every=5)
def look_for_replies() -> None:
    """Read what no bell announced."""
    read_replies()


@chore(every=300)
def remind_voters() -> None:
    """Remind those who have not voted, a day before a poll closes."""
    with transaction():
        services.remind_before_deadlines(at=clock.now())


@chore(every=3600)
def fade() -> None:
    """Forget what has been kept long enough, a portion each hour (rule L-10)."""
    for term in retention.TERMS:
        with transaction():
            term.fade(clock.now())


@chore(every=3600)
def remind_hosts() -> None:
    """Remind those whose turn it is to host, three weeks ahead."""
    with transaction():
        services.remind_hosts(at=clock.now())
