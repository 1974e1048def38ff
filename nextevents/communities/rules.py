"""Who may see what of a circle: pure predicates."""

from datetime import date

from ..people.models import Person
from . import queries
from .models import Community, Document, Result, Viewers


def runs(person: Person | None, community: Community) -> bool:
    """Whether somebody runs this circle: the office, and its leads."""
    return person is not None and (person.is_office or queries.leads(person, community))


def viewers_for(person: Person | None, community: Community) -> frozenset[Viewers]:
    """What must be said of a document for this person to see it: all of it for those who belong, lead or run it."""
    if person is None:
        return frozenset({Viewers.EVERYBODY})
    if person.is_office or queries.belongs_to_any(person, [community]):
        return frozenset(Viewers)
    return frozenset({Viewers.EVERYBODY, Viewers.SIGNED_IN})


def may_see(document: Document, person: Person | None) -> bool:
    """Whether somebody may see a document."""
    return document.viewers in viewers_for(person, document.community)


def is_published(result: Result, *, on: date) -> bool:
    """Whether everybody may see a result."""
    return result.published_on is not None and result.published_on <= on
