"""The own account: registrations, calendar address, browsers, name."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..communities import messages as community_messages
from ..communities import queries as communities
from ..communities.forms import PartsForm
from ..events import queries as events
from ..events import showing
from ..events.messages import manage_href
from ..events.models import Registration, Stage, State
from ..ground import clock
from ..ground.database import transaction
from ..ground.web import open_to, signed_in
from ..people import queries as people
from ..people import services
from ..people.forms import NameForm
from ..people.signing_in import current_person
from .blueprint import bp

#: The kind of sign for each state of a registration (ui/agenda.html): only what is sure gets a tick.
SIGNS = {
    State.CONFIRMED: "mine",
    State.ATTENDED: "mine",
    State.OFFERED: "last",
    State.UNCONFIRMED: "last",
    State.REQUESTED: "last",
    State.WAITING: "full",
    State.CANCELLED: "past",
    State.EXCUSED: "past",
    State.ABSENT: "past",
}


@bp.get("/konto/")
@open_to(signed_in)
def account() -> ResponseReturnValue:
    """What is one's own: registrations, calendar address, browsers, name and language."""
    person = current_person()
    form = NameForm(formdata=None, name=person.name, organisation=person.organisation_name)
    return _account_page(form)


def _account_page(form: NameForm) -> str:
    person, at = current_person(), clock.now()
    feeds = [(feed, services.token_of_feed(feed)) for feed in people.feeds_of(person)]
    return render_template(
        "site/account.html",
        section="account",
        person=person,
        form=form,
        feeds=feeds,
        sessions=people.sessions_of(person, at),
        current_session=current_user.browser,
        coming=_months(events.own_registrations(person, at, is_past=False), at),
        circles=[
            (one.community, PartsForm.of(one), community_messages.token_of(one.community_id, person.id))
            for one in communities.belongings_of(person)
        ],
        past=_months(events.own_registrations(person, at, is_past=True), at),
        showing=showing,
    )


def _months(registrations: Iterable[Registration], at: datetime) -> list[showing.Month]:
    return showing.by_month((one.event.starts_local, own_row(one, at)) for one in registrations)


def own_row(registration: Registration, at: datetime) -> showing.Row:
    """A registration as a row that leads to where it can be seen and changed; a cancelled event says so."""
    row = replace(showing.row_of(registration.event, at), href=manage_href(registration))
    if registration.event.stage == Stage.CANCELLED:
        return row
    return replace(row, state=SIGNS[registration.state], state_label=showing.state_word(registration.state))


@bp.post("/konto/name")
@open_to(signed_in)
def rename() -> ResponseReturnValue:
    """Take over the own name."""
    form = NameForm()
    if not form.validate():
        return _account_page(form), 422
    with transaction():
        services.rename(current_person(), name=form.name.data, organisation_name=form.organisation.data or "")
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".account"), code=303)


@bp.post("/konto/kalender")
@open_to(signed_in)
def make_feed() -> ResponseReturnValue:
    """A calendar address of one's own."""
    only = request.form.get("nur-ohne-einladung") == "1"
    with transaction():
        services.make_feed(current_person(), only_without_invitation=only, at=clock.now())
    return redirect(url_for(".account") + "#kalender", code=303)


@bp.post("/konto/kalender/<int:number>/widerrufen")
@open_to(signed_in)
def revoke_feed(number: int) -> ResponseReturnValue:
    """Let a calendar address answer 404 from now on."""
    with transaction():
        services.revoke_feed(current_person(), number)
    flash(_("Diese Kalenderadresse gilt nicht mehr."), "success")
    return redirect(url_for(".account") + "#kalender", code=303)


@bp.post("/konto/sitzungen/<int:number>/beenden")
@open_to(signed_in)
def end_session(number: int) -> ResponseReturnValue:
    """Sign another browser out."""
    with transaction():
        services.end_session(current_person(), number)
    return redirect(url_for(".account") + "#sitzungen", code=303)


@bp.post("/konto/sitzungen/andere-beenden")
@open_to(signed_in)
def end_other_sessions() -> ResponseReturnValue:
    """Sign all other browsers out."""
    with transaction():
        services.end_other_sessions(current_person(), current_user.browser.id)
    flash(_("Alle anderen Browser sind abgemeldet."), "success")
    return redirect(url_for(".account") + "#sitzungen", code=303)
