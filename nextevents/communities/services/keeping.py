"""What becomes of circles: founded, described, renamed, paused, merged, closed."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import delete, func, insert, or_, select, update

from ...ground.database import change_rows, db
from ...mailing import services as lists
from ..errors import ChangedMeanwhile, NameTaken, NoOneself
from ..models import Belonging, Community, Document, EarlierSlug, Kind, Lead, MergedCommunity, Result
from . import its_list
from .leading import hold


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the leads of a circle say of it."""

    summary: str
    #: Markdown.
    description: str
    dial_in: str
    invites: bool
    uses_room: bool = False
    goal: str = ""
    ends_on: date | None = None


def found(slug: str, name: str, kind: Kind, *, summary: str = "", at: datetime) -> Community:
    """A new circle with its list, behind all others. Raises NameTaken."""
    _refuse_taken(slug, name, None)
    last = db.session.scalar(select(func.max(Community.position))) or 0
    community = Community(slug=slug, name=name, kind=kind, summary=summary, position=last + 1)
    db.session.add(community)
    db.session.flush()
    its_list.list_of(community, at=at)
    return community


def describe(community: Community, described: Description, *, version: int) -> None:
    """Take over what the leads say. Raises ChangedMeanwhile if the circle is no longer at this version."""
    hold(community)
    if community.version != version:
        raise ChangedMeanwhile
    if described.ends_on != community.ends_on:
        community.asked_on = None
    for one in fields(described):
        setattr(community, one.name, getattr(described, one.name))
    db.session.flush()


def rename(community: Community, slug: str, name: str, *, at: datetime) -> None:
    """Call a circle and its list otherwise; their earlier addresses lead on. Raises NameTaken."""
    hold(community)
    _refuse_taken(slug, name, community)
    if slug != community.slug:
        change_rows(delete(EarlierSlug).where(EarlierSlug.slug == slug))  # its own, from before
        db.session.add(EarlierSlug(slug=community.slug, community_id=community.id))
    community.slug, community.name = slug, name
    db.session.flush()
    lists.rename_list(its_list.list_of(community, at=at), slug, community.full_name)


def _refuse_taken(slug: str, name: str, own: Community | None) -> None:
    number = own.id if own else 0
    is_other = select(Community.id).where(
        Community.id != number, or_(Community.slug == slug, func.lower(Community.name) == name.lower())
    )
    was_others = select(EarlierSlug.slug).where(EarlierSlug.slug == slug, EarlierSlug.community_id != number)
    if not slug or db.session.scalar(select(or_(is_other.exists(), was_others.exists()))):
        raise NameTaken


def pause(community: Community, *, at: datetime) -> None:
    """Note that a circle does not meet for now. People stay. Twice is harmless."""
    community.paused_at = community.paused_at or at
    db.session.flush()


def resume(community: Community) -> None:
    """Note that a circle meets again."""
    community.paused_at = None
    db.session.flush()


def close(community: Community, *, on: date, at: datetime) -> None:
    """Note that a circle has finished its work, this day being its last. Its pages stay, and what its list has sent."""
    hold(community)
    community.ended_on = on
    community.paused_at = None
    db.session.flush()
    lists.close_list(its_list.list_of(community, at=at), at=at)


def reopen(community: Community, *, at: datetime) -> None:
    """Let a circle that was closed go on, without an end in sight."""
    community.ended_on = community.ends_on = community.asked_on = None
    db.session.flush()
    lists.reopen_list(its_list.list_of(community, at=at))


def merge(source: Community, target: Community, *, at: datetime) -> None:
    """Make one circle part of another: people, leads, lists, documents, results move; addresses and links lead on.

    What hangs on it in other rooms must have been moved before; the row goes. Whoever belongs to both keeps what they
    chose in the target. Raises NoOneself.
    """
    if source.id == target.id:
        raise NoOneself
    for one in sorted((source, target), key=lambda one: one.id):
        hold(one)
    lists.merge_lists(its_list.list_of(source, at=at), its_list.list_of(target, at=at), at=at)
    _move_people(Belonging, source, target)
    _move_people(Lead, source, target)
    for table in (Document, Result, EarlierSlug, MergedCommunity):
        moved = update(table).where(table.community_id == source.id)
        change_rows(moved.values(community_id=target.id))
    slug, number = source.slug, source.id
    db.session.expunge(source)
    change_rows(delete(Community).where(Community.id == number))
    db.session.execute(insert(EarlierSlug).values(slug=slug, community_id=target.id))
    db.session.execute(insert(MergedCommunity).values(number=number, community_id=target.id))
    db.session.expire(target, ["leads"])
    target.summary = target.summary  # its version rises with what it holds
    db.session.flush()


def _move_people(table: type[Belonging] | type[Lead], source: Community, target: Community) -> None:
    there = select(table.person_id).where(table.community_id == target.id).scalar_subquery()
    ours = table.community_id == source.id
    change_rows(delete(table).where(ours, table.person_id.in_(there)))
    change_rows(update(table).where(ours).values(community_id=target.id))
