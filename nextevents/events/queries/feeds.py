"""What stands in calendars that people subscribe to (rules C-43 and C-44)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from ...communities.models import Belonging, Community
from ...ground import clock
from ...ground.database import Moment, db, joined_up, read_row
from ...people.models import Feed
from ..models import Call, CallAnswer, Event, Registration, Stage, State
from .registrations import TOLD

FEED_CANCELLED = timedelta(days=30)
FEED_PAST = timedelta(days=60)


#: Which public events stand in feeds (rule C-44); what the two moments are, says _window().
_IS_SHOWN = and_(
    Event.ends_at > bindparam("past", type_=Moment),
    or_(
        Event.stage == Stage.PUBLISHED,
        and_(Event.stage == Stage.CANCELLED, Event.changed_at > bindparam("cancelled", type_=Moment)),
    ),
)
_IS_OF_COMMUNITY = Event.communities.any(Community.id == bindparam("community"))
_KEY = select(joined_up(Event.id, Event.version, Event.sequence)).where(_IS_SHOWN, Event.is_listed)
_EVENTS = select(Event).where(_IS_SHOWN, Event.is_listed)


def _window(today: date, community: Community | None = None) -> dict[str, object]:
    start_of_day = clock.moment_of(datetime.combine(today, time()))
    values = {"past": start_of_day - FEED_PAST, "cancelled": start_of_day - FEED_CANCELLED}
    return values | ({"community": community.id} if community else {})


def feed_key(community: Community | None, today: date) -> str:
    """Changes whenever the feed's bytes would: numbers, versions and revisions in one string."""
    key = _KEY.where(_IS_OF_COMMUNITY) if community else _KEY
    return read_row(key, **_window(today, community))[0] or ""


def feed_events(community: Community | None, today: date) -> Sequence[Event]:
    """The public events of a feed."""
    chosen = _EVENTS.where(_IS_OF_COMMUNITY) if community else _EVENTS
    return db.session.scalars(chosen, _window(today, community)).all()


def own_feed_meetings(feed: Feed, today: date) -> Sequence[Event]:
    """The public meetings of the circles whose meetings a person wants to see, but those they have registered for.

    Whoever has declined a date does not see it. A feed without invitations leaves out what was mailed as an entry.
    """
    person_id = feed.person_id
    was_registered = select(Registration.id).where(
        Registration.event_id == Event.id, Registration.person_id == person_id, Registration.state != State.UNCONFIRMED
    )
    was_mailed = select(Call.event_id).where(Call.event_id == Event.id, Call.person_id == person_id)
    if not feed.only_without_invitation:
        was_mailed = was_mailed.where(Call.answer == CallAnswer.DECLINED)
    wanted = select(Belonging.community_id).where(Belonging.person_id == person_id, Belonging.is_in_feed)
    return db.session.scalars(
        _EVENTS.where(Event.communities.any(Community.id.in_(wanted)), ~was_registered.exists(), ~was_mailed.exists()),
        _window(today),
    ).all()


def own_feed_registrations(feed: Feed, today: date) -> Sequence[Registration]:
    """What stands in a person's own feed: everything they have a seat at or wait for.

    A feed without invitations leaves out what was mailed as an entry, which is everything told (rule C-46).
    """
    states = (State.ATTENDED,) if feed.only_without_invitation else (*TOLD, State.ATTENDED)
    return db.session.scalars(
        select(Registration)
        .join(Event)
        .where(Registration.person_id == feed.person_id, Registration.state.in_(states), _IS_SHOWN)
        .options(joinedload(Registration.event)),
        _window(today),
    ).all()
