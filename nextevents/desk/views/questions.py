"""What an event asks: the list of questions, and one question."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events import queries as events
from ...events import services
from ...events.errors import (
    AskedBefore,
    FilesNotAsked,
    OptionNeeded,
    OptionsChosen,
    QuestionChangedMeanwhile,
    QuestionFrozen,
)
from ...events.forms import answer_word
from ...events.models import Event, Question
from ...ground import clock
from ...ground.database import transaction
from ...ground.documents import download
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.web import open_to, personal
from ..blueprint import bp, event_here, organisers
from ..forms.question import QuestionForm, RemovalForm
from ..showing import differences, question_kind_word
from ..starters import not_yet_asked, starter

#: Where a refusal is shown.
FIELDS = {
    AskedBefore: "condition",
    FilesNotAsked: "kind",
    OptionNeeded: "options",
    OptionsChosen: "options",
    QuestionFrozen: "kind",
}


@bp.get("/veranstaltungen/<slug>/verwalten/fragen/")
@open_to(organisers)
def questions(slug: str) -> ResponseReturnValue:
    """What the event asks, in order."""
    event = event_here(slug)
    found = events.questions(event)
    return render_template(
        "desk/questions.html",
        section="desk",
        event=event,
        questions=found,
        known={one.id: one for one in found},
        answer_word=answer_word,
        counts=events.answer_counts(event),
        starters=not_yet_asked([one.label for one in found]),
        kind_word=question_kind_word,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/fragen/vorlage")
@open_to(organisers)
def add_starter(slug: str) -> ResponseReturnValue:
    """Add a few questions that belong together."""
    chosen = starter(request.form.get("vorlage", ""))
    if chosen is None:
        raise NotFound
    event, drafts = event_here(slug), chosen.questions()
    return _done(
        slug, lambda at: services.add_questions(event, drafts, at=at), _("Hinzugefügt. Ändern Sie, was nicht passt.")
    )


def _done(slug: str, change: Callable[[datetime], object], told: str = "") -> ResponseReturnValue:
    try:
        with transaction():
            change(clock.now())
        if told:
            flash(told, "success")
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    return redirect(url_for(".questions", slug=slug), code=303)


@bp.get("/veranstaltungen/<slug>/verwalten/fragen/neu/")
@open_to(organisers)
def new_question(slug: str) -> ResponseReturnValue:
    """The form of a new question."""
    event = event_here(slug)
    return _question_page(event, QuestionForm(formdata=None).offer(event, events.questions(event)), None)


def _question_page(
    event: Event,
    form: QuestionForm,
    question: Question | None,
    *,
    theirs: QuestionForm | None = None,
    removal: RemovalForm | None = None,
) -> str:
    removal = removal or RemovalForm(formdata=None)
    return render_template(
        "desk/question.html",
        section="desk",
        event=event,
        form=form,
        question=question,
        answer_count=events.answer_count(question) if question else 0,
        removal=removal,
        refused=removal if removal.errors else form,
        differences=differences(form, theirs) if theirs else None,
    )


@bp.post("/veranstaltungen/<slug>/verwalten/fragen/neu/")
@open_to(organisers)
def add_question(slug: str) -> ResponseReturnValue:
    """Ask one question more."""
    event = event_here(slug)
    form = QuestionForm().offer(event, events.questions(event))
    if not form.validate():
        return _question_page(event, form, None), 422
    try:
        with transaction():
            services.add_question(event, form.draft, at=clock.now())
    except Refusal as refusal:
        _show(refusal, form)
        return _question_page(event, form, None), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".questions", slug=slug), code=303)


def _show(refusal: Refusal, form: QuestionForm) -> None:
    """Say why next to the field that it is about, or above the form."""
    field = FIELDS.get(type(refusal))
    if field:
        add_error(form[field], str(refusal))
    else:
        form.form_errors.append(str(refusal))


@bp.get("/veranstaltungen/<slug>/verwalten/fragen/<int:number>/")
@open_to(organisers)
def question(slug: str, number: int) -> ResponseReturnValue:
    """One question, to be changed or removed."""
    event = event_here(slug)
    found = events.question(event, number)
    return _question_page(event, _form_of(event, found), found)


def _form_of(event: Event, found: Question) -> QuestionForm:
    return QuestionForm.of(found).offer(event, _before(event, found), found)


def _before(event: Event, found: Question) -> list[Question]:
    standing = list(events.questions(event))
    return standing[: standing.index(found)]


@bp.post("/veranstaltungen/<slug>/verwalten/fragen/<int:number>/")
@open_to(organisers)
def change_question(slug: str, number: int) -> ResponseReturnValue:
    """Ask it otherwise."""
    event = event_here(slug)
    found = events.question(event, number)
    form = QuestionForm().offer(event, _before(event, found), found)
    if not form.validate():
        return _question_page(event, form, found), 422
    try:
        with transaction():
            services.change_question(event, found, form.draft, seen=form.version.data or "", at=clock.now())
    except QuestionChangedMeanwhile:
        form.version.data = services.fingerprint(found)
        return _question_page(event, form, found, theirs=_form_of(event, found)), 409
    except Refusal as refusal:
        _show(refusal, form)
        return _question_page(event, form, found), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".questions", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/fragen/<int:number>/verschieben")
@open_to(organisers)
def move_question(slug: str, number: int) -> ResponseReturnValue:
    """Ask it one place earlier or later."""
    event = event_here(slug)
    found, is_up = events.question(event, number), request.form.get("richtung") == "hoch"
    return _done(slug, lambda at: services.move_question(event, found, is_up=is_up, at=at))


@bp.post("/veranstaltungen/<slug>/verwalten/fragen/<int:number>/entfernen")
@open_to(organisers)
def remove_question(slug: str, number: int) -> ResponseReturnValue:
    """Ask it no longer."""
    event = event_here(slug)
    found, form = events.question(event, number), RemovalForm()
    if events.answer_count(found) and not form.validate():
        return _question_page(event, _form_of(event, found), found, removal=form), 422
    return _done(slug, lambda at: services.remove_question(event, found, at=at), _("Die Frage ist entfernt."))


@bp.get("/veranstaltungen/<slug>/verwalten/antworten/<int:number>")
@open_to(organisers)
def answer_file(slug: str, number: int) -> ResponseReturnValue:
    """A file that somebody has sent as an answer, to save."""
    event = event_here(slug)
    answer = events.file_answer(event, number)
    if answer.file is None:
        raise NotFound
    return personal(download(answer.file))
