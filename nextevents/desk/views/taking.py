"""What organisers take away: files, a list on paper, name badges; and who took what."""

import re
from datetime import datetime

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import showing
from ...events.models import Event, Photos, State
from ...ground import clock
from ...ground.audit import note_deed
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.space import require_room
from ...ground.web import open_to
from ...people.signing_in import current_person
from .. import papers
from ..blueprint import bp, event_here, organisers
from ..columns import answer_label, body_of
from ..exports import CONTENT_TYPES, FileFormat, Sheet, as_file
from ..listing import Listing
from ..papers import Badge

PAST = 100
#: Who gets a badge, unless another state is chosen.
EXPECTED = frozenset({State.CONFIRMED, State.ATTENDED})


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/export")
@open_to(organisers)
def export(slug: str) -> ResponseReturnValue:
    """The list as it is chosen, as a file; that it was taken is noted."""
    event, at = event_here(slug), clock.now()
    try:
        require_room()
    except Refusal as refusal:
        return _refused(slug, refusal)
    asked = request.form.get("format")
    kind = FileFormat(asked) if asked in set(FileFormat) else FileFormat.XLSX
    with transaction():
        listing, person = Listing.asked(event, request.form), current_person()
        lines = listing.lines(listing.all())
        sheet = Sheet(
            event.title, [one.label for one in listing.columns], [one.cells for one in lines], person.name, at
        )
        _note(listing, kind, len(lines), at)
    return _file(as_file(sheet, kind), CONTENT_TYPES[kind], _file_name(event, "teilnehmende", kind, at))


def _refused(slug: str, refusal: Refusal) -> ResponseReturnValue:
    flash(str(refusal), "refusal")
    return redirect(url_for(".participants", slug=slug), code=303)


def _note(listing: Listing, kind: str, count: int, at: datetime) -> None:
    """Write down that a list was taken: in the transaction that reads it, without anybody's name."""
    note_deed(
        events.EXPORTED,
        f"event:{listing.event.id}",
        person_id=current_person().id,
        at=at,
        format=kind,
        count=count,
        columns=[one.key for one in listing.columns],
        is_whole=listing.choice.is_open,
    )


def _file(content: bytes, content_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=content_type, headers=headers)


def _file_name(event: Event, what: str, ending: str, at: datetime) -> str:
    return f"{event.slug}-{what}-{clock.local(at):%Y-%m-%d}.{ending}"


@bp.get("/veranstaltungen/<slug>/verwalten/teilnehmende/exporte/")
@open_to(organisers)
def exports(slug: str) -> ResponseReturnValue:
    """Who took lists of participants away, and when."""
    event = event_here(slug)
    return render_template(
        "desk/exports.html",
        section="desk",
        event=event,
        exports=events.exports_of(event, limit=PAST),
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/druckliste/")
@open_to(organisers)
def print_list(slug: str) -> ResponseReturnValue:
    """The list as it is chosen, for paper, with room for signatures if wanted; that it was taken is noted."""
    event, at = event_here(slug), clock.now()
    with transaction():
        listing = Listing.asked(event, request.form)
        lines = listing.lines(listing.all())
        _note(listing, "print", len(lines), at)
    return render_template(
        "desk/print_list.html",
        section="desk",
        event=event,
        listing=listing,
        lines=lines,
        has_signatures=request.form.get("unterschrift") == "ja",
        person=current_person(),
        at=at,
        showing=showing,
    )


@bp.get("/veranstaltungen/<slug>/verwalten/teilnehmende/druckliste/")
@open_to(organisers)
def choose_print_list(slug: str) -> ResponseReturnValue:
    """Whoever comes back to a printed list by its address chooses anew: printing is noted, looking is not."""
    return redirect(Listing.asked(event_here(slug), request.args).href(), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/schilder")
@open_to(organisers)
def badges(slug: str) -> ResponseReturnValue:
    """Name badges of those who come, ten on a page of A4."""
    event, at = event_here(slug), clock.now()
    try:
        require_room()
    except Refusal as refusal:
        return _refused(slug, refusal)
    part = _part(request.form.get("teil", "1"))
    with transaction():
        listing = Listing.asked(event, request.form)
        made = _badges(listing, part)
        if made:
            _note(listing, "badges", len(made), at)
    if not made:
        flash(_("Dazu gibt es keine Namensschilder: Sie sind für alle, die angemeldet sind."), "warning")
        return redirect(url_for(".participants", slug=slug), code=303)
    return _file(papers.badges(event, made), "application/pdf", _file_name(event, "namensschilder", "pdf", at))


def _part(typed: str) -> int:
    return int(typed) - 1 if re.fullmatch(r"[1-9][0-9]?", typed) else 0


def _badges(listing: Listing, part: int) -> list[Badge]:
    question = _question_on_badges(listing)
    wanted = [one for one in listing.all() if listing.choice.state or one.state in EXPECTED]
    wanted = wanted[part * papers.IN_A_FILE : (part + 1) * papers.IN_A_FILE]
    answers = events.answers_by_registration([one.id for one in wanted]) if question else {}
    shows_photos = listing.event.asks_photos
    return [
        Badge(
            name=one.name,
            body=body_of(one),
            line=answer_label(answers.get(one.id, {}).get(question or 0, "")),
            photos=Photos(one.photos) if shows_photos else None,
        )
        for one in wanted
    ]


def _question_on_badges(listing: Listing) -> int | None:
    typed = request.form.get("antwort", "")
    return next((one.id for one in listing.questions if str(one.id) == typed), None)
