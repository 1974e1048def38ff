"""Rules of reminders: planned as rows, kept to over clock changes and clock jumps, sent once (G19)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from nextevents.events.errors import RemindedThen, TooManyReminders
from nextevents.events.models import Anchor, PlannedReminder, ReminderRule, ReminderState, Stage, State
from nextevents.events.services import (
    ReminderWish,
    add_reminder,
    cancel_event,
    plan_reminders,
    publish_event,
    remind,
    remove_reminder,
    rules_of,
)
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import make_event, make_registration
from tests.mailing.reading import posted

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
DAY, HOUR = 24 * 60, 60
TWO_DAYS = ReminderWish(minutes=-2 * DAY, counts_days=True)


def planned(db, event):
    rows = db.scalars(
        select(PlannedReminder)
        .join(PlannedReminder.rule)
        .where(ReminderRule.event_id == event.id)
        .order_by(PlannedReminder.due_at)
        .execution_options(populate_existing=True)
    )
    return [(row.due_at, row.state) for row in rows]


def mails(db):
    return list(db.scalars(select(Message.recipient).order_by(Message.id)))


def test_publishing_plans_the_default_a_day_before(db, noon):
    event = make_event(stage=Stage.DRAFT)

    publish_event(event, at=noon)

    assert planned(db, event) == [(event.starts_at - timedelta(hours=24), ReminderState.PLANNED)]


def test_planning_twice_plans_once(db, noon):
    event = make_event()
    plan_reminders(event, at=noon)
    before = planned(db, event)
    plan_reminders(event, at=noon)
    remind(at=noon)

    assert planned(db, event) == before


def test_what_is_published_within_the_day_reminds_nobody(db):
    event = make_event(stage=Stage.DRAFT)
    publish_event(event, at=event.starts_at - timedelta(hours=20))

    assert planned(db, event) == []
    remind(at=event.starts_at - timedelta(hours=19))
    assert mails(db) == []


def test_a_moved_date_is_planned_anew_and_a_cancelled_one_not_at_all(db, noon):
    event = make_event()
    plan_reminders(event, at=noon)
    changed_to(
        event,
        starts_local=event.starts_local + timedelta(days=1),
        ends_local=event.ends_local + timedelta(days=1),
        at=noon,
    )
    assert planned(db, event) == [(event.starts_at - timedelta(hours=24), ReminderState.PLANNED)]

    cancel_event(event, at=noon)
    assert planned(db, event) == []


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        (datetime(2026, 3, 30, 9), datetime(2026, 3, 28, 8, tzinfo=UTC)),  # 9:00 MEZ
        (datetime(2026, 10, 26, 9), datetime(2026, 10, 24, 7, tzinfo=UTC)),  # 9:00 MESZ
        (datetime(2027, 3, 29, 9), datetime(2027, 3, 27, 8, tzinfo=UTC)),
        (datetime(2027, 11, 1, 9), datetime(2027, 10, 30, 7, tzinfo=UTC)),
        (datetime(2027, 3, 30, 2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # 2:30 is 3:30 MESZ that night
        (datetime(2027, 11, 2, 2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # the first 2:30, in MESZ
    ],
    ids=str,
)
def test_days_keep_the_wall_time_over_every_clock_change(db, starts, due):
    event = make_event(starts=starts)
    make_registration(event, made_at=LONG_AGO)
    remove_reminder(event, 0, at=LONG_AGO)
    add_reminder(event, TWO_DAYS, at=LONG_AGO)

    assert planned(db, event) == [(due, ReminderState.PLANNED)]
    remind(at=due - timedelta(seconds=1))
    assert mails(db) == []
    remind(at=due)
    assert len(mails(db)) == 1


@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 29, 9), datetime(2026, 10, 25, 9), datetime(2027, 3, 28, 9)], ids=str
)
def test_hours_are_real_hours_over_every_clock_change(db, day):
    event = make_event(starts=day)
    add_reminder(event, ReminderWish(minutes=-12 * HOUR), at=LONG_AGO)

    assert [due for due, _ in planned(db, event)] == [
        event.starts_at - timedelta(hours=24),
        event.starts_at - timedelta(hours=12),
    ]


ONE_DAY = ReminderWish(minutes=-DAY, counts_days=True)


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(hours=-2)], ids=["+2 h", "-2 h"])
@pytest.mark.parametrize("night", [datetime(2026, 3, 29), datetime(2026, 10, 25)], ids=str)
def test_through_the_night_of_a_clock_change_each_comes_once_and_none_before_its_time(db, night, ahead):
    """One dispatcher looks all night with the right clock, one with a clock that is wrong until it is put right."""
    expected = {}
    for half_hours in range(12):
        event = make_event(starts=night + timedelta(days=1, minutes=30 * half_hours))
        person = make_registration(event, made_at=LONG_AGO).person
        if half_hours % 2:
            remove_reminder(event, 0, at=LONG_AGO)
            add_reminder(event, ONE_DAY, at=LONG_AGO)
            wall = event.starts_local - timedelta(days=1)
            expected[person.address] = wall.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
        else:
            plan_reminders(event, at=LONG_AGO)
            expected[person.address] = event.starts_at - timedelta(hours=24)
    first, last = min(expected.values()), max(expected.values())

    at = first - timedelta(hours=3)
    while at < last + timedelta(hours=3):
        for offset in (ahead if at < last else timedelta(0), timedelta(0)):
            remind(at=at + offset)
        at += timedelta(minutes=15)

    sent = db.execute(select(Message.recipient, Message.created_at).where(Message.kind == "reminder")).all()
    assert sorted(to for to, _ in sent) == sorted(expected)
    assert [to for to, written_at in sent if written_at < expected[to]] == []
    assert all(written_at - expected[to] < timedelta(minutes=15) for to, written_at in sent)


def test_a_clock_that_jumps_forth_and_back_reminds_once(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    plan_reminders(event, at=LONG_AGO)
    due = event.starts_at - timedelta(hours=24)

    for jump in (-3, -1, 1, -1, 0, 2, 0, -2, 0, 5):
        remind(at=due + timedelta(hours=jump))

    assert len(mails(db)) == 1


def test_what_nobody_could_send_in_time_is_missed_and_not_sent_late(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    remove_reminder(event, 0, at=LONG_AGO)
    add_reminder(event, ReminderWish(minutes=-3 * DAY, counts_days=True), at=LONG_AGO)
    add_reminder(event, ReminderWish(minutes=HOUR, anchor=Anchor.END), at=LONG_AGO)

    remind(at=event.starts_at - timedelta(days=2))
    remind(at=event.ends_at + timedelta(hours=25))

    assert [state for _, state in planned(db, event)] == [ReminderState.MISSED, ReminderState.MISSED]
    assert mails(db) == []


def test_chosen_states_get_the_own_text_afterwards(db):
    event = make_event()
    there = make_registration(event, state=State.ATTENDED, made_at=LONG_AGO)
    make_registration(event, state=State.ABSENT, made_at=LONG_AGO)
    wish = ReminderWish(
        minutes=2 * HOUR, anchor=Anchor.END, states=(State.ATTENDED,), text="Danke, **{{7*7}}** <script>"
    )
    add_reminder(event, wish, at=LONG_AGO)

    remind(at=event.ends_at + timedelta(hours=2))

    (mail,) = posted("follow_up")
    assert mail.row.recipient == there.person.address
    assert mail.row.expires_at == event.ends_at + timedelta(hours=26)
    assert "Danke, **{{7*7}}** <script>" in mail.text
    assert ">{{7*7}}</strong> &lt;script&gt;" in mail.html


def test_a_reminder_of_later_does_not_say_within_24_hours(db):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    add_reminder(event, TWO_DAYS, at=LONG_AGO)

    remind(at=event.starts_at - timedelta(days=2))

    (mail,) = posted("reminder")
    assert "24 Stunden" not in mail.text


def test_the_last_rule_can_go_and_the_default_does_not_come_again(db, noon):
    event = make_event()
    make_registration(event, made_at=LONG_AGO)
    plan_reminders(event, at=noon)
    (rule,) = rules_of(event)

    remove_reminder(event, rule.id, at=noon)
    remove_reminder(event, rule.id, at=noon)
    plan_reminders(event, at=noon)
    remind(at=event.starts_at - timedelta(hours=20))

    assert (list(rules_of(event)), planned(db, event), mails(db)) == ([], [], [])


def test_a_draft_keeps_its_rules_until_it_is_published(db, noon):
    event = make_event(stage=Stage.DRAFT)
    add_reminder(event, TWO_DAYS, at=noon)
    assert planned(db, event) == []

    publish_event(event, at=noon)
    assert len(planned(db, event)) == 2


def test_the_same_rule_twice_is_one_and_another_at_the_same_moment_is_refused(db, noon):
    event = make_event()
    first = add_reminder(event, TWO_DAYS, at=noon)

    assert add_reminder(event, TWO_DAYS, at=noon).id == first.id
    with pytest.raises(RemindedThen):
        add_reminder(event, ReminderWish(minutes=-48 * HOUR, text="anders"), at=noon)
    waiting = ReminderWish(minutes=-48 * HOUR, states=(State.WAITING,))
    assert add_reminder(event, waiting, at=noon).id != first.id
    assert len(rules_of(event)) == 3


def test_there_is_an_end_to_rules(db, noon):
    event = make_event()
    for hours in range(1, 8):
        add_reminder(event, ReminderWish(minutes=-hours * HOUR), at=noon)

    with pytest.raises(TooManyReminders):
        add_reminder(event, ReminderWish(minutes=-9 * HOUR), at=noon)
    assert len(rules_of(event)) == 8


def test_the_number_of_another_event_s_rule_does_nothing(db, noon):
    event, other = make_event(), make_event()
    rule = add_reminder(other, TWO_DAYS, at=noon)

    remove_reminder(event, rule.id, at=noon)

    assert len(rules_of(other)) == 2
