"""What stays of an event for those who come: materials, the certificate, and saying how it was."""

from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.documents import download
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.limits import certificate_limit
from ...ground.tokens import number_in, token_for
from ...ground.web import everyone, open_to, personal
from ...people.signing_in import person_or_none
from .. import messages, papers, queries, rules, services, showing
from ..forms import CertificateForm, FeedbackForm
from ..models import Event, Material, MaterialKind, MaterialViewers, Registration
from .blueprint import bp


@dataclass(frozen=True)
class Shown:
    """A material as it stands on a page; minutes stand there whole, everything else as a link."""

    title: str
    kind: MaterialKind
    href: str
    text: str
    #: What follows a click, such as "PDF, 1,2 MB".
    about: str


@dataclass(frozen=True)
class Afterwards:
    """What stays of an event for one reader."""

    materials: list[Shown]
    #: Whether there is more for people whom we know, and this reader is none yet.
    has_more_signed_in: bool
    #: The paper, if it was issued; otherwise where one asks for it, if one may.
    certificate_href: str
    issue_href: str
    feedback_href: str
    has_given_feedback: bool


def afterwards(event: Event, registration: Registration | None = None, token: str = "") -> Afterwards:
    """What stays of this event for whoever has this registration, or none.

    On the page behind a mailed link, links keep its token; elsewhere they ask for signing in.
    """
    at, person, kept = clock.now(), person_or_none(), queries.materials(event)
    seen = rules.viewers_for(person, event, registration) if kept else frozenset()
    hidden = {one.viewers for one in kept} - seen - {MaterialViewers.NOBODY}
    own = token or (token_for(messages.REGISTRATION, registration.id) if registration else "")
    certifies = registration is not None and rules.may_have_certificate(registration, at=at)
    stands = certifies and registration is not None and queries.certificate_of(registration) is not None
    asks = registration is not None and rules.may_give_feedback(registration, at=at)
    has_answered = registration is not None and registration.has_given_feedback
    return Afterwards(
        materials=[_shown(one, event, token) for one in kept if one.viewers in seen],
        has_more_signed_in=person is None and bool(hidden),
        certificate_href=url_for("events.certificate_file", token=own) if stands else "",
        issue_href=url_for("events.issue_certificate", token=own) if certifies and not stands else "",
        feedback_href=url_for("events.feedback", token=own) if asks and not has_answered else "",
        has_given_feedback=asks and has_answered,
    )


bp.add_app_template_global(afterwards)


def _shown(material: Material, event: Event, token: str) -> Shown:
    href = material.url
    if material.file_id and token:
        href = url_for("events.own_material", token=token, number=material.id)
    elif material.file_id:
        href = url_for("events.material", slug=event.slug, number=material.id)
    return Shown(material.title, material.kind, href, material.text, showing.material_label(material))


@bp.get("/veranstaltungen/<slug>/unterlagen/<int:number>/")
@open_to(everyone)
def material(slug: str, number: int) -> ResponseReturnValue:
    """A file to save, for those whom it is for and for organisers; whoever took part is known once signed in."""
    event, person = queries.event_with_slug(slug), person_or_none()
    found = queries.material(event, number)
    if found.file is None:
        raise NotFound
    registration = queries.active_registration(person, event) if person else None
    if found.viewers not in rules.viewers_for(person, event, registration) and not rules.may_organise(person, event):
        raise NotFound
    response = download(found.file)
    return response if found.viewers == MaterialViewers.EVERYBODY else personal(response)


@bp.get("/anmeldung/<token>/unterlagen/<int:number>/")
@open_to(everyone)
def own_material(token: str, number: int) -> ResponseReturnValue:
    """A file to save, for whoever has the link to a registration."""
    registration = registration_in(token)
    event = registration.event
    found = queries.material(event, number)
    if found.file is None or found.viewers not in rules.viewers_for(person_or_none(), event, registration):
        raise NotFound
    return personal(download(found.file))


