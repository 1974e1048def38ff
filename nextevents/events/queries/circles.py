"""What the leads of a circle have to know: its meetings, what waits for them, who drifts away, whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from ...communities.models import Belonging, Community
from ...ground.database import db
from ...ground.errors import NotFound
from ...mailing import queries as mailing
from ...people.models import Person
from ..models import (
    Announcement,
    Call,
    Event,
    JointRequest,
    Place,
    Poll,
    Registration,
    Stage,
    State,
    Turn,
    Voter,
    event_community,
)
from .replies import proposals_to

#: A circle without a date in this time should think of one.
WITHOUT_DATE = timedelta(days=90)
#: From so long before a meeting on, people ask for the way in.
DIAL_IN_WANTED = timedelta(days=14)
#: So long before its deadline a poll in which many are silent needs somebody.
CLOSES_SOON = timedelta(days=2)
#: Whoever came before, and to none of so many last meetings, drifts away.
MISSED = 3
CAME = (State.CONFIRMED, State.WAITING, State.OFFERED, State.ATTENDED, State.EXCUSED)


@dataclass(frozen=True)
class SlowPoll:
    """A poll that closes soon and in which half of those asked, or more, have not voted."""

    poll: Poll
    silent: int
    asked: int


@dataclass(frozen=True)
class Pending:
    """What needs the leads of a circle."""

    requests: Sequence[tuple[Event, int]]
    without_dial_in: Sequence[Event]
    drafts: Sequence[Event]
    #: Polls whose time is up, and no date was chosen.
    polls: Sequence[Poll]
    slow_polls: Sequence[SlowPoll]
    joint: Sequence[JointRequest]
    #: Other times that people propose.
    proposals: Sequence[Call]
    #: Dates with answers that the office still has to look at, and how many.
    in_review: Sequence[tuple[Event, int]]
    has_no_date: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class Drifting:
    """Who came before, and to none of the last meetings."""

    #: Those who agreed to be seen, by name.
    shown: Sequence[Person]
    #: How many more there are.
    others: int


def _is_of(community: Community) -> ColumnElement[bool]:
    return Event.id.in_(
        select(event_community.c.event_id).where(event_community.c.community_id == community.id).scalar_subquery()
    )


def pending_for(community: Community, at: datetime) -> Pending:
    """What needs the leads of a circle now."""
    is_coming = (_is_of(community), Event.ends_at > at)
    asked = (
        select(Event, func.count())
        .join(Registration, Registration.event_id == Event.id)
        .where(*is_coming, Registration.state == State.REQUESTED)
        .group_by(Event.id)
        .order_by(Event.starts_at)
    )
    soon = select(Event).where(
        *is_coming,
        Event.stage == Stage.PUBLISHED,
        Event.takes_registrations,
        Event.place != Place.IN_PRESENCE,
        Event.dial_in == "",
        Event.starts_at < at + DIAL_IN_WANTED,
    )
    polls = select(Poll).where(
        Poll.community_id == community.id, Poll.closed_at.is_(None), Poll.event_id.is_(None), Poll.closes_at <= at
    )
    dates = select(Event.id).where(*is_coming, Event.stage == Stage.PUBLISHED, Event.starts_at < at + WITHOUT_DATE)
    coming = db.session.scalars(select(Event).where(*is_coming).order_by(Event.starts_at)).all()
    return Pending(
        requests=[(event, count) for event, count in db.session.execute(asked)],
        without_dial_in=db.session.scalars(soon.order_by(Event.starts_at)).all(),
        drafts=db.session.scalars(
            select(Event).where(*is_coming, Event.stage == Stage.DRAFT).order_by(Event.starts_at)
        ).all(),
        polls=db.session.scalars(polls.order_by(Poll.closes_at)).all(),
        slow_polls=_slow_polls(community, at),
        joint=joint_requests_to(community, at),
        proposals=proposals_to(coming),
        in_review=_in_review(coming),
        has_no_date=not db.session.scalar(select(dates.exists())),
    )


def _slow_polls(community: Community, at: datetime) -> list[SlowPoll]:
    asked, silent = func.count(), func.count().filter(Voter.voted_at.is_(None))
    rows = db.session.execute(
        select(Poll, silent, asked)
        .join(Voter, Voter.poll_id == Poll.id)
        .where(Poll.community_id == community.id, Poll.closed_at.is_(None), Voter.asked_at.is_not(None))
        .where(Poll.closes_at > at, Poll.closes_at <= at + CLOSES_SOON)
        .group_by(Poll.id)
        .having(silent * 2 >= asked)
        .order_by(Poll.closes_at, Poll.id)
    )
    return [SlowPoll(*row) for row in rows]


def _in_review(coming: Sequence[Event]) -> list[tuple[Event, int]]:
    counts = mailing.counts_in_review([f"event:{one.id}" for one in coming])
    return [(one, counts[f"event:{one.id}"]) for one in coming if f"event:{one.id}" in counts]


def joint_requests_to(community: Community, at: datetime) -> Sequence[JointRequest]:
    """What other circles have asked this one, and nobody has answered."""
    return db.session.scalars(
        select(JointRequest)
        .join(Event)
        .where(JointRequest.community_id == community.id, JointRequest.declined_at.is_(None), Event.ends_at > at)
        .options(joinedload(JointRequest.event).selectinload(Event.communities))
        .order_by(Event.starts_at)
    ).all()


def joint_requests_of(event: Event) -> Sequence[JointRequest]:
    """Which circles were asked to hold this event together, and have not agreed."""
    return db.session.scalars(
        select(JointRequest)
        .where(JointRequest.event_id == event.id)
        .options(joinedload(JointRequest.community))
        .order_by(JointRequest.asked_at)
    ).all()


def asked_event(community: Community, number: int) -> Event:
    """The event that a circle was asked to hold together, or does by now. Raises NotFound if it was not asked."""
    event = db.session.get(Event, number)
    if event is None or (community not in event.communities and not joint_request(number, community.id)):
        raise NotFound
    return event


def joint_request(event_id: int, community_id: int) -> JointRequest | None:
    """That a circle was asked to hold an event together with others."""
    return db.session.get(JointRequest, (event_id, community_id), populate_existing=True)


def own_meetings(community: Community, at: datetime, *, limit: int) -> Sequence[Event]:
    """A circle's coming events, drafts included, in order."""
    return db.session.scalars(
        select(Event).where(_is_of(community), Event.ends_at > at).order_by(Event.starts_at, Event.id).limit(limit)
    ).all()


