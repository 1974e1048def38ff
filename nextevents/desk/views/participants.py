"""Who comes, who waits, who has left: the list, and everything about one of them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import services, showing
from ...events.models import Event, QuestionKind, Registration, State
from ...ground.database import transaction
from ...ground.web import open_to, page_number
from ...mailing import queries as mailing
from ...mailing.showing import mail_state_word
from ..blueprint import bp, event_here, organisers
from ..columns import body_of, photos_word, state_label, yes_or_no
from ..forms.participant import NoteForm, note_form
from ..listing import Listing
from ..papers import badge_parts
from ..showing_replies import answer_label

PAGE = 50


@bp.get("/veranstaltungen/<slug>/verwalten/teilnehmende/")
@open_to(organisers)
def participants(slug: str) -> ResponseReturnValue:
    """Who comes, who waits, who has left."""
    event = event_here(slug)
    listing, page = Listing.asked(event, request.args), page_number()
    found = listing.page(limit=PAGE + 1, offset=page * PAGE)
    counts = events.counts_by_state(event)
    return render_template(
        "desk/participants.html",
        section="desk",
        event=event,
        listing=listing,
        lines=listing.lines(found[:PAGE]),
        counts=counts,
        states=list(State),
        badge_parts=badge_parts(counts[State.CONFIRMED] + counts[State.ATTENDED]),
        showing=showing,
        previous_href=listing.href(seite=page) if page else "",
        next_href=listing.href(seite=page + 2) if len(found) > PAGE else "",
    )


@bp.get("/veranstaltungen/<slug>/verwalten/teilnehmende/<int:number>/")
@open_to(organisers)
def participant(slug: str, number: int) -> ResponseReturnValue:
    """Everything about one registration."""
    event = event_here(slug)
    registration = events.participant(event, number)
    return _participant_page(event, registration, note_form(event).of(registration))


def _participant_page(event: Event, registration: Registration, form: NoteForm) -> str:
    answers = events.answers_of(registration)
    is_for_organisers = {one.id: one.is_for_organisers and one.kind != QuestionKind.FILE for one in form.all_questions}
    return render_template(
        "desk/participant.html",
        section="desk",
        event=event,
        registration=registration,
        form=form,
        body=body_of(registration),
        said=events.answers_by_person(event, registration.person).get(registration.person_id),
        reply_label=answer_label,
        state=state_label(registration),
        answered=[
            (one, answers[one.id]) for one in form.all_questions if one.id in answers and not is_for_organisers[one.id]
        ],
        mails=mailing.messages_about(f"registration:{registration.id}", registration.person.address),
        mail_state_word=mail_state_word,
        photos_word=photos_word,
        yes_or_no=yes_or_no,
        showing=showing,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/teilnehmende/<int:number>/notiz")
@open_to(organisers)
def note(slug: str, number: int) -> ResponseReturnValue:
    """Keep what organisers note about somebody."""
    event = event_here(slug)
    registration, form = events.participant(event, number), note_form(event)()
    if not form.validate():
        return _participant_page(event, registration, form), 422
    answers = {question: given.value for question, given in form.answers.items()}
    with transaction():
        services.note_about(registration, form.note.data or "", answers)
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".participant", slug=slug, number=number), code=303)
