"""Asking how it was: each once, and with a trace."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import NoFeedbackWanted
from nextevents.events.models import State
from nextevents.events.services import ask_for_feedback
from nextevents.mailing.models import Message
from tests.factories import make_event, make_registration


@pytest.fixture
def over(db):
    """An event that is over and asks how it was."""
    del db
    return make_event(asks_feedback=True)


def asked(db):
    return sorted(db.scalars(select(Message.recipient).where(Message.kind == "feedback_asked")))


def test_whoever_was_there_is_asked_and_the_event_keeps_when_and_how_many(db, over):
    there = [make_registration(over, state=state).person.address for state in (State.ATTENDED, State.CONFIRMED)]
    make_registration(over, state=State.ABSENT)
    make_registration(over, state=State.ATTENDED).has_given_feedback = True

    assert ask_for_feedback(over, at=over.ends_at) == 2
    assert asked(db) == sorted(there)
    assert (over.feedback_asked_at, over.feedback_asked) == (over.ends_at, 2)


def test_asking_again_reaches_only_whoever_was_not_asked_yet(db, over):
    make_registration(over, state=State.ATTENDED)
    first, later, last = over.ends_at, over.ends_at + timedelta(hours=1), over.ends_at + timedelta(hours=2)
    ask_for_feedback(over, at=first)
    late = make_registration(over, state=State.ATTENDED)

    assert ask_for_feedback(over, at=later) == 1
    assert ask_for_feedback(over, at=last) == 0
    assert late.person.address in asked(db)
    assert (len(asked(db)), over.feedback_asked_at, over.feedback_asked) == (2, later, 2)


def test_where_nobody_is_left_to_ask_nothing_is_kept(db, over):
    version = over.version

    assert ask_for_feedback(over, at=over.ends_at) == 0
    assert (over.feedback_asked_at, over.feedback_asked, over.version) == (None, 0, version)


@pytest.mark.parametrize("moment", [timedelta(seconds=-1), timedelta(days=60)])
def test_before_the_end_and_long_after_it_nobody_is_asked(db, over, moment):
    make_registration(over, state=State.ATTENDED)

    with pytest.raises(NoFeedbackWanted):
        ask_for_feedback(over, at=over.ends_at + moment)

    assert (asked(db), over.feedback_asked_at) == ([], None)
