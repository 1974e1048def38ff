"""Who looks after a list, and who reads it: what lists themselves do not know of people."""

from collections.abc import Sequence

from sqlalchemy import select

from ..communities import queries as communities
from ..communities.models import Community
from ..ground.database import db
from ..mailing import queries as lists
from ..mailing.models import Campaign, Joining, MailingList, Readers
from ..people.models import Person
from . import queries, rules


def keepers_of(one: MailingList) -> Sequence[Person]:
    """The people who decide about a list's posts: the leads of its circle, else the office."""
    number = rules.community_number(one)
    circle = db.session.get(Community, number) if number else None
    if circle and (leads := communities.leads_of(circle)):
        return leads
    return _office()


def _office() -> Sequence[Person]:
    chosen = select(Person).where(Person.is_office, Person.proved_at.is_not(None))
    return db.session.scalars(chosen.order_by(Person.id)).all()


def releasers_of(campaign: Campaign) -> Sequence[Person]:
    """Who is asked to release a campaign: the list's keepers but whoever wrote last, else somebody of the office."""
    writer = queries.newest_version(campaign).saved_by
    for some in (keepers_of(campaign.mailing_list), _office()):
        if found := [one for one in some if rules.may_release(one, campaign, writer)]:
            return found
    return []


def keepers_addresses(one: MailingList) -> dict[str, str]:
    """Their addresses, and the language of each."""
    return {person.address: person.language for person in keepers_of(one)}


def is_known(one: MailingList) -> bool:
    """Whether everybody sees that there is this list."""
    return one.joining == Joining.EVERYBODY and not one.rule


def may_read_archive(person: Person | None, one: MailingList) -> bool:
    """Whether somebody reads what was written on a list: as it wants it, and its keepers always."""
    if one.is_read_by_all:
        return True
    if person is None:
        return False
    if rules.may_write_to(person, one):
        return True
    return one.archive != Readers.NOBODY and lists.is_on(one, person.address_key)
