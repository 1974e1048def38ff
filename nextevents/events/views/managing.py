"""A registration as its mails link to it: how it stands, withdrawing, answering an offer."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.tokens import number_in
from ...ground.web import everyone, open_to, personal, refuse_files_but, takes_files
from .. import messages, queries, rules, services, showing
from ..errors import AlreadyOver
from ..forms import AnswerForm, AnswersForm, RestorationForm, RetractionForm, TransferForm, WithdrawalForm, answers_form
from ..models import Registration, State
from .blueprint import bp


@bp.get("/anmeldung/<token>/")
@open_to(everyone)
def manage(token: str) -> ResponseReturnValue:
    """A registration as its mails link to it: how it stands, withdrawing, answering an offer. Changes nothing."""
    return manage_page(_registration_in(token), token)


def manage_page(
    registration: Registration,
    token: str,
    *,
    withdrawal: WithdrawalForm | RetractionForm | None = None,
    answer: AnswerForm | None = None,
    restoration: RestorationForm | None = None,
    giving: TransferForm | None = None,
    answers: AnswersForm | None = None,
) -> Response:
    """The page of a registration, with the forms as they were filled in."""
    at = clock.now()
    page = render_template(
        "events/manage.html",
        section="events",
        registration=registration,
        event=registration.event,
        token=token,
        withdrawal=withdrawal or _way_out(registration)(formdata=None),
        answer=answer or AnswerForm(formdata=None),
        restoration=restoration or RestorationForm(formdata=None),
        giving=giving or TransferForm(formdata=None),
        answers=answers or answers_form(registration, is_sent=False, at=at),
        may_transfer=rules.may_transfer(registration, at=at),
        asked=queries.open_transfer(registration, at),
        position=queries.waiting_position(registration) if registration.state == State.WAITING else 0,
        may_cancel=rules.may_cancel(registration, at=at),
        may_restore=rules.may_restore(registration, at=at),
        shows_dial_in=rules.may_see_dial_in(registration) and registration.event.ends_at > at,
        may_show_code=rules.may_show_code(registration, at=at),
        participants=queries.shown_participants(registration.event)
        if rules.may_see_participants(registration.event, registration)
        else None,
        now=at,
        showing=showing,
    )
    return personal(Response(page))


def _way_out(registration: Registration) -> type[WithdrawalForm] | type[RetractionForm]:
    """What withdrawing is called: who has only asked has no seat to give back."""
    return RetractionForm if registration.state == State.REQUESTED else WithdrawalForm


@bp.post("/anmeldung/<token>/angaben")
@open_to(everyone)
@takes_files
def change_answers(token: str) -> ResponseReturnValue:
    """Change what one has answered and chosen."""
    registration, at = _registration_in(token), clock.now()
    form = answers_form(registration, is_sent=True, at=at)
    refuse_files_but(form.file_names if form else ())
    if form is None:
        flash(str(AlreadyOver()), "refusal")
        return redirect(url_for(".manage", token=token), code=303)
    if not form.validate():
        return manage_page(registration, token, answers=form), 422
    given, choices = form.answers, form.choices
    return _changed(token, lambda at: services.change_answers(registration, given, choices, at=at), _("Gespeichert."))


@bp.post("/anmeldung/<token>/absagen")
@open_to(everyone)
def cancel(token: str) -> ResponseReturnValue:
    """Withdraw; the seat goes to the next one at once."""
    registration = _registration_in(token)
    form = _way_out(registration)()
    if not form.validate():
        return manage_page(registration, token, withdrawal=form), 422
    return _changed(token, lambda at: services.cancel_registration(registration, at=at))


@bp.post("/anmeldung/<token>/annehmen")
@open_to(everyone)
def accept(token: str) -> ResponseReturnValue:
    """Take an offered seat."""
    registration, form = _registration_in(token), AnswerForm()
    if not form.validate():
        return manage_page(registration, token, answer=form), 422
    return _changed(token, lambda at: services.accept_offer(registration, at=at))


@bp.post("/anmeldung/<token>/ablehnen")
@open_to(everyone)
def decline(token: str) -> ResponseReturnValue:
    """Refuse an offered seat."""
    registration, form = _registration_in(token), WithdrawalForm()
    if not form.validate():
        return manage_page(registration, token, withdrawal=form), 422
    return _changed(token, lambda at: services.decline_offer(registration, at=at))


@bp.post("/anmeldung/<token>/doch-dabei")
@open_to(everyone)
def restore(token: str) -> ResponseReturnValue:
    """Undo a withdrawal within a day."""
    registration, form = _registration_in(token), RestorationForm()
    if not form.validate():
        return manage_page(registration, token, restoration=form), 422
    try:
        with transaction():
            restored = services.restore_registration(registration, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".manage", token=token), code=303)
    return redirect(messages.manage_href(restored), code=303)


def _changed(token: str, change: Callable[[datetime], object], told: str = "") -> ResponseReturnValue:
    try:
        with transaction():
            change(clock.now())
        if told:
            flash(told, "success")
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    return redirect(url_for(".manage", token=token), code=303)


def _registration_in(token: str) -> Registration:
    number = number_in(messages.REGISTRATION, token)
    if number is None:
        raise NotFound
    return queries.registration(number)
