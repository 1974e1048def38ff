"""The doors to belonging: joining a circle, choosing what one wants of it, saying yes to its dates, leaving it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..communities import messages, queries
from ..communities import services as circles
from ..communities.errors import CommunityClosed
from ..communities.forms import JoinByLinkForm, JoinForm, LeaveForm, PartsForm
from ..communities.models import Belonging, Community
from ..events import queries as events
from ..events import rules, services, showing
from ..events.forms import ComingForm
from ..events.models import Event, Registration, Stage
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import NotFound, Refusal
from ..ground.fields import add_error
from ..ground.limits import sign_in_limit
from ..ground.tokens import halves, number_in
from ..ground.web import everyone, language_code, open_to, own_path, personal
from ..mailing.services import post
from ..people import queries as people
from ..people.addresses import Address, address_of
from ..people.errors import AddressRefused, ProofFailed
from ..people.forms import CodeForm
from ..people.models import Person, Proof, Purpose
from ..people.services import ask_for_proof, asked_proof, mark_proved, person_with_address, use_proof
from ..people.signing_in import asked_numbers, has_asked, person_or_none, remember_asking
from .account import own_row

COMING = 50

# its templates stand with those of its mails
bp = Blueprint("belonging", "nextevents.communities", template_folder="templates")


@bp.get("/communities/<slug>/dabei/")
@open_to(everyone)
def begin(slug: str) -> ResponseReturnValue:
    """The form to join with; whoever is signed in needs only the button."""
    return _join_page(queries.community_at(slug), JoinForm(formdata=None))


def _join_page(community: Community, form: JoinForm) -> str:
    person = person_or_none()
    has_ended = queries.has_ended(community, clock.local(clock.now()).date())
    return render_template(
        "communities/join.html",
        section="communities",
        community=community,
        form=form,
        has_ended=has_ended,
        belonging=queries.belonging(community.id, person.id) if person else None,
        mine_href=messages.mine_href,
    )


@bp.post("/communities/<slug>/dabei/")
@open_to(everyone)
def join(slug: str) -> ResponseReturnValue:
    """Join: the signed-in person at once, everybody else after a mail."""
    community, person = queries.community_at(slug), person_or_none()
    try:
        if person:
            return _join_signed_in(community, person)
        return _ask_stranger(community, JoinForm())
    except CommunityClosed as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for("communities.show", slug=slug), code=303)


def _join_signed_in(community: Community, person: Person) -> ResponseReturnValue:
    with transaction():
        services.join_circle(community, person, at=clock.now())
    flash(_("Sie sind dabei."), "success")
    return redirect(url_for("communities.show", slug=community.slug) + "#dabei", code=303)


def _ask_stranger(community: Community, form: JoinForm) -> ResponseReturnValue:
    """Ask by mail whether the address is the asker's own. The same answer for whoever it is."""
    if not form.validate():
        return _join_page(community, form), 422
    if queries.has_ended(community, clock.local(clock.now()).date()):
        raise CommunityClosed
    try:
        address = address_of(form.email.data)
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return _join_page(community, form), 422
    proof = _send_proof(community, address, form.name.data)
    remember_asking(proof.id if proof else 0)
    return redirect(url_for(".asked", slug=community.slug), code=303)


def _send_proof(community: Community, address: Address, name: str) -> Proof | None:
    at, language = clock.now(), language_code()
    with transaction():
        person = person_with_address(address, name=name, language=language, at=at)
        proof = ask_for_proof(Purpose.BELONGING, address, at=at)
        if proof:
            mail = messages.confirm_belonging(community, address, proof, language=person.language)
            post(mail, at=at)
    return proof


@bp.get("/communities/<slug>/dabei/code/")
@open_to(everyone)
def asked(slug: str) -> ResponseReturnValue:
    """What happens next: the mail, and a field for its code."""
    return _asked_page(queries.community_at(slug), CodeForm(formdata=None))


def _asked_page(community: Community, form: CodeForm) -> Response:
    page = render_template("communities/asked.html", section="communities", community=community, form=form)
    return personal(Response(page))


@bp.post("/communities/<slug>/dabei/code/")
@open_to(everyone)
@sign_in_limit
def confirm_by_code(slug: str) -> ResponseReturnValue:
    """Join with the code from the mail, in the browser that asked."""
    community, form = queries.community_at(slug), CodeForm()
    if form.validate():
        code = form.code.data
        return _confirmed(community, asked_proof(Purpose.BELONGING, asked_numbers(), code), code, form, None)
    return _asked_page(community, form), 422


