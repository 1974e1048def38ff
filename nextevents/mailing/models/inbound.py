"""Mail that came in, stored whole before it was acknowledged."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, deferred, mapped_column

from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model


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
    #: What it is about, such as "event:12"; empty if nobody knows.
    about: Mapped[str] = mapped_column(default="", index=True)
    #: Why it is in this state, in words for the office.
    note: Mapped[str] = mapped_column(default="")
    #: How often reading it was begun; whoever dies with it three times is left for review.
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_inbound_mail_state", "state", "id"), NUMBERS_NEVER_COME_AGAIN)
