"""A control: the pages of NExTevents with a bell that is rung as Celery does it unless told otherwise."""

from flask import current_app

from nextevents.ground.queue import Bell
from nextevents.wsgi import app

__all__ = ["app"]

app.extensions["celery"].conf.broker_transport_options = {}


def ring(_: Bell, name: str) -> None:
    """Announce a task, and wait for the broker as long as that takes."""
    current_app.extensions["celery"].send_task(name)


Bell.ring = ring
