"""Bodies and their mail domains: who works where is recognised, not asked."""

from sqlalchemy import exists, literal, or_, update

from ...ground.database import change_rows, db
from .. import queries
from ..errors import DomainTaken
from ..models import Domain, Level, Organisation, Person


def make_organisation(name: str, level: Level) -> Organisation:
    """A new body without domains."""
    organisation = Organisation(name=name, level=level)
    db.session.add(organisation)
    db.session.flush()
    return organisation


def assign_domain(name: str, organisation: Organisation) -> int:
    """Say whose a mail domain is, and tell all its people so; returns how many were told.

    People of sub-domains that are decided by themselves stay where they are. Raises DomainTaken if it is decided.
    """
    _decide(name, organisation)
    return _tell_people_of(name, organisation)


def set_aside_domain(name: str) -> None:
    """Say that a mail domain is nobody's in particular. Raises DomainTaken if it is decided."""
    _decide(name, None)


def _decide(name: str, organisation: Organisation | None) -> None:
    standing = db.session.get(Domain, name)
    if standing and standing.organisation_id:
        raise DomainTaken
    decision = standing or Domain(name=name)
    decision.organisation = organisation
    db.session.add(decision)
    db.session.flush()


def _tell_people_of(name: str, organisation: Organisation) -> int:
    is_theirs = or_(Person.domain == name, Person.domain.endswith(f".{name}", autoescape=True))
    is_decided_below = exists().where(
        Domain.name.endswith(f".{name}", autoescape=True),
        or_(Person.domain == Domain.name, Person.domain.like(literal("%.") + Domain.name)),
    )
    told = update(Person).where(Person.organisation_id.is_(None), is_theirs, ~is_decided_below)
    return change_rows(told.values(organisation_id=organisation.id))


def recognise(person: Person) -> None:
    """Note the body that a person's address belongs to."""
    organisation = queries.organisation_of_domain(person.domain)
    if organisation:
        person.organisation = organisation
