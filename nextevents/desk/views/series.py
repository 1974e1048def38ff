"""The dates that one rule has made: looking at them together, and changing several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...events import queries as events
from ...events import rules, services, showing
from ...events.errors import ChangedMeanwhile
from ...events.models import Event, Stage
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.text import number_typed
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.event import CancellationForm
from ..forms.series import MoveForm, SeriesChangeForm, move_prefix
from ..planning import Mark, marks_of


@bp.get("/veranstaltungen/<slug>/verwalten/serie/")
@open_to(organisers)
def series(slug: str) -> ResponseReturnValue:
    """All dates of the series to which this event belongs."""
    event = event_here(slug)
    return _page(event, SeriesChangeForm.of(event))


def _dates(event: Event) -> list[Event]:
    """The dates of the series that this person organises."""
    if event.series_id is None:
        raise NotFound
    found = events.dates_of_series(event.series_id)
    return [one for one in found if rules.may_organise(current_person(), one)]


@dataclass(frozen=True)
class Row:
    """One date on the page of its series; without forms when there is nothing left to change."""

    event: Event
    mark: Mark
    moving: MoveForm | None = None
    skipping: CancellationForm | None = None

    @property
    def is_open(self) -> bool:
        """Whether its forms show, because one of them was refused."""
        return any(form is not None and form.errors for form in (self.moving, self.skipping))


def _page(
    event: Event,
    form: SeriesChangeForm,
    refusals: Sequence[services.Changed] = (),
    *,
    moving: MoveForm | None = None,
    skipping: CancellationForm | None = None,
) -> str:
    """The page as seen from one date, with that date's own forms where they were refused."""
    at, dates = clock.now(), _dates(event)
    spans = [events.Span(one.starts_at, one.ends_at, one.starts_local, one.ends_local) for one in dates]
    return render_template(
        "desk/series.html",
        section="desk",
        event=event,
        rows=[
            _row(one, mark, at, *((moving, skipping) if one is event else (None, None)))
            for one, mark in zip(dates, marks_of(spans, but=[one.id for one in dates]), strict=True)
        ],
        drafts=len(_coming_drafts(dates, at=at)),
        form=form,
        refused=next((one for one in (moving, skipping) if one and one.errors), form),
        refusals=refusals,
        chosen=set(request.form.getlist("termin")),
        showing=showing,
        at=at,
    )


def _row(event: Event, mark: Mark, at: datetime, moving: MoveForm | None, skipping: CancellationForm | None) -> Row:
    if not _can_change(event, at=at):
        return Row(event, mark)
    is_within_a_day = not event.is_all_day and event.starts_local.date() == event.ends_local.date()
    if is_within_a_day:
        moving = moving or MoveForm.of(event)
    return Row(event, mark, moving, skipping or _skip_form(event, typed=False))


def _skip_form(event: Event, *, typed: bool) -> CancellationForm:
    """The form that leaves a date out; a draft has nobody to tell."""
    form = CancellationForm(request.form if typed else None, prefix=f"ausfallen-{event.id}")
    if event.stage == Stage.DRAFT:
        form.is_meant.label.text = _("Ja, diesen Entwurf löschen. Gesehen hat ihn noch niemand.")
        del form.cancellation_notice
    return form


def _can_change(event: Event, *, at: datetime) -> bool:
    return event.stage != Stage.CANCELLED and event.ends_at > at


