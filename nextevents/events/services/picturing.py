"""An event's picture, and its partners with their logos."""

from datetime import datetime

from ...ground.database import db
from ...ground.files import store_picture
from ..models import Event, Partner

PICTURE_WIDTH = 1600
LOGO_WIDTH = 480


def set_picture(event: Event, content: bytes | None, *, alt: str, at: datetime) -> None:
    """Show this picture, described by alt; without content only the description changes. Raises FileRefused."""
    if content is not None:
        event.picture = store_picture(content, name=f"{event.slug}.webp", longest_edge=PICTURE_WIDTH, at=at)
    event.picture_alt = alt
    _show(event, at=at)


def remove_picture(event: Event, *, at: datetime) -> None:
    """Show no picture any more."""
    event.picture, event.picture_alt = None, ""
    _show(event, at=at)


def add_partner(event: Event, name: str, *, website: str = "", logo: bytes | None = None, at: datetime) -> Partner:
    """Name a partner, with a logo if there is one. Raises FileRefused."""
    partner = Partner(event_id=event.id, name=name, website=website, position=len(event.partners))
    if logo is not None:
        partner.logo = store_picture(logo, name="logo.webp", longest_edge=LOGO_WIDTH, at=at)
    event.partners.append(partner)
    _show(event, at=at)
    return partner


def remove_partner(event: Event, number: int, *, at: datetime) -> None:
    """Take a partner off the page. Harmless if it is gone already."""
    event.partners[:] = [one for one in event.partners if one.id != number]
    _show(event, at=at)


def _show(event: Event, *, at: datetime) -> None:
    event.touch(at)
    db.session.flush()
