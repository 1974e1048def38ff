"""A question as organisers type it."""

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField

from ...events.forms import answer_word
from ...events.models import Event, Question, QuestionKind
from ...events.services import FORMATS_WITH_FILES, WITH_OPTIONS, QuestionDraft, answers_to, fingerprint
from ...ground.fields import CountField, LineField, TextField, add_error, required
from ...ground.text import UnreadableText, one_line
from ..showing import question_kind_word

MOST_OPTIONS, OPTION_LENGTH = 30, 100
LONGEST_KEPT = 183
#: Between a question's number and the answer, in the values of the condition.
THEN = "="


class QuestionForm(FlaskForm):
    """One question."""

    #: The conditions that can be chosen.
    possible: Collection[str] = ()
    version = HiddenField()
    label = LineField(_("Frage"), validators=[required()], longest=200)
    hint = LineField(_("Hinweis"), longest=300, description=_("Steht klein unter der Frage."))
    kind = SelectField(_("Art der Antwort"), coerce=QuestionKind)
    options = TextField(
        _("Antworten zur Wahl"),
        longest=4_000,
        description=_("Eine je Zeile. Gilt nur für „eine Antwort aus mehreren“ und „mehrere Antworten“."),
    )
    is_required = BooleanField(_("Muss beantwortet werden"))
    condition = SelectField(
        _("Nur stellen, wenn"), description=_("Hängt nur von Fragen ab, die weiter oben stehen."), validate_choice=False
    )
    is_for_organisers = BooleanField(
        _("Nur für Organisierende"),
        description=_("Teilnehmende sehen diese Frage nie. Sie füllen sie in der Liste der Teilnehmenden aus."),
    )
    kept_days = CountField(
        _("Antworten löschen nach so vielen Tagen"),
        description=_("Nach dem Termin, 1 bis 183. Leer: mit der Liste der Teilnehmenden."),
    )

    def offer(self, event: Event, earlier: Sequence[Question], question: Question | None = None) -> "QuestionForm":
        """Say which kinds and conditions there are for this event, after these questions."""
        takes_files = event.format in FORMATS_WITH_FILES or (question and question.kind == QuestionKind.FILE)
        kinds = [one for one in QuestionKind if takes_files or one != QuestionKind.FILE]
        self.kind.choices = [(one, question_kind_word(one)) for one in kinds]
        possible = _conditions(earlier)
        self.condition.choices = [("", gettext("immer")), *possible]
        self.possible = {value for value, _label in possible}
        return self

    @classmethod
    def of(cls, question: Question) -> "QuestionForm":
        """The form filled with what stands."""
        return cls(
            formdata=None,
            label=question.label,
            hint=question.hint,
            kind=question.kind,
            is_required=question.is_required,
            is_for_organisers=question.is_for_organisers,
            kept_days=question.kept_days,
            version=fingerprint(question),
            options="\n".join(question.options),
            condition=f"{question.shown_if_id}{THEN}{question.shown_if_answer}" if question.shown_if_id else "",
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and what only holds for several together."""
        is_fine = bool(super().validate(extra_validators=extra_validators))
        if not self.options.errors and self.kind.data in WITH_OPTIONS and (problem := self._problem_with_options()):
            add_error(self.options, problem)
        if not self.kept_days.errors and not _is_term(self.kept_days.data):
            add_error(self.kept_days, gettext("Bitte wählen Sie 1 bis 183 Tage, oder lassen Sie das Feld leer."))
        if self.condition.data and self.condition.data not in self.possible:
            add_error(self.condition, gettext("Diese Antwort gibt es nicht mehr. Bitte wählen Sie eine andere."))
        return is_fine and not self.errors

    def _problem_with_options(self) -> str:
        options = self.option_lines
        if len(options) < 2:  # noqa: PLR2004 - fewer are no choice
            return gettext("Bitte geben Sie mindestens zwei Antworten an, jede in einer eigenen Zeile.")
        if len(options) > MOST_OPTIONS:
            return gettext("Höchstens %(count)s Antworten, bitte.", count=MOST_OPTIONS)
        if len(set(options)) < len(options):
            return gettext("Eine Antwort steht doppelt da.")
        if any(len(one) > OPTION_LENGTH for one in options):
            return gettext("Höchstens %(count)s Zeichen je Antwort, bitte.", count=OPTION_LENGTH)
        return ""

    @property
    def option_lines(self) -> list[str]:
        """What was typed as options, without empty lines."""
        return [line for line in map(_plain, (self.options.data or "").split("\n")) if line]

    @property
    def draft(self) -> QuestionDraft:
        """The question that was typed; what does not belong to its kind is left out."""
        number, _then, answer = (self.condition.data or "").partition(THEN)
        return QuestionDraft(
            kind=self.kind.data,
            label=self.label.data,
            hint=self.hint.data or "",
            options=tuple(self.option_lines) if self.kind.data in WITH_OPTIONS else (),
            is_required=self.is_required.data,
            shown_if_id=int(number) if number else None,
            shown_if_answer=answer,
            is_for_organisers=self.is_for_organisers.data,
            kept_days=self.kept_days.data,
        )


def _plain(line: str) -> str:
    try:
        return one_line(line.replace("\t", " "))
    except UnreadableText:
        return ""


def _is_term(days: int | None) -> bool:
    return days is None or 1 <= days <= LONGEST_KEPT


def _conditions(earlier: Sequence[Question]) -> list[tuple[str, str]]:
    return [
        (
            f"{one.id}{THEN}{answer}",
            gettext(
                "„%(question)s“ mit „%(answer)s“ beantwortet ist", question=one.label, answer=answer_word(one, answer)
            ),
        )
        for one in earlier
        for answer in answers_to(one)
    ]


class RemovalForm(FlaskForm):
    """Removing a question with answers must be ticked."""

    is_meant = BooleanField(
        _("Ja, die Frage und alle Antworten darauf löschen."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn die Antworten gelöscht werden sollen."))],
    )
