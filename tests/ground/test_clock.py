"""Moments and walls, above all in the two nights in which the clock is changed (bad inputs 41 to 43)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextevents.ground import clock

YEARS = range(2026, 2031)


def last_sunday(year: int, month: int) -> datetime:
    last = date(year, month, 31)
    last -= timedelta(days=(last.weekday() + 1) % 7)
    return datetime(last.year, last.month, last.day)


@pytest.fixture(params=YEARS)
def spring(request):
    return last_sunday(request.param, 3)


@pytest.fixture(params=YEARS)
def autumn(request):
    return last_sunday(request.param, 10)


@pytest.mark.usefixtures("at_noon")
def test_the_present_is_aware_and_in_utc(noon):
    assert (clock.now(), clock.now().tzinfo) == (noon, UTC)


def test_berlin_is_an_hour_ahead_in_winter_and_two_in_summer():
    winter, summer = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)

    assert [f"{clock.local(moment):%H:%M %z}" for moment in (winter, summer)] == ["13:00 +0100", "14:00 +0200"]


@pytest.mark.parametrize("minutes", [0, 30, 59])
def test_an_hour_that_spring_leaves_out_is_refused_with_what_the_clock_shows_instead(spring, minutes):
    wall = spring + timedelta(hours=2, minutes=minutes)

    with pytest.raises(clock.NoSuchLocalTimeError) as refusal:
        clock.moment_of(wall)

    assert refusal.value.suggestion == wall + timedelta(hours=1)


@pytest.mark.parametrize("minutes", [0, 30, 59])
def test_an_hour_that_autumn_repeats_is_refused(autumn, minutes):
    with pytest.raises(clock.AmbiguousLocalTimeError):
        clock.moment_of(autumn + timedelta(hours=2, minutes=minutes))


def test_the_minutes_beside_the_left_out_hour_are_one_minute_apart(spring):
    before, after = (clock.moment_of(spring + timedelta(minutes=minutes)) for minutes in (119, 180))

    assert after - before == timedelta(minutes=1)


def test_the_minutes_beside_the_repeated_hour_are_an_hour_and_a_minute_more_apart(autumn):
    before, after = (clock.moment_of(autumn + timedelta(minutes=minutes)) for minutes in (119, 180))

    assert after - before == timedelta(hours=2, minutes=1)


def test_the_same_hours_are_fine_on_all_other_days_and_in_other_zones(spring, autumn):
    for night in (spring, autumn):
        week_later = clock.moment_of(night + timedelta(days=7, hours=2, minutes=30))
        in_lisbon = clock.moment_of(night + timedelta(hours=3, minutes=30), ZoneInfo("Europe/Lisbon"))

        assert week_later < week_later + timedelta(hours=1)
        assert in_lisbon.tzinfo == UTC


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2099, 1, 1)))
def test_every_wall_time_that_exists_once_comes_back_the_same(wall):
    try:
        moment = clock.moment_of(wall)
    except (clock.NoSuchLocalTimeError, clock.AmbiguousLocalTimeError):
        assert wall.month in {3, 4, 9, 10}
        return
    assert clock.local(moment).replace(tzinfo=None, fold=0) == wall
