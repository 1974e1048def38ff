"""The office's doors to rosters from elsewhere: handed in, looked at, taken over."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..events import showing
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import Refusal
from ..ground.fields import add_error
from ..ground.web import office, open_to, takes_files
from ..mailing import queries as mailing
from ..mailing import services
from ..mailing.models import ListImport, MailingList
from ..mailing.rosters import Standing, entries
from ..mailing.services.importing import MOST_PROBLEMS
from ..people.signing_in import current_person
from .blueprint import bp
from .list_forms import ImportForm
from .lists import note
from .showing_lists import outcome_word, problem_word

#: So many lines are shown before anything is taken over.
PREVIEW = 20


@bp.get("/buero/verteiler/<slug>/importieren/")
@open_to(office)
def import_list(slug: str) -> ResponseReturnValue:
    """The form to hand a roster in."""
    return _import_page(mailing.list_with_slug(slug), ImportForm(formdata=None))


def _import_page(one: MailingList, form: ImportForm) -> str:
    return render_template("office/list_import.html", section="office", mailing_list=one, form=form)


@bp.post("/buero/verteiler/<slug>/importieren/")
@open_to(office)
@takes_files
def hand_in_roster(slug: str) -> ResponseReturnValue:
    """Keep a roster and show what it holds; nothing is taken over yet."""
    one, form, at = mailing.list_with_slug(slug), ImportForm(), clock.now()
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    is_complete = form.validate()
    if not content:
        add_error(form.file, _("Bitte wählen Sie eine Datei aus."))
    if not (is_complete and content):
        return _import_page(one, form), 422
    try:
        with transaction():
            handed_in = services.hand_in(
                one,
                content,
                file_name=(upload.filename if upload else "") or "",
                evidence=form.evidence.data or "",
                by=current_person().address,
                at=at,
            )
    except Refusal as refusal:
        add_error(form.file, str(refusal))
        return _import_page(mailing.list_with_slug(slug), form), 422
    return redirect(url_for(".list_import", slug=slug, number=handed_in.id), code=303)


@bp.get("/buero/verteiler/<slug>/importieren/<int:number>/")
@open_to(office)
def list_import(slug: str, number: int) -> ResponseReturnValue:
    """A roster: what it holds, and once it is being taken over, what became of each line."""
    one = mailing.list_with_slug(slug)
    handed_in = mailing.list_import(one, number)
    return render_template(
        "office/list_import_report.html",
        section="office",
        mailing_list=one,
        handed_in=handed_in,
        outcome_word=outcome_word,
        problem_word=problem_word,
        most=MOST_PROBLEMS,
        time_label=showing.edited_label,
        **_preview(handed_in),
    )


def _preview(handed_in: ListImport) -> dict[str, object]:
    if handed_in.started_at:
        return {"total": 0, "first": [], "unreadable": 0, "unwanted": 0, "unreachable": 0}
    first, total, unreadable, unwanted, unreachable = [], 0, 0, 0, 0
    for entry in entries(handed_in.content or b""):
        total += 1
        unreadable += bool(entry.problem) or "@" not in entry.address
        unwanted += entry.is_unwanted
        unreachable += entry.standing == Standing.UNREACHABLE
        if total <= PREVIEW:
            first.append(entry)
    return {"total": total, "first": first, "unreadable": unreadable, "unwanted": unwanted, "unreachable": unreachable}


@bp.post("/buero/verteiler/<slug>/importieren/<int:number>/")
@open_to(office)
def begin_import(slug: str, number: int) -> ResponseReturnValue:
    """Let the worker take the roster over."""
    one, at = mailing.list_with_slug(slug), clock.now()
    with transaction():
        services.begin_import(mailing.list_import(one, number), at=at)
        note("roster_imported", one, at=at, number=number)
    flash(_("Es läuft. Diese Seite zeigt, wie weit es ist."), "success")
    return redirect(url_for(".list_import", slug=slug, number=number), code=303)
