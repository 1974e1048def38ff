"""The office's doors to one mailbox on a list: where it stands, what can be done about it, and the proof."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..events import showing
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import NotFound, Refusal
from ..ground.fields import add_error
from ..ground.mail_addresses import address_of
from ..ground.web import office, open_to
from ..mailing import queries as mailing
from ..mailing import services
from ..mailing.models import Mailbox, MailingList
from .blueprint import bp
from .list_forms import ReasonForm
from .lists import declaration, note
from .showing_lists import source_word, state_word, way_word


@bp.get("/buero/verteiler/<slug>/<int:number>/")
@open_to(office)
def subscriber(slug: str, number: int) -> ResponseReturnValue:
    """One mailbox on a list: where it stands, and what the office can do about it."""
    return _subscriber_page(mailing.list_with_slug(slug), _mailbox(number), ReasonForm(formdata=None))


def _mailbox(number: int) -> Mailbox:
    found = mailing.mailbox(number)
    if found is None:
        raise NotFound
    return found


def _subscriber_page(one: MailingList, mailbox: Mailbox, form: ReasonForm) -> str:
    return render_template(
        "office/subscriber.html",
        section="office",
        mailing_list=one,
        mailbox=mailbox,
        subscription=mailing.subscription(one, mailbox),
        wants_nothing=mailbox.suspended_because == services.WANTS_NOTHING,
        form=form,
        state_word=state_word,
        way_word=way_word,
        time_label=showing.edited_label,
    )


def _take_off(one: MailingList, mailbox: Mailbox, reason: str) -> None:
    services.leave_list(one, mailbox, by=f"office: {reason}", at=clock.now())


def _repair(one: MailingList, mailbox: Mailbox, reason: str) -> None:
    services.repair(one, mailbox, declaration(one, reason), at=clock.now())


def _wake(_one: MailingList, mailbox: Mailbox, _reason: str) -> None:
    services.wake(mailbox)


def _silence(_one: MailingList, mailbox: Mailbox, _reason: str) -> None:
    services.suppress(address_of(mailbox.address), "office", at=clock.now())


#: What the office can do, by the word that the button sends.
DEEDS: dict[str, Callable[[MailingList, Mailbox, str], None]] = {
    "austragen": _take_off,
    "zurueck": _repair,
    "wecken": _wake,
    "sperren": _silence,
}


@bp.post("/buero/verteiler/<slug>/<int:number>/")
@open_to(office)
def change_subscriber(slug: str, number: int) -> ResponseReturnValue:
    """Take somebody off, put them back, send to them again, or never again; with a reason."""
    one, mailbox, form, at = mailing.list_with_slug(slug), _mailbox(number), ReasonForm(), clock.now()
    if form.deed.data not in DEEDS:
        abort(400)
    if not form.validate():
        return _subscriber_page(one, mailbox, form), 422
    try:
        with transaction():
            DEEDS[form.deed.data](one, mailbox, form.reason.data)
            note(f"subscriber_{form.deed.data}", one, at=at, mailbox=mailbox.id, reason=form.reason.data)
    except Refusal as refusal:
        add_error(form.reason, str(refusal))
        return _subscriber_page(mailing.list_with_slug(slug), _mailbox(number), form), 422
    flash(_("Erledigt."), "success")
    return redirect(url_for(".subscriber", slug=slug, number=number), code=303)


@bp.get("/buero/verteiler/nachweis/<int:number>/")
@open_to(office)
def proof(number: int) -> ResponseReturnValue:
    """Everything that proves what a mailbox agreed to, to be printed (rule L-03)."""
    mailbox = _mailbox(number)
    return render_template(
        "office/proof.html",
        section="office",
        mailbox=mailbox,
        proofs=[
            (one, mailing.list_behind(one.list_id) if one.list_id else None)
            for one in mailing.proofs_of([mailbox.address], mailbox.id)
        ],
        source_word=source_word,
        way_word=way_word,
        printed_at=clock.now(),
        moment=lambda at: at.strftime("%d.%m.%Y %H:%M:%S UTC") if at else "–",
    )
