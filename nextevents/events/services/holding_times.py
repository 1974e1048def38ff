"""Candidates of a date poll in people's calendars: tentative until a time is chosen, then withdrawn (C-11, C-12, C-22).

Each candidate is an entry of its own, with a mail of its own, as a calendar takes one entry from a mail only. The
chosen one is not withdrawn: the meeting takes over its identity, so the entry becomes the meeting.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from ...ground.database import db
from ...mailing.services import post_all
from ...people.models import Person
from .. import messages_about_times as messages
from ..errors import TooManyToHold
from ..models import Event, Poll, PollOption, Voter

#: More mails than this at once nobody wants.
MOST_HELD = 5
#: Revisions of an entry: as a candidate 0, withdrawn 1, as the meeting 2.
AS_MEETING = 2


def name_entries(poll: Poll) -> None:
    """Give the poll's times their identities in calendars. Raises TooManyToHold."""
    if len(poll.options) > MOST_HELD:
        raise TooManyToHold(MOST_HELD)
    for option in poll.options:
        option.uid = str(uuid.uuid4())
    db.session.flush()


def hold_times(poll: Poll, voters: Sequence[int], *, at: datetime) -> None:
    """Send the entries to voters with these numbers."""
    people = _receivers(poll, voters)
    for option in _held(poll):
        post_all(messages.held(option, people, at=at), at=at)


def release_times(poll: Poll, *, but: PollOption | None = None, at: datetime) -> None:
    """Withdraw the entries from all who were asked: of every time that is still to come, but of the chosen one."""
    people = _receivers(poll)
    for option in _held(poll):
        if option is not but and option.ends_at > at:
            post_all(messages.released(option, people, at=at), at=at)


def become_meeting(option: PollOption, event: Event) -> None:
    """Let the meeting, of which nobody has heard yet, be the entry that stood for its time."""
    if option.uid:
        event.uid, event.sequence = option.uid, AS_MEETING
        db.session.flush()


def release_chosen(option: PollOption, voters: Iterable[int], *, at: datetime) -> None:
    """Withdraw the chosen time from those who got no entry of the meeting: they are asked by mail whether they come."""
    if option.uid:
        post_all(messages.released(option, _receivers(option.poll, list(voters)), at=at), at=at)


def _held(poll: Poll) -> list[PollOption]:
    return [one for one in poll.options if one.uid]


def _receivers(poll: Poll, only: Sequence[int] | None = None) -> list[messages.Receiver]:
    """Those who were asked by mail, each in the language that is known of them."""
    chosen = (
        select(Voter.id, Voter.address, Voter.name, Person.language)
        .outerjoin(Person, Person.address_key == Voter.address_key)
        .where(Voter.poll_id == poll.id, Voter.asked_at.is_not(None), Voter.address != "")
        .order_by(Voter.id)
    )
    wanted = None if only is None else set(only)
    rows = db.session.execute(chosen)
    return [
        messages.Receiver(number, address, name, language or "de")
        for number, address, name, language in rows
        if wanted is None or number in wanted
    ]
