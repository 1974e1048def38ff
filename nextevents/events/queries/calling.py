"""Who is invited to a meeting by entry, who has a standing yes, and what they answered."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import joinedload

from ...communities.models import Belonging, Community
from ...ground.database import db
from ...people.models import Membership, Person
from ..models import ACTIVE, Audience, Call, CallAnswer, Event, Registration, State, event_community

PORTION = 1_000
#: A registration in one of these states has brought an entry, or has taken it away again.
WITH_ENTRY = tuple(state for state in State if state not in {State.UNCONFIRMED, State.REQUESTED})


class Called(NamedTuple):
    """Somebody who is invited by entry, as plain values."""

    person_id: int
    name: str
    address: str
    language: str
    #: One of the event's circles to which the person belongs; 0 for whoever has left them all.
    community_id: int


@dataclass(frozen=True)
class CallCounts:
    """How an invitation by entry stands."""

    called: int = 0
    accepted: int = 0
    tentative: int = 0
    declined: int = 0

    @property
    def silent(self) -> int:
        """How many have not answered."""
        return self.called - self.accepted - self.tentative - self.declined


def people_to_call(event: Event, on: date) -> Select[int]:
    """The numbers of those who want invitations of the event's circles and neither come nor were asked before."""
    return (
        _belonging(event, on)
        .distinct()
        .with_only_columns(Belonging.person_id)
        .where(Belonging.gets_invitations, Community.invites, ~_has_call(event))
    )


def people_who_always_come(event: Event, on: date) -> Sequence[tuple[int, int]]:
    """Those with a standing yes to one of the event's circles, in the order in which they joined, and that circle.

    Whoever was registered before, or has declined this one date, is left out.
    """
    chosen = (
        _always_coming(event, on)
        .with_only_columns(Belonging.person_id, func.min(Belonging.community_id))
        .group_by(Belonging.person_id)
        .order_by(func.min(Belonging.since), func.min(Belonging.id))
    )
    return [(person_id, community_id) for person_id, community_id in db.session.execute(chosen)]


def _always_coming(event: Event, on: date) -> Select[Belonging]:
    has_declined = select(Call.person_id).where(
        Call.event_id == event.id, Call.person_id == Belonging.person_id, Call.answer == CallAnswer.DECLINED
    )
    return _belonging(event, on).where(Belonging.always_comes, ~has_declined.exists())


def _belonging(event: Event, on: date) -> Select[Belonging]:
    """Who belongs to the event's circles, may come, and was never registered."""
    was_registered = select(Registration.id).where(
        Registration.event_id == event.id, Registration.person_id == Belonging.person_id
    )
    return (
        select(Belonging)
        .join(Community, Community.id == Belonging.community_id)
        .join(event_community, event_community.c.community_id == Belonging.community_id)
        .where(event_community.c.event_id == event.id, ~was_registered.exists(), *_may_come(event, on))
    )


def _may_come(event: Event, on: date) -> list[ColumnElement[bool]]:
    if event.audience != Audience.MEMBERS:
        return []
    is_members = and_(
        or_(Membership.person_id == Person.id, Membership.organisation_id == Person.organisation_id),
        Membership.began_on <= on,
        or_(Membership.ended_on.is_(None), Membership.ended_on > on),
    )
    return [Belonging.person_id.in_(select(Person.id).join(Membership, is_members))]


def _has_call(event: Event) -> ColumnElement[bool]:
    return select(Call.person_id).where(Call.event_id == event.id, Call.person_id == Belonging.person_id).exists()


def dates_to_come(community: Community, at: datetime) -> Select[Event]:
    """A circle's dates that are not over, drafts included."""
    is_its = select(event_community.c.event_id).where(event_community.c.community_id == community.id)
    return select(Event).where(Event.id.in_(is_its.scalar_subquery()), Event.ends_at > at)


