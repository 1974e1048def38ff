"""Reading events and registrations."""

from .events import (
    PageKey,
    archive_years,
    bare_event,
    coming_counts,
    event_with_slug,
    meetings_of,
    next_events,
    page_key,
)
from .feeds import feed_events, feed_key, own_feed_registrations
from .lists import EventFilter, list_key, listed_events
from .organising import hosts, is_invited, organised_events, organises
from .registrations import (
    active_registration,
    counts_by_state,
    first_waiting,
    own_registrations,
    participants,
    registration,
    registrations_of,
    told_registrations,
    unconfirmed_registrations,
    waiting_count,
    waiting_position,
)

__all__ = [
    "EventFilter",
    "PageKey",
    "active_registration",
    "archive_years",
    "bare_event",
    "coming_counts",
    "counts_by_state",
    "event_with_slug",
    "feed_events",
    "feed_key",
    "first_waiting",
    "hosts",
    "is_invited",
    "list_key",
    "listed_events",
    "meetings_of",
    "next_events",
    "organised_events",
    "organises",
    "own_feed_registrations",
    "own_registrations",
    "page_key",
    "participants",
    "registration",
    "registrations_of",
    "told_registrations",
    "unconfirmed_registrations",
    "waiting_count",
    "waiting_position",
]