@bp.get("/communities/<slug>/dabei/<token>/")
@open_to(everyone)
def confirm(slug: str, token: str) -> ResponseReturnValue:
    """The page behind the mailed link: what will be joined, and the button. Changes nothing."""
    return _confirmation_page(queries.community_at(slug), _proof_in(token), CodeForm(formdata=None))


def _confirmation_page(community: Community, proof: Proof, form: CodeForm) -> Response:
    page = render_template(
        "communities/confirm.html",
        section="communities",
        community=community,
        form=form,
        needs_code=not has_asked(proof),
        is_usable=proof.used_at is None and proof.expires_at > clock.now(),
    )
    return personal(Response(page))


@bp.post("/communities/<slug>/dabei/<token>/")
@open_to(everyone)
@sign_in_limit
def confirm_by_link(slug: str, token: str) -> ResponseReturnValue:
    """Join with the button; in another browser than the asking one, with the code too (guarantee G22)."""
    community, proof, form, code = queries.community_at(slug), _proof_in(token), CodeForm(), None
    if not has_asked(proof):
        if not form.validate():
            return _confirmation_page(community, proof, form), 422
        code = form.code.data
    return _confirmed(community, proof, code, form, proof)


def _confirmed(
    community: Community, proof: Proof | None, code: str | None, form: CodeForm, linked: Proof | None
) -> ResponseReturnValue:
    """Use the proof and go to what one has joined; or the same page with what is wrong."""
    problem, belonging = _use(community, proof, code)
    if belonging is None:
        add_error(form.code, problem)
        page = _confirmation_page(community, linked, form) if linked else _asked_page(community, form)
        return page, 422
    flash(_("Sie sind dabei."), "success")
    return redirect(url_for(".mine", token=messages.token_of(belonging.community_id, belonging.person_id)), code=303)


def _use(community: Community, proof: Proof | None, code: str | None) -> tuple[str, Belonging | None]:
    at = clock.now()
    if proof is None or proof.purpose != Purpose.BELONGING:
        return str(ProofFailed()), None
    try:
        with transaction():
            problem = use_proof(proof, code=code, at=at)
            if problem:
                return str(problem), None
            person = people.person_with_key(proof.address_key) or person_with_address(
                address_of(proof.typed_address), name="", language=language_code(), at=at
            )
            mark_proved(person, at=at)
            return "", services.join_circle(community, person, at=at)
    except Refusal as refusal:
        return str(refusal), None


def _proof_in(token: str) -> Proof:
    number = number_in(Purpose.BELONGING, token)
    proof = people.proof(number) if number else None
    if proof is None or proof.purpose != Purpose.BELONGING:
        raise NotFound
    return proof


@bp.get("/dabei/<token>/")
@open_to(everyone)
def mine(token: str) -> ResponseReturnValue:
    """What one wants of a circle, as its mails link to it. Changes nothing."""
    community, found = _belonging_in(token)
    return _mine_page(token, community, found)


def _mine_page(
    token: str,
    community: Community,
    found: Belonging | None,
    leaving: LeaveForm | None = None,
    joining: JoinByLinkForm | None = None,
    saying: ComingForm | None = None,
) -> Response:
    at, person = clock.now(), person_or_none()
    is_signed_in = found is not None and person is not None and person.id == found.person_id
    dates, own = _coming(found, at=at) if found else ([], {})
    can_come = _can_come(found, dates, own, at=at) if found else []
    saying = saying or ComingForm(formdata=None)
    saying.offer(can_come)
    page = render_template(
        "communities/mine.html",
        section="communities",
        community=community,
        belonging=found,
        form=PartsForm.of(found) if found else None,
        leaving=leaving or LeaveForm(formdata=None),
        joining=joining or JoinByLinkForm(formdata=None),
        saying=saying,
        rows=[_row(one, own.get(one.id), at, is_signed_in=is_signed_in) for one in dates],
        can_come=can_come,
        is_signed_in=is_signed_in,
        has_ended=queries.has_ended(community, clock.local(at).date()),
        token=token,
        showing=showing,
    )
    return personal(Response(page))


