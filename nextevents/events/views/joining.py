"""One's own way in: the code for the door, and the door to the video conference."""

from datetime import datetime

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.web import CONTENT_SECURITY_POLICY, everyone, open_to, personal
from .. import codes, rules, services, showing
from ..models import Registration
from .afterwards import registration_in
from .blueprint import bp


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


def _joining_page(registration: Registration, token: str, *, at: datetime) -> Response:
    event = registration.event
    page = render_template(
        "events/joining.html",
        section="events",
        registration=registration,
        event=event,
        token=token,
        may_join=rules.may_see_dial_in(registration),
        is_open=rules.is_joining_open(event, at=at),
        is_over=event.ends_at <= at,
        opens_at=rules.joining_opens_at(event),
        showing=showing,
    )
    response = personal(Response(page))
    # The button leads on to the conference, and browsers look at where forms are led on to (CSP 3, 6.4.2).
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", "form-action 'self' https: http:"
    )
    return response


@bp.post("/anmeldung/<token>/teilnehmen/")
@open_to(everyone)
def join(token: str) -> ResponseReturnValue:
    """Go through; it counts as attendance where the page says so."""
    registration = registration_in(token)
    try:
        with transaction():
            services.note_joining(registration, at=clock.now())
            dial_in = registration.event.dial_in
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".joining", token=token), code=303)
    if not showing.is_link(dial_in):
        return redirect(url_for(".joining", token=token), code=303)
    response = Response(status=303, headers={"Location": dial_in})
    return personal(response)
