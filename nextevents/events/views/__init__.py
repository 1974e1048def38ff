"""The doors to events: the list, one event, registering, confirming, withdrawing, calendars."""

from . import afterwards, calendars, confirming, joining, listing, managing, registering, replying
from .blueprint import bp

__all__ = ["afterwards", "bp", "calendars", "confirming", "joining", "listing", "managing", "registering", "replying"]
