"""Lists, who is on them, and the proof why. A list knows mailboxes; whose they are is known on higher floors."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model


class ListKind(StrEnum):
    """What is written on a list."""

    #: Issues, written by a few, with topics to choose from.
    NEWSLETTER = "newsletter"
    #: Mailings of those who lead it.
    ANNOUNCEMENTS = "announcements"
    #: Everybody may write, by mail.
    DISCUSSION = "discussion"


class Joining(StrEnum):
    """Who may subscribe."""

    EVERYBODY = "everybody"
    #: Internal: whoever looks after the list enters people.
    INVITED = "invited"


class Posting(StrEnum):
    """Who may write to it by mail."""

    NOBODY = "nobody"
    KEEPERS = "keepers"
    SUBSCRIBERS = "subscribers"
    EVERYBODY = "everybody"


class Moderation(StrEnum):
    """Whose posts wait for a keeper's decision."""

    NOBODY = "nobody"
    #: Of those who are not on it, or write for the first time.
    NEWCOMERS = "newcomers"
    EVERYBODY = "everybody"


class Readers(StrEnum):
    """Who may read the archive."""

    NOBODY = "nobody"
    SUBSCRIBERS = "subscribers"
    EVERYBODY = "everybody"


class Replies(StrEnum):
    """Where an answer goes (rule M-21)."""

    AUTHOR = "author"
    LIST = "list"


class MailingList(Model):
    """A newsletter, a community's list, an internal list, or a list whose people a rule names."""

    __tablename__ = "mailing_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Its address on the web, and before the @.
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    #: What one gets from it, in a sentence; part of the consent.
    purpose: Mapped[str] = mapped_column(default="")
    kind: Mapped[ListKind]
    #: What it belongs to, such as "community:12"; who leads that keeps the list. Empty: the office keeps it.
    subject: Mapped[str] = mapped_column(default="", index=True)
    #: Who is on it without subscribing, such as "members", "registered:12" or "level:state"; empty: who subscribed.
    rule: Mapped[str] = mapped_column(default="")
    sender_name: Mapped[str] = mapped_column(default="")
    joining: Mapped[Joining] = mapped_column(default=Joining.EVERYBODY)
    posting: Mapped[Posting] = mapped_column(default=Posting.NOBODY)
    moderation: Mapped[Moderation] = mapped_column(default=Moderation.NEWCOMERS)
    archive: Mapped[Readers] = mapped_column(default=Readers.SUBSCRIBERS)
    replies: Mapped[Replies] = mapped_column(default=Replies.AUTHOR)
    #: Whether somebody else than the writer has to release a campaign.
    needs_second_pair: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    #: Nobody subscribes and nothing is sent any more; the archive stays.
    closed_at: Mapped[datetime | None]
    #: Raised by every change (guarantee G20).
    version: Mapped[int] = mapped_column(default=1)

    topics: Mapped[list["Topic"]] = relationship(back_populates="mailing_list", order_by="Topic.position")

    @property
    def is_read_by_all(self) -> bool:
        """Whether everybody reads what was written to it, now and before, on the list or not."""
        return self.archive == Readers.EVERYBODY

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so


class EarlierListSlug(Model):
    """An address that a list had before, here or on the old site; it leads on."""

    __tablename__ = "earlier_list_slug"

    slug: Mapped[str] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("mailing_list.id", ondelete="CASCADE"), index=True)


class Topic(Model):
    """Something that a newsletter writes about, to be chosen or left."""

    __tablename__ = "topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("mailing_list.id", ondelete="CASCADE"))
    slug: Mapped[str]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)

    mailing_list: Mapped[MailingList] = relationship(back_populates="topics")

    __table_args__ = (UniqueConstraint("list_id", "slug"),)


class Mailbox(Model):
    """An address that lists know. Its number stands in links, so it is never given again."""

    __tablename__ = "mailbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Where mail goes to: with A-labels if the domain has umlauts.
    address: Mapped[str]
    #: Case-folded; what makes two addresses the same.
    address_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="de")
    made_at: Mapped[datetime]
    #: Mail to it came back too often: nothing is sent until it is confirmed anew (rules M-11 and M-12).
    suspended_at: Mapped[datetime | None]
    #: Why, in words for the person and the office.
    suspended_because: Mapped[str] = mapped_column(default="")

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)


