"""What lists write to people about being on them: please confirm; you are on it already; does mail arrive again."""

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ..ground.tokens import pair, token_for
from .addresses import list_address, preferences_url
from .messages import absolute, draft
from .models import Consent, Mailbox, MailingList
from .queries.lists import LINK_TIME
from .services.posting import Mail

#: What the tokens in these mails are made for.
SUBSCRIPTION, AWAKENING = "subscription", "awakening"
#: Raised whenever the words of the mail that asks for confirmation change; part of the proof (rule L-02).
MAIL_VERSION = "2026-1"
KIND, KIND_ALREADY, KIND_AWAKENING = "confirm_subscription", "already_subscribed", "confirm_mailbox"
_LONG = timedelta(days=5)


def confirm_subscription(one: MailingList, mailbox: Mailbox, consent: Consent, *, at: datetime) -> Mail:
    """Ask whoever has this address whether they want the list. Holds nothing that the asker typed."""
    with force_locale(consent.language):
        subject = _("Bitte bestätigen: %(title)s", title=one.name)
    form = draft(
        (KIND, one.id, one.version),
        "mailing/messages/confirm_subscription",
        language=consent.language,
        subject=subject,
        mailing_list=one,
    )
    values = {"confirm": absolute(url_for("lists.confirm", token=token_for(SUBSCRIPTION, consent.id)))}
    if consent.form_url.startswith("mailto:"):
        values["reply_to"] = list_address(one.slug, "confirm")  # who asked by mail may answer by mail
    return Mail(
        kind=KIND,
        subject=f"consent:{consent.id}",
        recipient=mailbox.address,
        form=form,
        values=values,
        priority=1,
        expires_at=at + LINK_TIME,
        has_secrets=True,
    )


def already_subscribed(one: MailingList, mailbox: Mailbox, *, at: datetime) -> Mail:
    """You are on this list already, and where you change what comes."""
    with force_locale(mailbox.language):
        subject = _("Sie bekommen schon: %(title)s", title=one.name)
    form = draft(
        (KIND_ALREADY, one.id, one.version),
        "mailing/messages/already_subscribed",
        language=mailbox.language,
        subject=subject,
        mailing_list=one,
    )
    return Mail(
        kind=KIND_ALREADY,
        subject=f"mailbox:{mailbox.id}",
        revision=int(at.timestamp()),
        recipient=mailbox.address,
        form=form,
        values={"preferences": preferences_url(mailbox.id)},
        expires_at=at + _LONG,
    )


def confirm_mailbox(mailbox: Mailbox, *, at: datetime) -> Mail:
    """Ask the owner of a suspended mailbox to show that mail arrives again."""
    with force_locale(mailbox.language):
        subject = _("Kommen unsere Mails wieder an?")
    form = draft((KIND_AWAKENING,), "mailing/messages/confirm_mailbox", language=mailbox.language, subject=subject)
    return Mail(
        kind=KIND_AWAKENING,
        subject=f"mailbox:{mailbox.id}",
        revision=int(at.timestamp()),
        recipient=mailbox.address,
        form=form,
        values={"confirm": absolute(url_for("lists.awaken", token=awakening_token(mailbox)))},
        expires_at=at + LINK_TIME,
        has_secrets=True,
    )


def awakening_token(mailbox: Mailbox) -> str:
    """What proves that a mail sent since the mailbox was suspended has arrived; a later suspension needs another."""
    minute = int(mailbox.suspended_at.timestamp()) // 60 if mailbox.suspended_at else 0
    return token_for(AWAKENING, pair(mailbox.id, minute))
