"""What an organiser should know about a date and perhaps did not see. Nothing here forbids anything."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import gettext as _

from ..events import queries as events
from ..events.models import Event, Place
from ..ground.holidays import holiday_name

#: More days in a row are probably a mistake (bad input 39).
LONG = timedelta(days=31)
SATURDAY = 6


def warnings_about(event: Event, *, at: datetime) -> list[str]:
    """Sentences about the event's date and what is missing."""
    return [*_about_days(event), *_about_time(event, at), *_about_others(event, at), *_about_gaps(event)]


def _about_days(event: Event) -> Iterator[str]:
    day = event.starts_local.date()
    if name := holiday_name(day):
        yield _("An diesem Tag ist %(name)s.", name=name)
    elif day.isoweekday() >= SATURDAY:
        yield _("Dieser Tag liegt am Wochenende.")


def _about_time(event: Event, at: datetime) -> Iterator[str]:
    if event.starts_at <= at:
        yield _("Der Beginn liegt in der Vergangenheit.")
    if event.duration > LONG:
        yield _("Die Veranstaltung dauert länger als einen Monat. Stimmt das Ende?")
    if event.closes_at and event.closes_at > event.starts_at:
        yield _("Die Anmeldung endet erst nach dem Beginn.")
    if event.opens_at and event.opens_at >= event.registration_ends_at:
        yield _("Die Anmeldung öffnet erst, wenn sie schon wieder geschlossen ist.")


def _about_others(event: Event, at: datetime) -> Iterator[str]:
    for other in events.events_on_the_same_day(event):
        if other.ends_at > at:
            yield _("Am selben Tag: %(title)s.", title=other.title)


def _about_gaps(event: Event) -> Iterator[str]:
    if not event.takes_registrations:
        return
    if event.place != Place.IN_PRESENCE and not event.dial_in:
        yield _("Noch fehlt der Zugang zur Videokonferenz.")
    if event.place != Place.VIRTUAL and not event.address:
        yield _("Noch fehlt die Adresse.")
    if event.picture_id and not event.picture_alt:
        yield _("Das Bild hat noch keine Beschreibung.")
