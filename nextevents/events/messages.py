"""What we write to people about events: one function per occasion, each with a template pair of the same name.

A form is rendered once for each state of an event and shared by all who get it; see mailing.forms.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from textwrap import fill

from flask import url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from ..ground.tokens import code_for, token_for
from ..mailing.forms import FormDraft
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from ..people.models import Person, Proof
from . import calendar, queries, showing
from .calendar import Method, Participation
from .models import Event, Registration, State, Transfer

#: What the tokens of registrations are made for; another word than people.models.Purpose has for its proofs.
REGISTRATION = "manage"
REMINDER = "reminder"
TRANSFER = "transfer"
#: How long a mail about what is over may take to arrive.
AFTERWARDS = timedelta(days=5)
TIME_FIELDS = frozenset({"starts_local", "ends_local", "is_all_day"})


@dataclass(frozen=True)
class Entry:
    """The calendar entry that goes with a mail (table 1.1 of calendar mail)."""

    method: Method
    participation: Participation
    #: Whether the receiver is asked to answer.
    asks: bool = False
    #: Whether a CANCEL takes out one person, and the event goes on.
    is_for_one: bool = True


@dataclass(frozen=True)
class Occasion:
    """Why we write: the name of the templates, the subject, the entry, and how urgent it is."""

    name: str
    subject: str
    entry: Entry | None = None
    priority: int = 5
    #: The names of the event's fields that have changed.
    changed: frozenset[str] = frozenset()
    #: The organisers' own words in place of the standard text, as Markdown.
    text: str = ""
    #: Whether the event is more than a day ahead.
    is_far: bool = False


CONFIRM_ADDRESS = Occasion("confirm_address", _("Bitte bestätigen: %(title)s"), priority=1)
CONFIRM_FOR_COLLEAGUE = Occasion("confirm_for_colleague", _("Kommen Sie? %(title)s"), priority=1)
REGISTERED = Occasion("registered", _("Anmeldung bestätigt: %(title)s"), Entry("REQUEST", "ACCEPTED"))
WAITING = Occasion("waiting", _("Warteliste: %(title)s"), Entry("REQUEST", "TENTATIVE"))
SEAT_OFFERED = Occasion("seat_offered", _("Ein Platz ist frei: %(title)s"))
MOVED_UP = Occasion("moved_up", _("Sie sind dabei: %(title)s"), Entry("REQUEST", "ACCEPTED"))
OFFER_LAPSED = Occasion("offer_lapsed", _("Abgemeldet: %(title)s"), Entry("CANCEL", "TENTATIVE"))
CANCELLED_BY_YOU = Occasion("cancelled_by_you", _("Abgemeldet: %(title)s"), Entry("CANCEL", "ACCEPTED"))
DECLINED = Occasion("declined", _("Abgemeldet: %(title)s"))
REQUESTED = Occasion("requested", _("Anfrage erhalten: %(title)s"))
REFUSED = Occasion("refused", _("Leider kein Platz: %(title)s"))
REGISTERED_BY_OTHER = Occasion("registered_by_other", _("Sie sind angemeldet: %(title)s"), Entry("REQUEST", "ACCEPTED"))
CANCELLED_BY_ORGANISERS = Occasion(
    "cancelled_by_organisers", _("Abgemeldet: %(title)s"), Entry("CANCEL", "ACCEPTED"), priority=3
)
TRANSFER_OFFERED = Occasion("transfer_offered", _("Ein Platz für Sie: %(title)s"))
TRANSFERRED = Occasion("transferred", _("Platz übertragen: %(title)s"), Entry("CANCEL", "ACCEPTED"))
REMINDED = Occasion(REMINDER, _("Erinnerung: %(title)s"), priority=4)
FOLLOWED_UP = Occasion("follow_up", _("Nach dem Termin: %(title)s"), priority=6)
CERTIFIED = Occasion("certificate", _("Ihre Bescheinigung: %(title)s"), priority=6)
FEEDBACK_ASKED = Occasion("feedback_asked", _("Wie war es? %(title)s"), priority=7)
MOVED = Occasion("event_changed", _("Geändert: %(title)s"), Entry("REQUEST", "NEEDS-ACTION", asks=True), priority=6)
UPDATED = Occasion("event_changed", _("Aktualisiert: %(title)s"), Entry("REQUEST", "ACCEPTED"), priority=6)
ASKED_FOR = Occasion("event_changed", _("Aktueller Stand: %(title)s"), Entry("REQUEST", "ACCEPTED"))
EVENT_CANCELLED = Occasion(
    "event_cancelled", _("Abgesagt: %(title)s"), Entry("CANCEL", "ACCEPTED", is_for_one=False), priority=3
)
EVENT_POSTPONED = Occasion(
    "event_postponed", _("Verschoben: %(title)s"), Entry("CANCEL", "ACCEPTED", is_for_one=False), priority=3
)


def subject_of(registration: Registration) -> str:
    """What mails about a registration are about, in the outbox."""
    return f"registration:{registration.id}"


def manage_href(registration: Registration) -> str:
    """The page on which somebody sees and changes a registration without signing in."""
    return url_for("events.manage", token=token_of(registration))


def token_of(registration: Registration) -> str:
    """What leads to the pages of a registration without signing in."""
    return token_for(REGISTRATION, registration.id)


def confirm_address(event: Event, person: Person, proof: Proof) -> Mail:
    """Ask whoever has this address whether the registration is theirs. Holds nothing that the asker typed."""
    return _asking(CONFIRM_ADDRESS, event, person, proof)


def confirm_for_colleague(event: Event, person: Person, proof: Proof) -> Mail:
    """Ask somebody whether they want the place that a colleague holds for them. Holds nothing that was typed."""
    return _asking(CONFIRM_FOR_COLLEAGUE, event, person, proof)


def _asking(occasion: Occasion, event: Event, person: Person, proof: Proof) -> Mail:
    return Mail(
        kind=occasion.name,
        subject=f"proof:{proof.id}",
        recipient=person.address,
        form=_form(event, person.language, occasion),
        values={
            "confirm": absolute(url_for("events.confirm", token=token_for(proof.purpose, proof.id))),
            "code": code_for(proof.purpose, proof.id),
        },
        priority=occasion.priority,
        expires_at=proof.expires_at,
        has_secrets=True,
    )


def registered(registration: Registration, *, at: datetime) -> Mail:
    """The seat is sure."""
    return _to(registration, REGISTERED, at=at)


def waiting(registration: Registration, *, at: datetime) -> Mail:
    """No seat yet, and the place in the queue."""
    return _to(registration, WAITING, at=at, values={"position": str(queries.waiting_position(registration))})


def seat_offered(registration: Registration, *, at: datetime) -> Mail:
    """A seat is held, and until when it can be accepted."""
    until = registration.expires_at or registration.event.starts_at
    with force_locale(registration.person.language):
        values = {"until": showing.time_label(until)}
    return _to(registration, SEAT_OFFERED, at=at, values=values, revision=registration.revision, until=until)


def moved_up(registration: Registration, *, at: datetime) -> Mail:
    """The wait is over."""
    return _to(registration, MOVED_UP, at=at)


def offer_lapsed(registration: Registration, *, at: datetime) -> Mail:
    """The offered seat went to somebody else."""
    return _to(registration, OFFER_LAPSED, at=at, revision=registration.revision)


def cancelled_by_you(registration: Registration, *, at: datetime) -> Mail:
    """You are out, and how to come back."""
    return _to(registration, CANCELLED_BY_YOU, at=at, revision=registration.revision)


def declined(registration: Registration, *, at: datetime) -> Mail:
    """You have declined in your calendar, which has done its part already; and how to come back."""
    return _to(registration, DECLINED, at=at, revision=registration.revision)


def requested(registration: Registration, *, at: datetime) -> Mail:
    """We have the request, and somebody will look at it."""
    return _to(registration, REQUESTED, at=at)


def refused(registration: Registration, *, has_entry: bool = False, at: datetime) -> Mail:
    """The request was refused, and why; the entry of whoever was called goes away."""
    occasion = replace(REFUSED, entry=Entry("CANCEL", "TENTATIVE")) if has_entry else REFUSED
    return _to(registration, occasion, at=at, values={"reason": wrapped(registration.reason)})


def registered_by_other(registration: Registration, by: Person, *, at: datetime) -> Mail:
    """The seat is sure, and who has registered the receiver."""
    return _to(registration, REGISTERED_BY_OTHER, at=at, values={"by": by.name})


def cancelled_by_organisers(registration: Registration, *, at: datetime) -> Mail:
    """You are out, and what the organisers say about it."""
    values = {"reason": wrapped(registration.reason)}
    return _to(registration, CANCELLED_BY_ORGANISERS, at=at, values=values, revision=registration.revision)


def transfer_offered(transfer: Transfer, language: str) -> Mail:
    """A colleague's seat can be yours, and where to say yes or no."""
    event = transfer.registration.event
    with force_locale(language):
        until = showing.time_label(transfer.expires_at)
    return Mail(
        kind=TRANSFER_OFFERED.name,
        subject=f"transfer:{transfer.id}",
        recipient=transfer.address,
        form=_form(event, language, TRANSFER_OFFERED),
        values={
            "name": transfer.name,
            "giver": transfer.registration.name,
            "until": until,
            "answer": absolute(url_for("events.transfer", token=token_for(TRANSFER, transfer.id))),
        },
        priority=TRANSFER_OFFERED.priority,
        expires_at=transfer.expires_at,
        has_secrets=True,
    )


