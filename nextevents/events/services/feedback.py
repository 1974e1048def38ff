"""Feedback: once per registration, and without a way back to whose it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from ...ground import clock
from ...ground.database import change_rows, db
from ...mailing import queries as mailing
from ...mailing.services import post_all
from .. import messages, rules
from ..errors import NoFeedbackWanted
from ..models import Event, Feedback, Registration
from . import seats

#: How long after an event one may still be asked. Mails are forgotten later, so nobody is asked twice.
ASKING_TIME = timedelta(days=60)


def give_feedback(registration: Registration, *, rating: int, useful: int | None, text: str, at: datetime) -> bool:
    """Keep an answer, of which only the day is known; returns whether it is the first one of this registration.

    Raises NoFeedbackWanted before the end, for events that do not ask, and for whoever had no place.
    """
    if not rules.may_give_feedback(registration, at=at):
        raise NoFeedbackWanted
    is_first = change_rows(
        update(Registration)
        .where(Registration.id == registration.id, Registration.has_given_feedback.is_(False))
        .values(has_given_feedback=True)
    )
    if not is_first:
        return False
    given_on = clock.local(at).date()
    db.session.add(Feedback(event_id=registration.event_id, rating=rating, useful=useful, text=text, given_on=given_on))
    db.session.flush()
    return True


def ask_for_feedback(event: Event, *, at: datetime) -> int:
    """Write to all who were there and have not been asked nor answered; returns how many that are.

    Each is asked once, however often called. The event keeps when people were asked last, and how many in all.

    Raises NoFeedbackWanted before the end, later than 60 days after it, and for events that do not ask.
    """
    seats.hold(event)
    if not event.asks_feedback or not event.ends_at <= at < event.ends_at + ASKING_TIME:
        raise NoFeedbackWanted
    found = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state.in_(rules.MAY_RATE))
        .where(Registration.has_given_feedback.is_(False))
        .options(joinedload(Registration.person), joinedload(Registration.event))
        .order_by(Registration.id)
    ).all()
    asked = _not_asked_yet(found)
    if asked:
        post_all((messages.feedback_asked(one, at=at) for one in asked), at=at)
        event.feedback_asked_at, event.feedback_asked = at, event.feedback_asked + len(asked)
        db.session.flush()
    return len(asked)


def _not_asked_yet(registrations: Sequence[Registration]) -> list[Registration]:
    by_subject = {messages.subject_of(one): one for one in registrations}
    counts = mailing.counts_by_subject(messages.FEEDBACK_ASKED.name, list(by_subject))
    return [one for subject, one in by_subject.items() if not counts[subject]]
