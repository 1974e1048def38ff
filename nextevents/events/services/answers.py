"""Storing what somebody answers and chooses: with the registration, or later until the event begins."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from ...ground.database import change_rows, db
from ...ground.documents import store_document
from ...ground.files import File
from .. import queries, rules
from ..errors import AlreadyOver
from ..models import Answer, Photos, Question, QuestionKind, Registration
from . import seats
from .news import ask_about_newsletter


@dataclass(frozen=True)
class Given:
    """One answer, checked already."""

    #: As Answer.value keeps it: chosen options on a line each, yes and no as "ja" and "nein", a file by its name.
    value: str
    #: A new file; None for answers in words, and for a file that stays.
    content: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What somebody agrees to. None of it is a condition, and what is not chosen is a no (rules L-15 to L-17)."""

    photos: Photos = Photos.NO
    agrees_to_recording: bool = False
    is_shown: bool = False
    wants_newsletter: bool = False


NOTHING_CHOSEN = Choices()
Answers = Mapping[int, Given]


def store_answers(registration: Registration, answers: Answers, *, at: datetime) -> None:
    """Keep the answers of a new registration, by the numbers of their questions.

    The caller has changed or held the event's row, so no question vanishes meanwhile; those that have gone since the
    form was opened are left out.
    """
    if not answers:
        return
    chosen = (Question.event_id == registration.event_id, Question.is_for_organisers.is_(False))
    asked = set(db.session.scalars(select(Question.id).where(*chosen)))
    rows = [_row(registration, number, given, at=at) for number, given in answers.items() if number in asked]
    if rows:
        db.session.execute(insert(Answer), rows)


def _row(registration: Registration, number: int, given: Given, *, at: datetime) -> dict[str, object]:
    file = store_document(given.content, name=given.value, at=at) if given.content is not None else None
    return {
        "registration_id": registration.id,
        "question_id": number,
        "value": given.value,
        "file_id": file.id if file else None,
    }


def change_answers(registration: Registration, answers: Answers, choices: Choices, *, at: datetime) -> None:
    """Replace what somebody has answered and chosen; answers of the organisers stay, and so do files not sent anew.

    Saving what stands changes nothing, and asks nobody about the newsletter again.

    Raises AlreadyOver once the event has begun, or when the registration does not count any more.
    """
    seats.hold(registration.event)
    db.session.refresh(registration)
    if not rules.may_change_answers(registration, at=at):
        raise AlreadyOver
    replace_answers(registration, answers, at=at)
    has_wished_before = registration.wants_newsletter
    for name, value in asdict(choices).items():
        setattr(registration, name, value)
    db.session.flush()
    if not has_wished_before:
        ask_about_newsletter(registration, at=at)


def replace_answers(registration: Registration, answers: Answers, *, at: datetime) -> None:
    """Replace the answers that are the participant's own. The caller holds the event."""
    asked = {one.id: one for one in queries.asked_questions(registration.event)}
    standing = {number: one for number, one in queries.answers_of(registration).items() if number in asked}
    kept = {
        number
        for number, given in answers.items()
        if number in standing and _is_kept(asked[number], standing[number], given)
    }
    gone = [one for number, one in standing.items() if number not in kept]
    _forget_answers(gone)
    store_answers(registration, {number: given for number, given in answers.items() if number not in kept}, at=at)


def _is_kept(question: Question, standing: Answer, given: Given) -> bool:
    return given.content is None and (question.kind == QuestionKind.FILE or given.value == standing.value)


def _forget_answers(gone: Collection[Answer]) -> None:
    if gone:
        change_rows(delete(Answer).where(Answer.id.in_([one.id for one in gone])))
        forget_files([one.file_id for one in gone if one.file_id])


def forget_files(numbers: Collection[int]) -> None:
    """Delete files of answers that are gone, unless another answer still has them."""
    if numbers:
        is_used = select(Answer.id).where(Answer.file_id == File.id).exists()
        change_rows(delete(File).where(File.id.in_(numbers), ~is_used))


def hand_over_answers(earlier: Registration, later: Registration) -> None:
    """Give the answers of a withdrawn registration to the one that takes its place, unless that has its own."""
    has_own = db.session.scalar(select(func.count()).where(Answer.registration_id == later.id))
    if not has_own and earlier.id != later.id:
        change_rows(update(Answer).where(Answer.registration_id == earlier.id).values(registration_id=later.id))
