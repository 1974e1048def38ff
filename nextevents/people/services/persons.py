"""Persons: found by address, made when new."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from ...ground.database import change_rows, db, insert_unless_there
from .. import queries
from ..addresses import Address
from ..models import Person

UNPROVED_LIFETIME = timedelta(days=14)


def person_with_address(
    address: Address, *, name: str, organisation_name: str = "", language: str = "de", at: datetime
) -> Person:
    """Whoever has this address; a new person, not yet proved, if nobody has.

    What is known of somebody is never overwritten: whoever types an address has not shown that it is theirs.
    """
    standing = queries.person_with_key(address.key)
    if standing:
        return standing
    organisation = queries.organisation_of_domain(address.domain)
    values = {
        "typed_address": address.typed,
        "address": address.routed,
        "address_key": address.key,
        "domain": address.domain,
        "name": name,
        "organisation_id": organisation.id if organisation else None,
        "organisation_name": "" if organisation else organisation_name,
        "language": language,
        "is_office": False,
        "made_at": at,
    }
    made = db.session.scalars(insert_unless_there(Person).returning(Person), [values]).first()
    person = made or queries.person_with_key(address.key)
    if person is None:
        raise LookupError("the person just made is gone")
    return person


def mark_proved(person: Person, *, name: str = "", at: datetime) -> None:
    """Note that the address is this person's own; from now on the person exists for us."""
    if person.proved_at is None:
        person.proved_at = at
        person.name = name or person.name


def rename(person: Person, *, name: str, organisation_name: str) -> None:
    """Take over what somebody says of themselves; a recognised body stays."""
    person.name = name
    if person.organisation_id is None:
        person.organisation_name = organisation_name


def set_language(person: Person, language: str) -> None:
    """Write to this person in German (de) or English (en) from now on."""
    person.language = language


def make_office(person: Person, *, at: datetime) -> None:
    """Give a person the role of the office."""
    person.is_office = True
    mark_proved(person, at=at)


def count_unproved(*, at: datetime) -> int:
    """How many people erase_unproved would forget."""
    return db.session.scalar(select(func.count(Person.id)).where(*_never_proved(at))) or 0


def erase_unproved(*, at: datetime) -> int:
    """Forget people who never proved their address (rule L-10: 14 days); returns how many."""
    return change_rows(delete(Person).where(*_never_proved(at)))


def _never_proved(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Person.proved_at.is_(None), Person.made_at < at - UNPROVED_LIFETIME
