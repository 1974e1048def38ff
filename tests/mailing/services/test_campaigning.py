"""Campaigns: a row for each receiver, written in portions; pausing, going on, stopping; what came of it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from nextevents.ground.database import change_rows
from nextevents.mailing.errors import CampaignNotThere
from nextevents.mailing.models import (
    Bounce,
    BounceKind,
    Campaign,
    CampaignState,
    Delivery,
    Mailbox,
    Message,
    State,
    Subscription,
    SubscriptionState,
)
from nextevents.mailing.services import (
    begin_scheduled,
    campaigning,
    campaigns_to_expand,
    campaigns_to_tend,
    claim_due,
    expand_portion,
    figures_of,
    forget_old_messages,
    note_sent,
    pause_campaign,
    progress_of,
    release_campaign,
    resume_campaign,
    schedule,
    set_aside_unwanted,
    stop_campaign,
    store_campaign_forms,
    take_back_release,
)
from tests.factories import make_community, make_lead, make_person
from tests.mailing import campaigns
from tests.mailing.campaigns import expand, form_of, readers_of, release, subscribe, tend

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BY = "redaktion@next.example"


@pytest.fixture
def newsletter(db):
    return campaigns.make_newsletter()


@pytest.fixture
def campaign(newsletter):
    return campaigns.make_campaign(newsletter)


@pytest.fixture
def readers(newsletter):
    return campaigns.make_readers(newsletter, 10)


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(campaigning, "EXPANSION", 3)
    monkeypatch.setattr(campaigning, "SMALL_EXPANSION", 3)
    monkeypatch.setattr(campaigning, "FOLLOWING", 3)


def rows(db):
    db.expire_all()
    return db.scalars(select(Message).order_by(Message.id)).all()


def states(db):
    return sorted({message.state for message in rows(db)})


def send(at, count=100):
    """Let so many claimed mails be accepted, as a worker does."""
    begun = set_aside_unwanted(claim_due(limit=count, at=at))
    note_sent([(message.taking, "250 ok") for message in begun], at=at)
    return len(begun)


# Writing rows


@pytest.mark.usefixtures("small_portions")
def test_everybody_on_the_list_has_one_row_with_values_and_a_message_id_of_its_own(
    db, newsletter, campaign, readers, noon
):
    release(campaign)

    assert expand(campaign) == 4

    found = rows(db)
    assert [message.recipient for message in found] == readers
    assert {len(message.message_id) for message in found} == {len(f"<{32 * 'x'}@next.example>")}
    assert len({message.message_id for message in found}) == 10
    first = found[0]
    assert first.values == {"name": "Leserin p00000"}
    assert (first.kind, first.subject, first.priority) == ("campaign", f"campaign:{campaign.id}", 9)
    assert (first.created_at, first.due_at, first.state) == (noon, noon, State.QUEUED)
    assert (first.list_id, first.campaign_id) == (newsletter.id, campaign.id)
    assert db.get(Mailbox, first.mailbox_id).address == first.recipient
    assert db.get(Campaign, campaign.id).expanded_until is None
    assert campaigns_to_expand() == []


@pytest.mark.usefixtures("small_portions", "readers")
def test_expanding_again_from_any_place_writes_nothing_twice(db, newsletter, campaign):
    release(campaign)
    store_campaign_forms(campaign, {"de": form_of(campaign, newsletter)})
    expand_portion(campaign.id, readers_of(newsletter), at=campaign.made_at)
    assert len(rows(db)) == 3

    change_rows(update(Campaign).values(expanded_until=0))
    expand(campaign)
    change_rows(update(Campaign).values(expanded_until=0))
    expand(campaign)

    assert len(rows(db)) == 10


@pytest.mark.usefixtures("readers")
def test_control_without_its_key_the_same_row_is_written_twice(db, campaign):
    release(campaign)
    expand(campaign)
    change_rows(update(Message).values(revision=1))
    change_rows(update(Campaign).values(expanded_until=0))

    expand(campaign)

    assert len(rows(db)) == 20


@pytest.mark.usefixtures("readers", "small_portions")
def test_a_paused_or_stopped_campaign_writes_no_more_rows(db, newsletter, campaign):
    release(campaign)
    store_campaign_forms(campaign, {"de": form_of(campaign, newsletter)})
    expand_portion(campaign.id, readers_of(newsletter), at=campaign.made_at)
    pause_campaign(campaign)
    assert not expand_portion(campaign.id, readers_of(newsletter), at=campaign.made_at)
    resume_campaign(campaign)
    assert expand_portion(campaign.id, readers_of(newsletter), at=campaign.made_at)
    stop_campaign(campaign)
    assert not expand_portion(campaign.id, readers_of(newsletter), at=campaign.made_at)

    assert len(rows(db)) == 6


@pytest.mark.usefixtures("readers")
def test_a_receiver_for_whom_there_is_no_mail_is_no_silent_loss(db, newsletter, campaign):
    release(campaign)
    store_campaign_forms(campaign, {"en": form_of(campaign, newsletter, "en")})

    with pytest.raises(IntegrityError), db.begin_nested():
        expand_portion(campaign.id, readers_of(newsletter), at=campaign.made_at)


# Who decides what when


def test_released_twice_it_begins_once_and_the_second_is_told(campaign, noon):
    release_campaign(campaign, by=BY, at=noon)

    with pytest.raises(CampaignNotThere):
        release_campaign(campaign, by="other@next.example", at=noon + MINUTE)

    assert (campaign.state, campaign.released_by, campaign.started_at) == (CampaignState.SENDING, BY, noon)


def test_a_scheduled_campaign_begins_at_its_moment_and_not_before(db, campaign, noon):
    schedule(campaign, by=BY, due=noon + MINUTE, at=noon)

    assert begin_scheduled(at=noon + MINUTE - timedelta(seconds=1)) == 0
    assert [begin_scheduled(at=noon + MINUTE), begin_scheduled(at=noon + MINUTE)] == [1, 0]

    db.refresh(campaign)
    assert (campaign.state, campaign.started_at) == (CampaignState.SENDING, noon + MINUTE)
    with pytest.raises(CampaignNotThere):
        take_back_release(campaign)


def test_a_scheduled_campaign_can_be_taken_back(campaign, noon):
    schedule(campaign, by=BY, due=noon + MINUTE, at=noon)
    take_back_release(campaign)

    assert begin_scheduled(at=noon + DAY) == 0
    assert (campaign.state, campaign.scheduled_for) == (CampaignState.DRAFT, None)


@pytest.mark.parametrize("act", [pause_campaign, resume_campaign, stop_campaign])
def test_what_has_not_begun_is_neither_paused_nor_stopped(campaign, act):
    with pytest.raises(CampaignNotThere):
        act(campaign)


@pytest.mark.usefixtures("readers", "small_portions")
def test_paused_rows_are_held_and_wait_again_when_it_goes_on(db, campaign, noon):
    release(campaign)
    expand(campaign)
    assert send(noon, 2) == 2
    pause_campaign(campaign)

    assert tend(campaign) == CampaignState.PAUSED
    assert [message.state for message in rows(db)] == 2 * [State.SENT] + 8 * [State.HELD]
    assert claim_due(limit=100, at=noon + DAY) == []

    resume_campaign(campaign)
    assert tend(campaign) == CampaignState.SENDING
    assert send(noon) == 8
    assert tend(campaign, at=noon + MINUTE) == CampaignState.SENT
    assert (campaign.ended_at, figures_of(campaign).accepted) == (noon + MINUTE, 10)
    assert campaigns_to_tend() == []


@pytest.mark.usefixtures("readers")
def test_what_is_claimed_when_somebody_presses_pause_does_not_leave(db, campaign, noon):
    release(campaign)
    expand(campaign)
    first, second, *_ = claim_due(limit=100, at=noon)
    assert set_aside_unwanted([first]) == [first]
    pause_campaign(campaign)

    note_sent([(first.taking, "250 ok")], at=noon)
    assert set_aside_unwanted([second]) == []

    assert [message.state for message in rows(db)][:2] == [State.SENT, State.HELD]


@pytest.mark.usefixtures("readers", "small_portions")
def test_a_stopped_campaign_sends_no_more_and_says_what_it_did(db, campaign, noon):
    release(campaign)
    expand(campaign)
    send(noon, 4)
    pause_campaign(campaign)
    tend(campaign)
    stop_campaign(campaign)

    assert tend(campaign, at=noon + MINUTE) == CampaignState.STOPPED

    figures = figures_of(campaign)
    assert (figures.accepted, figures.skipped, figures.waiting, figures.held) == (4, 6, 0, 0)
    assert campaign.ended_at == noon + MINUTE
    assert claim_due(limit=100, at=noon + DAY) == []
    with pytest.raises(CampaignNotThere):
        resume_campaign(campaign)


@pytest.mark.usefixtures("readers")
def test_a_campaign_is_not_over_while_a_mail_is_just_leaving(db, campaign, noon):
    release(campaign)
    expand(campaign)
    last = claim_due(limit=100, at=noon)[-1]
    change_rows(update(Message).where(Message.id != last.id).values(state=State.SENT))

    assert tend(campaign) == CampaignState.SENDING
    set_aside_unwanted([last])
    note_sent([(last.taking, "250 ok")], at=noon)
    assert tend(campaign) == CampaignState.SENT


# Looked at again before it leaves


def leave(db, address):
    mailbox = db.scalars(select(Mailbox).where(Mailbox.address == address)).one()
    change_rows(update(Subscription).where(Subscription.mailbox_id == mailbox.id).values(state=SubscriptionState.ENDED))


def pause(db, address):
    mailbox = db.scalars(select(Mailbox).where(Mailbox.address == address)).one()
    change_rows(update(Subscription).where(Subscription.mailbox_id == mailbox.id).values(delivery=Delivery.PAUSED))


def suspend(_db, address):
    change_rows(update(Mailbox).where(Mailbox.address == address).values(suspended_at=campaigns.NOON))


def erase(db, address):
    mailbox = db.scalars(select(Mailbox).where(Mailbox.address == address)).one()
    change_rows(sa.delete(Mailbox).where(Mailbox.id == mailbox.id))


@pytest.mark.parametrize("change", [leave, pause, suspend, erase])
@pytest.mark.parametrize("is_claimed", [False, True], ids=["before the claim", "after the claim"])
def test_who_does_not_want_it_any_more_does_not_get_it(db, campaign, readers, noon, change, is_claimed):
    release(campaign)
    expand(campaign)
    if is_claimed:
        message = next(one for one in claim_due(limit=100, at=noon) if one.recipient == readers[3])
    change(db, readers[3])

    if is_claimed:
        assert set_aside_unwanted([message]) == []
    else:
        assert send(noon) == 9

    skipped = [one for one in rows(db) if one.state == State.SKIPPED]
    assert [(one.recipient, one.answer) for one in skipped] == [(readers[3], "not wanted any more")]


@pytest.mark.usefixtures("readers")
def test_a_closed_list_sends_nothing(db, newsletter, campaign, noon):
    release(campaign)
    expand(campaign)
    newsletter.closed_at = noon
    db.flush()

    assert (send(noon), states(db)) == (0, [State.SKIPPED])


def test_on_a_list_by_rule_is_who_has_not_said_no(db, newsletter, campaign, noon):
    newsletter.rule, circle = "leads", make_community("kreis")
    for name in ("ja", "nein"):
        make_lead(make_person(f"{name}@amt.example"), circle)
    yes, no = (campaigns.make_mailbox(f"{name}@amt.example") for name in ("ja", "nein"))
    subscribe(newsletter, no, state=SubscriptionState.ENDED)
    release(campaign)
    everybody = select(Mailbox.id.label("mailbox_id"), Mailbox.address, sa.literal("de").label("variant"), Mailbox.name)
    store_campaign_forms(campaign, {"de": form_of(campaign, newsletter)})
    while expand_portion(campaign.id, everybody, at=noon):
        pass

    assert send(noon) == 1
    assert {one.recipient: one.state for one in rows(db)} == {
        yes.address: State.SENT,
        no.address: State.SKIPPED,
    }


# Figures


@pytest.mark.usefixtures("readers")
def test_figures_count_what_is_honest(db, newsletter, campaign, readers, noon):
    release(campaign)
    expand(campaign)
    send(noon, 6)
    sent = [one for one in rows(db) if one.state == State.SENT]
    for one, kind in zip(sent, (BounceKind.DEAD, BounceKind.SOFT, BounceKind.COMPLAINT), strict=False):
        db.add(
            Bounce(message_id=one.id, mailbox_id=one.mailbox_id, campaign_id=campaign.id, kind=kind, received_at=noon)
        )
    change_rows(
        update(Subscription)
        .where(Subscription.mailbox_id.in_([sent[3].mailbox_id, rows(db)[9].mailbox_id]))
        .values(state=SubscriptionState.ENDED, ended_at=noon + DAY, ended_by="one_click")
    )
    db.flush()

    figures = figures_of(campaign)

    assert (figures.accepted, figures.waiting, figures.written) == (6, 4, 10)
    assert (figures.bounced, figures.complained, figures.unsubscribed, figures.replied) == (2, 1, 1, 0)


@pytest.mark.usefixtures("readers")
def test_who_leaves_after_the_next_issue_did_not_leave_because_of_this_one(db, newsletter, campaign, readers, noon):
    release(campaign)
    expand(campaign)
    send(noon)
    release(campaigns.make_campaign(newsletter, "ausgabe-2"), at=noon + DAY)
    leave(db, readers[0])
    change_rows(
        update(Subscription).where(Subscription.state == SubscriptionState.ENDED).values(ended_at=noon + 2 * DAY)
    )

    assert figures_of(campaign).unsubscribed == 0


@pytest.mark.usefixtures("readers")
def test_progress_says_rate_and_remaining_time(campaign, noon):
    release(campaign)
    expand(campaign)
    assert progress_of(campaign, at=noon).remaining is None
    send(noon, 6)

    progress = progress_of(campaign, at=noon + MINUTE / 2)

    assert (progress.per_minute, progress.is_written, progress.remaining) == (6, True, MINUTE * 4 / 6)
    assert progress_of(campaign, at=noon + 2 * MINUTE).per_minute == 0


@pytest.mark.usefixtures("readers")
def test_figures_outlive_the_messages(db, campaign, noon):
    release(campaign)
    expand(campaign)
    send(noon)
    tend(campaign)

    assert forget_old_messages(at=noon + 89 * DAY) == 0
    assert forget_old_messages(at=noon + 400 * DAY) == 10

    db.expire_all()
    assert (figures_of(campaign).accepted, db.scalar(select(func.count(Message.id)))) == (10, 0)


@pytest.mark.usefixtures("readers")
def test_messages_of_a_campaign_that_is_not_over_are_never_forgotten(db, campaign, noon):
    release(campaign)
    expand(campaign)
    send(noon, 6)

    assert forget_old_messages(at=noon + 400 * DAY) == 0


@pytest.mark.usefixtures("readers")
def test_what_a_person_sends_once_more_later_counts_as_accepted(db, campaign, noon):
    release(campaign)
    expand(campaign)
    send(noon)
    change_rows(update(Message).where(Message.id == rows(db)[0].id).values(state=State.UNCERTAIN))
    tend(campaign)
    assert (figures_of(campaign).uncertain, campaign.state) == (1, CampaignState.SENT)

    change_rows(update(Message).values(state=State.SENT))
    forget_old_messages(at=noon + 400 * DAY)

    db.expire_all()
    assert (figures_of(campaign).uncertain, figures_of(campaign).accepted) == (0, 10)
