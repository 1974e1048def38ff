"""One's own events, and how one of them stands."""

from collections.abc import Sequence
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ...events import queries as events
from ...events import rules, showing
from ...events.models import Stage, Turn
from ...ground import clock
from ...ground.web import open_to, page_number, paging
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, leads, organisers
from ..reminding import late_reminders
from ..showing import months
from ..warnings import warnings_about

PAGE = 100


@bp.get("/verwalten/")
@open_to(leads)
def index() -> ResponseReturnValue:
    """The events that this person organises: coming ones, or past ones."""
    at, page = clock.now(), page_number()
    is_past = request.args.get("ansicht") == "vergangen"
    found = events.organised_events(current_person(), at, is_past=is_past, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "desk/index.html",
        section="desk",
        months=months(found[:PAGE], at),
        is_past=is_past,
        turns=_turns(at),
        **paging(page, has_more=len(found) > PAGE),
    )


def _turns(at: datetime) -> Sequence[Turn]:
    """When it is one's own turn to host."""
    return events.own_turns(current_person(), clock.local(at).date())


@bp.get("/veranstaltungen/<slug>/verwalten/")
@open_to(organisers)
def overview(slug: str) -> ResponseReturnValue:
    """How an event stands, and what to do next."""
    event, at = event_here(slug), clock.now()
    return render_template(
        "desk/overview.html",
        section="desk",
        event=event,
        counts=events.counts_by_state(event),
        is_past=event.ends_at <= at,
        is_door_open=rules.is_door_open(event, at=at),
        warnings=warnings_about(event, at=at) if event.ends_at > at or event.stage == Stage.DRAFT else [],
        reach=events.reach_of(event, clock.local(at).date()),
        opens_later=rules.opens_later(event, at=at),
        late=late_reminders(event, at),
        turns=[one for one in _turns(at) if one.event_id == event.id],
        showing=showing,
    )
