"""Dates that people can attend."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from ...communities.models import Community
from ...ground import clock
from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model, db
from ...ground.files import File
from ...people.models import Person
from .scheduling import Series


class Stage(StrEnum):
    """How far an event is."""

    DRAFT = "draft"
    PUBLISHED = "published"
    #: It will take place, at a time that nobody knows yet; registrations stay.
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Format(StrEnum):
    """What kind of date it is."""

    COMMUNITY_MEETING = "community_meeting"
    WHATS_NEXT = "whats_next"
    CAMP = "camp"
    PANEL = "panel"
    WORKSHOP = "workshop"
    EXTERNAL = "external"


class Place(StrEnum):
    """Where people meet."""

    VIRTUAL = "virtual"
    IN_PRESENCE = "in_presence"
    HYBRID = "hybrid"


class Audience(StrEnum):
    """Who may register."""

    EVERYBODY = "everybody"
    #: Addresses of a known public body at once, others after approval.
    PUBLIC_SECTOR = "public_sector"
    MEMBERS = "members"
    COMMUNITY = "community"
    INVITED = "invited"


class Viewers(StrEnum):
    """Who may see the list of participants."""

    NOBODY = "nobody"
    PARTICIPANTS = "participants"
    EVERYBODY = "everybody"


class WaitingMode(StrEnum):
    """What happens when a seat becomes free and people wait."""

    #: The next person has it at once.
    MOVE_UP = "move_up"
    #: The next person is offered it and has some hours to accept.
    OFFER = "offer"


event_community = Table(
    "event_community",
    db.metadata,
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("community_id", ForeignKey("community.id", ondelete="CASCADE"), primary_key=True, index=True),
)


#: People who organise one date without leading a circle: guests at the desk, such as the next host of a series.
event_host = Table(
    "event_host",
    db.metadata,
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Event(Model):
    """One date that people can attend."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    #: Its identity in calendars: random, never recomputed (rule C-11).
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid.uuid4()))
    #: Its revision in calendars, raised in the transaction of every change that is mailed (rule C-12).
    sequence: Mapped[int] = mapped_column(default=0)
    #: Raised by every change; part of the key of everything rendered from this row.
    version: Mapped[int] = mapped_column(default=1)
    stage: Mapped[Stage] = mapped_column(default=Stage.DRAFT)
    #: What the organisers say about calling it off or taking it off its date; empty while it takes place.
    notice: Mapped[str] = mapped_column(default="")
    #: Whether lists and feeds show it; otherwise only whoever has the address finds it.
    is_listed: Mapped[bool] = mapped_column(default=True)
    format: Mapped[Format]
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    #: Markdown.
    description: Mapped[str] = mapped_column(default="")
    #: Who speaks or leads, as it stands on the page.
    hosts: Mapped[str] = mapped_column(default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"))
    #: What the picture shows, for those who do not see it.
    picture_alt: Mapped[str] = mapped_column(default="")
    #: Title, summary and description, case-folded, for searching.
    search_text: Mapped[str] = mapped_column(default="")

    #: What the wall clock in the zone shows; the moments beside them follow from it (rule C-28).
    starts_local: Mapped[datetime] = mapped_column(DateTime)
    ends_local: Mapped[datetime] = mapped_column(DateTime)
    zone: Mapped[str] = mapped_column(default="Europe/Berlin")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_all_day: Mapped[bool] = mapped_column(default=False)

    place: Mapped[Place]
    address: Mapped[str] = mapped_column(default="")
    #: For confirmed people only (rule C-19).
    dial_in: Mapped[str] = mapped_column(default="")
    #: The key of its room at the conference provider, whose page the dial-in then is; empty for a way in of one's own.
    room: Mapped[str] = mapped_column(default="", index=True)

    audience: Mapped[Audience] = mapped_column(default=Audience.EVERYBODY)
    #: Whether people register here; external events are only announced.
    takes_registrations: Mapped[bool] = mapped_column(default=True)
    website: Mapped[str] = mapped_column(default="")
    opens_at: Mapped[datetime | None]
    #: None: until the event begins.
    closes_at: Mapped[datetime | None]
    #: How many seats there are; None means as many as come, 0 closes the registration.
    capacity: Mapped[int | None]
    #: Seats held by confirmed, unconfirmed and offered registrations. Only services.seats changes it.
    seats_taken: Mapped[int] = mapped_column(default=0)
    waiting_mode: Mapped[WaitingMode] = mapped_column(default=WaitingMode.MOVE_UP)
    offer_hours: Mapped[int] = mapped_column(default=48)
    #: Whether somebody has to say yes to each registration first.
    needs_approval: Mapped[bool] = mapped_column(default=False)
    #: Whether one may register colleagues of the same body too.
    takes_groups: Mapped[bool] = mapped_column(default=False)
    #: Who sees those participants who have said that they may be seen (rule L-15).
    participants_shown_to: Mapped[Viewers] = mapped_column(default=Viewers.NOBODY)
    asks_photos: Mapped[bool] = mapped_column(default=False)
    asks_recording: Mapped[bool] = mapped_column(default=False)
    asks_newsletter: Mapped[bool] = mapped_column(default=False)
    #: Whether passing through one's own door to the video conference counts as having been there.
    counts_joining: Mapped[bool] = mapped_column(default=False)
    join_opens_minutes: Mapped[int] = mapped_column(default=15)
    gives_certificates: Mapped[bool] = mapped_column(default=False)
    asks_feedback: Mapped[bool] = mapped_column(default=False)
    #: When people were last asked how it was, and how many were asked in all.
    feedback_asked_at: Mapped[datetime | None]
    feedback_asked: Mapped[int] = mapped_column(default=0)
    #: The rule that made it, if one did.
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"), index=True)
    #: When the people of its circles were invited by entry.
    called_at: Mapped[datetime | None]
    #: Since when nobody is invited by entry any more, newcomers neither: somebody has stopped it. None: it goes on.
    calling_stopped_at: Mapped[datetime | None]
    #: When the worker is to invite them, because the registration opens only then; None: nothing is planned.
    calls_at: Mapped[datetime | None] = mapped_column(index=True)
    #: When the list of attendance was closed; from then on whoever was not there is absent.
    attendance_closed_at: Mapped[datetime | None]
    #: When personal data faded (rule L-10).
    faded_at: Mapped[datetime | None]
    #: Where a row of an imported table came from; makes importing twice harmless.
    source: Mapped[str | None] = mapped_column(unique=True)
    changed_at: Mapped[datetime]

    communities: Mapped[list[Community]] = relationship(
        secondary=event_community, order_by=[Community.position, Community.name]
    )

    organisers: Mapped[list[Person]] = relationship(secondary=event_host, order_by=Person.name)
    picture: Mapped[File | None] = relationship()
    series: Mapped[Series | None] = relationship(back_populates="events")
    partners: Mapped[list["Partner"]] = relationship(
        order_by="Partner.position, Partner.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so
    __table_args__ = (
        CheckConstraint("seats_taken >= 0 AND seats_taken <= coalesce(capacity, seats_taken)", name="seats"),
        CheckConstraint("ends_at >= starts_at", name="order"),
        Index("ix_event_starts_at", "starts_at"),
        Index("ix_event_ends_at", "ends_at"),
        NUMBERS_NEVER_COME_AGAIN,
    )

    def set_time(self, starts_local: datetime, ends_local: datetime, zone: str = "Europe/Berlin") -> None:
        """Place the event by what the wall clock shows (naive).

        Raises clock.NoSuchLocalTimeError and clock.AmbiguousLocalTimeError for the hour of a clock change.
        """
        self.starts_local, self.ends_local, self.zone = starts_local, ends_local, zone
        self.starts_at = clock.moment_of(starts_local, ZoneInfo(zone))
        self.ends_at = clock.moment_of(ends_local, ZoneInfo(zone))

    def touch(self, at: datetime) -> None:
        """Say that something that hangs on the event has changed: its version rises with the next flush."""
        self.changed_at = at
        flag_modified(self, "changed_at")

    def is_open(self, at: datetime) -> bool:
        """Whether one can register at that moment."""
        return (
            self.stage == Stage.PUBLISHED
            and self.takes_registrations
            and self.capacity != 0
            and (self.opens_at is None or self.opens_at <= at)
            and at < self.registration_ends_at
        )

    @property
    def has_room(self) -> bool:
        """Whether people meet in a room at the conference provider."""
        return bool(self.room)

    @property
    def registration_ends_at(self) -> datetime:
        """When registration closes."""
        return self.closes_at or self.starts_at

    @property
    def seats_free(self) -> int | None:
        """How many seats are left; None means as many as come."""
        return None if self.capacity is None else self.capacity - self.seats_taken

    @property
    def duration(self) -> timedelta:
        """How long it takes, computed from moments, so that a clock change in between counts (bad input 43)."""
        return self.ends_at - self.starts_at


class Partner(Model):
    """Somebody outside the association who takes part in organising an event."""

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    website: Mapped[str] = mapped_column(default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"))

    logo: Mapped[File | None] = relationship()
