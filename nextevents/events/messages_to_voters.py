"""What polls write to people: asked, once more, the own link, and the time that was chosen."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from ..ground.markdown import as_html, as_text
from ..ground.tokens import token_for
from ..mailing.forms import FormDraft
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from . import showing, showing_polls
from .messages_to_many import INVITATION
from .models import Event, Poll, Voter

#: What the tokens are made for: the link of all, and each voter's own.
POLL = "poll"
VOTER = "voter"
ASKED, REMINDED, OWN_LINK, DECIDED = "poll_asked", "poll_reminder", "poll_voted", "poll_decided"
_SUBJECTS = {
    ASKED: _("Wann passt es? %(title)s"),
    REMINDED: _("Ihre Stimme fehlt noch: %(title)s"),
    OWN_LINK: _("Ihr Link zur Umfrage: %(title)s"),
    DECIDED: _("Der Termin steht: %(title)s"),
}
#: What stands for a token in a path, so that the path is built once for all.
_HERE = "0" * 32
_ONE_DAY = timedelta(days=1)


class Asked(NamedTuple):
    """Who is written to, and how often they were reminded."""

    id: int
    address: str
    address_key: str
    name: str
    reminders: int = 0


def poll_href(poll: Poll) -> str:
    """The page that everybody who has the address can vote on."""
    return url_for("events.poll", token=token_for(POLL, poll.id))


def voter_href(voter: Voter) -> str:
    """The page on which one voter votes and changes the vote."""
    return url_for("events.vote", token=token_for(VOTER, voter.id))


def asked(poll: Poll, people: Iterable[Asked], languages: Mapping[str, str]) -> Iterator[Mail]:
    """Ask people by their own links; once more in other words if they were asked before."""
    page = absolute(url_for("events.vote", token=_HERE))
    for one in people:
        kind = REMINDED if one.reminders else ASKED
        yield Mail(
            kind=kind,
            subject=f"voter:{one.id}",
            revision=one.reminders,
            recipient=one.address,
            form=_form(poll, kind, languages.get(one.address_key, "de"), has_name=bool(one.name)),
            values={"name": one.name, "vote": page.replace(_HERE, token_for(VOTER, one.id))},
            priority=9,
            expires_at=poll.closes_at,
            has_secrets=True,
        )


def own_link(voter: Voter, language: str, *, at: datetime) -> Mail:
    """The link by which somebody sees and changes the vote; at most one a day. Holds nothing that was typed."""
    return Mail(
        kind=OWN_LINK,
        subject=f"voter:{voter.id}",
        revision=at.date().toordinal(),
        recipient=voter.address,
        form=_form(voter.poll, OWN_LINK, language, has_name=False),
        values={"name": "", "vote": absolute(voter_href(voter))},
        priority=5,
        expires_at=voter.poll.closes_at + _ONE_DAY,
        has_secrets=True,
    )


def decided(
    poll: Poll, event: Event, people: Iterable[Asked], invited: Mapping[str, int], languages: Mapping[str, str]
) -> Iterator[Mail]:
    """Tell when it is, to those who are not registered yet, with their invitations by address key."""
    page = absolute(url_for("events.invitation", token=_HERE))
    for one in people:
        if one.address_key in invited:
            token = token_for(INVITATION, invited[one.address_key])
            yield Mail(
                kind=DECIDED,
                subject=f"voter:{one.id}",
                recipient=one.address,
                form=_form(poll, DECIDED, languages.get(one.address_key, "de"), has_name=bool(one.name), event=event),
                values={"name": one.name, "answer": page.replace(_HERE, token)},
                priority=9,
                expires_at=event.ends_at,
                has_secrets=True,
            )


def _form(poll: Poll, kind: str, language: str, *, has_name: bool, event: Event | None = None) -> FormDraft:
    with force_locale(language):
        subject = str(_SUBJECTS[kind]) % {"title": poll.title}
    is_new = (event.id, event.version, event.changed_at, event.sequence) if event else ()
    return draft(
        (poll.id, poll.version, poll.closes_at, has_name, *is_new),
        f"events/messages/{kind}",
        language=language,
        subject=subject,
        poll=poll,
        event=event,
        has_name=has_name,
        words_as_html=as_html(poll.text) if poll.text else "",
        words_as_text=as_text(poll.text) if poll.text else "",
        is_confirmed=False,
        showing=showing,
        polls=showing_polls,
    )
