"""An event's own questions and choices as fields of a form, made anew for each event."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FileField, RadioField
from wtforms.validators import ValidationError

from ...ground.documents import looked_through
from ...ground.errors import Refusal
from ...ground.fields import CountField, LineField, SeveralOfField, TextField, add_error, once, options
from ...mailing import queries as mailing
from .. import queries, rules
from ..models import Answer, Event, Photos, Question, QuestionKind, Registration, Viewers
from ..services import Choices, Given

ANSWER_LENGTH = 5_000
#: Bytes of one file.
LARGEST_FILE = 5 * 1024 * 1024
FILE_ENDINGS = ("pdf", "png", "jpg", "jpeg", "odt", "docx")
CHOICES = ("photos", "agrees_to_recording", "is_shown", "wants_newsletter")

Base = TypeVar("Base", bound="QuestionsForm")


class OneOfField(RadioField):
    """One of several, or none; what is not among them is refused."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was chosen once."""
        self.data = once(valuelist)

    def pre_validate(self, form: Any) -> None:
        """Refuse what was never offered."""
        del form
        if self.data and self.data not in {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(gettext("Bitte wählen Sie eine der Möglichkeiten."))


class DocumentField(FileField):
    """One file, known by its content."""

    #: The name of the file that stands, if nothing new is sent.
    standing: str = ""
    content: bytes | None = None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read it, or say what is wrong."""
        self.data = None
        upload = once([one for one in valuelist if isinstance(one, FileStorage) and one.filename])
        if upload is None:
            return
        content, typed = upload.read(LARGEST_FILE + 1), upload.filename or ""
        try:
            name, _type = looked_through(content, name=typed, endings=FILE_ENDINGS, largest=LARGEST_FILE)
        except Refusal as refusal:
            raise ValueError(str(refusal)) from None
        self.data, self.content = name, content


@dataclass(frozen=True)
class Asked:
    """A question with its field, and the one on which it depends."""

    question: Question
    field: Field
    condition: Question | None

    @property
    def condition_answer(self) -> str:
        """The answer that decides, as it is read."""
        return answer_word(self.condition, self.question.shown_if_answer) if self.condition else ""

    @property
    def condition_name(self) -> str:
        """The name of the field that decides; empty if none does."""
        return field_name(self.condition) if self.condition else ""


class QuestionsForm(FlaskForm):
    """A form that may hold an event's questions. Errors of questions that do not apply do not count."""

    questions: ClassVar[Sequence[Question]] = ()

    @property
    def asked(self) -> Iterator[Asked]:
        """The questions with their fields, in order."""
        known = {one.id: one for one in self.questions}
        for one in self.questions:
            yield Asked(one, self[field_name(one)], known.get(one.shown_if_id or 0))

    @property
    def choice_fields(self) -> list[Field]:
        """The choices that the event asks for."""
        return [self[name] for name in CHOICES if name in self]

    @property
    def file_names(self) -> set[str]:
        """The names of the fields that take files."""
        return {field_name(one) for one in self.questions if one.kind == QuestionKind.FILE}

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that what is required and applies was answered."""
        super().validate(extra_validators=extra_validators)
        answered: dict[int, str] = {}
        for one in self.asked:
            if not rules.is_asked(one.question, answered):
                one.field.errors = []
                continue
            value = _value_in(one.field)
            if value:
                answered[one.question.id] = value
            elif one.question.is_required and not one.field.errors:
                add_error(one.field, gettext("Bitte beantworten Sie diese Frage."))
        self._ask_for_files_again()
        return not self.errors

    def _ask_for_files_again(self) -> None:
        """A browser forgets files where a form comes back."""
        if not self.errors:
            return
        for one in self.asked:
            if isinstance(one.field, DocumentField) and one.field.content is not None and not one.field.errors:
                add_error(
                    one.field, gettext("Bitte wählen Sie die Datei noch einmal aus; Browser merken sie sich nicht.")
                )

    @property
    def answers(self) -> dict[int, Given]:
        """What was answered, by the numbers of the questions; only to those that apply."""
        given: dict[int, Given] = {}
        words: dict[int, str] = {}
        for one in self.asked:
            value = _value_in(one.field)
            if value and rules.is_asked(one.question, words):
                words[one.question.id] = value
                content = one.field.content if isinstance(one.field, DocumentField) else None
                given[one.question.id] = Given(value, content)
        return given

    @property
    def choices(self) -> Choices:
        """What was chosen; what the event does not ask for is a no."""
        chosen = {one.short_name: one.data for one in self.choice_fields}
        photos = chosen.pop("photos", None)
        return Choices(photos=Photos(photos) if photos else Photos.NO, **chosen)


def answer_word(question: Question, answer: str) -> str:
    """An answer as it is read: yes and no in the reader's language, options as they were written."""
    if question.kind != QuestionKind.YES_NO:
        return answer
    return {"ja": gettext("ja"), "nein": gettext("nein")}.get(answer, answer)


def field_name(question: Question) -> str:
    """The name of a question's field, which others may rely on."""
    return f"frage-{question.id}"


def _value_in(field: Field) -> str:
    if isinstance(field, DocumentField):
        return field.data or field.standing
    if isinstance(field.data, list):
        return "\n".join(field.data)
    return "" if field.data is None else str(field.data)


def asking(base: type[Base], event: Event, questions: Sequence[Question]) -> type[Base]:
    """The form with these questions and the event's choices."""
    fields = {field_name(one): _field_for(one) for one in questions} | _choice_fields(event)
    return type(base.__name__, (base,), {"questions": tuple(questions), **fields}) if fields else base


def _field_for(question: Question) -> Any:
    shown: dict[str, Any] = {"label": question.label, "description": question.hint}
    match question.kind:
        case QuestionKind.LINE:
            return LineField(**shown)
        case QuestionKind.TEXT:
            return TextField(**shown, longest=ANSWER_LENGTH)
        case QuestionKind.ONE_OF:
            return OneOfField(**shown, choices=options(*((one, one) for one in question.options)))
        case QuestionKind.SEVERAL_OF:
            return SeveralOfField(**shown, choices=options(*((one, one) for one in question.options)))
        case QuestionKind.YES_NO:
            return OneOfField(**shown, choices=options(("ja", _("Ja")), ("nein", _("Nein"))))
        case QuestionKind.NUMBER:
            return CountField(**shown)
        case QuestionKind.FILE:
            kinds = _("PDF, PNG, JPEG, ODT oder DOCX, höchstens 5 MB.")
            return DocumentField(question.label, description=question.hint or kinds)


def _choice_fields(event: Event) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if event.asks_photos:
        fields["photos"] = OneOfField(
            _("Fotos von Ihnen"),
            choices=options(
                (Photos.NO.value, _("Nein")),
                (Photos.OVERVIEW.value, _("Nur in Aufnahmen vom ganzen Raum")),
                (Photos.YES.value, _("Ja")),
            ),
            description=_("Wählen Sie nichts aus, heißt das nein."),
        )
    if event.asks_recording:
        fields["agrees_to_recording"] = BooleanField(
            _("Ich bin einverstanden, in der Aufzeichnung zu hören und zu sehen zu sein."),
            description=_(
                "Ohne Häkchen nehmen Sie genauso teil. Wie Sie unaufgezeichnet dabei sind, sagen wir zu Beginn."
            ),
        )
    if event.participants_shown_to != Viewers.NOBODY:
        fields["is_shown"] = BooleanField(
            _("Mein Name und meine Organisation dürfen in der Liste der Teilnehmenden stehen."),
            description=_("Die Liste sehen alle, die diese Seite öffnen.")
            if event.participants_shown_to == Viewers.EVERYBODY
            else _("Die Liste sehen nur die Teilnehmenden."),
        )
    if event.asks_newsletter:
        newsletter = mailing.newsletter()
        fields["wants_newsletter"] = BooleanField(
            _("Ich möchte den Newsletter „%(name)s“ bekommen.", name=newsletter.name)
            if newsletter
            else _("Ich möchte den Newsletter bekommen."),
            description=_("Wir merken uns den Wunsch. Bevor der erste kommt, fragen wir Sie noch einmal per Mail."),
        )
    return fields


class AnswersForm(QuestionsForm):
    """One's own answers and choices, to be changed."""

    def keep_files(self, answers: Mapping[int, Answer]) -> None:
        """Files that were sent before stay unless new ones come."""
        for one in self.asked:
            if isinstance(one.field, DocumentField) and one.question.id in answers:
                name = one.field.standing = answers[one.question.id].value
                one.field.description = gettext("Gespeichert: %(name)s. Eine neue Datei ersetzt sie.", name=name)

    @property
    def is_incomplete(self) -> bool:
        """Whether an answer is missing that is required and applies."""
        given = self.answers
        words = {number: one.value for number, one in given.items()}
        return any(one.is_required and one.id not in given and rules.is_asked(one, words) for one in self.questions)


def answers_form(registration: Registration, *, is_sent: bool, at: datetime) -> AnswersForm | None:
    """What somebody has answered and chosen, as a form; None if there is nothing to change any more, or to ask."""
    if not rules.may_change_answers(registration, at=at):
        return None
    kind = asking(AnswersForm, registration.event, queries.asked_questions(registration.event))
    if kind is AnswersForm:
        return None
    answers = queries.answers_of(registration)
    typed = {field_name(one): _typed(one, answers[one.id]) for one in kind.questions if one.id in answers}
    chosen = {name: getattr(registration, name) for name in CHOICES}
    form = kind() if is_sent else kind(formdata=None, data=typed | chosen)
    form.keep_files(answers)
    return form


def _typed(question: Question, answer: Answer) -> Any:
    """An answer as its field takes it."""
    match question.kind:
        case QuestionKind.SEVERAL_OF:
            return answer.value.split("\n")
        case QuestionKind.NUMBER:
            return int(answer.value)
        case QuestionKind.FILE:
            return None
    return answer.value
