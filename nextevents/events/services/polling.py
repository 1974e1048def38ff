"""Date polls: asking, voting, reminding the silent, and the time that becomes the meeting.

Whoever changes a poll or votes holds its row first, so a vote and the closing, or two leads who choose at once, come
one after the other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, insert, select, update

from ...communities.models import Community
from ...ground import clock
from ...ground.database import change_rows, db, insert_unless_there
from ...ground.errors import NotFound, Refusal
from ...mailing.services import post, post_all
from ...people.addresses import Address, address_of
from ...people.models import Person
from ...people.services import mark_proved, person_with_address
from .. import messages_to_voters as messages
from .. import queries
from ..errors import AlreadyOver, AskedRecently, NobodyAsked, NoDates, PollClosed, TooManyVoters
from ..models import Event, Invitation, Poll, PollOption, Stage, Vote, Voter, VotesShown, Wish
from .holding_times import become_meeting, hold_times, name_entries, release_chosen, release_times
from .meetings import Meeting, make_meeting
from .organising import publish_event
from .reading_invitees import Invitee
from .registration import Request, register

MOST_TIMES = 40
MOST_VOTERS = 5_000
#: The silent are reminded so often at the most.
BETWEEN_REMINDERS = timedelta(days=1)
#: So long before the deadline they are reminded by themselves.
LAST_CALL = timedelta(days=1)
PORTION = 1_000


@dataclass(frozen=True, kw_only=True)
class PollWish:
    """A poll as it shall be. Times are naive and as the wall clock in Berlin shows them."""

    title: str
    #: Markdown.
    text: str = ""
    times: Sequence[tuple[datetime, datetime]]
    closes_at: datetime
    votes_shown: VotesShown = VotesShown.EVERYBODY
    #: Whether the times stand in the calendars of those who are asked until one is chosen.
    holds_times: bool = False
    #: None: all of the circle.
    named: Sequence[Invitee] | None = None


def make_poll(community: Community, wish: PollWish, *, by: Person, at: datetime) -> Poll:
    """A poll that is open at once; everybody who is asked gets a mail with a link of their own.

    Raises NoDates, NobodyAsked, TooManyVoters, TooManyToHold; and clock.NoSuchLocalTimeError or
    clock.AmbiguousLocalTimeError.
    """
    times = sorted(set(wish.times))
    if not times or len(times) > MOST_TIMES:
        raise NoDates
    if wish.named is not None and not wish.named:
        raise NobodyAsked
    poll = Poll(
        community_id=community.id,
        title=wish.title,
        text=wish.text,
        asks_all=wish.named is None,
        votes_shown=wish.votes_shown,
        holds_times=wish.holds_times,
        closes_at=wish.closes_at,
        made_at=at,
        made_by_id=by.id,
    )
    poll.options = [_option(starts, ends) for starts, ends in times]
    db.session.add(poll)
    db.session.flush()
    if poll.holds_times:
        name_entries(poll)
    people = queries.people_to_ask(community) if wish.named is None else []
    rows = [
        *(_row(poll, one.address, one.address_key, one.name, one.id, at=at) for one in people),
        *(_named_row(poll, one, at=at) for one in wish.named or ()),
    ]
    if len(rows) > MOST_VOTERS:
        raise TooManyVoters(MOST_VOTERS)
    _ask(poll, rows, at=at)
    return poll


def _option(starts: datetime, ends: datetime) -> PollOption:
    return PollOption(
        starts_local=starts, ends_local=ends, starts_at=clock.moment_of(starts), ends_at=clock.moment_of(ends)
    )


def _row(
    poll: Poll, address: str, key: str | None, name: str, person_id: int | None = None, *, at: datetime | None
) -> dict[str, object]:
    return {
        "poll_id": poll.id,
        "address": address,
        "address_key": key,
        "name": name,
        "person_id": person_id,
        "comment": "",
        "asked_at": at,
        "reminders": 0,
    }


def _named_row(poll: Poll, one: Invitee, *, at: datetime) -> dict[str, object]:
    routed, key = (one.address.routed, one.address.key) if one.address else ("", None)
    return _row(poll, routed, key, one.name, at=at)


def _ask(poll: Poll, rows: Sequence[dict[str, object]], *, at: datetime) -> None:
    for portion in _portions(rows):
        statement = insert_unless_there(Voter).returning(Voter.id, Voter.address, Voter.address_key, Voter.name)
        found = db.session.execute(statement, portion)
        asked = [messages.Asked(number, address, key or "", name) for number, address, key, name in found]
        post_all(messages.asked(poll, asked, _languages(asked)), at=at)
        if poll.holds_times:
            hold_times(poll, [one.id for one in asked], at=at)


def _portions(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    remaining = iter(rows)
    while portion := list(islice(remaining, PORTION)):
        yield portion


def _languages(asked: Iterable["messages.Asked"]) -> dict[str, str]:
    """The language of those whom we know, by address; all others are written to in German."""
    keys = [one.address_key for one in asked]
    rows = db.session.execute(select(Person.address_key, Person.language).where(Person.address_key.in_(keys)))
    return dict(rows.all())


def hold(poll: Poll) -> None:
    """Let nobody else vote in this poll or change it until the transaction ends, and see it as it is now."""
    db.session.refresh(poll, with_for_update={"of": Poll})


def is_open(poll: Poll, *, at: datetime) -> bool:
    """Whether one can vote at that moment."""
    return poll.closed_at is None and at < poll.closes_at


@dataclass(frozen=True)
class Ballot:
    """What somebody says to the times; one that is not named was left open."""

    name: str
    wishes: Mapping[int, Wish]
    comment: str = ""


def vote(voter: Voter, ballot: Ballot, *, language: str = "de", at: datetime) -> None:
    """Vote by one's own link, or vote anew. A link that came by mail proves the address it was sent to.

    Raises PollClosed.
    """
    poll = voter.poll
    _hold_open(poll, at=at)
    if voter.address and voter.person_id is None:
        address = address_of(voter.address)
        person = person_with_address(address, name=ballot.name, language=language, at=at)
        mark_proved(person, name=ballot.name, at=at)
        voter.person = person
    _note(voter, ballot, at=at)


def vote_for_time(voter: Voter, option: PollOption, wish: Wish, *, stamp: datetime, at: datetime) -> bool:
    """Let what somebody answered to a held time in the calendar be their word on it; on other times it stays.

    Returns whether it counts: not if the person has said something about that time since. Raises PollClosed.
    """
    _hold_open(voter.poll, at=at)
    db.session.refresh(voter)
    said, said_at = {one.option_id: one.wish for one in voter.votes}, voter.voted_at
    if option.id in said and said_at and stamp <= said_at:
        return False
    vote(voter, Ballot(voter.name, said | {option.id: wish}, voter.comment), at=at)
    voter.voted_at = max(stamp, said_at or stamp)
    db.session.flush()
    return True


def _hold_open(poll: Poll, *, at: datetime) -> None:
    hold(poll)
    if not is_open(poll, at=at):
        raise PollClosed


def _note(voter: Voter, ballot: Ballot, *, at: datetime) -> None:
    """Put a voter's words in the place of earlier ones. The caller holds the poll."""
    numbers = {one.id for one in voter.poll.options}
    change_rows(delete(Vote).where(Vote.voter_id == voter.id))
    wishes = [(number, wish) for number, wish in ballot.wishes.items() if number in numbers]
    if wishes:
        rows = [{"voter_id": voter.id, "option_id": number, "wish": wish} for number, wish in wishes]
        db.session.execute(insert(Vote), rows)
    voter.name, voter.comment, voter.voted_at = ballot.name or voter.name, ballot.comment, at
    db.session.flush()
    db.session.expire(voter, ["votes"])


