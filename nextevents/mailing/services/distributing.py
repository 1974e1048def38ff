"""Posts to everybody on a list: one row for each, written by the database in one statement; collected ones too.

Who is on it is a SELECT of (mailbox_id, address, language) that the room conducting it gives, because some lists go by
rules that mailing does not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, case, func, literal, or_, select, update
from sqlalchemy.orm import selectinload, undefer

from ...ground import clock
from ...ground.database import after_commit, change_rows, db, insert_unless_there, is_postgresql
from ...ground.queue import bell
from .. import messages_of_posts as messages
from ..forms import FormDraft
from ..models import (
    Delivery,
    InboundMail,
    Mailbox,
    MailingList,
    Message,
    Post,
    PostFile,
    PostState,
    State,
    Subscription,
    SubscriptionState,
)
from ..naming import OWNER_IS_NAMED
from ..posts import read_post
from .campaigning import constant, message_ids
from .posting import DELIVER_DUE, LIFETIME, store_form

PRIORITY = 7
#: When collected posts go out: at seven, and on Mondays those of the week.
DIGEST_HOUR = 7
PERIODS = {Delivery.DAILY: timedelta(days=1), Delivery.WEEKLY: timedelta(days=7)}
#: So many posts stand in one digest, with those that were passed on in the last one's minute; more follow in the next.
MOST_IN_DIGEST = 50
#: Who was away, or had each mail meanwhile, gets no older posts than so much before.
CATCHING_UP = timedelta(days=7)


def posts_to_pass_on() -> list[int]:
    """The numbers of accepted posts that nobody has yet, oldest first."""
    waiting = (Post.state == PostState.ACCEPTED, Post.passed_on_at.is_(None))
    return list(db.session.scalars(select(Post.id).where(*waiting).order_by(Post.id)))


def pass_on(number: int, readers: Select[int, str, str], *, at: datetime) -> int:
    """Write a message for each reader of an accepted post; returns how many. Twice is harmless."""
    chosen = select(Post).where(Post.id == number, Post.state == PostState.ACCEPTED, Post.passed_on_at.is_(None))
    post = db.session.scalars(chosen.with_for_update().execution_options(populate_existing=True)).first()
    if post is None:
        return 0
    count = 0
    if post.mailing_list.closed_at is None:
        forms = messages.forms_of_post(post, _entity_of(post))
        about = {"kind": messages.KIND, "subject": f"post:{post.id}", "revision": 0}
        count = _write(post.mailing_list, forms, readers.subquery("readers"), about, at=at)
    post.passed_on_at = at
    db.session.flush()
    return count


def _entity_of(post: Post) -> bytes | None:
    """What its author has sealed, from the mail as it came."""
    if not post.is_signed or post.inbound_id is None:
        return None
    chosen = select(InboundMail).where(InboundMail.id == post.inbound_id).options(undefer(InboundMail.content))
    mail = db.session.scalars(chosen).first()
    return read_post(mail.content, border="").entity if mail else None


def _write(
    one: MailingList, forms: Mapping[str, FormDraft], readers: Subquery, about: Mapping[str, Any], *, at: datetime
) -> int:
    for form in {form.key: form for form in forms.values()}.values():
        store_form(form)
    first = next(iter(forms.values())).key
    of_language = case({language: form.key for language, form in forms.items()}, value=readers.c.language, else_=first)
    make = func.json_build_object if is_postgresql() else func.json_object
    columns: dict[str, Any] = {
        **{name: literal(value) for name, value in about.items()},
        "recipient": readers.c.address,
        "form_key": of_language,
        "values": make(),
        "has_secrets": literal(value=False),
        "message_id": message_ids(),
        "priority": literal(PRIORITY),
        "created_at": constant(at, Message.created_at),
        "due_at": constant(at, Message.due_at),
        "expires_at": constant(at + LIFETIME, Message.expires_at),
        "state": literal(State.QUEUED, Message.state.type),
        "attempt": literal(0),
        "was_repeated": literal(value=False),
        "answer": literal(""),
        "list_id": literal(one.id),
        "mailbox_id": readers.c.mailbox_id,
    }
    # WHERE true: without it SQLite reads the conflict clause as a part of the join.
    chosen = select(*columns.values()).select_from(readers).where(readers.c.mailbox_id > 0)
    written = insert_unless_there(Message).from_select(list(columns), chosen, include_defaults=False)
    made = db.session.scalars(written.returning(Message.id), execution_options={"synchronize_session": False}).all()
    after_commit(lambda: bell.ring(DELIVER_DUE))
    return len(made)


# ── Collected ────────────────────────────────────────────────────────────────────────────────────────────────────────


def last_digest_moment(delivery: Delivery, *, at: datetime) -> datetime:
    """When the last digest was due: today or yesterday at seven, or on Monday, in our own time zone."""
    local = clock.local(at)
    day = local.date() if local.hour >= DIGEST_HOUR else local.date() - timedelta(days=1)
    if delivery == Delivery.WEEKLY:
        day -= timedelta(days=day.weekday())
    return clock.moment_of(datetime(day.year, day.month, day.day, DIGEST_HOUR))  # noqa: DTZ001 - local, by its name


def lists_to_collect(delivery: Delivery, *, at: datetime) -> list[int]:
    """The numbers of lists of which somebody waits for a digest that is due."""
    until = minute_of(last_digest_moment(delivery, at=at))
    waiting = (
        Subscription.state == SubscriptionState.ACTIVE,
        Subscription.delivery == delivery,
        Subscription.digested_until < until,
    )
    return list(db.session.scalars(select(Subscription.list_id).where(*waiting).distinct()))


def minute_of(moment: datetime) -> int:
    """A moment as Subscription.digested_until counts it."""
    return int(moment.timestamp()) // 60


def send_digests(list_id: int, delivery: Delivery, *, at: datetime) -> int:
    """Write one mail for each subscriber who collects this way and has not had the posts yet; returns how many.

    Of more than MOST_IN_DIGEST posts the oldest: they are due again at once, for the others.
    """
    one = db.session.get(MailingList, list_id)
    until = last_digest_moment(delivery, at=at)
    waiting = (
        Subscription.list_id == list_id,
        Subscription.state == SubscriptionState.ACTIVE,
        Subscription.delivery == delivery,
        Subscription.digested_until < minute_of(until),
    )
    held = select(Subscription.id, Subscription.digested_until).where(*waiting).with_for_update()
    rows = db.session.execute(held).all()
    count = 0
    for since in sorted({row.digested_until for row in rows}):
        numbers = [row.id for row in rows if row.digested_until == since]
        end = until
        if one is not None and one.closed_at is None:
            collected = _collect(one, _beginning(since, delivery, until), until)
            count += _send_digest(one, collected, numbers, at=at)
            end = collected.end
        change_rows(update(Subscription).where(Subscription.id.in_(numbers)).values(digested_until=minute_of(end)))
    return count


def _beginning(since: int, delivery: Delivery, until: datetime) -> datetime:
    """From when on posts are collected: since those people's last digest; for their first one, of one period."""
    begin = datetime.fromtimestamp(since * 60, tz=UTC) if since else until - PERIODS[delivery]
    return max(begin, until - PERIODS[delivery] - CATCHING_UP)


