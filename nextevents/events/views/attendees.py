"""Who comes to an event, as far as they want to be seen."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from ...ground.errors import NotFound
from ...ground.web import everyone, open_to, personal
from ...people.signing_in import person_or_none
from .. import queries, rules
from .blueprint import bp


@bp.get("/veranstaltungen/<slug>/teilnehmende/")
@open_to(everyone)
def attendees(slug: str) -> ResponseReturnValue:
    """Names and bodies of those who have agreed; never addresses (rule L-15)."""
    event, person = queries.event_with_slug(slug), person_or_none()
    registration = queries.active_registration(person, event) if person else None
    if not rules.may_see_participants(event, registration):
        raise NotFound
    page = render_template(
        "events/attendees.html", section="events", event=event, participants=queries.shown_participants(event)
    )
    return personal(Response(page))
