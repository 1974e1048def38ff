"""Candidates of a date poll as calendar entries: kept free for now, and let go of (table 1.1 of calendar mail)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from flask import url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from ..ground.tokens import token_for
from ..mailing.forms import FormDraft
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from . import calendar, showing_polls
from .calendar import Method
from .messages_to_voters import VOTER
from .models import PollOption

HELD, RELEASED = "poll_held", "poll_released"
_SUBJECTS = {HELD: _("Vorgemerkt: %(title)s, %(day)s"), RELEASED: _("Nicht mehr vorgemerkt: %(title)s, %(day)s")}
#: What stands for a token in a path, so that the path is built once for all.
_HERE = "0" * 32


class Receiver(NamedTuple):
    """Somebody who was asked, by the number among the voters."""

    id: int
    address: str
    name: str
    language: str


def held(option: PollOption, people: Iterable[Receiver], *, at: datetime) -> Iterator[Mail]:
    """This time may become the meeting; the entry is tentative and needs no answer."""
    return _mails(option, people, HELD, "REQUEST", at=at, priority=9)


def released(option: PollOption, people: Iterable[Receiver], *, at: datetime) -> Iterator[Mail]:
    """This time is free again; the entry goes away."""
    return _mails(option, people, RELEASED, "CANCEL", at=at, priority=6)


def _mails(
    option: PollOption, people: Iterable[Receiver], kind: str, method: Method, *, at: datetime, priority: int
) -> Iterator[Mail]:
    page, stamp = absolute(url_for("events.vote", token=_HERE)), calendar.stamp(at)
    forms: dict[str, FormDraft] = {}
    for one in people:
        if one.language not in forms:
            forms[one.language] = _form(option, kind, method, one.language)
        yield Mail(
            kind=kind,
            subject=f"voter:{one.id}",
            revision=option.id,
            recipient=one.address,
            form=forms[one.language],
            values={
                "name": one.name,
                "vote": page.replace(_HERE, token_for(VOTER, one.id)),
                "stamp": stamp,
                "attendee": calendar.attendee_line(one.name, one.address, "NEEDS-ACTION"),
            },
            priority=priority,
            expires_at=option.ends_at,
            has_secrets=True,
        )


def _form(option: PollOption, kind: str, method: Method, language: str) -> FormDraft:
    def written() -> str:
        with force_locale(language):
            return calendar.for_candidate(option, method)

    poll = option.poll
    with force_locale(language):
        subject = str(_SUBJECTS[kind]) % {"title": poll.title, "day": showing_polls.short_label(option)}
    return draft(
        (poll.id, poll.version, option.id, option.uid),
        f"events/messages/{kind}",
        language=language,
        subject=subject,
        calendar=written,
        calendar_method=method,
        poll=poll,
        option=option,
        polls=showing_polls,
    )
