"""A circle's desk: what waits for its leads, what it says of itself, who leads it, whose turn it is."""

import re
from collections.abc import Callable
from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities import services as circles
from ...communities.errors import ChangedMeanwhile
from ...communities.models import Community, Kind
from ...events import queries as events
from ...events import services, showing
from ...events.replies import span_label
from ...events.showing_polls import deadline_label
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.web import open_to
from ...people.addresses import Address, address_of
from ...people.signing_in import current_person, person_or_none
from ..blueprint import bp, circle_here, leads_of_circle
from ..forms.circle import CircleForm, HandOverForm, LeadForm, TurnForm
from ..showing import months

MEETINGS, PEOPLE, MESSAGES = 20, 200, 10
MONTHS_AHEAD = 12


def led_circles() -> list[Community]:
    """The circles that the signed-in person leads."""
    person = person_or_none()
    return list(communities.led_by(person)) if person else []


@bp.get("/verwalten/communities/<slug>/")
@open_to(leads_of_circle)
def circle(slug: str) -> ResponseReturnValue:
    """A circle at a glance: what needs somebody, what comes, who is there."""
    community, at = circle_here(slug), clock.now()
    return render_template(
        "desk/circle.html",
        section="desk",
        community=community,
        has_ended=communities.has_ended(community, clock.local(at).date()),
        closes_on=circles.closes_on(community),
        pending=events.pending_for(community, at),
        months=months(events.own_meetings(community, at, limit=MEETINGS), at),
        people=communities.count_belonging(community),
        bodies=communities.count_bodies(community),
        parts=communities.counts_of_parts(community),
        drifting=events.drifting(community, at, limit=PEOPLE),
        span_label=span_label,
        deadline_label=deadline_label,
        shown=events.shown_people(community, limit=PEOPLE),
        messages=events.announcements_of(community, limit=MESSAGES),
        showing=showing,
    )


@bp.get("/verwalten/communities/<slug>/angaben/")
@open_to(leads_of_circle)
def edit_circle(slug: str) -> ResponseReturnValue:
    """The form with what a circle says of itself."""
    community = circle_here(slug)
    return _edit_page(community, CircleForm.of(community))


def _edit_page(community: Community, form: CircleForm) -> str:
    if community.kind != Kind.WORKSHOP:
        del form.goal, form.ends_on
    return render_template("desk/circle_edit.html", section="desk", community=community, form=form)


@bp.post("/verwalten/communities/<slug>/angaben/")
@open_to(leads_of_circle)
def change_circle(slug: str) -> ResponseReturnValue:
    """Take over what the leads say of their circle."""
    community, form = circle_here(slug), CircleForm()
    if not form.validate():
        return _edit_page(community, form), 422
    typed = form.version.data or ""
    version = int(typed) if re.fullmatch(r"\d{1,9}", typed, re.ASCII) else 0
    try:
        with transaction():
            circles.describe(community, form.described(community), version=version)
    except ChangedMeanwhile as refusal:
        add_error(form.summary, str(refusal))
        form.version.data = str(community.version)
        return _edit_page(community, form), 409
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".circle", slug=slug), code=303)


# Who leads


@bp.get("/verwalten/communities/<slug>/leitung/")
@open_to(leads_of_circle)
def circle_leads(slug: str) -> ResponseReturnValue:
    """Who leads a circle, and the forms to change that."""
    return _leads_page(circle_here(slug), LeadForm(formdata=None), HandOverForm(formdata=None, prefix="abgeben"))


def _leads_page(community: Community, form: LeadForm, giving: HandOverForm) -> str:
    person = current_person()
    return render_template(
        "desk/circle_leads.html",
        section="desk",
        community=community,
        leads=communities.leads_of(community),
        is_own=communities.leads(person, community),
        form=form,
        giving=giving,
    )


@bp.post("/verwalten/communities/<slug>/leitung/")
@open_to(leads_of_circle)
def appoint_lead(slug: str) -> ResponseReturnValue:
    """Let somebody else lead too."""
    community, form = circle_here(slug), LeadForm()
    person, at = current_person(), clock.now()

    def appoint(address: Address) -> None:
        services.appoint_lead(community, address, by=person, at=at)

    if not _done(form, appoint):
        return _leads_page(community, form, HandOverForm(formdata=None, prefix="abgeben")), 422
    flash(_("Benannt. Die Person bekommt eine Mail."), "success")
    return redirect(url_for(".circle_leads", slug=slug), code=303)


@bp.post("/verwalten/communities/<slug>/leitung/abgeben")
@open_to(leads_of_circle)
def hand_over_lead(slug: str) -> ResponseReturnValue:
    """Let somebody else lead in one's place."""
    community, form = circle_here(slug), HandOverForm(prefix="abgeben")
    person, at = current_person(), clock.now()

    def hand_over(address: Address) -> None:
        services.hand_over_lead(community, person, address, at=at)

    if not _done(form, hand_over):
        return _leads_page(community, LeadForm(formdata=None), form), 422
    flash(_("Die Leitung ist abgegeben. Danke für Ihre Zeit."), "success")
    return redirect(url_for("communities.show", slug=slug), code=303)


