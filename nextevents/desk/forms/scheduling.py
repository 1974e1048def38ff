"""What leads type to plan dates: the next meeting, a series, a date poll."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, Form, HiddenField, RadioField, SelectField
from wtforms.validators import Optional

from ...events import showing
from ...events.models import Event, Place, VotesShown
from ...events.services import (
    MOST_DATES,
    MOST_HELD,
    Every,
    Invitee,
    InviteeOutcome,
    Meeting,
    Pattern,
    PollWish,
    SeriesWish,
    read_invitees,
)
from ...ground import clock
from ...ground.fields import ClockField, CountField, LineField, TextField, add_error, options, required
from .filling import PastedField
from .grid import Grid, UnreadableTickError, grid_of, ticked_times

#: Nothing is planned further ahead.
FARTHEST = timedelta(days=3 * 366)
MOST_MINUTES = 24 * 60
#: How long a time is thought to take while nobody has said so.
STANDARD_MINUTES = 90
MOST_INTERVAL = 12
MOST_TIMES = 40
FIRST_ROWS, MORE_ROWS = 5, 5
LAST_DAY_OF_ALL_MONTHS = 31
#: Any Monday, to say the weekdays in the reader's language.
_MONDAY = date(2026, 1, 5)
_NOON = time(12)
KEEP_TEXT = _("Texte vom letzten Mal übernehmen")
KEEP_TEXT_WHEN = _("Zählt bei einem anderen Titel: Ohne Häkchen beginnen Kurztext, Beschreibung und „Mit“ dann leer.")


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


def _wall(day: date | None, at: time | None) -> datetime:
    """What the wall clock shows; the form has made sure that both are there."""
    return datetime.combine(day or date.min, at or time.min)


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
        return _wall(self.starts_on.data, self.starts_time.data)


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
        if _wall(None, self.ends_time.data) <= _wall(None, self.starts_time.data):
            add_error(self.ends_time, gettext("Das Ende liegt nicht nach dem Beginn."))
            return False
        return is_possible(_wall(self.starts_on.data, _NOON), self.starts_on)

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
        return is_possible(_wall(self.until.data, _NOON), self.until)

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
        return _wall(self.day.data, self.starts.data)

    @property
    def ends_local(self) -> datetime:
        """When it ends, on the wall clock."""
        return _wall(self.day.data, self.ends.data)


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


class MoveForm(DateTimes):
    """Another time for one date of a series."""

    version = HiddenField()

    @classmethod
    def of(cls, event: Event) -> "MoveForm":
        """The form filled with when this date is."""
        return cls(
            None,
            prefix=move_prefix(event),
            day=event.starts_local.date(),
            starts=event.starts_local.time(),
            ends=event.ends_local.time(),
            version=str(event.version),
        )


def move_prefix(event: Event) -> str:
    """What the names of a date's fields begin with on the page of its series."""
    return f"verlegen-{event.id}-"


