"""Leaving a list, second thoughts, choosing how it comes, what the office repairs."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing import queries
from nextevents.mailing.errors import NoProof
from nextevents.mailing.models import Consent, Delivery, ListKind, Mailbox, Source, Subscription, Suppression
from nextevents.mailing.services import (
    Declaration,
    ask_to_wake,
    choose_delivery,
    come_back,
    erase_mailbox,
    forget_left,
    forget_old_consents,
    leave_list,
    mailbox_for,
    may_come_back,
    portable,
    repair,
    subscribe_proved,
    suspend,
)
from tests.factories import make_mailing_list
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db")
ADA = "ada@stadt.example"
WORDS = Declaration(text="Ja.", language="de", form_url="http://localhost/", was_ticked=True)


@pytest.fixture
def one():
    return make_mailing_list()


@pytest.fixture
def mailbox(one, noon):
    subscribe_proved(one, address_of(ADA), WORDS, by="signed_in", name="Ada", at=noon)
    return queries.mailbox_with_key(ADA)


def consents():
    return database.session.scalars(
        select(Consent).order_by(Consent.id).execution_options(populate_existing=True)
    ).all()


def test_leaving_is_at_once_from_that_list_only_and_is_noted_in_the_proof(one, mailbox, noon):
    other = make_mailing_list()
    subscribe_proved(other, address_of(ADA), WORDS, by="signed_in", at=noon)
    later = noon + timedelta(days=3)

    assert leave_list(one, mailbox, by="one_click", at=later)
    assert not leave_list(one, mailbox, by="one_click", at=later + timedelta(days=1))

    left, stays = queries.subscription(one, mailbox), queries.subscription(other, mailbox)
    assert (left.state, left.ended_at, left.ended_by, stays.state) == ("ended", later, "one_click", "active")
    assert [(each.withdrawn_at, each.withdrawn_by) for each in consents()] == [(later, "one_click"), (None, "")]


def test_on_a_list_by_rule_leaving_is_remembered(noon):
    ruled, mailbox = make_mailing_list(rule="members"), mailbox_for(ADA, at=noon)

    assert leave_list(ruled, mailbox, by="one_click", at=noon)
    assert not leave_list(ruled, mailbox, by="one_click", at=noon)
    assert queries.subscription(ruled, mailbox).state == "ended"
    assert forget_left(at=noon + timedelta(days=400)) == 0


def test_second_thoughts_last_a_day_and_are_a_consent_of_their_own(one, mailbox, noon):
    leave_list(one, mailbox, by="page", at=noon)

    assert come_back(one, mailbox, WORDS, at=noon + timedelta(hours=23))

    assert queries.subscription(one, mailbox).state == "active"
    assert [(each.confirmed_by, each.withdrawn_by) for each in consents()] == [("signed_in", "page"), ("undo", "")]
    leave_list(one, mailbox, by="page", at=noon)
    assert not come_back(one, mailbox, WORDS, at=noon + timedelta(hours=24))


@pytest.mark.parametrize("by", ["office", "complaint", "erased", "left"])
def test_what_others_have_ended_nobody_undoes_with_a_click(one, mailbox, noon, by):
    leave_list(one, mailbox, by=by, at=noon)

    assert not may_come_back(queries.subscription(one, mailbox), at=noon)
    assert not come_back(one, mailbox, WORDS, at=noon)


def test_digests_are_for_discussions_only(one, mailbox, noon):
    talk = make_mailing_list(kind=ListKind.DISCUSSION)
    there = subscribe_proved(talk, address_of(ADA), WORDS, by="signed_in", at=noon)
    here = queries.subscription(one, mailbox)
    for each in (here, there):
        choose_delivery(each, Delivery.WEEKLY, declaration=WORDS, by="preferences", at=noon)

    assert (here.delivery, there.delivery) == (Delivery.EACH, Delivery.WEEKLY)


def test_a_mailbox_whose_mail_came_back_can_be_tried_once_a_day(mailbox, noon):
    ask_to_wake(mailbox, at=noon)
    suspend(mailbox, "Voll.", at=noon)
    ask_to_wake(mailbox, at=noon)
    ask_to_wake(mailbox, at=noon + timedelta(hours=23))

    assert [mail.kind for mail in posted()] == ["confirm_mailbox"]


def test_the_office_repairs_what_was_there_with_its_reason_and_nothing_else(one, mailbox, noon):
    stranger = mailbox_for("bo@stadt.example", at=noon)
    words = Declaration(
        text="Ja.", language="de", form_url="", was_ticked=False, source=Source.STAFF, reason="Anruf vom 20.11."
    )
    leave_list(one, mailbox, by="one_click", at=noon)

    repair(one, mailbox, words, at=noon)

    assert queries.subscription(one, mailbox).state == "active"
    assert (consents()[-1].source, consents()[-1].reason) == (Source.STAFF, "Anruf vom 20.11.")
    with pytest.raises(NoProof):
        repair(one, stranger, words, at=noon)


def test_proofs_are_kept_to_the_end_of_the_third_year_after_their_withdrawal(one, mailbox, noon):
    leave_list(one, mailbox, by="page", at=noon)

    assert forget_old_consents(at=datetime(2029, 12, 31, 12, tzinfo=UTC)) == 0
    assert forget_old_consents(at=datetime(2030, 1, 2, 12, tzinfo=UTC)) == 1


def test_who_left_is_forgotten_and_the_proof_outlives_the_mailbox(one, mailbox, noon):
    leave_list(one, mailbox, by="page", at=noon)

    assert forget_left(at=noon + timedelta(days=89)) == 0
    assert forget_left(at=noon + timedelta(days=91)) == 2

    assert database.session.scalars(select(Mailbox)).all() == []
    assert [(each.address, each.mailbox_id) for each in consents()] == [(ADA, None)]


@pytest.mark.parametrize("keep_away", [True, False])
def test_erasing_forgets_the_mailbox_keeps_the_proof_and_if_wished_a_fingerprint(one, mailbox, noon, keep_away):
    erase_mailbox(address_of(ADA), keep_away=keep_away, at=noon)
    erase_mailbox(address_of(ADA), keep_away=keep_away, at=noon)

    assert database.session.scalars(select(Mailbox)).all() == []
    assert database.session.scalars(select(Subscription)).all() == []
    assert [(each.withdrawn_by, each.mailbox_id) for each in consents()] == [("erased", None)]
    assert len(database.session.scalars(select(Suppression)).all()) == keep_away


def test_a_person_can_take_along_everything_that_lists_know(one, mailbox, noon):
    found = portable(address_of("ADA@stadt.example"))

    assert found["mailbox"]["address"] == ADA
    assert [each["list"] for each in found["subscriptions"]] == [one.name]
    [consent] = found["consents"]
    assert (consent["text"], consent["confirmed_by"], consent["requested_at"]) == ("Ja.", "signed_in", noon.isoformat())
    unknown = {"mailbox": None, "subscriptions": [], "consents": [], "posts": []}
    assert portable(address_of("bo@stadt.example")) == unknown
