"""Reading campaigns, and what their blocks show."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from ..communities import queries as communities
from ..communities.models import Community, Result
from ..events.models import Event, Stage, event_community
from ..ground.database import db
from ..ground.errors import NotFound
from ..mailing.models import (
    Campaign,
    CampaignForm,
    CampaignState,
    CampaignVersion,
    ListKind,
    MailingList,
    Readers,
)
from ..people.models import Person
from .rules import LEFT

#: What can be read: begun, and set in type, which gives it the words that are searched; it says the same for ever.
PUBLISHED = (Campaign.state.in_(LEFT), Campaign.search_text != "")
#: So many events one block shows.
MOST_EVENTS = 30
#: So many circles can have variants of their own: one bit each.
MOST_CIRCLES = 60


def lists_for(person: Person) -> Sequence[MailingList]:
    """The open lists to which somebody writes: the office all, leads those of their circles; newsletters first."""
    chosen = select(MailingList).where(MailingList.closed_at.is_(None))
    if not person.is_office:
        own = [f"community:{circle.id}" for circle in communities.led_by(person)]
        chosen = chosen.where(MailingList.subject.in_(own))
    first = MailingList.kind != ListKind.NEWSLETTER
    return db.session.scalars(chosen.order_by(first, MailingList.position, MailingList.name)).all()


def those_with_campaigns(lists: Sequence[MailingList]) -> list[MailingList]:
    """Those of these lists for which something was written."""
    chosen = select(Campaign.list_id).where(Campaign.list_id.in_([one.id for one in lists])).distinct()
    used = set(db.session.scalars(chosen))
    return [one for one in lists if one.id in used]


def list_with_number(number: int) -> MailingList:
    """A list. Raises NotFound."""
    found = db.session.get(MailingList, number)
    if found is None:
        raise NotFound
    return found


def campaign_with_number(number: int) -> Campaign:
    """A campaign with its list. Raises NotFound."""
    found = db.session.scalars(
        select(Campaign)
        .where(Campaign.id == number)
        .options(selectinload(Campaign.mailing_list).selectinload(MailingList.topics))
    ).first()
    if found is None:
        raise NotFound
    return found


def campaigns_of(lists: Collection[MailingList], *, limit: int, offset: int = 0) -> Sequence[Campaign]:
    """The campaigns of these lists: what needs somebody first, then what was sent, newest first."""
    has_left = Campaign.state.in_((CampaignState.SENT, CampaignState.STOPPED))
    moment = func.coalesce(Campaign.started_at, Campaign.scheduled_for, Campaign.made_at)
    return db.session.scalars(
        select(Campaign)
        .where(Campaign.list_id.in_([one.id for one in lists]))
        .options(joinedload(Campaign.mailing_list))
        .order_by(has_left, moment.desc(), Campaign.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def earlier_campaigns(one: MailingList, *, limit: int = 12) -> Sequence[Campaign]:
    """The newest campaigns of a list, to be copied."""
    chosen = select(Campaign).where(Campaign.list_id == one.id).order_by(Campaign.id.desc()).limit(limit)
    return db.session.scalars(chosen).all()


def versions_of(campaign: Campaign) -> Sequence[CampaignVersion]:
    """What it was at each saving, newest first."""
    chosen = select(CampaignVersion).where(CampaignVersion.campaign_id == campaign.id)
    return db.session.scalars(chosen.order_by(CampaignVersion.version.desc())).all()


def newest_version(campaign: Campaign) -> CampaignVersion:
    """What was saved last; every campaign has one."""
    chosen = select(CampaignVersion).where(CampaignVersion.campaign_id == campaign.id)
    return db.session.scalars(chosen.order_by(CampaignVersion.version.desc()).limit(1)).one()


def version(campaign: Campaign, number: int) -> CampaignVersion:
    """One of them. Raises NotFound."""
    found = db.session.get(CampaignVersion, (campaign.id, number))
    if found is None:
        raise NotFound
    return found


def is_tested(campaign: Campaign) -> bool:
    """Whether a test mail was sent of what is written now (rule M-30)."""
    return campaign.tested_version >= newest_version(campaign).version


def form_keys(campaign: Campaign) -> dict[str, str]:
    """The stored forms of a campaign, by variant; none before it leaves."""
    chosen = select(CampaignForm.variant, CampaignForm.form_key).where(CampaignForm.campaign_id == campaign.id)
    return dict(db.session.execute(chosen).all())


# What blocks show


def coming_events(circles: Collection[int], at: datetime, *, weeks: int) -> Sequence[Event]:
    """The listed events that take place in the next weeks, in order; of these circles, or of all if none is named."""
    chosen = (
        select(Event)
        .where(*_is_coming(at, weeks))
        .options(selectinload(Event.communities))
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_EVENTS)
    )
    if circles:
        of_circles = select(event_community.c.event_id).where(event_community.c.community_id.in_(circles))
        chosen = chosen.where(Event.id.in_(of_circles.scalar_subquery()))
    return db.session.scalars(chosen).all()


def _is_coming(at: datetime, weeks: int) -> tuple[ColumnElement[bool], ...]:
    until = at + timedelta(weeks=weeks)
    is_shown = (Event.stage == Stage.PUBLISHED, Event.is_listed.is_(True))
    return *is_shown, Event.starts_at > at, Event.starts_at < until


def circles_with_events(at: datetime, *, weeks: int) -> Sequence[int]:
    """The numbers of the circles that meet in the next weeks."""
    chosen = (
        select(event_community.c.community_id)
        .join(Event, Event.id == event_community.c.event_id)
        .where(*_is_coming(at, weeks))
        .distinct()
        .order_by(event_community.c.community_id)
        .limit(MOST_CIRCLES)
    )
    return db.session.scalars(chosen).all()


def events_around(circles: Collection[int] | None, *, since: datetime) -> Sequence[Event]:
    """The events from a moment on, the newest first, of these circles or, with None, of all."""
    chosen = select(Event).where(Event.stage != Stage.DRAFT, Event.starts_at > since)
    if circles is not None:
        of_circles = select(event_community.c.event_id).where(event_community.c.community_id.in_(circles))
        chosen = chosen.where(Event.id.in_(of_circles.scalar_subquery()))
    return db.session.scalars(chosen.order_by(Event.starts_at.desc(), Event.id.desc()).limit(100)).all()


def chosen_first(table: type[Any], chosen: Collection[int], offered: Iterable[Any]) -> list[Any]:
    """The rows that are chosen, offered or not, and then what else is offered."""
    named = db.session.scalars(select(table).where(table.id.in_(chosen)).order_by(table.id)) if chosen else ()
    return [*named, *(one for one in offered if one.id not in chosen)]


def new_results(on: date, *, weeks: int) -> Sequence[Result]:
    """What was published in the last weeks, newest first."""
    return db.session.scalars(
        select(Result)
        .where(Result.published_on <= on, Result.published_on > on - timedelta(weeks=weeks))
        .options(joinedload(Result.community))
        .order_by(Result.published_on.desc(), Result.id.desc())
        .limit(MOST_EVENTS)
    ).all()


def communities_by_number() -> dict[int, Community]:
    """All circles, in their order."""
    return {one.id: one for one in communities.all_communities()}


# The archive


def issue_with_slug(slug: str) -> Campaign:
    """What was sent, by its address; of lists whose archive is for nobody there is none. Raises NotFound."""
    found = db.session.scalars(
        select(Campaign)
        .join(Campaign.mailing_list)
        .where(Campaign.slug == slug, *PUBLISHED, MailingList.archive != Readers.NOBODY)
        .options(joinedload(Campaign.mailing_list))
    ).first()
    if found is None:
        raise NotFound
    return found


def issues_of(one: MailingList, words: str = "", *, limit: int, offset: int = 0) -> Sequence[Campaign]:
    """What was sent to a list, newest first, whoever may read it."""
    return db.session.scalars(_published(words).where(Campaign.list_id == one.id).limit(limit).offset(offset)).all()


def public_lists() -> Sequence[MailingList]:
    """The lists whose archive everybody may read."""
    chosen = select(MailingList).where(MailingList.archive == Readers.EVERYBODY)
    return db.session.scalars(chosen.order_by(MailingList.position, MailingList.name)).all()


def public_list(slug: str) -> MailingList:
    """One of them by its address. Raises NotFound."""
    chosen = select(MailingList).where(MailingList.slug == slug, MailingList.archive == Readers.EVERYBODY)
    found = db.session.scalars(chosen).first()
    if found is None:
        raise NotFound
    return found


def public_issues(words: str = "", list_slug: str = "", *, limit: int, offset: int = 0) -> Sequence[Campaign]:
    """What was sent to lists whose archive everybody may read, newest first."""
    return db.session.scalars(_public(words, list_slug).limit(limit).offset(offset)).all()


def _public(words: str, list_slug: str) -> Select[Campaign]:
    chosen = _published(words).where(MailingList.archive == Readers.EVERYBODY)
    return chosen.where(MailingList.slug == list_slug) if list_slug else chosen


def _published(words: str) -> Select[Campaign]:
    return (
        select(Campaign)
        .join(Campaign.mailing_list)
        .where(*PUBLISHED, *communities.has_words(words, Campaign.search_text))
        .options(joinedload(Campaign.mailing_list))
        .order_by(Campaign.started_at.desc(), Campaign.id.desc())
    )
