"""Meetings of several circles: a lead of one asks, a lead of the other agrees."""

from datetime import datetime

from sqlalchemy import delete, select, update

from ...communities.models import Community
from ...ground.database import change_rows, db, insert_unless_there
from ...people.models import Person
from .. import queries, rules
from ..errors import AlreadyOver, NothingToAnswer
from ..models import Event, JointRequest, Poll, Turn, event_community
from . import seats
from .calling import call_people


def ask_to_join(event: Event, community: Community, *, by: Person, at: datetime) -> None:
    """Ask a circle to hold an event together. Twice is one question; a circle that has declined is asked anew.

    A circle that is part of it already is not asked. Raises AlreadyOver once the event has ended.
    """
    seats.hold(event)
    if event.ends_at <= at:
        raise AlreadyOver
    if community.id in {one.id for one in event.communities}:
        return
    values = {"event_id": event.id, "community_id": community.id, "asked_at": at, "asked_by_id": by.id}
    db.session.execute(insert_unless_there(JointRequest), [values])
    asked = (JointRequest.event_id == event.id, JointRequest.community_id == community.id)
    change_rows(update(JointRequest).where(*asked).values(declined_at=None, asked_by_id=by.id))


def agree_to_join(event: Event, community: Community, *, at: datetime) -> None:
    """Make an event one of this circle too; its people are called if the event is public. Twice is harmless.

    Raises NothingToAnswer if nobody has asked, or the question was taken back.
    """
    seats.hold(event)
    if community.id in {one.id for one in event.communities}:
        return
    if not _is_open(event, community):
        raise NothingToAnswer
    event.communities.append(community)
    event.touch(at)
    take_back_asking(event, community.id)
    db.session.flush()
    if rules.is_public(event):
        call_people(event, at=at)


def decline_to_join(event: Event, community: Community, *, at: datetime) -> None:
    """Say no for a circle. Raises NothingToAnswer if nobody has asked."""
    seats.hold(event)
    if not _is_open(event, community):
        raise NothingToAnswer
    asked = (JointRequest.event_id == event.id, JointRequest.community_id == community.id)
    change_rows(update(JointRequest).where(*asked).values(declined_at=at))


def take_back_asking(event: Event, community_id: int) -> None:
    """Ask a circle no longer. Twice is harmless."""
    change_rows(
        delete(JointRequest).where(JointRequest.event_id == event.id, JointRequest.community_id == community_id)
    )


def _is_open(event: Event, community: Community) -> bool:
    found = queries.joint_request(event.id, community.id)
    return found is not None and found.declined_at is None


def move_meetings(source: Community, target: Community, *, at: datetime) -> None:
    """Give everything that hangs on one circle in this room to another, which it becomes part of."""
    has_both = select(event_community.c.event_id).where(event_community.c.community_id == target.id).scalar_subquery()
    ours = event_community.c.community_id == source.id
    for event in db.session.scalars(select(Event).join(event_community).where(ours)):
        event.touch(at)
    db.session.flush()
    db.session.execute(delete(event_community).where(ours, event_community.c.event_id.in_(has_both)))
    db.session.execute(update(event_community).where(ours).values(community_id=target.id))
    change_rows(delete(JointRequest).where(JointRequest.community_id == source.id))
    for table in (Poll, Turn):
        change_rows(update(table).where(table.community_id == source.id).values(community_id=target.id))
    db.session.expire_all()
