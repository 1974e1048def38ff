"""Mail to lists: what stops it, who may write, what waits for a keeper (rules M-19 to M-22; bad inputs 71 to 76).

A list knows no people. Who keeps it is told by the room that reads these mails, as addresses.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from ...ground.database import db, insert_unless_there
from ...ground.documents import DocumentRefused, store_document
from ...ground.errors import Refusal
from ...ground.mail_addresses import address_of
from ...ground.text import search_key
from ...ground.tokens import halves, number_in
from .. import messages_of_posts as messages
from .. import queries
from ..addresses import list_address, unsubscribe_url
from ..models import (
    Consent,
    InboundMail,
    InboundState,
    Joining,
    ListKind,
    Mailbox,
    MailingList,
    Message,
    Moderation,
    Post,
    PostFile,
    Posting,
    PostState,
    SubscriptionState,
)
from ..posts import Attached, Written, plain, read_post
from .consenting import Declaration, words_of_consent
from .deciding import language_of, thread_of
from .figures import answered
from .leaving import leave_list
from .posting import post as post_mail
from .receiving import list_addressed, settle
from .subscribing import Answer, ask_to_subscribe, confirm

#: What stands in the office's list of arrivals.
KIND = "list_mail"
#: So many posts of one list in an hour; then somebody looks what is going on (bad input 74).
MOST_AN_HOUR = 30
#: One automatic answer of a kind for an address in such a time.
ANSWER_REST = timedelta(days=7)
_MACHINES = re.compile(r"(owner-.*|.*-request|.*-bounces?|mailer-daemon|postmaster|no-?reply.*)@", re.IGNORECASE)
_TOKEN = re.compile(r"[\w-]{32}")

#: The addresses of whoever keeps a list, and the language of each.
Keepers = Callable[[MailingList], Mapping[str, str]]


@dataclass(frozen=True)
class _Arrival:
    """A mail to a list that is being read."""

    mail: InboundMail
    mailing_list: MailingList
    written: Written
    #: The addresses of whoever keeps the list, and the language of each.
    keepers: Mapping[str, str]
    at: datetime

    @property
    def author(self) -> str:
        return self.written.letter.author

    @property
    def is_proved(self) -> bool:
        return self.written.letter.is_proved

    @property
    def is_of_keeper(self) -> bool:
        return self.is_proved and self.author in {one.casefold() for one in self.keepers}

    def settle(self, state: InboundState, note: str, about: str = "") -> None:
        about = about or f"list:{self.mailing_list.id}"
        settle(self.mail, state, kind=KIND, note=note, about=about, at=self.at)


def read_list_mail(mail: InboundMail, keepers_of: Keepers, *, at: datetime) -> None:
    """Read a mail to a list, or to one of its tasks, do what follows from it, and settle it."""
    one, task = list_addressed(mail.recipient)
    written = read_post(mail.content, border=current_app.config["MAIL_BORDER"])
    if one is None or written.letter.problem:
        note = written.letter.problem or "letter"
        settle(mail, InboundState.REVIEW, kind="unreadable" if written.letter.problem else "letter", note=note, at=at)
        return
    arrival = _Arrival(mail, one, written, keepers_of(one), at)
    if task == "unsubscribe" and _leaves_by_token(arrival):
        return
    if reason := _stopped_by(arrival):
        arrival.settle(InboundState.DROPPED, reason)
        return
    _TASKS[task](arrival)


# ── What never reaches anybody ───────────────────────────────────────────────────────────────────────────────────────


def _stopped_by(arrival: _Arrival) -> str:
    """Why a mail is dropped; empty if nothing speaks against it (rule M-20)."""
    letter, domain = arrival.written.letter, current_app.config["LIST_DOMAIN"].lower()
    if any(one.endswith(f"@{domain}") for one in letter.loops):
        return "loop"
    if any(one.endswith(f".{domain}") for one in arrival.written.list_ids):
        return "loop"
    if letter.is_tired:
        return "too many stations"
    if not arrival.mail.sender or letter.is_report:
        return "empty sender"
    if letter.is_automatic:
        return "automatic answer"
    if letter.is_bulk:
        return "sent to many"
    if not letter.author:
        return "no author"
    return ""


# ── Tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _leaves_by_token(arrival: _Arrival) -> bool:
    """Leave by the signed word that mail programs send back (RFC 2369 3.2); whether there was one."""
    found = _TOKEN.search(arrival.written.letter.subject)
    number = number_in("unsubscribe", found[0]) if found else None
    if number is None:
        return False
    list_id, mailbox_id = halves(number)
    one, mailbox = queries.list_behind(list_id), queries.mailbox(mailbox_id)
    if one is None or mailbox is None or one.id != arrival.mailing_list.id:
        return False
    leave_list(one, mailbox, by="mail", at=arrival.at)
    arrival.settle(InboundState.DONE, "left")
    return True


def _leave(arrival: _Arrival) -> None:
    """Without a token: whoever is proved leaves, anybody else gets a link."""
    one, mailbox = arrival.mailing_list, queries.mailbox_with_key(arrival.author)
    found = queries.subscription(one, mailbox) if mailbox else None
    if mailbox is None or not (one.rule or (found and found.state == SubscriptionState.ACTIVE)):
        arrival.settle(InboundState.DROPPED, "not on the list")
        return
    if arrival.is_proved:
        leave_list(one, mailbox, by="mail", at=arrival.at)
    elif may_answer(mailbox.address, messages.KIND_LEAVE, at=arrival.at):
        link = unsubscribe_url(one.id, mailbox.id)
        post_mail(
            messages.how_to_leave(one, mailbox.address, link, language=mailbox.language, at=arrival.at), at=arrival.at
        )
    arrival.settle(InboundState.DONE, "left" if arrival.is_proved else "asked to leave")


def may_answer(address: str, kind: str, *, at: datetime) -> bool:
    """Whether an automatic answer of this kind may go there: no machine, and the first in a week (rule M-22)."""
    return not _MACHINES.match(address) and not queries.times_written(kind, address, since=at - ANSWER_REST)


def _subscribe(arrival: _Arrival) -> None:
    """Ask for confirmation, as the page does."""
    one = arrival.mailing_list
    if one.joining != Joining.EVERYBODY or one.rule:
        arrival.settle(InboundState.DROPPED, "nobody subscribes")
        return
    address = list_address(one.slug, "subscribe")
    declaration = Declaration(
        text=words_of_consent(one, "de"), language="de", form_url=f"mailto:{address}", was_ticked=False
    )
    try:
        ask_to_subscribe(one, address_of(arrival.author), declaration, name=arrival.written.author_name, at=arrival.at)
    except Refusal:
        arrival.settle(InboundState.DROPPED, "address refused")
        return
    arrival.settle(InboundState.DONE, "asked to subscribe")


def _confirm(arrival: _Arrival) -> None:
    """An answer to the mail that asked: only its receiver knows that mail's identity.

    Within a minute a machine may have sent it; nobody can be asked for a tick here, so the sender's proof counts.
    """
    chosen = select(Consent).where(
        Consent.list_id == arrival.mailing_list.id,
        Consent.mail_id.in_(arrival.written.references),
        Consent.mail_id != "",
    )
    consent = db.session.scalars(chosen.order_by(Consent.id.desc()).limit(1)).first()
    mailbox = queries.mailbox(consent.mailbox_id) if consent and consent.mailbox_id else None
    is_sure = bool(mailbox and arrival.is_proved and arrival.author == mailbox.address_key)
    answer = confirm(consent, is_sure=is_sure, by="mail", at=arrival.at) if consent else None
    is_done = answer == Answer.CONFIRMED
    arrival.settle(InboundState.DONE if is_done else InboundState.DROPPED, "confirmed" if is_done else "not confirmed")


def _to_keepers(arrival: _Arrival) -> None:
    """Hand a letter on to whoever keeps the list; without anybody it waits for the office.

    One that answers an issue counts for its campaign.
    """
    letter = arrival.written.letter
    said = (arrival.author, plain(letter.subject), arrival.written.text)
    for keeper, language in arrival.keepers.items():
        mail = messages.to_keepers(
            arrival.mailing_list, keeper, said, arrival.mail.id, language=language, at=arrival.at
        )
        post_mail(mail, at=arrival.at)
    about = answered(_mail_answered(arrival), arrival.mail)
    arrival.settle(InboundState.DONE if arrival.keepers else InboundState.REVIEW, "letter", about)


def _mail_answered(arrival: _Arrival) -> Message | None:
    """The mail of this list that a letter names as the one that it answers."""
    is_named = (Message.message_id.in_(arrival.written.references), Message.list_id == arrival.mailing_list.id)
    return db.session.scalars(select(Message).where(*is_named).order_by(Message.id.desc()).limit(1)).first()


# ── Posts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _take_post(arrival: _Arrival) -> None:
    """Store a post; it is passed on, or waits for a keeper. Where nobody posts, the keepers read it."""
    one = arrival.mailing_list
    if one.kind != ListKind.DISCUSSION or one.posting == Posting.NOBODY:
        _to_keepers(arrival)
        return
    mailbox = queries.mailbox_with_key(arrival.author)
    with force_locale("de"):
        reason = _why_it_waits(arrival)
        number = _store(arrival, mailbox, reason)
    if number is None:
        arrival.settle(InboundState.DROPPED, "seen before")
        return
    found = queries.post_with_number(number)
    if reason:
        if arrival.is_proved and may_answer(found.author_address, messages.KIND_WAITS, at=arrival.at):
            post_mail(messages.post_waits(one, found, language=language_of(mailbox), at=arrival.at), at=arrival.at)
    else:
        found.thread_id = thread_of(found)
        db.session.flush()
    arrival.settle(InboundState.DONE, "held" if reason else "accepted")


_TASKS: dict[str, Callable[[_Arrival], None]] = {
    "": _take_post,
    "owner": _to_keepers,
    "subscribe": _subscribe,
    "unsubscribe": _leave,
    "confirm": _confirm,
}


def _why_it_waits(arrival: _Arrival) -> str:
    """Why a keeper has to decide, in words; empty if nobody has to."""
    one = arrival.mailing_list
    if not arrival.is_proved:
        return _("Es ist nicht bewiesen, dass die Mail von dieser Adresse kommt.")
    if _is_flooded(one, arrival.at):
        return _("In der letzten Stunde kamen ungewöhnlich viele Beiträge.")
    if arrival.is_of_keeper:
        return ""
    if one.posting == Posting.KEEPERS:
        return _("Auf diesem Verteiler schreibt nur, wer ihn betreut.")
    is_on_it = queries.is_on(one, arrival.author)
    if one.posting == Posting.SUBSCRIBERS and not is_on_it:
        return _("Die Person steht nicht auf dem Verteiler.")
    if one.moderation == Moderation.EVERYBODY:
        return _("Auf diesem Verteiler wird jeder Beitrag angesehen.")
    if one.moderation == Moderation.NEWCOMERS and not (is_on_it and _has_written(one, arrival.author)):
        return _("Die Person schreibt zum ersten Mal auf diesem Verteiler.")
    return ""


def _has_written(one: MailingList, author: str) -> bool:
    of_author = (Post.list_id == one.id, Post.author_address == author, Post.state == PostState.ACCEPTED)
    return db.session.scalar(select(Post.id).where(*of_author).limit(1)) is not None


def _is_flooded(one: MailingList, at: datetime) -> bool:
    """Whether many posts went to all lately. What waits counts for nothing, or strangers could shut the list."""
    lately = (Post.list_id == one.id, Post.state == PostState.ACCEPTED, Post.received_at > at - timedelta(hours=1))
    return (db.session.scalar(select(func.count(Post.id)).where(*lately)) or 0) >= MOST_AN_HOUR


def _store(arrival: _Arrival, mailbox: Mailbox | None, reason: str) -> int | None:
    """The number of the new post; None if this very mail is here already."""
    one, written, at = arrival.mailing_list, arrival.written, arrival.at
    subject = plain(written.letter.subject) or _("(ohne Betreff)")
    values = {
        "list_id": one.id,
        "inbound_id": arrival.mail.id,
        "mailbox_id": mailbox.id if mailbox else None,
        "author_name": written.author_name,
        "author_address": arrival.author,
        "subject": subject,
        "message_id": written.message_id or f"<post-{arrival.mail.id}@{current_app.config['LIST_DOMAIN']}>",
        "in_reply_to": " ".join(written.references),
        "received_at": arrival.mail.received_at,
        "state": PostState.HELD if reason else PostState.ACCEPTED,
        "text": written.text,
        "is_signed": written.entity is not None,
        "reason": reason,
        "decided_at": None if reason else at,
        "decided_by": "",
        "search_text": search_key(f"{subject}\n{written.author_name}\n{written.text}"),
    }
    made = db.session.scalars(insert_unless_there(Post).returning(Post.id), [values]).first()
    if made is not None and written.files:
        _keep_files(made, written.files, at=at)
    return made


def _keep_files(number: int, files: Sequence[Attached], *, at: datetime) -> None:
    """Store what is attached. What we do not take is named in the text, with the reason."""
    found = queries.post_with_number(number)
    for one in files:
        try:
            file = store_document(one.content, name=one.name, at=at)
        except DocumentRefused as refusal:
            missing = _("[Der Anhang „%(name)s“ fehlt: %(reason)s]", name=one.name, reason=str(refusal))
            found.text = f"{found.text}\n\n{missing}".strip()
            continue
        found.files.append(PostFile(file=file))
    db.session.flush()
