"""How an organiser's matters are said: events as rows, how far an event is, two versions side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app, request, url_for
from flask_babel import format_date, format_time
from flask_babel import gettext as _
from wtforms import BooleanField, DateField, Field, RadioField, SelectField, SelectMultipleField, TimeField

from ..communities import queries as communities
from ..communities.models import Community, Kind
from ..events import showing
from ..events.models import Announcement, Event, QuestionKind, Stage, State
from ..events.queries import Reply
from ..events.services import InviteeOutcome
from ..events.showing import Month, Row
from .forms import ABOUT_SAVING
from .forms.event import EventForm


def circle_pages(community: Community) -> list[dict[str, object]]:
    """The pages of a circle's desk, for the row of links above each of them."""
    pages = {
        "desk.circle": _("Überblick"),
        "desk.edit_circle": _("Angaben"),
        "desk.circle_leads": _("Leitung"),
        "desk.circle_list": _("Verteiler"),
        "desk.planning": _("Planen"),
        "desk.polls": _("Terminumfragen"),
        "desk.turns": _("Gastgebende"),
        "desk.documents": _("Unterlagen"),
        "desk.results": _("Ergebnisse"),
    }
    return [
        {"label": label, "href": url_for(page, slug=community.slug), "is_current": request.endpoint == page}
        for page, label in pages.items()
        if page in current_app.view_functions and (page != "desk.results" or _publishes(community))
    ]


def _publishes(community: Community) -> bool:
    """Whether a circle makes something to publish: workshops, and whoever took over what one has made."""
    return community.kind == Kind.WORKSHOP or communities.has_results(community)


def row_of(event: Event, at: datetime) -> Row:
    """An event as a row that leads to its form and says how full it is."""
    row = showing.row_of(event, at)
    meta = " · ".join(filter(None, (row.meta, _taken(event, at))))
    row = replace(row, href=url_for("desk.overview", slug=event.slug), meta=meta)
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
        Stage.POSTPONED: _("verschoben"),
        Stage.CANCELLED: _("abgesagt"),
    }[stage]


@dataclass(frozen=True)
class Difference:
    """A field in which two versions of a form are not alike, in words."""

    label: str
    mine: str
    theirs: str
    #: Where on the page it is typed.
    href: str = ""


def differences(mine: Iterable[Any], theirs: Any) -> list[Difference]:
    """The fields of a form in which what was typed is not what stands."""
    return [one for _name, one in _differing(mine, theirs)]


def _differing(mine: Iterable[Any], theirs: Any) -> list[tuple[str, Difference]]:
    pairs = [(one, theirs[one.short_name]) for one in mine if one.short_name not in ABOUT_SAVING]
    found = [(one.short_name, Difference(*_both_sides(one, other))) for one, other in pairs]
    return [(name, one) for name, one in found if one.mine != one.theirs]


def _both_sides(mine: Field, theirs: Field) -> tuple[str, str, str, str]:
    is_group = isinstance(mine, SelectMultipleField | RadioField)
    return str(mine.label.text), _words_of(mine), _words_of(theirs), f"#{mine.id}{'-0' if is_group else ''}"


@dataclass(frozen=True)
class Clash:
    """Two versions of an event, one typed and one saved meanwhile, by who changed what since both were opened.

    Where only the others changed something, `mine` is what stood before; where only this person did, `theirs` is.
    """

    by_both: list[Difference]
    only_mine: list[Difference]
    only_theirs: list[Difference]


def clash_of(mine: EventForm, theirs: EventForm) -> Clash:
    """What was typed beside what stands; without knowing what stood before, everything is changed by both."""
    found = _differing(mine, theirs)
    kept_here, kept_there = mine.untouched_since(mine.opened_words()), theirs.untouched_since(mine.opened_words())
    return Clash(
        by_both=[one for name, one in found if name not in kept_here | kept_there],
        only_mine=[one for name, one in found if name in kept_there],
        only_theirs=[one for name, one in found if name in kept_here],
    )


def _words_of(field: Field) -> str:
    value: Any = field.data
    if isinstance(field, BooleanField):
        return _("ja") if value else _("nein")
    if value is None or value == "":
        return ""
    choices: Any = getattr(field, "choices", None)
    if isinstance(field, SelectMultipleField):
        return ", ".join(str(label) for choice, label in choices if choice in value)
    if isinstance(field, SelectField):
        return next((str(label) for choice, label in choices if choice == value), "")
    if isinstance(field, DateField):
        return format_date(value, "medium")
    return format_time(value, "H:mm") if isinstance(field, TimeField) else str(value).strip()


def invitee_word(outcome: InviteeOutcome) -> str:
    """What becomes of one row of a pasted list."""
    return {
        InviteeOutcome.NEW: _("wird eingeladen"),
        InviteeOutcome.KNOWN: _("ist schon eingeladen"),
        InviteeOutcome.REGISTERED: _("ist schon angemeldet"),
        InviteeOutcome.DOUBLED: _("steht doppelt da"),
        InviteeOutcome.UNREADABLE: _("nicht lesbar"),
    }[outcome]


def reply_word(reply: Reply) -> str:
    """How an invitation was answered."""
    return {
        Reply.SILENT: _("noch keine Antwort"),
        Reply.ACCEPTED: _("zugesagt"),
        Reply.DECLINED: _("abgesagt"),
        Reply.WITHDRAWN: _("wieder abgemeldet"),
    }[reply]


def chosen_words(announcement: Announcement) -> str:
    """Whom an announcement went to."""
    chosen = announcement.chosen
    states = [showing.state_word(State(state)) for state in chosen.get("states", [])]
    return " · ".join(filter(None, (", ".join(states), chosen.get("answer"), chosen.get("body"))))


def question_kind_word(kind: QuestionKind) -> str:
    """How a question is answered."""
    return {
        QuestionKind.LINE: _("eine Zeile Text"),
        QuestionKind.TEXT: _("längerer Text"),
        QuestionKind.ONE_OF: _("eine Antwort aus mehreren"),
        QuestionKind.SEVERAL_OF: _("mehrere Antworten"),
        QuestionKind.YES_NO: _("ja oder nein"),
        QuestionKind.NUMBER: _("eine Zahl"),
        QuestionKind.FILE: _("eine Datei"),
    }[kind]
