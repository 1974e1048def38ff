"""What dates are made from: a circle's last meeting, what else takes place, dates of a series, polls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ...communities.models import Belonging, Community
from ...ground.database import db
from ...ground.errors import NotFound
from ...people.models import Person
from ..models import (
    ACTIVE,
    Call,
    Event,
    Format,
    Poll,
    PollOption,
    Registration,
    Series,
    Stage,
    Vote,
    Voter,
    Wish,
    event_community,
)

#: A day on the wall clock lies within so much of any moment of it.
_DAY = timedelta(days=1)
MOST_OTHERS = 1_000


def last_meeting(community: Community) -> Event | None:
    """The latest meeting of a circle, to come or past, drafts included; None if there was none that took place."""
    chosen = select(Event).join(event_community).where(event_community.c.community_id == community.id)
    is_one = (Event.stage != Stage.CANCELLED, Event.format.not_in((Format.EXTERNAL, Format.PANEL)))
    return db.session.scalars(chosen.where(*is_one).order_by(Event.starts_at.desc(), Event.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Span:
    """A time that somebody thinks of, in moments and on the wall clock."""

    starts_at: datetime
    ends_at: datetime
    starts_local: datetime
    ends_local: datetime


def last_day_of(time: Event | PollOption | Span) -> date:
    """The last day on the wall clock; what ends at midnight does not reach into the day after."""
    return max(time.starts_local, time.ends_local - timedelta(microseconds=1)).date()


def others_near(
    spans: Sequence[Span | PollOption], *, but: Iterable[int] = ()
) -> list[tuple[list[Event], list[Event]]]:
    """For each time the public events that overlap it, and the other ones on its day or days. One query for all."""
    if not spans:
        return []
    first, last = min(one.starts_at for one in spans) - _DAY, max(one.ends_at for one in spans) + _DAY
    near = db.session.scalars(
        select(Event)
        .where(Event.stage == Stage.PUBLISHED, Event.is_listed, Event.starts_at < last, Event.ends_at > first)
        .where(Event.id.not_in(list(but)))
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_OTHERS)
    ).all()
    return [_split(one, near) for one in spans]


def _split(span: Span | PollOption, near: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    at_once = [one for one in near if one.starts_at < span.ends_at and one.ends_at > span.starts_at]
    first, last = span.starts_local.date(), last_day_of(span)
    same_day = [one for one in near if one.starts_local.date() <= last and last_day_of(one) >= first]
    return at_once, [one for one in same_day if one not in at_once]


def own_near(person: Person, spans: Sequence[Span | PollOption]) -> list[list[Event]]:
    """For each time the events that a person is registered for and that overlap it. One query for all."""
    if not spans:
        return []
    first, last = min(one.starts_at for one in spans), max(one.ends_at for one in spans)
    own = db.session.scalars(
        select(Event)
        .join(Registration)
        .where(Registration.person_id == person.id, Registration.state.in_(ACTIVE), Event.stage == Stage.PUBLISHED)
        .where(Event.starts_at < last, Event.ends_at > first)
        .order_by(Event.starts_at)
    ).all()
    return [[one for one in own if one.starts_at < span.ends_at and one.ends_at > span.starts_at] for span in spans]


def dates_of_series(series_id: int) -> Sequence[Event]:
    """All dates that a series has made, in order."""
    chosen = select(Event).where(Event.series_id == series_id).options(selectinload(Event.communities))
    return db.session.scalars(chosen.order_by(Event.starts_at, Event.id)).all()


def series_of(community: Community, at: datetime) -> Sequence[tuple[Series, Event, int]]:
    """The series of a circle that still have dates to come: the rule, the next date, and how many there are."""
    coming = (
        select(Event.series_id, func.min(Event.starts_at).label("next"), func.count().label("count"))
        .join(event_community)
        .where(event_community.c.community_id == community.id, Event.ends_at > at, Event.series_id.is_not(None))
        .where(Event.stage != Stage.CANCELLED)
        .group_by(Event.series_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Series, Event, coming.c.count)
        .join(coming, coming.c.series_id == Series.id)
        .join(Event, (Event.series_id == Series.id) & (Event.starts_at == coming.c.next))
        .order_by(coming.c.next, Event.id)
    )
    return list({series.id: (series, event, count) for series, event, count in rows}.values())


def poll(number: int) -> Poll:
    """A poll with its times and its circle. Raises NotFound."""
    chosen = select(Poll).where(Poll.id == number).options(joinedload(Poll.community), selectinload(Poll.options))
    found = db.session.scalars(chosen).first()
    if found is None:
        raise NotFound
    return found


def polls_of(community: Community) -> Sequence[Poll]:
    """All polls of a circle, the newest first."""
    chosen = select(Poll).where(Poll.community_id == community.id).options(selectinload(Poll.options))
    return db.session.scalars(chosen.order_by(Poll.id.desc()).limit(50)).all()


def voter(number: int) -> Voter:
    """Somebody who was asked or has voted, with the poll. Raises NotFound."""
    chosen = select(Voter).where(Voter.id == number)
    found = db.session.scalars(chosen.options(joinedload(Voter.poll), selectinload(Voter.votes))).first()
    if found is None:
        raise NotFound
    return found


def voter_with_key(poll: Poll, address_key: str) -> Voter | None:
    """Whoever has this address among a poll's voters."""
    return db.session.scalars(select(Voter).where(Voter.poll_id == poll.id, Voter.address_key == address_key)).first()


