"""A date that is over becomes a community."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import rules, services
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.founding import ProposedCircleForm


@bp.get("/veranstaltungen/<slug>/verwalten/abschluss/community/")
@open_to(organisers)
def new_circle(slug: str) -> ResponseReturnValue:
    """The form, or what has become of it."""
    event = _event_of_leads(slug)
    proposed = events.proposed_circle(event)
    begun = None if proposed else {"name": event.title}
    return _page(event, ProposedCircleForm(formdata=None, obj=proposed, data=begun))


def _event_of_leads(slug: str) -> Event:
    """The event, for the office and those who lead its circles; hosts of one date only see a 403."""
    event = event_here(slug)
    if not rules.may_propose_circle(current_person(), event):
        abort(403)
    return event


def _page(event: Event, form: ProposedCircleForm) -> str:
    return render_template(
        "desk/new_circle.html",
        section="desk",
        event=event,
        form=form,
        proposed=events.proposed_circle(event),
        may_begin=rules.may_become_circle(event, at=clock.now()),
        is_office=current_person().is_office,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/abschluss/community/")
@open_to(organisers)
def propose_circle(slug: str) -> ResponseReturnValue:
    """Propose it; the office's own is founded at once."""
    event, form, person = _event_of_leads(slug), ProposedCircleForm(), current_person()
    if not form.validate():
        return _page(event, form), 422
    try:
        with transaction():
            services.propose_circle(event, form.name.data, form.summary.data or "", by=person, at=clock.now())
    except Refusal as refusal:
        add_error(form.name, str(refusal))
        return _page(event, form), 422
    if person.is_office:
        flash(_("Gegründet. Alle, die dabei waren, werden gefragt, ob sie mitmachen."), "success")
    else:
        flash(_("Vorgeschlagen. Die Geschäftsstelle sieht es sich an."), "success")
    return redirect(url_for(".new_circle", slug=slug), code=303)