def vote_openly(
    poll: Poll,
    ballot: Ballot,
    *,
    person: Person | None = None,
    address: Address | None = None,
    nonce: str | None = None,
    language: str = "de",
    at: datetime,
) -> Voter | None:
    """Vote by the circle's link: as somebody who is signed in, with an address, or by name alone.

    Whoever types an address gets the own link by mail, and None is returned, whether that address has voted before
    or not: a stranger neither learns that nor changes it. The same form twice is one vote.

    Raises PollClosed and TooManyVoters.
    """
    _hold_open(poll, at=at)
    if person:
        voter = queries.voter_with_key(poll, person.address_key) or _added(
            poll, _row(poll, person.address, person.address_key, person.name, person.id, at=None)
        )
        voter.person = person
        _note(voter, ballot, at=at)
        return voter
    if nonce and (same := db.session.scalars(select(Voter).where(Voter.nonce == nonce)).first()):
        return None if same.address else same
    if address is None:
        voter = _added(poll, _row(poll, "", None, ballot.name, at=None) | {"nonce": nonce})
        _note(voter, ballot, at=at)
        return voter
    standing = queries.voter_with_key(poll, address.key)
    if standing is None:
        standing = _added(poll, _row(poll, address.routed, address.key, ballot.name, at=None) | {"nonce": nonce})
        _note(standing, ballot, at=at)
    post(messages.own_link(standing, language, at=at), at=at)
    return None


def _added(poll: Poll, row: dict[str, object]) -> Voter:
    if queries.voter_count(poll) >= MOST_VOTERS:
        raise TooManyVoters(MOST_VOTERS)
    voter = Voter(**row)
    db.session.add(voter)
    db.session.flush()
    return voter


def remind_silent_voters(poll: Poll, *, at: datetime) -> int:
    """Ask those once more who were asked and have not voted, with their own links; returns how many.

    Raises PollClosed, and AskedRecently if everybody has got a mail within a day.
    """
    _hold_open(poll, at=at)
    count = _remind(poll, written_before=at - BETWEEN_REMINDERS, at=at)
    if not count:
        raise AskedRecently
    return count


def remind_before_deadlines(*, at: datetime) -> int:
    """Remind the silent once, a day before their poll closes; whoever has just been asked is left alone."""
    count = 0
    for poll in queries.closing_polls(at, within=LAST_CALL):
        hold(poll)
        if is_open(poll, at=at):
            count += _remind(poll, written_before=poll.closes_at - LAST_CALL, at=at)
    return count


