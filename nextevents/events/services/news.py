"""Who ticked the newsletter while registering is asked by mail whether they want it (rule L-05)."""

from datetime import datetime

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ...ground.errors import Refusal
from ...ground.mail_addresses import address_of
from ...mailing import queries as mailing
from ...mailing.messages import absolute
from ...mailing.models import SubscriptionState
from ...mailing.services import Declaration, ask_to_subscribe
from ..models import Registration, State


def ask_about_newsletter(registration: Registration, *, at: datetime) -> None:
    """Begin a double opt-in for the newsletter if the box was ticked and the address is proved. Twice is harmless.

    It is the one that the page names: the oldest of the office's (mailing.newsletter). Nothing of this stands in a
    registration's way: without an open newsletter, or with one already, nothing happens.
    """
    if not registration.wants_newsletter or registration.state == State.UNCONFIRMED:
        return
    person, one = registration.person, mailing.newsletter()
    if one is None:
        return
    mailbox = mailing.mailbox_with_key(person.address_key)
    standing = mailing.subscription(one, mailbox) if mailbox else None
    if standing and standing.state == SubscriptionState.ACTIVE:
        return
    with force_locale(person.language):
        asked = _("Ich möchte den Newsletter „%(name)s“ bekommen.", name=one.name)
        explained = _("Wir merken uns den Wunsch. Bevor der erste kommt, fragen wir Sie noch einmal per Mail.")
    declaration = Declaration(
        text=f"{asked} {explained}",
        language=person.language,
        form_url=absolute(url_for("events.show", slug=registration.event.slug)),
        was_ticked=True,
    )
    try:
        ask_to_subscribe(one, address_of(person.address), declaration, name=person.name, at=at)
    except Refusal:
        return
