"""Reading what an event asks, and what was answered."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, select
from sqlalchemy.orm import joinedload

from ...ground.database import db
from ...ground.errors import NotFound
from ..models import Answer, Event, Question, QuestionKind, Registration, Stage

#: Kinds of questions that are answered by choosing, so that one can count answers and choose people by them.
BY_CHOOSING = (QuestionKind.ONE_OF, QuestionKind.SEVERAL_OF, QuestionKind.YES_NO)
_TO_REGISTER = (
    select(Event, Question)
    .outerjoin(Question, and_(Question.event_id == Event.id, Question.is_for_organisers.is_(False)))
    .where(Event.slug == bindparam("slug"), Event.stage != Stage.DRAFT)
    .order_by(Question.position, Question.id)
)


def event_to_register_for(slug: str) -> tuple[Event, Sequence[Question]]:
    """A public event by its address, with what it asks participants, in one query. Raises NotFound."""
    rows = db.session.execute(_TO_REGISTER, {"slug": slug}).all()
    if not rows:
        raise NotFound
    return rows[0][0], list(filter(None, (question for _, question in rows)))


def questions(event: Event) -> Sequence[Question]:
    """All questions of an event in order, those for organisers among them."""
    return db.session.scalars(
        select(Question).where(Question.event_id == event.id).order_by(Question.position, Question.id)
    ).all()


def asked_questions(event: Event) -> Sequence[Question]:
    """What an event asks participants, in order."""
    return [one for one in questions(event) if not one.is_for_organisers]


def choosing_questions(event: Event) -> Sequence[Question]:
    """The questions whose answers one can choose by, in order."""
    return [one for one in questions(event) if one.kind in BY_CHOOSING]


def has_chosen(question_id: int, option: str) -> ColumnElement[bool]:
    """Whether a registration has an answer to this question in which this option stands, alone or among others."""
    lines, line = literal("\n").concat(Answer.value).concat("\n"), f"\n{option}\n"
    return (
        select(Answer.id)
        .where(Answer.registration_id == Registration.id, Answer.question_id == question_id)
        .where(func.replace(lines, line, "") != lines)
        .exists()
    )


def question(event: Event, number: int) -> Question:
    """One question of an event. Raises NotFound for those of others."""
    found = db.session.scalars(select(Question).where(Question.id == number, Question.event_id == event.id)).first()
    if found is None:
        raise NotFound
    return found


def answer_counts(event: Event) -> dict[int, int]:
    """How many have answered, by the number of the question; those without an answer are missing."""
    rows = db.session.execute(
        select(Answer.question_id, func.count())
        .join(Question, Question.id == Answer.question_id)
        .where(Question.event_id == event.id)
        .group_by(Answer.question_id)
    )
    return dict(rows.all())


def answer_count(question: Question) -> int:
    """How many have answered one question."""
    return db.session.scalar(select(func.count()).where(Answer.question_id == question.id)) or 0


def chosen_options(question: Question) -> set[str]:
    """The options that at least one person has chosen; for questions with options."""
    values = db.session.scalars(select(Answer.value).where(Answer.question_id == question.id).distinct())
    return {option for value in values for option in value.split("\n") if option}


def answers_of(registration: Registration) -> dict[int, Answer]:
    """What somebody has answered, by the number of the question; those of the organisers among them."""
    found = db.session.scalars(select(Answer).where(Answer.registration_id == registration.id))
    return {one.question_id: one for one in found}


def file_answer(event: Event, number: int) -> Answer:
    """An answer that is a file, with it and the question. Raises NotFound for those to other events."""
    found = db.session.scalars(
        select(Answer)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.id == number, Question.event_id == event.id, Answer.file_id.is_not(None))
        .options(joinedload(Answer.file), joinedload(Answer.question))
    ).first()
    if found is None:
        raise NotFound
    return found
