"""Reading posts: those that wait, and the archive."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ...ground.database import db
from ...ground.errors import NotFound
from ...ground.text import contains_pattern
from ..models import MailingList, Post, PostFile, PostState


@dataclass(frozen=True)
class Thread:
    """A conversation: its first post, how many there are, and when the last one came."""

    first: Post
    count: int
    last_at: datetime


def post_with_number(number: int) -> Post:
    """A post with its list and its files, whatever became of it. Raises NotFound."""
    chosen = select(Post).where(Post.id == number)
    found = db.session.scalars(chosen.options(joinedload(Post.mailing_list), *_WITH_FILES)).first()
    if found is None:
        raise NotFound
    return found


_WITH_FILES = (selectinload(Post.files).joinedload(PostFile.file),)


def held_posts(lists: Collection[MailingList], *, limit: int, offset: int = 0) -> Sequence[Post]:
    """The posts to these lists that wait for a decision, oldest first."""
    chosen = select(Post).where(Post.list_id.in_([one.id for one in lists]), Post.state == PostState.HELD)
    page = chosen.options(joinedload(Post.mailing_list), *_WITH_FILES).order_by(Post.id).limit(limit).offset(offset)
    return db.session.scalars(page).all()


def held_posts_count(one: MailingList) -> int:
    """How many posts to a list wait."""
    counted = select(func.count(Post.id)).where(Post.list_id == one.id, Post.state == PostState.HELD)
    return db.session.scalar(counted) or 0


def threads(one: MailingList, *, limit: int, offset: int = 0) -> list[Thread]:
    """The conversations of a list, the one with the newest post first."""
    first_id = func.coalesce(Post.thread_id, Post.id)
    grouped = (
        select(first_id.label("first"), func.count().label("count"), func.max(Post.received_at).label("last_at"))
        .where(Post.list_id == one.id, Post.state == PostState.ACCEPTED)
        .group_by(first_id)
        .subquery()
    )
    first = aliased(Post)
    rows = db.session.execute(
        select(first, grouped.c.count, grouped.c.last_at)
        .join(grouped, grouped.c.first == first.id)
        .order_by(grouped.c.last_at.desc(), first.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [Thread(*row) for row in rows]


def posts_in_thread(one: MailingList, number: int) -> Sequence[Post]:
    """The accepted posts of the conversation that a post belongs to, in order. Raises NotFound if there is none."""
    asked = db.session.scalars(select(Post).where(Post.id == number, Post.list_id == one.id)).first()
    if asked is None:
        raise NotFound
    first = asked.thread_id or asked.id
    of_thread = (
        Post.list_id == one.id,
        Post.state == PostState.ACCEPTED,
        (Post.id == first) | (Post.thread_id == first),
    )
    found = db.session.scalars(select(Post).where(*of_thread).options(*_WITH_FILES).order_by(Post.id)).all()
    if asked not in found:
        raise NotFound
    return found


def found_posts(one: MailingList, words: str, *, limit: int, offset: int = 0) -> Sequence[Post]:
    """The accepted posts in which all these words stand, newest first, whatever their case."""
    chosen = select(Post).where(Post.list_id == one.id, Post.state == PostState.ACCEPTED)
    for word in words.split():
        chosen = chosen.where(Post.search_text.like(contains_pattern(word), escape="\\"))
    return db.session.scalars(chosen.order_by(Post.id.desc()).limit(limit).offset(offset)).all()


def newest_posts(one: MailingList, *, limit: int) -> Sequence[Post]:
    """The newest accepted posts."""
    return found_posts(one, "", limit=limit)


def posts_by(address_key: str) -> Sequence[Post]:
    """What somebody has written to lists, in order."""
    of_author = func.lower(Post.author_address) == address_key
    chosen = select(Post).where(of_author).options(joinedload(Post.mailing_list))
    return db.session.scalars(chosen.order_by(Post.id)).all()


def file_of(one: MailingList, number: int) -> PostFile:
    """A file attached to an accepted post of this list. Raises NotFound."""
    chosen = select(PostFile).join(Post, Post.id == PostFile.post_id)
    of_list = (PostFile.id == number, Post.list_id == one.id, Post.state == PostState.ACCEPTED)
    found = db.session.scalars(chosen.where(*of_list).options(joinedload(PostFile.file))).first()
    if found is None:
        raise NotFound
    return found
