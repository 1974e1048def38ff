"""How the office's matters are said: events as it looks at them, two versions side by side, mails and their states."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import format_date, format_time
from flask_babel import gettext as _
from wtforms import BooleanField, DateField, Field, SelectField, TimeField

from ..events import showing
from ..events.models import Event, Stage
from ..events.showing import Month, Row
from ..mailing.models import State
from .forms import EventForm

ABOUT_SAVING = frozenset({"csrf_token", "tells_text_changes", "version"})


def row_of(event: Event, at: datetime) -> Row:
    """An event as a row that leads to its form and says how full it is."""
    row = showing.row_of(event, at)
    meta = " · ".join(filter(None, (row.meta, _taken(event, at))))
    row = replace(row, href=url_for("office.edit_event", slug=event.slug), meta=meta)
    return replace(row, state="last", state_label=stage_word(event.stage)) if event.stage == Stage.DRAFT else row


def _taken(event: Event, at: datetime) -> str:
    if not event.takes_registrations:
        return _("Anmeldung bei anderen") if event.ends_at > at else ""
    if event.capacity is None:
        return _("%(taken)s angemeldet", taken=event.seats_taken)
    return _("%(taken)s von %(all)s Plätzen belegt", taken=event.seats_taken, all=event.capacity)


def months(events: Iterable[Event], at: datetime) -> list[Month]:
    """Events under their months, in the order given."""
    return showing.by_month((event.starts_local, row_of(event, at)) for event in events)


def stage_word(stage: Stage) -> str:
    """How far an event is."""
    return {
        Stage.DRAFT: _("Entwurf"),
        Stage.PUBLISHED: _("veröffentlicht"),
        Stage.CANCELLED: _("abgesagt"),
    }[stage]


@dataclass(frozen=True)
class Difference:
    """A field in which two versions of a form are not alike, in words."""

    label: str
    mine: str
    theirs: str


def differences(mine: EventForm, theirs: EventForm) -> list[Difference]:
    """The fields of an event in which what was typed is not what stands."""
    pairs = [(one, theirs[one.short_name]) for one in mine if one.short_name not in ABOUT_SAVING]
    in_words = [Difference(str(one.label.text), _words_of(one), _words_of(other)) for one, other in pairs]
    return [found for found in in_words if found.mine != found.theirs]


def _words_of(field: Field) -> str:
    value: Any = field.data
    if isinstance(field, BooleanField):
        return _("ja") if value else _("nein")
    if value is None or value == "":
        return ""
    if isinstance(field, SelectField):
        choices: Any = field.choices
        return next((str(label) for choice, label in choices if choice == value), "")
    if isinstance(field, DateField):
        return format_date(value, "medium")
    return format_time(value, "H:mm") if isinstance(field, TimeField) else str(value).strip()


def kind_word(kind: str) -> str:
    """What a mail is for."""
    return {
        "sign_in": _("Zugangscode"),
        "confirm_address": _("Adresse bestätigen"),
        "registered": _("Anmeldebestätigung"),
        "waiting": _("Warteliste"),
        "seat_offered": _("Platz angeboten"),
        "moved_up": _("Nachgerückt"),
        "offer_lapsed": _("Angebot verfallen"),
        "cancelled_by_you": _("Abmeldung"),
        "reminder": _("Erinnerung"),
        "event_changed": _("Termin geändert"),
        "event_cancelled": _("Termin abgesagt"),
    }.get(kind, kind)


def mail_state_word(state: State) -> str:
    """Where a mail is."""
    return {
        State.QUEUED: _("wartet"),
        State.CLAIMED: _("geht gerade hinaus"),
        State.SENT: _("gesendet"),
        State.DEFERRED: _("später noch einmal"),
        State.FAILED: _("gescheitert"),
        State.UNCERTAIN: _("ungewiss"),
    }[state]


def answer_label(answer: str) -> str:
    """The last word on a mail: our own in the reader's language, a server's as it came."""
    return {
        "kept here": _("hier aufbewahrt"),
        "expired before it left": _("verfallen, bevor sie hinausging"),
        "the connection broke before the answer": _("Die Verbindung brach vor der Antwort ab."),
        "the form cannot become a mail": _("Die Vorlage ergibt keine gültige Mail."),
        "the worker stopped meanwhile": _("unterbrochen, vielleicht schon angekommen"),
    }.get(answer, answer)
