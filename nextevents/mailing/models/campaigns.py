"""One issue of a newsletter, or one mailing to a list: from draft to figures."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import Model
from .lists import MailingList


class CampaignState(StrEnum):
    """Where a campaign is."""

    DRAFT = "draft"
    #: Waits for a second pair of eyes.
    REVIEW = "review"
    SCHEDULED = "scheduled"
    #: Messages are being written and sent.
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    SENT = "sent"


class Campaign(Model):
    """One issue of a newsletter or one mailing to a list."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("mailing_list.id", ondelete="CASCADE"))
    #: The address of its web version, with a random part: unguessable where the archive is not for everybody.
    slug: Mapped[str] = mapped_column(unique=True)
    #: The subject of the mail, at most 70 characters (rule M-36).
    subject: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="de")
    #: What it consists of, in order: [{"kind": "text", …}, …]; the newsroom knows the kinds.
    blocks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Whom of the list it goes to: {"topics": […], "communities": […], "levels": […], …}; empty: everybody.
    segment: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.DRAFT)
    made_at: Mapped[datetime]
    #: The writer's address, and who released it.
    made_by: Mapped[str] = mapped_column(default="")
    released_by: Mapped[str] = mapped_column(default="")
    released_at: Mapped[datetime | None]
    #: The version of which a test mail was sent; a later one must be tested anew (rule M-30).
    tested_version: Mapped[int] = mapped_column(default=0)
    scheduled_for: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: Every mailbox up to this number has its message; None once all have.
    expanded_until: Mapped[int | None] = mapped_column(default=0)
    #: Counts by outcome, frozen before the messages are forgotten.
    figures: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    #: Its words, case-folded, for searching in the archive; empty until it leaves.
    search_text: Mapped[str] = mapped_column(default="")
    #: Raised by every change (guarantee G20).
    version: Mapped[int] = mapped_column(default=1)

    mailing_list: Mapped[MailingList] = relationship()

    __table_args__ = (Index("ix_campaign_list", "list_id", "state", "started_at"),)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so


class CampaignVersion(Model):
    """What a draft was at each saving."""

    __tablename__ = "campaign_version"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    language: Mapped[str]
    blocks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    segment: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]


class CampaignForm(Model):
    """The finished mail for those of its receivers who get the same: by language and their own communities."""

    __tablename__ = "campaign_form"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    #: What its receivers have in common, such as "de" or "de:5"; the newsroom knows what it says.
    variant: Mapped[str] = mapped_column(primary_key=True)
    form_key: Mapped[str] = mapped_column(ForeignKey("form.key"))


class Destination(Model):
    """How fast a mail domain or a group of them takes mail, where it asked us to be slower (rules M-11 and M-27)."""

    __tablename__ = "destination"

    #: The domain, or the name of its group.
    domain: Mapped[str] = mapped_column(primary_key=True)
    per_minute: Mapped[float]
    #: When the next mail may leave for it.
    next_at: Mapped[datetime]
    #: Up to when its places are given to mails that wait.
    booked_until: Mapped[datetime | None]
    slowed_at: Mapped[datetime]
    raised_at: Mapped[datetime | None]
    #: Its last words.
    reason: Mapped[str]
