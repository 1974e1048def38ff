"""The participants of an event as its organisers ask for them: chosen, in an order, with what they answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import joinedload

from ...ground.audit import AuditEntry
from ...ground.database import db
from ...ground.errors import NotFound
from ...ground.text import contains_pattern
from ...people.models import Level, Organisation, Person
from ..models import ATTENDANCE, Answer, Event, Photos, Registration, State
from ..models.registration import plain_name
from .questions import has_chosen

#: The deed under which exports stand in the audit log.
EXPORTED = "exported"


class Sort(StrEnum):
    """What a list of participants can be sorted by."""

    NAME = "name"
    BODY = "body"
    STATE = "state"
    MADE = "made"
    CHECKED_IN = "checked_in"
    #: As they wait for a seat.
    QUEUE = "queue"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which participants; what is left open chooses all."""

    #: Part of the name or of the address.
    words: str = ""
    state: State | None = None
    level: Level | None = None
    photos: Photos | None = None
    agrees_to_recording: bool | None = None
    wants_newsletter: bool | None = None
    is_shown: bool | None = None
    #: Chosen options by the numbers of their questions.
    answers: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it chooses all."""
        return self == Choice()


#: As the index has it, so that it hands out rows in this order.
_NAME: ColumnElement[str] = literal_column(plain_name("registration.name"))
_WITH_PEOPLE = joinedload(Registration.person).joinedload(Person.organisation)
_BODY = func.coalesce(
    Organisation.name, func.nullif(Person.organisation_name, ""), func.nullif(Registration.organisation_name, ""), ""
)


def participants(
    event: Event, choice: Choice | None = None, *, sort: Sort = Sort.NAME, is_falling: bool = False
) -> Select[Registration]:
    """The chosen registrations of an event with their people, in that order.

    By name, an index hands them out in their order: the first page costs the same however many there are.
    """
    choice = choice or Choice()
    chosen = _joined(select(Registration).options(_WITH_PEOPLE), choice, sort)
    return chosen.where(*_of(event, choice)).order_by(*_order(sort, is_falling=is_falling))


def page_of_participants(
    event: Event, choice: Choice, *, sort: Sort, is_falling: bool, limit: int, offset: int
) -> Sequence[Registration]:
    """A page of participants(). Whoever is passed over costs a number, not a row with all that belongs to it."""
    order = _order(sort, is_falling=is_falling)
    numbers = _joined(select(Registration.id), choice, sort).where(*_of(event, choice)).order_by(*order)
    found = numbers.limit(limit).offset(offset).subquery()
    page = _joined(select(Registration).options(_WITH_PEOPLE), choice, sort)
    return db.session.scalars(page.join(found, found.c.id == Registration.id).order_by(*order)).all()


def _joined(chosen: Select[Any], choice: Choice, sort: Sort) -> Select[Any]:
    """With the rows of people and bodies, where what was chosen or the order needs them."""
    if choice.words or choice.level or sort == Sort.BODY:
        return chosen.join(Registration.person).outerjoin(Person.organisation)
    return chosen


def _order(sort: Sort, *, is_falling: bool) -> list[ColumnElement[Any]]:
    return [one.desc() if is_falling else one for one in _columns_of(sort)]


def _columns_of(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    last: tuple[ColumnElement[Any], ...] = (_NAME, Registration.id.expression)
    orders: dict[Sort, tuple[ColumnElement[Any], ...]] = {
        Sort.NAME: last,
        Sort.BODY: (_BODY, *last),
        Sort.STATE: (Registration.state.expression, *last),
        Sort.MADE: (Registration.made_at.expression, Registration.id.expression),
        Sort.CHECKED_IN: (Registration.checked_in_at.is_(None), Registration.checked_in_at.expression, *last),
        Sort.QUEUE: (Registration.waiting_since.expression, Registration.id.expression),
    }
    return orders[sort]


def _of(event: Event, choice: Choice) -> list[ColumnElement[bool]]:
    plain = {
        Registration.state: choice.state,
        Registration.photos: choice.photos,
        Registration.agrees_to_recording: choice.agrees_to_recording,
        Registration.wants_newsletter: choice.wants_newsletter,
        Registration.is_shown: choice.is_shown,
        Organisation.level: choice.level,
    }
    found: list[ColumnElement[bool]] = [Registration.event_id == event.id]
    found.extend(column == value for column, value in plain.items() if value is not None)
    if choice.words:
        found.append(_named(choice.words))
    found.extend(has_chosen(number, option) for number, option in choice.answers.items())
    return found


def _named(words: str) -> ColumnElement[bool]:
    return or_(
        func.lower(Registration.name).like(contains_pattern(words, str.lower), escape="\\"),
        Person.address_key.like(contains_pattern(words), escape="\\"),
        func.lower(Person.typed_address).like(contains_pattern(words, str.lower), escape="\\"),
    )


def participant(event: Event, number: int) -> Registration:
    """One registration of an event with all that is known of it. Raises NotFound."""
    found = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.id == number)
        .options(
            joinedload(Registration.person).joinedload(Person.organisation), joinedload(Registration.registered_by)
        )
    ).first()
    if found is None:
        raise NotFound
    return found


def answers_by_registration(registrations: Collection[int]) -> dict[int, dict[int, str]]:
    """The answers of these registrations, by their numbers and those of the questions."""
    found: dict[int, dict[int, str]] = {}
    for registration, question, value in db.session.execute(
        select(Answer.registration_id, Answer.question_id, Answer.value).where(
            Answer.registration_id.in_(registrations)
        )
    ):
        found.setdefault(registration, {})[question] = value
    return found


@dataclass(frozen=True)
class Export:
    """That somebody took a list of participants away."""

    at: datetime
    #: Empty if the person does not exist any more.
    name: str
    detail: Mapping[str, object]


def exports_of(event: Event, *, limit: int) -> list[Export]:
    """Who took lists of this event's participants away, newest first."""
    rows = db.session.execute(
        select(AuditEntry.at, Person.name, AuditEntry.detail)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .where(AuditEntry.subject == f"event:{event.id}", AuditEntry.action == EXPORTED)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return [Export(at, name or "", detail) for at, name, detail in rows]


def at_the_door(event: Event, words: str = "") -> Select[Registration]:
    """Whoever has a seat, and so is let in, by name; to be paged."""
    chosen = participants(event, Choice(words=words))
    return chosen.where(Registration.state.in_(ATTENDANCE))
