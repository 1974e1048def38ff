"""An event as organisers type it."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, FileField, HiddenField, SelectField
from wtforms.validators import Optional

from ...communities.models import Community
from ...events import showing
from ...events.conferences import offers_rooms
from ...events.models import Audience, Event, Format, Place, Viewers, WaitingMode
from ...events.queries import Span
from ...events.services import EventChange
from ...ground import clock
from ...ground.fields import (
    AddressField,
    ClockField,
    CountField,
    LineField,
    SeveralOfField,
    TextField,
    add_error,
    required,
)
from ..planning import span_between
from . import ABOUT_SAVING
from .way_in import LINK, ROOM, way_in_field

WIDEST = timedelta(days=3653)
LONGEST_NOTICE = 1_000
#: What an address is made of.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 80
MOST_OFFER_HOURS, STANDARD_OFFER_HOURS = 336, 48
MOST_JOIN_MINUTES, STANDARD_JOIN_MINUTES = 120, 15
#: Fields whose data is what the event takes, as it is.
AS_TYPED = (
    "title",
    "format",
    "is_all_day",
    "place",
    "audience",
    "needs_approval",
    "takes_groups",
    "takes_registrations",
    "waiting_mode",
    "is_listed",
    "participants_shown_to",
    "asks_photos",
    "asks_recording",
    "asks_newsletter",
    "counts_joining",
    "gives_certificates",
    "asks_feedback",
)


class EventForm(FlaskForm):
    """An event as it shall be. Times are those of Berlin."""

    version = HiddenField()
    #: What stood in the fields when the form was opened: whoever changes other things than somebody else keeps both.
    opened_with = HiddenField()
    title = LineField(_("Titel"), validators=[required()], longest=200)
    #: None where it was not asked for: of a new event, and once it is published.
    slug = LineField(_("Adresse der Seite"))
    summary = TextField(_("Worum geht es, in ein, zwei Sätzen?"), longest=500)
    description = TextField(_("Beschreibung"), description=_("Markdown: ## Überschrift, - Liste, **fett**"))
    hosts = LineField(
        _("Mit"), longest=300, description=_("Wer spricht oder moderiert, wie es auf der Seite stehen soll.")
    )
    format = SelectField(_("Art"), coerce=Format)
    communities = SeveralOfField(_("Communities"), coerce=int)
    starts_on = DateField(_("Beginnt am"), validators=[required()])
    starts_time = ClockField(_("Beginnt um"), validators=[Optional()])
    ends_on = DateField(_("Endet am"), validators=[required()])
    ends_time = ClockField(_("Endet um"), validators=[Optional()])
    is_all_day = BooleanField(_("Ganztägig"))
    place = SelectField(_("Ort"), coerce=Place)
    address = TextField(_("Adresse"), longest=500)
    way_in = way_in_field()
    dial_in = LineField(
        _("Zugang zur Videokonferenz"), longest=500, description=_("Sehen nur bestätigte Teilnehmende.")
    )
    audience = SelectField(_("Für wen"), coerce=Audience)
    needs_approval = BooleanField(_("Jede Anmeldung erst freigeben"))
    takes_groups = BooleanField(_("Man darf Kolleginnen und Kollegen mit anmelden"))
    takes_registrations = BooleanField(_("Die Anmeldung läuft hier"))
    website = AddressField(
        _("Seite der Veranstaltung"), longest=500, description=_("Wenn die Anmeldung bei anderen läuft.")
    )
    is_unlimited = BooleanField(_("So viele, wie kommen"))
    capacity = CountField(_("Plätze"), description=_("0 schließt die Anmeldung."))
    waiting_mode = SelectField(_("Wird ein Platz frei"), coerce=WaitingMode)
    offer_hours = CountField(_("Stunden zum Annehmen"), description=_("Gilt, wenn freie Plätze angeboten werden."))
    opens_on = DateField(_("Anmeldung ab"), validators=[Optional()], description=_("Leer: sofort."))
    closes_on = DateField(_("Anmeldeschluss"), validators=[Optional()], description=_("Leer: bis zum Beginn."))
    is_listed = BooleanField(_("In Terminliste und Kalendern zeigen"))
    participants_shown_to = SelectField(_("Liste der Teilnehmenden sehen"), coerce=Viewers, default=Viewers.NOBODY)
    asks_photos = BooleanField(_("Nach Fotos fragen"))
    asks_recording = BooleanField(_("Nach der Aufzeichnung fragen"))
    asks_newsletter = BooleanField(_("Nach dem Newsletter fragen"))
    counts_joining = BooleanField(_("Beitreten zählt als Teilnahme"))
    join_opens_minutes = CountField(_("Zugang öffnet Minuten vorher"), description=_("Leer: 15 Minuten."))
    gives_certificates = BooleanField(_("Teilnahme bescheinigen"))
    asks_feedback = BooleanField(_("Danach um Rückmeldung bitten"))
    tells_text_changes = BooleanField(_("Auch geänderte Texte allen Angemeldeten mitteilen"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not offers_rooms():
            del self.way_in
        self.format.choices = [(kind, showing.format_word(kind)) for kind in Format]
        self.place.choices = [(place, showing.place_word(place)) for place in Place]
        self.audience.choices = [
            (Audience.EVERYBODY, _("alle, die es interessiert")),
            (Audience.PUBLIC_SECTOR, _("alle, die im öffentlichen Dienst arbeiten")),
            (Audience.MEMBERS, _("Mitglieder von NExT e. V. und eingeladene Gäste")),
            (Audience.COMMUNITY, _("Mitglieder der Community")),
            (Audience.INVITED, _("nur Eingeladene")),
        ]
        self.participants_shown_to.choices = [
            (Viewers.NOBODY, _("nur die Organisierenden")),
            (Viewers.PARTICIPANTS, _("auch die Teilnehmenden")),
            (Viewers.EVERYBODY, _("alle")),
        ]
        self.communities.choices = []
        self.waiting_mode.choices = [
            (WaitingMode.MOVE_UP, _("rückt sofort jemand nach")),
            (WaitingMode.OFFER, _("wird er der nächsten Person angeboten")),
        ]

    def offer_communities(self, circles: Iterable[Community]) -> None:
        """Say which circles can be chosen; without any there is nothing to choose."""
        self.communities.choices = [(one.id, one.full_name) for one in circles]

    @classmethod
    def of(cls, event: Event) -> "EventForm":
        """The form filled with what stands."""
        last = event.ends_local - timedelta(days=1) if event.is_all_day else event.ends_local
        form = cls(
            formdata=None,
            obj=event,
            version=str(event.version),
            starts_on=event.starts_local.date(),
            starts_time=event.starts_local.time(),
            ends_on=last.date(),
            ends_time=event.ends_local.time(),
            is_unlimited=event.capacity is None,
            opens_on=clock.local(event.opens_at).date() if event.opens_at else None,
            closes_on=_last_day_until(event.closes_at) if event.closes_at else None,
        )
        if "way_in" in form:
            form.way_in.data = ROOM if event.has_room else LINK
            form.dial_in.data = "" if event.has_room else event.dial_in
        form.communities.data = [
            one.id for one in event.communities
        ]  # what the event calls so are circles, not numbers
        form.opened_with.data = json.dumps(form.as_words())
        return form

    def as_words(self) -> dict[str, str]:
        """What stands in the fields, as words that can be compared."""
        return {one.short_name: _as_word(one.data) for one in self if one.short_name not in ABOUT_SAVING}

    def opened_words(self) -> dict[str, str]:
        """What stood in the fields when the form was opened; nothing where that cannot be read."""
        try:
            before = json.loads(self.opened_with.data or "{}")
        except ValueError:
            return {}
        return before if isinstance(before, dict) else {}

    def untouched_since(self, before: dict[str, str]) -> frozenset[str]:
        """The fields that still hold what they held then."""
        return frozenset(name for name, word in self.as_words().items() if before.get(name) == word)

    def take_over(self, theirs: "EventForm") -> None:
        """Put what others have saved meanwhile into the fields that were not touched here (guarantee G20)."""
        for name in self.untouched_since(self.opened_words()):
            self[name].data = theirs[name].data
        self.opened_with.data = theirs.opened_with.data

    def keep_slug(self, event: Event) -> None:
        """Let the address be as it stands where the form did not ask for one."""
        if self.slug.data is None:
            self.slug.data = event.slug

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and what only holds for several together."""
        is_fine = super().validate(extra_validators=extra_validators)
        return bool(
            is_fine and self._check_slug() and self._check_capacity() and self._check_numbers() and self._check_times()
        )

    def _check_slug(self) -> bool:
        typed = self.slug.data
        if typed is None or (len(typed) <= LONGEST_SLUG and SLUG.fullmatch(typed)):
            return True
        add_error(
            self.slug,
            _(
                "Bitte nehmen Sie nur kleine Buchstaben von a bis z, Ziffern und einzelne Bindestriche dazwischen, "
                "höchstens %(most)s Zeichen.",
                most=LONGEST_SLUG,
            ),
        )
        return False

    def _check_numbers(self) -> bool:
        for field, most in ((self.offer_hours, MOST_OFFER_HOURS), (self.join_opens_minutes, MOST_JOIN_MINUTES)):
            if field.data is not None and not 1 <= field.data <= most:
                add_error(field, _("Bitte geben Sie eine Zahl von 1 bis %(most)s an.", most=most))
                return False
        return True

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
        for field in (self.opens_on, self.closes_on):
            if field.data and not _is_within_reach(field.data):
                add_error(field, _("Bitte prüfen Sie das Jahr."))
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
    def span(self) -> Span | None:
        """The time as it was typed or suggested; None while it cannot be."""
        has_days = _is_within_reach(self.starts_on.data) and _is_within_reach(self.ends_on.data)
        has_times = self.is_all_day.data or (self.starts_time.data is not None and self.ends_time.data is not None)
        if not has_days or not has_times or self.ends_local <= self.starts_local:
            return None
        return span_between(self.starts_local, self.ends_local)

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

    def change(self, event: Event | None = None) -> EventChange:
        """What the form says, as a value; moments that somebody set more precisely stay."""
        typed = {name: self[name].data for name in AS_TYPED}
        return EventChange(
            **typed,
            summary=self.summary.data or "",
            description=self.description.data or "",
            hosts=self.hosts.data or "",
            starts_local=self.starts_local,
            ends_local=self.ends_local,
            address=self.address.data or "",
            dial_in=self.dial_in.data or "",
            has_room=self._has_room(event),
            website=self.website.data or "",
            opens_at=self._opens_at(event.opens_at if event else None),
            closes_at=self._closes_at(event.closes_at if event else None),
            capacity=None if self.is_unlimited.data else self.capacity.data,
            offer_hours=self.offer_hours.data or STANDARD_OFFER_HOURS,
            join_opens_minutes=self.join_opens_minutes.data or STANDARD_JOIN_MINUTES,
        )

    def _has_room(self, event: Event | None) -> bool:
        """Whether the room was chosen. Where none are offered any more, one stays until there is another way in."""
        if "way_in" in self:
            return bool(self.way_in.data == ROOM)
        return event is not None and event.has_room and self.dial_in.data == event.dial_in

    def _opens_at(self, standing: datetime | None) -> datetime | None:
        """The beginning of the chosen day; an hour that somebody has set on that day stays."""
        day = self.opens_on.data
        if standing and day == clock.local(standing).date():
            return standing
        return clock.moment_of(_wall(day, None)) if day else None

    def _closes_at(self, standing: datetime | None) -> datetime | None:
        """The end of the chosen day; an hour that somebody has set on that day stays."""
        day = self.closes_on.data
        if standing and day == _last_day_until(standing):
            return standing
        return _end_of(day) if day else None


