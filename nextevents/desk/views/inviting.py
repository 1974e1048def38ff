"""Inviting people by name: a pasted list, a look at what it holds, sending, reminding the silent."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from ...events import queries as events
from ...events import services, showing
from ...events.models import Event
from ...events.services import BETWEEN_REMINDERS, decoded
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.web import open_to, page_number, paging, takes_lists
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.filling import InvitationsForm
from ..showing import invitee_word, reply_word

PAGE = 100
#: So many rows of a report are shown one by one; the others are counted.
MOST_SHOWN = 500


@bp.get("/veranstaltungen/<slug>/verwalten/einladungen/")
@open_to(organisers)
def invitations(slug: str) -> ResponseReturnValue:
    """Who was invited and what they said; a field for more."""
    return _page(event_here(slug), InvitationsForm(formdata=None))


def _page(event: Event, form: InvitationsForm) -> str:
    page = page_number()
    found = events.invitations(event, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "desk/invitations.html",
        section="desk",
        event=event,
        form=form,
        invitations=found[:PAGE],
        counts=events.invitation_counts(event),
        remindable=events.silent_count(event, written_before=clock.now() - BETWEEN_REMINDERS),
        reply_word=reply_word,
        showing=showing,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.post("/veranstaltungen/<slug>/verwalten/einladungen/pruefen")
@open_to(organisers)
@takes_lists
def check_invitations(slug: str) -> ResponseReturnValue:
    """What a pasted list or a table holds, row by row. Sends nothing."""
    event, form = event_here(slug), InvitationsForm()
    text = _text(form)
    if not form.validate() or not text.strip():
        add_error(form.addresses, _("Bitte fügen Sie Adressen ein, oder wählen Sie eine Tabelle."))
        return _page(event, form), 422
    report = services.look_through(event, text)
    striking = [row for row in report.rows if row.outcome != "new"]
    return render_template(
        "desk/invitations_check.html",
        section="desk",
        event=event,
        form=form,
        report=report,
        striking=striking[:MOST_SHOWN],
        fine=report.new[:MOST_SHOWN],
        more=max(len(striking) - MOST_SHOWN, 0) + max(len(report.new) - MOST_SHOWN, 0),
        addresses=services.as_table(report.new),
        invitee_word=invitee_word,
    )


def _text(form: InvitationsForm) -> str:
    table = form.table.data
    content = table.read() if isinstance(table, FileStorage) else b""
    return "\n".join(filter(None, (form.addresses.data or "", decoded(content))))


@bp.post("/veranstaltungen/<slug>/verwalten/einladungen/")
@open_to(organisers)
@takes_lists
def invite(slug: str) -> ResponseReturnValue:
    """Send the invitations that were looked at."""
    event, form = event_here(slug), InvitationsForm()
    try:
        with transaction():
            report = services.look_through(event, form.addresses.data or "")
            count = services.invite(
                event, report.new, may_exceed=form.may_exceed.data, by=current_person(), at=clock.now()
            )
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".invitations", slug=slug), code=303)
    flash(ngettext("%(num)s Einladung geht hinaus.", "%(num)s Einladungen gehen hinaus.", count), "success")
    return redirect(url_for(".invitations", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/einladungen/erinnern")
@open_to(organisers)
def remind_silent(slug: str) -> ResponseReturnValue:
    """Ask those once more who have not answered."""
    try:
        with transaction():
            count = services.remind_silent(event_here(slug), at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".invitations", slug=slug), code=303)
    flash(ngettext("%(num)s Erinnerung geht hinaus.", "%(num)s Erinnerungen gehen hinaus.", count), "success")
    return redirect(url_for(".invitations", slug=slug), code=303)
