"""What happens to events because time passes."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.models import Stage, State, WaitingMode
from nextevents.events.services import Request, cancel_registration, publish_event, register
from nextevents.events.tasks import call_circles, pass_on_seats, remind
from nextevents.mailing.models import Message
from tests.factories import make_belonging, make_community, make_event, make_person, make_registration

pytestmark = pytest.mark.usefixtures("at_noon")


def kinds(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def test_seats_that_were_not_confirmed_or_accepted_in_time_are_passed_on(db, noon, at_noon):
    first = make_event(capacity=1)
    held = register(first, make_person(proved=False), Request(name="A", is_proved=False), at=noon)
    waiting = make_registration(first, state=State.WAITING)
    second = make_event(capacity=1, waiting_mode=WaitingMode.OFFER, offer_hours=24)
    seated, offered = make_registration(second), make_registration(second, state=State.WAITING)
    cancel_registration(seated, at=noon)
    db.commit()

    pass_on_seats()
    assert (held.state, offered.state) == (State.UNCONFIRMED, State.OFFERED)

    at_noon.shift(timedelta(hours=24))
    pass_on_seats()
    pass_on_seats()

    assert (held.state, waiting.state, offered.state) == (State.CANCELLED, State.CONFIRMED, State.CANCELLED)
    assert kinds(db) == ["cancelled_by_you", "seat_offered", "moved_up", "offer_lapsed"]


def test_each_circle_is_called_when_the_registration_opens(db, noon, at_noon):
    for days in (1, 1, 2):
        circle = make_community()
        make_belonging(make_person(), circle)
        opens_at = noon + timedelta(days=days)
        publish_event(make_event(stage=Stage.DRAFT, communities=(circle,), opens_at=opens_at), at=noon)
    db.commit()

    call_circles()
    assert kinds(db) == []
    at_noon.shift(timedelta(days=1))
    call_circles()
    call_circles()

    assert kinds(db) == ["called", "called"]


def test_reminders_are_written_once(db, noon):
    make_registration(make_event(starts=datetime(2026, 11, 22, 12)), made_at=noon - timedelta(days=9))
    make_registration(make_event(starts=datetime(2026, 11, 22, 14)), made_at=noon - timedelta(days=9))
    db.commit()

    remind()
    remind()

    assert kinds(db) == ["reminder"]
