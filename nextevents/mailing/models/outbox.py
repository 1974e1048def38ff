"""The outbox: what is written to people, from queued to sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import Model


class State(StrEnum):
    """Where a message is."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    #: Its campaign is paused.
    HELD = "held"
    #: Not written after all: whoever should get it has left the list meanwhile, or the campaign was stopped.
    SKIPPED = "skipped"


WAITING = (State.QUEUED, State.DEFERRED)


class Stream(StrEnum):
    """What sort of mail it is: each has headers, senders and a return path of its own (rules M-01 and 2.3)."""

    TRANSACTIONAL = "transactional"
    NEWSLETTER = "newsletter"
    LIST = "list"


class Form(Model):
    """A mail without its receiver: bodies with places to fill in. Many messages share one."""

    __tablename__ = "form"

    #: Fingerprint of everything below: the same content is stored once.
    key: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    calendar: Mapped[str | None]
    calendar_method: Mapped[str | None]
    stream: Mapped[Stream] = mapped_column(default=Stream.TRANSACTIONAL)
    #: Headers that all its mails have beside those of every mail, such as From, Reply-To and List-Id.
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    #: A finished MIME entity, with its own Content-Type, in place of the bodies: signed parts stay untouched (M-18).
    entity: Mapped[bytes | None] = mapped_column(LargeBinary)


class Message(Model):
    """One mail to one address."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The occasion, such as "registered"; with subject, revision and recipient it makes a second mail impossible.
    kind: Mapped[str]
    #: What it is about, such as "registration:12".
    subject: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    recipient: Mapped[str] = mapped_column(index=True)
    form_key: Mapped[str] = mapped_column(ForeignKey("form.key"))
    #: What is filled into the form for this receiver. Emptied once sent if it holds secrets.
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    has_secrets: Mapped[bool] = mapped_column(default=False)
    #: Fixed when the row is made, so that a repeated mail can be recognised.
    message_id: Mapped[str] = mapped_column(unique=True)
    #: 0 goes before 5 goes before 9.
    priority: Mapped[int] = mapped_column(default=5)
    created_at: Mapped[datetime]
    #: Not sent before.
    due_at: Mapped[datetime]
    #: Not sent after: the code has run out, the event is over.
    expires_at: Mapped[datetime]
    state: Mapped[State] = mapped_column(default=State.QUEUED)
    #: How often it was tried; what was taken and did not begin is no try.
    attempt: Mapped[int] = mapped_column(default=0)
    #: Whose claim ends then may write, nobody else (fencing): no two claims of a mail end at the same moment.
    lease_until: Mapped[datetime | None]
    #: Set, in a commit of its own, before the body leaves: from here on a broken connection leaves it uncertain.
    body_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: Whether it was sent once more, with the same bytes, after an answer had been lost.
    was_repeated: Mapped[bool] = mapped_column(default=False)
    #: The server's last words, or what went wrong.
    answer: Mapped[str] = mapped_column(default="")

    #: Mail to a list: for which list and mailbox, looked at again before it leaves (rule M-29). Plain numbers:
    #: a campaign writes a million rows at once, and the log may name what is gone.
    list_id: Mapped[int | None]
    mailbox_id: Mapped[int | None]
    campaign_id: Mapped[int | None]

    form: Mapped[Form] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("kind", "subject", "revision", "recipient"),
        Index(
            "ix_message_campaign",
            "campaign_id",
            "state",
            "sent_at",
            postgresql_where=text("campaign_id IS NOT NULL"),
            sqlite_where=text("campaign_id IS NOT NULL"),
        ),
        Index(
            "ix_message_due",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("state IN ('queued', 'deferred')"),
            sqlite_where=text("state IN ('queued', 'deferred')"),
        ),
        Index(
            "ix_message_lease",
            "lease_until",
            postgresql_where=text("state = 'claimed'"),
            sqlite_where=text("state = 'claimed'"),
        ),
        Index("ix_message_state", "state", "created_at"),
    )


class Pause(Model):
    """Why nothing is sent at the moment: the mail server refuses us, not a message. One row at the most."""

    __tablename__ = "pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    #: How often in a row the server could not be used; waits grow with it.
    failures: Mapped[int]
    reason: Mapped[str]


class KeptMail(Model):
    """A mail that stayed here because no server is set: as its receiver would have got it."""

    __tablename__ = "kept_mail"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    kept_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
