"""Answering what was sent to one address: an invitation, or a colleague's seat."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.tokens import number_in
from ...ground.web import everyone, language_code, open_to, personal
from ...people.addresses import address_of
from ...people.errors import AddressRefused
from .. import messages, queries, rules, services, showing
from ..forms import ReplyForm, TransferForm
from ..messages_to_many import INVITATION
from ..models import Invitation, Registration, Transfer
from .blueprint import bp
from .managing import manage_page


@bp.get("/einladung/<token>/")
@open_to(everyone)
def invitation(token: str) -> ResponseReturnValue:
    """An invitation as its mail links to it. Changes nothing."""
    invited = _invitation_in(token)
    form = ReplyForm(formdata=None, name=invited.name, organisation=invited.organisation_name)
    return _invitation_page(invited, form)


def _invitation_page(invited: Invitation, form: ReplyForm) -> Response:
    at, event = clock.now(), invited.event
    page = render_template(
        "events/invitation.html",
        section="events",
        event=event,
        invited=invited,
        form=form,
        registration=queries.answer_to(invited),
        is_open=event.is_open(at),
        is_past=event.ends_at <= at,
        showing=showing,
        manage_href=messages.manage_href,
    )
    return personal(Response(page))


@bp.post("/einladung/<token>/")
@open_to(everyone)
def reply(token: str) -> ResponseReturnValue:
    """Say yes or no to an invitation, for the invited address only."""
    invited, form = _invitation_in(token), ReplyForm()
    if not form.validate():
        return _invitation_page(invited, form), 422
    try:
        with transaction():
            accepted = _reply(invited, form)
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".invitation", token=token), code=303)
    if accepted:
        return redirect(messages.manage_href(accepted), code=303)
    return redirect(url_for(".invitation", token=token), code=303)


def _reply(invited: Invitation, form: ReplyForm) -> Registration | None:
    if not form.says_yes:
        services.decline_invitation(invited, at=clock.now())
        return None
    return services.accept_invitation(
        invited,
        name=form.name.data or "",
        organisation_name=form.organisation.data or "",
        language=language_code(),
        at=clock.now(),
    )


def _invitation_in(token: str) -> Invitation:
    number = number_in(INVITATION, token)
    found = queries.invitation(number) if number else None
    if found is None or not rules.is_public(found.event):
        raise NotFound
    return found


@bp.get("/platz/<token>/")
@open_to(everyone)
def transfer(token: str) -> ResponseReturnValue:
    """A colleague's seat as the mail links to it. Changes nothing."""
    offered = _transfer_in(token)
    form = ReplyForm(formdata=None, name=offered.name, organisation=offered.organisation_name)
    return _transfer_page(offered, form)


def _transfer_page(offered: Transfer, form: ReplyForm) -> Response:
    at = clock.now()
    page = render_template(
        "events/transfer.html",
        section="events",
        event=offered.registration.event,
        offered=offered,
        form=form,
        is_open=offered.is_open(at) and rules.may_transfer(offered.registration, at=at),
        showing=showing,
    )
    return personal(Response(page))


@bp.post("/platz/<token>/")
@open_to(everyone)
def answer_transfer(token: str) -> ResponseReturnValue:
    """Take a colleague's seat, or leave it where it is."""
    offered, form = _transfer_in(token), ReplyForm()
    if not form.validate():
        return _transfer_page(offered, form), 422
    try:
        with transaction():
            taken = _answer(offered, form)
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".transfer", token=token), code=303)
    if taken:
        return redirect(messages.manage_href(taken), code=303)
    flash(_("Danke für die Antwort. Der Platz bleibt, wo er ist."), "success")
    return redirect(url_for(".show", slug=offered.registration.event.slug), code=303)


def _answer(offered: Transfer, form: ReplyForm) -> Registration | None:
    if not form.says_yes:
        services.decline_transfer(offered, at=clock.now())
        return None
    return services.accept_transfer(
        offered,
        name=form.name.data or "",
        organisation_name=form.organisation.data or "",
        language=language_code(),
        at=clock.now(),
    )


def _transfer_in(token: str) -> Transfer:
    number = number_in(messages.TRANSFER, token)
    if number is None:
        raise NotFound
    return queries.transfer(number)


@bp.post("/anmeldung/<token>/uebertragen")
@open_to(everyone)
def offer_transfer(token: str) -> ResponseReturnValue:
    """Ask a colleague by mail whether they take this seat."""
    number = number_in(messages.REGISTRATION, token)
    if number is None:
        raise NotFound
    registration, form = queries.registration(number), TransferForm()
    if not form.validate():
        return manage_page(registration, token, giving=form), 422
    try:
        address = address_of(form.taker_email.data)
        with transaction():
            services.offer_transfer(
                registration,
                address,
                name=form.taker_name.data,
                organisation_name=form.taker_organisation.data or "",
                at=clock.now(),
            )
    except AddressRefused as refusal:
        add_error(form.taker_email, str(refusal))
        return manage_page(registration, token, giving=form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".manage", token=token), code=303)
    flash(_("Wir haben gefragt. Bis zum Ja bleibt der Platz Ihrer."), "success")
    return redirect(url_for(".manage", token=token), code=303)