@dataclass(frozen=True)
class _Collected:
    """The posts of one digest."""

    posts: Sequence[Post]
    #: Posts that were passed on before this moment are in it, or in one before; always a whole minute.
    end: datetime
    #: Whether there are later ones that are due too.
    has_more: bool = False


def _collect(one: MailingList, begin: datetime, until: datetime) -> _Collected:
    """The oldest posts of that time."""
    of_list = select(Post).where(Post.list_id == one.id, Post.state == PostState.ACCEPTED, Post.passed_on_at >= begin)
    with_files = of_list.options(selectinload(Post.files).joinedload(PostFile.file))
    in_order = with_files.order_by(Post.passed_on_at, Post.id)
    posts = db.session.scalars(in_order.where(Post.passed_on_at < until).limit(MOST_IN_DIGEST + 1)).all()
    if len(posts) <= MOST_IN_DIGEST:
        return _Collected(posts, until)
    last = posts[MOST_IN_DIGEST - 1].passed_on_at or until
    end = min(last.replace(second=0, microsecond=0) + timedelta(minutes=1), until)
    later = of_list.where(Post.passed_on_at >= end, Post.passed_on_at < until)
    has_more = bool(db.session.scalar(select(later.exists())))
    return _Collected(db.session.scalars(in_order.where(Post.passed_on_at < end)).all(), end, has_more)


def _send_digest(one: MailingList, collected: _Collected, numbers: list[int], *, at: datetime) -> int:
    if not collected.posts:
        return 0
    readers = _mailboxes(numbers)
    about = {"kind": messages.KIND_DIGEST, "subject": f"list:{one.id}", "revision": minute_of(collected.end)}
    forms = messages.forms_of_digest(one, collected.posts, has_more=collected.has_more)
    return _write(one, forms, readers.subquery("readers"), about, at=at)


def _mailboxes(subscriptions: list[int]) -> Select[int, str, str]:
    """Of those who collect, whoever is on the list as things stand: a rule may name them no more."""
    return (
        select(Mailbox.id.label("mailbox_id"), Mailbox.address.label("address"), Mailbox.language.label("language"))
        .join(Subscription, Subscription.mailbox_id == Mailbox.id)
        .join(MailingList, MailingList.id == Subscription.list_id)
        .where(Subscription.id.in_(subscriptions), Mailbox.suspended_at.is_(None))
        .where(or_(MailingList.rule == "", OWNER_IS_NAMED))
    )
