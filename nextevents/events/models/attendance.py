"""Scans at the door."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...ground.database import Model


class Scan(Model):
    """That somebody was seen at the door, under a number that the device at the door made up.

    A device that lost the answer sends its scan again; the number makes sure that it counts once, also if it was
    undone meanwhile.
    """

    __tablename__ = "scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The device's own number: a UUID.
    key: Mapped[str] = mapped_column(unique=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    #: When it was, by the device's clock, as far as that can be; and when we heard of it.
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    #: Who stood at the door.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
