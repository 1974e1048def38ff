"""A message of the organisers to chosen participants: who gets it is settled in the transaction that sends it."""

from datetime import datetime

from sqlalchemy import select

from ...ground.database import db, insert_unless_there
from ...mailing.services import post_all
from ...people.models import Person
from .. import messages_to_many as messages
from .. import queries
from ..errors import NobodyChosen, NotYetPublic
from ..models import Announcement, Event, Stage
from ..queries import Chosen
from . import seats


def announce(
    event: Event, *, subject: str, text: str, chosen: Chosen, nonce: str | None, by: Person, at: datetime
) -> Announcement:
    """Write to all who are chosen at this moment. The same form sent twice is the same announcement (guarantee G5).

    Raises NobodyChosen, and NotYetPublic for a draft; then nothing is sent.
    """
    if event.stage == Stage.DRAFT:
        raise NotYetPublic
    seats.hold(event)
    receivers = queries.receivers(event, chosen)
    values = {
        "event_id": event.id,
        "subject": subject,
        "text": text,
        "chosen": chosen.as_json(),
        "count": len(receivers),
        "made_at": at,
        "made_by_id": by.id,
        "nonce": nonce,
    }
    made = db.session.scalars(insert_unless_there(Announcement).returning(Announcement), [values]).first()
    if made is None:
        return db.session.scalars(select(Announcement).where(Announcement.nonce == nonce)).one()
    if not receivers:
        raise NobodyChosen
    post_all(messages.announcements(event, made, receivers), at=at)
    return made
