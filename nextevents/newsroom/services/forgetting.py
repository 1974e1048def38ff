"""Forgetting who wrote what (rule L-10). What was sent stays; its figures and its web version name nobody."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from ...ground.database import change_rows
from ...mailing.models import Campaign, CampaignVersion

#: So long after its end one may want to know how a campaign came about.
VERSION_TIME = timedelta(days=180)


def forget_writers(*, at: datetime) -> int:
    """Of campaigns that ended half a year ago, drop the earlier versions and who wrote; returns how many it touched."""
    old = select(Campaign.id).where(Campaign.ended_at < at - VERSION_TIME)
    newest = (
        select(func.max(CampaignVersion.version).label("newest"), CampaignVersion.campaign_id.label("number"))
        .group_by(CampaignVersion.campaign_id)
        .subquery()
    )
    is_newest = (
        select(newest.c.number)
        .where(newest.c.number == CampaignVersion.campaign_id, newest.c.newest == CampaignVersion.version)
        .exists()
    )
    change_rows(delete(CampaignVersion).where(CampaignVersion.campaign_id.in_(old), ~is_newest))
    has_name = CampaignVersion.saved_by != ""
    change_rows(update(CampaignVersion).where(CampaignVersion.campaign_id.in_(old), has_name).values(saved_by=""))
    is_named = or_(Campaign.made_by != "", Campaign.released_by != "")
    return change_rows(update(Campaign).where(Campaign.id.in_(old), is_named).values(made_by="", released_by=""))
