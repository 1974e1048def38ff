"""One's own turn to host: what it is about, and handing it over."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from ...communities.errors import NobodyKnown
from ...events import queries as events
from ...events import services, showing
from ...events.errors import AlreadyYourTurn
from ...events.models import Turn
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import AddressRefused, NotFound, Refusal
from ...ground.fields import add_error
from ...ground.web import open_to
from ...people.addresses import address_of
from ...people.signing_in import current_person
from ..blueprint import bp, host_in_turn
from ..forms.circle import HandTurnForm


@bp.get("/verwalten/reihum/<int:number>/")
@open_to(host_in_turn)
def turn(number: int) -> ResponseReturnValue:
    """One's own turn, and the form that hands it over."""
    return _page(_own(number), HandTurnForm(formdata=None))


def _own(number: int) -> Turn:
    person, today = current_person(), clock.local(clock.now()).date()
    found = next((one for one in events.own_turns(person, today) if one.id == number), None)
    if found is None:
        raise NotFound
    return found


def _page(found: Turn, form: HandTurnForm) -> str:
    return render_template(
        "desk/turn.html",
        section="desk",
        turn=found,
        event=found.event,
        month=format_date(found.month, "LLLL y"),
        can_hand_over=services.is_to_come(found, at=clock.now()),
        form=form,
        showing=showing,
    )


@bp.post("/verwalten/reihum/<int:number>/")
@open_to(host_in_turn)
def hand_over_turn(number: int) -> ResponseReturnValue:
    """Let somebody else host in one's place."""
    found, form = _own(number), HandTurnForm()
    if not form.validate():
        return _page(found, form), 422
    try:
        address = address_of(form.email.data)
        with transaction():
            taker = services.hand_over_turn(found, address, form.note.data or "", by=current_person(), at=clock.now())
    except (AddressRefused, AlreadyYourTurn, NobodyKnown) as refusal:
        add_error(form.email, str(refusal))
        return _page(_own(number), form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for("site.account"), code=303)
    flash(
        _("Übergeben. %(name)s bekommt eine Mail und leitet den Termin jetzt.", name=taker.name or taker.address),
        "success",
    )
    return redirect(url_for("site.account"), code=303)