def transferred(registration: Registration, taker: str, *, at: datetime) -> Mail:
    """The seat is a colleague's now, and the entry goes away."""
    return _to(registration, TRANSFERRED, at=at, values={"taker": taker}, revision=registration.revision)


def wrapped(typed: str) -> str:
    """One paragraph in lines of 76 characters: right for plain text, and nothing to HTML."""
    return fill(typed, 76, break_long_words=False, break_on_hyphens=False)


@dataclass(frozen=True)
class Reminding:
    """One planned reminder: its moment, until when it may be sent, and the organisers' own words, if any."""

    due_at: datetime
    until: datetime
    text: str = ""


def reminder(registration: Registration, words: Reminding | None = None, *, at: datetime) -> Mail:
    """Soon, or afterwards; a day before unless said otherwise. Its moment makes a second one impossible."""
    event = registration.event
    words = words or Reminding(event.starts_at - timedelta(days=1), event.starts_at)
    occasion = REMINDED if words.due_at < event.starts_at else FOLLOWED_UP
    is_far = words.due_at < event.starts_at - timedelta(days=1)
    occasion = replace(occasion, text=words.text, is_far=is_far)
    return _to(registration, occasion, at=at, revision=int(words.due_at.timestamp()), until=words.until)


def certificate(registration: Registration, *, at: datetime) -> Mail:
    """The certificate can be fetched; it does not travel in the mail (rule C-08)."""
    token = token_for(REGISTRATION, registration.id)
    paper = {"paper": absolute(url_for("events.certificate_file", token=token))}
    return _to(registration, CERTIFIED, at=at, values=paper, until=at + AFTERWARDS)


