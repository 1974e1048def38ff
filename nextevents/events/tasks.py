"""The worker's door to events: what happens because time passes."""

from ..ground import clock
from ..ground.database import transaction
from ..ground.queue import chore
from . import retention, services


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


@chore(every=3600)
def fade() -> None:
    """Forget what has been kept long enough, a portion each hour (rule L-10)."""
    for term in retention.TERMS:
        with transaction():
            term.fade(clock.now())
