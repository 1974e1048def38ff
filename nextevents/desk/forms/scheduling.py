"""What leads type to plan dates: the next meeting, or a series."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Form, RadioField, SelectField
from wtforms.validators import Optional

from ...events.services import MOST_DATES, Every, Meeting, Pattern
from ...ground.fields import ClockField, CountField, LineField, add_error, options, required
from .wall_clock import NOON, is_possible, wall_of

MOST_INTERVAL = 12
LAST_DAY_OF_ALL_MONTHS = 31
#: Any Monday, to say the weekdays in the reader's language.
_MONDAY = date(2026, 1, 5)
KEEP_TEXT = _("Texte vom letzten Mal übernehmen")
KEEP_TEXT_WHEN = _("Zählt bei einem anderen Titel: Ohne Häkchen beginnen Kurztext, Beschreibung und „Mit“ dann leer.")


class NextMeetingForm(FlaskForm):
    """Only when, and about what if it is something else; everything else is as the last time."""

    title = LineField(_("Titel"), description=_("Leer: wie beim letzten Mal."), validators=[Optional()], longest=200)
    keeps_text = BooleanField(KEEP_TEXT, description=KEEP_TEXT_WHEN)
    starts_on = DateField(_("Datum"), validators=[required(_("Bitte geben Sie ein Datum an."))])
    starts_time = ClockField(_("Beginn"), validators=[required(_("Bitte geben Sie eine Uhrzeit an."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the clock shows that time."""
        is_fine = super().validate(extra_validators=extra_validators)
        return bool(is_fine and is_possible(self.starts_local, self.starts_on))

    @property
    def starts_local(self) -> datetime:
        """When it begins, on the wall clock."""
        return wall_of(self.starts_on.data, self.starts_time.data)


