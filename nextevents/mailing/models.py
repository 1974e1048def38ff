"""The outbox: what is written to people, from queued to sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from ..ground.database import NUMBERS_NEVER_COME_AGAIN, Model


class State(StrEnum):
    """Where a message is."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


WAITING = (State.QUEUED, State.DEFERRED)


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
    #: Raised at each claim; whoever claimed earlier may no longer write (fencing).
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    #: Set, in a commit of its own, before the body leaves: from here on a broken connection leaves it uncertain.
    body_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: Whether it was sent once more, with the same bytes, after an answer had been lost.
    was_repeated: Mapped[bool] = mapped_column(default=False)
    #: The server's last words, or what went wrong.
    answer: Mapped[str] = mapped_column(default="")

    form: Mapped[Form] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("kind", "subject", "revision", "recipient"),
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


class InboundState(StrEnum):
    """What became of a mail that came in."""

    NEW = "new"
    DONE = "done"
    #: A person has to look at it.
    REVIEW = "review"
    #: Harmless and of no use: automatic answers, loops, doubles.
    DROPPED = "dropped"


class InboundMail(Model):
    """A mail that came in, stored whole before it was acknowledged."""

    __tablename__ = "inbound_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    #: The envelope: MAIL FROM and one RCPT TO.
    sender: Mapped[str]
    recipient: Mapped[str]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    #: Fingerprint of recipient and content: the same mail handed over twice is one.
    key: Mapped[str] = mapped_column(unique=True)
    #: What it is, such as "calendar_reply"; empty until somebody has read it.
    kind: Mapped[str] = mapped_column(default="")
    state: Mapped[InboundState] = mapped_column(default=InboundState.NEW)
    #: Why it is in this state, in words for the office.
    note: Mapped[str] = mapped_column(default="")
    #: How often reading it was begun; whoever dies with it three times is left for review.
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_inbound_mail_state", "state", "id"), NUMBERS_NEVER_COME_AGAIN)
