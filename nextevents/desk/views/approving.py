"""Requests: who wants to come, and yes or no."""

import re
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...events import queries as events
from ...events import services, showing
from ...events.models import Event, Registration
from ...ground import clock
from ...ground.database import db, transaction
from ...ground.errors import Refusal
from ...ground.web import LARGEST_NUMBER, open_to, page_number, paging
from ..blueprint import bp, event_here, organisers
from ..forms.filling import RefusalForm

PAGE = 100


@bp.get("/veranstaltungen/<slug>/verwalten/anfragen/")
@open_to(organisers)
def approvals(slug: str) -> ResponseReturnValue:
    """The requests that nobody has answered, oldest first."""
    return _page(event_here(slug), RefusalForm(formdata=None))


def _page(event: Event, form: RefusalForm, ticked: Sequence[int] = ()) -> str:
    page = page_number()
    found = db.session.scalars(events.requests(event).limit(PAGE + 1).offset(page * PAGE)).all()
    return render_template(
        "desk/approvals.html",
        section="desk",
        event=event,
        form=form,
        requests=found[:PAGE],
        ticked=set(ticked),
        counts=events.counts_by_state(event),
        showing=showing,
        previous_href=paging(page, has_more=False)["previous_href"] if request.method == "GET" else "",
        next_href=paging(page, has_more=len(found) > PAGE)["next_href"] if request.method == "GET" else "",
    )


@bp.post("/veranstaltungen/<slug>/verwalten/anfragen/")
@open_to(organisers)
def decide(slug: str) -> ResponseReturnValue:
    """Say yes or no to the requests that are ticked; each is told."""
    event, ticked = event_here(slug), ticked_numbers()
    if not ticked:
        flash(_("Bitte setzen Sie bei mindestens einer Anfrage das Häkchen."), "warning")
        return redirect(url_for(".approvals", slug=slug), code=303)
    form = RefusalForm()
    says_no = request.form.get("do") == "refuse"
    if says_no and not form.validate():
        return _page(event, form, ticked), 422
    try:
        with transaction():
            chosen = events.registrations_at(event, ticked)
            words = _refused(event, chosen, form) if says_no else _approved(event, chosen)
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".approvals", slug=slug), code=303)
    flash(words, "success")
    return redirect(url_for(".approvals", slug=slug), code=303)


def _refused(event: Event, chosen: Sequence[Registration], form: RefusalForm) -> str:
    refused = services.refuse_requests(event, chosen, form.reason.data, at=clock.now())
    return ngettext("%(num)s Anfrage abgelehnt.", "%(num)s Anfragen abgelehnt.", len(refused))


def _approved(event: Event, chosen: Sequence[Registration]) -> str:
    approved = services.approve_requests(event, chosen, at=clock.now())
    waiting = sum(one.waiting_since is not None for one in approved)
    words = ngettext("%(num)s Anfrage angenommen.", "%(num)s Anfragen angenommen.", len(approved))
    if not waiting:
        return words
    queued = ngettext(
        "%(num)s Person steht auf der Warteliste.", "%(num)s Personen stehen auf der Warteliste.", waiting
    )
    return f"{words} {queued}"


def ticked_numbers() -> list[int]:
    """The numbers of the rows that are ticked, at most as many as a page has."""
    typed = [one for one in request.form.getlist("nummer") if re.fullmatch(r"[0-9]{1,10}", one, re.ASCII)]
    return [int(one) for one in typed[:PAGE] if int(one) <= LARGEST_NUMBER]