class SeriesForm(FlaskForm):
    """A pattern by words, and how long it goes on."""

    title = LineField(_("Titel"), validators=[required()], longest=200)
    keeps_text = BooleanField(KEEP_TEXT, description=KEEP_TEXT_WHEN)
    starts_time = ClockField(_("Beginn"), validators=[required(_("Bitte geben Sie eine Uhrzeit an."))])
    ends_time = ClockField(_("Ende"), validators=[required(_("Bitte geben Sie eine Uhrzeit an."))])
    every = RadioField(
        _("Wiederholung"),
        choices=options(
            (Every.WEEKS.value, _("nach Wochen, an einem Wochentag")),
            (Every.WEEKDAY_OF_MONTH.value, _("nach Monaten, am ersten, zweiten … letzten Wochentag")),
            (Every.DAY_OF_MONTH.value, _("nach Monaten, an einem Tag des Monats")),
        ),
        validators=[required(_("Bitte wählen Sie ein Muster."))],
    )
    interval = CountField(
        _("Alle wie viele Wochen oder Monate?"), description=_("1: jede Woche oder jeden Monat, 2: jede zweite …")
    )
    nth = SelectField(_("Der wievielte im Monat?"), coerce=int)
    weekday = SelectField(_("Wochentag"), coerce=int)
    day = CountField(_("Tag des Monats"), description=_("1 bis 31. Monate ohne diesen Tag fallen aus."))
    starts_on = DateField(_("Frühestens ab"), validators=[required(_("Bitte geben Sie ein Datum an."))])
    ending = RadioField(
        _("Wie lange?"),
        choices=options(("count", _("eine Anzahl von Terminen")), ("until", _("bis zu einem Tag"))),
        validators=[required(_("Bitte wählen Sie, wie lange die Serie geht."))],
    )
    count = CountField(_("Anzahl der Termine"), description=_("Höchstens 24 auf einmal."))
    until = DateField(_("Letzter Tag"), validators=[Optional()])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        words = [_("ersten"), _("zweiten"), _("dritten"), _("vierten")]
        self.nth.choices = [*enumerate(words, 1), (-1, _("letzten"))]
        self.weekday.choices = [(day, format_date(_MONDAY + timedelta(days=day), "EEEE")) for day in range(7)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and what the chosen pattern needs."""
        is_fine = super().validate(extra_validators=extra_validators)
        return bool(is_fine and self._check_times() and self._check_numbers() and self._check_ending())

    def _check_times(self) -> bool:
        if wall_of(None, self.ends_time.data) <= wall_of(None, self.starts_time.data):
            add_error(self.ends_time, gettext("Das Ende liegt nicht nach dem Beginn."))
            return False
        return is_possible(wall_of(self.starts_on.data, NOON), self.starts_on)

    def _check_numbers(self) -> bool:
        needs_day = self.every.data == Every.DAY_OF_MONTH
        limits = [(self.interval, MOST_INTERVAL), *([(self.day, LAST_DAY_OF_ALL_MONTHS)] if needs_day else [])]
        for field, most in limits:
            if not 1 <= (field.data or 0) <= most:
                add_error(field, gettext("Bitte geben Sie eine Zahl von 1 bis %(most)s an.", most=most))
                return False
        return True

    def _check_ending(self) -> bool:
        if self.ending.data == "count":
            if 1 <= (self.count.data or 0) <= MOST_DATES:
                return True
            add_error(self.count, gettext("Bitte geben Sie eine Zahl von 1 bis %(most)s an.", most=MOST_DATES))
            return False
        if self.until.data is None:
            add_error(self.until, gettext("Bitte geben Sie ein Datum an."))
            return False
        return is_possible(wall_of(self.until.data, NOON), self.until)

    @property
    def pattern(self) -> Pattern:
        """The pattern as a value."""
        return Pattern(
            every=Every(self.every.data),
            interval=self.interval.data,
            weekday=self.weekday.data,
            nth=self.nth.data,
            day=self.day.data or 1,
            starts_on=self.starts_on.data or date.min,
            count=self.count.data if self.ending.data == "count" else None,
            until=self.until.data if self.ending.data == "until" else None,
        )


class DateTimes(Form):
    """The day of one date, and from when until when."""

    day = DateField(_("Datum"), validators=[required(_("Bitte geben Sie ein Datum an."))])
    starts = ClockField(_("Beginn"), validators=[required(_("Bitte geben Sie eine Uhrzeit an."))])
    ends = ClockField(_("Ende"), validators=[required(_("Bitte geben Sie eine Uhrzeit an."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the clock shows both, the end later than the beginning."""
        if not super().validate(extra_validators=extra_validators):
            return False
        if self.ends_local <= self.starts_local:
            add_error(self.ends, gettext("Das Ende liegt nicht nach dem Beginn."))
            return False
        return is_possible(self.starts_local, self.starts) and is_possible(self.ends_local, self.ends)

    @property
    def starts_local(self) -> datetime:
        """When it begins, on the wall clock."""
        return wall_of(self.day.data, self.starts.data)

    @property
    def ends_local(self) -> datetime:
        """When it ends, on the wall clock."""
        return wall_of(self.day.data, self.ends.data)


class DateRow(DateTimes):
    """One date of a series before it is made."""

    is_wanted = BooleanField(_("Anlegen"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Dates that are not wanted may be anything."""
        return not self.is_wanted.data or super().validate(extra_validators=extra_validators)

    def meeting(self, title: str, *, keeps_text: bool) -> Meeting:
        """The date as a value."""
        return Meeting(self.starts_local, self.ends_local, title, keeps_text=keeps_text)


def rows_of(days: Sequence[date], starts: time | None, ends: time | None) -> list[DateRow]:
    """A row for each day, all wanted."""
    return [
        DateRow(None, prefix=_row_name(number), is_wanted=True, day=day, starts=starts, ends=ends)
        for number, day in enumerate(days)
    ]


def sent_rows() -> list[DateRow]:
    """The rows as they were sent; none before there was a preview."""
    typed = request.form
    numbers = [number for number in range(MOST_DATES) if f"{_row_name(number)}day" in typed]
    return [DateRow(typed, prefix=_row_name(number)) for number in numbers]


def _row_name(number: int) -> str:
    return f"termin-{number}-"
