"""One's own way in: the code for the door, and the door to the video conference."""

from datetime import datetime

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.web import everyone, open_to, personal, signed_in
from ...people.signing_in import person_or_none
from .. import codes, queries, rules, services, showing
from ..conferences import provider
from ..errors import RoomUnavailable
from ..forms import RoomForm
from ..models import Registration
from .afterwards import registration_in
from .blueprint import bp
from .rooms import leading_on, led_on, own_door, room_of, sure_registration, unavailable


@bp.get("/anmeldung/<token>/code.svg")
@open_to(everyone)
def code_picture(token: str) -> ResponseReturnValue:
    """The code to show at the door."""
    registration = registration_in(token)
    if not rules.may_show_code(registration, at=clock.now()):
        raise NotFound
    return personal(Response(codes.picture_of_code(registration), mimetype="image/svg+xml"))


@bp.get("/anmeldung/<token>/teilnehmen/")
@open_to(everyone)
def joining(token: str) -> ResponseReturnValue:
    """The door to the video conference: when it opens, and what going through it means. Changes nothing."""
    return _joining_page(registration_in(token), token, at=clock.now())


@bp.get("/veranstaltungen/<slug>/teilnehmen/")
@open_to(signed_in)
def enter(slug: str) -> ResponseReturnValue:
    """What stands in calendars where joining counts: on to one's own door, for others to the page. Changes nothing."""
    event = queries.event_with_slug(slug)
    registration = sure_registration(person_or_none(), event)
    return redirect(own_door(registration) if registration else url_for(".show", slug=event.slug), code=303)


def _joining_page(
    registration: Registration,
    token: str,
    form: RoomForm | None = None,
    refusal: Refusal | None = None,
    *,
    at: datetime,
) -> Response:
    event = registration.event
    page = render_template(
        "events/joining.html",
        section="events",
        registration=registration,
        event=event,
        token=token,
        form=form or RoomForm(formdata=None, name=registration.name),
        refusal=refusal,
        may_join=rules.may_see_dial_in(registration),
        is_open=rules.is_joining_open(event, at=at),
        is_over=event.ends_at <= at,
        opens_at=rules.joining_opens_at(event),
        showing=showing,
    )
    return leading_on(personal(Response(page)))


@bp.post("/anmeldung/<token>/teilnehmen/")
@open_to(everyone)
def join(token: str) -> ResponseReturnValue:
    """Go through; it counts as attendance where the page says so."""
    registration = registration_in(token)
    if registration.event.has_room:
        return _join_room(registration, token, at=clock.now())
    try:
        with transaction():
            services.note_joining(registration, at=clock.now())
            dial_in = registration.event.dial_in
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".joining", token=token), code=303)
    if not showing.is_link(dial_in):
        return redirect(url_for(".joining", token=token), code=303)
    return led_on(dial_in)


def _join_room(registration: Registration, token: str, *, at: datetime) -> ResponseReturnValue:
    """Make the room if need be and go in. Whoever cannot get in has not been there."""
    form = RoomForm()
    if not form.validate():
        return _joining_page(registration, token, form, at=at), 422
    try:
        with transaction():
            services.ensure_may_join(registration, at=at)
            room = room_of(registration.event)
        address = provider().way_in(room, form.name.data, is_moderator=False)
        with transaction():
            services.note_joining(registration, at=at)
    except RoomUnavailable as refusal:
        return unavailable(_joining_page(registration, token, form, refusal, at=at))
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".joining", token=token), code=303)
    return led_on(address)
