"""The newsroom's door for the worker: what was released is set in type, and written to everybody on the list."""

import logging

from celery import shared_task

from ..ground import clock
from ..ground.database import transaction
from ..ground.queue import chore
from ..mailing.services import campaigning
from . import audience, queries, services

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
