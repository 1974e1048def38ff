"""What organisers type to fill an event: answers to requests, invitations, participants, messages."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from ...events import queries as events
from ...events import showing
from ...events.models import Event, QuestionKind, State
from ...events.queries import Chosen
from ...ground.fields import EmailField, LineField, SeveralOfField, TextField, required
from ...ground.text import NAME_LENGTH
from ...ground.web import NONCE_FIELD

#: What is told to a person in a mail: a few sentences, one paragraph.
REASON_LENGTH = 500
MESSAGE_STATES = (
    State.CONFIRMED,
    State.WAITING,
    State.OFFERED,
    State.REQUESTED,
    State.ATTENDED,
    State.EXCUSED,
    State.ABSENT,
)


class RefusalForm(FlaskForm):
    """Why a request is refused."""

    reason = LineField(
        _("Begründung"),
        validators=[required(_("Bitte begründen Sie die Absage. Die Person liest das in der Mail."))],
        longest=REASON_LENGTH,
        description=_("Nur für Absagen. Die Person liest das in der Mail."),
    )


class RemovalForm(FlaskForm):
    """Why somebody is taken off the list."""

    reason = LineField(
        _("Was sollen wir dazu schreiben?"),
        validators=[required(_("Bitte schreiben Sie einen Satz dazu. Die Person liest ihn in der Mail."))],
        longest=REASON_LENGTH,
        description=_("Die Person liest das in der Mail."),
    )


class GivingForm(FlaskForm):
    """Whether it may be one seat more than there are."""

    as_extra = BooleanField(_("Auch wenn alle Plätze belegt sind"))


class EnrolForm(FlaskForm):
    """Whom organisers register."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie einen Namen an."))], longest=NAME_LENGTH)
    email = EmailField(_("E-Mail-Adresse"), validators=[required(_("Bitte geben Sie eine E-Mail-Adresse an."))])
    organisation = LineField(_("Organisation"))
    as_extra = BooleanField(
        _("Auch wenn alle Plätze belegt sind"), description=_("Sonst kommt die Person auf die Warteliste.")
    )


class PastedField(TextAreaField):
    """Text of any length, taken as it is: whoever reads it says line by line what cannot be read."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was pasted once."""
        self.data = valuelist[0] if valuelist else ""


class InvitationsForm(FlaskForm):
    """Who is invited."""

    addresses = PastedField(_("Adressen"))
    table = FileField(_("Oder eine Tabelle"), description=_("CSV mit Adresse, Name und Organisation, bis 5.000 Zeilen"))
    may_exceed = BooleanField(_("Dürfen auch kommen, wenn alles belegt ist"))


class AnnouncementForm(FlaskForm):
    """A message to participants, and to which."""

    subject = LineField(_("Betreff"), validators=[required()], longest=200)
    text = TextField(
        _("Text"),
        validators=[required()],
        description=_("Ohne Anrede, die steht schon in der Mail. Markdown: ## Überschrift, - Liste, **fett**"),
    )
    states = SeveralOfField(
        _("An alle, die"),
        coerce=State,
        validators=[InputRequired(_("Bitte wählen Sie aus, wer die Nachricht bekommt."))],
    )
    answer = SelectField(_("Nur mit dieser Antwort"), default="")
    body = SelectField(_("Nur aus dieser Organisation"), default="")
    nonce = HiddenField(name=NONCE_FIELD)

    def __init__(self, event: Event, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        counts = events.counts_by_state(event)
        self.states.choices = [
            (state, f"{showing.state_word(state)} ({counts[state]})")
            for state in MESSAGE_STATES
            if counts[state] or state == State.CONFIRMED
        ]
        self.answer.choices = [("", _("egal")), *_answers(event)]
        self.body.choices = [("", _("egal")), *((name, name) for name in events.bodies_at(event))]

    @property
    def chosen(self) -> Chosen:
        """To whom it goes."""
        question, _colon, answer = (self.answer.data or "").partition(":")
        return Chosen(
            states=tuple(self.states.data or ()),
            question_id=int(question) if question else None,
            answer=answer,
            body=self.body.data or "",
        )


def _answers(event: Event) -> list[tuple[str, str]]:
    """What can be chosen by: each answer of the questions that offer some."""
    return [
        (f"{question.id}:{answer}", f"{question.label} {answer}")
        for question in events.choosing_questions(event)
        for answer in (["ja", "nein"] if question.kind == QuestionKind.YES_NO else question.options)
    ]
