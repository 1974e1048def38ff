"""What organisers do with an event: inviting, writing, reminding, closing."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model
from ...ground.files import File
from ...people.models import Person
from .event import Event


class Invitation(Model):
    """That one address is asked to come. Whether it has answered, its registration says."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    #: Where the mail goes; only this address can use the invitation.
    address: Mapped[str]
    address_key: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    organisation_name: Mapped[str] = mapped_column(default="")
    #: Whether there is a place even if all seats are taken.
    may_exceed: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    #: How often and when last the silent one was asked again; the number is part of the mails' unique keys.
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()

    __table_args__ = (UniqueConstraint("event_id", "address_key"), NUMBERS_NEVER_COME_AGAIN)


class Announcement(Model):
    """A message of the organisers to chosen participants, as it went out."""

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str]
    #: Markdown.
    text: Mapped[str]
    #: To whom, in the words of the form.
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    count: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    #: The form it was sent with: the same form sent twice is the same announcement (guarantee G5).
    nonce: Mapped[str | None] = mapped_column(unique=True)

    made_by: Mapped[Person | None] = relationship()


class Anchor(StrEnum):
    """From where a reminder counts."""

    START = "start"
    END = "end"


class ReminderRule(Model):
    """So many minutes before (negative) or after an event's start or end, people in some states get a mail.

    A rule without states reminds nobody; it keeps the rule that every event gets from being made anew.
    """

    __tablename__ = "reminder_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    minutes: Mapped[int]
    #: Whether the minutes are whole days of the event's calendar, of which two in a year have 23 or 25 hours.
    counts_days: Mapped[bool] = mapped_column(default=False)
    anchor: Mapped[Anchor] = mapped_column(default=Anchor.START)
    #: Names of registration states.
    states: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Markdown; empty means the standard text.
    text: Mapped[str] = mapped_column(default="")

    event: Mapped[Event] = relationship()

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)


class ReminderState(StrEnum):
    """What became of a planned reminder."""

    PLANNED = "planned"
    SENT = "sent"
    #: Its time went by while nobody could send it; it is not sent late.
    MISSED = "missed"


class PlannedReminder(Model):
    """One rule at one moment. A moved date plans anew; what was sent stays sent."""

    __tablename__ = "planned_reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("reminder_rule.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    state: Mapped[ReminderState] = mapped_column(default=ReminderState.PLANNED)

    rule: Mapped[ReminderRule] = relationship()

    __table_args__ = (UniqueConstraint("rule_id", "due_at"), Index("ix_planned_reminder_due", "state", "due_at"))


class MaterialKind(StrEnum):
    """What stays of an event."""

    LINK = "link"
    FILE = "file"
    RECORDING = "recording"
    MINUTES = "minutes"


class MaterialViewers(StrEnum):
    """Who may see what stays of an event: each more people than the one before."""

    NOBODY = "nobody"
    PARTICIPANTS = "participants"
    #: Participants, and whoever belongs to one of the event's communities: they may have missed the date.
    COMMUNITY = "community"
    SIGNED_IN = "signed_in"
    EVERYBODY = "everybody"


class Material(Model):
    """Slides, links, a recording, minutes."""

    __tablename__ = "material"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MaterialKind]
    title: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    #: Markdown, of minutes.
    text: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"))
    viewers: Mapped[MaterialViewers] = mapped_column(default=MaterialViewers.PARTICIPANTS)
    #: Title and text, case-folded, for searching.
    search_text: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    #: Raised by every change, so that two people who edit hear of each other (guarantee G20).
    version: Mapped[int] = mapped_column(default=1)

    event: Mapped[Event] = relationship()
    file: Mapped[File | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so


class Feedback(Model):
    """What somebody thought of an event. Nothing in it leads to who that was; only the day is kept."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    #: From 1 (not at all) to 5 (very much).
    rating: Mapped[int]
    useful: Mapped[int | None]
    text: Mapped[str] = mapped_column(default="")
    given_on: Mapped[date]

    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("useful IS NULL OR useful BETWEEN 1 AND 5", name="useful"),
    )


class FrozenFigures(Model):
    """An event's figures as they were before personal data faded; counts only."""

    __tablename__ = "frozen_figures"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    frozen_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class Certificate(Model):
    """That somebody was there, on paper. Kept longer than the list of participants (rule L-10)."""

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="SET NULL"), unique=True)
    #: What somebody types to check it: random, in groups that can be read out.
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    organisation_name: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
