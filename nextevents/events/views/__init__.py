"""The doors to events: the list, one event, registering, confirming, withdrawing, calendars."""

from . import calendars, confirming, listing, managing, registering, replying
from .blueprint import bp

__all__ = ["bp", "calendars", "confirming", "listing", "managing", "registering", "replying"]
