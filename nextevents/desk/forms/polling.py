"""What leads type to ask for the best date."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Form, RadioField, SelectField
from wtforms.validators import Optional

from ...events.models import VotesShown
from ...events.services import MOST_HELD, Invitee, InviteeOutcome, PollWish, read_invitees
from ...ground import clock
from ...ground.fields import ClockField, CountField, LineField, TextField, add_error, options, required
from .filling import PastedField
from .grid import Grid, UnreadableTickError, grid_of, ticked_times
from .wall_clock import FARTHEST, NOON, is_possible, wall_of

MOST_MINUTES = 24 * 60
#: How long a time is thought to take while nobody has said so.
STANDARD_MINUTES = 90
MOST_TIMES = 40
FIRST_ROWS, MORE_ROWS = 5, 5


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
        if not is_possible(wall_of(self.day.data, self.starts.data), self.starts):
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
        starts = wall_of(self.day.data, self.starts.data)
        if self.ends.data is None:
            return starts, starts + timedelta(minutes=minutes)
        return starts, wall_of(starts.date(), self.ends.data)


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
        if not is_possible(wall_of(self.closes_on.data, NOON), self.closes_on):
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
    return clock.moment_of(wall_of(day, None) + timedelta(days=1))


class DeadlineForm(FlaskForm):
    """Until when one can vote."""

    closes_on = DateField(_("Abstimmen bis einschließlich"), validators=[required(_("Bitte geben Sie ein Datum an."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """The day must not be over."""
        is_fine = super().validate(extra_validators=extra_validators)
        if not is_fine or not is_possible(wall_of(self.closes_on.data, NOON), self.closes_on):
            return False
        if end_of(self.closes_on.data) <= clock.now():
            add_error(self.closes_on, gettext("Dieser Tag ist schon vorbei."))
            return False
        return True
