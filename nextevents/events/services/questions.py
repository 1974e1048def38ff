"""What an event asks: adding, changing, moving and removing questions. Every change raises the event's version."""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from sqlalchemy import select

from ...ground.database import db
from .. import queries
from ..errors import (
    AskedBefore,
    FilesNotAsked,
    OptionNeeded,
    OptionsChosen,
    QuestionChangedMeanwhile,
    QuestionFrozen,
    QuestionNeeded,
    TooManyQuestions,
)
from ..models import Answer, Event, Format, Question, QuestionKind
from . import seats
from .answers import forget_files

MOST = 40
#: With the largest file for each, they fit into one request.
MOST_FILES = 2
#: Who comes to these brings something along.
FORMATS_WITH_FILES = frozenset({Format.CAMP, Format.PANEL})
WITH_OPTIONS = frozenset({QuestionKind.ONE_OF, QuestionKind.SEVERAL_OF})


@dataclass(frozen=True, kw_only=True)
class QuestionDraft:
    """A question as it shall be."""

    kind: QuestionKind
    label: str
    hint: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False
    #: Asked only if this earlier question is answered so.
    shown_if_id: int | None = None
    shown_if_answer: str = ""
    is_for_organisers: bool = False
    #: Days after the event, 1 to 183; None: as long as the list of participants.
    kept_days: int | None = None

    @classmethod
    def of(cls, question: Question) -> "QuestionDraft":
        """The question as it stands."""
        names = [name for name in cls.__dataclass_fields__ if name != "options"]
        return cls(options=tuple(question.options), **{name: getattr(question, name) for name in names})


def fingerprint(question: Question) -> str:
    """Changes whenever the question does; forms carry it along (guarantee G20)."""
    return hashlib.sha256(repr(astuple(QuestionDraft.of(question))).encode()).hexdigest()[:16]


def add_question(event: Event, draft: QuestionDraft, *, at: datetime) -> Question:
    """Ask one question more, as the last one. The same question sent twice stands there once.

    Raises TooManyQuestions, FilesNotAsked and AskedBefore; then nothing has changed.
    """
    seats.hold(event)
    standing = queries.questions(event)
    same = next((one for one in standing if QuestionDraft.of(one) == draft), None)
    if same:
        return same
    if len(standing) >= MOST:
        raise TooManyQuestions(MOST)
    _check(event, draft, standing)
    question = Question(event_id=event.id, position=len(standing))
    _apply(question, draft)
    db.session.add(question)
    _order([*standing, question])
    _show(event, at=at)
    return question


def add_questions(event: Event, drafts: Sequence[QuestionDraft], *, at: datetime) -> list[Question]:
    """Ask several at once. A draft's condition names an earlier one of them by its place, the first being 0.

    Raises what add_question() raises; then nothing has changed.
    """
    added: list[Question] = []
    for draft in drafts:
        place = draft.shown_if_id
        wanted = draft if place is None else replace(draft, shown_if_id=added[place].id)
        added.append(add_question(event, wanted, at=at))
    return added


def change_question(event: Event, question: Question, draft: QuestionDraft, *, seen: str, at: datetime) -> None:
    """Ask otherwise. Once somebody has answered, kind and addressees stay, and so do the options that were chosen.

    Raises QuestionChangedMeanwhile if it is not as it was seen any more, QuestionFrozen, OptionsChosen, OptionNeeded,
    FilesNotAsked and AskedBefore; then nothing has changed.
    """
    seats.hold(event)
    db.session.refresh(question)
    if QuestionDraft.of(question) == draft:
        return
    if fingerprint(question) != seen:
        raise QuestionChangedMeanwhile
    standing = queries.questions(event)
    _check_answered(question, draft)
    _check_needed(question, draft, standing)
    _check(event, draft, standing[: standing.index(question)], but=question)
    _apply(question, draft)
    _show(event, at=at)


def _apply(question: Question, draft: QuestionDraft) -> None:
    for name in QuestionDraft.__dataclass_fields__:
        setattr(question, name, getattr(draft, name))
    question.options = list(draft.options)


def _check_answered(question: Question, draft: QuestionDraft) -> None:
    count = queries.answer_count(question)
    if not count:
        return
    if (draft.kind, draft.is_for_organisers) != (question.kind, question.is_for_organisers):
        raise QuestionFrozen(count)
    if question.kind in WITH_OPTIONS and (lost := queries.chosen_options(question) - set(draft.options)):
        raise OptionsChosen([one for one in question.options if one in lost] or sorted(lost))


def _check_needed(question: Question, draft: QuestionDraft, standing: Sequence[Question]) -> None:
    for other in standing:
        is_open_to_fewer = draft.is_for_organisers and not other.is_for_organisers
        if other.shown_if_id == question.id and (is_open_to_fewer or other.shown_if_answer not in answers_to(draft)):
            raise OptionNeeded(other.label, other.shown_if_answer)


def answers_to(question: Question | QuestionDraft) -> Sequence[str]:
    """All answers that there can be to a question with options, or to one with yes and no; none for others."""
    if question.kind == QuestionKind.YES_NO:
        return ("ja", "nein")
    return question.options if question.kind in WITH_OPTIONS else ()


def _check(event: Event, draft: QuestionDraft, earlier: Sequence[Question], but: Question | None = None) -> None:
    if draft.kind == QuestionKind.FILE and (but is None or but.kind != QuestionKind.FILE):
        count = sum(one.kind == QuestionKind.FILE for one in queries.questions(event))
        if event.format not in FORMATS_WITH_FILES or count >= MOST_FILES:
            raise FilesNotAsked(MOST_FILES)
    if draft.shown_if_id is None:
        return
    asked = next((one for one in earlier if one.id == draft.shown_if_id), None)
    if asked is None or draft.shown_if_answer not in answers_to(asked):
        raise AskedBefore
    if asked.is_for_organisers and not draft.is_for_organisers:
        raise AskedBefore


def move_question(event: Event, question: Question, *, is_up: bool, at: datetime) -> None:
    """Ask it one place earlier or later; at the ends nothing happens.

    Raises AskedBefore if it would come before the question on which it depends.
    """
    seats.hold(event)
    standing = list(queries.questions(event))
    here = standing.index(question)
    there = here - 1 if is_up else here + 1
    if not 0 <= there < len(standing):
        return
    upper, lower = standing[min(here, there)], standing[max(here, there)]
    if lower.shown_if_id == upper.id:
        raise AskedBefore
    standing[here], standing[there] = standing[there], standing[here]
    _order(standing)
    _show(event, at=at)


def _order(questions: Sequence[Question]) -> None:
    for position, one in enumerate(questions):
        one.position = position


def remove_question(event: Event, question: Question, *, at: datetime) -> None:
    """Ask it no longer; its answers and their files go too. Raises QuestionNeeded if another one depends on it."""
    seats.hold(event)
    standing = queries.questions(event)
    dependent = next((one for one in standing if one.shown_if_id == question.id), None)
    if dependent:
        raise QuestionNeeded(dependent.label)
    files = db.session.scalars(
        select(Answer.file_id).where(Answer.question_id == question.id, Answer.file_id.is_not(None))
    ).all()
    db.session.delete(question)
    db.session.flush()
    forget_files([number for number in files if number])
    _order([one for one in standing if one is not question])
    _show(event, at=at)


def _show(event: Event, *, at: datetime) -> None:
    event.touch(at)
    db.session.flush()
