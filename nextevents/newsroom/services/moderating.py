"""Posts that wait: their keepers are told, and decide."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ...ground.database import db
from ...ground.tokens import halves, number_in
from ...mailing import queries as lists
from ...mailing import services as mailing
from ...mailing.models import Message, Post, PostState
from ...people import queries as people
from ...people.models import Person
from .. import messages_to_keepers as messages
from .. import rules
from ..keeping import keepers_of

#: So many mails an hour a keeper gets about posts that wait; the rest is told of later, in one line.
MOST_AN_HOUR = 10


def tell_keepers(*, at: datetime) -> int:
    """Write to the keepers of each post that waits and that they do not know of; returns how many posts were told.

    All lists take turns. One whose keepers had MOST_AN_HOUR mails waits, and no other waits for it; the page for
    keepers shows everything meanwhile.
    """
    told = 0
    for post in _untold():
        keepers = [one for one in keepers_of(post.mailing_list) if not _has_enough(one, at=at)]
        if not keepers:
            continue
        count = lists.held_posts_count(post.mailing_list)
        for keeper in keepers:
            mailing.post(messages.post_held(post, keeper, count, at=at), at=at)
        post.told_at, told = at, told + 1
        db.session.flush()
    return told


def _untold() -> Sequence[Post]:
    """The oldest posts of each list that its keepers do not know of, held: first of each list one, then the second."""
    turn = func.row_number().over(partition_by=Post.list_id, order_by=Post.id).label("turn")
    waiting = select(Post.id, turn).where(Post.state == PostState.HELD, Post.told_at.is_(None)).subquery()
    chosen = select(Post).join(waiting, waiting.c.id == Post.id).where(waiting.c.turn <= MOST_AN_HOUR)
    in_turn = chosen.order_by(waiting.c.turn, Post.id).with_for_update(of=Post, skip_locked=True)
    return db.session.scalars(in_turn).all()


def _has_enough(keeper: Person, *, at: datetime) -> bool:
    lately = (Message.kind == messages.KIND, Message.recipient == keeper.address)
    counted = select(func.count(Message.id)).where(*lately, Message.created_at > at - timedelta(hours=1))
    return (db.session.scalar(counted) or 0) >= MOST_AN_HOUR


def decider_in(token: str) -> tuple[Post, Person] | None:
    """The post and the keeper that a mailed token speaks of, as long as that person keeps the list."""
    number = number_in(messages.PURPOSE, token)
    if number is None:
        return None
    post_id, person_id = halves(number)
    post, person = db.session.get(Post, post_id), people.person_with_number(person_id)
    if post is None or person is None or not rules.may_write_to(person, post.mailing_list):
        return None
    return post, person


def decide(post: Post, decision: str, reason: str, *, by: Person, at: datetime) -> None:
    """Accept, reject with a reason, or discard. Raises PostDecided if another keeper was faster."""
    if decision == "accept":
        mailing.accept_post(post, by=by.address, at=at)
    elif decision == "reject":
        mailing.reject_post(post, reason, by=by.address, at=at)
    else:
        mailing.discard_post(post, by=by.address, at=at)
