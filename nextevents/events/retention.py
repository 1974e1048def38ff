"""How long what is kept, as one table, and forgetting what is older (rule L-10). docs/operating.md shows the same.

What is counted outlives what it was counted from: before an event's personal data goes, its figures are frozen in the
same transaction. Feedback has no person and stays. The values are for counsel to set.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select

from ..ground.audit import note_deed
from ..ground.database import change_rows, db
from ..ground.files import File
from ..mailing import services as mailing
from ..people import services as people
from . import queries
from .models import Answer, Call, Certificate, Event, FrozenFigures, Invitation, Poll, Question, Registration, Voter
from .services import seats

PARTICIPANTS = timedelta(days=183)
CERTIFICATES = timedelta(days=3 * 365 + 1)
#: So many events or rows at a time.
PORTION = 20


@dataclass(frozen=True)
class Term:
    """One line of the table: what it is, how long it is kept, and how to count and to forget what is older."""

    name: str
    what: str
    kept: str
    count: Callable[[datetime], int]
    #: Forgets some of it and returns how many; to be repeated, each time in a transaction of its own, until it is 0.
    fade: Callable[[datetime], int]


def _over_events(at: datetime) -> tuple[ColumnElement[bool], ...]:
    has_people = or_(*(exists().where(kind.event_id == Event.id) for kind in (Registration, Invitation, Call)))
    return Event.ends_at < at - PARTICIPANTS, Event.faded_at.is_(None), has_people


def _count_participants(at: datetime) -> int:
    return db.session.scalar(select(func.count(Event.id)).where(*_over_events(at))) or 0


def _fade_participants(at: datetime) -> int:
    events = db.session.scalars(select(Event).where(*_over_events(at)).order_by(Event.id).limit(PORTION)).all()
    for event in events:
        fade_event(event, at=at)
    return len(events)


def fade_event(event: Event, *, at: datetime) -> None:
    """Freeze an event's figures and forget its people: registrations with answers and files, invitations, answers.

    Certificates stay, without the registration. The number of seats taken stays as a figure. Twice is harmless.
    """
    seats.hold(event)
    if event.faded_at is not None:
        return
    _freeze(event, queries.figures_of(event), at=at)
    of_event = select(Registration.id).where(Registration.event_id == event.id)
    _forget_answers(Answer.registration_id.in_(of_event))
    gone = change_rows(delete(Registration).where(Registration.event_id == event.id))
    invited = change_rows(delete(Invitation).where(Invitation.event_id == event.id))
    called = change_rows(delete(Call).where(Call.event_id == event.id))
    event.faded_at = event.changed_at = at
    note_deed("faded", f"event:{event.id}", person_id=None, at=at, registrations=gone, invitations=invited + called)
    db.session.flush()


def _freeze(event: Event, figures: dict[str, object], *, at: datetime) -> None:
    standing = db.session.get(FrozenFigures, event.id)
    if standing is None:
        db.session.add(FrozenFigures(event_id=event.id, frozen_at=at, figures=figures))
    else:
        standing.frozen_at, standing.figures = at, {**standing.figures, **figures}
    db.session.flush()


def _forget_answers(*which: ColumnElement[bool]) -> int:
    files = db.session.scalars(select(Answer.file_id).where(*which, Answer.file_id.is_not(None))).all()
    gone = change_rows(delete(Answer).where(*which))
    if files:
        change_rows(delete(File).where(File.id.in_(files)))
    return gone


def _old_questions(at: datetime) -> Sequence[tuple[Question, Event]]:
    """Questions whose answers are to go earlier than the rest, and still have some."""
    pairs = db.session.execute(
        select(Question, Event)
        .join(Event, Event.id == Question.event_id)
        .where(Question.kept_days.is_not(None), Event.ends_at < at - timedelta(days=1))
        .where(exists().where(Answer.question_id == Question.id))
        .order_by(Event.id, Question.id)
    )
    return [(one, event) for one, event in pairs if event.ends_at + timedelta(days=one.kept_days or 0) < at]


def _count_answers(at: datetime) -> int:
    numbers = [question.id for question, _event in _old_questions(at)]
    return db.session.scalar(select(func.count()).where(Answer.question_id.in_(numbers))) or 0


def _fade_answers(at: datetime) -> int:
    gone = 0
    for question, event in _old_questions(at)[:PORTION]:
        seats.hold(event)
        frozen = db.session.get(FrozenFigures, event.id)
        earlier = frozen.figures.get("questions", []) if frozen else []
        counted = [one for one in queries.question_figures(event) if one["id"] == question.id]
        kept = [one for one in earlier if one["id"] != question.id]
        _freeze(event, {"questions": [*kept, *counted]}, at=at)
        gone += _forget_answers(Answer.question_id == question.id)
    return gone


def _old_certificates(at: datetime) -> ColumnElement[bool]:
    return Certificate.issued_at < at - CERTIFICATES


def _count_certificates(at: datetime) -> int:
    return db.session.scalar(select(func.count()).where(_old_certificates(at))) or 0


def _fade_certificates(at: datetime) -> int:
    return change_rows(delete(Certificate).where(_old_certificates(at)))


def _old_polls(at: datetime) -> ColumnElement[bool]:
    return (Poll.closes_at < at - PARTICIPANTS) & exists().where(Voter.poll_id == Poll.id)


def _count_polls(at: datetime) -> int:
    return db.session.scalar(select(func.count()).where(_old_polls(at))) or 0


def _fade_polls(at: datetime) -> int:
    """Forget who was asked and how they voted; that there was a poll, and what came of it, stays."""
    numbers = db.session.scalars(select(Poll.id).where(_old_polls(at)).order_by(Poll.id).limit(PORTION)).all()
    change_rows(delete(Voter).where(Voter.poll_id.in_(numbers)))
    return len(numbers)


TERMS = (
    Term(
        "answers",
        "Antworten auf Fragen mit eigener Frist, mit ihren Dateien",
        "die Tage der Frage nach dem Termin",
        _count_answers,
        _fade_answers,
    ),
    Term(
        "participants",
        "Anmeldungen mit Antworten und Notizen, Einladungen und was darauf geantwortet wurde",
        "183 Tage nach dem Termin",
        _count_participants,
        _fade_participants,
    ),
    Term(
        "polls",
        "Stimmen in Terminumfragen, mit allen, die gefragt wurden",
        "183 Tage nach der Frist",
        _count_polls,
        _fade_polls,
    ),
    Term("certificates", "Bescheinigungen", "3 Jahre nach der Ausstellung", _count_certificates, _fade_certificates),
    Term(
        "unproved",
        "Personen, die ihre Adresse nie bestätigt haben, mit ihren Anmeldungen",
        "14 Tage",
        lambda at: people.count_unproved(at=at),
        lambda at: people.erase_unproved(at=at),
    ),
    Term(
        "requests",
        "Wünsche nach Mails von Verteilern, die niemand bestätigt hat, mit ihren Adressen",
        "13 Tage",
        lambda at: mailing.count_unconfirmed(at=at),
        lambda at: mailing.forget_unconfirmed(at=at),
    ),
    Term(
        "rosters",
        "Verteilerlisten aus anderen Systemen, die nach der Vorschau niemand übernommen hat",
        "7 Tage",
        lambda at: mailing.count_unbegun_imports(at=at),
        lambda at: mailing.forget_unbegun_imports(at=at),
    ),
    Term(
        "subscriptions",
        "Dass jemand einen Verteiler verlassen hat",
        "90 Tage",
        lambda at: mailing.count_left(at=at),
        lambda at: mailing.forget_left(at=at),
    ),
    Term(
        "consents",
        "Nachweise widerrufener Einwilligungen",
        "3 Jahre, zum Jahresende",
        lambda at: mailing.count_old_consents(at=at),
        lambda at: mailing.forget_old_consents(at=at),
    ),
    Term(
        "arrivals",
        "Angekommene Mails, die erledigt sind",
        "30 Tage",
        lambda at: mailing.count_old_arrivals(at=at),
        lambda at: mailing.forget_old_arrivals(at=at),
    ),
    Term(
        "mails",
        "Gesendete und endgültig gescheiterte Mails",
        "90 Tage",
        lambda at: mailing.count_old_messages(at=at),
        lambda at: mailing.forget_old_messages(at=at),
    ),
    Term(
        "posts",
        "Beiträge an Verteiler, die nicht verteilt wurden",
        "30 Tage nach der Entscheidung, ohne Entscheidung 90 Tage",
        lambda at: mailing.count_unwanted_posts(at=at),
        lambda at: mailing.forget_unwanted_posts(at=at),
    ),
    Term(
        "bounces",
        "Berichte über Mails, die nicht ankamen, und Beschwerden",
        "30 Tage",
        lambda at: mailing.count_old_bounces(at=at),
        lambda at: mailing.forget_old_bounces(at=at),
    ),
)
