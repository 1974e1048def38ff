"""An event as schema.org data, for search engines."""

import json
from typing import Any

from flask import url_for
from markupsafe import Markup

from ..ground import clock
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
        "@context": "https://schema.org",
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
    escaped = json.dumps(data, ensure_ascii=False).translate(
        {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
    )
    return Markup(escaped)  # noqa: S704 - escaped in the line above


def _location(event: Event, page: str) -> dict[str, str]:
    if event.place == Place.VIRTUAL:
        return {"@type": "VirtualLocation", "url": page}
    return {"@type": "Place", "name": event.address.partition("\n")[0], "address": event.address}
