"""Taking over what somebody chose on the page with all kinds of mail."""

from collections.abc import Sequence
from datetime import datetime

from ...communities import services as communities
from ...communities.models import Belonging
from ...communities.services import Parts
from ...ground.database import db
from ...ground.mail_addresses import address_of
from ...mailing import services as lists
from ...mailing.models import Delivery, Mailbox
from ...mailing.services import Declaration
from ...people.models import Person
from ...people.services import set_language
from ..preferring import OFF, PARTS, Offer, PreferencesForm


def choose_mails(
    mailbox: Mailbox,
    offers: Sequence[Offer],
    form: PreferencesForm,
    *,
    shown_in: str,
    form_url: str,
    at: datetime,
) -> None:
    """Take over how each list shall come. What was not changed is not touched; leaving is at once.

    The page was shown in a language of its own; what was agreed to is noted as it was shown.
    """
    mailbox.language = form.language.data
    for offer in offers:
        one = offer.mailing_list
        way = form[f"list_{one.id}"].data
        topics = form[f"topics_{one.id}"].data if one.topics else None
        if way == offer.delivery:
            if topics is not None and offer.subscription and way != OFF:
                lists.choose_topics_of(offer.subscription, topics)
            continue
        declaration = Declaration(
            text=lists.words_of_consent(one, shown_in),
            language=shown_in,
            form_url=form_url,
            was_ticked=True,
        )
        if way == OFF:
            lists.leave_list(one, mailbox, by="preferences", at=at)
            continue
        subscription = offer.subscription
        if offer.is_new:
            subscription = lists.subscribe_proved(
                one, address_of(mailbox.address), declaration, by="preferences", topics=topics, at=at
            )
        elif subscription is None:
            subscription = lists.put_on_list(one, mailbox, at=at)
        lists.choose_delivery(
            subscription, Delivery(way), topics=topics, declaration=declaration, by="preferences", at=at
        )


def choose_circles(belongings: Sequence[Belonging], form: PreferencesForm, *, at: datetime) -> None:
    """Take over what somebody wants of their circles, beside the mails."""
    for belonging in belongings:
        chosen = {part: bool(form[f"circle_{belonging.community_id}_{part}"].data) for part in PARTS}
        if any(getattr(belonging, part) != value for part, value in chosen.items()):
            parts = Parts(gets_mail=belonging.gets_mail, **chosen)
            communities.choose_parts(belonging, parts, at=at)


def choose_reminders(person: Person, form: PreferencesForm) -> None:
    """Take over whether somebody is reminded, and the language of all that is written to them."""
    set_language(person, form.language.data)
    person.gets_reminders = bool(form["gets_reminders"].data)
    db.session.flush()


def leave_all(mailbox: Mailbox, offers: Sequence[Offer], *, at: datetime) -> None:
    """Take somebody off every list, those by rule too. Twice is harmless."""
    for offer in offers:
        lists.leave_list(offer.mailing_list, mailbox, by="preferences", at=at)
