"""Receiving: a mail is a row before it is acknowledged; each room reads its own kind from there."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import undefer

from ...ground.database import after_commit, db, insert_unless_there
from ...ground.queue import bell
from .. import queries
from ..addresses import slug_in
from ..models import InboundMail, InboundState, MailingList

#: What the worker is told; each room that reads mails has an ear for it.
MAIL_CAME_IN = "mailing.mail_came_in"
MAIL_CAME_BACK = "mailing.mail_came_back"
MAIL_CAME_TO_LISTS = "newsroom.mail_came_to_lists"
#: What can be asked of a list by mail, behind a plus in its address; nothing: to write to everybody on it.
LIST_TASKS = ("", "owner", "subscribe", "unsubscribe", "confirm")
#: Whoever dies so often while reading one mail does not try again.
MOST_ATTEMPTS = 3


def is_expected(recipient: str) -> bool:
    """Whether mail to this address is for us; what stands behind a plus in it does not matter."""
    local_part, _, domain = recipient.casefold().rpartition("@")
    address = f"{local_part.partition('+')[0]}@{domain}"
    if address in return_paths() | {current_app.config["MAIL_FROM"].casefold()}:
        return True
    one, task = list_addressed(recipient)
    return one is not None and one.closed_at is None and task in LIST_TASKS


def list_addressed(recipient: str) -> tuple[MailingList | None, str]:
    """The list that an address means, by its name of now or of before, and what stands behind the plus."""
    slug = slug_in(recipient.casefold())
    if not slug:
        return None, ""
    task = recipient.casefold().rpartition("@")[0].partition("+")[2]
    return queries.list_with_slug_or_none(slug) or queries.list_at_earlier_slug(slug), task


def receive(sender: str, recipients: Iterable[str], content: bytes, *, at: datetime) -> int:
    """Keep a mail, one row for each receiver; the same one handed over twice is one. Returns how many rows are new.

    It may be acknowledged only once the open transaction is committed.
    """
    rows = [
        {
            "received_at": at,
            "sender": sender,
            "recipient": recipient,
            "content": content,
            "key": sha256(recipient.encode() + b"\0" + content).hexdigest(),
            "kind": "",
            "state": InboundState.NEW,
            "note": "",
            "attempts": 0,
        }
        for recipient in sorted({one.casefold() for one in recipients})
    ]
    made = db.session.scalars(insert_unless_there(InboundMail).returning(InboundMail.id), rows).all()
    after_commit(lambda: bell.ring(MAIL_CAME_IN))
    after_commit(lambda: bell.ring(MAIL_CAME_BACK))
    after_commit(lambda: bell.ring(MAIL_CAME_TO_LISTS))
    return len(made)


def return_paths() -> set[str]:
    """The addresses to which mail of ours comes back, in lower case, without what stands behind a plus."""
    config = current_app.config
    given: set[str] = {config["MAIL_BOUNCES"].casefold()} - {config["MAIL_FROM"].casefold()}
    return given | {f"bounces@{config['LIST_DOMAIN']}".casefold()}


def to_return_paths() -> ColumnElement[bool]:
    """Which mails came back, or complain of mails of ours."""
    parts = [address.rpartition("@") for address in sorted(return_paths())]
    return or_(
        InboundMail.recipient.in_(return_paths()),
        *(
            InboundMail.recipient.startswith(f"{local}+", autoescape=True)
            & InboundMail.recipient.endswith(f"@{domain}", autoescape=True)
            for local, _, domain in parts
        ),
    )


def to_others() -> ColumnElement[bool]:
    """Which mails are neither for the organiser of events nor back: those to lists, and what fits nowhere."""
    return and_(InboundMail.recipient != current_app.config["MAIL_FROM"].casefold(), ~to_return_paths())


def begin_reading(chosen: str | ColumnElement[bool], *, after: int, at: datetime) -> int | None:
    """The number of the next unread mail to an address, or of those chosen, counting that its reading was begun.

    None if there is none. To be committed before reading, so that a mail on which workers die is left for a person
    after three times.
    """
    is_chosen = InboundMail.recipient == chosen.casefold() if isinstance(chosen, str) else chosen
    unread = (
        select(InboundMail)
        .where(InboundMail.state == InboundState.NEW, InboundMail.kind == "")
        .where(is_chosen, InboundMail.id > after)
        .order_by(InboundMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while mail := db.session.scalars(unread).first():
        if mail.attempts < MOST_ATTEMPTS:
            mail.attempts += 1
            db.session.flush()
            return mail.id
        settle(mail, InboundState.REVIEW, kind="unreadable", note="breaks the reader", at=at)
    return None


def mail_to_read(number: int) -> InboundMail | None:
    """A mail whose reading was begun, with its content; None if somebody else reads it or has read it."""
    return db.session.scalars(
        select(InboundMail)
        .where(InboundMail.id == number, InboundMail.state == InboundState.NEW)
        .options(undefer(InboundMail.content))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()


def settle(
    mail: InboundMail, state: InboundState, *, kind: str = "", note: str = "", about: str = "", at: datetime
) -> None:
    """Write down what a mail was, what it was about, and what became of it."""
    mail.state, mail.kind, mail.note, mail.about = state, kind or mail.kind, note, about or mail.about
    mail.settled_at = None if state == InboundState.NEW else at
    db.session.flush()