class SubscriptionState(StrEnum):
    """Whether somebody is on a list."""

    #: Asked for; the mailbox has not confirmed it yet.
    REQUESTED = "requested"
    ACTIVE = "active"
    #: Left, or taken off; on a list by rule, the word that one does not want it.
    ENDED = "ended"


class Delivery(StrEnum):
    """How somebody gets a list."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"
    #: On the list, but without mail for now.
    PAUSED = "paused"


class Subscription(Model):
    """A mailbox on a list."""

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("mailing_list.id", ondelete="CASCADE"))
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id", ondelete="CASCADE"), index=True)
    state: Mapped[SubscriptionState]
    delivery: Mapped[Delivery] = mapped_column(default=Delivery.EACH)
    #: When it was asked for, when it began, when it ended.
    made_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: By what: "one_click", "preferences", "office", "complaint", …
    ended_by: Mapped[str] = mapped_column(default="")
    #: Posts that were passed on before this minute (counted from 1970) have been in a digest.
    digested_until: Mapped[int] = mapped_column(default=0)

    mailing_list: Mapped[MailingList] = relationship()
    mailbox: Mapped[Mailbox] = relationship()
    topics: Mapped[list[Topic]] = relationship(secondary="subscription_topic", order_by=Topic.position)

    __table_args__ = (
        UniqueConstraint("list_id", "mailbox_id"),
        Index("ix_subscription_list", "list_id", "state", "id"),
    )


class SubscriptionTopic(Model):
    """A topic that a subscriber has chosen; none chosen means all."""

    __tablename__ = "subscription_topic"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True, index=True)


class Source(StrEnum):
    """Who asked."""

    SELF = "self"
    STAFF = "staff"
    IMPORT = "import"


class Consent(Model):
    """The proof why a mailbox is on a list (rules L-01 to L-06).

    Never changed but to note confirmation and withdrawal.
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int | None] = mapped_column(ForeignKey("mailing_list.id", ondelete="SET NULL"), index=True)
    #: The proof outlives the mailbox until limitation ends (rule L-05).
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id", ondelete="SET NULL"), index=True)
    #: As typed.
    address: Mapped[str] = mapped_column(index=True)
    #: Exactly as shown, with its version and language.
    text: Mapped[str]
    text_version: Mapped[str]
    language: Mapped[str]
    form_url: Mapped[str]
    #: Whether the person ticked a box; none is ever ticked before.
    was_ticked: Mapped[bool]
    requested_at: Mapped[datetime]
    #: The Message-ID, sending time and version of the mail that asked for confirmation.
    mail_id: Mapped[str] = mapped_column(default="")
    mailed_at: Mapped[datetime | None]
    mail_version: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    #: "button", "code", "signed_in", …
    confirmed_by: Mapped[str] = mapped_column(default="")
    source: Mapped[Source] = mapped_column(default=Source.SELF)
    #: Of staff and imports: who, and on what evidence.
    reason: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(default="")

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)


class Suppression(Model):
    """An address that wants no mail of lists ever again, or has left one, as a keyed fingerprint (rule L-09).

    It outlives erasure. Of whoever has left a list it only keeps rosters from bringing them back.
    """

    __tablename__ = "suppression"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    #: "erased", "complaint", "office", "import"; "left" of a single list.
    reason: Mapped[str]


class ListImport(Model):
    """A list of addresses that the office has handed in, taken over by the worker in portions."""

    __tablename__ = "list_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("mailing_list.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    #: The address of whoever handed it in.
    made_by: Mapped[str]
    file_name: Mapped[str] = mapped_column(default="")
    #: As handed in; gone once it is done.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    #: What proves that these people wanted it, in the office's words; empty: all are asked anew (rule L-06).
    evidence: Mapped[str] = mapped_column(default="")
    #: When somebody who had seen the preview said yes; None: not yet.
    started_at: Mapped[datetime | None]
    #: So many rows are done.
    done_until: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    #: How many rows had which outcome.
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    #: The first rows with something wrong: [line, what stands there, why].
    problems: Mapped[list[list[str]]] = mapped_column(JSON, default=list)

    mailing_list: Mapped[MailingList] = relationship()
