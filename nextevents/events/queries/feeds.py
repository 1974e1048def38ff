"""What stands in calendars that people subscribe to (rules C-43 and C-44)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from ...communities.models import Community
from ...ground import clock
from ...ground.database import db, joined_up
from ...people.models import Feed
from ..models import Event, Registration, Stage, State
from .registrations import TOLD

FEED_CANCELLED = timedelta(days=30)
FEED_PAST = timedelta(days=60)


def _feed_window(today: date) -> ColumnElement[bool]:
    """Which public events stand in feeds on a day (rule C-44)."""
    start_of_day = clock.moment_of(datetime.combine(today, time()))
    return or_(
        and_(Event.stage == Stage.PUBLISHED, Event.ends_at > start_of_day - FEED_PAST),
        and_(
            Event.stage == Stage.CANCELLED,
            Event.ends_at > start_of_day - FEED_PAST,
            Event.changed_at > start_of_day - FEED_CANCELLED,
        ),
    )


def _in_feed(community: Community | None, today: date) -> list[ColumnElement[bool]]:
    conditions = [_feed_window(today)]
    if community:
        conditions.append(Event.communities.any(Community.id == community.id))
    return conditions


def feed_key(community: Community | None, today: date) -> str:
    """Changes whenever the feed's bytes would: numbers, versions and revisions in one string."""
    key = select(joined_up(Event.id, Event.version, Event.sequence)).where(*_in_feed(community, today))
    return db.session.scalar(key) or ""


def feed_events(community: Community | None, today: date) -> Sequence[Event]:
    """The public events of a feed."""
    return db.session.scalars(select(Event).where(*_in_feed(community, today))).all()


def own_feed_registrations(feed: Feed, today: date) -> Sequence[Registration]:
    """What stands in a person's own feed: everything they have a seat at or wait for.

    A feed without invitations leaves out what was mailed as an entry, which is everything told (rule C-46).
    """
    states = (State.ATTENDED,) if feed.only_without_invitation else (*TOLD, State.ATTENDED)
    return db.session.scalars(
        select(Registration)
        .join(Event)
        .where(Registration.person_id == feed.person_id, Registration.state.in_(states), _feed_window(today))
        .options(joinedload(Registration.event))
    ).all()
