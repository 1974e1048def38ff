"""The doors to events: the list, one event, registering, confirming, withdrawing, calendars."""

from . import (
    afterwards,
    attendees,
    calendars,
    calls,
    confirming,
    joining,
    listing,
    managing,
    polling,
    registering,
    replying,
    rooms,
)
from .blueprint import bp

__all__ = [
    "afterwards",
    "attendees",
    "bp",
    "calendars",
    "calls",
    "confirming",
    "joining",
    "listing",
    "managing",
    "polling",
    "registering",
    "replying",
    "rooms",
]
