"""Who wrote what is forgotten half a year after it was sent; what was sent stays."""

from datetime import timedelta

from nextevents.mailing.models import CampaignState
from nextevents.newsroom import queries, services
from nextevents.newsroom.services import forget_writers
from tests.factories import NOON
from tests.mailing.campaigns import make_newsletter
from tests.newsroom.drafts import make_draft, make_writer, settings


def test_half_a_year_after_its_end_nobody_s_name_stands_at_a_campaign(db):
    writer = make_writer()
    one = make_newsletter()
    old, young, draft = (make_draft(mailing_list=one, by=writer) for _ in range(3))
    for campaign in (old, young, draft):
        services.describe(campaign, settings("Anders"), version=campaign.version, by=writer, at=NOON)
    for campaign, days in ((old, 181), (young, 179)):
        campaign.state, campaign.ended_at = CampaignState.SENT, NOON - timedelta(days=days)
    db.flush()

    assert [forget_writers(at=NOON), forget_writers(at=NOON)] == [1, 0]
    db.expire_all()

    assert [(one.made_by, len(queries.versions_of(one))) for one in (old, young, draft)] == [
        ("", 1),
        (writer.address_key, 2),
        (writer.address_key, 2),
    ]
    assert queries.newest_version(old).saved_by == ""
    assert (old.subject, queries.newest_version(old).subject) == ("Anders", "Anders")
