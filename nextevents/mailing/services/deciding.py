"""What becomes of posts that wait: keepers accept, send back or discard them, and what nobody wanted is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from ...ground.database import change_rows, db
from ...ground.errors import AddressRefused
from ...ground.mail_addresses import address_of
from .. import messages_of_posts as messages
from .. import queries
from ..errors import PostDecided
from ..models import Mailbox, Post, PostState
from .posting import post as post_mail


def accept_post(post: Post, *, by: str, at: datetime) -> None:
    """Let everybody on the list have it; the worker passes it on. Raises PostDecided."""
    _decide(post, PostState.ACCEPTED, by=by, at=at)
    post.thread_id = thread_of(post)
    db.session.flush()


def reject_post(post: Post, reason: str, *, by: str, at: datetime) -> None:
    """Send it back with a reason. Raises PostDecided."""
    _decide(post, PostState.REJECTED, by=by, at=at, reason=reason)
    _forget_files(post)
    try:
        address_of(post.author_address)
    except AddressRefused:
        return
    language = language_of(queries.mailbox_with_key(post.author_address))
    post_mail(messages.post_rejected(post, language=language, at=at), at=at)


def discard_post(post: Post, *, by: str, at: datetime) -> None:
    """Let it go without a word. Raises PostDecided."""
    _decide(post, PostState.DISCARDED, by=by, at=at)
    _forget_files(post)


def _decide(post: Post, state: PostState, *, by: str, at: datetime, **values: str) -> None:
    """One conditional UPDATE: of two keepers who press at once, one is told so."""
    decided = change_rows(
        update(Post)
        .where(Post.id == post.id, Post.state == PostState.HELD)
        .values(state=state, decided_at=at, decided_by=by, **values)
    )
    db.session.refresh(post)
    if not decided:
        raise PostDecided


def _forget_files(post: Post) -> None:
    for one in list(post.files):
        db.session.delete(one.file)
    db.session.flush()
    db.session.expire(post, ["files"])


# ── Forgetting ───────────────────────────────────────────────────────────────────────────────────────────────────────

#: What keepers did not want is kept for questions, what they never decided about waits so long.
UNWANTED_TIME, WAITING_TIME = timedelta(days=30), timedelta(days=90)
PORTION = 500


def _is_unwanted(at: datetime) -> ColumnElement[bool]:
    was_refused = Post.state.in_((PostState.REJECTED, PostState.DISCARDED)) & (Post.decided_at < at - UNWANTED_TIME)
    return was_refused | ((Post.state == PostState.HELD) & (Post.received_at < at - WAITING_TIME))


def count_unwanted_posts(*, at: datetime) -> int:
    """How many posts forget_unwanted_posts would delete."""
    return db.session.scalar(select(func.count(Post.id)).where(_is_unwanted(at))) or 0


def forget_unwanted_posts(*, at: datetime) -> int:
    """Delete posts that were rejected or discarded 30 days ago, and those that waited for 90; returns how many."""
    old = select(Post).where(_is_unwanted(at)).order_by(Post.id).limit(PORTION)
    found = db.session.scalars(old).all()
    for post in found:
        _forget_files(post)
        db.session.delete(post)
    db.session.flush()
    return len(found)


# ── What reading needs too ───────────────────────────────────────────────────────────────────────────────────────────


def thread_of(post: Post) -> int | None:
    """The first post of the thread that an accepted post answers in; None if it begins one."""
    named = post.in_reply_to.split()
    of_list = (Post.list_id == post.list_id, Post.state == PostState.ACCEPTED, Post.id != post.id)
    found = db.session.scalars(
        select(Post).where(*of_list, Post.message_id.in_(named)).order_by(Post.id.desc())
    ).first()
    return (found.thread_id or found.id) if found else None


def language_of(mailbox: Mailbox | None) -> str:
    """In which somebody is written to; of strangers it is not known."""
    return mailbox.language if mailbox else "de"
