"""One event, and registering for it."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from ...ground.web import everyone, language_code, open_to, personal, refuse_files_but, takes_files
from ...mailing.services import post
from ...people import queries as people
from ...people.addresses import Address, address_of
from ...people.errors import AddressRefused
from ...people.models import Person, Proof, Purpose
from ...people.services import ask_for_proof, living_proof, person_with_address, rename
from ...people.showing import level_word
from ...people.signing_in import person_or_none, remember_asking
from .. import messages, queries, rules, services, showing
from ..forms import RegistrationForm, registration_form
from ..models import Event, Registration
from ..services import Colleague
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
        lambda: _empty_page(queries.event_with_slug(slug)),
        seats=showing.seats_label(key.capacity, key.seats_taken, key.waiting),
    )


def _draft_page(slug: str) -> ResponseReturnValue:
    """What an event will look like, for those who organise it. Raises NotFound for others."""
    event = queries.event_with_slug(slug, with_drafts=True)
    if not rules.may_organise(person_or_none(), event):
        raise NotFound
    return personal(Response(_empty_page(event)))


def _empty_page(event: Event) -> str:
    """The page with nothing typed yet; what the event asks is read only where it is shown."""
    questions = queries.asked_questions(event) if event.is_open(clock.now()) else ()
    return _event_page(event, registration_form(event, questions, person_or_none(), is_sent=False))


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
        opens_later=rules.opens_later(event, at=at),
        is_past=event.ends_at <= at,
        availability=showing.availability(event, at),
        data=event_data(event),
        rules=rules,
        showing=showing,
        manage_href=messages.manage_href,
    )


@bp.post("/veranstaltungen/<slug>/anmeldung")
@open_to(everyone)
@takes_files
def register(slug: str) -> ResponseReturnValue:
    """Register whoever fills in the form; the signed-in person with one click, unless there is something to ask."""
    event, questions = queries.event_to_register_for(slug)
    person = person_or_none()
    form = registration_form(event, questions, person, is_sent=True)
    refuse_files_but(form.file_names)
    if form.wants_more_rows:
        return _event_page(event, form)
    if not form.validate():
        return _event_page(event, form), 422
    try:
        return _register_signed_in(event, person, form) if person else _register_stranger(event, form)
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return _event_page(event, form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".show", slug=slug), code=303)


def _register_signed_in(event: Event, person: Person, form: RegistrationForm) -> ResponseReturnValue:
    """At once; whoever has never said a name is asked for it here."""
    colleagues = form.colleagues(person.organisation, person.address_key)
    if form.errors:
        return _event_page(event, form), 422
    held: list[bool] = []
    at = clock.now()
    with transaction():
        if not person.name:
            rename(person, name=form.name.data, organisation_name=form.organisation.data or "")
        wish = _wish(form, name=person.name, organisation_name=person.body, is_proved=True)
        services.make_known(colleagues, language=language_code(), at=at)
        services.register(event, person, wish, at=at)
        if colleagues:
            held = services.register_colleagues(
                event, person, colleagues, nonce=wish.nonce, language=language_code(), at=at
            )
    if colleagues:
        return _group_page(event, colleagues, held)
    return redirect(url_for(".show", slug=event.slug) + "#anmeldung", code=303)


def _wish(form: RegistrationForm, *, name: str, organisation_name: str, is_proved: bool) -> services.Request:
    return services.Request(
        name=name,
        organisation_name=organisation_name,
        is_proved=is_proved,
        nonce=_nonce(form.nonce.data),
        answers=form.answers,
        choices=form.choices,
    )


def _register_stranger(event: Event, form: RegistrationForm) -> ResponseReturnValue:
    """Hold a place, and ask by mail whether the address is the asker's own. The same answer for whoever it is."""
    address = address_of(form.email.data)
    colleagues: list[Colleague] = []
    if form.has_colleagues:
        colleagues = form.colleagues(people.organisation_of_domain(address.domain), address.key)
        if form.errors:
            return _event_page(event, form), 422
    wish = _wish(form, name=form.name.data, organisation_name=form.organisation.data or "", is_proved=False)
    place = attempted_twice(lambda: _hold_places(event, address, wish, colleagues))
    remember_asking(place.proof)
    session["held"] = _held(event, address, has_seat=place.has_seat)
    if colleagues:
        return _group_page(event, colleagues, place.colleagues)
    return redirect(url_for(".asked", slug=event.slug), code=303)


def _group_page(event: Event, colleagues: Sequence[Colleague], held: Sequence[bool]) -> Response:
    """What has happened for whom. Shown at once: names belong neither into a cookie nor into an address."""
    rows = [
        (one.name, one.address.typed, _held(event, one.address, has_seat=has_seat))
        for one, has_seat in zip(colleagues, held, strict=True)
    ]
    return personal(Response(render_template("events/group.html", section="events", event=event, rows=rows)))


def _held(event: Event, address: Address, *, has_seat: bool) -> str:
    """What the next page says is held: whether this address is registered or invited already does not show in it."""
    if rules.asks_first(people.organisation_of_domain(address.domain), event):
        return "request"
    return "seat" if has_seat else "waiting"


@dataclass(frozen=True)
class Places:
    """What one form holds: for whoever sent it, and for each colleague; true is a seat."""

    has_seat: bool
    #: The number of the proof that was asked for; 0 if none was.
    proof: int
    colleagues: Sequence[bool] = ()


def _hold_places(event: Event, address: Address, wish: services.Request, colleagues: Sequence[Colleague]) -> Places:
    """Register and ask for the proof, all or nothing."""
    at, language, held = clock.now(), language_code(), []
    with transaction():
        if colleagues:
            services.make_known([Colleague(wish.name, address), *colleagues], language=language, at=at)
        person = person_with_address(
            address, name=wish.name, organisation_name=wish.organisation_name, language=language, at=at
        )
        registration = services.register(event, person, wish, at=at)
        proof = ask_for_proof(Purpose.REGISTRATION, address, at=at)
        if proof:
            post(messages.confirm_address(event, person, proof), at=at)
        is_own = registration.made_at == at or (wish.nonce is not None and registration.nonce == wish.nonce)
        if is_own and not proof:
            proof = _proof_made_with(registration, address, at=at)
        if colleagues:
            held = services.register_colleagues(event, person, colleagues, nonce=wish.nonce, language=language, at=at)
    has_seat = registration.has_seat if is_own else event.seats_free != 0
    return Places(has_seat, proof.id if proof else 0, held)


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
