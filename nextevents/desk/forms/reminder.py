"""A reminder as organisers type it."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import DataRequired

from ...events import showing
from ...events.models import Anchor, State
from ...events.services import ReminderWish
from ...ground.fields import CountField, SeveralOfField, TextField, add_error, options, required

#: Whom one may want to remind; whoever has left is written to no more.
STATES = (
    State.CONFIRMED,
    State.WAITING,
    State.OFFERED,
    State.REQUESTED,
    State.ATTENDED,
    State.EXCUSED,
    State.ABSENT,
)
LONGEST_DAYS = 180
HOURS_OF_DAY = 24
MINUTES_OF_HOUR = 60
#: Where a reminder counts from: the anchor, and whether before (-1) or after it.
PLACES = {
    "before_start": (Anchor.START, -1),
    "after_start": (Anchor.START, 1),
    "before_end": (Anchor.END, -1),
    "after_end": (Anchor.END, 1),
}


class ReminderForm(FlaskForm):
    """So many hours or days before or after."""

    amount = CountField(_("Wie viele"), validators=[required()])
    unit = SelectField(
        _("Stunden oder Tage"),
        choices=options(("hours", _("Stunden")), ("days", _("Tage"))),
        default="days",
    )
    place = SelectField(
        _("Wann"),
        choices=options(
            ("before_start", _("vor dem Beginn")),
            ("after_start", _("nach dem Beginn")),
            ("before_end", _("vor dem Ende")),
            ("after_end", _("nach dem Ende")),
        ),
    )
    states = SeveralOfField(
        _("An wen"),
        coerce=str,
        default=[State.CONFIRMED.value],
        validators=[DataRequired(_("Bitte wählen Sie aus, wer erinnert wird."))],
    )
    text = TextField(
        _("Eigener Text"),
        longest=3000,
        description=_("Leer: unser Text. Titel, Zeit, Ort und Zugang stehen immer darunter. Markdown geht."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.states.choices = [(state.value, showing.state_word(state)) for state in STATES]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that the distance is one that makes sense."""
        if not super().validate(extra_validators):
            return False
        most = LONGEST_DAYS if self.unit.data == "days" else LONGEST_DAYS * HOURS_OF_DAY
        if not 0 < (self.amount.data or 0) <= most:
            add_error(self.amount, _("Bitte geben Sie mindestens 1 an und höchstens 180 Tage."))
            return False
        return True

    def wish(self) -> ReminderWish:
        """What the form says, as a value."""
        anchor, sign = PLACES[self.place.data]
        counts_days = self.unit.data == "days"
        minutes = (self.amount.data or 0) * MINUTES_OF_HOUR * (HOURS_OF_DAY if counts_days else 1)
        return ReminderWish(
            minutes=sign * minutes,
            counts_days=counts_days,
            anchor=anchor,
            states=[state for state in STATES if state.value in (self.states.data or [])],
            text=self.text.data or "",
        )
