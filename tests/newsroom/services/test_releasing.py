"""From a draft to the mails of all its readers (rule M-30)."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select

from nextevents.communities.models import Belonging
from nextevents.communities.services import its_list
from nextevents.ground.database import db as database
from nextevents.mailing.models import Campaign, CampaignForm, CampaignState, Mailbox, Message, Subscription
from nextevents.mailing.models import SubscriptionState as On
from nextevents.mailing.services import post
from nextevents.newsroom import audience, messages_to_keepers, queries, services, tasks
from nextevents.newsroom.blocks import Events, OwnEvents, Text, blocks_of
from nextevents.newsroom.errors import ChangedMeanwhile, CountChanged, NeedsAnotherPerson, NotADraft, NotReady
from nextevents.people.models import Membership, MembershipKind
from tests.factories import NOON, make_belonging, make_community, make_event, make_lead, make_person
from tests.mailing.campaigns import make_newsletter, make_readers
from tests.mailing.reading import posted
from tests.mailing.snapshots import LANGUAGES, MailFiles, as_file, named_as_mails
from tests.newsroom.drafts import make_draft, make_reader, make_writer, settings


@pytest.fixture
def writer(db, at_noon):
    return make_writer()


@pytest.fixture
def newsletter(db):
    return make_newsletter()


@pytest.fixture
def draft(newsletter, writer):
    make_reader(newsletter, "ada@stadt.example")
    return make_draft(mailing_list=newsletter, by=writer)


def work(task):
    """Let the worker come."""
    database.session.commit()
    task()


def release(draft, *, by, count=1, **values):
    services.release(draft, by=by, count=count, version=draft.version, at=NOON, **values)


def test_a_test_mail_comes_to_its_maker_with_the_whole_mail_and_counts_for_what_is_written_now(draft, writer):
    services.send_test(draft, to=writer, at=NOON)
    services.send_test(draft, to=writer, at=NOON)  # pressed twice

    mails = posted("campaign_test")
    assert [(mail.row.recipient, mail.subject) for mail in mails] == [(writer.address, "[Test] Neues im Dezember")]
    assert "Guten Tag Kim Büro," in mails[0].text
    assert "/verteiler/abmelden/" in mails[0].text
    assert queries.is_tested(draft)

    services.describe(draft, settings("Neuer Betreff"), version=draft.version, by=writer, at=NOON)
    assert not queries.is_tested(draft)


def test_without_a_test_mail_of_this_version_nothing_leaves(draft, writer):
    with pytest.raises(NotReady, match="Testmail"):
        release(draft, by=writer)
    assert draft.state == CampaignState.DRAFT

    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer)
    assert (draft.state, draft.released_by) == (CampaignState.SENDING, writer.address_key)


def test_what_must_be_put_right_holds_it_back(newsletter, writer):
    make_reader(newsletter, "ada@stadt.example")
    draft = make_draft(Text(text=""), mailing_list=newsletter, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    with pytest.raises(NotReady, match="steht nichts"):
        release(draft, by=writer)


def test_to_nobody_nothing_is_sent(newsletter, writer):
    draft = make_draft(mailing_list=newsletter, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    with pytest.raises(NotReady, match="niemanden"):
        release(draft, by=writer, count=0)


def test_another_number_than_was_confirmed_is_asked_again(draft, newsletter, writer):
    services.send_test(draft, to=writer, at=NOON)
    make_reader(newsletter, "bo@stadt.example")
    with pytest.raises(CountChanged):
        release(draft, by=writer, count=1)
    release(draft, by=writer, count=2)
    assert draft.state == CampaignState.SENDING


def test_the_click_looks_at_no_more_rows_for_many_readers_and_the_worker_counts(db, newsletter, writer, monkeypatch):
    monkeypatch.setattr(audience, "FEW", 0)
    draft = make_draft(mailing_list=newsletter, by=writer)
    make_readers(newsletter, 600)
    services.send_test(draft, to=writer, at=NOON)
    seen = draft.version
    counted_all = Mock(side_effect=AssertionError("looks at all who get it"))
    for name in ("count", "counts_by_variant", "some", "select"):
        monkeypatch.setattr(audience.Recipients, name, counted_all)

    services.release(draft, by=writer, count=600, version=seen, at=NOON)

    assert draft.state == CampaignState.SENDING
    monkeypatch.undo()
    work(tasks.expand_campaigns)
    assert len(written(db)) == 600


@pytest.mark.parametrize(("more", "is_sent"), [(10, True), (12, False)])
def test_what_would_reach_far_more_than_was_confirmed_is_a_draft_again(db, draft, newsletter, writer, more, is_sent):
    """It was scheduled; until its time comes, somebody takes over a roster. The one reader of before stays."""
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer)
    make_readers(newsletter, more)
    work(tasks.expand_campaigns)

    database.session.refresh(draft)
    assert draft.state == (CampaignState.SENDING if is_sent else CampaignState.DRAFT)
    assert len(written(db)) == (more + 1 if is_sent else 0)
    mails = posted("release_refused")
    assert [(mail.row.recipient, mail.subject) for mail in mails] == (
        [] if is_sent else [(writer.address, "Nicht gesendet: Neues im Dezember")]
    )
    if not is_sent:
        assert "Zahl der Empfangenden" in mails[0].text
        release(draft, by=writer, count=more + 1)
        work(tasks.expand_campaigns)
        assert len(written(db)) == more + 1


def test_two_who_release_at_once_send_it_once(draft, writer):
    services.send_test(draft, to=writer, at=NOON)
    seen = draft.version
    release(draft, by=writer)
    with pytest.raises(ChangedMeanwhile):
        services.release(draft, by=writer, count=1, version=seen, at=NOON)
    with pytest.raises(NotADraft):
        release(draft, by=writer)


def test_where_two_pairs_of_eyes_are_wanted_the_last_writer_does_not_release(db, newsletter, draft, writer):
    newsletter.needs_second_pair = True
    other = make_writer("zweite@next.example")
    services.send_test(draft, to=writer, at=NOON)
    with pytest.raises(NeedsAnotherPerson):
        release(draft, by=writer)

    services.submit(draft, by=writer, version=draft.version, at=NOON)
    assert draft.state == CampaignState.REVIEW
    with pytest.raises(NeedsAnotherPerson):
        release(draft, by=writer)
    release(draft, by=other)
    assert (draft.state, draft.released_by) == (CampaignState.SENDING, other.address_key)


def told(db):
    """Who was asked to release."""
    chosen = select(Message.recipient).where(Message.kind == "release_wanted")
    return db.scalars(chosen.order_by(Message.id)).all()


def test_whoever_may_release_is_told_once_for_each_handing_over(db, newsletter, draft, writer):
    newsletter.needs_second_pair = True
    make_writer("zweite@next.example")
    make_person("fremd@next.example", name="Kim Fremd")
    services.send_test(draft, to=writer, at=NOON)

    services.submit(draft, by=writer, version=draft.version, at=NOON)
    with pytest.raises(NotADraft):
        services.submit(draft, by=writer, version=draft.version, at=NOON)
    assert told(db) == ["zweite@next.example"]

    services.call_back(draft, version=draft.version)
    services.submit(draft, by=writer, version=draft.version, at=NOON)
    assert told(db) == ["zweite@next.example"] * 2


def test_where_a_circle_has_one_lead_who_wrote_the_office_is_asked_to_release(db, writer):
    circle, lead = make_community("kreis"), make_person("kim@stadt.example", name="Kim Probe")
    make_lead(lead, circle)
    newsletter = its_list.list_of(circle, at=NOON)
    newsletter.needs_second_pair = True
    make_reader(newsletter, "leserin@next.example")
    draft = make_draft(mailing_list=newsletter, by=lead)
    services.send_test(draft, to=lead, at=NOON)

    services.submit(draft, by=lead, version=draft.version, at=NOON)

    assert told(db) == [writer.address]


@named_as_mails
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_that_asks_for_release_reads_so(draft, writer, language, snapshot):
    other = make_person("zweite@next.example", name="Alex Zweite", office=True)
    other.language = language
    post(messages_to_keepers.release_wanted(draft, other, writer, 1200, at=NOON), at=NOON)

    (mail,) = posted("release_wanted")
    path = f"/redaktion/{draft.id}/"
    assert as_file(mail, path=path) == snapshot(name=f"release_wanted.{language}", extension_class=MailFiles)


def test_whoever_waits_for_release_can_be_called_back_and_written_on(draft, writer):
    services.send_test(draft, to=writer, at=NOON)
    services.submit(draft, by=writer, version=draft.version, at=NOON)
    services.call_back(draft, version=draft.version)

    services.describe(draft, settings("Doch anders"), version=draft.version, by=writer, at=NOON)
    assert (draft.state, draft.subject) == (CampaignState.DRAFT, "Doch anders")


def test_a_scheduled_one_begins_at_its_time_and_not_before(db, draft, writer, at_noon):
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer, when=NOON + timedelta(hours=2))
    assert draft.state == CampaignState.SCHEDULED

    work(tasks.begin_campaigns)
    assert written(db) == []
    at_noon.move_to(NOON + timedelta(hours=2, seconds=5), tick=False)
    work(tasks.begin_campaigns)
    assert written(db) == ["ada@stadt.example"]


def test_a_scheduled_one_called_back_does_not_begin(db, draft, writer, at_noon):
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer, when=NOON + timedelta(hours=2))
    services.call_back(draft, version=draft.version)
    at_noon.move_to(NOON + timedelta(hours=3), tick=False)
    work(tasks.begin_campaigns)

    assert (draft.state, written(db)) == (CampaignState.DRAFT, [])


def written(db):
    """Who has a message of a campaign."""
    return db.scalars(select(Message.recipient).where(Message.kind == "campaign").order_by(Message.recipient)).all()


def test_each_reader_gets_the_mail_in_their_language_with_their_name_and_their_own_events(db, newsletter, writer):
    bots, data = make_community("bots", name="Bots"), make_community("daten", name="Daten")
    make_event(title="Bots im Amt", communities=(bots,))
    make_event(title="Daten im Amt", communities=(data,))
    ada, bo, cy = (make_person(f"{name}@stadt.example", name=name.title()) for name in ("ada", "bo", "cy"))
    make_belonging(ada, bots)
    make_belonging(bo, bots)
    make_belonging(bo, data)
    for person in (ada, bo, cy):
        make_reader(newsletter, person)
    make_reader(newsletter, "dot@stadt.example", name="", language="en")
    draft = make_draft(Text(text="Guten Tag {name},"), OwnEvents(), mailing_list=newsletter, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer, count=4)

    work(tasks.expand_campaigns)
    work(tasks.expand_campaigns)  # the bell and the chore at once

    mails = {mail.row.recipient: mail for mail in posted("campaign")}
    assert sorted(mails) == ["ada@stadt.example", "bo@stadt.example", "cy@stadt.example", "dot@stadt.example"]
    titles = {one: [title for title in ("Bots im Amt", "Daten im Amt") if title in mails[one].text] for one in mails}
    assert titles == {
        "ada@stadt.example": ["Bots im Amt"],
        "bo@stadt.example": ["Bots im Amt", "Daten im Amt"],
        "cy@stadt.example": [],
        "dot@stadt.example": [],
    }
    assert "Guten Tag Ada," in mails["ada@stadt.example"].text
    assert "Guten Tag," in mails["dot@stadt.example"].text
    assert mails["dot@stadt.example"].page.html["lang"] == "en"


def test_whoever_joins_a_circle_while_it_is_being_written_gets_the_mail_too(db, newsletter, writer):
    """Their variant is not set in type; nobody may be left out for that."""
    bots = make_community("bots", name="Bots")
    make_event(title="Bots im Amt", communities=(bots,))
    ada = make_person("ada@stadt.example", name="Ada")
    make_reader(newsletter, ada)
    draft = make_draft(Text(text="Hallo"), OwnEvents(), mailing_list=newsletter, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer)
    services.set_in_type(draft, at=NOON)
    db.add(Belonging(community_id=bots.id, person_id=ada.id, since=NOON))
    db.flush()

    work(tasks.expand_campaigns)

    assert written(db) == ["ada@stadt.example"]


def test_the_web_version_says_for_ever_what_was_sent(db, newsletter, writer):
    event = make_event(title="Wie es war")
    make_reader(newsletter, "ada@stadt.example")
    draft = make_draft(Text(text="Hallo"), Events(), mailing_list=newsletter, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer)
    work(tasks.expand_campaigns)
    event.title = "Wie es jetzt ist"
    db.flush()

    shown = blocks_of(db.get(Campaign, draft.id, populate_existing=True))[1].shown
    assert {language: [one["title"] for one in rows] for language, rows in shown.items()} == {
        "de": ["Wie es war"],
        "en": ["Wie es war"],
    }
    assert "wie es war" in draft.search_text


def test_people_named_by_a_rule_get_a_mailbox_to_leave_by_and_who_left_gets_nothing(db, writer):
    members = make_newsletter("mitglieder", rule="members")
    for name in ("ada", "bo"):
        person = make_person(f"{name}@stadt.example", name=name.title())
        db.add(Membership(kind=MembershipKind.PERSONAL, person_id=person.id, began_on=NOON.date()))
    make_person("fremd@stadt.example")
    db.flush()
    draft = make_draft(mailing_list=members, by=writer)
    audience.bring_mailboxes(draft.mailing_list, at=NOON)
    assert db.scalars(select(Mailbox.address).order_by(Mailbox.address)).all() == [
        "ada@stadt.example",
        "bo@stadt.example",
    ]
    bo = db.scalars(select(Mailbox).where(Mailbox.address == "bo@stadt.example")).one()
    db.add(Subscription(list_id=members.id, mailbox_id=bo.id, state=On.ENDED, made_at=NOON))
    db.flush()

    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer)
    work(tasks.expand_campaigns)

    assert written(db) == ["ada@stadt.example"]


def test_no_more_forms_are_set_in_type_than_there_are_different_mails(db, draft, writer):
    services.send_test(draft, to=writer, at=NOON)
    release(draft, by=writer)
    work(tasks.expand_campaigns)

    assert db.scalar(select(func.count()).select_from(CampaignForm)) == 2
