"""People, the bodies they work for, and the browsers they have signed in with."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..ground.database import NUMBERS_NEVER_COME_AGAIN, Model

#: What the tokens of calendar addresses are made for.
FEED = "feed"


class Level(StrEnum):
    """What kind of body an organisation is."""

    FEDERAL = "federal"
    STATE = "state"
    MUNICIPAL = "municipal"
    RESEARCH = "research"
    SOCIAL_INSURANCE = "social_insurance"
    PUBLIC_COMPANY = "public_company"
    ASSOCIATION = "association"
    OTHER = "other"


class Organisation(Model):
    """A public body, or research, civil society, business."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    level: Mapped[Level]

    domains: Mapped[list["Domain"]] = relationship(back_populates="organisation", order_by="Domain.name")

    @property
    def is_public(self) -> bool:
        """Whether its people work in the public sector."""
        return self.level not in {Level.ASSOCIATION, Level.OTHER}


class Domain(Model):
    """A mail domain and whose it is. Sub-domains belong to the same body unless they have a row of their own."""

    __tablename__ = "domain"

    #: Lower-case A-labels.
    name: Mapped[str] = mapped_column(primary_key=True)
    #: None: looked at, and nobody's in particular (a provider of private mail boxes).
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    organisation: Mapped[Organisation | None] = relationship(back_populates="domains")


class Person(Model):
    """Somebody known by a proved mail address; until proved_at is set, somebody who has been asked to prove it."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: As typed, and where mail goes to: with A-labels if the domain has umlauts.
    typed_address: Mapped[str]
    address: Mapped[str]
    #: Case-folded; what makes two addresses the same.
    address_key: Mapped[str] = mapped_column(unique=True)
    domain: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    #: What was typed where no body was recognised.
    organisation_name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="de")
    is_office: Mapped[bool] = mapped_column(default=False)
    #: Whether they are reminded of events that they are registered for.
    gets_reminders: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()

    __table_args__ = (
        Index(
            "ix_person_unproved",
            "made_at",
            postgresql_where=text("proved_at IS NULL"),
            sqlite_where=text("proved_at IS NULL"),
        ),
        NUMBERS_NEVER_COME_AGAIN,
    )

    @property
    def body(self) -> str:
        """The name of the body this person works for, as far as known."""
        return self.organisation.name if self.organisation else self.organisation_name


class MembershipKind(StrEnum):
    """How somebody belongs to the association."""

    PERSONAL = "personal"
    INSTITUTIONAL = "institutional"
    ASSOCIATED = "associated"


class Membership(Model):
    """Membership of a person or of an organisation in the association."""

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MembershipKind]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    began_on: Mapped[date]
    ended_on: Mapped[date | None]


class BrowserSession(Model):
    """A browser in which somebody is signed in. Ending the row signs it out (rule A-09)."""

    __tablename__ = "browser_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    secret_fingerprint: Mapped[str] = mapped_column(unique=True)
    #: What the browser calls itself, in two words.
    browser: Mapped[str]
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Purpose(StrEnum):
    """What an address is being proved for."""

    SIGN_IN = "sign_in"
    REGISTRATION = "registration"
    #: Joining a circle.
    BELONGING = "belonging"


class Proof(Model):
    """An attempt to prove that an address is one's own: a link and a code in one mail (rules A-01 to A-04).

    Neither link nor code is stored; both are derived from the row's number (ground.tokens).
    """

    __tablename__ = "proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose]
    #: As typed; the person may not exist before the address is proved.
    typed_address: Mapped[str]
    address_key: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    wrong_codes: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_proof_address", "address_key", "purpose", "made_at"), NUMBERS_NEVER_COME_AGAIN)


class Feed(Model):
    """A person's own calendar address. Deleting the row revokes it (rule C-41)."""

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    #: Leave out dates for which an invitation was mailed (rule C-46).
    only_without_invitation: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]

    person: Mapped[Person] = relationship()

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)