def _done(form: LeadForm, deed: Callable[[Address], None]) -> bool:
    """Do something for the address in a form, or say next to it what is wrong."""
    if not form.validate():
        return False
    try:
        address = address_of(form.email.data)
        with transaction():
            deed(address)
    except Refusal as refusal:
        add_error(form.email, str(refusal))
        return False
    return True


@bp.post("/verwalten/communities/<slug>/leitung/<int:number>/entlassen")
@open_to(leads_of_circle)
def release_lead(slug: str, number: int) -> ResponseReturnValue:
    """Take the leading of a circle from somebody."""
    community, person = circle_here(slug), current_person()
    try:
        with transaction():
            circles.release(community, number)
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".circle_leads", slug=slug), code=303)
    flash(_("Diese Person leitet nicht mehr mit."), "success")
    if person.id == number and not person.is_office:
        return redirect(url_for("communities.show", slug=slug), code=303)
    return redirect(url_for(".circle_leads", slug=slug), code=303)


# Other times


@bp.post("/verwalten/communities/<slug>/vorschlag/<int:event_number>/<int:number>/ablehnen")
@open_to(leads_of_circle)
def refuse_proposal(slug: str, event_number: int, number: int) -> ResponseReturnValue:
    """Tell whoever proposed another time that the date stays as it is."""
    community, at = circle_here(slug), clock.now()
    call = events.call_of(event_number, number)
    if call is None or community not in call.event.communities:
        raise NotFound
    told = _("Es bleibt bei der Zeit. Die Person bekommt das als Mail und in den Kalender.")
    return _answered(slug, told, lambda: services.refuse_proposal(call, at=at))


# Joint meetings


@bp.post("/verwalten/communities/<slug>/gemeinsam/<int:number>/zusagen")
@open_to(leads_of_circle)
def agree_to_join(slug: str, number: int) -> ResponseReturnValue:
    """Hold another circle's meeting together."""
    community, at = circle_here(slug), clock.now()
    event = events.asked_event(community, number)
    told = _("Das ist jetzt auch ein Termin Ihrer Community.")
    return _answered(slug, told, lambda: services.agree_to_join(event, community, at=at))


@bp.post("/verwalten/communities/<slug>/gemeinsam/<int:number>/ablehnen")
@open_to(leads_of_circle)
def decline_to_join(slug: str, number: int) -> ResponseReturnValue:
    """Do not."""
    community, at = circle_here(slug), clock.now()
    event = events.asked_event(community, number)
    told = _("Abgelehnt. Die andere Community sieht das bei ihrem Termin.")
    return _answered(slug, told, lambda: services.decline_to_join(event, community, at=at))


def _answered(slug: str, told: str, deed: Callable[[], object]) -> ResponseReturnValue:
    try:
        with transaction():
            deed()
        flash(told, "success")
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    return redirect(url_for(".circle", slug=slug), code=303)


# Whose turn it is


@bp.get("/verwalten/communities/<slug>/reihum/")
@open_to(leads_of_circle)
def turns(slug: str) -> ResponseReturnValue:
    """Who hosts in which month."""
    return _turns_page(circle_here(slug), TurnForm(formdata=None))


def _turns_page(community: Community, form: TurnForm) -> str:
    today = clock.local(clock.now()).date()
    form.month.choices = _months_to_choose(today)
    return render_template(
        "desk/turns.html",
        section="desk",
        community=community,
        form=form,
        turns=events.turns_of(community, today),
        month_label=lambda day: format_date(day, "LLLL y"),
        showing=showing,
    )


def _months_to_choose(today: date) -> list[tuple[str, str]]:
    first = today.year * 12 + today.month - 1
    days = [date((first + ahead) // 12, (first + ahead) % 12 + 1, 1) for ahead in range(MONTHS_AHEAD)]
    return [(day.isoformat(), format_date(day, "LLLL y")) for day in days]


@bp.post("/verwalten/communities/<slug>/reihum/")
@open_to(leads_of_circle)
def give_turn(slug: str) -> ResponseReturnValue:
    """Let somebody host in a month; whoever stood there hands over."""
    community, form, at = circle_here(slug), TurnForm(), clock.now()
    form.month.choices = _months_to_choose(clock.local(at).date())
    if not form.validate():
        return _turns_page(community, form), 422
    try:
        address = address_of(form.host.data)
        with transaction():
            services.give_turn(community, form.month.data, address, at=at)
    except Refusal as refusal:
        add_error(form.host, str(refusal))
        return _turns_page(community, form), 422
    flash(_("Eingetragen. Drei Wochen vorher erinnern wir die Person."), "success")
    return redirect(url_for(".turns", slug=slug), code=303)


@bp.post("/verwalten/communities/<slug>/reihum/<int:number>/streichen")
@open_to(leads_of_circle)
def drop_turn(slug: str, number: int) -> ResponseReturnValue:
    """Let nobody host in that month, for now."""
    found = events.turn(circle_here(slug), number)
    if found is None:
        raise NotFound
    with transaction():
        services.drop_turn(found)
    flash(_("Gestrichen."), "success")
    return redirect(url_for(".turns", slug=slug), code=303)
