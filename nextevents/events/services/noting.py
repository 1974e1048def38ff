"""What organisers note about somebody, for themselves."""

from collections.abc import Mapping

from sqlalchemy import delete

from ...ground.database import change_rows, db, insert_unless_there
from .. import queries
from ..models import Answer, QuestionKind, Registration
from . import seats


def note_about(registration: Registration, note: str, answers: Mapping[int, str]) -> None:
    """Keep an organiser's note, and the answers to what organisers fill in, by the numbers of their questions.

    What is left empty is forgotten. Participants' own answers, and files, stay as they are.
    """
    event = registration.event
    seats.hold(event)
    db.session.refresh(registration)
    registration.note = note
    own = [one.id for one in queries.questions(event) if one.is_for_organisers and one.kind != QuestionKind.FILE]
    if own:
        change_rows(delete(Answer).where(Answer.registration_id == registration.id, Answer.question_id.in_(own)))
    given = [
        {"registration_id": registration.id, "question_id": number, "value": answers[number], "file_id": None}
        for number in own
        if answers.get(number)
    ]
    if given:
        db.session.execute(insert_unless_there(Answer), given)
    db.session.flush()
