"""One event, and registering for it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from ...ground import clock
from ...ground.database import attempted_twice, transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.rendered import visitors_page
from ...ground.web import NONCE_FIELD, everyone, open_to
from ...mailing.services import post
from ...people import queries as people
from ...people.addresses import Address, address_of
from ...people.errors import AddressRefused
from ...people.models import Person, Purpose
from ...people.services import ask_for_proof, person_with_address
from ...people.signing_in import person_or_none, remember_asking
from .. import messages, queries, rules, services, showing
from ..forms import RegistrationForm
from ..models import Event
from ..structured import event_data
from .blueprint import bp


@bp.get("/veranstaltungen/<slug>/")
@open_to(everyone)
def show(slug: str) -> ResponseReturnValue:
    """One event with everything one must know, and its registration form."""
    at = clock.now()
    key = queries.page_key(slug)
    phase = tuple(moment is not None and moment <= at for moment in key[4:7])
    return visitors_page(
        ("event", request.full_path, str(get_locale()), key, phase),
        lambda: _event_page(queries.event_with_slug(slug), RegistrationForm(formdata=None)),
    )


def _event_page(event: Event, form: RegistrationForm) -> str:
    at, person = clock.now(), person_or_none()
    return render_template(
        "events/event.html",
        section="events",
        event=event,
        form=form,
        registration=queries.active_registration(person, event) if person else None,
        may_register=rules.may_register(person, event, at=at),
        needs_sign_in=rules.needs_sign_in(event) and not person,
        is_open=event.is_open(at),
        is_past=event.ends_at <= at,
        waiting_count=queries.waiting_count(event) if event.seats_free == 0 else 0,
        availability=showing.availability(event, at),
        data=event_data(event),
        rules=rules,
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/anmeldung")
@open_to(everyone)
def register(slug: str) -> ResponseReturnValue:
    """Register whoever fills in the form, or the signed-in person with one click."""
    event = queries.event_with_slug(slug)
    person = person_or_none()
    if person:
        return _register_signed_in(event, person)
    form = RegistrationForm()
    if not form.validate():
        return _event_page(event, form), 422
    try:
        address = address_of(form.email.data)
        attempted_twice(lambda: _register_stranger(queries.event_with_slug(slug), address, form))
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return _event_page(event, form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".show", slug=slug), code=303)
    return redirect(url_for(".asked", slug=slug), code=303)


def _register_signed_in(event: Event, person: Person) -> ResponseReturnValue:
    wish = services.Request(
        name=person.name, organisation_name=person.body, is_proved=True, nonce=_nonce(request.form.get(NONCE_FIELD))
    )
    try:
        with transaction():
            services.register(event, person, wish, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    return redirect(url_for(".show", slug=event.slug) + "#anmeldung", code=303)


def _register_stranger(event: Event, address: Address, form: RegistrationForm) -> None:
    """Hold a place, and ask by mail whether the address is the asker's own. The same answer for whoever it is."""
    at = clock.now()
    wish = services.Request(
        name=form.name.data,
        organisation_name=form.organisation.data or "",
        is_proved=False,
        nonce=_nonce(form.nonce.data),
    )
    with transaction():
        person = person_with_address(address, name=wish.name, organisation_name=wish.organisation_name, at=at)
        services.register(event, person, wish, at=at)
        proof = ask_for_proof(Purpose.REGISTRATION, address, at=at)
        if proof:
            post(messages.confirm_address(event, person, proof), at=at)
    remember_asking(proof)


def _nonce(typed: str | None) -> str | None:
    return typed[:40] if typed and typed.isascii() and typed.isprintable() else None


@bp.post("/anmeldung/organisation")
@open_to(everyone)
def recognise() -> ResponseReturnValue:
    """The fragment under the address field: which body it belongs to."""
    form = RegistrationForm(data={"organisation": request.form.get("organisation", "")[:200]}, formdata=None)
    try:
        address = address_of(request.form.get("email", "")[:300])
    except AddressRefused:
        return render_template("events/_organisation.html", organisation=None, form=form)
    organisation = people.organisation_of_domain(address.domain)
    return render_template("events/_organisation.html", organisation=organisation, form=form)
