"""Messages to participants: writing, looking at it, sending; and what was sent."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from ...events import queries as events
from ...events import services, showing
from ...events.messages_to_many import ANNOUNCEMENT, subject_of
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.web import open_to
from ...mailing import queries as mailing
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.filling import AnnouncementForm
from ..showing import chosen_words

#: So many names of receivers are shown before sending.
NAMES = 10


@bp.get("/veranstaltungen/<slug>/verwalten/nachrichten/")
@open_to(organisers)
def announcements(slug: str) -> ResponseReturnValue:
    """What was written to participants, and a form for more."""
    event = event_here(slug)
    return _page(event, AnnouncementForm(event, formdata=None, states=["confirmed"]))


def _page(event: Event, form: AnnouncementForm) -> str:
    sent = events.announcements(event)
    return render_template(
        "desk/announcements.html",
        section="desk",
        event=event,
        form=form,
        sent=sent,
        mails=mailing.counts_by_subject(ANNOUNCEMENT, [subject_of(one) for one in sent]),
        subject_of=subject_of,
        chosen_words=chosen_words,
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/nachrichten/vorschau")
@open_to(organisers)
def preview_announcement(slug: str) -> ResponseReturnValue:
    """The message as it will look, and whom it reaches. Sends nothing."""
    event = event_here(slug)
    form = AnnouncementForm(event)
    if request.form.get("do") == "edit":
        return _page(event, form)
    if not form.validate():
        return _page(event, form), 422
    return render_template(
        "desk/announcement_preview.html",
        section="desk",
        event=event,
        form=form,
        receivers=(receivers := events.receivers(event, form.chosen))[:NAMES],
        count=len(receivers),
        typed=[pair for pair in request.form.items(multi=True) if pair[0] not in {"csrf_token", "do"}],
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/nachrichten/")
@open_to(organisers)
def announce(slug: str) -> ResponseReturnValue:
    """Send the message that was looked at."""
    event = event_here(slug)
    form = AnnouncementForm(event)
    if not form.validate():
        return _page(event, form), 422
    try:
        with transaction():
            made = services.announce(
                event,
                subject=form.subject.data,
                text=form.text.data,
                chosen=form.chosen,
                nonce=nonce_of(form.nonce.data),
                by=current_person(),
                at=clock.now(),
            )
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return _page(event, form), 422
    words = ngettext("Die Nachricht geht an %(num)s Person.", "Die Nachricht geht an %(num)s Personen.", made.count)
    flash(words, "success")
    return redirect(url_for(".announcements", slug=slug), code=303)


def nonce_of(typed: str | None) -> str | None:
    """A form's own number, if it looks like one."""
    return f"announcement {typed[:40]}" if typed and typed.isascii() and typed.isprintable() else None
