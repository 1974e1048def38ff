"""What circles' people hear of meetings: invitations by entry, what becomes of them, a standing yes.

Made of plain values, so thousands take a moment; a form is rendered once for each language.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flask import url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from ..communities.messages import MINE, mine_href, token_of
from ..communities.models import Community
from ..ground.tokens import pair, tokens_for
from ..mailing.forms import FormDraft
from ..mailing.messages import absolute, draft
from ..mailing.services import LIFETIME, Mail
from ..people.models import Person
from . import calendar, messages, showing
from .calendar import Method
from .messages import TIME_FIELDS
from .models import Event, Registration, State
from .queries import Called

#: What the tokens of calls are made for, and the kind of their mails.
CALL = "call"
CALLED = "called"
_SUBJECTS = {
    "called": _("Einladung: %(title)s"),
    "called_changed": _("Geändert: %(title)s"),
    "called_updated": _("Aktualisiert: %(title)s"),
    "called_again": _("Aktueller Stand: %(title)s"),
    "called_off": _("Abgesagt: %(title)s"),
    "called_postponed": _("Verschoben: %(title)s"),
    "call_declined": _("Abgemeldet: %(title)s"),
    "standing_seat": _("Sie sind dabei: %(title)s"),
    "standing_waiting": _("Warteliste: %(title)s"),
    "standing_request": _("Anfrage erhalten: %(title)s"),
}
#: What stands for a token in a path, so that the path is built once for all.
_HERE = "0" * 32


def subject_of(event: Event) -> str:
    """What mails to the called are about, in the outbox."""
    return f"event:{event.id}"


def called(event: Event, people: Iterable[Called], *, at: datetime) -> Iterator[Mail]:
    """Ask people to come, by an entry that can be answered in their calendar (table 1.1 of calendar mail)."""
    return _mails(event, people, CALLED, "called", at=at, priority=9)


def called_changed(event: Event, people: Iterable[Called], changed: frozenset[str], *, at: datetime) -> Iterator[Mail]:
    """Time, place or text are different, and one can still answer."""
    subject = "called_changed" if changed & TIME_FIELDS else "called_updated"
    return _mails(event, people, "called_changed", subject, at=at, priority=6, revision=event.sequence, changed=changed)


def called_again(event: Event, person: Person, *, at: datetime) -> Iterator[Mail]:
    """The entry as it is now, for a calendar that has asked for it (RFC 5546 3.2.6)."""
    one, revision = Called(person.id, person.name, person.address, person.language, 0), int(at.timestamp())
    return _mails(event, [one], "called_changed", "called_again", at=at, priority=5, revision=revision)


def called_off(event: Event, people: Iterable[Called], *, at: datetime) -> Iterator[Mail]:
    """The date is off, for good or until there is a new one; the entry goes away."""
    subject = "called_postponed" if event.stage == "postponed" else "called_off"
    return _mails(event, people, "called_off", subject, at=at, priority=3, revision=event.sequence, method="CANCEL")


def call_declined(event: Event, person: Person, *, at: datetime) -> Iterator[Mail]:
    """You have said no on the page, so the entry goes away."""
    one = Called(person.id, person.name, person.address, person.language, 0)
    return _mails(
        event,
        [one],
        "call_declined",
        "call_declined",
        at=at,
        priority=5,
        revision=event.sequence,
        method="CANCEL",
        is_for_one=True,
    )


def _mails(  # noqa: PLR0913 - what differs between the occasions
    event: Event,
    people: Iterable[Called],
    kind: str,
    subject: str,
    *,
    at: datetime,
    priority: int,
    revision: int = 0,
    method: Method = "REQUEST",
    is_for_one: bool = False,
    changed: frozenset[str] = frozenset(),
) -> Iterator[Mail]:
    answer = absolute(url_for("events.called", token=_HERE))
    mine, account = absolute(url_for("belonging.mine", token=_HERE)), absolute(url_for("site.account"))
    stamp, about = calendar.stamp(at), subject_of(event)
    call_token, mine_token = tokens_for(CALL), tokens_for(MINE)
    forms: dict[str, FormDraft] = {}
    for one in people:
        if one.language not in forms:
            forms[one.language] = _form(event, kind, subject, one.language, method, changed, is_for_one=is_for_one)
        yield Mail(
            kind=kind,
            subject=about,
            revision=revision,
            recipient=one.address,
            form=forms[one.language],
            values={
                "name": one.name,
                "answer": answer.replace(_HERE, call_token(pair(event.id, one.person_id))),
                "mine": mine.replace(_HERE, mine_token(pair(one.community_id, one.person_id)))
                if one.community_id
                else account,
                "stamp": stamp,
                "attendee": calendar.attendee_line(one.name, one.address, "NEEDS-ACTION", asks=method == "REQUEST"),
            },
            priority=priority,
            expires_at=event.ends_at,
            has_secrets=True,
        )


def standing(
    event: Event,
    registered: Iterable[tuple[Registration, Person]],
    circles: Mapping[int, int],
    *,
    at: datetime,
) -> Iterator[Mail]:
    """You are registered because you always want to be; or you wait, or somebody has to say yes first.

    Circles are those of the standing yes, by the numbers of the people.
    """
    for registration, person in registered:
        subject = {State.CONFIRMED: "standing_seat", State.WAITING: "standing_waiting"}.get(
            registration.state, "standing_request"
        )
        is_confirmed, has_entry = registration.state == State.CONFIRMED, registration.state != State.REQUESTED
        own = {
            "name": person.name,
            "manage": absolute(messages.manage_href(registration)),
            "mine": absolute(url_for("belonging.mine", token=token_of(circles[person.id], person.id))),
        }
        if has_entry:
            part: calendar.Participation = "ACCEPTED" if is_confirmed else "TENTATIVE"
            own |= {
                "stamp": calendar.stamp(at),
                "attendee": calendar.attendee_line(person.name, person.address, part),
            }
        yield Mail(
            kind="standing",
            subject=f"registration:{registration.id}",
            recipient=person.address,
            form=_standing_form(event, subject, person.language, is_confirmed=is_confirmed, has_entry=has_entry),
            values=own,
            expires_at=event.ends_at,
        )


def _form(
    event: Event,
    kind: str,
    subject: str,
    language: str,
    method: Method,
    changed: frozenset[str],
    *,
    is_for_one: bool,
) -> FormDraft:
    def written() -> str:
        with force_locale(language):
            return calendar.for_mail(event, method, is_confirmed=False, is_for_one=is_for_one, is_asking=True)

    return draft(
        (event.id, event.version, event.changed_at, event.sequence, subject, changed),
        f"events/messages/{kind}",
        language=language,
        subject=_subject(event, subject, language),
        calendar=written,
        calendar_method=method,
        event=event,
        is_confirmed=False,
        changed=changed,
        showing=showing,
    )


def _standing_form(event: Event, subject: str, language: str, *, is_confirmed: bool, has_entry: bool) -> FormDraft:
    def written() -> str | None:
        if not has_entry:
            return None
        with force_locale(language):
            return calendar.for_mail(event, "REQUEST", is_confirmed=is_confirmed)

    return draft(
        (event.id, event.version, event.changed_at, event.sequence, subject),
        "events/messages/standing",
        language=language,
        subject=_subject(event, subject, language),
        calendar=written,
        calendar_method="REQUEST" if has_entry else None,
        event=event,
        is_confirmed=is_confirmed,
        has_entry=has_entry,
        showing=showing,
    )


def _subject(event: Event, subject: str, language: str) -> str:
    with force_locale(language):
        return str(_SUBJECTS[subject]) % {"title": event.title}


def circle_founded(circle: Community, event: Event, person: Person, *, at: datetime) -> Mail:
    """A community has come out of a date at which you were; whether you want to join."""
    with force_locale(person.language):
        subject = str(_("Machen Sie mit? %(title)s")) % {"title": circle.full_name}
    form = draft(
        (circle.id, circle.version, event.id, event.version),
        "events/messages/circle_founded",
        language=person.language,
        subject=subject,
        community=circle,
        event=event,
        is_confirmed=False,
        showing=showing,
    )
    return Mail(
        kind="circle_founded",
        subject=f"community:{circle.id}",
        recipient=person.address,
        form=form,
        values={"name": person.name, "mine": absolute(mine_href(circle, person))},
        priority=7,
        expires_at=at + LIFETIME,
        has_secrets=True,
    )
