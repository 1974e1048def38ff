"""What organisers send to many: invitations and announcements. Made of plain values, so thousands take a moment."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from flask import url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from ..ground.markdown import as_html, as_text
from ..ground.tokens import token_for
from ..mailing.forms import FormDraft
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from . import showing
from .messages import REGISTRATION
from .models import Announcement, Event
from .queries import Receiver

#: What the tokens of invitations are made for.
INVITATION = "invitation"
ANNOUNCEMENT = "announcement"
_SUBJECTS = {
    "invitation": _("Einladung: %(title)s"),
    "invitation_reminder": _("Kommen Sie? %(title)s"),
}
#: What stands for a token in a path, so that the path is built once for all.
_HERE = "0" * 32


class Invited(NamedTuple):
    """Who is invited, and how often they were reminded."""

    id: int
    address: str
    address_key: str
    name: str
    reminders: int = 0


def invitations(
    event: Event, invited: Iterable[Invited], languages: Mapping[str, str], *, at: datetime
) -> Iterator[Mail]:
    """Ask people by name to come; once more in other words if they were asked before."""
    del at
    page = absolute(url_for("events.invitation", token=_HERE))
    for one in invited:
        kind = "invitation_reminder" if one.reminders else "invitation"
        yield Mail(
            kind=kind,
            subject=f"invitation:{one.id}",
            revision=one.reminders,
            recipient=one.address,
            form=_invitation_form(event, kind, languages.get(one.address_key, "de"), has_name=bool(one.name)),
            values={"name": one.name, "answer": page.replace(_HERE, token_for(INVITATION, one.id))},
            priority=9,
            expires_at=event.ends_at,
            has_secrets=True,
        )


def _invitation_form(event: Event, kind: str, language: str, *, has_name: bool) -> FormDraft:
    with force_locale(language):
        subject = str(_SUBJECTS[kind]) % {"title": event.title}
    return draft(
        (event.id, event.version, event.changed_at, event.sequence, subject, has_name),
        f"events/messages/{kind}",
        language=language,
        subject=subject,
        event=event,
        has_name=has_name,
        is_confirmed=False,
        showing=showing,
    )


def announcements(event: Event, announcement: Announcement, receivers: Iterable[Receiver]) -> Iterator[Mail]:
    """What organisers have to say, to each receiver by name."""
    page = absolute(url_for("events.manage", token=_HERE))
    for one in receivers:
        yield Mail(
            kind=ANNOUNCEMENT,
            subject=subject_of(announcement),
            recipient=one.address,
            form=_announcement_form(event, announcement, one.language),
            values={"name": one.name, "manage": page.replace(_HERE, token_for(REGISTRATION, one.registration_id))},
            priority=7,
        )


def subject_of(announcement: Announcement) -> str:
    """What the mails of an announcement are about, in the outbox."""
    return f"announcement:{announcement.id}"


def _announcement_form(event: Event, announcement: Announcement, language: str) -> FormDraft:
    return draft(
        (event.id, event.version, announcement.id, announcement.subject, announcement.text),
        "events/messages/announcement",
        language=language,
        subject=announcement.subject,
        event=event,
        words_as_html=as_html(announcement.text),
        words_as_text=as_text(announcement.text),
        is_confirmed=False,
        showing=showing,
    )
