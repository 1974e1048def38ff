"""What an organiser should know about a date and perhaps did not see. Nothing here forbids anything."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _

from ..events import queries as events
from ..events import showing
from ..events.models import Event, Place
from ..events.queries import Span
from ..ground.holidays import holiday_name

#: More days in a row are probably a mistake (bad input 39).
LONG = timedelta(days=31)
SATURDAY = 6


def warnings_about(event: Event, *, at: datetime) -> list[str]:
    """Sentences about the event's date and what is missing."""
    others = _about_others(event, at, but=[event.id])
    return [*_about_day(event), *_about_past(event, at), *_about_registration(event), *others, *_about_gaps(event)]


def warnings_about_time(span: Span, *, at: datetime) -> list[str]:
    """The same about a time that is only thought of."""
    return [*_about_day(span), *_about_past(span, at), *_about_others(span, at)]


def _about_day(time: Event | Span) -> Iterator[str]:
    first, last = time.starts_local.date(), events.last_day_of(time)
    if name := holiday_name(first):
        yield _("An diesem Tag ist %(name)s.", name=name)
    elif first.isoweekday() >= SATURDAY:
        yield _("Dieser Tag liegt am Wochenende.")
    for number in range(1, min((last - first).days, LONG.days) + 1):
        day = first + timedelta(days=number)
        if name := holiday_name(day):
            yield _("Am %(day)s ist %(name)s.", day=showing.day_label(day), name=name)


def _about_past(time: Event | Span, at: datetime) -> Iterator[str]:
    if time.starts_at <= at:
        yield _("Der Beginn liegt in der Vergangenheit.")
    if time.ends_at - time.starts_at > LONG:
        yield _("Die Veranstaltung dauert länger als einen Monat. Stimmt das Ende?")


def _about_registration(event: Event) -> Iterator[str]:
    if event.closes_at and event.closes_at > event.starts_at:
        yield _("Die Anmeldung endet erst nach dem Beginn.")
    if event.opens_at and event.opens_at >= event.registration_ends_at:
        yield _("Die Anmeldung öffnet erst, wenn sie schon wieder geschlossen ist.")


def _about_others(time: Event | Span, at: datetime, *, but: Sequence[int] = ()) -> Iterator[str]:
    for other in events.events_on_the_same_day(time, but=but):
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