def feedback_asked(registration: Registration, *, at: datetime) -> Mail:
    """Two questions and a free text, without a name."""
    token = token_for(REGISTRATION, registration.id)
    form = {"feedback": absolute(url_for("events.feedback", token=token))}
    return _to(registration, FEEDBACK_ASKED, at=at, values=form, until=at + AFTERWARDS)


def event_changed(
    event: Event, registrations: Iterable[Registration], changed: frozenset[str], *, at: datetime
) -> Iterator[Mail]:
    """Time, place or text are different: to everybody who has the entry, with the new one."""
    occasion = replace(MOVED if changed & TIME_FIELDS else UPDATED, changed=changed)
    tentative = replace(occasion, entry=Entry("REQUEST", "TENTATIVE"))
    for registration in registrations:
        is_sure = registration.state == State.CONFIRMED
        yield _to(registration, occasion if is_sure else tentative, at=at, revision=event.sequence)


def entry_again(registration: Registration, *, at: datetime) -> Mail:
    """The entry as it is now, for a calendar that has asked for it (RFC 5546 3.2.6)."""
    is_sure = registration.state == State.CONFIRMED
    occasion = ASKED_FOR if is_sure else replace(ASKED_FOR, entry=Entry("REQUEST", "TENTATIVE"))
    return _to(registration, occasion, at=at, revision=int(at.timestamp()))


def event_cancelled(registrations: Iterable[Registration], *, at: datetime) -> Iterator[Mail]:
    """The event does not take place: to everybody who has the entry, which goes away."""
    for registration in registrations:
        yield _to(registration, EVENT_CANCELLED, at=at)


def event_postponed(registrations: Iterable[Registration], *, at: datetime) -> Iterator[Mail]:
    """The date is off and a new one follows: the entry goes away, the place stays."""
    for registration in registrations:
        yield _to(registration, EVENT_POSTPONED, at=at, revision=registration.event.sequence)


def _to(
    registration: Registration,
    occasion: Occasion,
    *,
    at: datetime,
    values: Mapping[str, str] | None = None,
    revision: int = 0,
    until: datetime | None = None,
) -> Mail:
    """A mail about a registration: the occasion's form, and what is this receiver's own."""
    event, person, entry = registration.event, registration.person, occasion.entry
    own = {"name": registration.name, "manage": absolute(manage_href(registration))}
    if entry:
        own["stamp"] = calendar.stamp(at)
        own["attendee"] = calendar.attendee_line(
            registration.name, person.address, entry.participation, asks=entry.asks
        )
    is_confirmed = registration.state in {State.CONFIRMED, State.ATTENDED}
    return Mail(
        kind=occasion.name,
        subject=subject_of(registration),
        revision=revision,
        recipient=person.address,
        form=_form(event, person.language, occasion, is_confirmed=is_confirmed),
        values=own | dict(values or {}),
        priority=occasion.priority,
        expires_at=until or event.ends_at,
    )


def _form(event: Event, language: str, occasion: Occasion, *, is_confirmed: bool = False) -> FormDraft:
    """The occasion's form for this state of the event, in this language."""
    entry = occasion.entry
    method = entry.method if entry else None

    def written() -> str | None:
        if entry is None:
            return None
        with force_locale(language):
            return calendar.for_mail(event, entry.method, is_confirmed=is_confirmed, is_for_one=entry.is_for_one)

    with force_locale(language):
        subject = str(occasion.subject) % {"title": event.title}
    return draft(
        (
            *(event.id, event.version, event.changed_at, event.sequence, subject, method, is_confirmed),
            *(occasion.changed, occasion.text, occasion.is_far),
        ),
        f"events/messages/{occasion.name}",
        language=language,
        subject=subject,
        calendar=written,
        calendar_method=method,
        event=event,
        is_confirmed=is_confirmed,
        changed=occasion.changed,
        own_text=occasion.text,
        is_far=occasion.is_far,
        showing=showing,
    )
