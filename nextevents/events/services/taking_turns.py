"""Hosts that take turns: who hosts in which month, handing over, and a reminder three weeks ahead.

Whose turn it is may run that month's date as its guest at the desk, without leading the circle.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import and_, delete, insert, or_, select

from ...communities.errors import NobodyKnown
from ...communities.models import Community
from ...ground import clock
from ...ground.database import change_rows, db
from ...mailing.services import post
from ...people import queries as people
from ...people.addresses import Address
from ...people.models import Person
from .. import messages_to_hosts as messages
from ..errors import AlreadyOver, AlreadyYourTurn, NotYourTurn
from ..models import Event, Stage, Turn, event_community, event_host

#: How long before a date its host is reminded.
AHEAD = timedelta(days=21)


def give_turn(community: Community, month: date, address: Address, *, at: datetime) -> Turn:
    """Let whoever has this address host a circle's date of a month; one person a month.

    Raises NobodyKnown for an address that nobody has proved.
    """
    person = _known(address)
    first = month.replace(day=1)
    standing = db.session.scalars(select(Turn).where(Turn.community_id == community.id, Turn.month == first)).first()
    if standing:
        _hand_over(standing, person)
        return standing
    turn = Turn(community_id=community.id, person_id=person.id, month=first)
    db.session.add(turn)
    db.session.flush()
    connect_turns(at=at)
    return turn


def hand_over_turn(turn: Turn, address: Address, note: str = "", *, by: Person, at: datetime) -> Person:
    """Let somebody else host in one's place, with the rights for that one date; they hear of it, with one's words.

    Raises NobodyKnown for an address that nobody has proved, AlreadyYourTurn for one's own, AlreadyOver once the date
    has begun, and NotYourTurn if somebody else has it by now. Then nothing has changed.
    """
    db.session.refresh(turn, with_for_update=True)
    if turn.person_id != by.id:
        raise NotYourTurn
    if not is_to_come(turn, at=at):
        raise AlreadyOver
    person = _known(address)
    if person.id == by.id:
        raise AlreadyYourTurn
    _hand_over(turn, person)
    if (turn.event.starts_at if turn.event else clock.moment_of(_midnight(turn.month))) <= at + AHEAD:
        turn.reminded_at = at  # the mail about it says all that the reminder would
    post(messages.turn_handed(turn, by, note, at=at), at=at)
    return person


def is_to_come(turn: Turn, *, at: datetime) -> bool:
    """Whether somebody else can still host: the date has not begun, or its month is not over."""
    return turn.event.starts_at > at if turn.event else turn.month >= clock.local(at).date().replace(day=1)


def _known(address: Address) -> Person:
    person = people.person_with_key(address.key)
    if person is None or person.proved_at is None:
        raise NobodyKnown
    return person


def _hand_over(turn: Turn, person: Person) -> None:
    db.session.refresh(turn, with_for_update=True)
    if turn.person_id == person.id:
        return
    _take_rights(turn)
    turn.person_id, turn.reminded_at = person.id, None
    db.session.flush()
    db.session.expire(turn, ["person"])
    _give_rights(turn)


def drop_turn(turn: Turn) -> None:
    """Let nobody host that month, for now."""
    _take_rights(turn)
    change_rows(delete(Turn).where(Turn.id == turn.id))


def connect_turns(*, at: datetime) -> None:
    """Find the dates of those turns that have none yet, and give their hosts the rights for them."""
    this_month = clock.local(at).date().replace(day=1)
    for turn in db.session.scalars(select(Turn).where(Turn.event_id.is_(None), Turn.month >= this_month)):
        event_id = _date_of(turn, at)
        if event_id:
            turn.event_id = event_id
            db.session.flush()
            db.session.expire(turn, ["event"])
            _give_rights(turn)


def _date_of(turn: Turn, at: datetime) -> int | None:
    next_month = (turn.month + timedelta(days=31)).replace(day=1)
    return db.session.scalar(
        select(Event.id)
        .join(event_community, event_community.c.event_id == Event.id)
        .where(event_community.c.community_id == turn.community_id, Event.stage != Stage.CANCELLED)
        .where(Event.starts_local >= _midnight(turn.month), Event.starts_local < _midnight(next_month))
        .where(Event.ends_at > at)
        .order_by(Event.starts_at, Event.id)
        .limit(1)
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - what the wall clock shows


def _give_rights(turn: Turn) -> None:
    if turn.event_id:
        values = {"event_id": turn.event_id, "person_id": turn.person_id}
        there = select(event_host.c.event_id).filter_by(**values)
        if not db.session.scalar(select(there.exists())):
            db.session.execute(insert(event_host).values(**values))


def _take_rights(turn: Turn) -> None:
    if turn.event_id:
        db.session.execute(
            delete(event_host).where(event_host.c.event_id == turn.event_id, event_host.c.person_id == turn.person_id)
        )


def remind_hosts(*, at: datetime) -> int:
    """Write to those whose date, or month, is three weeks ahead; returns how many. Each is reminded once."""
    connect_turns(at=at)
    day = clock.local(at + AHEAD).date()
    is_near = or_(
        and_(Turn.event_id.is_not(None), Event.starts_at <= at + AHEAD),
        and_(Turn.event_id.is_(None), Turn.month <= day),
    )
    due = (
        select(Turn)
        .outerjoin(Event, Event.id == Turn.event_id)
        .where(Turn.reminded_at.is_(None), Turn.month >= clock.local(at).date().replace(day=1), is_near)
        .with_for_update(of=Turn)
    )
    found = db.session.scalars(due).all()
    for turn in found:
        turn.reminded_at = at
        post(messages.your_turn(turn, at=at), at=at)
    db.session.flush()
    return len(found)
