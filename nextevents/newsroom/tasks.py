"""The newsroom's door for the worker: what was released is set in type, and written to everybody on the list."""

import logging
import threading

from celery import shared_task

from ..ground import clock
from ..ground.database import transaction
from ..ground.queue import chore
from ..mailing import queries as lists
from ..mailing import services as mailing
from ..mailing.models import Delivery
from ..mailing.services import campaigning
from . import audience, keeping, queries, services

_log = logging.getLogger(__name__)


@shared_task(name=campaigning.EXPAND_CAMPAIGNS)
def expand_campaigns() -> None:
    """Write the messages of all campaigns that have begun. Safe to run late, twice, or side by side."""
    for number in [one.id for one in campaigning.campaigns_to_expand()]:
        try:
            _expand(number)
        except Exception:  # noqa: BLE001 - one campaign must not keep the others waiting; it is tried again
            _log.exception("campaign %d cannot be written now", number)


def _expand(number: int) -> None:
    with transaction():
        services.set_in_type(queries.campaign_with_number(number), at=clock.now())
    while _expand_portion(number):
        pass


def _expand_portion(number: int) -> bool:
    at = clock.now()
    with transaction():
        recipients = audience.recipients(queries.campaign_with_number(number), at=at)
        return campaigning.expand_portion(number, recipients.select(), at=at)


@chore(every=5)
def begin_campaigns() -> None:
    """Begin what was scheduled for now, and go on with what no bell announced."""
    with transaction():
        campaigning.begin_scheduled(at=clock.now())
    expand_campaigns()


# ── What is written to lists by mail ─────────────────────────────────────────────────────────────────────────────────

#: Whoever reads; one in each process is enough.
_reader = threading.Lock()


@shared_task(name=mailing.MAIL_CAME_TO_LISTS)
def read_list_mails() -> None:
    """Read what was written to lists, and pass it on. Safe to run late, twice, or side by side."""
    if not _reader.acquire(blocking=False):
        return
    try:
        number = 0
        while number := _begin_reading(after=number):
            _read(number)
        pass_on_posts()
    finally:
        _reader.release()


def _begin_reading(*, after: int) -> int:
    with transaction():
        return mailing.begin_reading(mailing.to_others(), after=after, at=clock.now()) or 0


def _read(number: int) -> None:
    """Read one mail. Whatever fails, it stays where it is, and the next one is read."""
    try:
        with transaction():
            if mail := mailing.mail_to_read(number):
                mailing.read_list_mail(mail, keeping.keepers_addresses, at=clock.now())
    except Exception as error:  # noqa: BLE001 - one bad mail must not keep the others waiting
        _log.error("mail %d cannot be read now: %s", number, type(error).__name__)


@chore(every=5)
def look_for_list_mails() -> None:
    """Read what no bell announced."""
    read_list_mails()


def pass_on_posts() -> None:
    """Write accepted posts to everybody on their list, and tell keepers of those that wait."""
    for number in mailing.posts_to_pass_on():
        try:
            _pass_on(number)
        except Exception:  # noqa: BLE001 - one post must not keep the others waiting; it is tried again
            _log.exception("post %d cannot be passed on now", number)
    with transaction():
        services.tell_keepers(at=clock.now())


def _pass_on(number: int) -> None:
    with transaction():
        one, at = lists.post_with_number(number).mailing_list, clock.now()
        audience.bring_mailboxes(one, at=at)
        mailing.pass_on(number, audience.readers_of(one), at=at)


@chore(every=300)
def send_digests() -> None:
    """Send collected posts at seven in the morning, or on Mondays, to whoever wants them so."""
    for delivery in (Delivery.DAILY, Delivery.WEEKLY):
        for number in mailing.lists_to_collect(delivery, at=clock.now()):
            try:
                _send_digests(number, delivery)
            except Exception:  # noqa: BLE001 - one list must not keep the others waiting; it is tried again
                _log.exception("the digests of list %d cannot be written now", number)


def _send_digests(number: int, delivery: Delivery) -> None:
    with transaction():
        mailing.send_digests(number, delivery, at=clock.now())


@chore(every=3600)
def forget() -> None:
    """Forget who wrote what was sent half a year ago."""
    with transaction():
        services.forget_writers(at=clock.now())
