"""Who comes, who waits, who came."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model
from ...people.models import Person
from .event import Event

if TYPE_CHECKING:
    from .questions import Answer


class State(StrEnum):
    """Where a registration is."""

    UNCONFIRMED = "unconfirmed"
    #: Somebody of the organisers has to say yes first.
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    #: Had a seat, and said in time or later why they could not come.
    EXCUSED = "excused"
    ABSENT = "absent"


#: All that still count; whoever is in none of these can register anew.
ACTIVE = tuple(state for state in State if state != State.CANCELLED)
#: What can become of a seat once the event has begun.
ATTENDANCE = (State.CONFIRMED, State.ATTENDED, State.EXCUSED, State.ABSENT)
#: What organisers note; from then on nobody withdraws.
NOTED = (State.ATTENDED, State.EXCUSED, State.ABSENT)


class Photos(StrEnum):
    """How somebody may stand in pictures (rule L-16)."""

    NO = "no"
    #: In pictures of the whole room only.
    OVERVIEW = "overview"
    YES = "yes"


_PLAIN = {"ß": "ss"} | dict(zip("ÄäÖöÜüÇçÉéÈèĞğİıŞşŠš", "AaOoUuCcEeEeGgIiSsSs", strict=True))


def plain_name(column: str) -> str:
    """A name as it is put in order (DIN 5007-1: Ä as A, ß as ss, capitals as others), as SQL for both databases."""
    for letter, plain in _PLAIN.items():
        column = f"replace({column}, '{letter}', '{plain}')"
    return f"upper({column})"


class Registration(Model):
    """A person's place at an event."""

    __tablename__ = "registration"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    #: As typed for this event.
    name: Mapped[str]
    organisation_name: Mapped[str] = mapped_column(default="")
    state: Mapped[State]
    #: Whether it holds one of the event's seats; unconfirmed ones may or may not.
    has_seat: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    #: Since when it waits; with the number, the order of the waiting list.
    waiting_since: Mapped[datetime | None]
    #: Until when an offered seat can be accepted, or an unconfirmed one confirmed.
    expires_at: Mapped[datetime | None]
    #: Whether it was let in beyond the capacity; then it holds none of the counted seats.
    is_extra: Mapped[bool] = mapped_column(default=False)
    #: Who registered this person, if it was somebody else.
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    #: Separate choices, none of them a condition; what is not chosen is a no (rules L-15 to L-17).
    photos: Mapped[Photos] = mapped_column(default=Photos.NO)
    agrees_to_recording: Mapped[bool] = mapped_column(default=False)
    is_shown: Mapped[bool] = mapped_column(default=False)
    wants_newsletter: Mapped[bool] = mapped_column(default=False)
    #: What the organisers note for themselves.
    note: Mapped[str] = mapped_column(default="")
    #: Why it was refused or cancelled, as told to the person.
    reason: Mapped[str] = mapped_column(default="")
    checked_in_at: Mapped[datetime | None]
    has_given_feedback: Mapped[bool] = mapped_column(default=False)
    #: Raised with every mail about this registration; part of the mails' unique keys.
    revision: Mapped[int] = mapped_column(default=0)
    #: The form it was made with: the same form sent twice is the same registration (guarantee G5).
    nonce: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    registered_by: Mapped[Person | None] = relationship(foreign_keys=registered_by_id)
    answers: Mapped[list["Answer"]] = relationship(back_populates="registration", passive_deletes=True)

    __table_args__ = (
        Index(
            "uq_registration_active",
            "event_id",
            "person_id",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
            sqlite_where=text("state <> 'cancelled'"),
        ),
        UniqueConstraint("person_id", "nonce"),
        Index("ix_registration_name", "event_id", text(plain_name("name")), "id"),
        Index("ix_registration_waiting", "event_id", "state", "waiting_since", "id"),
        Index(
            "ix_registration_expiring",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL"),
            sqlite_where=text("expires_at IS NOT NULL"),
        ),
        NUMBERS_NEVER_COME_AGAIN,
    )

    @property
    def is_active(self) -> bool:
        """Whether it still counts."""
        return self.state != State.CANCELLED
