"""What leads type to change the dates of a series."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import Optional

from ...events import showing
from ...events.models import Event, Place
from ...events.services import SeriesWish
from ...ground.fields import ClockField, LineField, TextField, options, required
from .scheduling import DateTimes


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
