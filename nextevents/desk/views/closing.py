"""Closing an event: who was there, certificates, materials, and what people say."""

import re

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...events import queries as events
from ...events import rules, services, showing
from ...events.errors import MaterialChangedMeanwhile
from ...events.models import Event, Material, MaterialKind, Stage
from ...events.retention import PARTICIPANTS
from ...ground import clock
from ...ground.database import transaction
from ...ground.documents import download
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.web import open_to, takes_files
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.material import LinkForm, MinutesForm, StandingForm, UploadForm, standing_form, typed_form
from ..plots import feedback_plots
from ..showing import Difference, differences

#: Four forms stand on one page, so their fields need names of their own.
PREFIXES = {"upload": "datei-", "link": "link-", "recording": "aufzeichnung-", "minutes": "protokoll-"}
LINKS = {"link": MaterialKind.LINK, "aufzeichnung": MaterialKind.RECORDING}


@bp.get("/veranstaltungen/<slug>/verwalten/abschluss/")
@open_to(organisers)
def closing(slug: str) -> ResponseReturnValue:
    """Everything that is to do when an event is over."""
    event, at = event_here(slug), clock.now()
    return render_template(
        "desk/closing.html",
        section="desk",
        event=event,
        counts=events.counts_by_state(event),
        is_past=event.ends_at <= at,
        may_close=event.starts_at <= at and event.stage == Stage.PUBLISHED,
        may_still_ask=event.ends_at <= at < event.ends_at + services.ASKING_TIME,
        certificates=events.certificate_counts(event),
        materials=events.materials(event),
        feedback_count=events.feedback_count(event),
        feedback_plots=feedback_plots(event),
        feedback_texts=events.feedback_texts(event) if events.feedback_figures(event) else [],
        fades_at=event.ends_at + PARTICIPANTS,
        may_become_circle=rules.may_become_circle(event, at=at) and rules.may_propose_circle(current_person(), event),
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/bescheinigungen")
@open_to(organisers)
def send_certificates(slug: str) -> ResponseReturnValue:
    """Tell everybody who was there where the certificate is."""
    try:
        with transaction():
            count = services.send_certificates(event_here(slug), at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        nobody = _("Alle, die da waren, haben die Mail schon.")
        flash(
            ngettext("%(num)s Mail geht hinaus.", "%(num)s Mails gehen hinaus.", count) if count else nobody, "success"
        )
    return redirect(url_for(".closing", slug=slug) + "#bescheinigungen", code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/rueckmeldung")
@open_to(organisers)
def ask_for_feedback(slug: str) -> ResponseReturnValue:
    """Write to all who were there and have not said anything yet."""
    try:
        with transaction():
            count = services.ask_for_feedback(event_here(slug), at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_asked(count), "success")
    return redirect(url_for(".closing", slug=slug) + "#rueckmeldung", code=303)


def _asked(count: int) -> str:
    if not count:
        return _("Es geht keine Mail hinaus: Alle, die da waren, sind schon gefragt oder haben geantwortet.")
    return ngettext("%(num)s Person bekommt eine Mail.", "%(num)s Personen bekommen eine Mail.", count)


# ── Materials ────────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/")
@open_to(organisers)
def materials(slug: str) -> ResponseReturnValue:
    """The forms for something new: a file, a link, a recording, minutes."""
    return _materials_page(event_here(slug))


def _materials_page(event: Event, **forms: UploadForm | LinkForm | MinutesForm) -> str:
    empty = {
        "upload": UploadForm(formdata=None, prefix=PREFIXES["upload"]),
        "link": LinkForm(formdata=None, prefix=PREFIXES["link"]),
        "recording": LinkForm(formdata=None, prefix=PREFIXES["recording"], data={"title": _("Aufzeichnung")}),
        "minutes": MinutesForm(formdata=None, prefix=PREFIXES["minutes"], data={"title": _("Protokoll")}),
    }
    return render_template(
        "desk/materials.html", section="desk", event=event, **(empty | forms), typed=next(iter(forms.values()), None)
    )


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/datei")
@open_to(organisers)
@takes_files
def upload_material(slug: str) -> ResponseReturnValue:
    """Keep a file."""
    event, form = event_here(slug), UploadForm(prefix=PREFIXES["upload"])
    if not form.validate():
        return _materials_page(event, upload=form), 422
    try:
        with transaction():
            services.add_material(event, MaterialKind.FILE, form.change(), upload=form.upload(), at=clock.now())
    except Refusal as refusal:
        add_error(form.file, str(refusal))
        return _materials_page(event, upload=form), 422
    return _saved(slug)


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/<any(link, aufzeichnung):kind>")
@open_to(organisers)
def link_material(slug: str, kind: str) -> ResponseReturnValue:
    """Keep the address of slides elsewhere, or of a recording."""
    name = "link" if kind == "link" else "recording"
    event, form = event_here(slug), LinkForm(prefix=PREFIXES[name])
    if not form.validate():
        return _materials_page(event, **{name: form}), 422
    try:
        with transaction():
            services.add_material(event, LINKS[kind], form.change(), at=clock.now())
    except Refusal as refusal:
        add_error(form.title, str(refusal))
        return _materials_page(event, **{name: form}), 422
    return _saved(slug)


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/protokoll")
@open_to(organisers)
def write_minutes(slug: str) -> ResponseReturnValue:
    """Keep minutes."""
    event, form = event_here(slug), MinutesForm(prefix=PREFIXES["minutes"])
    if not form.validate():
        return _materials_page(event, minutes=form), 422
    try:
        with transaction():
            services.add_material(event, MaterialKind.MINUTES, form.change(), at=clock.now())
    except Refusal as refusal:
        add_error(form.title, str(refusal))
        return _materials_page(event, minutes=form), 422
    return _saved(slug)


def _saved(slug: str) -> ResponseReturnValue:
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".closing", slug=slug) + "#unterlagen", code=303)


@bp.get("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/<int:number>/")
@open_to(organisers)
def edit_material(slug: str, number: int) -> ResponseReturnValue:
    """The form of something that stands."""
    event = event_here(slug)
    material = events.material(event, number)
    return _material_page(event, material, standing_form(material))


def _material_page(event: Event, material: Material, form: StandingForm, found: list[Difference] | None = None) -> str:
    return render_template(
        "desk/material.html", section="desk", event=event, material=material, form=form, differences=found
    )


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/<int:number>/")
@open_to(organisers)
def change_material(slug: str, number: int) -> ResponseReturnValue:
    """Change what is said and who may see it; whoever was overtaken sees both versions (guarantee G20)."""
    event = event_here(slug)
    material = events.material(event, number)
    form = typed_form(material)
    if not form.validate():
        return _material_page(event, material, form), 422
    typed = form.version.data or ""
    version = int(typed) if re.fullmatch(r"\d{1,9}", typed, re.ASCII) else 0
    try:
        with transaction():
            services.change_material(material, event, form.change(), version=version, at=clock.now())
    except MaterialChangedMeanwhile:
        standing = events.material(event_here(slug), number)
        form.version.data = str(standing.version)
        return _material_page(event, standing, form, differences(form, standing_form(standing))), 409
    return _saved(slug)


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/<int:number>/entfernen")
@open_to(organisers)
def remove_material(slug: str, number: int) -> ResponseReturnValue:
    """Take something away, its file too."""
    with transaction():
        services.remove_material(event_here(slug), number, at=clock.now())
    flash(_("Entfernt."), "success")
    return redirect(url_for(".closing", slug=slug) + "#unterlagen", code=303)


@bp.get("/veranstaltungen/<slug>/verwalten/abschluss/unterlagen/<int:number>/datei")
@open_to(organisers)
def material_file(slug: str, number: int) -> ResponseReturnValue:
    """A file to save, drafts of events included."""
    found = events.material(event_here(slug), number)
    if found.file is None:
        raise NotFound
    return download(found.file)
