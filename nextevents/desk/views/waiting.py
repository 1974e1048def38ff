"""The waiting list: its order, and a seat out of turn."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import services, showing
from ...events.models import Event
from ...events.services import Move
from ...ground import clock
from ...ground.database import db, transaction
from ...ground.errors import NotFound, Refusal
from ...ground.web import LARGEST_NUMBER, open_to, page_number, paging
from ..blueprint import bp, event_here, organisers

PAGE = 100
_DEED = re.compile(r"(up|down|top|seat)-([0-9]{1,10})", re.ASCII)


@bp.get("/veranstaltungen/<slug>/verwalten/warteliste/")
@open_to(organisers)
def waiting_list(slug: str) -> ResponseReturnValue:
    """Who waits for a seat, in order."""
    event, page = event_here(slug), page_number()
    found = db.session.scalars(events.waiting_list(event).limit(PAGE + 1).offset(page * PAGE)).all()
    return render_template(
        "desk/waiting_list.html",
        section="desk",
        event=event,
        waiting=found[:PAGE],
        ahead=page * PAGE,
        count=events.waiting_count(event),
        showing=showing,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.post("/veranstaltungen/<slug>/verwalten/warteliste/")
@open_to(organisers)
def change_waiting_list(slug: str) -> ResponseReturnValue:
    """Move somebody on the waiting list, or give them a seat."""
    event, asked = event_here(slug), _DEED.fullmatch(request.form.get("do", ""))
    if not asked or int(asked[2]) > LARGEST_NUMBER:
        raise NotFound
    if not events.registrations_at(event, [int(asked[2])]):
        raise NotFound
    try:
        with transaction():
            _do(event, asked[1], int(asked[2]), as_extra=request.form.get("as_extra") == "y")
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    here = request.args.get("seite")
    return redirect(url_for(".waiting_list", slug=slug, seite=here if page_number() else None), code=303)


def _do(event: Event, deed: str, number: int, *, as_extra: bool) -> None:
    if deed != "seat":
        services.move_waiting(event, number, Move(deed))
        return
    (waiting,) = events.registrations_at(event, [number])
    services.give_seat(waiting, as_extra=as_extra, at=clock.now())
    flash(_("%(name)s hat jetzt einen Platz und bekommt eine Mail.", name=waiting.name), "success")
