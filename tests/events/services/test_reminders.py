"""A day before, once, and never late."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.models import State
from nextevents.events.services import remind
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import make_event, make_registration

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def reminders(db):
    return db.scalars(select(Message).where(Message.kind == "reminder").order_by(Message.id)).all()


@pytest.mark.parametrize(
    "starts", [datetime(2026, 3, 29, 14), datetime(2026, 10, 25, 14), datetime(2026, 12, 2, 14)], ids=str
)
def test_a_reminder_comes_a_day_before_also_over_a_clock_change(db, starts):
    event = make_event(starts=starts)
    make_registration(event, made_at=LONG_AGO)

    remind(at=event.starts_at - timedelta(hours=24, seconds=1))
    assert reminders(db) == []
    remind(at=event.starts_at - timedelta(hours=24))
    remind(at=event.starts_at - timedelta(hours=3))
    assert [row.expires_at for row in reminders(db)] == [event.starts_at]


def test_nobody_is_reminded_once_it_has_begun(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)

    remind(at=event.starts_at)

    assert reminders(db) == []


def test_only_confirmed_people_are_reminded_and_not_those_who_came_within_the_day(db):
    event = make_event()
    make_registration(event, state=State.WAITING, made_at=LONG_AGO)
    make_registration(event, made_at=event.starts_at - timedelta(hours=5))
    known = make_registration(event, made_at=LONG_AGO)

    remind(at=event.starts_at - timedelta(hours=4))

    assert [row.recipient for row in reminders(db)] == [known.person.address]


def test_a_moved_date_is_reminded_of_anew(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    first = event.starts_at
    remind(at=first - timedelta(hours=1))

    changed_to(
        event,
        starts_local=event.starts_local + timedelta(days=7),
        ends_local=event.ends_local + timedelta(days=7),
        at=first - timedelta(minutes=30),
    )
    remind(at=event.starts_at - timedelta(hours=1))

    assert len(reminders(db)) == 2
