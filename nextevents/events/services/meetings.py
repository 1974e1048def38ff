"""The next meeting of a circle, made like its last one: only the date is new."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from ...communities.models import Community
from ...ground import clock
from ...ground.database import db
from ...ground.text import slug_of
from .. import queries
from ..conferences import offers_rooms
from ..models import Event, Format, Place, Series
from .organising import EventChange, copy_parts, make_event, publish_event

#: How long a meeting takes in circles that had none yet.
STANDARD_DURATION = timedelta(minutes=90)
#: Longer ones are not taken over from whole days.
LONGEST_DURATION = timedelta(hours=12)


@dataclass(frozen=True)
class Meeting:
    """When a circle meets, on the wall clock in Berlin. Without an end it takes as long as the last time."""

    starts_local: datetime
    ends_local: datetime | None = None
    #: Empty: as the last one.
    title: str = ""
    #: Markdown. Empty: as the last one, if the title is the same.
    description: str = ""
    #: Whether what the last one said of itself comes along even under another title.
    keeps_text: bool = False


def make_meeting(
    community: Community, meeting: Meeting, *, publishes: bool, series: Series | None = None, at: datetime
) -> Event:
    """A meeting with all settings, questions, picture, partners and reminders of the circle's last one.

    Raises clock.NoSuchLocalTimeError and clock.AmbiguousLocalTimeError for the hour of a clock change.
    """
    return make_meetings(community, [meeting], publishes=publishes, series=series, at=at)[0]


def make_meetings(
    community: Community,
    meetings: Sequence[Meeting],
    *,
    publishes: bool,
    series: Series | None = None,
    at: datetime,
) -> list[Event]:
    """The same for several, all of them like the last meeting before."""
    source = queries.last_meeting(community)
    return [_made(community, one, source, publishes=publishes, series=series, at=at) for one in meetings]


def _made(
    community: Community,
    meeting: Meeting,
    source: Event | None,
    *,
    publishes: bool,
    series: Series | None,
    at: datetime,
) -> Event:
    change = change_like(community, source, meeting)
    slug = queries.free_slug(slug_of(change.title), change.starts_local.date())
    event = make_event(slug, change, [community], at=at)
    event.series = series
    if source:
        copy_parts(source, event)
    db.session.flush()
    if publishes:
        publish_event(event, at=at)
    return event


def change_like(community: Community, source: Event | None, meeting: Meeting) -> EventChange:
    """What a meeting will be: as the source, or plain and virtual if there is none, at the new time.

    Under another title it says nothing yet, as what the source says is about something else.
    """
    standing = _of(source) if source else _plain(community)
    starts, ends = meeting.starts_local, meeting.ends_local or meeting.starts_local + duration_of(source)
    has_room, dial_in = _way_in(community, standing)
    title = meeting.title or standing.title
    if title != standing.title and not meeting.keeps_text:
        standing = replace(standing, summary="", description="", hosts="")
    return replace(
        standing,
        title=title,
        description=meeting.description or standing.description,
        starts_local=starts,
        ends_local=ends,
        is_all_day=False,
        has_room=has_room,
        dial_in=dial_in,
        opens_at=None,
        closes_at=_closing(source, starts),
    )


def _way_in(community: Community, standing: EventChange) -> tuple[bool, str]:
    """Whether there is a room, else the dial-in: as the last time, or as the circle has it for all its meetings."""
    if standing.place == Place.IN_PRESENCE:
        return False, "" if standing.has_room else standing.dial_in
    wants_room = standing.has_room or (community.uses_room and not standing.dial_in)
    if wants_room and offers_rooms():
        return True, ""
    return False, (standing.dial_in if not standing.has_room else "") or community.dial_in


def duration_of(source: Event | None) -> timedelta:
    """How long a meeting like this one takes on the wall clock."""
    if source is None or source.is_all_day:
        return STANDARD_DURATION
    length = source.ends_local - source.starts_local
    return length if length <= LONGEST_DURATION else STANDARD_DURATION


def _of(source: Event) -> EventChange:
    values: dict[str, Any] = {one.name: getattr(source, one.name) for one in fields(EventChange)}
    return EventChange(**values)


def _plain(community: Community) -> EventChange:
    anywhen = datetime(2000, 1, 1)  # noqa: DTZ001 - the wall clock; the meeting's own time takes its place
    return EventChange(
        title=_("Treffen: %(name)s", name=community.full_name),
        summary=community.summary,
        description="",
        format=Format.COMMUNITY_MEETING,
        starts_local=anywhen,
        ends_local=anywhen,
        place=Place.VIRTUAL,
    )


def _closing(source: Event | None, starts_local: datetime) -> datetime | None:
    """Registration closes as long before the beginning as the last time."""
    if source is None or source.closes_at is None:
        return None
    return clock.moment_of(starts_local) - (source.starts_at - source.closes_at)