def dates_to_call_to(community: Community, person: Person, dates: Collection[int]) -> Select[int]:
    """Those of a circle's dates to which somebody wants an invitation, never was registered, and was not called."""
    wants = select(Belonging.id).where(
        Belonging.community_id == community.id, Belonging.person_id == person.id, Belonging.gets_invitations
    )
    was_registered = select(Registration.id).where(
        Registration.event_id == Event.id, Registration.person_id == person.id
    )
    was_called = select(Call.person_id).where(Call.event_id == Event.id, Call.person_id == person.id)
    invites = select(Community.id).where(Community.id == community.id, Community.invites)
    return select(Event.id).where(
        Event.id.in_(dates), wants.exists(), invites.exists(), ~was_registered.exists(), ~was_called.exists()
    )


def own_places(person: Person, dates: Collection[Event]) -> dict[int, Registration]:
    """A person's places at these dates, by the dates' numbers."""
    numbers = [one.id for one in dates]
    chosen = select(Registration).where(Registration.person_id == person.id, Registration.event_id.in_(numbers))
    found = db.session.scalars(chosen.where(Registration.state.in_(ACTIVE)).options(joinedload(Registration.event)))
    return {one.event_id: one for one in found}


def called_since(event: Event, at: datetime) -> Iterator[list[Called]]:
    """Those who were called at that moment, a thousand at a time."""
    return _called(event, Call.called_at == at)


def told_by_call(event: Event) -> Iterator[list[Called]]:
    """Those who have the event's entry only because they were called, a thousand at a time (guarantee G23).

    Whoever has registered hears of changes as a participant, and whoever has declined does not want to.
    """
    has_entry = select(Registration.id).where(
        Registration.event_id == event.id,
        Registration.person_id == Call.person_id,
        Registration.state.in_(WITH_ENTRY),
    )
    return _called(event, Call.answer.is_distinct_from(CallAnswer.DECLINED), ~has_entry.exists())


def _called(event: Event, *conditions: ColumnElement[bool]) -> Iterator[list[Called]]:
    circle = (
        select(func.min(Belonging.community_id))
        .join(event_community, event_community.c.community_id == Belonging.community_id)
        .where(event_community.c.event_id == event.id, Belonging.person_id == Call.person_id)
        .scalar_subquery()
    )
    chosen = (
        select(Person.id, Person.name, Person.address, Person.language, func.coalesce(circle, 0))
        .join(Call, Call.person_id == Person.id)
        .where(Call.event_id == event.id, *conditions)
        .order_by(Call.person_id)
    )
    # read on while mails are written: asking anew for each portion takes PostgreSQL longer the more there are
    for rows in db.session.execute(chosen.execution_options(yield_per=PORTION)).partitions():
        yield [Called(*row) for row in rows]


def call_of(event_id: int, person_id: int) -> Call | None:
    """That somebody was called to an event, with both; None for whoever was not."""
    return db.session.scalars(
        select(Call)
        .where(Call.event_id == event_id, Call.person_id == person_id)
        .options(joinedload(Call.event).selectinload(Event.communities), joinedload(Call.person))
    ).first()


def call_counts(event: Event) -> CallCounts:
    """How many were called to an event, and what they answered."""
    answered = [func.count().filter(Call.answer == answer) for answer in ("accepted", "tentative", "declined")]
    counts = db.session.execute(select(func.count(), *answered).where(Call.event_id == event.id)).one()
    return CallCounts(**dict(zip(("called", "accepted", "tentative", "declined"), counts, strict=True)))


def count_to_call(event: Event, on: date) -> int:
    """How many would be invited by entry now."""
    return db.session.scalar(select(func.count()).select_from(people_to_call(event, on).subquery())) or 0


def reach_of(event: Event, on: date) -> int:
    """How many people publishing this draft would call: those to invite, and those with a standing yes."""
    if not event.takes_registrations or event.audience == Audience.INVITED:
        return 0
    standing = _always_coming(event, on).with_only_columns(Belonging.person_id)
    reached = union(people_to_call(event, on), standing).subquery()
    return db.session.scalar(select(func.count()).select_from(reached)) or 0
