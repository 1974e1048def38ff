"""What the clock on the wall shows in Berlin, as it is typed."""

from datetime import date, datetime, time, timedelta

from flask_babel import gettext
from wtforms import Field

from ...ground import clock
from ...ground.fields import add_error

#: Nothing is planned further ahead.
FARTHEST = timedelta(days=3 * 366)
NOON = time(12)


def is_possible(wall: datetime, field: Field) -> bool:
    """Whether the clock in Berlin shows this once, and not too far away; otherwise it is said at the field."""
    today = clock.local(clock.now()).date()
    if not today - timedelta(days=1) <= wall.date() <= today + FARTHEST:
        add_error(field, gettext("Bitte prüfen Sie das Datum: Es liegt in der Vergangenheit oder sehr weit weg."))
        return False
    try:
        clock.moment_of(wall)
    except clock.NoSuchLocalTimeError as gap:
        suggestion = f"{gap.suggestion:%H:%M}"
        add_error(
            field,
            gettext("Diese Uhrzeit gibt es nicht: die Uhr wird vorgestellt. Meinen Sie %(time)s?", time=suggestion),
        )
        return False
    except clock.AmbiguousLocalTimeError:
        add_error(field, gettext("Diese Uhrzeit gibt es in dieser Nacht zweimal. Bitte wählen Sie eine andere."))
        return False
    return True


def wall_of(day: date | None, at: time | None) -> datetime:
    """What the wall clock shows; the form has made sure that both are there."""
    return datetime.combine(day or date.min, at or time.min)
