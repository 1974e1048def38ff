"""A day before, once, and never late."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.models import Stage, State
from nextevents.events.services import remind
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import make_event, make_registration
from tests.mailing.reading import posted

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


def test_whoever_wants_no_reminders_when_they_are_sent_gets_none(db):
    event = make_event()
    unwilling, willing, moody = (make_registration(event, made_at=LONG_AGO) for _ in range(3))
    unwilling.person.gets_reminders = moody.person.gets_reminders = False
    db.flush()
    moody.person.gets_reminders = True

    remind(at=event.starts_at - timedelta(hours=4))

    assert [row.recipient for row in reminders(db)] == [willing.person.address, moody.person.address]


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


def test_nobody_is_reminded_of_a_draft_or_of_what_was_called_off(db):
    for stage in (Stage.DRAFT, Stage.CANCELLED):
        event = make_event(stage=stage)
        make_registration(event, made_at=LONG_AGO)

    remind(at=event.starts_at - timedelta(hours=1))

    assert reminders(db) == []


def test_who_registered_a_day_and_a_second_before_is_reminded_and_a_day_before_is_not(db):
    event = make_event()
    early = make_registration(event, made_at=event.starts_at - timedelta(hours=24, seconds=1))
    make_registration(event, made_at=event.starts_at - timedelta(hours=24))

    remind(at=event.starts_at - timedelta(hours=23))

    assert [row.recipient for row in reminders(db)] == [early.person.address]


def test_a_reminder_that_failed_is_not_written_a_second_time(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    remind(at=event.starts_at - timedelta(hours=20))
    reminders(db)[0].state = "failed"
    db.flush()

    remind(at=event.starts_at - timedelta(hours=10))

    assert len(reminders(db)) == 1


def test_a_date_moved_there_and_back_is_reminded_of_once_for_each_date(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    first, week = event.starts_at, timedelta(days=7)
    remind(at=first - timedelta(hours=20))
    for step in (week, -week):
        changed_to(
            event,
            starts_local=event.starts_local + step,
            ends_local=event.ends_local + step,
            at=first - timedelta(hours=19),
        )
        remind(at=first - timedelta(hours=18))

    assert len(reminders(db)) == 1


def test_a_reminder_holds_the_way_in_and_how_to_cancel_and_no_entry(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    remind(at=event.starts_at - timedelta(hours=20))

    (mail,) = posted("reminder")
    assert "https://konferenz.next.example/sprachmodelle" in mail.text
    assert "/anmeldung/" in mail.text
    assert mail.calendar == b""


def test_a_worker_that_slept_through_the_day_reminds_before_the_beginning_and_not_after(db):
    event, late = make_event(), make_event(starts=datetime(2026, 12, 2, 10))
    for one in (event, late):
        make_registration(one, made_at=LONG_AGO)

    remind(at=event.starts_at - timedelta(minutes=5))

    assert [row.expires_at for row in reminders(db)] == [event.starts_at]