def held_time(uid: str) -> PollOption | None:
    """A time of a poll by its identity in calendars."""
    return db.session.scalars(select(PollOption).where(PollOption.uid == uid[:200])).first()


def voter_count(poll: Poll) -> int:
    """How many take part in a poll, asked or not."""
    return db.session.scalar(select(func.count()).where(Voter.poll_id == poll.id)) or 0


def reached_people(event: Event) -> set[int]:
    """The numbers of those who were called to an event by entry, or are registered for it."""
    called = select(Call.person_id).where(Call.event_id == event.id)
    registered = select(Registration.person_id).where(Registration.event_id == event.id, Registration.state.in_(ACTIVE))
    return set(db.session.scalars(called.union(registered)))


def voters_of(poll: Poll) -> Sequence[Voter]:
    """Those who have voted, in the order in which they first came, with their votes."""
    chosen = select(Voter).where(Voter.poll_id == poll.id, Voter.voted_at.is_not(None))
    return db.session.scalars(chosen.options(selectinload(Voter.votes)).order_by(Voter.id)).all()


def unproved_yes(poll: Poll) -> Sequence[Voter]:
    """Those who said yes to the chosen time and have no place, because nobody knows whether the address is theirs.

    Whoever has registered since is left out. Which time was chosen is known by the entry that the meeting took over,
    else by the hour: once the meeting is moved to another, nobody is named any more.
    """
    event = poll.event
    if event is None:
        return []
    is_chosen = or_(PollOption.uid == event.uid, PollOption.starts_at == event.starts_at)
    said_yes = (
        select(Vote.voter_id)
        .join(PollOption, PollOption.id == Vote.option_id)
        .where(PollOption.poll_id == poll.id, is_chosen, Vote.wish == Wish.YES)
    )
    comes = (
        select(Person.address_key)
        .join(Registration, Registration.person_id == Person.id)
        .where(Registration.event_id == event.id, Registration.state.in_(ACTIVE))
    )
    is_unproved = (Voter.poll_id == poll.id, Voter.person_id.is_(None))
    is_without_place = or_(Voter.address_key.is_(None), Voter.address_key.not_in(comes))
    chosen = select(Voter).where(*is_unproved, Voter.id.in_(said_yes), is_without_place)
    return db.session.scalars(chosen.order_by(Voter.name, Voter.id)).all()


def silent_voters(poll: Poll, *, written_before: datetime) -> Sequence[Voter]:
    """Those who were asked, have not voted, and got their last mail before that moment."""
    is_silent = (Voter.poll_id == poll.id, Voter.voted_at.is_(None), Voter.asked_at.is_not(None))
    last_mail = func.coalesce(Voter.reminded_at, Voter.asked_at)
    chosen = select(Voter).where(*is_silent, last_mail < written_before).options(joinedload(Voter.person))
    return db.session.scalars(chosen.order_by(Voter.id)).all()


@dataclass(frozen=True)
class Turnout:
    """How many were asked by name, how many of these have not voted, and how many votes there are."""

    asked: int
    silent: int
    voted: int


def turnout(poll: Poll) -> Turnout:
    """How many were asked and have voted."""
    counts = (
        func.count().filter(Voter.asked_at.is_not(None)),
        func.count().filter(Voter.asked_at.is_not(None), Voter.voted_at.is_(None)),
        func.count().filter(Voter.voted_at.is_not(None)),
    )
    return Turnout(*db.session.execute(select(*counts).where(Voter.poll_id == poll.id)).one())


def tally(poll: Poll) -> Mapping[int, Mapping[Wish, int]]:
    """How often each wish was said for each time, by the time's number; each wish is there, with 0 if need be."""
    counted: dict[int, dict[Wish, int]] = {one.id: dict.fromkeys(Wish, 0) for one in poll.options}
    rows = db.session.execute(
        select(Vote.option_id, Vote.wish, func.count())
        .join(PollOption, PollOption.id == Vote.option_id)
        .where(PollOption.poll_id == poll.id)
        .group_by(Vote.option_id, Vote.wish)
    )
    for option_id, wish, count in rows:
        counted[option_id][wish] = count
    return counted


def people_to_ask(community: Community) -> Sequence[Person]:
    """The people of a circle who want its mails or its invitations, and have proved their address."""
    wanted = or_(Belonging.gets_mail, Belonging.gets_invitations)
    chosen = select(Person).join(Belonging, Belonging.person_id == Person.id)
    return db.session.scalars(
        chosen.where(Belonging.community_id == community.id, wanted, Person.proved_at.is_not(None)).order_by(Person.id)
    ).all()


def closing_polls(at: datetime, *, within: timedelta) -> Sequence[Poll]:
    """The open polls whose deadline comes within that time."""
    is_open = (Poll.closed_at.is_(None), Poll.closes_at > at, Poll.closes_at <= at + within)
    return db.session.scalars(select(Poll).where(*is_open).order_by(Poll.id)).all()
