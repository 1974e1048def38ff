"""The made-up newsletter: its readers, an issue that was sent, one that is being written."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app

from ..ground.database import db
from ..mailing import queries as mailing
from ..mailing import services as mailing_services
from ..mailing.messages import absolute
from ..mailing.messages_of_lists import MAIL_VERSION
from ..mailing.models import CampaignState, ListKind, MailingList, Readers
from ..mailing.services import Declaration, ListWish, make_list, note_consent, words_of_consent
from ..newsroom import rendering, services, starters
from ..newsroom.blocks import Board, Button, Results, Text, as_stored
from ..people.models import Person

SLUG = "newsletter"
READERS = 120

_SENT = (
    Text(
        text="Guten Tag {name},\n\n"
        "der Sommer ist vorbei, und in den Communities ist viel los. **Drei Dinge** sollten Sie nicht verpassen:\n\n"
        "- Die Community Chatbot sammelt Fragen, an denen Auskunftsbots scheitern.\n"
        "- Die Vorbereitung des Barcamps hat begonnen.\n"
        "- Zwei NExTwerkstätten haben veröffentlicht."
    ),
    Board(
        heading="Aus dem Vorstand",
        text="Wir haben in diesem Jahr mehr Termine miteinander gehabt als je zuvor. Danke an alle, die einladen.",
        author="Der Vorstand",
    ),
    Results(weeks=26),
    Text(text="## Mitmachen\n\nJede Community freut sich über neue Gesichter. Ein Konto ist nicht nötig."),
    Button(label="Communities ansehen", url="https://termine.next.example/communities/"),
)


def load_newsletter(crowd: Sequence[Person], office: Person, chance: random.Random, at: datetime) -> None:
    """A newsletter that everybody may read, with some readers and two issues."""
    one = mailing.list_with_slug_or_none(SLUG) or make_list(
        SLUG,
        ListWish(
            name="NExT-Newsletter",
            purpose="Einmal im Monat: Termine, Ergebnisse und Neues aus den Communities.",
            kind=ListKind.NEWSLETTER,
            sender_name="NExT e. V.",
            archive=Readers.EVERYBODY,
        ),
        topics=("Termine", "Ergebnisse", "Verein"),
        at=at - timedelta(days=400),
    )
    _subscribe(one, chance.sample(list(crowd), min(READERS, len(crowd))), at - timedelta(days=60))
    _load_sent(one, office, at - timedelta(days=26))
    begun = starters.coming_month(one, at.date())
    blocks = [block for block in begun.blocks if not block.is_empty]
    services.start(one, by=office, subject=begun.subject, blocks=blocks, at=at)


def _subscribe(one: MailingList, readers: Sequence[Person], at: datetime) -> None:
    """Each has asked on the newsletter's page, and pressed the button behind the mailed link minutes later."""
    for number, person in enumerate(readers):
        asked = at + timedelta(minutes=47 * number)
        confirmed = asked + timedelta(minutes=3 + number % 9, seconds=number % 60)
        mailbox = mailing_services.mailbox_for(person.address, name=person.name, language=person.language, at=asked)
        words = Declaration(
            text=words_of_consent(one, person.language),
            language=person.language,
            form_url=absolute("/newsletter/"),
            was_ticked=True,
        )
        consent = note_consent(one, mailbox, words, by="button", at=confirmed)
        consent.requested_at, consent.mailed_at = asked, asked + timedelta(seconds=4)
        consent.mail_id = f"<bestaetigung.{mailbox.id}@{current_app.config['LIST_DOMAIN']}>"
        consent.mail_version = MAIL_VERSION
        mailing_services.put_on_list(one, mailbox, at=confirmed)


def _load_sent(one: MailingList, office: Person, at: datetime) -> None:
    campaign = services.start(one, by=office, subject="Neues aus den Communities", blocks=_SENT, at=at)
    campaign.slug = "neues-aus-den-communities-k4w2p9"
    campaign.blocks = as_stored(rendering.frozen(campaign, at=at))
    campaign.state, campaign.released_by, campaign.expanded_until = CampaignState.SENT, office.address_key, None
    campaign.released_at = campaign.started_at = at
    campaign.ended_at = at + timedelta(minutes=3)
    campaign.search_text = rendering.search_text(campaign)
    campaign.figures = {"accepted": READERS - 1, "failed": 1, "bounced": 1, "unsubscribed": 1}
    db.session.flush()
