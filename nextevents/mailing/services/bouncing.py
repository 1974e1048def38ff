"""What follows from mail that comes back (rules M-08 to M-13): counted by its signed return path, and by nothing else.

A report names one message; it counts once, however often it comes. Nobody is deleted by one: a mailbox is suspended,
says why, and its owner wakes it (bad input 75).
"""

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from ...ground import clock
from ...ground.database import change_rows, db, insert_unless_there
from ...ground.errors import AddressRefused
from ...ground.mail_addresses import address_of
from ...ground.tokens import halves, number_in
from .. import messages_of_bounces as messages
from .. import queries
from ..addresses import message_behind
from ..bounces import Report, read_report, refusal
from ..inbound import read
from ..messages_of_lists import KIND_AWAKENING
from ..models import Bounce, BounceKind, InboundMail, InboundState, Mailbox, Message
from .figures import answered
from .leaving import leave_list
from .mailboxes import suspend
from .posting import post
from .receiving import settle
from .throttling import slow_down

#: What stands in the office's list of arrivals about them.
KIND, UNPROVED, REPEATED = "bounce", "no signed return path", "reported before"
#: A mailbox that is full, or whose reports say nothing we know, is suspended after so many, on so many days, in a time.
MOST_SOFT, MOST_SOFT_DAYS = 5, 3
SOFT_TIME = timedelta(days=14)
#: How long reports are kept (rule L-10).
BOUNCE_TIME = timedelta(days=30)
PORTION = 5000
_SOFT = (BounceKind.SOFT, BounceKind.UNKNOWN)


def read_bounce(mail: InboundMail, *, at: datetime) -> None:
    """Read what came to a return path, do what follows from it, and settle the mail."""
    report = read_report(mail.content)
    if report is None:
        _settle_other(mail, at=at)
        return
    note = note_report(report, message_behind(mail.recipient), at=at)
    is_known = note != UNPROVED
    settle(mail, InboundState.DONE if is_known else InboundState.DROPPED, kind=KIND, note=note, at=at)


def _settle_other(mail: InboundMail, *, at: datetime) -> None:
    """No report: out of office is of no use, whatever else came here is for a person; perhaps it answers an issue."""
    letter = read(mail.content, border="")
    if letter.problem:
        settle(mail, InboundState.REVIEW, kind="unreadable", note=letter.problem, at=at)
    elif letter.is_automatic or letter.is_bulk or letter.is_report or not mail.sender:
        settle(mail, InboundState.DROPPED, kind="automatic", note="automatic answer", at=at)
    else:
        number = message_behind(mail.recipient)
        about = answered(db.session.get(Message, number) if number else None, mail)
        settle(mail, InboundState.REVIEW, kind="letter", note="letter", about=about, at=at)


def note_report(report: Report, number: int | None, *, at: datetime) -> str:
    """Do what follows from a report about the message of that number; returns what it was, in a word for the office."""
    if report.kind == BounceKind.COMPLAINT:
        return _complain(report, number, at=at)
    message = db.session.get(Message, number) if number else None
    if message is None:
        return UNPROVED
    mailbox = _mailbox_of(message)
    if not _note(report, message, mailbox, at=at):
        return REPEATED
    _follow(report, message, mailbox, at=at)
    return report.kind.value


def note_refusal(number: int, words: str, *, at: datetime) -> None:
    """Do what follows from a server's no while the message of that number was handed over."""
    note_report(refusal(words), number, at=at)


def _mailbox_of(message: Message) -> Mailbox | None:
    """The mailbox that a message went to. Mail of events knows addresses only."""
    if message.mailbox_id is not None:
        return queries.mailbox(message.mailbox_id)
    try:
        return queries.mailbox_with_key(address_of(message.recipient).key)
    except AddressRefused:
        return None


