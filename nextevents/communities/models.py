"""Lasting circles, who leads them, and who belongs to them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..ground.database import Model
from ..ground.files import File
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
    #: Not meeting for now; people stay.
    paused_at: Mapped[datetime | None]
    #: When a workshop is meant to be done; it closes itself after asking.
    ends_on: Mapped[date | None]
    #: What a workshop wants to have in the end.
    goal: Mapped[str] = mapped_column(default="")
    #: The way into its meetings, from which a new meeting starts.
    dial_in: Mapped[str] = mapped_column(default="")
    #: Whether publishing a meeting invites all who belong to it.
    invites: Mapped[bool] = mapped_column(default=True)
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


class EarlierSlug(Model):
    """An address that a community had before it was renamed or merged; it leads on."""

    __tablename__ = "earlier_slug"

    slug: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)


class Belonging(Model):
    """That a person belongs to a community, and what of it they want."""

    __tablename__ = "belonging"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]
    #: The community's mails.
    gets_mail: Mapped[bool] = mapped_column(default=True)
    #: An invitation to each new meeting.
    gets_invitations: Mapped[bool] = mapped_column(default=True)
    #: Its meetings in the person's own calendar feed, registered or not.
    is_in_feed: Mapped[bool] = mapped_column(default=True)
    #: A standing yes: each new meeting registers the person by itself.
    always_comes: Mapped[bool] = mapped_column(default=False)

    community: Mapped[Community] = relationship()
    person: Mapped[Person] = relationship()

    __table_args__ = (UniqueConstraint("community_id", "person_id"),)


class Viewers(StrEnum):
    """Who may see a document."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed_in"
    COMMUNITY = "community"


class Document(Model):
    """Something in a community's library: a note, a link, a file."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    #: Markdown.
    text: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"))
    viewers: Mapped[Viewers] = mapped_column(default=Viewers.COMMUNITY)
    #: Title and text, case-folded, for searching.
    search_text: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    #: Raised by every change, so that two people who edit hear of each other (guarantee G20).
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Community] = relationship()
    file: Mapped[File | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so


class Result(Model):
    """What a workshop has made (Werkstück)."""

    __tablename__ = "result"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    #: As they want to be named.
    authors: Mapped[str] = mapped_column(default="")
    #: Markdown.
    abstract: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"))
    #: None: not yet.
    published_on: Mapped[date | None]

    community: Mapped[Community] = relationship()
    file: Mapped[File | None] = relationship()
