"""The worker's door to circles: what happens because time passes."""

from ..ground import clock
from ..ground.database import transaction
from ..ground.queue import chore
from . import services


@chore(every=3600)
def close_workshops() -> None:
    """Ask before a circle's end, and close it on the day."""
    with transaction():
        services.ask_before_closing(at=clock.now())
        services.close_ended(at=clock.now())
