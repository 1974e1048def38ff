"""An event as organisers type it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField
from wtforms.validators import Optional

from ...events import showing
from ...events.models import Audience, Event, Format, Place, WaitingMode
from ...events.services import EventChange
from ...ground import clock
from ...ground.fields import ClockField, CountField, LineField, TextField, add_error, required

WIDEST = timedelta(days=3653)


class EventForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """An event as it shall be. Times are those of Berlin."""

    version = HiddenField()
    title = LineField(_("Titel"), validators=[required()], longest=200)
    summary = TextField(_("Worum geht es, in ein, zwei Sätzen?"), longest=500)
    description = TextField(_("Beschreibung"), description=_("Markdown: ## Überschrift, - Liste, **fett**"))
    format = SelectField(_("Art"), coerce=Format)
    starts_on = DateField(_("Beginnt am"), validators=[required()])
    starts_time = ClockField(_("Beginnt um"), validators=[Optional()])
    ends_on = DateField(_("Endet am"), validators=[required()])
    ends_time = ClockField(_("Endet um"), validators=[Optional()])
    is_all_day = BooleanField(_("Ganztägig"))
    place = SelectField(_("Ort"), coerce=Place)
    address = TextField(_("Adresse"), longest=500)
    dial_in = LineField(
        _("Zugang zur Videokonferenz"), longest=500, description=_("Sehen nur bestätigte Teilnehmende.")
    )
    audience = SelectField(_("Für wen"), coerce=Audience)
    is_unlimited = BooleanField(_("So viele, wie kommen"))
    capacity = CountField(_("Plätze"), description=_("0 schließt die Anmeldung."))
    waiting_mode = SelectField(_("Wird ein Platz frei"), coerce=WaitingMode)
    closes_on = DateField(_("Anmeldeschluss"), validators=[Optional()], description=_("Leer: bis zum Beginn."))
    tells_text_changes = BooleanField(_("Auch geänderte Texte allen Angemeldeten mitteilen"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.format.choices = [(kind, showing.format_word(kind)) for kind in Format]
        self.place.choices = [(place, showing.place_word(place)) for place in Place]
        self.audience.choices = [
            (Audience.EVERYBODY, _("alle, die im öffentlichen Dienst arbeiten")),
            (Audience.MEMBERS, _("Mitglieder von NExT e. V.")),
            (Audience.COMMUNITY, _("Mitglieder der Community")),
        ]
        self.waiting_mode.choices = [
            (WaitingMode.MOVE_UP, _("rückt sofort jemand nach")),
            (WaitingMode.OFFER, _("wird er der nächsten Person angeboten")),
        ]

    @classmethod
    def of(cls, event: Event) -> "EventForm":
        """The form filled with what stands."""
        last = event.ends_local - timedelta(days=1) if event.is_all_day else event.ends_local
        return cls(
            formdata=None,
            obj=event,
            version=str(event.version),
            starts_on=event.starts_local.date(),
            starts_time=event.starts_local.time(),
            ends_on=last.date(),
            ends_time=event.ends_local.time(),
            is_unlimited=event.capacity is None,
            closes_on=_last_day_until(event.closes_at) if event.closes_at else None,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and what only holds for several together."""
        is_fine = super().validate(extra_validators=extra_validators)
        return bool(is_fine and self._check_capacity() and self._check_times())

    def _check_capacity(self) -> bool:
        if self.capacity.data is None and not self.is_unlimited.data:
            add_error(
                self.capacity, _("Bitte geben Sie eine Zahl an, oder setzen Sie das Häkchen „So viele, wie kommen“.")
            )
            return False
        return True

    def _check_times(self) -> bool:
        if not self.is_all_day.data and (self.starts_time.data is None or self.ends_time.data is None):
            add_error(
                self.starts_time, _("Bitte geben Sie Beginn und Ende an, oder setzen Sie das Häkchen „Ganztägig“.")
            )
            return False
        if not _is_within_reach(self.starts_on.data) or not _is_within_reach(self.ends_on.data):
            add_error(self.starts_on, _("Bitte prüfen Sie das Jahr."))
            return False
        if self.closes_on.data and not _is_within_reach(self.closes_on.data):
            add_error(self.closes_on, _("Bitte prüfen Sie das Jahr."))
            return False
        if self.ends_local <= self.starts_local:
            add_error(self.ends_on, _("Das Ende liegt nicht nach dem Beginn."))
            return False
        return self._check_clock(self.starts_local, self.starts_time) and self._check_clock(
            self.ends_local, self.ends_time
        )

    def _check_clock(self, wall: datetime, field: Any) -> bool:
        """Refuse the hours of the clock changes (rule C-26)."""
        try:
            clock.moment_of(wall)
        except clock.NoSuchLocalTimeError as gap:
            suggestion = f"{gap.suggestion:%H:%M}"
            add_error(
                field, _("Diese Uhrzeit gibt es nicht: die Uhr wird vorgestellt. Meinen Sie %(time)s?", time=suggestion)
            )
            return False
        except clock.AmbiguousLocalTimeError:
            add_error(field, _("Diese Uhrzeit gibt es in dieser Nacht zweimal. Bitte wählen Sie eine andere."))
            return False
        return True

    @property
    def starts_local(self) -> datetime:
        """When it begins on the wall clock."""
        return _wall(self.starts_on.data, None if self.is_all_day.data else self.starts_time.data)

    @property
    def ends_local(self) -> datetime:
        """When it ends on the wall clock; whole days end at midnight after the last one."""
        if self.is_all_day.data:
            return _wall(self.ends_on.data, None) + timedelta(days=1)
        return _wall(self.ends_on.data, self.ends_time.data)

    def change(self, event: Event) -> EventChange:
        """What the form says, as a value."""
        return EventChange(
            title=self.title.data,
            summary=self.summary.data or "",
            description=self.description.data or "",
            format=self.format.data,
            starts_local=self.starts_local,
            ends_local=self.ends_local,
            is_all_day=self.is_all_day.data,
            place=self.place.data,
            address=self.address.data or "",
            dial_in=self.dial_in.data or "",
            audience=self.audience.data,
            takes_registrations=event.takes_registrations,
            website=event.website,
            opens_at=event.opens_at,
            closes_at=self._closes_at(event.closes_at),
            capacity=None if self.is_unlimited.data else self.capacity.data,
            waiting_mode=self.waiting_mode.data,
            offer_hours=event.offer_hours,
        )

    def _closes_at(self, standing: datetime | None) -> datetime | None:
        """The end of the chosen day; an hour that somebody has set on that day stays."""
        day = self.closes_on.data
        if standing and day == _last_day_until(standing):
            return standing
        return _end_of(day) if day else None


def _wall(day: date | None, at: time | None) -> datetime:
    """What the wall clock shows; the form has made sure that there is a day."""
    return datetime.combine(day or date.min, at or time.min)


def _is_within_reach(day: date | None) -> bool:
    today = clock.local(clock.now()).date()
    return day is not None and today - WIDEST <= day <= today + WIDEST


def _last_day_until(moment: datetime) -> date:
    """The day that a moment closes; midnight closes the day before."""
    return clock.local(moment - timedelta(microseconds=1)).date()


def _end_of(day: date) -> datetime:
    return clock.moment_of(_wall(day, None) + timedelta(days=1))


class CancellationForm(FlaskForm):  # type: ignore[misc]
    """Calling an event off must be ticked."""

    is_meant = BooleanField(
        _("Ja, dieser Termin fällt aus. Alle Angemeldeten bekommen eine Absage."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn der Termin ausfällt."))],
    )
