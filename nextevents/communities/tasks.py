"""The worker's door to circles: what happens because time passes, and reading what was uploaded."""

from celery import shared_task

from ..ground import clock, full_text
from ..ground.database import transaction
from ..ground.full_text import READ_FILES
from ..ground.queue import chore
from . import services


@chore(every=3600)
def close_workshops() -> None:
    """Ask before a circle's end, and close it on the day."""
    with transaction():
        services.ask_before_closing(at=clock.now())
        services.close_ended(at=clock.now())


@shared_task(name=READ_FILES)
def read_files() -> None:
    """Read uploaded files, so that they can be found by what stands in them. Safe to run late, twice, side by side."""
    while unread := _begin_reading():
        text = full_text.text_in(unread)
        with transaction():
            full_text.keep_text(unread.number, text)


def _begin_reading() -> full_text.Unread | None:
    with transaction():
        return full_text.begin_reading(at=clock.now())


@chore(every=30)
def look_for_files() -> None:
    """Read what no bell announced."""
    read_files()