@bp.post("/anmeldung/<token>/bescheinigung")
@open_to(everyone)
def issue_certificate(token: str) -> ResponseReturnValue:
    """Issue the certificate, and show it."""
    registration = registration_in(token)
    try:
        with transaction():
            services.issue_certificate(registration, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".manage", token=token), code=303)
    return redirect(url_for(".certificate_file", token=token), code=303)


@bp.get("/anmeldung/<token>/bescheinigung.pdf")
@open_to(everyone)
def certificate_file(token: str) -> ResponseReturnValue:
    """Somebody's certificate as PDF, once it was issued."""
    found = queries.certificate_of(registration_in(token))
    if found is None:
        return redirect(url_for(".manage", token=token), code=303)
    response = Response(papers.certificate(found), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="bescheinigung-{found.code}.pdf"'
    return personal(response)


@bp.get("/bescheinigung/")
@open_to(everyone)
@certificate_limit
def check_certificate() -> ResponseReturnValue:
    """A field for the code that stands on a certificate."""
    if "code" not in request.args:
        return _checking_page(CertificateForm(formdata=None))
    form = CertificateForm(request.args)
    if not form.validate():
        return _checking_page(form), 422
    code = services.code_in(form.code.data)
    if code is None:
        add_error(form.code, _("Ein Code hat zwölf Zeichen, zum Beispiel KXQ7-M2PD-9RTV. Bitte prüfen Sie ihn."))
        return _checking_page(form), 422
    return redirect(url_for(".certificate", code=code), code=303)


@bp.get("/bescheinigung/<code>/")
@open_to(everyone)
@certificate_limit
def certificate(code: str) -> ResponseReturnValue:
    """What a certificate says, for whoever was shown one: the same as on the paper, and nothing more."""
    known = services.code_in(code[:60])
    found = queries.certificate_with_code(known) if known else None
    if found is None:
        form = CertificateForm(formdata=None, code=code[:60])
        add_error(form.code, _("Zu diesem Code gibt es keine Bescheinigung. Bitte vergleichen Sie ihn mit dem Papier."))
        return _checking_page(form), 404
    page = render_template("events/certificate.html", certificate=found, event=found.event, showing=showing)
    return personal(Response(page))


def _checking_page(form: CertificateForm) -> Response:
    return personal(Response(render_template("events/check_certificate.html", form=form)))


@bp.get("/anmeldung/<token>/rueckmeldung/")
@open_to(everyone)
def feedback(token: str) -> ResponseReturnValue:
    """Two questions and a free text."""
    return _feedback_page(registration_in(token), token, FeedbackForm(formdata=None))


def _feedback_page(registration: Registration, token: str, form: FeedbackForm) -> Response:
    page = render_template(
        "events/feedback.html",
        section="events",
        event=registration.event,
        registration=registration,
        may_answer=rules.may_give_feedback(registration, at=clock.now()),
        token=token,
        form=form,
        showing=showing,
    )
    return personal(Response(page))


@bp.post("/anmeldung/<token>/rueckmeldung/")
@open_to(everyone)
def give_feedback(token: str) -> ResponseReturnValue:
    """Keep the answer, without whose it is. The same form sent twice is one answer."""
    registration, form = registration_in(token), FeedbackForm()
    if not form.validate():
        return _feedback_page(registration, token, form), 422
    useful = int(form.useful.data) if form.useful.data else None
    try:
        with transaction():
            services.give_feedback(
                registration, rating=int(form.rating.data), useful=useful, text=form.text.data or "", at=clock.now()
            )
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Danke für Ihre Rückmeldung."), "success")
    return redirect(url_for(".manage", token=token), code=303)


def registration_in(token: str) -> Registration:
    """The registration that a mailed link speaks of. Raises NotFound."""
    number = number_in(messages.REGISTRATION, token)
    if number is None:
        raise NotFound
    return queries.registration(number)
