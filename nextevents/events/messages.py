"""What we write to people about events: one function per occasion, each with a template pair of the same name.

A form is rendered once for each state of an event and shared by all who get it; see mailing.forms.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ..ground.tokens import code_for, token_for
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from ..people.models import Person, Proof
from . import calendar, queries, showing
from .calendar import Participation
from .models import Event, Registration, State

REGISTRATION = "registration"
REMINDER = "reminder"
UPDATED_TIME = frozenset({"starts_local", "ends_local", "is_all_day"})


def manage_href(registration: Registration) -> str:
    """The page on which somebody sees and changes a registration without signing in."""
    return url_for("events.manage", token=token_for(REGISTRATION, registration.id))


def confirm_address(event: Event, person: Person, proof: Proof) -> Mail:
    """Ask whoever has this address whether the registration is theirs. Holds nothing that the asker typed."""
    language = person.language
    with force_locale(language):
        subject = _("Bitte bestätigen: %(title)s", title=event.title)
    form = draft(
        _version(event),
        "events/messages/confirm_address",
        language=language,
        subject=subject,
        event=event,
        showing=showing,
    )
    return Mail(
        kind="confirm_address",
        subject=f"proof:{proof.id}",
        recipient=person.address,
        form=form,
        values={
            "confirm": absolute(url_for("events.confirm", token=token_for(proof.purpose, proof.id))),
            "code": code_for(proof.purpose, proof.id),
        },
        priority=1,
        expires_at=proof.expires_at,
        has_secrets=True,
    )


def registered(registration: Registration, *, at: datetime) -> Mail:
    """The seat is sure."""
    with force_locale(registration.person.language):
        subject = _("Anmeldung bestätigt: %(title)s", title=registration.event.title)
    return _to(registration, "registered", subject, "REQUEST", "ACCEPTED", at=at)


def waiting(registration: Registration, *, at: datetime) -> Mail:
    """No seat yet, and the place in the queue."""
    with force_locale(registration.person.language):
        subject = _("Warteliste: %(title)s", title=registration.event.title)
    values = {"position": str(queries.waiting_position(registration))}
    return _to(registration, "waiting", subject, "REQUEST", "TENTATIVE", at=at, values=values)


def seat_offered(registration: Registration, *, at: datetime) -> Mail:
    """A seat is held, and until when it can be accepted."""
    until = registration.expires_at or registration.event.starts_at
    with force_locale(registration.person.language):
        subject = _("Ein Platz ist frei: %(title)s", title=registration.event.title)
        values = {"until": showing.time_label(until)}
    return _to(registration, "seat_offered", subject, at=at, values=values, revision=registration.revision, until=until)


def moved_up(registration: Registration, *, at: datetime) -> Mail:
    """The wait is over."""
    with force_locale(registration.person.language):
        subject = _("Sie sind dabei: %(title)s", title=registration.event.title)
    return _to(registration, "moved_up", subject, "REQUEST", "ACCEPTED", at=at)


def offer_lapsed(registration: Registration, *, at: datetime) -> Mail:
    """The offered seat went to somebody else."""
    with force_locale(registration.person.language):
        subject = _("Abgemeldet: %(title)s", title=registration.event.title)
    return _to(registration, "offer_lapsed", subject, "CANCEL", "TENTATIVE", at=at, revision=registration.revision)


def cancelled_by_you(registration: Registration, *, at: datetime) -> Mail:
    """You are out, and how to come back."""
    with force_locale(registration.person.language):
        subject = _("Abgemeldet: %(title)s", title=registration.event.title)
    return _to(registration, "cancelled_by_you", subject, "CANCEL", "ACCEPTED", at=at, revision=registration.revision)


def reminder(registration: Registration, *, at: datetime) -> Mail:
    """Tomorrow."""
    event = registration.event
    with force_locale(registration.person.language):
        subject = _("Erinnerung: %(title)s", title=event.title)
    return _to(
        registration, REMINDER, subject, at=at, revision=reminder_revision(event), until=event.starts_at, priority=4
    )


def reminder_revision(event: Event) -> int:
    """The date as a number: a moved date is reminded of anew."""
    return int(event.starts_at.timestamp())


def event_changed(
    event: Event, registrations: Iterable[Registration], changed: frozenset[str], *, at: datetime
) -> Iterator[Mail]:
    """Time, place or text are different: to everybody who has the entry, with the new one."""
    is_moved = bool(changed & UPDATED_TIME)
    for registration in registrations:
        with force_locale(registration.person.language):
            prefix = _("Geändert: %(title)s", title=event.title) if is_moved else None
            subject = prefix or _("Aktualisiert: %(title)s", title=event.title)
        yield _to(
            registration,
            "event_changed",
            subject,
            "REQUEST",
            _participation_after(registration, is_moved=is_moved),
            at=at,
            revision=event.sequence,
            asks=is_moved and registration.state == State.CONFIRMED,
            changed=frozenset(changed),
            priority=6,
        )


def _participation_after(registration: Registration, *, is_moved: bool) -> Participation:
    if registration.state != State.CONFIRMED:
        return "TENTATIVE"
    return "NEEDS-ACTION" if is_moved else "ACCEPTED"


def event_cancelled(event: Event, registrations: Iterable[Registration], *, at: datetime) -> Iterator[Mail]:
    """The event does not take place: to everybody who has the entry, which goes away."""
    for registration in registrations:
        with force_locale(registration.person.language):
            subject = _("Abgesagt: %(title)s", title=event.title)
        yield _to(registration, "event_cancelled", subject, "CANCEL", "ACCEPTED", at=at, is_for_one=False, priority=3)


def _version(event: Event) -> tuple[int, int, int]:
    return event.id, event.version, event.sequence


def _to(
    registration: Registration,
    occasion: str,
    subject: str,
    method: calendar.Method | None = None,
    participation: Participation = "ACCEPTED",
    *,
    at: datetime,
    values: dict[str, str] | None = None,
    revision: int = 0,
    until: datetime | None = None,
    asks: bool = False,
    is_for_one: bool = True,
    changed: frozenset[str] = frozenset(),
    priority: int = 5,
) -> Mail:
    """A mail about a registration: the occasion's form, and what is this receiver's own."""
    event, person = registration.event, registration.person
    is_confirmed = registration.state in {State.CONFIRMED, State.ATTENDED}
    form = _form(event, person.language, occasion, subject, method, is_confirmed, is_for_one, changed)
    own = {
        "name": registration.name,
        "manage": absolute(manage_href(registration)),
    }
    if method:
        own["stamp"] = calendar.stamp(at)
        own["attendee"] = calendar.attendee_line(registration.name, person.address, participation, asks=asks)
    return Mail(
        kind=occasion,
        subject=f"registration:{registration.id}",
        revision=revision,
        recipient=person.address,
        form=form,
        values=own | (values or {}),
        priority=priority,
        expires_at=until or event.ends_at,
    )


def _form(
    event: Event,
    language: str,
    occasion: str,
    subject: str,
    method: calendar.Method | None,
    is_confirmed: bool,  # noqa: FBT001 - one of the form's own marks, passed by position from one place
    is_for_one: bool,  # noqa: FBT001
    changed: frozenset[str],
) -> Any:
    def written() -> str | None:
        with force_locale(language):
            return (
                calendar.for_mail(event, method, is_confirmed=is_confirmed, is_for_one=is_for_one) if method else None
            )

    return draft(
        (*_version(event), subject, method, is_confirmed, is_for_one, changed),
        f"events/messages/{occasion}",
        language=language,
        subject=subject,
        calendar=written,
        calendar_method=method,
        event=event,
        is_confirmed=is_confirmed,
        changed=changed,
        showing=showing,
    )
