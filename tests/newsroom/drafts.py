"""Newsletters with readers, and drafts for them, as tests of the newsroom need them."""

from dataclasses import replace

from nextevents.ground.database import db
from nextevents.mailing.models import Campaign, MailingList
from nextevents.mailing.services import mailbox_for
from nextevents.newsroom import services
from nextevents.newsroom.audience import Segment
from nextevents.newsroom.blocks import Block, Text
from nextevents.newsroom.services import Settings
from nextevents.people.models import Person
from tests.factories import NOON, make_person
from tests.mailing.campaigns import make_mailbox, make_newsletter, subscribe

OWN_PATH = "/veranstaltungen/"


def make_writer(address: str = "buero@next.example") -> Person:
    """Somebody of the office."""
    return make_person(address, name="Kim Büro", office=True)


def make_draft(
    *blocks: Block, mailing_list: MailingList | None = None, by: Person | None = None, subject="Neues im Dezember"
) -> Campaign:
    """A draft with these blocks, or with one text."""
    return services.start(
        mailing_list or make_newsletter(),
        by=by or make_writer(),
        subject=subject,
        blocks=blocks or (Text(text="Guten Tag {name},\n\nhier ist Neues."),),
        at=NOON,
    )


def make_reader(mailing_list: MailingList, person: Person | str, **values: object):
    """Somebody on a list, with an account here or without; the mailbox."""
    if isinstance(person, str):
        mailbox = make_mailbox(person, **values)
    else:
        mailbox = mailbox_for(person.address, name=person.name, language=person.language, at=NOON)
    subscribe(mailing_list, mailbox)
    return mailbox


def segmented(campaign: Campaign, **segment: object) -> Campaign:
    """The same campaign, for some of its list."""
    campaign.segment = replace(Segment(), **segment).as_stored()
    db.session.flush()
    return campaign


def settings(subject: str = "Anders", segment: Segment | None = None) -> Settings:
    """What somebody types beside the blocks."""
    return Settings(subject=subject, language="de", segment=segment or Segment())
