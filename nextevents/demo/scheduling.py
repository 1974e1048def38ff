"""How dates come about, to look at: two polls, requests to approve, questions, hosts that take turns, a joint meeting.

Rows are written as they would stand by now; no mails go out for what happened before.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from ..communities.models import Belonging, Community
from ..events.models import (
    Event,
    JointRequest,
    Poll,
    PollOption,
    Question,
    QuestionKind,
    Registration,
    Stage,
    State,
    Turn,
    Vote,
    Voter,
    VotesShown,
    Wish,
    event_community,
)
from ..events.services import connect_turns
from ..ground import clock
from ..ground.database import db
from ..ground.holidays import is_meeting_day
from ..people.models import Person

#: What somebody who votes says to a time that suits many, some, and few.
_MOODS = (
    (Wish.YES, Wish.YES, Wish.YES, Wish.IF_NEED_BE),
    (Wish.YES, Wish.IF_NEED_BE, Wish.NO),
    (Wish.NO, Wish.NO, Wish.IF_NEED_BE, Wish.YES),
)
#: So many of a circle have a standing yes.
STANDING = 6
_COMMENTS = ("Nachmittags lieber als vormittags.", "", "", "Ich komme zehn Minuten später.", "", "", "", "")


def load_scheduling(circles: dict[str, Community], crowd: Sequence[Person], lead: Person, *, at: datetime) -> None:
    """Fill the desk of one lead with what waits there. The same people every time."""
    chance = random.Random(11)  # noqa: S311 - made-up people, no secret
    chatbot = circles["chatbot-community"]
    coming = _coming_meetings(chatbot, at)
    if coming:
        _load_decided_poll(chatbot, coming[0], crowd, lead, chance, at)
        _ask_first(coming[-2:][0], crowd, chance, at)  # the last one is a pattern for the meeting after it
    _load_open_poll(chatbot, crowd, lead, chance, at)
    _load_turns(circles["whats-next"], [lead, *crowd[:3]], at)
    for circle in circles.values():
        _load_standing(circle, at)
    _ask_for_joint_meeting(chatbot, circles["machine-learning-ki"], at)
    db.session.flush()


def _coming_meetings(circle: Community, at: datetime) -> Sequence[Event]:
    """Its meetings of more than a week ahead that people register for, the next one first."""
    chosen = select(Event).join(event_community).where(event_community.c.community_id == circle.id)
    is_one = (Event.stage == Stage.PUBLISHED, Event.takes_registrations, Event.starts_at > at + timedelta(days=7))
    return db.session.scalars(chosen.where(*is_one).order_by(Event.starts_at)).all()


def _load_open_poll(
    circle: Community, crowd: Sequence[Person], lead: Person, chance: random.Random, at: datetime
) -> None:
    days = _workdays(clock.local(at).date() + timedelta(weeks=5), 4)
    times = [datetime.combine(day, time(hour)) for day, hour in zip(days, (10, 14, 14, 9), strict=True)]
    poll = _poll(circle, "Werkschau der Bots", times, lead, at, closes_in=timedelta(days=12))
    poll.text = "Zwei Stunden, mit Vorführungen. Bringen Sie mit, was Sie zuletzt gebaut haben."
    _vote(poll, chance.sample(list(crowd), 14), voted=9, chance=chance, at=at)


def _load_decided_poll(
    circle: Community, event: Event, crowd: Sequence[Person], lead: Person, chance: random.Random, at: datetime
) -> None:
    """The poll that has led to a meeting which is there already."""
    others = [event.starts_local + timedelta(days=days) for days in (-1, 1)]
    poll = _poll(
        circle, event.title, [others[0], event.starts_local, others[1]], lead, at, closes_in=-timedelta(days=5)
    )
    poll.event_id, poll.closed_at = event.id, at - timedelta(days=4)
    _vote(poll, chance.sample(list(crowd), 12), voted=11, chance=chance, at=at)


def _workdays(first: date, count: int) -> list[date]:
    days = (first + timedelta(days=number) for number in range(40))
    return [one for one in days if one.isoweekday() < 6 and is_meeting_day(one)][:count]  # noqa: PLR2004 - Saturday


def _poll(
    circle: Community,
    title: str,
    times: Sequence[datetime],
    lead: Person,
    at: datetime,
    *,
    closes_in: timedelta,
) -> Poll:
    poll = Poll(
        community_id=circle.id,
        title=title,
        votes_shown=VotesShown.EVERYBODY,
        closes_at=at + closes_in,
        made_at=at - timedelta(days=9),
        made_by_id=lead.id,
    )
    poll.options = [_option(one, one + timedelta(minutes=90)) for one in times]
    db.session.add(poll)
    db.session.flush()
    return poll


def _option(starts: datetime, ends: datetime) -> PollOption:
    moments = {"starts_at": clock.moment_of(starts), "ends_at": clock.moment_of(ends)}
    return PollOption(starts_local=starts, ends_local=ends, **moments)


def _vote(poll: Poll, people: Sequence[Person], *, voted: int, chance: random.Random, at: datetime) -> None:
    """Ask these people; the first of them have answered."""
    for number, person in enumerate(people):
        voter = Voter(
            poll_id=poll.id,
            address=person.address,
            address_key=person.address_key,
            person_id=person.id,
            name=person.name,
            comment=_COMMENTS[number % len(_COMMENTS)] if number < voted else "",
            asked_at=at - timedelta(days=9),
            voted_at=at - timedelta(days=8, minutes=-number) if number < voted else None,
        )
        db.session.add(voter)
        db.session.flush()
        if number < voted:
            said = [chance.choice(_MOODS[(place + 2) % 3]) for place in range(len(poll.options))]
            db.session.add_all(
                Vote(voter_id=voter.id, option_id=option.id, wish=wish)
                for option, wish in zip(poll.options, said, strict=True)
            )
    db.session.flush()


def _ask_first(event: Event, crowd: Sequence[Person], chance: random.Random, at: datetime) -> None:
    """A meeting at which somebody looks at each request, with questions of which one depends on another."""
    event.needs_approval = True
    kinds = ["gar keine", "erste Versuche", "im Betrieb"]
    first = Question(
        event_id=event.id,
        kind=QuestionKind.ONE_OF,
        label="Welche Erfahrung haben Sie mit Bots?",
        options=kinds,
        position=0,
    )
    db.session.add(first)
    db.session.flush()
    db.session.add(
        Question(
            event_id=event.id,
            kind=QuestionKind.TEXT,
            label="Was möchten Sie zeigen?",
            position=1,
            shown_if_id=first.id,
            shown_if_answer="im Betrieb",
        )
    )
    there = set(db.session.scalars(select(Registration.person_id).where(Registration.event_id == event.id)))
    strangers = [one for one in crowd if one.id not in there]
    for person in chance.sample(strangers, min(3, len(strangers))):
        request = Registration(event=event, person=person, name=person.name, organisation_name=person.body)
        request.state, request.has_seat, request.made_at = State.REQUESTED, False, at - timedelta(days=1)
        db.session.add(request)
    db.session.flush()


def _load_turns(series: Community, hosts: Sequence[Person], at: datetime) -> None:
    """Who hosts from the next date on, month by month."""
    coming = _coming_meetings(series, at)
    month = (coming[0].starts_local.date() if coming else clock.local(at).date()).replace(day=1)
    for host in hosts:
        db.session.add(Turn(community_id=series.id, person_id=host.id, month=month))
        month = (month + timedelta(days=31)).replace(day=1)
    db.session.flush()
    connect_turns(at=at)


def _load_standing(circle: Community, at: datetime) -> None:
    """Some who belong to a circle and are at its next meeting always come."""
    coming = _coming_meetings(circle, at)
    if not coming:
        return
    is_there = select(Registration.person_id).where(
        Registration.event_id == coming[0].id, Registration.state == State.CONFIRMED
    )
    chosen = select(Belonging).where(Belonging.community_id == circle.id, Belonging.person_id.in_(is_there))
    for belonging in db.session.scalars(chosen.order_by(Belonging.id).limit(STANDING)):
        belonging.always_comes = True
    db.session.flush()


def _ask_for_joint_meeting(circle: Community, asking: Community, at: datetime) -> None:
    """Another circle asks this one to hold its next meeting together."""
    for event in _coming_meetings(asking, at):
        if circle not in event.communities:
            db.session.add(JointRequest(event_id=event.id, community_id=circle.id, asked_at=at - timedelta(days=1)))
            return
