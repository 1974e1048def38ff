"""Circles with an end: their leads are asked a week before, and on the day they close if nobody has said otherwise."""

from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import select

from ...ground import clock
from ...ground.database import db
from ...mailing.services import post_all
from .. import messages, queries
from ..models import Community
from .keeping import close

ASKED_BEFORE = timedelta(days=7)


def ask_before_closing(*, at: datetime) -> int:
    """Ask the leads of circles that end within a week whether they do, once for each end; returns how many circles."""
    today = clock.local(at).date()
    near = (Community.ended_on.is_(None), Community.ends_on >= today, Community.ends_on <= today + ASKED_BEFORE)
    found = db.session.scalars(select(Community).where(*near)).all()
    for community in found:
        post_all([messages.asked_to_close(community, lead, at=at) for lead in queries.leads_of(community)], at=at)
    return len(found)


def close_ended(*, at: datetime) -> int:
    """Note that circles have finished whose last day is over; returns how many. Their pages stay."""
    is_over = (Community.ended_on.is_(None), Community.ends_on < clock.local(at).date())
    found = db.session.scalars(select(Community).where(*is_over).with_for_update()).all()
    for community in found:
        close(community, on=cast("date", community.ends_on))  # only those that have one were found
    return len(found)
