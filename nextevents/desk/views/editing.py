"""Changing, publishing, postponing and cancelling an event."""

from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities.models import Community
from ...events import queries as events
from ...events import rules, services, showing
from ...events.errors import CapacityBelowTaken, ChangedMeanwhile, OutOfOwnHands, SlugStays, SlugTaken
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.text import number_typed
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.event import CancellationForm, EventForm, PartnerForm, PictureForm, PostponementForm
from ..reminding import late_reminders
from ..showing import Clash, clash_of
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
    clash: Clash | None = None,
    picture: PictureForm | None = None,
    partner: PartnerForm | None = None,
    cancellation: CancellationForm | None = None,
    postponement: PostponementForm | None = None,
) -> str:
    """The page with an event's form and the smaller ones beside it; a refused form shows what was typed."""
    at = clock.now()
    form = form or _form_of(event)
    return render_template(
        "desk/edit.html",
        section="desk",
        event=event,
        form=form,
        refused=next((one for one in (form, picture, partner, cancellation, postponement) if one and one.errors), form),
        picture=picture or PictureForm(formdata=None, obj=event),
        partner=partner or PartnerForm(formdata=None),
        clash=clash,
        cancellation=cancellation or CancellationForm(formdata=None),
        postponement=postponement or PostponementForm(formdata=None),
        warnings=warnings_about(event, at=at),
        reach=events.reach_of(event, clock.local(at).date()),
        opens_later=rules.opens_later(event, at=at),
        late=late_reminders(event, at),
        is_past=event.ends_at <= at,
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/angaben/")
@open_to(organisers)
def change(slug: str) -> ResponseReturnValue:
    """Change an event; whoever has it in the calendar gets the update."""
    event, form = event_here(slug), EventForm()
    form.offer_communities(circles_to_choose(event))
    form.keep_slug(event)
    if not form.validate():
        return edit_page(event, form), 422
    at = clock.now()
    late = late_reminders(event, at)
    try:
        with transaction():
            has_changed = _save(event, form, at=at)
    except tuple(_FIELDS) as refusal:
        add_error(form[_FIELDS[type(refusal)]], str(refusal))
        return edit_page(event, form), 422
    except ChangedMeanwhile:
        return _clash_page(events.event_with_slug(slug, with_drafts=True), form), 409
    flash(_("Gespeichert.") if has_changed else _("Es war nichts zu ändern."), "success")
    _tell_what_is_too_late(event, late, at=at)
    return redirect(url_for(".edit", slug=event.slug), code=303)


def _clash_page(event: Event, form: EventForm) -> str:
    """What was typed and what others saved meanwhile: put together in the form, and beside each other above it."""
    theirs = _form_of(event)
    form.offer_communities(circles_to_choose(event))
    clash = clash_of(form, theirs)
    form.take_over(theirs)
    form.version.data = str(event.version)
    return edit_page(event, form, clash=clash)


#: Where a refusal is shown.
_FIELDS: dict[type[Refusal], str] = {
    CapacityBelowTaken: "capacity",
    OutOfOwnHands: "communities",
    SlugStays: "slug",
    SlugTaken: "slug",
}


def _save(event: Event, form: EventForm, *, at: datetime) -> bool:
    """Save what was typed, and say whether that changed anything; nobody gives away an event without noticing."""
    chosen = [one for one in circles_to_choose(event) if one.id in (form.communities.data or [])]
    changed = services.change_event(
        event,
        form.change(event),
        chosen,
        version=number_typed(form.version.data),
        tells_text_changes=form.tells_text_changes.data,
        at=at,
    )
    if "communities" in changed and not rules.may_organise(current_person(), event):
        raise OutOfOwnHands
    has_moved = services.change_slug(event, form.slug.data, at=at)
    return bool(changed or has_moved)


def _tell_what_is_too_late(event: Event, known: Sequence[str], *, at: datetime) -> None:
    """Say which reminders a new time has made impossible."""
    late = [one for one in late_reminders(event, at) if one not in known]
    if late:
        flash(_("Für diese Erinnerung ist es jetzt zu spät, sie entfällt: %(late)s.", late=", ".join(late)), "warning")


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
        return edit_page(event, postponement=form), 422
    with transaction():
        services.postpone_event(event, form.postponement_notice.data or "", at=clock.now())
    flash(_("Der Termin ist verschoben. Alle Angemeldeten bekommen eine Mail; ihre Plätze bleiben."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/absagen")
@open_to(organisers)
def cancel(slug: str) -> ResponseReturnValue:
    """Call an event off; it vanishes from all calendars."""
    event, form = event_here(slug), CancellationForm()
    if not form.validate():
        return edit_page(event, cancellation=form), 422
    with transaction():
        services.cancel_event(event, form.cancellation_notice.data or "", at=clock.now())
    flash(_("Der Termin ist abgesagt. Alle Angemeldeten bekommen eine Mail."), "success")
    return redirect(url_for(".edit", slug=slug), code=303)
