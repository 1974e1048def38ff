"""Communities that shall come out of dates."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...ground.database import db
from ...ground.errors import NotFound
from ..models import Event, ProposedCircle


def proposed_circle(event: Event) -> ProposedCircle | None:
    """What was proposed for a date, founded or not."""
    return db.session.get(ProposedCircle, event.id, options=[joinedload(ProposedCircle.community)])


def proposed_circle_of(number: int) -> ProposedCircle:
    """The same by the number of the date. Raises NotFound."""
    found = db.session.get(ProposedCircle, number, options=[joinedload(ProposedCircle.event)])
    if found is None:
        raise NotFound
    return found


def proposed_circles() -> Sequence[ProposedCircle]:
    """Those that wait for the office, oldest first, with their dates and who proposed them."""
    return db.session.scalars(
        select(ProposedCircle)
        .where(ProposedCircle.community_id.is_(None), ProposedCircle.refused_at.is_(None))
        .options(joinedload(ProposedCircle.event), joinedload(ProposedCircle.proposed_by))
        .order_by(ProposedCircle.proposed_at)
    ).all()
