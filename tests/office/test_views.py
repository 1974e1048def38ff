"""The office's pages: what waits, all events, domains, outbox."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.models import Stage
from nextevents.mailing import models as mailing
from nextevents.mailing.forms import FormDraft
from nextevents.mailing.services import Mail, pause_sending, post
from nextevents.people.models import Domain, Organisation
from tests.events.changing import changed_to
from tests.factories import NOON, make_event, make_organisation, make_person
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

OFFICE, EVENTS, DOMAINS, OUTBOX = "/buero/", "/buero/veranstaltungen/", "/buero/domains/", "/buero/postausgang/"


@pytest.fixture
def desk(signed_in):
    """A browser of the office."""
    person = make_person("buero@next.example", name="Jona", office=True)
    person.organisation = make_organisation("NExT e. V.")
    return signed_in(person)


# Who may


@pytest.mark.parametrize("path", [OFFICE, EVENTS, DOMAINS, OUTBOX])
def test_for_everybody_else_there_is_nothing_here(client, signed_in, desk, path):
    assert client.get(path).location == f"/konto/anmelden/?next={path}"
    assert signed_in(make_person()).get(path).status_code == 404
    assert desk.get(path).status_code == 200


def test_a_role_that_is_taken_away_ends_at_once(signed_in, db):
    person = make_person(office=True)
    browser = signed_in(person)
    assert browser.get(OFFICE).status_code == 200

    person.is_office = False
    db.flush()

    assert browser.get(OFFICE).status_code == 404


# At a glance


def test_when_nothing_waits_the_desk_says_so(desk):
    assert "Alles erledigt. Nichts wartet auf Sie." in text_of(desk.get(OFFICE))


def test_what_waits_is_said(desk, db, noon):
    make_person("a@neu.example")
    form = FormDraft(language="de", subject="x", text="x", html="x")
    for state in ("failed", "uncertain", "queued"):
        post(Mail(kind="x", subject=state, recipient="a@amt.example", form=form), at=noon - timedelta(minutes=6))
        db.query(mailing.Message).filter_by(subject=state).update({"state": state})
    make_event(title="Nächster Termin")

    said = text_of(desk.get(OFFICE))

    for words in (
        "Mails bleiben liegen.",
        "2 Mails sind nicht sicher angekommen.",
        "1 Mail-Domain wartet auf Zuordnung.",
        "Nächster Termin",
    ):
        assert words in said


def test_a_server_that_is_left_alone_is_said(desk, db, noon):
    pause_sending("421 busy", at=noon)
    db.flush()

    assert "Gerade gehen keine Mails hinaus." in text_of(desk.get(OFFICE))
    assert "421 busy" in text_of(desk.get(OUTBOX))


# Events


def test_all_events_are_listed_drafts_too_and_found_by_word_and_year(desk):
    changed_to(make_event(), title="Übergang", at=NOON)
    make_event(title="Entwurf", stage=Stage.DRAFT)
    make_event(title="Vergangen", starts=datetime(2022, 5, 1))

    def titles(query=""):
        return [link.get_text() for link in page_of(desk.get(EVENTS + query)).find_all(class_="agenda-title")]

    assert titles() == ["Übergang", "Entwurf"]
    assert titles("?q=ÜBERGANG") == ["Übergang"]
    assert titles("?jahr=2022") == ["Vergangen"]


OLD = {
    "ki/": "/veranstaltungen/ki/verwalten/angaben/",
    "ki/teilnehmende/": "/veranstaltungen/ki/verwalten/teilnehmende/",
    "ki/teilnehmende/?stand=waiting&q=%C3%84nne&slug=x&_scheme=javascript": (
        "/veranstaltungen/ki/verwalten/teilnehmende/?stand=waiting&q=%C3%84nne"
    ),
}


@pytest.mark.parametrize(("old", "new"), OLD.items(), ids=OLD)
def test_old_addresses_of_events_lead_to_the_desk(desk, client, old, new):
    make_event(slug="ki")

    answer = desk.get(EVENTS + old)

    assert (answer.status_code, answer.location) == (301, new)
    assert desk.get(new).status_code == 200
    assert desk.send(EVENTS + old).status_code == 405
    assert client.get(EVENTS + old).location.startswith("/konto/anmelden/")


# Domains


def domain_form(name, **typed):
    return {f"{name.replace('.', '-')}-{field}": value for field, value in typed.items()}


def test_a_domain_is_assigned_to_a_known_body_for_all_its_people(desk, db):
    body = make_organisation("Stadt Musterhafen")
    people = [make_person(f"{name}@neu.example") for name in ("a", "b")]
    assert "neu.example" in text_of(desk.get(DOMAINS))

    answer = desk.send(
        f"{DOMAINS}neu.example/zuordnen",
        domain_form("neu.example", domain="neu.example", organisation=body.id, level="other"),
    )

    assert answer.location == DOMAINS
    assert "neu.example gehört jetzt zu Stadt Musterhafen (2 Personen)." in text_of(desk.get(DOMAINS))
    for person in people:
        db.refresh(person)
    assert [person.organisation_id for person in people] == 2 * [body.id]


def test_a_domain_is_assigned_to_a_new_body(desk, db):
    make_person("a@neu.example")

    desk.send(
        f"{DOMAINS}neu.example/zuordnen",
        domain_form("neu.example", domain="neu.example", organisation=0, new_name="Neues Amt", level="federal"),
    )

    body = db.scalars(select(Organisation).where(Organisation.name == "Neues Amt")).one()
    assert (body.name, body.level, [one.name for one in body.domains]) == ("Neues Amt", "federal", ["neu.example"])


def test_a_new_name_that_is_known_already_is_that_body(desk, db):
    body = make_organisation("Neues Amt")
    make_person("a@neu.example")

    desk.send(
        f"{DOMAINS}neu.example/zuordnen",
        domain_form("neu.example", domain="neu.example", organisation=0, new_name="Neues Amt", level="federal"),
    )

    assert db.get(Domain, "neu.example").organisation_id == body.id


def test_a_domain_without_a_body_is_refused_in_its_own_form(desk, db):
    make_person("a@neu.example")
    make_person("b@andere.example")

    answer = desk.send(
        f"{DOMAINS}neu.example/zuordnen",
        domain_form("neu.example", domain="neu.example", organisation=0, new_name="", level="other"),
    )

    assert answer.status_code == 422
    assert (
        "Bitte wählen Sie eine Organisation, oder nennen Sie eine neue."
        in page_of(answer).find(id="neu-example-new_name-error").get_text()
    )
    assert db.get(Domain, "neu.example") is None


def test_a_domain_can_be_set_aside_and_is_decided_once(desk, db):
    make_person("a@post.example")

    desk.send(f"{DOMAINS}post.example/beiseite")

    assert "post.example gehört zu keiner Organisation." in text_of(desk.get(DOMAINS))
    assert "Alle Domains sind zugeordnet." in text_of(desk.get(DOMAINS))
    assert db.get(Domain, "post.example").organisation_id is None


def test_a_domain_that_somebody_else_has_decided_meanwhile_stays_decided(desk, db):
    first = make_organisation("Erste", domains=("neu.example",))

    desk.send(
        f"{DOMAINS}neu.example/zuordnen",
        domain_form("neu.example", domain="neu.example", organisation=0, new_name="Zweite", level="other"),
    )

    assert "Diese Domain ist schon zugeordnet." in text_of(desk.get(DOMAINS))
    assert (db.get(Domain, "neu.example").organisation_id, db.query(Organisation).count()) == (first.id, 2)


# Outbox


@pytest.fixture
def failed(db, noon):
    """A mail that was refused, and one that went."""
    form = FormDraft(language="de", subject="x", text="x", html="x")
    for kind, state, answer in (("registered", "failed", "550 5.1.1 unknown"), ("waiting", "sent", "250 ok")):
        post(Mail(kind=kind, subject="x", recipient="ada@amt.example", form=form), at=noon)
        db.query(mailing.Message).filter_by(kind=kind).update({"state": state, "answer": answer})
    return db.scalars(select(mailing.Message).where(mailing.Message.kind == "registered")).one()


def test_every_mail_is_there_with_its_state_and_the_servers_words(desk, failed):
    rows = [row.get_text(" ", strip=True) for row in page_of(desk.get(OUTBOX)).tbody.find_all("tr")]

    assert [
        ("Warteliste" in rows[0], "gesendet" in rows[0]),
        ("gescheitert" in rows[1], "550 5.1.1 unknown" in rows[1]),
    ] == [
        (True, True),
        (True, True),
    ]
    chosen = page_of(desk.get(f"{OUTBOX}?stand=failed")).tbody.find_all("tr")
    assert [len(chosen), failed.recipient in chosen[0].get_text()] == [1, True]
    assert len(page_of(desk.get(f"{OUTBOX}?stand=unknown")).tbody.find_all("tr")) == 2


def test_a_failed_mail_goes_once_more_and_a_sent_one_does_not(desk, db, failed):
    page = page_of(desk.get(OUTBOX))
    (form,) = [one for one in page.main.find_all("form") if one["action"].endswith("/erneut")]

    answer = desk.send(form["action"], {"stand": "failed"})
    assert answer.location == f"{OUTBOX}?stand=failed"
    assert "Die Mail geht noch einmal hinaus." in text_of(desk.get(OUTBOX))
    db.refresh(failed)
    assert failed.state == mailing.State.QUEUED

    sent = db.scalar(select(mailing.Message.id).where(mailing.Message.kind == "waiting"))
    desk.send(f"{OUTBOX}{sent}/erneut")
    assert "Diese Mail kann nicht noch einmal gesendet werden." in text_of(desk.get(OUTBOX))


def test_the_outbox_shows_no_secret(desk, db, noon):
    form = FormDraft(language="de", subject="x", text="x", html="x")
    post(Mail(kind="sign_in", subject="x", recipient="a@b.example", form=form, values={"code": "424242"}), at=noon)

    assert "424242" not in desk.get(OUTBOX).text
