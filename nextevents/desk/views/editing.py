"""Changing, publishing, postponing and cancelling an event."""

import re
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities.models import Community
from ...events import queries as events
from ...events import services, showing
from ...events.errors import CapacityBelowTaken, ChangedMeanwhile
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.fields import add_error
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.event import CancellationForm, EventForm, PartnerForm, PictureForm, PostponementForm
from ..showing import differences
from ..warnings import warnings_about


def circles_to_choose(event: Event | None = None) -> Sequence[Community]:
    """The circles that this person may put an event under: the office all, leads their own, and those it has."""
    person = current_person()
    if person.is_office:
        return communities.all_communities()
    own = list(communities.led_by(person))
    return own + [one for one in (event.communities if event else []) if one not in own]


@bp.get("/veranstaltungen/<slug>/verwalten/angaben/")
@open_to(organisers)
def edit(slug: str) -> ResponseReturnValue:
    """An event's form."""
    return edit_page(event_here(slug))


def _form_of(event: Event) -> EventForm:
    form = EventForm.of(event)
    form.offer_communities(circles_to_choose(event))
    return form


def edit_page(
    event: Event,
    form: EventForm | None = None,
    *,
    theirs: EventForm | None = None,
    picture: PictureForm | None = None,
    partner: PartnerForm | None = None,
) -> str:
    """The page with an event's form, its picture and its partners; a refused form shows what was typed."""
    at = clock.now()
    form = form or _form_of(event)
    return render_template(
        "desk/edit.html",
        section="desk",
        event=event,
        form=form,
        refused=next((one for one in (form, picture, partner) if one and one.errors), form),
        picture=picture or PictureForm(formdata=None, obj=event),
        partner=partner or PartnerForm(formdata=None),
        differences=differences(form, theirs) if theirs else None,
        cancellation=CancellationForm(formdata=None),
        postponement=PostponementForm(formdata=None),
        warnings=warnings_about(event, at=at),
        reach=events.reach_of(event, clock.local(at).date()),
        is_past=event.ends_at <= at,
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/angaben/")
@open_to(organisers)
def change(slug: str) -> ResponseReturnValue:
    """Change an event; whoever has it in the calendar gets the update."""
    event, form = event_here(slug), EventForm()
    circles = circles_to_choose(event)
    form.offer_communities(circles)
    if not form.validate():
        return edit_page(event, form), 422
    change = form.change(event)
    chosen = [one for one in circles if one.id in (form.communities.data or [])]
    try:
        with transaction():
            changed = services.change_event(
                event,
                change,
                chosen,
                version=_version_in(form),
                tells_text_changes=form.tells_text_changes.data,
                at=clock.now(),
            )
    except CapacityBelowTaken as refusal:
        add_error(form.capacity, str(refusal))
        return edit_page(event, form), 422
    except ChangedMeanwhile:
        event = events.event_with_slug(slug, with_drafts=True)
        theirs = _form_of(event)
        form.take_over(theirs)
        form.version.data = str(event.version)
        return edit_page(event, form, theirs=theirs), 409
    flash(_("Gespeichert.") if changed else _("Es war nichts zu ändern."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)


def _version_in(form: EventForm) -> int:
    typed = form.version.data or ""
    return int(typed) if re.fullmatch(r"\d{1,9}", typed, re.ASCII) else 0


@bp.post("/veranstaltungen/<slug>/verwalten/veroeffentlichen")
@open_to(organisers)
def publish(slug: str) -> ResponseReturnValue:
    """Show a draft to everybody."""
    with transaction():
        services.publish_event(event_here(slug), calls=not request.form.get("still"), at=clock.now())
    flash(_("Der Termin ist veröffentlicht."), "success")
    return redirect(url_for(".overview", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/verschieben")
@open_to(organisers)
def postpone(slug: str) -> ResponseReturnValue:
    """Take an event off its date; a new one follows, and registrations stay."""
    event, form = event_here(slug), PostponementForm()
    if not form.validate():
        flash(_("Bitte setzen Sie das Häkchen, wenn der Termin verschoben wird."), "warning")
        return redirect(url_for(".edit", slug=slug) + "#verschieben", code=303)
    with transaction():
        services.postpone_event(event, at=clock.now())
    flash(_("Der Termin ist verschoben. Alle Angemeldeten bekommen eine Mail; ihre Plätze bleiben."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/absagen")
@open_to(organisers)
def cancel(slug: str) -> ResponseReturnValue:
    """Call an event off; it vanishes from all calendars."""
    event, form = event_here(slug), CancellationForm()
    if not form.validate():
        flash(_("Bitte setzen Sie das Häkchen, wenn der Termin ausfällt."), "warning")
        return redirect(url_for(".edit", slug=slug) + "#absagen", code=303)
    with transaction():
        services.cancel_event(event, at=clock.now())
    flash(_("Der Termin ist abgesagt. Alle Angemeldeten bekommen eine Mail."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)
