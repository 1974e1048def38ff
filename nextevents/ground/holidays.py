"""Days on which hardly anybody in German public service comes to a meeting."""

from datetime import date, timedelta

from dateutil.easter import easter
from flask_babel import gettext as _


def holiday_name(day: date) -> str:
    """The name of a public holiday in all or most of the Länder, or of a day on which offices are closed; else ""."""
    from_easter = (day - easter(day.year)) // timedelta(days=1)
    moving = {
        -2: _("Karfreitag"),
        0: _("Ostersonntag"),
        1: _("Ostermontag"),
        39: _("Christi Himmelfahrt"),
        49: _("Pfingstsonntag"),
        50: _("Pfingstmontag"),
    }
    fixed = {
        (1, 1): _("Neujahr"),
        (5, 1): _("Tag der Arbeit"),
        (10, 3): _("Tag der Deutschen Einheit"),
        # Nine of the sixteen Länder.
        (10, 31): _("Reformationstag"),
        (12, 24): _("Heiligabend"),
        (12, 25): _("1. Weihnachtstag"),
        (12, 26): _("2. Weihnachtstag"),
        (12, 31): _("Silvester"),
    }
    return moving.get(from_easter) or fixed.get((day.month, day.day), "")


def is_meeting_day(day: date) -> bool:
    """Whether people meet for work on that day: no weekend, no holiday, not the turn of the year."""
    is_turn_of_the_year = (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 5)
    return not (day.isoweekday() in {6, 7} or is_turn_of_the_year or holiday_name(day))
