"""An event's figures: counts only. Once personal data has faded, as they were frozen then."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from ...ground import clock
from ...ground.database import db
from ...people.models import Organisation, Person
from ..models import Answer, Event, Feedback, FrozenFigures, Question, QuestionKind, Registration, State
from .questions import BY_CHOOSING

#: So few people of one body could be recognised; they are counted with the others (rule L-10).
FEWEST = 3
MOST_BODIES = 10
#: So few answers could be recognised.
FEWEST_ANSWERS = 5
#: What never came to be a registration, or is none any more.
NOT_COMING = (State.UNCONFIRMED, State.REQUESTED, State.CANCELLED)


def figures_of(event: Event) -> dict[str, Any]:
    """Everything that is counted: by_day, states, levels, bodies, questions. As JSON knows it, so it can be frozen.

    Answers that faded earlier than the rest are counted as they were then.
    """
    frozen = db.session.scalars(select(FrozenFigures).where(FrozenFigures.event_id == event.id)).one_or_none()
    if frozen and event.faded_at:
        return frozen.figures
    early = {one["id"]: one for one in frozen.figures["questions"]} if frozen else {}
    return {
        "by_day": _by_day(event),
        "states": _states(event),
        "levels": _levels(event),
        "bodies": _bodies(event),
        "questions": [early.get(one["id"], one) for one in question_figures(event)],
    }


def _by_day(event: Event) -> list[list[Any]]:
    """Days with how many registered on them, whatever became of it."""
    made = db.session.scalars(select(Registration.made_at).where(Registration.event_id == event.id))
    days = Counter(clock.local(moment).date().isoformat() for moment in made)
    return [[day, days[day]] for day in sorted(days)]


def _states(event: Event) -> dict[str, int]:
    rows = db.session.execute(
        select(Registration.state, func.count()).where(Registration.event_id == event.id).group_by(Registration.state)
    )
    found = {state.value: count for state, count in rows}
    return {state.value: found[state.value] for state in State if found.get(state.value)}


def _levels(event: Event) -> dict[str, int]:
    """People by the level of their body; unknown ones under an empty word."""
    rows = db.session.execute(
        select(Organisation.level, func.count())
        .select_from(Registration)
        .join(Person, Registration.person_id == Person.id)
        .outerjoin(Organisation, Person.organisation_id == Organisation.id)
        .where(Registration.event_id == event.id, Registration.state.not_in(NOT_COMING))
        .group_by(Organisation.level)
    )
    return {level.value if level else "": count for level, count in sorted(rows.all(), key=lambda row: -row[1])}


def _bodies(event: Event) -> dict[str, Any]:
    """The bodies that most people came from, how many bodies there are, and how many people came from the others."""
    name = func.coalesce(Organisation.name, func.nullif(Registration.organisation_name, ""), Person.organisation_name)
    found = db.session.execute(
        select(name, func.count())
        .select_from(Registration)
        .join(Person, Registration.person_id == Person.id)
        .outerjoin(Organisation, Person.organisation_id == Organisation.id)
        .where(Registration.event_id == event.id, Registration.state.not_in(NOT_COMING))
        .group_by(name)
    )
    rows: list[tuple[str | None, int]] = [(body, count) for body, count in found]
    named = sorted(((body, count) for body, count in rows if body), key=lambda row: (-row[1], row[0]))
    top = [(body, count) for body, count in named if count >= FEWEST][:MOST_BODIES]
    people = sum(count for _body, count in rows)
    return {"top": [*map(list, top)], "count": len(named), "others": people - sum(count for _body, count in top)}


def question_figures(event: Event) -> list[dict[str, Any]]:
    """Each question that can be counted, with its options and how often they were chosen."""
    questions = db.session.scalars(
        select(Question)
        .where(Question.event_id == event.id, Question.kind.in_(BY_CHOOSING), Question.is_for_organisers.is_(False))
        .order_by(Question.position, Question.id)
    ).all()
    rows = db.session.execute(
        select(Answer.question_id, Answer.value, func.count())
        .join(Registration, Answer.registration_id == Registration.id)
        .where(Registration.event_id == event.id, Registration.state.not_in(NOT_COMING))
        .group_by(Answer.question_id, Answer.value)
    ).all()
    return [
        {
            "id": one.id,
            "label": one.label,
            "answers": _answers(one, ((value, count) for question, value, count in rows if question == one.id)),
        }
        for one in questions
    ]


def _answers(question: Question, found: Iterable[tuple[str, int]]) -> list[list[Any]]:
    counts: Counter[str] = Counter()
    for value, count in found:
        chosen = value.splitlines() if question.kind == QuestionKind.SEVERAL_OF else [value]
        counts.update(dict.fromkeys([one for one in chosen if one], count))
    options = ["ja", "nein"] if question.kind == QuestionKind.YES_NO else list(question.options)
    others = sorted(set(counts) - set(options))
    return [[option, counts[option]] for option in [*options, *others]]


def feedback_figures(event: Event) -> dict[str, list[int]] | None:
    """How often each mark from 1 to 5 was given; None below five answers, in which one could recognise somebody."""
    rows = db.session.execute(select(Feedback.rating, Feedback.useful).where(Feedback.event_id == event.id)).all()
    if len(rows) < FEWEST_ANSWERS:
        return None
    ratings, useful = Counter(row.rating for row in rows), Counter(row.useful for row in rows)
    return {"rating": [ratings[mark] for mark in range(1, 6)], "useful": [useful[mark] for mark in range(1, 6)]}
