"""Who gets a campaign: one SELECT, whatever the size of the list. Nothing here reads rows one by one.

A list knows mailboxes; whose they are, where these people work and what they come to, is looked up by their address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from ..communities import queries as communities
from ..communities.models import Belonging, Community, Lead
from ..events.models import Registration, State
from ..ground import clock
from ..ground.database import db
from ..ground.mail_addresses import Address
from ..mailing import services as mailing
from ..mailing.models import (
    Campaign,
    CampaignVersion,
    Delivery,
    Mailbox,
    MailingList,
    Subscription,
    SubscriptionState,
    SubscriptionTopic,
    Topic,
)
from ..people.models import Membership, Organisation, Person
from . import queries
from .blocks import OwnEvents, blocks_of
from .placeholders import uses_name

LANGUAGES = ("de", "en")
#: Whoever has a place or waits for one.
REGISTERED = (State.CONFIRMED, State.WAITING, State.OFFERED, State.ATTENDED, State.EXCUSED, State.ABSENT)
#: Marks the variant for readers whose name we do not know.
NAMELESS = "-"
#: So many mailboxes are made at once.
PORTION = 5000
#: Up to so many mailboxes a click may wait for what is counted; beyond, the worker counts.
FEW = 5_000
#: More mails than these are not set in type for one campaign.
MOST_VARIANTS = 2000


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Whom of a list a campaign goes to. Within one kind any will do, all kinds must fit; empty means everybody."""

    topics: tuple[int, ...] = ()
    communities: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, campaign: Campaign | CampaignVersion) -> "Segment":
        """The segment of a campaign, or of one of its versions."""
        return cls(**{one.name: tuple(campaign.segment.get(one.name, ())) for one in fields(cls)})

    def as_stored(self) -> dict[str, Any]:
        """The segment as it is stored: what says nothing is left out."""
        return {name: list(value) for name, value in asdict(self).items() if value}


def are_few() -> bool:
    """Whether so few mailboxes are known that counting takes no time that anybody notices."""
    return (db.session.scalar(select(func.max(Mailbox.id))) or 0) <= FEW


@dataclass(frozen=True)
class Recipients:
    """The recipients of one campaign."""

    campaign: Campaign
    #: The circles whose coming events readers may get as their own, in the order of their bits.
    circles: Sequence[int]
    #: The variants that are set in type; None while none is, and then each reader has the one that would suit.
    variants: Mapping[str, object] | None = None

    def select(self) -> Select[int, str, str, str]:
        """(mailbox_id, address, name, variant) of each, to be taken in portions by mailbox_id."""
        return select(
            Mailbox.id.label("mailbox_id"),
            Mailbox.address.label("address"),
            Mailbox.name.label("name"),
            self._variant().label("variant"),
        ).where(*self._conditions())

    def count(self) -> int:
        """How many there are."""
        counts = self.counts_by_variant()
        if len(counts) <= MOST_VARIANTS:
            return sum(counts.values())
        return db.session.scalar(select(func.count()).select_from(Mailbox).where(*self._conditions())) or 0

    def some(self, *, limit: int) -> Sequence[Any]:
        """A few of them, as rows of select(), in the order of their addresses."""
        return db.session.execute(self.select().order_by(Mailbox.address_key).limit(limit)).all()

    def counts_by_variant(self) -> dict[str, int]:
        """How many readers each variant has, the most read first; refuses to count more than one too many.

        They are looked at once: what is checked and counted then is what is set in type.
        """
        return self._counts

    @cached_property
    def _counts(self) -> dict[str, int]:
        variant = self._variant().label("variant")
        inner = select(variant).where(*self._conditions()).subquery()
        rows = db.session.execute(
            select(inner.c.variant, func.count())
            .group_by(inner.c.variant)
            .order_by(func.count().desc(), inner.c.variant)
            .limit(MOST_VARIANTS + 1)
        )
        return dict(rows.all())

    def _conditions(self) -> list[ColumnElement[bool]]:
        one, segment = self.campaign.mailing_list, Segment.of(self.campaign)
        wanted = _named_by_rule(one) if one.rule else _subscribed(one)
        return [Mailbox.suspended_at.is_(None), wanted, *_in_segment(segment)]

    def _variant(self) -> ColumnElement[str]:
        """What decides how the mail looks: the language, whether there is a name, and whose events are one's own."""
        written = "".join(str(row) for row in self.campaign.blocks)
        variant: ColumnElement[str] = _language()
        if uses_name(written):
            variant = variant.concat(case((Mailbox.name == "", NAMELESS), else_=""))
        if self.circles:
            own = literal(":").concat(cast(func.nullif(_own(self.circles), 0), String))
            variant = variant.concat(func.coalesce(own, ""))
        if self.variants is None:
            return variant
        # Whoever joins a circle while the campaign is being written gets the mail without events of one's own.
        return case((variant.in_(list(self.variants)), variant), else_=_language())