def _remind(poll: Poll, *, written_before: datetime, at: datetime) -> int:
    silent = queries.silent_voters(poll, written_before=written_before)
    for start in range(0, len(silent), PORTION):
        portion = silent[start : start + PORTION]
        numbers = [one.id for one in portion]
        change_rows(
            update(Voter)
            .where(Voter.id.in_(numbers))
            .values(reminders=Voter.reminders + 1, reminded_at=at)
            .execution_options(synchronize_session=False)
        )
        asked = [
            messages.Asked(one.id, one.address, one.address_key or "", one.name, one.reminders + 1) for one in portion
        ]
        post_all(messages.asked(poll, asked, _languages(asked)), at=at)
    for one in silent:
        db.session.expire(one)
    return len(silent)


def change_deadline(poll: Poll, closes_at: datetime) -> None:
    """Let people vote longer, or less long. Raises PollClosed once a time was chosen or the poll was ended."""
    hold(poll)
    if poll.closed_at is not None:
        raise PollClosed
    poll.closes_at = closes_at
    db.session.flush()


def close_poll(poll: Poll, *, at: datetime) -> None:
    """End a poll without a meeting. Twice is harmless."""
    hold(poll)
    if poll.closed_at is None:
        poll.closed_at = at
        db.session.flush()
        release_times(poll, at=at)


def choose_time(poll: Poll, option_id: int, *, by: Person, at: datetime) -> Event:
    """Make one of the times the meeting: like the circle's last one, published, with everybody who said yes.

    Registered is who said yes and is known: signed in, or asked by a mail of ours. Everybody else who was asked or
    left an address is told and invited by name. Whoever chooses after somebody else gets what was made then.

    Raises NotFound for a time of another poll, and AlreadyOver.
    """
    hold(poll)
    if poll.event:
        return poll.event
    option = next((one for one in poll.options if one.id == option_id), None)
    if option is None:
        raise NotFound
    if option.starts_at <= at:
        raise AlreadyOver
    meeting = Meeting(option.starts_local, option.ends_local, poll.title, poll.text)
    event = make_meeting(poll.community, meeting, publishes=False, at=at)
    if was_open := poll.closed_at is None:
        become_meeting(option, event)
    poll.event_id, poll.closed_at = event.id, poll.closed_at or at
    db.session.flush()
    db.session.expire(poll, ["event"])
    told_by_mail = _bring_people(poll, option, event, by=by, at=at)
    if was_open:
        release_times(poll, but=option, at=at)
        release_chosen(option, told_by_mail, at=at)
    return event


def _bring_people(poll: Poll, option: PollOption, event: Event, *, by: Person, at: datetime) -> list[int]:
    """Register who said yes, call the circle, and tell the rest; returns who got no entry of the meeting."""
    voters = db.session.scalars(select(Voter).where(Voter.poll_id == poll.id).order_by(Voter.id)).all()
    said_yes = _who_said_yes(option)
    invited = _invite_quietly(event, voters, by=by, at=at)
    event.stage = Stage.PUBLISHED  # so that one can register before anybody else is invited to it
    db.session.flush()
    coming = {one.id for one in voters if one.id in said_yes and _registered(event, one, at=at)}
    event.stage = Stage.DRAFT
    db.session.flush()
    publish_event(event, at=at)
    reached = queries.reached_people(event)
    rest = [one for one in voters if one.id not in coming and one.address and one.person_id not in reached]
    asked = [messages.Asked(one.id, one.address, one.address_key or "", one.name) for one in rest]
    post_all(messages.decided(poll, event, asked, invited, _languages(asked)), at=at)
    return [one.id for one in rest]


def _who_said_yes(option: PollOption) -> set[int]:
    return set(db.session.scalars(select(Vote.voter_id).where(Vote.option_id == option.id, Vote.wish == Wish.YES)))


def _invite_quietly(event: Event, voters: Sequence[Voter], *, by: Person, at: datetime) -> dict[str, int]:
    """Invite everybody with an address, without a mail: it goes with the news. Gives the invitations by address."""
    rows: list[dict[str, object]] = [
        {
            "event_id": event.id,
            "address": one.address,
            "address_key": one.address_key,
            "name": one.name,
            "organisation_name": "",
            "may_exceed": False,
            "made_at": at,
            "made_by_id": by.id,
            "reminders": 0,
        }
        for one in voters
        if one.address_key
    ]
    for portion in _portions(rows):
        db.session.execute(insert_unless_there(Invitation), portion)
    found = select(Invitation.address_key, Invitation.id).where(Invitation.event_id == event.id)
    return dict(db.session.execute(found).all())


def _registered(event: Event, voter: Voter, *, at: datetime) -> bool:
    """Register somebody who said yes, if it is known who that is and the event lets them in."""
    person = voter.person
    if person is None:
        return False
    request = Request(name=voter.name or person.name, organisation_name=person.body, is_proved=True)
    try:
        register(event, person, request, at=at)
    except Refusal:
        return False
    return True
