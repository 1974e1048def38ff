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

#: How long leads have to say otherwise.
ASKED_BEFORE = timedelta(days=7)


def closes_on(community: Community) -> date | None:
    """The last day of a circle whose leads were asked: the one they named, but never sooner than they can answer."""
    if community.ends_on is None or community.asked_on is None:
        return None
    return max(community.ends_on, community.asked_on + ASKED_BEFORE)


def ask_before_closing(*, at: datetime) -> int:
    """Ask the leads of circles that end within a week whether they do, once for each end; returns how many circles.

    An end that went by unasked, because no worker ran or it was named too late, is asked about too.
    """
    today = clock.local(at).date()
    near = (Community.ended_on.is_(None), Community.asked_on.is_(None), Community.ends_on <= today + ASKED_BEFORE)
    found = db.session.scalars(select(Community).where(*near).with_for_update()).all()
    for community in found:
        community.asked_on = today
        db.session.flush()  # the mail's form is known by the circle's version
        mails = [
            messages.asked_to_close(community, lead, closes_on=closes_on(community) or today, at=at)
            for lead in queries.leads_of(community)
        ]
        post_all(mails, at=at)
    return len(found)


def close_ended(*, at: datetime) -> int:
    """Note that circles have finished whose last day is over; returns how many. Their pages stay."""
    today = clock.local(at).date()
    is_over = (Community.ended_on.is_(None), Community.ends_on < today, Community.asked_on < today - ASKED_BEFORE)
    found = db.session.scalars(select(Community).where(*is_over).with_for_update()).all()
    for community in found:
        close(community, on=cast("date", community.ends_on), at=at)  # only those that have one were found
    return len(found)
