"""What organisers do with one participant: register, take off the list, pass the seat on."""

from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from ...events import queries as events
from ...events import rules, services, showing
from ...events.forms import TransferForm
from ...events.models import Event, Registration, State, Transfer
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.web import open_to
from ...people import queries as people
from ...people.addresses import Address, address_of
from ...people.errors import AddressRefused
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.filling import EnrolForm, GivingForm, RemovalForm


@dataclass(frozen=True)
class Deeds:
    """What can be done with a participant at this moment, and the forms for it."""

    removal: RemovalForm
    giving: TransferForm
    seat: GivingForm
    may_remove: bool
    may_transfer: bool
    may_get_seat: bool
    #: A colleague who was asked to take the seat.
    asked: Transfer | None


def deeds_of(
    registration: Registration, *, removal: RemovalForm | None = None, giving: TransferForm | None = None
) -> Deeds:
    """The forms below a participant's details (desk/_deeds.html), empty unless given."""
    at = clock.now()
    return Deeds(
        removal=removal or RemovalForm(formdata=None),
        giving=giving or TransferForm(formdata=None),
        seat=GivingForm(formdata=None),
        may_remove=rules.may_cancel(registration, at=at),
        may_transfer=rules.may_transfer(registration, at=at),
        may_get_seat=registration.state in {State.WAITING, State.OFFERED}
        and rules.takes_place(registration.event, at=at),
        asked=events.open_transfer(registration, at),
    )


@bp.get("/veranstaltungen/<slug>/verwalten/teilnehmende/neu")
@open_to(organisers)
def enrolling(slug: str) -> ResponseReturnValue:
    """A form to register somebody."""
    return _enrol_page(event_here(slug), EnrolForm(formdata=None))


def _enrol_page(event: Event, form: EnrolForm) -> str:
    return render_template("desk/enrol.html", section="desk", event=event, form=form)


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/neu")
@open_to(organisers)
def enrol(slug: str) -> ResponseReturnValue:
    """Register somebody, who is told; an unknown address is asked first."""
    event, form = event_here(slug), EnrolForm()
    if not form.validate():
        return _enrol_page(event, form), 422
    try:
        address = address_of(form.email.data)
        with transaction():
            made = _enrolled(event, address, form)
    except Refusal as refusal:
        add_error(form.email, str(refusal))
        return _enrol_page(event, form), 422
    words = {
        State.UNCONFIRMED: _("Wir haben %(name)s gefragt, ob das so stimmt. Der Platz ist 24 Stunden gehalten."),
        State.WAITING: _("%(name)s steht auf der Warteliste und bekommt eine Mail."),
    }.get(made.state, _("%(name)s ist angemeldet und bekommt eine Mail."))
    flash(words % {"name": made.name}, "success")
    return redirect(url_for(".participants", slug=slug), code=303)


def _enrolled(event: Event, address: Address, form: EnrolForm) -> Registration:
    return services.enrol(
        event,
        address,
        name=form.name.data,
        organisation_name=form.organisation.data or "",
        by=current_person(),
        as_extra=form.as_extra.data,
        at=clock.now(),
    )


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/<int:number>/abmelden")
@open_to(organisers)
def remove_participant(slug: str, number: int) -> ResponseReturnValue:
    """Take somebody off the list, with words that are told."""
    event, form = event_here(slug), RemovalForm()
    registration = _registration(event, number)
    if not form.validate():
        return _deeds_page(registration, deeds_of(registration, removal=form)), 422
    try:
        with transaction():
            services.cancel_as_organiser(registration, form.reason.data, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return _back(event, number)
    flash(_("%(name)s ist abgemeldet und bekommt eine Mail.", name=registration.name), "success")
    return _back(event, number)


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/<int:number>/uebertragen")
@open_to(organisers)
def transfer(slug: str, number: int) -> ResponseReturnValue:
    """Pass a seat on: to somebody whom we know at once, to anybody else after a yes by mail."""
    event, form = event_here(slug), TransferForm()
    registration = _registration(event, number)
    if not form.validate():
        return _deeds_page(registration, deeds_of(registration, giving=form)), 422
    try:
        address = address_of(form.taker_email.data)
        with transaction():
            is_done = _passed_on(registration, address, form)
    except AddressRefused as refusal:
        add_error(form.taker_email, str(refusal))
        return _deeds_page(registration, deeds_of(registration, giving=form)), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return _back(event, number)
    flash(
        _("Der Platz ist übertragen. Beide bekommen eine Mail.")
        if is_done
        else _("Wir haben gefragt. Bis zum Ja bleibt der Platz, wo er ist."),
        "success",
    )
    return _back(event, number)


def _passed_on(registration: Registration, address: Address, form: TransferForm) -> bool:
    """Whether the seat has another person already."""
    name, organisation, at = form.taker_name.data, form.taker_organisation.data or "", clock.now()
    taker = people.person_with_key(address.key)
    if taker and taker.proved_at and taker.id != registration.person_id:
        services.transfer_seat(registration, taker, name=name, organisation_name=organisation, at=at)
        return True
    services.offer_transfer(registration, address, name=name, organisation_name=organisation, at=at)
    return False


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/<int:number>/platz")
@open_to(organisers)
def give_seat(slug: str, number: int) -> ResponseReturnValue:
    """Give somebody who waits a seat."""
    event, form = event_here(slug), GivingForm()
    registration = _registration(event, number)
    try:
        with transaction():
            services.give_seat(registration, as_extra=form.as_extra.data, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return _back(event, number)
    flash(_("%(name)s hat jetzt einen Platz und bekommt eine Mail.", name=registration.name), "success")
    return _back(event, number)


def _registration(event: Event, number: int) -> Registration:
    found = events.registrations_at(event, [number])
    if not found:
        raise NotFound
    return found[0]


def _deeds_page(registration: Registration, deeds: Deeds) -> str:
    return render_template(
        "desk/deeds.html",
        section="desk",
        event=registration.event,
        registration=registration,
        deeds=deeds,
        showing=showing,
    )


def _back(event: Event, number: int) -> Response:
    if "desk.participant" in current_app.view_functions:
        return redirect(url_for(".participant", slug=event.slug, number=number), code=303)
    return redirect(url_for(".participants", slug=event.slug), code=303)
