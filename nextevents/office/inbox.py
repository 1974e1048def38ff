"""Mails that came in and that a person has to look at: who has written, what about, and what could follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..events import queries as events
from ..events.models import CallAnswer, Event
from ..events.replies import CalendarReply, reply_in
from ..mailing import queries as mailing
from ..mailing.inbound import Letter, read_head
from ..mailing.queries import Arrived
from ..people import queries as people
from ..people.models import Person

#: So much of a letter is shown.
LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Waiting:
    """One mail in review."""

    number: int
    received_at: datetime
    author: str
    subject: str
    kind: str
    note: str
    #: What people wrote, shortened.
    text: str
    event: Event | None
    #: Whose answer it would be.
    person: Person | None
    answer: CallAnswer | None
    proposed: str
    comment: str

    @property
    def may_count(self) -> bool:
        """Whether it is an answer, or a proposal, of somebody we know to an event of ours."""
        return bool(self.event and self.person and (self.answer or self.proposed))


def waiting_mails(*, limit: int, offset: int) -> list[Waiting]:
    """Mails in review, oldest first; three questions to the database, however many they are."""
    arrived = mailing.mails_in_review(limit=limit, offset=offset)
    letters = [read_head(one.content) for one in arrived]
    replies = [reply_in(one) for one in letters]
    known_events = events.events_with_uids({one.uid for one in replies if one and one.uid})
    known_people = _people(replies)
    return [
        _waiting(one, letter, reply, known_events, known_people)
        for one, letter, reply in zip(arrived, letters, replies, strict=True)
    ]


def _people(replies: Sequence[CalendarReply | None]) -> dict[str, Person]:
    found = people.people_with_keys({one.attendee for one in replies if one and one.attendee})
    return {one.address_key: one for one in found}


def _waiting(
    arrived: Arrived,
    letter: Letter,
    reply: CalendarReply | None,
    known_events: dict[str, Event],
    known_people: dict[str, Person],
) -> Waiting:
    return Waiting(
        number=arrived.id,
        received_at=arrived.received_at,
        author=letter.shown_author or arrived.sender,
        subject=letter.subject,
        kind=arrived.kind,
        note=arrived.note,
        text=_shown(letter.text),
        event=known_events.get(reply.uid) if reply else None,
        person=known_people.get(reply.attendee) if reply else None,
        answer=reply.answer if reply and not reply.problem else None,
        proposed=reply.proposed if reply and not reply.problem else "",
        comment=reply.comment if reply else "",
    )


def _shown(text: str) -> str:
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text.replace("\r\n", "\n")).strip()
    return plain if len(plain) <= LONGEST_TEXT else plain[:LONGEST_TEXT].rsplit(" ", 1)[0] + " …"