def _as_word(value: Any) -> str:
    return str(sorted(value) if isinstance(value, list) else value or "")


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


_ABOUT_NOTICE = _("Steht in der Mail und auf der Seite des Termins: zum Beispiel warum, und wie es weitergeht.")


class CancellationForm(FlaskForm):
    """Calling an event off must be ticked."""

    is_meant = BooleanField(
        _("Ja, dieser Termin fällt aus. Alle Angemeldeten bekommen eine Absage."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn der Termin ausfällt."))],
    )
    cancellation_notice = TextField(_("Was möchten Sie dazu sagen?"), longest=LONGEST_NOTICE, description=_ABOUT_NOTICE)


class PostponementForm(FlaskForm):
    """So must taking it off its date."""

    is_postponed = BooleanField(
        _("Ja, die Zeit ist hinfällig, eine neue folgt. Alle Angemeldeten bekommen eine Mail."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn der Termin verschoben wird."))],
    )
    postponement_notice = TextField(_("Was möchten Sie dazu sagen?"), longest=LONGEST_NOTICE, description=_ABOUT_NOTICE)


class PictureForm(FlaskForm):
    """The picture at the head of an event's page."""

    picture = FileField(
        _("Bild"), description=_("PNG, JPEG oder WebP, höchstens 10 MB. Ortsangaben darin entfernen wir.")
    )
    picture_alt = LineField(
        _("Was ist auf dem Bild zu sehen?"),
        longest=300,
        validators=[required(_("Bitte beschreiben Sie das Bild für alle, die es nicht sehen."))],
    )


class PartnerForm(FlaskForm):
    """A partner of an event."""

    partner_name = LineField(_("Name des Partners"), validators=[required()], longest=120)
    partner_website = AddressField(_("Website"), longest=500)
    logo = FileField(_("Logo"), description=_("PNG, JPEG oder WebP."))
