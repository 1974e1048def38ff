"""Lists: made, changed, renamed, closed, joined together. The earlier addresses of a list lead on."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import count

from sqlalchemy import delete, func, or_, select, update

from ...ground.database import change_rows, db, insert_unless_there
from ...ground.text import slug_of
from .. import queries
from ..errors import ListChangedMeanwhile, ListNameTaken
from ..models import (
    Campaign,
    Consent,
    EarlierListSlug,
    Joining,
    ListKind,
    MailingList,
    Moderation,
    Post,
    Posting,
    Readers,
    Replies,
    Subscription,
    SubscriptionState,
    Topic,
)
from ..queries.lists import MERGED


@dataclass(frozen=True, kw_only=True)
class ListWish:
    """A list as it shall be."""

    name: str
    purpose: str = ""
    kind: ListKind = ListKind.ANNOUNCEMENTS
    rule: str = ""
    sender_name: str = ""
    joining: Joining = Joining.EVERYBODY
    posting: Posting = Posting.NOBODY
    moderation: Moderation = Moderation.NEWCOMERS
    archive: Readers = Readers.SUBSCRIBERS
    replies: Replies = Replies.AUTHOR
    needs_second_pair: bool = False


def make_list(slug: str, wish: ListWish, *, subject: str = "", topics: Sequence[str] = (), at: datetime) -> MailingList:
    """A new list, behind all others. Raises ListNameTaken."""
    _refuse_taken(slug, wish.name, None)
    last = db.session.scalar(select(func.max(MailingList.position))) or 0
    one = MailingList(slug=slug, subject=subject, made_at=at, position=last + 1, **_values(wish))
    db.session.add(one)
    db.session.flush()
    choose_topics(one, topics)
    return one


def _values(wish: ListWish) -> dict[str, object]:
    return {one.name: getattr(wish, one.name) for one in fields(wish)}


def hold_list(one: MailingList) -> None:
    """Let nobody else change this list until the transaction ends, and see it as it is now."""
    db.session.refresh(one, with_for_update=True)


def change_list(
    one: MailingList, wish: ListWish, *, slug: str = "", topics: Sequence[str] | None = None, version: int
) -> None:
    """Take over what a list shall be; its earlier address leads on.

    Raises ListChangedMeanwhile if it is no longer at this version, and ListNameTaken.
    """
    hold_list(one)
    if one.version != version:
        raise ListChangedMeanwhile
    _take_over(one, wish, slug or one.slug)
    if topics is not None:
        choose_topics(one, topics)


def rename_list(one: MailingList, slug: str, name: str) -> None:
    """Call a list otherwise, because what it belongs to is; if the address is taken, one like it is found."""
    hold_list(one)
    _move(one, free_slug(slug, one))
    one.name = _free_name(name, one)
    db.session.flush()


def _take_over(one: MailingList, wish: ListWish, slug: str) -> None:
    _refuse_taken(slug, wish.name, one)
    _move(one, slug)
    for name, value in _values(wish).items():
        setattr(one, name, value)
    db.session.flush()


def _move(one: MailingList, slug: str) -> None:
    if slug == one.slug:
        return
    change_rows(delete(EarlierListSlug).where(EarlierListSlug.slug == slug))  # its own, from before
    remember_slug(one, one.slug)
    one.slug = slug


def remember_slug(one: MailingList, slug: str) -> None:
    """Let an address lead to a list, such as the one that it had on the old site. Twice is harmless."""
    db.session.execute(insert_unless_there(EarlierListSlug), [{"slug": slug, "list_id": one.id}])


def take_over_slugs(one: MailingList, slugs: Sequence[str]) -> None:
    """Let these addresses lead to a list, which had them on an old site. Those that do already stay.

    Raises ListNameTaken for one that another list has or had; then none is taken over.
    """
    others = [slug for slug in slugs if slug != one.slug]
    for slug in others:
        _refuse_taken(slug, one.name, one)
    for slug in others:
        remember_slug(one, slug)


def _refuse_taken(slug: str, name: str, own: MailingList | None) -> None:
    number = own.id if own else 0
    is_other = select(MailingList.id).where(
        MailingList.id != number, or_(MailingList.slug == slug, func.lower(MailingList.name) == name.lower())
    )
    was_others = select(EarlierListSlug.slug).where(EarlierListSlug.slug == slug, EarlierListSlug.list_id != number)
    if not slug or slug in RESERVED or db.session.scalar(select(or_(is_other.exists(), was_others.exists()))):
        raise ListNameTaken


#: Words that stand in addresses in the place of a list's, here, in the office or before an @.
RESERVED = frozenset(
    {
        "abmelden",
        "abuse",
        "adresse",
        "angefragt",
        "bestaetigen",
        "bounces",
        "einstellungen",
        "nachweis",
        "neu",
        "postmaster",
    }
)


def free_slug(wanted: str, own: MailingList | None = None) -> str:
    """This address, or one like it that no list has or had."""
    number = own.id if own else 0
    like = slug_of(wanted) or "verteiler"
    taken = set(
        db.session.scalars(
            select(MailingList.slug).where(MailingList.slug.startswith(like, autoescape=True), MailingList.id != number)
        )
    ) | set(
        db.session.scalars(
            select(EarlierListSlug.slug).where(
                EarlierListSlug.slug.startswith(like, autoescape=True), EarlierListSlug.list_id != number
            )
        )
    )
    candidates = (like if step == 1 else f"{like}-{step}" for step in count(1))
    return next(one for one in candidates if one not in taken | RESERVED)


def _free_name(wanted: str, own: MailingList | None = None) -> str:
    number = own.id if own else 0
    alike = func.lower(MailingList.name).startswith(wanted.lower(), autoescape=True)
    names = db.session.scalars(select(MailingList.name).where(alike, MailingList.id != number))
    taken = {name.lower() for name in names}
    candidates = (wanted if step == 1 else f"{wanted} ({step})" for step in count(1))
    return next(one for one in candidates if one.lower() not in taken)


def list_for(subject: str, slug: str, wish: ListWish, *, at: datetime) -> MailingList:
    """The one list of something, made if there is none, under a name and an address that are free."""
    if standing := queries.list_of(subject):
        return standing
    named = ListWish(**(_values(wish) | {"name": _free_name(wish.name)}))  # type: ignore[arg-type]  # its own values
    return make_list(free_slug(slug), named, subject=subject, at=at)


def choose_topics(one: MailingList, names: Sequence[str]) -> None:
    """Let a newsletter write about these, in this order. Who chose one that stays keeps it."""
    wanted = {slug_of(name): name for name in names if slug_of(name)}
    standing = {topic.slug: topic for topic in one.topics}
    for slug in standing.keys() - wanted.keys():
        db.session.delete(standing[slug])
    for position, (slug, name) in enumerate(wanted.items()):
        topic = standing.get(slug) or Topic(list_id=one.id, slug=slug)
        topic.name, topic.position = name, position
        db.session.add(topic)
    db.session.flush()
    db.session.expire(one, ["topics"])


def close_list(one: MailingList, *, at: datetime) -> None:
    """Let nobody subscribe and nothing be sent any more. Its archive stays, and who is on it. Twice is harmless."""
    one.closed_at = one.closed_at or at
    db.session.flush()


def reopen_list(one: MailingList) -> None:
    """Let a list that was closed go on."""
    one.closed_at = None
    db.session.flush()


def merge_lists(source: MailingList, target: MailingList, *, at: datetime) -> None:
    """Make one list part of another: people, proofs, issues and posts move, addresses and links lead on.

    Whoever is on both, or has left the target, stays there as they are. The row of the source stays, closed and
    under another name, because links in mails name its number.
    """
    for one in sorted((source, target), key=lambda one: one.id):
        hold_list(one)
    _move_subscriptions(source, target)
    for table in (Consent, Campaign):
        change_rows(update(table).where(table.list_id == source.id).values(list_id=target.id))
    there = select(Post.message_id).where(Post.list_id == target.id)
    change_rows(update(Post).where(Post.list_id == source.id, Post.message_id.not_in(there)).values(list_id=target.id))
    change_rows(update(EarlierListSlug).where(EarlierListSlug.list_id == source.id).values(list_id=target.id))
    slug = source.slug
    source.slug, source.name = free_slug(f"{slug}-{source.id}"), _free_name(f"{source.name} ({source.id})")
    source.subject, source.rule, source.closed_at = f"{MERGED}{target.id}", "", source.closed_at or at
    db.session.flush()
    remember_slug(target, slug)


def _move_subscriptions(source: MailingList, target: MailingList) -> None:
    ours = Subscription.list_id == source.id
    there = select(Subscription.mailbox_id).where(Subscription.list_id == target.id).scalar_subquery()
    change_rows(delete(Subscription).where(ours, Subscription.mailbox_id.in_(there)))
    change_rows(delete(Subscription).where(ours, Subscription.state == SubscriptionState.ENDED))
    change_rows(update(Subscription).where(ours).values(list_id=target.id))