def _note(report: Report, message: Message, mailbox: Mailbox | None, *, at: datetime) -> bool:
    """Write it down; whether it is new."""
    values = {
        "message_id": message.id,
        "mailbox_id": mailbox.id if mailbox else None,
        "campaign_id": message.campaign_id,
        "kind": report.kind,
        "status": report.status,
        "words": report.words,
        "received_at": at,
    }
    return bool(db.session.scalars(insert_unless_there(Bounce).returning(Bounce.id), [values]).all())


def _follow(report: Report, message: Message, mailbox: Mailbox | None, *, at: datetime) -> None:
    domain = message.recipient.rpartition("@")[2].lower()
    if report.kind == BounceKind.SLOW:
        slow_down(domain, report.words or report.status, rate=current_app.config["DESTINATION_RATE"], at=at)
    elif report.kind == BounceKind.OURS:
        post(messages.refused_by_domain(domain, report, at=at), at=at)
    elif mailbox and report.kind == BounceKind.DEAD:
        with force_locale(mailbox.language):
            suspend(mailbox, _("Ein Postfach mit dieser Adresse gibt es nicht, sagt ihr Mailsystem."), at=at)
    elif mailbox and _fails_too_often(mailbox, at=at):
        with force_locale(mailbox.language):
            suspend(mailbox, _("Unsere Mails kamen mehrmals zurück, etwa weil das Postfach voll ist."), at=at)


def _fails_too_often(mailbox: Mailbox, *, at: datetime) -> bool:
    """What was before its owner was last asked to wake it does not count."""
    asked = select(func.max(Message.created_at)).where(
        Message.kind == KIND_AWAKENING, Message.recipient == mailbox.address
    )
    since = max(at - SOFT_TIME, db.session.scalar(asked) or at - SOFT_TIME)
    of_mailbox = (Bounce.mailbox_id == mailbox.id, Bounce.kind.in_(_SOFT), Bounce.received_at > since)
    moments = db.session.scalars(select(Bounce.received_at).where(*of_mailbox)).all()
    return len(moments) >= MOST_SOFT and len({clock.local(one).date() for one in moments}) >= MOST_SOFT_DAYS


def _complain(report: Report, number: int | None, *, at: datetime) -> str:
    """Somebody calls a mail of a list spam: they are taken off it (rule M-13). Only signed words count."""
    behind = [number, *(message_behind(path) for path in report.paths)]
    named = select(Message).where(Message.id.in_([one for one in behind if one])).limit(1)
    message = db.session.scalars(named).first()
    if message is not None:
        mailbox = _mailbox_of(message)
        if not _note(report, message, mailbox, at=at):
            return REPEATED
        if mailbox and message.list_id is not None:
            _take_off(message.list_id, mailbox, at=at)
        return report.kind.value
    signed = [found for one in report.links if (found := number_in("unsubscribe", one))]
    if not signed:
        return UNPROVED
    list_id, mailbox_id = halves(signed[0])
    mailbox = queries.mailbox(mailbox_id)
    if mailbox is None or not _take_off(list_id, mailbox, at=at):
        return REPEATED
    db.session.add(Bounce(mailbox_id=mailbox.id, kind=report.kind, words=report.words, received_at=at))
    db.session.flush()
    return report.kind.value


def _take_off(list_id: int, mailbox: Mailbox, *, at: datetime) -> bool:
    one = queries.list_behind(list_id)
    return leave_list(one, mailbox, by="complaint", at=at) if one else False


def count_old_bounces(*, at: datetime) -> int:
    """How many reports forget_old_bounces would delete."""
    return db.session.scalar(select(func.count(Bounce.id)).where(Bounce.received_at < at - BOUNCE_TIME)) or 0


def forget_old_bounces(*, at: datetime) -> int:
    """Delete reports that are older than 30 days; returns how many, at most PORTION. Campaigns keep their figures."""
    old = select(Bounce.id).where(Bounce.received_at < at - BOUNCE_TIME).order_by(Bounce.id).limit(PORTION)
    return change_rows(delete(Bounce).where(Bounce.id.in_(old)))
