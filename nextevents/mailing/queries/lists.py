"""Reading lists, who is on them, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from ...ground.database import db
from ...ground.errors import NotFound
from ...ground.text import contains_pattern
from ..models import (
    Consent,
    EarlierListSlug,
    Joining,
    ListImport,
    ListKind,
    Mailbox,
    MailingList,
    Subscription,
    SubscriptionState,
)
from ..naming import is_named

_IN_ORDER = (MailingList.position, MailingList.name)
#: The subject of a list that has become part of another one, before that one's number: its links lead on.
MERGED = "merged:"


def list_with_slug(slug: str) -> MailingList:
    """A list by its address, closed or not. Raises NotFound."""
    found = list_with_slug_or_none(slug)
    if found is None:
        raise NotFound
    return found


def list_with_slug_or_none(slug: str) -> MailingList | None:
    """The same; None if there is none."""
    return db.session.scalars(select(MailingList).where(MailingList.slug == slug)).first()


def list_at_earlier_slug(slug: str) -> MailingList | None:
    """The list that had this address before, here or on the old site."""
    chosen = select(MailingList).join(EarlierListSlug, EarlierListSlug.list_id == MailingList.id)
    return db.session.scalars(chosen.where(EarlierListSlug.slug == slug)).first()


def earlier_slugs(one: MailingList) -> Sequence[str]:
    """The addresses that lead to a list beside its own."""
    chosen = select(EarlierListSlug.slug).where(EarlierListSlug.list_id == one.id)
    return db.session.scalars(chosen.order_by(EarlierListSlug.slug)).all()


def list_of(subject: str) -> MailingList | None:
    """The one list of something, such as "community:12"."""
    return db.session.scalars(select(MailingList).where(MailingList.subject == subject)).first()


def list_behind(number: int) -> MailingList | None:
    """The list with this number, or the one that it has become part of: links in old mails hold the old number."""
    for _step in range(10):
        found = db.session.get(MailingList, number)
        if found is None or not found.subject.startswith(MERGED):
            return found
        number = int(found.subject.removeprefix(MERGED))
    return None


def all_lists() -> Sequence[MailingList]:
    """All lists in their order, closed ones too, but for those that have become part of others."""
    is_own = ~MailingList.subject.startswith(MERGED)
    return db.session.scalars(select(MailingList).where(is_own).order_by(*_IN_ORDER)).all()


def open_lists() -> Sequence[MailingList]:
    """The lists that everybody may subscribe to, in their order, with their topics."""
    is_open = (
        MailingList.closed_at.is_(None),
        MailingList.joining == Joining.EVERYBODY,
        MailingList.rule == "",
    )
    chosen = select(MailingList).where(*is_open).options(selectinload(MailingList.topics))
    return db.session.scalars(chosen.order_by(*_IN_ORDER)).all()


_IS_OFFICES_NEWSLETTER = (
    MailingList.kind == ListKind.NEWSLETTER,
    MailingList.subject == "",
    MailingList.rule == "",
    MailingList.joining == Joining.EVERYBODY,
    MailingList.closed_at.is_(None),
)
_OLDEST = (MailingList.made_at, MailingList.id)
#: The name of the newsletter, as part of another question; none without one.
NEWSLETTER_NAME = select(MailingList.name).where(*_IS_OFFICES_NEWSLETTER).order_by(*_OLDEST).limit(1).scalar_subquery()


def newsletter() -> MailingList | None:
    """The newsletter that is meant where only one is: the oldest of the office's that everybody may subscribe to."""
    chosen = select(MailingList).where(*_IS_OFFICES_NEWSLETTER).options(selectinload(MailingList.topics))
    return db.session.scalars(chosen.order_by(*_OLDEST).limit(1)).first()


def mailbox(number: int) -> Mailbox | None:
    """A mailbox by its number."""
    return db.session.get(Mailbox, number)


def mailbox_with_key(address_key: str) -> Mailbox | None:
    """A mailbox by its case-folded address."""
    return db.session.scalars(select(Mailbox).where(Mailbox.address_key == address_key)).first()


def subscription(one: MailingList, mailbox: Mailbox) -> Subscription | None:
    """What a mailbox has to do with a list, if anything."""
    of_both = (Subscription.list_id == one.id, Subscription.mailbox_id == mailbox.id)
    return db.session.scalars(select(Subscription).where(*of_both)).first()


def is_on(one: MailingList, address_key: str) -> bool:
    """Whether somebody is on a list, however they get it: subscribed, or named by its rule without having left."""
    chosen = select(Subscription.state).join(Mailbox, Mailbox.id == Subscription.mailbox_id)
    state = db.session.scalar(chosen.where(Subscription.list_id == one.id, Mailbox.address_key == address_key))
    if not one.rule:
        return state == SubscriptionState.ACTIVE
    return state != SubscriptionState.ENDED and bool(
        db.session.scalar(select(is_named(literal(one.rule), literal(address_key))))
    )


