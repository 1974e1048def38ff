"""Keepers decide: by the link in their mail, and on their page; a visit changes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.ground.tokens import pair, token_for
from nextevents.mailing import services as mailing
from nextevents.mailing.models import MailingList, Message, Moderation, Post, PostState
from nextevents.newsroom import services
from nextevents.newsroom.messages_to_keepers import PURPOSE
from tests.factories import NOON, make_community, make_lead, make_person
from tests.mailing.campaigns import make_mailbox, subscribe
from tests.mailing.discussions import ADA, arrives, letter, make_discussion
from tests.mailing.letters import BORDER

READ = {"is_read": "y"}


@pytest.fixture(autouse=True)
def _noon(db, app, time_machine, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BORDER", BORDER)
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def kim(db):
    circle = make_community("kreis")
    person = make_person("kim@stadt.example", name="Kim Probe")
    make_lead(person, circle)
    one = make_discussion(subject=f"community:{circle.id}", moderation=Moderation.EVERYBODY)
    subscribe(one, make_mailbox(ADA))
    return person


def held(db) -> Post:
    db.expire_all()
    return db.scalars(select(Post).order_by(Post.id.desc()).limit(1)).one()


def told(db):
    return db.scalars(select(Message).where(Message.kind == "post_held").order_by(Message.id)).all()


def path(db, person) -> str:
    return f"/redaktion/beitraege/{token_for(PURPOSE, pair(held(db).id, person.id))}/"


def test_keepers_are_told_once_with_a_link_of_their_own(db, kim):
    arrives(letter())
    services.tell_keepers(at=NOON)

    [mail] = told(db)
    assert (mail.recipient, mail.has_secrets) == ("kim@stadt.example", True)
    assert mail.values["decide"].endswith(path(db, kim))


def test_a_keeper_gets_ten_mails_an_hour_at_most_and_the_rest_later(db, kim):
    for number in range(13):
        arrives(letter(message_id=f"<{number}@stadt.example>"))
    assert len(told(db)) == 10

    services.tell_keepers(at=NOON + timedelta(minutes=61))

    assert len(told(db)) == 13


def test_a_list_that_is_flooded_keeps_no_other_from_being_told(db, kim):
    """Far more wait on the first list than its keeper is told of in an hour; the second has one, which came last."""
    for number in range(60):
        db.add(waiting_post(held_list(db), number))
    other, circle = make_person("lea@stadt.example"), make_community("anderer")
    make_lead(other, circle)
    second = make_discussion("andere", subject=f"community:{circle.id}")
    db.add(waiting_post(second, 1))
    db.flush()
    for _turn in range(3):
        services.tell_keepers(at=NOON)

    recipients = [mail.recipient for mail in told(db)]
    assert recipients.count("kim@stadt.example") == 10
    assert recipients.count("lea@stadt.example") == 1


def test_a_keeper_of_two_lists_hears_of_both(db, kim):
    first = held_list(db)
    second = make_discussion("andere", subject=first.subject)
    for number in range(30):
        db.add(waiting_post(first, number))
    db.flush()
    db.add(waiting_post(second, 1))
    db.flush()

    services.tell_keepers(at=NOON)

    assert len(told(db)) == 10
    assert db.scalar(select(Post.told_at).where(Post.list_id == second.id)) == NOON


def held_list(db) -> MailingList:
    return db.scalars(select(MailingList).where(MailingList.slug == "austausch")).one()


def waiting_post(one: MailingList, number: int) -> Post:
    return Post(
        list_id=one.id, author_name="Ada", author_address=ADA, subject="Frage", message_id=f"<{number}@x.example>",
        received_at=NOON, state=PostState.HELD, text="Hallo", reason="Neu",
    )  # fmt: skip


def test_looking_changes_nothing_and_a_button_decides(db, kim, client):
    arrives(letter())

    assert client.get(path(db, kim)).status_code == 200
    client.head(path(db, kim))
    assert held(db).state == PostState.HELD

    assert client.send(path(db, kim), {"decision": "accept"} | READ).status_code == 303
    assert (held(db).state, held(db).decided_by) == (PostState.ACCEPTED, "kim@stadt.example")


@pytest.mark.parametrize("decision", ["accept", "discard"])
def test_a_machine_that_presses_a_button_of_the_mailed_page_decides_nothing(db, kim, client, decision):
    arrives(letter())

    assert client.send(path(db, kim), {"decision": decision}).status_code == 422

    assert held(db).state == PostState.HELD


def test_to_send_a_post_back_takes_a_reason_and_the_author_reads_it(db, kim, client):
    arrives(letter())

    assert client.send(path(db, kim), {"decision": "reject"} | READ).status_code == 422
    client.send(path(db, kim), {"decision": "reject", "reason": "Bitte an alle in der Redaktion."} | READ)

    assert (held(db).state, held(db).reason) == (PostState.REJECTED, "Bitte an alle in der Redaktion.")
    [mail] = db.scalars(select(Message).where(Message.kind == "post_rejected")).all()
    assert mail.recipient == ADA


def test_a_second_keeper_is_told_that_it_is_decided(db, kim, client):
    arrives(letter())
    mailing.discard_post(held(db), by="x@y.example", at=NOON)
    db.commit()

    page = client.send(path(db, kim), {"decision": "accept"} | READ, follow_redirects=True)

    assert "schon entschieden" in page.text
    assert held(db).state == PostState.DISCARDED


def test_who_does_not_keep_the_list_does_not_decide(db, kim, client):
    arrives(letter())
    stranger = make_person("eve@stadt.example")
    db.commit()

    assert client.send(path(db, stranger), {"decision": "accept"} | READ).status_code == 404
    assert client.get("/redaktion/beitraege/" + "A" * 32 + "/").status_code == 404
    assert held(db).state == PostState.HELD


def test_keepers_decide_on_their_page_too_and_only_theirs(db, kim, signed_in):
    arrives(letter(subject="<script>alert(1)</script>"))
    other, circle = make_person("lea@stadt.example"), make_community("anderer")
    make_lead(other, circle)
    make_discussion("andere", subject=f"community:{circle.id}")
    db.commit()
    number = held(db).id
    keeper, neighbour = signed_in(kim), signed_in(other)

    assert "&lt;script&gt;" in keeper.get("/redaktion/beitraege/").text
    assert "Nichts wartet" in neighbour.get("/redaktion/beitraege/").text
    assert neighbour.send(f"/redaktion/beitraege/{number}/", {"decision": "accept"}).status_code == 404
    assert keeper.send(f"/redaktion/beitraege/{number}/", {"decision": "accept"}).status_code == 303
    assert held(db).state == PostState.ACCEPTED
