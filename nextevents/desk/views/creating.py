"""Making an event: from a kind, from an earlier one, or from nothing."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import rules, services, showing
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound
from ...ground.fields import add_error
from ...ground.text import slug_of
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, leads
from ..forms.event import EventForm
from ..presets import PRESETS, first_values, preset
from ..warnings import warnings_about_time
from .editing import circles_to_choose

EARLIER = 12


@bp.get("/verwalten/neu/")
@open_to(leads)
def choose() -> ResponseReturnValue:
    """Choose what a new event starts from."""
    at, person = clock.now(), current_person()
    past = events.organised_events(person, at, is_past=True, limit=EARLIER)
    earlier = [*past, *events.organised_events(person, at, limit=EARLIER)]
    return render_template("desk/choose.html", section="desk", presets=PRESETS, earlier=earlier, showing=showing)


@bp.get("/verwalten/neu/angaben/")
@open_to(leads)
def begin() -> ResponseReturnValue:
    """The form of a new event, filled with what its kind or an earlier event suggests."""
    source = _source()
    if not source:
        return _page(EventForm(formdata=None, **_first_values(clock.local(clock.now()).date())), None)
    form = EventForm.of(source)
    form.starts_on.data = form.ends_on.data = form.opens_on.data = form.closes_on.data = None
    return _page(form, source)


def _source() -> Event | None:
    """The event to copy; only one that this person runs."""
    slug = request.args.get("kopie")
    if not slug:
        return None
    source = events.event_with_slug(slug, with_drafts=True)
    if not rules.may_organise(current_person(), source):
        raise NotFound
    return source


def _first_values(today: date) -> dict[str, Any]:
    circles = circles_to_choose()
    chosen = [circles[0].id] if len(circles) == 1 else []
    return first_values(request.args.get("vorlage", ""), today) | {"communities": chosen}


def _page(form: EventForm, source: Event | None) -> str:
    form.offer_communities(circles_to_choose(source))
    span = form.span
    return render_template(
        "desk/new.html",
        section="desk",
        form=form,
        source=source,
        warnings=warnings_about_time(span, at=clock.now()) if span else [],
        preset=preset(request.args.get("vorlage", "")),
        way={"vorlage": request.args.get("vorlage"), "kopie": request.args.get("kopie")},
    )


@bp.post("/verwalten/neu/angaben/")
@open_to(leads)
def make() -> ResponseReturnValue:
    """Make the event as a draft."""
    source, form, person = _source(), EventForm(), current_person()
    circles = circles_to_choose(source)
    form.offer_communities(circles)
    if not form.validate():
        return _page(form, source), 422
    chosen = [one for one in circles if one.id in (form.communities.data or [])]
    if circles and not chosen and not person.is_office:
        add_error(form.communities, _("Bitte wählen Sie mindestens eine Community."))
        return _page(form, source), 422
    with transaction():
        slug = events.free_slug(slug_of(form.title.data), form.starts_local.date())
        event = services.make_event(slug, form.change(), chosen, at=clock.now())
        if not rules.may_organise(person, event):
            event.organisers.append(person)
        if source:
            services.copy_parts(source, event)
    flash(_("Der Entwurf ist angelegt. Noch sehen ihn nur die Organisierenden."), "success")
    return redirect(url_for(".overview", slug=event.slug), code=303)