def shown_people(community: Community, *, limit: int) -> Sequence[Person]:
    """Those of a circle who have said, at one of its meetings, that they may be seen (rule L-15), by name."""
    return db.session.scalars(_people_of(community).where(Person.id.in_(_agreed(community))).limit(limit)).all()


def _people_of(community: Community) -> Select[Person]:
    return (
        select(Person)
        .join(Belonging, Belonging.person_id == Person.id)
        .where(Belonging.community_id == community.id)
        .options(joinedload(Person.organisation))
        .order_by(Person.name, Person.id)
    )


def _agreed(community: Community) -> Select[int]:
    """The numbers of those who have agreed to be seen."""
    return (
        select(Registration.person_id)
        .join(Event)
        .where(_is_of(community), Registration.is_shown, Registration.state.in_(CAME))
    )


def drifting(community: Community, at: datetime, *, limit: int) -> Drifting:
    """Those of a circle who came before, and to none of its last three meetings: they missed, declined or said nothing.

    Names only of those who agreed to be seen (rule L-15). Nobody drifts away from a circle that met less often.
    """
    last = db.session.scalars(
        select(Event.id)
        .where(_is_of(community), Event.stage == Stage.PUBLISHED, Event.takes_registrations, Event.ends_at <= at)
        .order_by(Event.starts_at.desc())
        .limit(MISSED)
    ).all()
    if len(last) < MISSED:
        return Drifting([], 0)
    was_there = Registration.state.in_((State.CONFIRMED, State.ATTENDED))
    came_before = (
        select(Registration.person_id)
        .join(Event)
        .where(_is_of(community), Event.ends_at <= at, Event.id.not_in(last), was_there)
    )
    came_lately = select(Registration.person_id).where(Registration.event_id.in_(last), was_there)
    gone = _people_of(community).where(Person.id.in_(came_before), Person.id.not_in(came_lately))
    count = db.session.scalar(select(func.count()).select_from(gone.order_by(None).subquery())) or 0
    shown = db.session.scalars(gone.where(Person.id.in_(_agreed(community))).limit(limit)).all()
    return Drifting(shown, count - len(shown))


def announcements_of(community: Community, *, limit: int) -> Sequence[tuple[Announcement, Event]]:
    """The newest messages to participants of a circle's meetings."""
    rows = db.session.execute(
        select(Announcement, Event)
        .join(Event, Event.id == Announcement.event_id)
        .where(_is_of(community))
        .order_by(Announcement.made_at.desc(), Announcement.id.desc())
        .limit(limit)
    )
    return [(announcement, event) for announcement, event in rows]


def turns_of(community: Community, since: date) -> Sequence[Turn]:
    """Whose turn it is to host, from a month on, in order."""
    return db.session.scalars(
        select(Turn)
        .where(Turn.community_id == community.id, Turn.month >= since.replace(day=1))
        .options(joinedload(Turn.person))
        .order_by(Turn.month, Turn.id)
    ).all()


def own_turns(person: Person, since: date) -> Sequence[Turn]:
    """When it is a person's turn to host, from a month on, in order."""
    return db.session.scalars(
        select(Turn)
        .where(Turn.person_id == person.id, Turn.month >= since.replace(day=1))
        .options(selectinload(Turn.community))
        .order_by(Turn.month, Turn.id)
    ).all()


def turn(community: Community, number: int) -> Turn | None:
    """One turn of a circle."""
    return db.session.scalars(
        select(Turn)
        .where(Turn.id == number, Turn.community_id == community.id)
        .options(joinedload(Turn.person), joinedload(Turn.community))
    ).first()
