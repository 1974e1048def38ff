"""What a new event starts from: one of a few kinds, an earlier one, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from ..events.models import Audience, Format, Place, Viewers
from ..ground.holidays import is_meeting_day

#: A new date is first thought of so far ahead.
AHEAD = timedelta(weeks=4)


@dataclass(frozen=True)
class Preset:
    """A kind of event, in words and as the form's first values."""

    key: str
    label: Any
    text: Any
    values: Mapping[str, Any] = field(default_factory=dict)


PRESETS = (
    Preset(
        "treffen",
        _("Community-Treffen"),
        _("Virtuell, anderthalb Stunden, für alle offen."),
        {"format": Format.COMMUNITY_MEETING, "starts_time": time(14), "ends_time": time(15, 30)},
    ),
    Preset(
        "whats-next",
        _("What’s NExT?"),
        _("Eine Stunde am Mittag, so viele, wie kommen."),
        {"format": Format.WHATS_NEXT, "starts_time": time(12), "ends_time": time(13)},
    ),
    Preset(
        "camp",
        _("NExTcamp"),
        _("Ein ganzer Tag online mit Sessions aus der Runde."),
        {
            "format": Format.CAMP,
            "starts_time": time(9),
            "ends_time": time(16),
            "is_unlimited": False,
            "capacity": 400,
            "audience": Audience.PUBLIC_SECTOR,
            "participants_shown_to": Viewers.PARTICIPANTS,
            "asks_newsletter": True,
            "asks_feedback": True,
            "gives_certificates": True,
        },
    ),
    Preset(
        "konferenz",
        _("NExTpanel"),
        _("Konferenz der Mitglieder und ihrer Gäste, vor Ort und virtuell."),
        {
            "format": Format.PANEL,
            "place": Place.HYBRID,
            "starts_time": time(9, 30),
            "ends_time": time(17),
            "is_unlimited": False,
            "capacity": 120,
            "audience": Audience.MEMBERS,
            "asks_photos": True,
            "asks_feedback": True,
            "gives_certificates": True,
        },
    ),
    Preset(
        "vor-ort",
        _("Treffen vor Ort"),
        _("Ein Raum, begrenzte Plätze, Einlass mit Liste oder Code."),
        {
            "format": Format.COMMUNITY_MEETING,
            "place": Place.IN_PRESENCE,
            "starts_time": time(10),
            "ends_time": time(16),
            "is_unlimited": False,
            "capacity": 30,
            "asks_photos": True,
            "gives_certificates": True,
        },
    ),
    Preset(
        "extern",
        _("Nur ankündigen"),
        _("Andere veranstalten und nehmen Anmeldungen an, wir weisen darauf hin."),
        {
            "format": Format.EXTERNAL,
            "starts_time": time(10),
            "ends_time": time(16),
            "takes_registrations": False,
        },
    ),
    Preset("leer", _("Leer"), _("Alles selbst ausfüllen.")),
)


def preset(key: str) -> Preset:
    """The preset of this name; the empty one for names that there are not."""
    return next((one for one in PRESETS if one.key == key), PRESETS[-1])


def first_values(key: str, today: date) -> dict[str, Any]:
    """The form's first values for a preset, with a day some weeks ahead on which people meet."""
    day = today + AHEAD
    while not is_meeting_day(day):
        day += timedelta(days=1)
    standard = {
        "starts_on": day,
        "ends_on": day,
        "place": Place.VIRTUAL,
        "audience": Audience.EVERYBODY,
        "is_unlimited": True,
        "is_listed": True,
        "takes_registrations": True,
    }
    return standard | dict(preset(key).values)
