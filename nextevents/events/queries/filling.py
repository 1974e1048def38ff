"""Invitations and how they were answered; whom a message of the organisers reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from ...ground.database import db
from ...ground.errors import NotFound
from ...people.models import Organisation, Person
from ..models import (
    ACTIVE,
    Announcement,
    Event,
    Invitation,
    Registration,
    State,
    Transfer,
)
from .questions import has_chosen


class Reply(StrEnum):
    """How an invitation was answered."""

    SILENT = "silent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    #: Accepted first, and withdrawn since.
    WITHDRAWN = "withdrawn"


def _registered(is_such: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Registration.id)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.event_id == Invitation.event_id, Person.address_key == Invitation.address_key)
        .where(is_such)
        .exists()
    )


#: Whoever has asked to come before being invited, or waits though a place was promised, has more to accept.
_HAS_MORE_TO_ACCEPT: ColumnElement[bool] = or_(
    Registration.state == State.REQUESTED,
    and_(Invitation.may_exceed, Registration.state.in_((State.WAITING, State.OFFERED))),
)
_IS_ACCEPTED = and_(
    Registration.state.in_(tuple(state for state in ACTIVE if state != State.UNCONFIRMED)), ~_HAS_MORE_TO_ACCEPT
)
_REPLY: ColumnElement[str] = case(
    (_registered(_IS_ACCEPTED), Reply.ACCEPTED.value),
    (Invitation.declined_at.is_not(None), Reply.DECLINED.value),
    (_registered(Registration.state == State.CANCELLED), Reply.WITHDRAWN.value),
    else_=Reply.SILENT.value,
)
_IS_SILENT = _REPLY.in_([Reply.SILENT.value])


def invitation(number: int) -> Invitation:
    """An invitation with its event. Raises NotFound."""
    chosen = select(Invitation).where(Invitation.id == number)
    found = db.session.scalars(chosen.options(joinedload(Invitation.event).selectinload(Event.communities))).first()
    if found is None:
        raise NotFound
    return found


def invitations(event: Event, *, limit: int, offset: int) -> list[tuple[Invitation, Reply]]:
    """An event's invitations by name, each with its answer."""
    rows = db.session.execute(
        select(Invitation, _REPLY)
        .where(Invitation.event_id == event.id)
        .order_by(Invitation.name, Invitation.address_key)
        .limit(limit)
        .offset(offset)
    )
    return [(found, Reply(reply)) for found, reply in rows]


def invitation_counts(event: Event) -> dict[Reply, int]:
    """How many invitations were answered in each way."""
    answered = select(_REPLY.label("reply")).where(Invitation.event_id == event.id).subquery()
    rows = db.session.execute(select(answered.c.reply, func.count()).group_by(answered.c.reply))
    return dict.fromkeys(Reply, 0) | {Reply(reply): count for reply, count in rows}


def silent_invitations(event: Event, *, written_before: datetime) -> Select[int]:
    """The numbers of invitations that nobody has answered and whose last mail went out before that moment."""
    last_mail: ColumnElement[datetime] = func.coalesce(Invitation.reminded_at, Invitation.made_at)
    return select(Invitation.id).where(
        Invitation.event_id == event.id, _REPLY.in_([Reply.SILENT.value]), last_mail <= written_before
    )


def silent_count(event: Event, *, written_before: datetime) -> int:
    """How many could be reminded."""
    silent = silent_invitations(event, written_before=written_before).subquery()
    return db.session.scalar(select(func.count()).select_from(silent)) or 0


def answer_to(invited: Invitation) -> Registration | None:
    """The registration with which an invitation was accepted, if it still counts."""
    return _registration_of(invited, _IS_ACCEPTED)


def open_answer_to(invited: Invitation) -> Registration | None:
    """The registration of somebody who asks, or waits for a place, that this invitation gives."""
    return _registration_of(invited, _HAS_MORE_TO_ACCEPT)


def _registration_of(invited: Invitation, is_such: ColumnElement[bool]) -> Registration | None:
    return db.session.scalars(
        select(Registration)
        .join(Registration.person)
        .join(Invitation, Invitation.event_id == Registration.event_id)
        .where(Invitation.id == invited.id, Person.address_key == Invitation.address_key, is_such)
    ).first()


def transfer(number: int) -> Transfer:
    """A transfer with its registration and event. Raises NotFound."""
    found = db.session.scalars(
        select(Transfer)
        .where(Transfer.id == number)
        .options(
            joinedload(Transfer.registration).joinedload(Registration.event).selectinload(Event.communities),
            joinedload(Transfer.registration).joinedload(Registration.person),
        )
    ).first()
    if found is None:
        raise NotFound
    return found


def open_transfer(registration: Registration, at: datetime) -> Transfer | None:
    """Whom this seat was offered to, if there is no answer yet."""
    return db.session.scalars(
        select(Transfer)
        .where(Transfer.registration_id == registration.id, Transfer.answered_at.is_(None), Transfer.expires_at > at)
        .order_by(Transfer.id.desc())
    ).first()


#: Whoever can be written to: they have proved their address, and have something to do with the event.
WRITTEN_TO = tuple(state for state in ACTIVE if state != State.UNCONFIRMED)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which participants: in one of these states, and if wanted, with this answer, of this body."""

    states: tuple[State, ...]
    question_id: int | None = None
    answer: str = ""
    body: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the announcement."""
        return {
            "states": [state.value for state in self.states],
            "question": self.question_id,
            "answer": self.answer,
            "body": self.body,
        }


class Receiver(NamedTuple):
    """Whom a message goes to."""

    registration_id: int
    name: str
    address: str
    language: str


_BODY = func.coalesce(Organisation.name, Registration.organisation_name)


def receivers(event: Event, chosen: Chosen) -> Sequence[Receiver]:
    """Whom a message reaches, by name."""
    states = [state for state in chosen.states if state in WRITTEN_TO]
    found = (
        select(Registration.id, Registration.name, Person.address, Person.language)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Registration.event_id == event.id, Registration.state.in_(states))
        .order_by(Registration.name, Registration.id)
    )
    if chosen.question_id:
        found = found.where(has_chosen(chosen.question_id, chosen.answer))
    if chosen.body:
        found = found.where(_BODY.in_([chosen.body]))
    return [Receiver(*row) for row in db.session.execute(found)]


def bodies_at(event: Event) -> Sequence[str]:
    """The names of the bodies that participants come from."""
    return db.session.scalars(
        select(_BODY)
        .select_from(Registration)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Registration.event_id == event.id, Registration.state.in_(WRITTEN_TO), _BODY != "")
        .distinct()
        .order_by(_BODY)
    ).all()


def announcements(event: Event) -> Sequence[Announcement]:
    """What organisers have written to participants, newest first."""
    return db.session.scalars(
        select(Announcement)
        .where(Announcement.event_id == event.id)
        .options(joinedload(Announcement.made_by))
        .order_by(Announcement.id.desc())
    ).all()
