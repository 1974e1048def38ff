"""An event as schema.org data, for search engines."""

from typing import Any

from flask import url_for
from markupsafe import Markup

from ..ground import clock
from ..ground.structured import json_ld
from ..mailing.messages import absolute
from .models import Event, Place, Stage

_MODES = {
    Place.VIRTUAL: "OnlineEventAttendanceMode",
    Place.IN_PRESENCE: "OfflineEventAttendanceMode",
    Place.HYBRID: "MixedEventAttendanceMode",
}

_STATUS = {Stage.CANCELLED: "EventCancelled", Stage.POSTPONED: "EventPostponed"}


def event_data(event: Event) -> Markup:
    """The JSON-LD of a public event; never the dial-in. Safe inside a script element."""
    page = absolute(url_for("events.show", slug=event.slug))
    data: dict[str, Any] = {
        "@type": "Event",
        "name": event.title,
        "description": event.summary,
        "startDate": clock.local(event.starts_at).isoformat(),
        "endDate": clock.local(event.ends_at).isoformat(),
        "eventAttendanceMode": f"https://schema.org/{_MODES[event.place]}",
        "eventStatus": f"https://schema.org/{_STATUS.get(event.stage, 'EventScheduled')}",
        "location": _location(event, page),
        "organizer": {"@type": "Organization", "name": "NExT e. V.", "url": absolute("/")},
        "isAccessibleForFree": True,
        "url": page,
    }
    return json_ld(data)


def _location(event: Event, page: str) -> dict[str, str]:
    if event.place == Place.VIRTUAL:
        return {"@type": "VirtualLocation", "url": page}
    return {"@type": "Place", "name": event.address.partition("\n")[0], "address": event.address}
