"""What is written to discussion lists, and what comes back from mails of ours."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import Model
from ...ground.files import File
from .lists import MailingList


class PostState(StrEnum):
    """What became of a post."""

    #: A keeper has to decide.
    HELD = "held"
    ACCEPTED = "accepted"
    #: Sent back with a reason.
    REJECTED = "rejected"
    DISCARDED = "discarded"


class Post(Model):
    """A mail to a discussion list."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("mailing_list.id", ondelete="CASCADE"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_mail.id", ondelete="SET NULL"))
    #: Whose mailbox wrote it, if it is one that we know.
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id", ondelete="SET NULL"), index=True)
    author_name: Mapped[str]
    author_address: Mapped[str]
    subject: Mapped[str]
    #: The author's own Message-ID, which stays: the same mail twice is one post.
    message_id: Mapped[str]
    in_reply_to: Mapped[str] = mapped_column(default="")
    #: The first post of its thread; None: it is that itself.
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    #: Our own time of arrival.
    received_at: Mapped[datetime]
    state: Mapped[PostState]
    #: The plain text, as the archive shows it; made from the HTML where there was none.
    text: Mapped[str]
    #: Signed by its author: passed on untouched (rule M-18).
    is_signed: Mapped[bool] = mapped_column(default=False)
    #: Why it waits or was sent back, in words.
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
    #: When the keepers were told that it waits; when everybody on the list had a message of it.
    told_at: Mapped[datetime | None]
    passed_on_at: Mapped[datetime | None]
    #: Subject, author's name and text, case-folded, for searching.
    search_text: Mapped[str] = mapped_column(default="")

    mailing_list: Mapped[MailingList] = relationship()
    files: Mapped[list["PostFile"]] = relationship(back_populates="post", order_by="PostFile.id")

    __table_args__ = (UniqueConstraint("list_id", "message_id"), Index("ix_post_list", "list_id", "state", "id"))


class PostFile(Model):
    """What was attached to a post: stored, and linked in the mails."""

    __tablename__ = "post_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"))

    post: Mapped[Post] = relationship(back_populates="files")
    file: Mapped[File] = relationship()


class BounceKind(StrEnum):
    """What a report about a mail of ours means (rule M-11)."""

    #: 5.1.1, 5.1.2, 5.1.10: there is no such mailbox.
    DEAD = "dead"
    #: 5.2.2, 4.x: full, or not now.
    SOFT = "soft"
    #: 5.7.x: they refuse us, not the mailbox.
    OURS = "ours"
    #: 4.7.x: too fast.
    SLOW = "slow"
    #: A report that says nothing we know.
    UNKNOWN = "unknown"
    #: The receiver calls it spam (RFC 5965).
    COMPLAINT = "complaint"


class Bounce(Model):
    """A report that names one of our mails by its signed return path (rule M-08)."""

    __tablename__ = "bounce"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"), index=True)
    kind: Mapped[BounceKind]
    #: Such as "5.1.1"; empty if it names none.
    status: Mapped[str] = mapped_column(default="")
    #: The other system's words, shortened.
    words: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("message_id", "kind"),)