def _row(event: Event, own: Registration | None, at: datetime, *, is_signed_in: bool) -> showing.Row:
    """A date; for whoever is signed in it leads to the own registration, which this link alone does not open."""
    return own_row(own, at) if own and is_signed_in else showing.row_of(event, at, own)


def _coming(found: Belonging, *, at: datetime) -> tuple[list[Event], dict[int, Registration]]:
    """What stands in a circle, and where the person has a place, by the numbers of the dates."""
    meetings = events.meetings_of(found.community, at, is_past=False, limit=COMING)
    dates = [one for one in meetings if one.stage == Stage.PUBLISHED]
    return dates, events.own_places(found.person, dates)


def _can_come(
    found: Belonging, dates: Sequence[Event], own: Mapping[int, Registration], *, at: datetime
) -> list[Event]:
    """The dates to which somebody can still say yes."""
    open_dates = [one for one in dates if one.id not in own and rules.welcomes_circles(one, at=at)]
    return [one for one in open_dates if rules.may_register(found.person, one, at=at)]


@bp.post("/dabei/<token>/")
@open_to(everyone)
def choose(token: str) -> ResponseReturnValue:
    """Take over what somebody wants of a circle. A new standing yes leads to the dates for which it does not count."""
    _community, found = _belonging_in(token)
    form = PartsForm()
    if not form.validate():
        abort(400)
    if found is None:
        return redirect(url_for(".mine", token=token), code=303)
    at, is_new_yes = clock.now(), form.always_comes.data and not found.always_comes
    with transaction():
        circles.choose_parts(found, form.parts, at=at)
    if is_new_yes and _can_come(found, *_coming(found, at=at), at=at):
        flash(
            _("Gespeichert. Das gilt für neue Termine. Zu denen, die schon feststehen, sagen Sie hier zu."), "success"
        )
        return redirect(url_for(".mine", token=token) + "#termine", code=303)
    flash(_("Gespeichert."), "success")
    return redirect(own_path(form.back.data, url_for(".mine", token=token)), code=303)


@bp.post("/dabei/<token>/zusagen")
@open_to(everyone)
def say_yes(token: str) -> ResponseReturnValue:
    """Come to dates that stand already. The link was mailed, so they must be named: nothing is ticked before."""
    community, found = _belonging_in(token)
    if found is None:
        return redirect(url_for(".mine", token=token), code=303)
    form = ComingForm()
    form.offer(_coming(found, at=clock.now())[0])
    if not form.validate():
        return _mine_page(token, community, found, saying=form), 422
    try:
        with transaction():
            services.say_yes(found.community, found.person, form.numbers, at=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Gespeichert. Was daraus geworden ist, steht bei den Terminen und in der Mail dazu."), "success")
    return redirect(url_for(".mine", token=token) + "#termine", code=303)


@bp.post("/dabei/<token>/mitmachen")
@open_to(everyone)
def join_by_link(token: str) -> ResponseReturnValue:
    """Join with the button behind a link that was mailed: it proves the address (guarantee G22)."""
    community, person = _circle_and_person(token)
    form = JoinByLinkForm()
    if not form.validate():
        return _mine_page(token, community, None, joining=form), 422
    try:
        with transaction():
            mark_proved(person, at=clock.now())
            services.join_circle(community, person, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Sie sind dabei."), "success")
    return redirect(url_for(".mine", token=messages.token_of(community.id, person.id)), code=303)


@bp.post("/dabei/<token>/austreten")
@open_to(everyone)
def leave(token: str) -> ResponseReturnValue:
    """Leave a circle with all its parts."""
    community, found = _belonging_in(token)
    form = LeaveForm()
    if not form.validate():
        return _mine_page(token, community, found, leaving=form), 422
    if found:
        with transaction():
            circles.leave(found, at=clock.now())
        flash(_("Sie sind ausgetreten."), "success")
    return redirect(own_path(request.form.get("back"), url_for(".mine", token=token)), code=303)


def _belonging_in(token: str) -> tuple[Community, Belonging | None]:
    """The circle, and how the person of the token belongs to it, if they do."""
    community, person = _circle_and_person(token)
    return community, queries.belonging(community.id, person.id)


def _circle_and_person(token: str) -> tuple[Community, Person]:
    number = number_in(messages.MINE, token)
    if number is None:
        raise NotFound
    community_id, person_id = halves(number)
    person = people.person_with_number(person_id)
    if person is None:
        raise NotFound
    return queries.community_with_number(community_id), person
