"""A circle's library for its leads: files, notes and links, added, changed and taken away."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities import services, showing
from ...communities.errors import ChangedMeanwhile
from ...communities.models import Community, Document
from ...events.showing import date_label, size_label
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.text import number_typed
from ...ground.web import open_to, takes_files
from ...people.signing_in import current_person
from ..blueprint import bp, circle_here, leads_of_circle
from ..forms.library import STANDING, DocumentForm, FileForm, LinkForm, NoteForm, standing_form, upload_in
from ..showing import Difference, differences

#: Three forms stand on one page, so their fields need names of their own.
PREFIXES = {"file": "datei-", "note": "notiz-", "link": "link-"}


@bp.get("/verwalten/communities/<slug>/unterlagen/")
@open_to(leads_of_circle)
def documents(slug: str) -> ResponseReturnValue:
    """What lies there, and the forms for something new."""
    return _documents_page(circle_here(slug))


def _documents_page(community: Community, **typed: DocumentForm) -> str:
    empty = {
        "file": FileForm(formdata=None, prefix=PREFIXES["file"]),
        "note": NoteForm(formdata=None, prefix=PREFIXES["note"]),
        "link": LinkForm(formdata=None, prefix=PREFIXES["link"]),
    }
    return render_template(
        "desk/documents.html",
        section="desk",
        community=community,
        documents=communities.documents(community),
        forms=empty | typed,
        typed=next(iter(typed.values()), None),
        showing=showing,
        size_label=size_label,
        date_label=date_label,
    )


@bp.post("/verwalten/communities/<slug>/unterlagen/datei")
@open_to(leads_of_circle)
@takes_files
def add_file(slug: str) -> ResponseReturnValue:
    """Keep a file."""
    return _added(slug, "file", FileForm(prefix=PREFIXES["file"]))


@bp.post("/verwalten/communities/<slug>/unterlagen/notiz")
@open_to(leads_of_circle)
def add_note(slug: str) -> ResponseReturnValue:
    """Keep a note."""
    return _added(slug, "note", NoteForm(prefix=PREFIXES["note"]))


@bp.post("/verwalten/communities/<slug>/unterlagen/link")
@open_to(leads_of_circle)
def add_link(slug: str) -> ResponseReturnValue:
    """Keep the address of something that lies elsewhere."""
    return _added(slug, "link", LinkForm(prefix=PREFIXES["link"]))


def _added(slug: str, kind: str, form: DocumentForm) -> ResponseReturnValue:
    community, person = circle_here(slug), current_person()
    if not form.validate():
        return _documents_page(community, **{kind: form}), 422
    upload = upload_in(form.file) if "file" in form else None
    try:
        with transaction():
            services.add_document(community, form.wish(), upload=upload, by=person, at=clock.now())
    except Refusal as refusal:
        add_error(form["file" if upload else "title"], str(refusal))
        return _documents_page(circle_here(slug), **{kind: form}), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".documents", slug=slug), code=303)


@bp.get("/verwalten/communities/<slug>/unterlagen/<int:number>/")
@open_to(leads_of_circle)
def edit_document(slug: str, number: int) -> ResponseReturnValue:
    """The form of something that lies there."""
    document = communities.document(circle_here(slug), number)
    return _document_page(document, standing_form(document))


def _document_page(document: Document, form: DocumentForm, found: list[Difference] | None = None) -> str:
    return render_template(
        "desk/document.html",
        section="desk",
        community=document.community,
        document=document,
        form=form,
        differences=found,
    )


@bp.post("/verwalten/communities/<slug>/unterlagen/<int:number>/")
@open_to(leads_of_circle)
@takes_files
def change_document(slug: str, number: int) -> ResponseReturnValue:
    """Change what is said and who may see it; whoever was overtaken sees both versions (guarantee G20)."""
    document = communities.document(circle_here(slug), number)
    form = STANDING[document.kind]()
    if not form.validate():
        return _document_page(document, form), 422
    upload = upload_in(form.file) if "file" in form else None
    try:
        with transaction():
            services.change_document(
                document, form.wish(), upload=upload, version=number_typed(form.version.data), at=clock.now()
            )
    except ChangedMeanwhile:
        standing = communities.document(circle_here(slug), number)
        form.version.data = str(standing.version)
        return _document_page(standing, form, differences(_in_words(form), standing_form(standing))), 409
    except Refusal as refusal:
        add_error(form.file, str(refusal))
        return _document_page(communities.document(circle_here(slug), number), form), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".documents", slug=slug), code=303)


def _in_words(form: DocumentForm) -> list[object]:
    return [one for one in form if one.short_name != "file"]


@bp.post("/verwalten/communities/<slug>/unterlagen/<int:number>/entfernen")
@open_to(leads_of_circle)
def remove_document(slug: str, number: int) -> ResponseReturnValue:
    """Take something away, its file too."""
    community = circle_here(slug)
    with transaction():
        services.remove_document(community, number)
    flash(_("Entfernt."), "success")
    return redirect(url_for(".documents", slug=slug), code=303)