def _language() -> ColumnElement[str]:
    return case((Mailbox.language.in_(LANGUAGES), Mailbox.language), else_=LANGUAGES[0])


def _own(circles: Sequence[int]) -> ColumnElement[int]:
    """Which of the circles a mailbox's owner belongs to, as a number with one bit for each."""
    bits = case(*((Belonging.community_id == number, 1 << bit) for bit, number in enumerate(circles)), else_=0)
    summed = (
        select(func.coalesce(func.sum(bits), 0))
        .join(Person, Person.id == Belonging.person_id)
        .where(Person.address_key == Mailbox.address_key, Belonging.community_id.in_(circles))
        .correlate(Mailbox)
    )
    return summed.scalar_subquery()


def circles_in(variant: str, circles: Sequence[int]) -> list[int]:
    """The circles that a variant stands for."""
    _, _, bits = variant.partition(":")
    mask = int(bits or 0)
    return [number for bit, number in enumerate(circles) if mask >> bit & 1]


def _subscribed(one: MailingList) -> ColumnElement[bool]:
    subscription = (
        select(Subscription.id)
        .where(
            Subscription.mailbox_id == Mailbox.id,
            Subscription.list_id == one.id,
            Subscription.state == SubscriptionState.ACTIVE,
            Subscription.delivery != Delivery.PAUSED,
        )
        .correlate(Mailbox)
    )
    return subscription.exists()


def _named_by_rule(one: MailingList) -> ColumnElement[bool]:
    """Whoever the rule names, but those who do not want it."""
    named = people_named_by(one.rule).where(Person.address_key == Mailbox.address_key).correlate(Mailbox)
    unwanted = (
        select(Subscription.id)
        .where(
            Subscription.mailbox_id == Mailbox.id,
            Subscription.list_id == one.id,
            or_(Subscription.state == SubscriptionState.ENDED, Subscription.delivery == Delivery.PAUSED),
        )
        .correlate(Mailbox)
    )
    return named.exists() & ~unwanted.exists()


def readers_of(one: MailingList) -> Select[int, str, str]:
    """(mailbox_id, address, language) of whoever gets each post of a list at once."""
    collects = (
        select(Subscription.id)
        .where(Subscription.mailbox_id == Mailbox.id, Subscription.list_id == one.id)
        .where(Subscription.delivery != Delivery.EACH)
        .correlate(Mailbox)
    )
    wanted = _named_by_rule(one) if one.rule else _subscribed(one)
    columns = (Mailbox.id.label("mailbox_id"), Mailbox.address.label("address"), _language().label("language"))
    return select(*columns).where(Mailbox.suspended_at.is_(None), wanted, ~collects.exists())


#: Whom each kind of rule names, of a rule that stands in a column or not; what stands before the colon is its kind.
_KINDS_OF_RULE: dict[str, Callable[[SQLColumnExpression[str]], ColumnElement[bool]]] = {
    "members": lambda rule: and_(rule == "members", _is_member()),
    "leads": lambda rule: and_(rule == "leads", _is_lead()),
    "registered": lambda rule: _is_registered(
        literal("registered:").concat(cast(Registration.event_id, String)) == rule
    ),
    "level": lambda rule: _works_at(literal("level:").concat(cast(Organisation.level, String)) == rule),
}


def people_named_by(rule: str) -> Select[str, str, str, str]:
    """(address, address_key, name, language) of the people whom a list's rule names; of an unknown rule nobody."""
    kind = _KINDS_OF_RULE.get(rule.partition(":")[0])
    chosen = select(Person.address, Person.address_key, Person.name, Person.language)
    return chosen.where(Person.proved_at.is_not(None), kind(literal(rule)) if kind else false())


