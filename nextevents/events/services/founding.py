"""A date becomes a community: proposed by a lead, founded by the office, and whoever was there is asked to join."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...communities import services as communities
from ...communities.errors import NameTaken
from ...communities.models import Community, Kind
from ...communities.queries import is_name_free
from ...ground.audit import note_deed
from ...ground.database import db
from ...ground.text import slug_of
from ...mailing.services import post_all
from ...people.addresses import address_of
from ...people.models import Person
from .. import messages_to_circles as messages
from .. import rules
from ..errors import NothingToFound
from ..models import Event, ProposedCircle, Registration, State
from . import seats

#: Who was there, as far as anybody has noted.
WAS_THERE = (State.ATTENDED, State.CONFIRMED)


def propose_circle(event: Event, name: str, summary: str, *, by: Person, at: datetime) -> ProposedCircle:
    """Draft a community that comes out of a date that is over; the office's own is founded at once.

    Whatever was proposed before and not founded is replaced. Raises NothingToFound and NameTaken.
    """
    seats.hold(event)
    standing = db.session.get(ProposedCircle, event.id, populate_existing=True)
    if not rules.may_become_circle(event, at=at) or (standing and standing.community_id):
        raise NothingToFound
    if not is_name_free(slug_of(name), name):
        raise NameTaken
    proposed = standing or ProposedCircle(event=event)
    proposed.name, proposed.summary, proposed.refused_at = name, summary, None
    proposed.proposed_by, proposed.proposed_at = by, at
    db.session.add(proposed)
    db.session.flush()
    if by.is_office:
        found_proposed(proposed, by=by, at=at)
    return proposed


def found_proposed(proposed: ProposedCircle, *, by: Person, at: datetime) -> Community:
    """Found a proposed community, led by whoever proposed it, and ask those who were at the date. Twice is harmless.

    Nobody belongs to it before saying yes but its lead. Raises NameTaken and NothingToFound.
    """
    event = proposed.event
    seats.hold(event)
    db.session.refresh(proposed)
    if proposed.community:
        return proposed.community
    if not rules.may_become_circle(event, at=at):
        raise NothingToFound
    circle = communities.found(slug_of(proposed.name), proposed.name, Kind.COMMUNITY, summary=proposed.summary, at=at)
    lead = proposed.proposed_by
    if lead and not lead.is_office:
        communities.appoint(circle, address_of(lead.typed_address), by=by, at=at)
    proposed.community, proposed.refused_at = circle, None
    db.session.flush()
    people = [one for one in _who_was_there(event) if lead is None or one.id != lead.id]
    post_all((messages.circle_founded(circle, event, one, at=at) for one in people), at=at)
    note_deed("founded_from_event", f"event:{event.id}", person_id=by.id, at=at, community=circle.id, asked=len(people))
    return circle


def _who_was_there(event: Event) -> list[Person]:
    chosen = (
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state.in_(WAS_THERE))
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    )
    return [one.person for one in db.session.scalars(chosen)]


def refuse_proposed(proposed: ProposedCircle, *, at: datetime) -> None:
    """Found no such community; whoever proposed it sees that at the date. Raises NothingToFound once it is there."""
    seats.hold(proposed.event)
    db.session.refresh(proposed)
    if proposed.community_id:
        raise NothingToFound
    proposed.refused_at = proposed.refused_at or at
    db.session.flush()
