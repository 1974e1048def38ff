"""Answering an invitation by entry on its page, for those whose calendar shows no buttons."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.tokens import halves, number_in
from ...ground.web import everyone, open_to, personal
from .. import messages, queries, rules, services, showing
from ..forms import YesOrNoForm
from ..messages_to_circles import CALL
from ..models import Call
from .blueprint import bp


@bp.get("/eingeladen/<token>/")
@open_to(everyone)
def called(token: str) -> ResponseReturnValue:
    """An invitation by entry, as its mail links to it. Changes nothing."""
    return _page(_call_in(token), YesOrNoForm(formdata=None))


def _page(call: Call, form: YesOrNoForm) -> Response:
    at, event = clock.now(), call.event
    page = render_template(
        "events/called.html",
        section="events",
        event=event,
        call=call,
        form=form,
        registration=queries.active_registration(call.person, event),
        is_open=event.is_open(at),
        is_past=event.ends_at <= at,
        showing=showing,
        manage_href=messages.manage_href,
    )
    return personal(Response(page))


@bp.post("/eingeladen/<token>/")
@open_to(everyone)
def answer_call(token: str) -> ResponseReturnValue:
    """Say yes or no to this one date."""
    call, form = _call_in(token), YesOrNoForm()
    if not form.validate():
        return _page(call, form), 422
    try:
        with transaction():
            if form.reply.data == "no":
                services.decline_call(call, at=clock.now())
                return redirect(url_for(".called", token=token), code=303)
            registration = services.accept_call(call, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".called", token=token), code=303)
    return redirect(messages.manage_href(registration), code=303)


def _call_in(token: str) -> Call:
    number = number_in(CALL, token)
    found = queries.call_of(*halves(number)) if number else None
    if found is None or not rules.is_public(found.event):
        raise NotFound
    return found
