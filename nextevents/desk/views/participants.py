"""Who comes, who waits, who has left."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ...events import queries as events
from ...events import showing
from ...events.models import State
from ...ground.database import db
from ...ground.web import open_to, page_number, paging
from ..blueprint import bp, event_here, organisers

PAGE = 100


@bp.get("/veranstaltungen/<slug>/verwalten/teilnehmende/")
@open_to(organisers)
def participants(slug: str) -> ResponseReturnValue:
    """Who comes, who waits, who has left."""
    event = event_here(slug)
    asked = request.args.get("stand", "")
    state = State(asked) if asked in set(State) else None
    words, page = request.args.get("q", "").strip()[:100].replace("\0", ""), page_number()
    chosen = events.participants(event, words=words, state=state)
    found = db.session.scalars(chosen.limit(PAGE + 1).offset(page * PAGE)).all()
    return render_template(
        "desk/participants.html",
        section="desk",
        event=event,
        registrations=found[:PAGE],
        counts=events.counts_by_state(event),
        states=list(State),
        state=state,
        words=words,
        showing=showing,
        **paging(page, has_more=len(found) > PAGE),
    )
