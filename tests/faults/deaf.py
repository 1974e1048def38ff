"""A control: a worker that hears the bell and never looks into the database by itself."""

from nextevents.ground import queue

queue.start_looking_around = lambda _: None

from nextevents.worker import celery  # noqa: E402  # only now

__all__ = ["celery"]
