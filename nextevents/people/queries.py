"""Reading people and bodies."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import joinedload

from ..ground.database import db
from ..ground.tokens import number_in
from .addresses import enclosing_domains
from .models import FEED, BrowserSession, Domain, Feed, Membership, Organisation, Person, Proof


def person_with_key(address_key: str) -> Person | None:
    """Whoever has this address, proved or not."""
    return db.session.scalars(select(Person).where(Person.address_key == address_key)).first()


def person_with_number(number: int) -> Person | None:
    """Somebody by number; None if they were erased."""
    return db.session.get(Person, number)


def people_with_keys(address_keys: Collection[str]) -> Sequence[Person]:
    """Those who have one of these addresses."""
    return db.session.scalars(select(Person).where(Person.address_key.in_(address_keys))).all()


def organisation_of_domain(domain: str) -> Organisation | None:
    """The body that a mail domain belongs to: the longest known one that encloses it decides."""
    row = db.session.execute(
        select(Domain, Organisation)
        .outerjoin(Organisation)
        .where(Domain.name.in_(enclosing_domains(domain)))
        .order_by(func.length(Domain.name).desc())
        .limit(1)
    ).first()
    return row[1] if row else None


def organisations() -> Sequence[Organisation]:
    """All bodies by name."""
    return db.session.scalars(select(Organisation).order_by(Organisation.name)).all()


@dataclass(frozen=True)
class UnknownDomain:
    """A mail domain of people whose body nobody has named yet."""

    name: str
    people: int
    #: What one of them typed as organisation.
    example: str


def unknown_domains(*, limit: int = 200) -> list[UnknownDomain]:
    """Domains that wait for a decision, those with most people first."""
    is_decided = select(literal(1)).where(
        or_(Domain.name == Person.domain, Person.domain.like(literal("%.") + Domain.name))
    )
    rows = db.session.execute(
        select(Person.domain, func.count(), func.max(Person.organisation_name))
        .where(Person.organisation_id.is_(None), Person.proved_at.is_not(None), ~is_decided.exists())
        .group_by(Person.domain)
        .order_by(func.count().desc(), Person.domain)
        .limit(limit)
    )
    return [UnknownDomain(name, people, example or "") for name, people, example in rows]


def is_member(person: Person, on: date) -> bool:
    """Whether somebody belongs to the association, in person or through the body they work for."""
    return (
        db.session.scalar(
            select(Membership.id)
            .where(
                or_(
                    Membership.person_id == person.id,
                    Membership.organisation_id == (person.organisation_id or -1),
                ),
                Membership.began_on <= on,
                or_(Membership.ended_on.is_(None), Membership.ended_on > on),
            )
            .limit(1)
        )
        is not None
    )


def living_session(fingerprint: str, at: datetime) -> BrowserSession | None:
    """The signed-in browser with this secret, with its person, unless it has run out or was ended."""
    return db.session.scalars(
        select(BrowserSession)
        .where(BrowserSession.secret_fingerprint == fingerprint, BrowserSession.expires_at > at)
        .options(joinedload(BrowserSession.person).joinedload(Person.organisation))
    ).first()


def sessions_of(person: Person, at: datetime) -> Sequence[BrowserSession]:
    """The browsers in which somebody is signed in, newest first."""
    return db.session.scalars(
        select(BrowserSession)
        .where(BrowserSession.person_id == person.id, BrowserSession.expires_at > at)
        .order_by(BrowserSession.began_at.desc())
    ).all()


def feeds_of(person: Person) -> Sequence[Feed]:
    """Somebody's calendar addresses, oldest first."""
    return db.session.scalars(select(Feed).where(Feed.person_id == person.id).order_by(Feed.id)).all()


def proof(number: int) -> Proof | None:
    """An attempt to prove an address."""
    return db.session.get(Proof, number)


def feed_with_token(token: str) -> Feed | None:
    """The calendar address that a token speaks of, unless it was revoked."""
    number = number_in(FEED, token)
    return db.session.get(Feed, number) if number else None
