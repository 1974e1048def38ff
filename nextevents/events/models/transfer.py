"""Seats on their way from one person to another."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model
from .registration import Registration


class Transfer(Model):
    """That a seat shall be a colleague's, who has still to say yes. Until then it stays where it is."""

    __tablename__ = "transfer"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    #: Who shall have it, as typed by whoever gives it away; only this address can take it.
    name: Mapped[str]
    organisation_name: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: Set by a yes, a no, or a later wish to give the seat to somebody else.
    answered_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship()

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)

    def is_open(self, at: datetime) -> bool:
        """Whether one can still say yes or no."""
        return self.answered_at is None and self.expires_at > at
