"""The doors to oneself: signing in and out. The account itself shows things of all rooms and stands in site."""

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import NotFound
from ..ground.fields import add_error
from ..ground.limits import sign_in_limit
from ..ground.tokens import fingerprint, number_in
from ..ground.web import everyone, language_code, open_to, own_path, personal, signed_in
from ..mailing.services import post
from . import messages, queries, services
from .addresses import Address, address_of
from .errors import AddressRefused, ProofFailed
from .forms import CodeForm, SignInForm
from .models import Proof, Purpose
from .signing_in import asked_numbers, browser_name, current_person, has_asked, let_in, let_out, remember_asking

bp = Blueprint("people", __name__, template_folder="templates")


@bp.get("/konto/anmelden/")
@open_to(everyone)
def sign_in() -> ResponseReturnValue:
    """Ask for an address."""
    if current_user.is_authenticated:
        return redirect(url_for("site.account"), code=303)
    form = SignInForm(formdata=None, next=own_path(request.args.get("next"), ""))
    return personal(Response(render_template("people/sign_in.html", section="sign_in", form=form)))


@bp.post("/konto/anmelden/")
@open_to(everyone)
@sign_in_limit
def ask() -> ResponseReturnValue:
    """Send link and code, if the address may get them; the answer is the same for every address."""
    form = SignInForm()
    if not form.validate():
        return render_template("people/sign_in.html", section="sign_in", form=form), 422
    try:
        address = address_of(form.email.data)
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return render_template("people/sign_in.html", section="sign_in", form=form), 422
    way = own_path(form.next.data, "")
    proof = _send_proof(address, way)
    remember_asking(proof.id if proof else 0)
    return redirect(url_for(".enter_code", next=way or None), code=303)


def _send_proof(address: Address, way: str) -> Proof | None:
    at = clock.now()
    with transaction():
        person = queries.person_with_key(address.key)
        language = person.language if person else language_code()
        proof = services.ask_for_proof(Purpose.SIGN_IN, address, at=at)
        if proof:
            post(messages.sign_in(address, proof, language=language, way=way), at=at)
    return proof


@bp.get("/konto/anmelden/code/")
@open_to(everyone)
def enter_code() -> ResponseReturnValue:
    """The field for the code, in the tab that asked for it."""
    form = CodeForm(formdata=None, next=own_path(request.args.get("next"), ""))
    return personal(Response(render_template("people/enter_code.html", section="sign_in", form=form)))


@bp.post("/konto/anmelden/code/")
@open_to(everyone)
@sign_in_limit
def enter_by_code() -> ResponseReturnValue:
    """Sign in with the code, in the browser that asked."""
    form = CodeForm()
    if form.validate():
        code = form.code.data
        problem = _enter(services.asked_proof(Purpose.SIGN_IN, asked_numbers(), code), code)
        if not problem:
            return redirect(own_path(form.next.data, url_for("site.account")), code=303)
        add_error(form.code, problem)
    return render_template("people/enter_code.html", section="sign_in", form=form), 422


@bp.get("/konto/anmelden/<token>/")
@open_to(everyone)
def enter(token: str) -> ResponseReturnValue:
    """The page behind the mailed link: who will be signed in here, and the button. Changes nothing (rule A-02)."""
    return _enter_page(_proof_in(token), CodeForm(formdata=None, next=own_path(request.args.get("next"), "")))


def _enter_page(proof: Proof, form: CodeForm) -> Response:
    is_usable = proof.used_at is None and proof.expires_at > clock.now()
    page = render_template(
        "people/enter.html",
        section="sign_in",
        form=form,
        needs_code=not has_asked(proof),
        address=proof.typed_address,
        is_usable=is_usable,
    )
    return personal(Response(page))


@bp.post("/konto/anmelden/<token>/")
@open_to(everyone)
@sign_in_limit
def enter_by_link(token: str) -> ResponseReturnValue:
    """Sign in with the button; in another browser than the asking one, with the code too."""
    proof, form, code = _proof_in(token), CodeForm(), None
    if not has_asked(proof):
        if not form.validate():
            return _enter_page(proof, form), 422
        code = form.code.data
    problem = _enter(proof, code)
    if problem:
        add_error(form.code, problem)
        return _enter_page(proof, form), 422
    return redirect(own_path(form.next.data, url_for("site.account")), code=303)


def _proof_in(token: str) -> Proof:
    number = number_in(Purpose.SIGN_IN, token)
    proof = queries.proof(number) if number else None
    if proof is None or proof.purpose != Purpose.SIGN_IN:
        raise NotFound
    return proof


def _enter(proof: Proof | None, code: str | None) -> str:
    """Use the proof and sign this browser in; returns what is wrong, if anything."""
    if proof is None or proof.purpose != Purpose.SIGN_IN:
        return str(ProofFailed())
    at = clock.now()
    with transaction():
        problem = services.use_proof(proof, code=code, at=at)
        if problem:
            return str(problem)
        person = services.person_with_address(address_of(proof.typed_address), name="", language=language_code(), at=at)
        services.mark_proved(person, at=at)
        secret = services.begin_session(person, browser=browser_name(request.user_agent.string), at=at)
    browser = queries.living_session(fingerprint(secret), at)
    if browser is None:
        return _("Das hat nicht geklappt. Bitte fordern Sie eine neue Mail an.")
    session["language"] = person.language
    let_in(browser, secret)
    return ""


@bp.post("/konto/abmelden/")
@open_to(signed_in)
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    with transaction():
        services.end_session(current_person(), current_user.browser.id)
    let_out()
    flash(_("Sie sind abgemeldet."), "success")
    return redirect("/", code=303)
