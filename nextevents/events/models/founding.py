"""New communities that come out of a date."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...communities.models import Community
from ...ground.database import Model
from ...people.models import Person

if TYPE_CHECKING:
    from .event import Event


class ProposedCircle(Model):
    """A community that shall come out of a date: a draft until the office says yes. One for each date."""

    __tablename__ = "proposed_circle"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    #: Who wants it, and leads it then.
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    proposed_at: Mapped[datetime]
    #: The community, once it is founded.
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id", ondelete="SET NULL"), index=True)
    refused_at: Mapped[datetime | None]

    event: Mapped["Event"] = relationship()
    proposed_by: Mapped[Person | None] = relationship()
    community: Mapped[Community | None] = relationship()
