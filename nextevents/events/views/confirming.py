"""Confirming a registration: by the code in the asking browser, or by the link in the mail."""

from flask import Response, abort, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound
from ...ground.fields import add_error
from ...ground.rendered import visitors_page
from ...ground.tokens import number_in
from ...ground.web import everyone, open_to, personal
from ...people import queries as people
from ...people.errors import ProofFailed
from ...people.models import Proof, Purpose
from ...people.services import asked_proof, mark_proved, use_proof
from ...people.signing_in import asked_numbers, has_asked
from .. import messages, queries, services, showing
from ..forms import CodeForm, ConfirmationForm
from ..models import Event, Registration
from .blueprint import bp


@bp.get("/veranstaltungen/<slug>/angemeldet")
@open_to(everyone)
def asked(slug: str) -> ResponseReturnValue:
    """What happens next: the mail, and a field for its code."""
    versions = queries.page_key(slug).versions
    page = visitors_page(
        ("asked", slug, str(get_locale()), versions, session.get("held")),
        lambda: _asked_page(queries.event_with_slug(slug), CodeForm(formdata=None)),
    )
    return personal(Response(page))


def _asked_page(event: Event, form: CodeForm) -> str:
    return render_template("events/asked.html", section="events", event=event, form=form, outcome=session.get("held"))


@bp.post("/veranstaltungen/<slug>/angemeldet")
@open_to(everyone)
def confirm_by_code(slug: str) -> ResponseReturnValue:
    """Confirm with the code from the mail, in the browser that asked."""
    event, form = queries.event_with_slug(slug), CodeForm()
    if not form.validate():
        return _asked_page(event, form), 422
    code = form.code.data
    confirmed, problem = _confirm(asked_proof(Purpose.REGISTRATION, asked_numbers(), code), code)
    if problem or not confirmed:
        add_error(form.code, problem or _("Der Code stimmt nicht."))
        return _asked_page(event, form), 422
    return _shown(confirmed, prefer=event)


@bp.get("/anmeldung/bestaetigen/<token>/")
@open_to(everyone)
def confirm(token: str) -> ResponseReturnValue:
    """The page behind the mailed link: what will be confirmed, and the button. Changes nothing."""
    return _confirmation_page(_proof_in(token), CodeForm(formdata=None))


def _confirmation_page(proof: Proof, form: CodeForm) -> Response:
    at = clock.now()
    person = people.person_with_key(proof.address_key)
    found = queries.unconfirmed_registrations(person, at=at) if person else []
    page = render_template(
        "events/confirm.html",
        section="events",
        registrations=found,
        needs_code=not has_asked(proof),
        is_usable=proof.used_at is None and proof.expires_at > at,
        form=form,
        showing=showing,
    )
    return personal(Response(page))


@bp.post("/anmeldung/bestaetigen/<token>/")
@open_to(everyone)
def confirm_by_link(token: str) -> ResponseReturnValue:
    """Confirm with the button; in another browser than the asking one, with the code too (guarantee G22)."""
    proof, form = _proof_in(token), CodeForm()
    code = None
    if not has_asked(proof):
        if not form.validate():
            return _confirmation_page(proof, form), 422
        code = form.code.data
    elif not ConfirmationForm().validate():
        abort(400)
    confirmed, problem = _confirm(proof, code)
    if problem:
        add_error(form.code, problem)
        return _confirmation_page(proof, form), 422
    if not confirmed:
        flash(_("Ihre Adresse ist bestätigt."), "success")
        return redirect(url_for(".index"), code=303)
    return _shown(confirmed, prefer=None)


def _confirm(proof: Proof | None, code: str | None) -> tuple[list[Registration], str]:
    """Use the proof and confirm all that waited for it; or what is wrong."""
    at = clock.now()
    if proof is None:
        return [], str(ProofFailed())
    with transaction():
        problem = use_proof(proof, code=code, at=at)
        if problem:
            return [], str(problem)
        person = people.person_with_key(proof.address_key)
        if person is None:
            return [], _("Diese Anmeldung gibt es nicht mehr. Bitte melden Sie sich noch einmal an.")
        confirmed = services.confirm_registrations(person, at=at)
        mark_proved(person, name=confirmed[-1].name if confirmed else "", at=at)
    return confirmed, ""


def _shown(confirmed: list[Registration], prefer: Event | None) -> ResponseReturnValue:
    chosen = next((one for one in confirmed if prefer and one.event_id == prefer.id), confirmed[-1])
    return redirect(messages.manage_href(chosen), code=303)


def _proof_in(token: str) -> Proof:
    number = number_in(Purpose.REGISTRATION, token)
    proof = _proof(number) if number else None
    if proof is None:
        raise NotFound
    return proof


def _proof(number: int) -> Proof | None:
    proof = people.proof(number)
    return proof if proof and proof.purpose == Purpose.REGISTRATION else None