@bp.post("/veranstaltungen/<slug>/verwalten/serie/")
@open_to(organisers)
def change_series(slug: str) -> ResponseReturnValue:
    """Change what several dates have in common; each tells its own people."""
    event, form, at = event_here(slug), SeriesChangeForm(), clock.now()
    dates = _dates(event)
    if not form.validate():
        return _page(event, form), 422
    if _read_version(f"version-{event.id}") != event.version:
        return _page(event, form, [services.Changed(event, refusal=str(ChangedMeanwhile()))]), 409
    chosen = [one for one in dates if _can_change(one, at=at) and _is_meant(one, event, form.which.data)]
    wish = form.wish(event)
    with transaction():
        told = services.change_dates(
            [(one, _read_version(f"version-{one.id}")) for one in chosen],
            wish,
            tells_text_changes=form.tells_text_changes.data,
            at=at,
        )
    refusals = [one for one in told if one.refusal]
    count = sum(1 for one in told if one.names)
    if refusals:
        if count:
            flash(_changed_words(count), "success")
        return _page(events.event_with_slug(slug, with_drafts=True), form, refusals), 409
    flash(_changed_words(count) if count else _("Es war nichts zu ändern."), "success")
    return redirect(url_for(".series", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/serie/veroeffentlichen")
@open_to(organisers)
def publish_dates(slug: str) -> ResponseReturnValue:
    """Show all drafts of a series that are still to come, and call the people of their circles."""
    at, dates = clock.now(), _dates(_date_of_series(slug))
    drafts = _coming_drafts(dates, at=at)
    with transaction():
        for one in drafts:
            services.publish_event(one, at=at)
    count = len(drafts)
    flash(ngettext("%(num)s Termin ist veröffentlicht.", "%(num)s Termine sind veröffentlicht.", count), "success")
    return redirect(url_for(".series", slug=slug), code=303)


def _coming_drafts(dates: Sequence[Event], *, at: datetime) -> list[Event]:
    return [one for one in dates if one.stage == Stage.DRAFT and one.ends_at > at]


def _changed_words(count: int) -> str:
    return ngettext("%(num)s Termin ist geändert.", "%(num)s Termine sind geändert.", count)


def _read_version(name: str) -> int:
    """The version of a date that was on the page."""
    return number_typed(request.form.get(name))


def _is_meant(one: Event, event: Event, which: str) -> bool:
    if which == "chosen":
        return one.slug in request.form.getlist("termin")
    return which == "all" or one.starts_at >= event.starts_at


@bp.post("/veranstaltungen/<slug>/verwalten/serie/verlegen")
@open_to(organisers)
def move_date(slug: str) -> ResponseReturnValue:
    """Hold this one date of a series at another time."""
    event, form = _date_of_series(slug), MoveForm(request.form, prefix=move_prefix(event_here(slug)))
    if not form.validate():
        return _page(event, SeriesChangeForm.of(event), moving=form), 422
    version = _read_version(form.version.name)
    try:
        with transaction():
            changed = services.move_date(event, form.starts_local, form.ends_local, version=version, at=clock.now())
    except ChangedMeanwhile as refusal:
        event = events.event_with_slug(slug, with_drafts=True)
        form.version.process_data(str(event.version))
        add_error(form.day, str(refusal))
        return _page(event, SeriesChangeForm.of(event), moving=form), 409
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".series", slug=slug), code=303)
    told = _("Verlegt: %(when)s.", when=showing.when_label(event))
    flash(told if changed else _("Es war nichts zu ändern."), "success")
    return redirect(url_for(".series", slug=slug), code=303)


def _date_of_series(slug: str) -> Event:
    event = event_here(slug)
    if event.series_id is None:
        raise NotFound
    return event


@bp.post("/veranstaltungen/<slug>/verwalten/serie/auslassen")
@open_to(organisers)
def skip_date(slug: str) -> ResponseReturnValue:
    """Leave this one date of a series out."""
    event = _date_of_series(slug)
    form, is_draft, when = _skip_form(event, typed=True), event.stage == Stage.DRAFT, showing.when_label(event)
    if not form.validate():
        return _page(event, SeriesChangeForm.of(event), skipping=form), 422
    others = [one for one in _dates(event) if one is not event]
    notice = "" if is_draft else form.cancellation_notice.data
    try:
        with transaction():
            services.skip_date(event, notice or "", at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".series", slug=slug), code=303)
    if not is_draft:
        flash(_("Abgesagt: %(when)s. Alle Angemeldeten bekommen eine Mail.", when=when), "success")
        return redirect(url_for(".series", slug=slug), code=303)
    flash(_("Gelöscht: %(when)s.", when=when), "success")
    if others:
        return redirect(url_for(".series", slug=others[0].slug), code=303)
    return redirect(url_for(".index"), code=303)