class SeriesChangeForm(FlaskForm):
    """What several dates shall have in common; only what differs from the date one comes from is changed."""

    which = RadioField(
        _("Für welche Termine?"),
        choices=options(
            ("following", _("für diesen und alle späteren")),
            ("all", _("für alle kommenden")),
            ("chosen", _("nur für die oben angekreuzten")),
        ),
        validators=[required(_("Bitte wählen Sie, für welche Termine das gilt."))],
    )
    title = LineField(_("Titel"), validators=[required()], longest=200)
    summary = TextField(_("Worum geht es, in ein, zwei Sätzen?"), longest=500)
    description = TextField(_("Beschreibung"), description=_("Markdown: ## Überschrift, - Liste, **fett**"))
    hosts = LineField(_("Mit"), longest=300)
    starts_time = ClockField(_("Beginnt um"), validators=[Optional()])
    ends_time = ClockField(_("Endet um"), validators=[Optional()])
    place = SelectField(_("Ort"), coerce=Place)
    address = TextField(_("Adresse"), longest=500)
    dial_in = LineField(
        _("Zugang zur Videokonferenz"), longest=500, description=_("Sehen nur bestätigte Teilnehmende.")
    )
    tells_text_changes = BooleanField(_("Auch geänderte Texte allen Angemeldeten mitteilen"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.place.choices = [(place, showing.place_word(place)) for place in Place]

    @classmethod
    def of(cls, event: Event) -> "SeriesChangeForm":
        """The form filled with what stands at this date."""
        times = {"starts_time": event.starts_local.time(), "ends_time": event.ends_local.time()}
        return cls(formdata=None, obj=event, **({} if event.is_all_day else times))

    def wish(self, event: Event) -> SeriesWish:
        """What is different from this date."""
        names = ("title", "summary", "description", "hosts", "place", "address", "dial_in")
        typed = {name: self[name].data or "" for name in names}
        starts, ends = self.starts_time.data, self.ends_time.data
        return SeriesWish(
            values={name: value for name, value in typed.items() if value != getattr(event, name)},
            starts_time=starts if starts and starts != event.starts_local.time() else None,
            ends_time=ends if ends and ends != event.ends_local.time() else None,
        )


class TimeRow(Form):
    """One time to choose from; an empty row says nothing."""

    day = DateField(_("Datum"), validators=[Optional()])
    starts = ClockField(_("von"), validators=[Optional()])
    ends = ClockField(_("bis"), validators=[Optional()])

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(one.raw_data and one.raw_data[0].strip() for one in self)

    def check(self, minutes: int | None) -> bool:
        """Check a row that says something."""
        if self.is_empty:
            return True
        if not super().validate():
            return False
        for field in (self.day, self.starts):
            if field.data is None:
                add_error(field, gettext("Bitte füllen Sie dieses Feld aus."))
                return False
        if self.ends.data is None and not minutes:
            add_error(self.ends, gettext("Bitte geben Sie ein Ende an, oder oben eine Dauer."))
            return False
        if not is_possible(_wall(self.day.data, self.starts.data), self.starts):
            return False
        starts, ends = self.span(minutes or 0)
        if ends <= starts:
            add_error(self.ends, gettext("Das Ende liegt nicht nach dem Beginn."))
            return False
        if not is_possible(ends, self.ends):
            return False
        if clock.moment_of(starts) <= clock.now():
            add_error(self.day, gettext("Diese Zeit ist schon vorbei."))
            return False
        return True

    def span(self, minutes: int) -> tuple[datetime, datetime]:
        """From when until when, on the wall clock."""
        starts = _wall(self.day.data, self.starts.data)
        if self.ends.data is None:
            return starts, starts + timedelta(minutes=minutes)
        return starts, _wall(starts.date(), self.ends.data)


class PollForm(FlaskForm):
    """A question for when to meet."""

    title = LineField(_("Worum geht es?"), validators=[required()], longest=200)
    text = TextField(
        _("Text"),
        longest=5_000,
        description=_("Wird die Beschreibung des Treffens. Leer: wie beim letzten, wenn der Titel derselbe ist."),
    )
    minutes = CountField(_("Dauer in Minuten"), description=_("Gilt, wo kein Ende angegeben ist."))
    week = DateField(_("Woche mit diesem Tag"), validators=[Optional()])
    holds_times = BooleanField(
        _("Zeiten vormerken"),
        description=_(
            "Wer gefragt wird, bekommt jede Zeit als vorläufigen Kalendereintrag, je Zeit eine Mail; deshalb höchstens "
            "fünf Zeiten. Wählen Sie eine, wird ihr Eintrag zum Treffen; die anderen verschwinden."
        ),
    )
    closes_on = DateField(_("Abstimmen bis einschließlich"), validators=[required(_("Bitte geben Sie ein Datum an."))])
    asks = RadioField(
        _("Wen fragen wir?"),
        choices=options(
            ("all", _("alle der Community, per Mail mit eigenem Link")), ("named", _("nur die Personen, die ich nenne"))
        ),
        validators=[required(_("Bitte wählen Sie, wen wir fragen."))],
    )
    named = PastedField(
        _("Diese Personen"),
        description=_(
            "Nur wenn Sie Personen nennen. Eine je Zeile oder durch Semikolon getrennt: "
            "Max Muster <max@stadt.example>; erika@amt.example"
        ),
    )
    votes_shown = SelectField(_("Stimmen sehen"), coerce=VotesShown)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.votes_shown.choices = [
            (VotesShown.EVERYBODY, _("alle, die den Link haben")),
            (VotesShown.VOTERS, _("alle, die selbst abgestimmt haben")),
            (VotesShown.ORGANISERS, _("nur die Leitungen")),
        ]
        self.rows = _time_rows()
        self.ticked = self._read_ticks()
        self._invitees: list[Invitee] | None = None

    def _read_ticks(self) -> list[datetime]:
        """The times that were ticked in the grid; none if they cannot be read, which _check_ticks then says."""
        self.has_unreadable_ticks = False
        try:
            return ticked_times() if request.method == "POST" else []
        except UnreadableTickError:
            self.has_unreadable_ticks = True
            return []

    def grid(self, usual: time) -> Grid:
        """The grid of the chosen week; in the past and too far ahead there is none to choose."""
        today = clock.local(clock.now()).date()
        day = self.week.data or self.first_week
        day = min(max(day, today), today + FARTHEST)
        minutes = self.minutes.data
        is_length = isinstance(minutes, int) and 1 <= minutes <= MOST_MINUTES  # what could not be read is still text
        length = timedelta(minutes=minutes if is_length else STANDARD_MINUTES)
        return grid_of(day, self.ticked, length, usual)

    def turn_weeks(self, count: int) -> None:
        """Show another week than the one that was shown."""
        day = self.week.data or self.first_week
        if abs(day - clock.local(clock.now()).date()) < 2 * FARTHEST:
            self.week.data = day + timedelta(weeks=count)

    @property
    def first_week(self) -> date:
        """The week that is shown first: of what was ticked, or in two weeks."""
        today = clock.local(clock.now()).date()
        return min((one.date() for one in self.ticked), default=today + timedelta(weeks=2))

    @property
    def has_rows(self) -> bool:
        """Whether times were typed one by one."""
        return any(not row.is_empty for row in self.rows)

    def add_rows(self) -> None:
        """Room for more times."""
        first = len(self.rows)
        last = min(first + MORE_ROWS, MOST_TIMES)
        self.rows += [TimeRow(None, prefix=f"zeit-{number}-") for number in range(first, last)]

    @property
    def refused(self) -> Any:
        """The form with what is wrong: this one, or the first such row."""
        forms: list[Any] = [self, *self.rows]
        return next((one for one in forms if one.errors), self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, the times and the people."""
        is_fine = super().validate(extra_validators=extra_validators)
        return bool(
            is_fine and self._check_minutes() and self._check_rows() and self._check_deadline() and self._check_people()
        )

    def _check_minutes(self) -> bool:
        if self.minutes.data is None or 1 <= self.minutes.data <= MOST_MINUTES:
            return True
        add_error(self.minutes, gettext("Bitte geben Sie eine Zahl von 1 bis %(most)s an.", most=MOST_MINUTES))
        return False

    def _check_rows(self) -> bool:
        checked = [row.check(self.minutes.data) for row in self.rows]  # all of them, so that each says what is wrong
        if not all(checked) or not self._check_ticks():
            return False
        if not self.times:
            add_error(self.week, gettext("Bitte schlagen Sie mindestens eine Zeit vor."))
            return False
        if len(self.times) > MOST_TIMES:
            add_error(self.week, gettext("Höchstens %(most)s Vorschläge, bitte.", most=MOST_TIMES))
            return False
        if self.holds_times.data and len(self.times) > MOST_HELD:
            add_error(
                self.holds_times,
                gettext(
                    "Vormerken können wir höchstens %(most)s Zeiten. Bitte schlagen Sie weniger vor.", most=MOST_HELD
                ),
            )
            return False
        return True

    def _check_ticks(self) -> bool:
        if self.has_unreadable_ticks:
            add_error(self.week, gettext("Bitte kreuzen Sie die Zeiten noch einmal an."))
            return False
        if self.ticked and not self.minutes.data:
            add_error(self.minutes, gettext("Bitte geben Sie eine Dauer an."))
            return False
        for starts in self.ticked:
            if not is_possible(starts, self.week) or not is_possible(starts + self._length, self.week):
                return False
            if clock.moment_of(starts) <= clock.now():
                add_error(self.week, gettext("Diese Zeit ist schon vorbei."))
                return False
        return True

    @property
    def _length(self) -> timedelta:
        return timedelta(minutes=self.minutes.data or 0)

    def _check_deadline(self) -> bool:
        if not is_possible(_wall(self.closes_on.data, _NOON), self.closes_on):
            return False
        if self.closes_at <= clock.now():
            add_error(self.closes_on, gettext("Dieser Tag ist schon vorbei."))
            return False
        if self.closes_at > clock.moment_of(max(ends for _starts, ends in self.times)):
            add_error(self.closes_on, gettext("Die Umfrage muss enden, bevor alle Vorschläge vorbei sind."))
            return False
        return True

    def _check_people(self) -> bool:
        if self.asks.data != "named":
            return True
        read = read_invitees(self.named.data or "")
        unreadable = [one.typed for one in read if one.outcome == InviteeOutcome.UNREADABLE]
        if unreadable:
            add_error(self.named, gettext("Nicht lesbar: %(lines)s", lines="; ".join(unreadable[:3])))
            return False
        self._invitees = [one for one in read if one.outcome == InviteeOutcome.NEW]
        if not self._invitees:
            add_error(self.named, gettext("Bitte nennen Sie mindestens eine Person."))
            return False
        return True

    @property
    def times(self) -> list[tuple[datetime, datetime]]:
        """The times that were ticked or typed, each once."""
        typed = [row.span(self.minutes.data or 0) for row in self.rows if not row.is_empty]
        return sorted({*typed, *((starts, starts + self._length) for starts in self.ticked)})

    @property
    def closes_at(self) -> datetime:
        """The end of the last day on which one can vote."""
        return end_of(self.closes_on.data)

    def wish(self) -> PollWish:
        """The poll as a value."""
        return PollWish(
            title=self.title.data,
            text=self.text.data or "",
            times=self.times,
            closes_at=self.closes_at,
            votes_shown=self.votes_shown.data,
            holds_times=self.holds_times.data,
            named=self._invitees,
        )


def _time_rows() -> list[TimeRow]:
    """As many rows as were sent, at least a few."""
    typed = request.form if request.method == "POST" else {}
    sent = [number for number in range(MOST_TIMES) if f"zeit-{number}-day" in typed]
    count = max(FIRST_ROWS, sent[-1] + 1 if sent else 0)
    return [TimeRow(request.form or None, prefix=f"zeit-{number}-") for number in range(count)]


def end_of(day: date | None) -> datetime:
    """The moment at which a day in Berlin ends."""
    return clock.moment_of(_wall(day, None) + timedelta(days=1))


class DeadlineForm(FlaskForm):
    """Until when one can vote."""

    closes_on = DateField(_("Abstimmen bis einschließlich"), validators=[required(_("Bitte geben Sie ein Datum an."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """The day must not be over."""
        is_fine = super().validate(extra_validators=extra_validators)
        if not is_fine or not is_possible(_wall(self.closes_on.data, _NOON), self.closes_on):
            return False
        if end_of(self.closes_on.data) <= clock.now():
            add_error(self.closes_on, gettext("Dieser Tag ist schon vorbei."))
            return False
        return True
