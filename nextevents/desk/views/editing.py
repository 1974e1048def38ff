"""Changing, publishing and cancelling an event."""

import re

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import services, showing
from ...events.errors import CapacityBelowTaken, ChangedMeanwhile
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.fields import add_error
from ...ground.web import open_to
from ..blueprint import bp, event_here, organisers
from ..forms.event import CancellationForm, EventForm
from ..showing import differences


@bp.get("/veranstaltungen/<slug>/verwalten/angaben/")
@open_to(organisers)
def edit(slug: str) -> ResponseReturnValue:
    """An event's form."""
    event = event_here(slug)
    return _event_page(event, EventForm.of(event))


def _event_page(event: Event, form: EventForm, theirs: EventForm | None = None) -> str:
    return render_template(
        "desk/edit.html",
        section="desk",
        event=event,
        form=form,
        differences=differences(form, theirs) if theirs else None,
        cancellation=CancellationForm(formdata=None),
        counts=events.counts_by_state(event),
        is_past=event.ends_at <= clock.now(),
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/angaben/")
@open_to(organisers)
def change(slug: str) -> ResponseReturnValue:
    """Change an event; whoever has it in the calendar gets the update."""
    event = event_here(slug)
    form = EventForm()
    if not form.validate():
        return _event_page(event, form), 422
    change = form.change(event)
    typed_version = form.version.data or ""
    version = int(typed_version) if re.fullmatch(r"\d{1,9}", typed_version, re.ASCII) else 0
    try:
        with transaction():
            changed = services.change_event(
                event, change, version=version, tells_text_changes=form.tells_text_changes.data, at=clock.now()
            )
    except CapacityBelowTaken as refusal:
        add_error(form.capacity, str(refusal))
        return _event_page(event, form), 422
    except ChangedMeanwhile:
        event = events.event_with_slug(slug, with_drafts=True)
        form.version.data = str(event.version)
        return _event_page(event, form, theirs=EventForm.of(event)), 409
    flash(_("Gespeichert.") if changed else _("Es war nichts zu ändern."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/veroeffentlichen")
@open_to(organisers)
def publish(slug: str) -> ResponseReturnValue:
    """Show a draft to everybody."""
    with transaction():
        services.publish_event(event_here(slug), at=clock.now())
    flash(_("Der Termin ist veröffentlicht."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/absagen")
@open_to(organisers)
def cancel(slug: str) -> ResponseReturnValue:
    """Call an event off; it vanishes from all calendars."""
    event = event_here(slug)
    form = CancellationForm()
    if not form.validate():
        flash(_("Bitte setzen Sie das Häkchen, wenn der Termin ausfällt."), "warning")
        return redirect(url_for(".edit", slug=slug) + "#absagen", code=303)
    with transaction():
        services.cancel_event(event, at=clock.now())
    flash(_("Der Termin ist abgesagt. Alle Angemeldeten bekommen eine Mail."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)
