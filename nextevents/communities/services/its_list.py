"""The list of a circle: made with it, called as it is called; whoever belongs to the circle is on it at first."""

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from ...ground.mail_addresses import address_of
from ...mailing import queries as mailing
from ...mailing import services as lists
from ...mailing.models import MailingList, SubscriptionState
from ...mailing.services import Declaration, ListWish
from ...people.models import Person
from .. import messages
from ..models import Community, list_subject

__all__ = ["is_on_list", "list_of", "list_subject", "subscribe", "unsubscribe"]


def list_of(community: Community, *, at: datetime) -> MailingList:
    """The list of a circle, made if there is none yet."""
    wish = ListWish(name=community.full_name, purpose=community.summary, sender_name=community.full_name)
    return lists.list_for(list_subject(community.id), community.slug, wish, at=at)


def subscribe(community: Community, person: Person, *, by: str, at: datetime) -> None:
    """Put somebody whose address is proved on a circle's list. Twice is harmless; on a closed list nothing happens."""
    one = list_of(community, at=at)
    if one.closed_at:
        return
    declaration = Declaration(
        text=_words(community, person.language),
        language=person.language,
        form_url=messages.joining_url(community),
        was_ticked=False,
    )
    lists.subscribe_proved(one, address_of(person.address), declaration, by=by, name=person.name, at=at)


def _words(community: Community, language: str) -> str:
    """What stands beside the button with which one joins."""
    with force_locale(language):
        words = _(
            "Mitmachen heißt: Mails der Community, eine Einladung zu jedem Termin, die Termine in Ihrem Kalender. "
            "Jedes davon können Sie einzeln abwählen, und austreten jederzeit."
        )
    return f"{community.full_name}. {words}"


def unsubscribe(community_id: int, person: Person, *, by: str, at: datetime) -> None:
    """Take somebody off a circle's list. Twice is harmless."""
    one, mailbox = mailing.list_of(list_subject(community_id)), mailing.mailbox_with_key(person.address_key)
    if one and mailbox:
        lists.leave_list(one, mailbox, by=by, at=at)


def is_on_list(community_id: int, person: Person) -> bool:
    """Whether somebody is on a circle's list."""
    one, mailbox = mailing.list_of(list_subject(community_id)), mailing.mailbox_with_key(person.address_key)
    found = mailing.subscription(one, mailbox) if one and mailbox else None
    return found is not None and found.state == SubscriptionState.ACTIVE
