"""Series: patterns by words, dates over both clock changes, and several dates changed at once."""

from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
from flask_babel import force_locale
from sqlalchemy import func, select

from nextevents.events import calendar, queries
from nextevents.events.errors import NoDates, TooManyDates
from nextevents.events.models import Event, Series, Stage
from nextevents.events.queries import Span
from nextevents.events.services import (
    Every,
    Meeting,
    Pattern,
    SeriesWish,
    change_dates,
    dates_of,
    make_series,
    rule_of,
)
from nextevents.ground import clock
from tests.factories import make_community, make_event, make_person, make_registration
from tests.mailing.reading import posted
from tests.services.ical_judges import instants, judge

WEDNESDAY, SUNDAY = 2, 6


def pattern(**values):
    """Every Wednesday from 2 September 2026 on, three times, unless said otherwise."""
    plain = {"every": Every.WEEKS, "weekday": WEDNESDAY, "starts_on": date(2026, 9, 2), "count": 3}
    return Pattern(**(plain | values))


def days(*words):
    return [date.fromisoformat(word) for word in words]


def meetings(of, start=time(14), end=time(15, 30)):
    return [Meeting(datetime.combine(day, start), datetime.combine(day, end)) for day in dates_of(of)]


@pytest.mark.parametrize(
    ("values", "rule", "expected"),
    [
        ({}, "FREQ=WEEKLY;INTERVAL=1;BYDAY=WE;COUNT=3", days("2026-09-02", "2026-09-09", "2026-09-16")),
        ({"interval": 2}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;COUNT=3", days("2026-09-02", "2026-09-16", "2026-09-30")),
        (
            {"every": Every.WEEKDAY_OF_MONTH, "nth": 3},
            "FREQ=MONTHLY;INTERVAL=1;BYDAY=3WE;COUNT=3",
            days("2026-09-16", "2026-10-21", "2026-11-18"),
        ),
        (
            {"every": Every.WEEKDAY_OF_MONTH, "nth": -1, "interval": 2},
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1WE;COUNT=3",
            days("2026-09-30", "2026-11-25", "2027-01-27"),
        ),
        (
            {"every": Every.DAY_OF_MONTH, "day": 31},
            "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=31;COUNT=3",
            days("2026-10-31", "2026-12-31", "2027-01-31"),
        ),
        (
            {"count": None, "until": date(2026, 9, 16)},
            "FREQ=WEEKLY;INTERVAL=1;BYDAY=WE;UNTIL=20260916T215959Z",
            days("2026-09-02", "2026-09-09", "2026-09-16"),
        ),
    ],
)
def test_a_pattern_is_kept_as_outlook_can_hold_it_and_has_its_days(app, values, rule, expected):
    chosen = pattern(**values)

    assert (rule_of(chosen), dates_of(chosen)) == (rule, expected)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"count": 25}, TooManyDates),
        ({"count": None, "until": date(2027, 9, 30)}, TooManyDates),
        ({"count": None, "until": date(2026, 9, 1)}, NoDates),
        ({"every": Every.DAY_OF_MONTH, "day": 31, "count": None, "until": date(2026, 9, 30)}, NoDates),
        ({"count": None, "until": date(9999, 1, 1)}, TooManyDates),
    ],
)
def test_too_many_dates_and_none_at_all_are_refused(app, values, refusal):
    with app.test_request_context(), pytest.raises(refusal):
        dates_of(pattern(**values))


def test_dates_of_a_series_keep_their_hour_over_both_clock_changes_whoever_reads_them(db, noon):
    community = make_community("chatbot")
    chosen = pattern(every=Every.WEEKDAY_OF_MONTH, nth=-1, weekday=SUNDAY, starts_on=date(2026, 9, 1), count=9)

    series = make_series(community, chosen, meetings(chosen), publishes=True, by=make_person(), at=noon)

    with force_locale("de"):
        ics = calendar.published(series.events, name="NExT", source="http://localhost/kalender.ics")
    entries = icalendar.Calendar.from_ical(ics).events
    assert judge(ics) == []
    assert len({str(one["UID"]) for one in entries}) == len(entries) == 9
    assert not any("RRULE" in one or "RECURRENCE-ID" in one for one in entries)
    expected = [one.starts_at for one in series.events]
    assert instants(ics) == dict.fromkeys(("libical", "ical.js", "icalendar"), expected)
    assert {clock.local(one).hour for one in expected} == {14}
    assert {one.hour for one in expected} == {12, 13}


