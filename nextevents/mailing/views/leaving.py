"""Leaving a list: by the button of a mail program, by a link, and back within a day (RFC 8058, rules M-05 and M-07)."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.tokens import halves, number_in
from ...ground.web import everyone, open_to, personal, takes_one_click
from .. import queries, services
from ..addresses import preferences_url, unsubscribe_token
from ..models import Mailbox, MailingList, SubscriptionState
from .blueprint import bp, broken_link, declaration

#: What mail programs leave behind an address that stood at a line's end (bad input 78).
DAMAGE = "<any('.', ',', '=', '=3D', ')', '>'):damage>"


@bp.get("/verteiler/abmelden/<token>/")
@open_to(everyone)
def leave(token: str) -> ResponseReturnValue:
    """The page behind the link in every mail of a list: a button. Changes nothing."""
    found = _both_in(token)
    return _page(*found) if found else broken_link()


@bp.get(f"/verteiler/abmelden/<token>/{DAMAGE}")
@open_to(everyone)
def leave_from_damaged_link(token: str, damage: str) -> ResponseReturnValue:
    """The same address with a sign behind it that does not belong there."""
    del damage
    return redirect(url_for(".leave", token=token), code=301)


def _both_in(token: str) -> tuple[MailingList, Mailbox] | None:
    """The list and the mailbox that a token speaks of, if both are there."""
    number = number_in("unsubscribe", token)
    if number is None:
        return None
    list_id, mailbox_id = halves(number)
    one, mailbox = queries.list_behind(list_id), queries.mailbox(mailbox_id)
    return (one, mailbox) if one and mailbox else None


def _page(one: MailingList, mailbox: Mailbox) -> Response:
    found, at = queries.subscription(one, mailbox), clock.now()
    is_on_it = found.state == SubscriptionState.ACTIVE if found else bool(one.rule)
    page = render_template(
        "mailing/leave.html",
        section="lists",
        mailing_list=one,
        token=unsubscribe_token(one.id, mailbox.id),
        is_on_it=is_on_it,
        may_come_back=services.may_come_back(found, at=at),
        preferences=preferences_url(mailbox.id),
    )
    return personal(Response(page))


@bp.post("/verteiler/abmelden/<token>/")
@open_to(everyone)
@takes_one_click
def leave_at_once(token: str) -> ResponseReturnValue:
    """Leave: pressed in a mail program, without cookie, sign-in or form token, or on the page. No redirect.

    The answer is 200 also when repeated. Only the words of RFC 8058 3.1 change anything.
    """
    found = _both_in(token)
    if found is None:
        return broken_link()
    one, mailbox = found
    if request.form.get("List-Unsubscribe") != "One-Click":
        return _page(one, mailbox), 400
    with transaction():
        services.leave_list(one, mailbox, by="page" if "csrf_token" in request.form else "one_click", at=clock.now())
    return _page(one, mailbox)


@bp.post("/verteiler/abmelden/<token>/zurueck")
@open_to(everyone)
def come_back(token: str) -> ResponseReturnValue:
    """Take leaving back, within a day."""
    found = _both_in(token)
    if found is None:
        return broken_link()
    with transaction():
        is_back = services.come_back(*found, declaration(found[0], was_ticked=False), at=clock.now())
    if is_back:
        flash(_("Sie stehen wieder auf dem Verteiler."), "success")
    return redirect(url_for(".leave", token=token), code=303)
