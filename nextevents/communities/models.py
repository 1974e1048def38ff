"""Lasting circles, who leads them, and who belongs to them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..ground.database import Model
from ..people.models import Person


class Kind(StrEnum):
    """What sort of circle it is."""

    COMMUNITY = "community"
    SERIES = "series"
    CAMP = "camp"
    PANEL = "panel"
    WORKSHOP = "workshop"


class Community(Model):
    """A lasting circle with leads."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Kind]
    summary: Mapped[str] = mapped_column(default="")
    #: Markdown.
    description: Mapped[str] = mapped_column(default="")
    #: The place in lists of communities.
    position: Mapped[int] = mapped_column(default=0)
    ended_on: Mapped[date | None]
    #: Raised by every change; part of the key of everything rendered from this row.
    version: Mapped[int] = mapped_column(default=1)

    leads: Mapped[list["Lead"]] = relationship(back_populates="community")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so

    @property
    def full_name(self) -> str:
        """The name with what it is, as people say it: "NExTcommunity Chatbot"."""
        prefixes = {Kind.COMMUNITY: "NExTcommunity ", Kind.WORKSHOP: "NExTwerkstatt "}
        return prefixes.get(self.kind, "") + self.name


class Lead(Model):
    """A person who runs a community."""

    __tablename__ = "lead"

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)

    community: Mapped[Community] = relationship(back_populates="leads")
    person: Mapped[Person] = relationship()


class Belonging(Model):
    """That a person belongs to a community."""

    __tablename__ = "belonging"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]

    __table_args__ = (UniqueConstraint("community_id", "person_id"),)