def is_named(rule: SQLColumnExpression[str], address_key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """The same as a condition for rules and addresses that stand in columns, whatever kind of rule each is."""
    fits = or_(*(kind(rule) for kind in _KINDS_OF_RULE.values()))
    named = exists().where(Person.address_key == address_key, Person.proved_at.is_not(None), fits)
    return named.correlate(Mailbox, MailingList)


def _is_member() -> ColumnElement[bool]:
    today = bindparam(None, callable_=_today, type_=Date())  # asked whenever it is looked
    return exists().where(
        or_(Membership.person_id == Person.id, Membership.organisation_id == Person.organisation_id),
        Membership.began_on <= today,
        or_(Membership.ended_on.is_(None), Membership.ended_on > today),
    )


def _today() -> date:
    return clock.local(clock.now()).date()


def _is_lead() -> ColumnElement[bool]:
    """Whoever leads a circle that has not ended."""
    return exists().where(Lead.person_id == Person.id, Lead.community_id == Community.id, Community.ended_on.is_(None))


def _is_registered(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    registered = (Registration.person_id == Person.id, Registration.state.in_(REGISTERED), condition)
    return exists().where(*registered).correlate(Person, MailingList)


def _works_at(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Organisation.id == Person.organisation_id, condition).correlate(Person, MailingList)


def _in_segment(segment: Segment) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if segment.languages:
        wanted.append(_language().in_(segment.languages))
    if segment.topics:
        wanted.append(_has_topic(segment.topics))
    about_people: list[ColumnElement[bool]] = []
    if segment.communities:
        about_people.append(
            exists().where(Belonging.person_id == Person.id, Belonging.community_id.in_(segment.communities))
        )
    if segment.organisations:
        about_people.append(Person.organisation_id.in_(segment.organisations))
    if segment.levels:
        about_people.append(_works_at(Organisation.level.in_(segment.levels)))
    if segment.events:
        about_people.append(_is_registered(Registration.event_id.in_(segment.events)))
    if about_people:
        owner = select(Person.id).where(Person.address_key == Mailbox.address_key, *about_people)
        wanted.append(owner.correlate(Mailbox).exists())
    return wanted


def _has_topic(topics: Sequence[int]) -> ColumnElement[bool]:
    """Whoever has chosen one of the topics; none chosen means all."""
    subscription, chosen = aliased(Subscription), aliased(SubscriptionTopic)
    any_topic = exists().where(chosen.subscription_id == subscription.id)
    of_these = exists().where(chosen.subscription_id == subscription.id, chosen.topic_id.in_(topics))
    fits = select(subscription.id).where(
        subscription.mailbox_id == Mailbox.id,
        subscription.list_id.in_(select(Topic.list_id).where(Topic.id.in_(topics))),
        or_(of_these, ~any_topic),
    )
    return fits.correlate(Mailbox).exists()


def recipients(campaign: Campaign, *, at: datetime) -> Recipients:
    """The recipients of a campaign as things stand; once it is set in type, each gets one of its variants."""
    if stored := queries.form_keys(campaign):
        return Recipients(campaign, own_circles(campaign), stored)
    weeks = [block.weeks for block in blocks_of(campaign) if isinstance(block, OwnEvents)]
    return Recipients(campaign, queries.circles_with_events(at, weeks=max(weeks)) if weeks else [])


def own_circles(campaign: Campaign) -> list[int]:
    """The circles whose events readers get as their own, as they were when the campaign was set in type."""
    return list(campaign.segment.get("own_circles", []))


def variant_for(person: Person, recipients: Recipients) -> str:
    """The variant that somebody would get, on the list or not."""
    variant = person.language if person.language in LANGUAGES else LANGUAGES[0]
    if not person.name and uses_name(str(recipients.campaign.blocks)):
        variant += NAMELESS
    own = {one.community_id for one in communities.belongings_of(person)}
    mask = sum(1 << bit for bit, number in enumerate(recipients.circles) if number in own)
    return f"{variant}:{mask}" if mask else variant


def bring_mailboxes(one: MailingList, *, at: datetime) -> None:
    """Give everybody whom a list's rule names a mailbox, so that they can leave the list. Twice is harmless."""
    if not (rule := one.rule):
        return
    has_one = exists().where(Mailbox.address_key == Person.address_key)
    without = people_named_by(rule).where(~has_one).order_by(Person.id).limit(PORTION)
    while rows := db.session.execute(without).all():
        mailing.enter_mailboxes([(_address(row), row.name, row.language) for row in rows], at=at)


def _address(row: Any) -> Address:
    domain = row.address.rpartition("@")[2]
    return Address(typed=row.address, routed=row.address, key=row.address_key, domain=domain)
