"""Newsletters with their receivers, as tests of sending need them."""

from sqlalchemy import Select, literal, select

from nextevents.ground.database import db
from nextevents.mailing import services
from nextevents.mailing.addresses import list_headers
from nextevents.mailing.forms import FormDraft, place
from nextevents.mailing.models import (
    Campaign,
    CampaignState,
    Delivery,
    ListKind,
    Mailbox,
    MailingList,
    Stream,
    Subscription,
    SubscriptionState,
)
from tests.factories import NOON


def make_newsletter(slug="neues", **values: object) -> MailingList:
    """A newsletter that everybody may read."""
    defaults = {"name": f"Neues von {slug}", "kind": ListKind.NEWSLETTER, "made_at": NOON}
    return _saved(MailingList(slug=slug, **(defaults | values)))


def make_mailbox(address: str, *, name="Ada Beispiel", **values: object) -> Mailbox:
    """An address that lists know."""
    return _saved(Mailbox(address=address, address_key=address.casefold(), name=name, made_at=NOON, **values))


def subscribe(mailing_list: MailingList, mailbox: Mailbox, **values: object) -> Subscription:
    """Somebody on a list."""
    defaults = {"state": SubscriptionState.ACTIVE, "delivery": Delivery.EACH, "made_at": NOON, "began_at": NOON}
    return _saved(Subscription(list_id=mailing_list.id, mailbox_id=mailbox.id, **(defaults | values)))


def make_readers(mailing_list: MailingList, count: int) -> list[str]:
    """So many subscribers, added all at once; their addresses."""
    addresses = [f"p{number:05}@amt{number % 3}.example" for number in range(count)]
    rows = [
        {"address": to, "address_key": to, "name": f"Leserin {to[:6]}", "language": "de", "made_at": NOON}
        for to in addresses
    ]
    db.session.execute(Mailbox.__table__.insert(), [row | {"suspended_because": ""} for row in rows])
    numbers = db.session.scalars(select(Mailbox.id).where(Mailbox.address.in_(addresses) if count < 500 else True))
    defaults = {"list_id": mailing_list.id, "state": SubscriptionState.ACTIVE, "delivery": Delivery.EACH}
    rest = {"made_at": NOON, "ended_by": "", "digested_until": 0}
    db.session.execute(Subscription.__table__.insert(), [{"mailbox_id": one} | defaults | rest for one in numbers])
    db.session.flush()
    return addresses


def make_campaign(mailing_list: MailingList, slug="ausgabe-1", **values: object) -> Campaign:
    """An issue that has not begun."""
    return _saved(Campaign(list_id=mailing_list.id, slug=slug, subject="Neues im Dezember", made_at=NOON, **values))


def form_of(campaign: Campaign, mailing_list: MailingList, language="de") -> FormDraft:
    """The finished issue in one language."""
    return FormDraft(
        language=language,
        subject=campaign.subject,
        text=f"Guten Tag {place('name')},\n\nNeues.\n\n{place('unsubscribe_url')}\n{place('preferences_url')}\n",
        html=f"<p>Guten Tag {place('name')}, <a href='{place('unsubscribe_url')}'>abmelden</a></p>\n",
        stream=Stream.NEWSLETTER,
        headers=list_headers(mailing_list, Stream.NEWSLETTER),
    )


def readers_of(mailing_list: MailingList) -> Select:
    """Who gets an issue: as the newsroom asks for it."""
    return (
        select(
            Mailbox.id.label("mailbox_id"), Mailbox.address, literal("de").label("variant"), Mailbox.name.label("name")
        )
        .join(Subscription, Subscription.mailbox_id == Mailbox.id)
        .where(Subscription.list_id == mailing_list.id, Subscription.state == SubscriptionState.ACTIVE)
        .where(Subscription.delivery != Delivery.PAUSED, Mailbox.suspended_at.is_(None))
    )


def release(campaign: Campaign, *, at=NOON) -> None:
    """Let it begin."""
    services.release_campaign(campaign, by="redaktion@next.example", at=at)


def expand(campaign: Campaign, *, at=NOON) -> int:
    """Write all its messages; in how many portions."""
    mailing_list = db.session.get(MailingList, campaign.list_id)
    services.store_campaign_forms(campaign, {"de": form_of(campaign, mailing_list)})
    portions = 0
    while services.expand_portion(campaign.id, readers_of(mailing_list), at=at):
        portions += 1
    db.session.refresh(campaign)
    return portions


def tend(campaign: Campaign, *, at=NOON) -> CampaignState:
    """Let its rows follow; its state then."""
    while services.tend(campaign.id, at=at):
        pass
    db.session.refresh(campaign)
    return campaign.state


def _saved(row):
    db.session.add(row)
    db.session.flush()
    return row
