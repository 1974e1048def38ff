"""Who is reminded when."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import services, showing
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.web import open_to
from ..blueprint import bp, event_here, organisers
from ..forms.reminder import ReminderForm
from ..reminding import late_reminders, reminder_rows


@bp.get("/veranstaltungen/<slug>/verwalten/erinnerungen/")
@open_to(organisers)
def reminders(slug: str) -> ResponseReturnValue:
    """The reminders of an event, and a form for one more."""
    return _reminders_page(event_here(slug), ReminderForm(formdata=None))


def _reminders_page(event: Event, form: ReminderForm) -> str:
    at = clock.now()
    return render_template(
        "desk/reminders.html",
        section="desk",
        event=event,
        rows=reminder_rows(event, at),
        late=late_reminders(event, at),
        counts=events.counts_by_state(event),
        form=form,
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/erinnerungen/")
@open_to(organisers)
def add_reminder(slug: str) -> ResponseReturnValue:
    """One more reminder."""
    event, form = event_here(slug), ReminderForm()
    if not form.validate():
        return _reminders_page(event, form), 422
    try:
        with transaction():
            services.add_reminder(event, form.wish(), at=clock.now())
    except Refusal as refusal:
        add_error(form.amount, str(refusal))
        return _reminders_page(event, form), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".reminders", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/erinnerungen/<int:number>/entfernen")
@open_to(organisers)
def remove_reminder(slug: str, number: int) -> ResponseReturnValue:
    """Take one away. 0 is the one that every event begins with, before there are others."""
    with transaction():
        services.remove_reminder(event_here(slug), number, at=clock.now())
    flash(_("Die Erinnerung ist entfernt."), "success")
    return redirect(url_for(".reminders", slug=slug), code=303)
