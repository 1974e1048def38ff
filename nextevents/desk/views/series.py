"""The dates that one rule has made: looking at them together, and changing several at once."""

import re
from collections.abc import Sequence
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
from ...ground.errors import NotFound
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.scheduling import SeriesChangeForm
from ..planning import marks_of

_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


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


def _page(event: Event, form: SeriesChangeForm, refusals: Sequence[services.Changed] = ()) -> str:
    at, dates = clock.now(), _dates(event)
    spans = [events.Span(one.starts_at, one.ends_at, one.starts_local, one.ends_local) for one in dates]
    return render_template(
        "desk/series.html",
        section="desk",
        event=event,
        dates=dates,
        marks=marks_of(spans, but=[one.id for one in dates]),
        form=form,
        refusals=refusals,
        chosen=set(request.form.getlist("termin")),
        can_change={one.id for one in dates if _can_change(one, at=at)},
        showing=showing,
        at=at,
    )


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
    if _version_of(event) != event.version:
        return _page(event, form, [services.Changed(event, refusal=str(ChangedMeanwhile()))]), 409
    chosen = [one for one in dates if _can_change(one, at=at) and _is_meant(one, event, form.which.data)]
    wish = form.wish(event)
    with transaction():
        told = services.change_dates(
            [(one, _version_of(one)) for one in chosen], wish, tells_text_changes=form.tells_text_changes.data, at=at
        )
    refusals = [one for one in told if one.refusal]
    count = sum(1 for one in told if one.names)
    if refusals:
        if count:
            flash(_changed_words(count), "success")
        return _page(events.event_with_slug(slug, with_drafts=True), form, refusals), 409
    flash(_changed_words(count) if count else _("Es war nichts zu ändern."), "success")
    return redirect(url_for(".series", slug=slug), code=303)


def _changed_words(count: int) -> str:
    return ngettext("%(num)s Termin ist geändert.", "%(num)s Termine sind geändert.", count)


def _version_of(event: Event) -> int:
    """The version of a date that was on the page."""
    typed = request.form.get(f"version-{event.id}", "")
    return int(typed) if _VERSION.fullmatch(typed) else 0


def _is_meant(one: Event, event: Event, which: str) -> bool:
    if which == "chosen":
        return one.slug in request.form.getlist("termin")
    return which == "all" or one.starts_at >= event.starts_at
