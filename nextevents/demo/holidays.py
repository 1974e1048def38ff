"""Days on which nobody in German public service invites to a meeting."""

from datetime import date, timedelta

_SAME_DAY_EVERY_YEAR = frozenset({(5, 1), (10, 3)})
_GOOD_FRIDAY, _EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY = -2, 1, 39, 50


def is_meeting_day(day: date) -> bool:
    """Whether people meet for work on that day: no weekend, no nationwide public holiday, not the turn of the year."""
    return not (_is_weekend(day) or _is_turn_of_the_year(day) or day in _public_holidays(day.year))


def _is_weekend(day: date) -> bool:
    return day.isoweekday() in {6, 7}


def _is_turn_of_the_year(day: date) -> bool:
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 5)


def _public_holidays(year: int) -> set[date]:
    easter = _easter_sunday(year)
    counted_from_easter = (_GOOD_FRIDAY, _EASTER_MONDAY, _ASCENSION, _WHIT_MONDAY)
    return {easter + timedelta(days=days) for days in counted_from_easter} | {
        date(year, month, day) for month, day in _SAME_DAY_EVERY_YEAR
    }


def _easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar, by the Meeus/Jones/Butcher rule."""
    century, year_of_century = divmod(year, 100)
    moon_cycle = year % 19
    moon_correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * moon_cycle + century - century // 4 - moon_correction + 15) % 30
    weekday_offset = (32 + 2 * (century % 4) + 2 * (year_of_century // 4) - epact - year_of_century % 4) % 7
    late_moon = (moon_cycle + 11 * epact + 22 * weekday_offset) // 451
    month, day_before = divmod(epact + weekday_offset - 7 * late_moon + 114, 31)
    return date(year, month, day_before + 1)
