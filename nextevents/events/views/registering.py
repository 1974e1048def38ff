"""One event, and registering for it."""

from datetime import datetime

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from ...ground import clock
from ...ground.database import attempted_twice, transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.files import picture_response
from ...ground.rendered import set_late, visitors_page
from ...ground.web import everyone, language_code, open_to, personal
from ...mailing.services import post
from ...people import queries as people
from ...people.addresses import Address, address_of
from ...people.errors import AddressRefused
from ...people.models import Person, Proof, Purpose
from ...people.services import ask_for_proof, living_proof, person_with_address, rename
from ...people.showing import level_word
from ...people.signing_in import person_or_none, remember_asking
from .. import messages, queries, rules, services, showing
from ..forms import RegistrationForm
from ..models import Event, Registration
from ..structured import event_data
from .blueprint import bp


@bp.get("/veranstaltungen/<slug>/")
@open_to(everyone)
def show(slug: str) -> ResponseReturnValue:
    """One event with everything one must know, and its registration form."""
    at = clock.now()
    try:
        key = queries.page_key(slug)
    except NotFound:
        return _draft_page(slug)
    phase = tuple(moment is not None and moment <= at for moment in key.moments)
    return visitors_page(
        ("event", request.full_path, str(get_locale()), key.versions, phase, key.is_full),
        lambda: _event_page(queries.event_with_slug(slug), RegistrationForm(formdata=None)),
        seats=showing.seats_label(key.capacity, key.seats_taken, key.waiting),
    )


def _draft_page(slug: str) -> ResponseReturnValue:
    """What an event will look like, for those who organise it. Raises NotFound for others."""
    event = queries.event_with_slug(slug, with_drafts=True)
    if not rules.may_organise(person_or_none(), event):
        raise NotFound
    return personal(Response(_event_page(event, RegistrationForm(formdata=None))))


@bp.get("/veranstaltungen/<slug>/bilder/<int:number>")
@open_to(everyone)
def picture(slug: str, number: int) -> ResponseReturnValue:
    """The event's picture or a partner's logo."""
    event = queries.event_with_slug(slug, with_drafts=True)
    if not rules.is_public(event) and not rules.may_organise(person_or_none(), event):
        raise NotFound
    return picture_response(queries.picture_of(event, number), is_public=rules.is_public(event))


def _event_page(event: Event, form: RegistrationForm) -> str:
    at, person = clock.now(), person_or_none()
    waiting = queries.waiting_count(event) if event.seats_free == 0 else 0
    set_late(seats=showing.seats_label(event.capacity, event.seats_taken, waiting))
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
        availability=showing.availability(event, at),
        data=event_data(event),
        rules=rules,
        showing=showing,
        manage_href=messages.manage_href,
    )


@bp.post("/veranstaltungen/<slug>/anmeldung")
@open_to(everyone)
def register(slug: str) -> ResponseReturnValue:
    """Register whoever fills in the form, or the signed-in person with one click."""
    event, person, form = queries.bare_event(slug), person_or_none(), RegistrationForm()
    try:
        if person:
            return _register_signed_in(event, person, form)
        return _register_stranger(event, form)
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return _event_page(event, form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".show", slug=slug), code=303)


def _register_signed_in(event: Event, person: Person, form: RegistrationForm) -> ResponseReturnValue:
    """One click; whoever has never said a name is asked for it here."""
    if not person.name and not form.name.validate(form):
        return _event_page(event, form), 422
    with transaction():
        if not person.name:
            rename(person, name=form.name.data, organisation_name=form.organisation.data or "")
        wish = services.Request(
            name=person.name, organisation_name=person.body, is_proved=True, nonce=_nonce(form.nonce.data)
        )
        services.register(event, person, wish, at=clock.now())
    return redirect(url_for(".show", slug=event.slug) + "#anmeldung", code=303)


def _register_stranger(event: Event, form: RegistrationForm) -> ResponseReturnValue:
    """Hold a place, and ask by mail whether the address is the asker's own. The same answer for whoever it is."""
    if not form.validate():
        return _event_page(event, form), 422
    address = address_of(form.email.data)
    wish = services.Request(
        name=form.name.data,
        organisation_name=form.organisation.data or "",
        is_proved=False,
        nonce=_nonce(form.nonce.data),
    )
    has_seat, proof = attempted_twice(lambda: _hold_place(event, address, wish))
    remember_asking(proof)
    session["held"] = _held(event, address, has_seat=has_seat)
    return redirect(url_for(".asked", slug=event.slug), code=303)


def _held(event: Event, address: Address, *, has_seat: bool) -> str:
    """What the next page says is held: whether this address is registered or invited already does not show in it."""
    if rules.asks_first(people.organisation_of_domain(address.domain), event):
        return "request"
    return "seat" if has_seat else "waiting"


def _hold_place(event: Event, address: Address, wish: services.Request) -> tuple[bool, int]:
    """Register and ask for the proof, all or nothing; returns whether there is a seat, and the proof's number."""
    at = clock.now()
    with transaction():
        person = person_with_address(
            address, name=wish.name, organisation_name=wish.organisation_name, language=language_code(), at=at
        )
        registration = services.register(event, person, wish, at=at)
        proof = ask_for_proof(Purpose.REGISTRATION, address, at=at)
        if proof:
            post(messages.confirm_address(event, person, proof), at=at)
        is_own = registration.made_at == at or (wish.nonce is not None and registration.nonce == wish.nonce)
        if is_own and not proof:
            proof = _proof_made_with(registration, address, at=at)
    has_seat = registration.has_seat if is_own else event.seats_free != 0
    return has_seat, proof.id if proof else 0


def _proof_made_with(registration: Registration, address: Address, *, at: datetime) -> Proof | None:
    """The proof that the same form was given when it came before: its code works in this browser too (G5)."""
    proof = living_proof(Purpose.REGISTRATION, address.key, at=at)
    return proof if proof and proof.made_at == registration.made_at else None


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
    return render_template("events/_organisation.html", organisation=organisation, form=form, level_word=level_word)
