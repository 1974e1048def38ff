"""Who answers an issue: counted by the mail that is named, each sender once, and nobody by a machine's answer."""

import pytest
from sqlalchemy import select, update

from nextevents.ground.database import change_rows
from nextevents.ground.database import db as database
from nextevents.mailing import services
from nextevents.mailing.addresses import return_path
from nextevents.mailing.models import InboundMail, Message, State
from nextevents.mailing.services import figures, figures_of, progress_of
from nextevents.mailing.tasks import read_bounces
from tests.factories import NOON
from tests.mailing.campaigns import expand, make_campaign, make_newsletter, make_readers, release
from tests.mailing.discussions import arrives, letter
from tests.mailing.letters import BORDER

LIST = "neues+owner@next.example"


@pytest.fixture
def sent(db, app, at_noon, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BORDER", BORDER)
    newsletter = make_newsletter()
    make_readers(newsletter, 3)
    campaign = make_campaign(newsletter)
    release(campaign)
    expand(campaign)
    return campaign


def mails(campaign) -> list[Message]:
    chosen = select(Message).where(Message.campaign_id == campaign.id)
    return database.session.scalars(chosen.order_by(Message.id)).all()


def answer(message, number=1, **headers):
    named = {"In-Reply-To": message.message_id, **headers}
    return letter(f"Antwort {number}", author=message.recipient, message_id=f"<{number}@x.example>", headers=named)


def replied(campaign) -> int:
    database.session.expire_all()
    return figures_of(campaign).replied


def test_an_answer_counts_once_for_its_sender_and_stays_when_the_answers_are_forgotten(sent):
    first, second, third = mails(sent)
    for number, one in enumerate((first, first, second)):
        arrives(answer(one, number), to=LIST, sender=one.recipient)
    arrives(answer(third, 4, **{"Auto-Submitted": "auto-replied"}), to=LIST, sender=third.recipient)
    arrives(letter("Frage", message_id="<5@x.example>"), to=LIST)

    assert replied(sent) == 2
    database.session.query(InboundMail).delete()
    assert replied(sent) == 2


def test_an_answer_to_another_list_s_address_names_nothing_of_ours(sent):
    make_newsletter("anderes")
    arrives(answer(mails(sent)[0]), to="anderes+owner@next.example")

    assert replied(sent) == 0


def test_an_answer_to_the_signed_address_counts_and_waits_for_a_person(sent):
    [one, *_others] = mails(sent)
    path = return_path(one.id, is_of_list=True)
    services.receive(one.recipient, [path], letter("Danke", author=one.recipient), at=NOON)
    database.session.commit()
    read_bounces()

    assert replied(sent) == 1
    [arrival] = database.session.scalars(select(InboundMail))
    assert (arrival.state, arrival.about) == ("review", f"campaign:{sent.id}")


def test_of_a_large_issue_what_was_just_counted_is_shown_to_everybody_until_something_is_decided(sent, monkeypatch):
    """Control: a small one is counted each time."""
    first, *_ = mails(sent)
    first.state = State.SENT
    database.session.flush()
    assert progress_of(sent, at=NOON).figures.accepted == 1
    monkeypatch.setattr(figures, "SMALL", 2)
    monkeypatch.setattr(figures, "REST", 1_000_000)
    monkeypatch.setattr(figures, "_kept", {})
    counted = progress_of(sent, at=NOON)
    change_rows(update(Message).values(state=State.SENT))

    assert progress_of(sent, at=NOON) is counted
    services.pause_campaign(sent)
    assert progress_of(sent, at=NOON).figures.accepted == 3
    monkeypatch.setattr(figures, "SMALL", 3)
    monkeypatch.setattr(figures, "_kept", {})
    assert progress_of(sent, at=NOON) is not progress_of(sent, at=NOON)