def lists_naming(address_key: str) -> Sequence[MailingList]:
    """The open lists by rule that somebody is on, in their order."""
    by_rule = select(MailingList).where(MailingList.rule != "", MailingList.closed_at.is_(None)).order_by(*_IN_ORDER)
    return [one for one in db.session.scalars(by_rule) if is_on(one, address_key)]


def subscriptions_of(mailbox: Mailbox) -> Sequence[Subscription]:
    """Everything that a mailbox has to do with lists, ended ones too, in the order of the lists."""
    chosen = (
        select(Subscription)
        .join(Subscription.mailing_list)
        .where(Subscription.mailbox_id == mailbox.id)
        .options(
            joinedload(Subscription.mailing_list).selectinload(MailingList.topics), selectinload(Subscription.topics)
        )
        .order_by(*_IN_ORDER)
    )
    return db.session.scalars(chosen).all()


def waiting_requests(mailbox_id: int, *, since: datetime) -> Sequence[Consent]:
    """What was asked for in the name of a mailbox after that moment and is not confirmed, oldest first."""
    is_waiting = (Consent.mailbox_id == mailbox_id, Consent.confirmed_at.is_(None), Consent.requested_at > since)
    return db.session.scalars(select(Consent).where(*is_waiting).order_by(Consent.id)).all()


def proofs_of(address_keys: Sequence[str], mailbox_id: int | None = None) -> Sequence[Consent]:
    """Every consent of an address, given, asked for or withdrawn, oldest first, also of a mailbox that is gone."""
    of_address = func.lower(Consent.address).in_([key.lower() for key in address_keys])
    is_theirs = of_address if mailbox_id is None else or_(of_address, Consent.mailbox_id == mailbox_id)
    return db.session.scalars(select(Consent).where(is_theirs).order_by(Consent.id)).all()


def counts_by_list() -> dict[int, int]:
    """How many are on each list, by its number; lists without anybody are left out."""
    counted = select(Subscription.list_id, func.count()).where(Subscription.state == SubscriptionState.ACTIVE)
    return dict(db.session.execute(counted.group_by(Subscription.list_id)).all())


@dataclass(frozen=True, kw_only=True)
class SubscriberFilter:
    """Whom of a list somebody wants to see. Empty means all who are on it."""

    #: Part of the address or the name.
    words: str = ""
    state: SubscriptionState = SubscriptionState.ACTIVE
    #: Whether only those whose mail comes back.
    is_suspended: bool = False


def subscribers(one: MailingList, chosen: SubscriberFilter, *, limit: int, after: int = 0) -> Sequence[Subscription]:
    """A page of a list, in the order in which they came; the next begins after the last one's number: as fast."""
    page = (
        select(Subscription)
        .join(Subscription.mailbox)
        .where(Subscription.list_id == one.id, Subscription.state == chosen.state, Subscription.id > after)
        .options(joinedload(Subscription.mailbox))
        .order_by(Subscription.id)
        .limit(limit)
    )
    if chosen.words:
        pattern = contains_pattern(chosen.words, str.lower)
        page = page.where(
            or_(Mailbox.address_key.like(pattern, escape="\\"), func.lower(Mailbox.name).like(pattern, escape="\\"))
        )
    if chosen.is_suspended:
        page = page.where(Mailbox.suspended_at.is_not(None))
    return db.session.scalars(page).all()


def import_content(number: int) -> tuple[bytes, int]:
    """What was handed in as a roster, and how many of its lines are done."""
    content, done_until = db.session.execute(
        select(ListImport.content, ListImport.done_until).where(ListImport.id == number)
    ).one()
    return content or b"", done_until


def list_import(one: MailingList, number: int) -> ListImport:
    """A roster that was handed in for a list, with its content. Raises NotFound."""
    chosen = select(ListImport).where(ListImport.id == number, ListImport.list_id == one.id)
    whole = chosen.options(undefer(ListImport.content)).execution_options(populate_existing=True)
    found = db.session.scalars(whole).first()
    if found is None:
        raise NotFound
    return found


def imports_of(one: MailingList, *, limit: int) -> Sequence[ListImport]:
    """The newest rosters that were handed in for a list."""
    chosen = select(ListImport).where(ListImport.list_id == one.id).order_by(ListImport.id.desc())
    return db.session.scalars(chosen.limit(limit)).all()


#: How long a link to confirm is good (rule L-04).
LINK_TIME = timedelta(days=7)
