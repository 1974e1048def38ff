"""What the demo knows about the readers of its newsletter."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.demo.newsletters import load_newsletter
from nextevents.ground.database import db as database
from nextevents.mailing import queries, services
from nextevents.mailing.models import Campaign, CampaignState, Subscription
from tests.factories import NOON, make_person

pytestmark = pytest.mark.usefixtures("at_noon")


def test_each_reader_has_a_proof_with_every_moment_in_its_order_and_came_before_the_issue(db):
    crowd = [make_person() for _ in range(6)]
    load_newsletter(crowd, make_person("buero@next.example", office=True), random.Random(1), NOON)

    sent = database.session.scalars(select(Campaign).where(Campaign.state == CampaignState.SENT)).one()
    readers = database.session.scalars(select(Subscription)).all()
    assert len(readers) == len(crowd)
    for reader in readers:
        [proof] = queries.proofs_of([reader.mailbox.address], reader.mailbox_id)
        assert proof.requested_at < proof.mailed_at < proof.confirmed_at == reader.began_at < sent.started_at
        assert (proof.was_ticked, proof.confirmed_by, bool(proof.mail_id)) == (True, "button", True)
        assert proof.text == services.words_of_consent(reader.mailing_list, proof.language)
        assert proof.confirmed_at - proof.requested_at < timedelta(hours=1)
