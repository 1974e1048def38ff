"""What organisers note about somebody."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _

from ...events import queries as events
from ...events.forms.questions import CHOICES, QuestionsForm, asking, field_name
from ...events.models import Event, Question, QuestionKind, Registration
from ...ground.fields import TextField

NOTE_LENGTH = 2_000


class NoteForm(QuestionsForm):
    """A note, and what the event asks its organisers about each participant."""

    #: Those for participants too.
    all_questions: ClassVar[Sequence[Question]] = ()

    note = TextField(
        _("Notiz"),
        description=_("Sehen nur die Organisierenden. Wer gemeint ist, kann Auskunft darüber verlangen."),
        longest=NOTE_LENGTH,
    )

    @classmethod
    def of(cls, registration: Registration) -> "NoteForm":
        """The form filled with what stands."""
        answers = events.answers_of(registration)
        typed = {field_name(one): _typed(one, answers[one.id].value) for one in cls.questions if one.id in answers}
        return cls(formdata=None, data={"note": registration.note} | typed)


def _typed(question: Question, value: str) -> Any:
    """An answer as its field takes it."""
    if question.kind == QuestionKind.SEVERAL_OF:
        return value.split("\n")
    return int(value) if question.kind == QuestionKind.NUMBER else value


def note_form(event: Event) -> type[NoteForm]:
    """The form of this event."""
    questions = events.questions(event)
    own = [one for one in questions if one.is_for_organisers and one.kind != QuestionKind.FILE]
    made = asking(NoteForm, event, own)
    return type("NoteForm", (made,), {"all_questions": questions} | dict.fromkeys(CHOICES))
