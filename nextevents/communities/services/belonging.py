"""Joining a circle, choosing what one wants of it, leaving it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete

from ...ground import clock
from ...ground.database import change_rows, db, insert_unless_there
from ...mailing.services import post
from ...people.models import Person
from .. import messages, queries
from ..errors import CommunityClosed
from ..messages import ComingDate
from ..models import Belonging, Community
from . import its_list


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What somebody wants of a circle."""

    gets_mail: bool = True
    gets_invitations: bool = True
    is_in_feed: bool = True
    #: A standing yes: each new meeting registers the person by itself.
    always_comes: bool = False


def join(community: Community, person: Person, *, coming: Sequence[ComingDate] = (), at: datetime) -> Belonging:
    """Make somebody, whose address is proved, part of a circle, and say so by mail. Twice is harmless.

    The mail lists what comes, which only a higher room knows.

    Raises CommunityClosed once the circle has ended.
    """
    if queries.has_ended(community, clock.local(at).date()):
        raise CommunityClosed
    values = {"community_id": community.id, "person_id": person.id, "since": at, **_kept(Parts())}
    made = db.session.scalars(insert_unless_there(Belonging).returning(Belonging), [values]).first()
    if made is None:
        return queries.belonging_of(person, community)
    its_list.subscribe(community, person, by="joined", at=at)
    db.session.refresh(made)
    post(messages.joined(community, person, coming, at=at), at=at)
    return made


def _kept(parts: Parts) -> dict[str, bool]:
    """What stands in the row itself; who gets mail stands on the list."""
    return {name: value for name, value in asdict(parts).items() if name != "gets_mail"}


def choose_parts(belonging: Belonging, parts: Parts, *, at: datetime) -> None:
    """Take over what somebody wants of a circle. Dates that they have answered already stay as they are."""
    for name, value in _kept(parts).items():
        setattr(belonging, name, value)
    db.session.flush()
    if parts.gets_mail != belonging.gets_mail:
        if parts.gets_mail:
            its_list.subscribe(belonging.community, belonging.person, by="page", at=at)
        else:
            its_list.unsubscribe(belonging.community_id, belonging.person, by="page", at=at)
        db.session.refresh(belonging)


def leave(belonging: Belonging, *, at: datetime) -> None:
    """Take somebody out of a circle, with all its parts. Registrations stay; they are each a date's own matter."""
    its_list.unsubscribe(belonging.community_id, belonging.person, by="left", at=at)
    change_rows(delete(Belonging).where(Belonging.id == belonging.id))
