"""Posting: a message becomes a row, in the transaction of its reason (guarantee G6)."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from flask import current_app

from ...ground.database import after_commit, db, insert_many_unless_there, insert_unless_there
from ...ground.queue import bell
from ..forms import FormDraft
from ..models import Form, Message

DELIVER_DUE = "mailing.deliver_due"
PORTION = 1000
#: After this a message is given up unless it says otherwise (RFC 5321 4.5.4.1: four to five days).
LIFETIME = timedelta(days=5)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail to one address, finished but for what the sender of mails adds."""

    kind: str
    subject: str
    recipient: str
    form: FormDraft
    values: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 0
    #: 0 for signing in, 5 for everything that somebody waits for, 9 for mail to many.
    priority: int = 5
    due_at: datetime | None = None
    expires_at: datetime | None = None
    has_secrets: bool = False
    #: Mail of a list: for which list and mailbox. Both are looked at again before it leaves (rule M-29).
    list_id: int | None = None
    mailbox_id: int | None = None


def post(mail: Mail, *, at: datetime) -> None:
    """Queue a mail. The same kind, subject, revision and recipient again change nothing.

    The mail leaves only if the open transaction is committed.
    """
    post_all([mail], at=at)


def post_all(mails: Iterable[Mail], *, at: datetime) -> None:
    """Queue many mails, a thousand rows at a time; memory does not grow with their number."""
    remaining, domain = iter(mails), current_app.config["MAIL_FROM"].rpartition("@")[2]
    while portion := list(islice(remaining, PORTION)):
        for form in {mail.form.key: mail.form for mail in portion}.values():
            store_form(form)
        insert_many_unless_there(Message, [_row(mail, domain, at) for mail in portion])
    after_commit(lambda: bell.ring(DELIVER_DUE))


def store_form(form: FormDraft) -> None:
    """Store a form unless it is known to be stored. Known is only what was committed."""
    known = cast("set[str]", current_app.extensions.setdefault("stored_forms", set()))
    key = form.key
    if key in known:
        return
    values = {
        "key": key,
        "language": form.language,
        "subject": form.subject,
        "text": form.text,
        "html": form.html,
        "calendar": form.calendar,
        "calendar_method": form.calendar_method,
        "stream": form.stream,
        "headers": dict(form.headers),
        "entity": form.entity,
    }
    db.session.execute(insert_unless_there(Form), [values])
    after_commit(lambda: known.add(key))


def _row(mail: Mail, domain: str, at: datetime) -> dict[str, Any]:
    return {
        "kind": mail.kind,
        "subject": mail.subject,
        "revision": mail.revision,
        "recipient": mail.recipient,
        "form_key": mail.form.key,
        "values": dict(mail.values),
        "has_secrets": mail.has_secrets,
        "message_id": f"<{uuid.uuid4().hex}@{domain}>",
        "priority": mail.priority,
        "created_at": at,
        "due_at": mail.due_at or at,
        "expires_at": mail.expires_at or at + LIFETIME,
        "state": "queued",
        "attempt": 0,
        "was_repeated": False,
        "answer": "",
        "list_id": mail.list_id,
        "mailbox_id": mail.mailbox_id,
    }
