"""Lasting circles, who leads them, and who belongs to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, cast, exists, literal
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column, relationship

from ..ground.database import NUMBERS_NEVER_COME_AGAIN, Model
from ..ground.files import File
from ..mailing.models import Mailbox, MailingList, Subscription, SubscriptionState
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
    #: The day on which its leads were asked whether it ends then; None again once they name another day.
    asked_on: Mapped[date | None]
    #: The way into its meetings, from which a new meeting starts.
    dial_in: Mapped[str] = mapped_column(default="")
    #: Whether a new meeting starts from a room of its own at the conference provider instead.
    uses_room: Mapped[bool] = mapped_column(default=False)
    #: Whether publishing a meeting invites all who belong to it.
    invites: Mapped[bool] = mapped_column(default=True)
    #: Raised by every change; part of the key of everything rendered from this row.
    version: Mapped[int] = mapped_column(default=1)

    leads: Mapped[list["Lead"]] = relationship(back_populates="community")

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)
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


class MergedCommunity(Model):
    """The number of a community that was merged into another one: the links of its people hold it."""

    __tablename__ = "merged_community"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"), index=True)


class Belonging(Model):
    """That a person belongs to a community, and what of it they want."""

    __tablename__ = "belonging"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]
    #: An invitation to each new meeting.
    gets_invitations: Mapped[bool] = mapped_column(default=True)
    #: Its meetings in the person's own calendar feed, registered or not.
    is_in_feed: Mapped[bool] = mapped_column(default=True)
    #: A standing yes: each new meeting registers the person by itself.
    always_comes: Mapped[bool] = mapped_column(default=False)

    community: Mapped[Community] = relationship()
    person: Mapped[Person] = relationship()

    if TYPE_CHECKING:
        #: Whether they are on the community's list: their subscription says so, and nothing here (see below).
        gets_mail: Mapped[bool]

    __table_args__ = (UniqueConstraint("community_id", "person_id"),)


def list_subject(community_id: int) -> str:
    """What the list of a community says that it belongs to."""
    return f"community:{community_id}"


def _gets_mail() -> ColumnElement[bool]:
    owner = aliased(Person)
    is_on_list = exists().where(
        MailingList.subject == literal("community:").concat(cast(Belonging.community_id, String)),
        Subscription.list_id == MailingList.id,
        Subscription.state == SubscriptionState.ACTIVE,
        Mailbox.id == Subscription.mailbox_id,
        Mailbox.address_key == owner.address_key,
        owner.id == Belonging.person_id,
    )
    return is_on_list.correlate_except(MailingList, Subscription, Mailbox, owner)


Belonging.gets_mail = column_property(_gets_mail())


class Viewers(StrEnum):
    """Who may see a document."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed_in"
    COMMUNITY = "community"


class DocumentKind(StrEnum):
    """What a document is."""

    FILE = "file"
    NOTE = "note"
    LINK = "link"


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

    @property
    def kind(self) -> DocumentKind:
        """What it is."""
        if self.file_id:
            return DocumentKind.FILE
        return DocumentKind.LINK if self.url else DocumentKind.NOTE


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
    #: From this day on everybody sees it; None: not yet.
    published_on: Mapped[date | None]
    #: Title, authors and abstract, case-folded, for searching.
    search_text: Mapped[str] = mapped_column(default="")
    #: Raised by every change: part of the key of everything rendered from this row, and guarantee G20.
    version: Mapped[int] = mapped_column(default=1)

    community: Mapped[Community] = relationship()
    file: Mapped[File | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the library reads it so
