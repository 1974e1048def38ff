"""The room of an event at the conference provider: who is there, going in as moderator, and leading everybody out."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import rules, showing
from ...events.conferences import offers_rooms, provider
from ...events.errors import RoomUnavailable
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound
from ...ground.web import open_to
from ..blueprint import bp, event_here, organisers


@bp.get("/veranstaltungen/<slug>/verwalten/videokonferenz/")
@open_to(organisers)
def conference(slug: str) -> ResponseReturnValue:
    """The room and whether somebody is in it, asked at the provider."""
    event, at = event_here(slug), clock.now()
    if not event.has_room:
        raise NotFound
    return render_template(
        "desk/conference.html",
        section="desk",
        event=event,
        is_open=rules.is_room_open(event, is_moderator=True, at=at),
        is_over=event.ends_at <= at,
        opens_at=rules.joining_opens_at(event) - rules.MODERATORS_SPARE,
        is_running=_is_running(event.room),
        showing=showing,
    )


def _is_running(key: str) -> bool | None:
    """Whether somebody is in a room; None while nobody can say."""
    try:
        return provider().is_running(key) if offers_rooms() else None
    except RoomUnavailable:
        return None


@bp.post("/veranstaltungen/<slug>/verwalten/videokonferenz/beenden")
@open_to(organisers)
def end_conference(slug: str) -> ResponseReturnValue:
    """Lead everybody out of the room."""
    with transaction():
        key = event_here(slug).room
    if not key:
        raise NotFound
    try:
        provider().end(key)
    except RoomUnavailable as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Die Videokonferenz ist für alle beendet."), "success")
    return redirect(url_for(".conference", slug=slug), code=303)