@pytest.mark.parametrize("values", [{"count": 24}, {"every": Every.WEEKDAY_OF_MONTH, "nth": -1, "count": 12}])
def test_the_rule_that_is_kept_says_the_same_dates_to_other_readers(app, values):
    chosen = pattern(**values)
    first = dates_of(chosen)[0]
    with app.test_request_context():
        plain = calendar.published([], name="NExT", source="http://localhost/kalender.ics").decode()
    entry = (
        f"BEGIN:VEVENT\r\nUID:1@next.example\r\nDTSTAMP:20260901T000000Z\r\nSUMMARY:x\r\n"
        f"DTSTART;TZID=Europe/Berlin:{first:%Y%m%d}T140000\r\nDTEND;TZID=Europe/Berlin:{first:%Y%m%d}T150000\r\n"
        f"RRULE:{rule_of(chosen)}\r\nEND:VEVENT\r\n"
    )
    found = instants(plain.replace("END:VCALENDAR", f"{entry}END:VCALENDAR").encode())

    expected = [clock.moment_of(datetime.combine(day, time(14))) for day in dates_of(chosen)]
    assert found == dict.fromkeys(("libical", "ical.js", "icalendar"), expected)


def test_each_date_is_like_the_last_meeting_and_independent(db, noon):
    community = make_community("chatbot")
    make_event(title="Treffen", communities=(community,), capacity=20, starts=datetime(2026, 11, 4, 14))
    chosen = pattern(starts_on=date(2027, 1, 1))

    series = make_series(community, chosen, meetings(chosen), publishes=False, by=make_person(), at=noon)

    assert [(one.title, one.capacity, one.stage) for one in series.events] == [("Treffen", 20, Stage.DRAFT)] * 3
    assert len({one.slug for one in series.events} | {one.uid for one in series.events}) == 6
    assert [one.communities for one in series.events] == [[community]] * 3
    assert queries.series_of(community, noon) == [(series, series.events[0], 3)]


def test_no_date_makes_no_series(db, noon):
    with pytest.raises(NoDates):
        make_series(make_community(), pattern(), [], publishes=True, by=make_person(), at=noon)

    assert db.scalar(select(func.count()).select_from(Series)) == 0


def planned(noon, **values):
    community = make_community("chatbot")
    chosen = pattern(starts_on=date(2027, 1, 1), **values)
    return make_series(community, chosen, meetings(chosen), publishes=True, by=make_person(), at=noon).events


def test_a_new_hour_goes_to_the_chosen_dates_and_everybody_is_told_per_date(db, noon):
    first, second, third = planned(noon)
    make_registration(second, make_person("ada@stadt.example"))
    make_registration(third, make_person("bo@stadt.example"))

    told = change_dates(
        [(one, one.version) for one in (third, second)],
        SeriesWish(starts_time=time(10), ends_time=time(11)),
        at=noon,
    )

    assert [(one.event, one.refusal) for one in told] == [(second, ""), (third, "")]
    assert [one.starts_local.hour for one in (first, second, third)] == [14, 10, 10]
    assert len(posted("event_changed")) == 2


def test_a_date_that_refuses_does_not_keep_the_others(db, noon):
    first, second, _third = planned(noon)

    told = change_dates(
        [(first, first.version - 1), (second, second.version)], SeriesWish(values={"title": "Neu"}), at=noon
    )

    assert [(bool(one.refusal), one.names) for one in told] == [(True, frozenset()), (False, frozenset({"title"}))]
    assert (first.title != "Neu", second.title) == (True, "Neu")


def test_the_hour_that_the_clock_leaves_out_is_refused_for_that_date_alone(db, noon):
    community = make_community()
    chosen = pattern(weekday=SUNDAY, starts_on=date(2027, 3, 21), count=3)
    events = make_series(community, chosen, meetings(chosen), publishes=True, by=make_person(), at=noon).events

    told = change_dates(
        [(one, one.version) for one in events], SeriesWish(starts_time=time(2, 30), ends_time=time(4)), at=noon
    )

    assert [bool(one.refusal) for one in told] == [False, True, False]
    assert [one.starts_local.hour for one in events] == [2, 14, 2]


def test_dates_that_are_over_stay_as_they_were(db, noon):
    first = planned(noon)[0]

    (told,) = change_dates(
        [(first, first.version)], SeriesWish(values={"title": "Neu"}), at=first.ends_at + timedelta(hours=1)
    )

    assert told.refusal
    assert db.scalar(select(Event.title).where(Event.id == first.id)) != "Neu"


def test_what_else_takes_place_is_found_for_all_times_at_once(db):
    other = make_event(starts=datetime(2027, 1, 6, 15), hours=2)
    same_day = make_event(starts=datetime(2027, 1, 6, 9), hours=1)
    make_event(starts=datetime(2027, 1, 6, 14), stage=Stage.DRAFT)
    spans = [
        Span(clock.moment_of(wall), clock.moment_of(wall) + timedelta(hours=2), wall, wall + timedelta(hours=2))
        for wall in (datetime(2027, 1, 6, 14), datetime(2027, 1, 7, 14))
    ]

    assert queries.others_near(spans) == [([other], [same_day]), ([], [])]
    assert queries.others_near([]) == []
    assert spans[0].starts_at == datetime(2027, 1, 6, 13, tzinfo=UTC)
