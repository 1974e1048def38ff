"""How dates come about: series, polls, meetings of several circles, hosts that take turns."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...communities.models import Community
from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model
from ...people.models import Person

if TYPE_CHECKING:
    from .event import Event


class Series(Model):
    """A rule that made events. Each of them is a date of its own, with its own entry (rule C-29)."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The pattern as RFC 5545 writes it, without DTSTART.
    rule: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    events: Mapped[list["Event"]] = relationship(back_populates="series", order_by="Event.starts_at")


class VotesShown(StrEnum):
    """Who sees how others have voted."""

    EVERYBODY = "everybody"
    #: Only those who have voted themselves.
    VOTERS = "voters"
    ORGANISERS = "organisers"


class Poll(Model):
    """A question for when to meet. The chosen time becomes the meeting."""

    __tablename__ = "poll"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    #: Markdown.
    text: Mapped[str] = mapped_column(default="")
    #: Whether all of the circle are asked; otherwise those who were named.
    asks_all: Mapped[bool] = mapped_column(default=True)
    votes_shown: Mapped[VotesShown] = mapped_column(default=VotesShown.EVERYBODY)
    #: Whether candidates stand in voters' calendars as tentative until one is chosen.
    holds_times: Mapped[bool] = mapped_column(default=False)
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: The meeting that came of it.
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Community] = relationship()
    event: Mapped["Event | None"] = relationship()
    options: Mapped[list["PollOption"]] = relationship(
        order_by="PollOption.starts_at", cascade="all, delete-orphan", back_populates="poll"
    )
    voters: Mapped[list["Voter"]] = relationship(order_by="Voter.id", back_populates="poll", passive_deletes=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so
    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)


class PollOption(Model):
    """One of the times that people can choose from, on the wall clock in Berlin."""

    __tablename__ = "poll_option"

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), index=True)
    starts_local: Mapped[datetime] = mapped_column(DateTime)
    ends_local: Mapped[datetime] = mapped_column(DateTime)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: Its identity in calendars if it was held there; the meeting takes it over from the chosen one.
    uid: Mapped[str | None] = mapped_column()

    poll: Mapped[Poll] = relationship(back_populates="options")

    __table_args__ = (Index("ix_poll_option_uid", "uid", unique=True),)


class Wish(StrEnum):
    """How a time suits somebody."""

    YES = "yes"
    IF_NEED_BE = "if_need_be"
    NO = "no"


class Voter(Model):
    """Somebody who was asked, or who voted by the circle's link."""

    __tablename__ = "voter"

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"))
    #: Where the own link goes; empty for somebody who only gave a name.
    address: Mapped[str] = mapped_column(default="")
    #: None for those without an address.
    address_key: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(default="")
    comment: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    voted_at: Mapped[datetime | None]
    #: The form it was made with (guarantee G5).
    nonce: Mapped[str | None] = mapped_column(unique=True)

    poll: Mapped[Poll] = relationship(back_populates="voters")
    person: Mapped[Person | None] = relationship()
    votes: Mapped[list["Vote"]] = relationship(cascade="all, delete-orphan", back_populates="voter")

    __table_args__ = (UniqueConstraint("poll_id", "address_key"), NUMBERS_NEVER_COME_AGAIN)


class Vote(Model):
    """One voter's word on one time."""

    __tablename__ = "vote"

    voter_id: Mapped[int] = mapped_column(ForeignKey("voter.id", ondelete="CASCADE"), primary_key=True)
    option_id: Mapped[int] = mapped_column(
        ForeignKey("poll_option.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    wish: Mapped[Wish]

    voter: Mapped[Voter] = relationship(back_populates="votes")


class JointRequest(Model):
    """That a circle was asked to hold a meeting together with others; a lead of it answers."""

    __tablename__ = "joint_request"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[int] = mapped_column(
        ForeignKey("community.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    declined_at: Mapped[datetime | None]

    event: Mapped["Event"] = relationship()
    community: Mapped[Community] = relationship()


class Turn(Model):
    """Whose turn it is to host a circle's next dates."""

    __tablename__ = "turn"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    #: The month of the date, as its first day.
    month: Mapped[date]
    #: The date itself, once it is there.
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    reminded_at: Mapped[datetime | None]

    community: Mapped[Community] = relationship()
    person: Mapped[Person] = relationship()
    event: Mapped["Event | None"] = relationship()

    __table_args__ = (Index("ix_turn_community", "community_id", "month"),)


class CallAnswer(StrEnum):
    """What somebody said to an invitation in their calendar (RFC 5545 3.2.12)."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Call(Model):
    """That somebody was invited to a meeting by entry, and what they answered."""

    __tablename__ = "call"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    called_at: Mapped[datetime]
    answer: Mapped[CallAnswer | None]
    #: DTSTAMP and SEQUENCE of the newest answer; older ones are dropped (rule C-36).
    answered_at: Mapped[datetime | None]
    answered_sequence: Mapped[int | None]
    #: What stood beside the answer, or beside the time proposed instead.
    comment: Mapped[str] = mapped_column(default="")
    #: Whether the answer came from the calendar, and not from the page.
    is_by_mail: Mapped[bool] = mapped_column(default=False)
    #: Another time that was proposed, in the event's zone (naive), with the SEQUENCE and DTSTAMP of the proposal.
    proposed_starts: Mapped[datetime | None] = mapped_column(DateTime)
    proposed_ends: Mapped[datetime | None] = mapped_column(DateTime)
    proposed_sequence: Mapped[int | None]
    proposed_at: Mapped[datetime | None]
    #: When an organiser has said that the date stays as it is.
    refused_at: Mapped[datetime | None]

    event: Mapped["Event"] = relationship()
    person: Mapped[Person] = relationship()
