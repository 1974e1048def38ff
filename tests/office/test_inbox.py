"""Mails that a person has to look at: shown as text, settled once."""

import pytest
from sqlalchemy import select

from nextevents.events import queries
from nextevents.events.services import read_reply
from nextevents.mailing import services as mailing
from nextevents.mailing.models import InboundMail, InboundState
from tests.factories import NOON, make_event, make_person, make_registration
from tests.house.listening import statements
from tests.house.visitors import page_of, text_of
from tests.mailing.letters import OURS, calendar, mail, nested, part

pytestmark = pytest.mark.usefixtures("at_noon")

INBOX, ADA = "/buero/posteingang/", "ada@stadt.example"


@pytest.fixture
def desk(signed_in):
    """A browser of the office."""
    return signed_in(make_person("buero@next.example", name="Jona", office=True))


def arrive(content: bytes) -> InboundMail:
    """A mail that is received and read."""
    mailing.receive(ADA, [OURS], content, at=NOON)
    row = mailing.mail_to_read(mailing.begin_reading(OURS, after=0, at=NOON))
    read_reply(row, at=NOON)
    return row


def answer(event, word="ACCEPTED", **changes) -> bytes:
    return mail(part(calendar(event.uid, ADA, word, at=NOON, **changes)), border="")


def settle(desk, row, what):
    return desk.send(f"{INBOX}{row.id}/", {"tun": what})


def test_when_nothing_waits_it_says_so(desk):
    assert "Nichts wartet auf Sie." in text_of(desk.get(INBOX))


def test_what_waits_is_said_at_a_glance_and_one_by_one(desk, db):
    make_person(ADA, name="Ada Beispiel")
    arrive(answer(make_event(title="Runde")))
    arrive(mail(text="Ich kann leider nicht.", border="", headers={"Subject": "Leider"}))

    said = text_of(desk.get(INBOX))

    assert "2 Mails warten auf Ihren Blick." in text_of(desk.get("/buero/"))
    for words in ("Ada Beispiel", "sagt zu", "Runde", "nicht bewiesen", "Leider", "Ich kann leider nicht.", "Brief"):
        assert words in said
    assert said.count("Gilt") == 1


def test_letting_it_count_registers_the_person(desk, db):
    ada, event = make_person(ADA, name="Ada"), make_event()
    row = arrive(answer(event))

    settle(desk, row, "gilt")

    db.refresh(row)
    assert row.state == InboundState.DONE
    assert [one.state.value for one in queries.registrations_of(ada, event)] == ["confirmed"]
    assert "Die Antwort gilt jetzt." in text_of(desk.get(INBOX))


def test_a_counter_proposal_is_kept_for_the_organisers(desk, db):
    ada, event = make_person(ADA), make_event()
    row = arrive(answer(event, method="COUNTER", more=("DTSTART:20261203T130000Z",)))
    assert "03.12.2026, 14:00" in text_of(desk.get(INBOX))

    settle(desk, row, "gilt")

    assert [(one.person, one.proposed_starts.day) for one in queries.proposals_to([event])] == [(ada, 3)]


@pytest.mark.parametrize(("what", "state"), [("erledigt", InboundState.DONE), ("verwerfen", InboundState.DROPPED)])
def test_a_mail_is_put_aside(desk, db, what, state):
    row = arrive(mail(border=""))

    assert settle(desk, row, what).status_code == 303

    db.refresh(row)
    assert (row.state, row.settled_at) == (state, NOON)
    assert row.id not in [one.id for one in db.scalars(select(InboundMail).where(InboundMail.state == "review"))]


def test_a_refusal_is_said_and_the_mail_stays(desk, db):
    make_person(ADA)
    row = arrive(answer(make_event(takes_registrations=False)))

    settle(desk, row, "gilt")

    assert "Die Anmeldung zu diesem Termin ist geschlossen." in text_of(desk.get(INBOX))
    db.refresh(row)
    assert row.state == InboundState.REVIEW


@pytest.mark.parametrize("what", ["", "alles", "GILT"])
def test_nothing_else_can_be_done_with_a_mail(desk, db, what):
    row = arrive(mail(border=""))

    assert settle(desk, row, what).status_code == 422

    db.refresh(row)
    assert row.state == InboundState.REVIEW


def test_somebody_else_was_faster(desk, db):
    row = arrive(mail(border=""))
    settle(desk, row, "erledigt")

    settle(desk, row, "verwerfen")

    assert "Um diese Mail hat sich schon jemand gekümmert." in text_of(desk.get(INBOX))
    db.refresh(row)
    assert row.state == InboundState.DONE


def test_what_people_write_is_text_and_nothing_else(desk, db):
    evil = '<script>alert(1)</script><img src="https://evil.example/x">'
    ada, event = make_person(ADA), make_event()
    make_registration(event, ada)
    arrive(answer(event, more=(f"COMMENT:{evil}",)))
    arrive(mail(text=evil, border="", headers={"Subject": evil, "From": f"{evil} <x@y.example>"}))

    page = page_of(desk.get(INBOX))

    assert page.select("main script, main img") == []
    assert page.text.count("alert(1)") >= 3


def test_whatever_is_sent_the_page_can_be_shown(desk, db):
    contents = [
        nested(1200).replace(ADA.encode(), b"eva@amt.example"),
        b"",
        b"\0\xff" * 2000,
        mail(text="x" * 2_500_000, border=""),
        b"Subject: " + b"=?utf-8?b?4oCu?=" * 500,
    ]
    for content in contents:
        arrive(content)

    answer_page = desk.get(INBOX)
    assert "eva@amt.example" in text_of(answer_page)

    assert len(page_of(answer_page).select("section.box")) == len(contents)
    assert len(answer_page.data) < 100_000


def test_many_mails_ask_the_database_as_often_as_one_and_are_paged(desk, db):
    make_person(ADA)
    arrive(answer(make_event()))
    desk.get(INBOX)
    with statements() as few:
        desk.get(INBOX)
    for number in range(24):
        arrive(answer(make_event(), more=(f"X-NUMBER:{number}",)))
    with statements() as many:
        page = page_of(desk.get(INBOX))

    assert len(few) == len(many)
    assert len(page.select("section.box")) == 20
    assert len(page_of(desk.get(f"{INBOX}?seite=2")).select("section.box")) == 5
