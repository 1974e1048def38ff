"""Moments: aware and in UTC inside, Europe/Berlin on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


class NoSuchLocalTimeError(ValueError):
    """The clock is put forward over this time; suggestion is the time that it shows instead."""

    def __init__(self, suggestion: datetime) -> None:
        super().__init__(str(suggestion))
        self.suggestion = suggestion


class AmbiguousLocalTimeError(ValueError):
    """The clock shows this time twice on that night."""


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def local(moment: datetime, zone: ZoneInfo = BERLIN) -> datetime:
    """The same moment as the wall clock in Berlin (or another zone) shows it; aware."""
    return moment.astimezone(zone)


def moment_of(wall: datetime, zone: ZoneInfo = BERLIN) -> datetime:
    """The UTC moment at which a wall clock shows a naive local time.

    Raises NoSuchLocalTimeError in the hour that spring leaves out and AmbiguousLocalTimeError in the hour that
    autumn repeats (rule C-26, bad inputs 41 and 42).
    """
    earlier, later = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    back = earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != wall:
        raise NoSuchLocalTimeError(wall + timedelta(hours=1))
    if earlier.utcoffset() != later.utcoffset():
        raise AmbiguousLocalTimeError(str(wall))
    return earlier.astimezone(UTC)
