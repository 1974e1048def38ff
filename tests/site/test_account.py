"""The own account: registrations, calendar addresses, browsers, name."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from nextevents.events.models import State
from nextevents.events.services import cancel_event
from nextevents.people.models import BrowserSession, Feed
from nextevents.people.services import begin_session
from tests.factories import NOON, make_event, make_organisation, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

ACCOUNT = "/konto/"


@pytest.fixture
def ada(db):
    """Somebody with a name."""
    del db
    return make_person("ada@stadt.example", name="Ada Beispiel")


@pytest.fixture
def own(signed_in, ada):
    """Ada's browser."""
    return signed_in(ada)


def rows(browser):
    page = page_of(browser.get(ACCOUNT))
    return [
        (row.find(class_="agenda-title").get_text(), row.find(class_="state").get_text())
        for row in page.find_all(class_="agenda-row")
    ]


@pytest.mark.parametrize("path", ["/konto/"])
def test_strangers_are_asked_to_sign_in_and_come_back(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (303, "/konto/anmelden/?next=/konto/")


def test_it_greets_and_shows_what_is_known(own):
    said = text_of(own.get(ACCOUNT))

    assert "Guten Tag, Ada Beispiel" in said
    assert "ada@stadt.example" in said
    assert "Sie sind gerade zu keinem Termin angemeldet." in said


# Registrations


def test_registrations_say_how_they_stand_and_lead_to_where_they_can_be_changed(own, ada):
    for number, state in enumerate(State):
        make_registration(make_event(title=f"{state}", starts=datetime(2026, 12, 1 + number)), ada, state=state)
    called_off = make_registration(make_event(title="called off", starts=datetime(2026, 12, 20)), ada)
    cancel_event(called_off.event, at=NOON)
    make_registration(make_event(title="somebody else's"))

    assert rows(own) == [
        ("unconfirmed", "unbestätigt"),
        ("requested", "angefragt"),
        ("confirmed", "angemeldet"),
        ("waiting", "Warteliste"),
        ("offered", "Platz angeboten"),
        ("attended", "teilgenommen"),
        ("excused", "entschuldigt"),
        ("absent", "nicht erschienen"),
        ("called off", "abgesagt"),
    ]
    links = [link["href"] for link in page_of(own.get(ACCOUNT)).find_all("a", class_="agenda-title")]
    assert [link.startswith("/anmeldung/") for link in links] == 9 * [True]
    assert [own.get(link).status_code for link in links] == 9 * [200]


def test_past_ones_stand_apart_newest_first(own, ada):
    make_registration(make_event(title="to come"), ada)
    for day in (1, 2):
        make_registration(make_event(title=f"past {day}", starts=datetime(2026, 11, day)), ada)

    past = page_of(own.get(ACCOUNT)).find("details")

    assert [title for title, _ in rows(own)] == ["to come", "past 2", "past 1"]
    assert [link.get_text() for link in past.find_all(class_="agenda-title")] == ["past 2", "past 1"]


# Name


def test_a_name_is_taken_over_and_trimmed(own, db, ada):
    answer = own.send("/konto/name", {"name": "  Ada Lovelace ", "organisation": "Amt"})

    db.refresh(ada)
    assert (answer.location, ada.name, ada.organisation_name) == (ACCOUNT, "Ada Lovelace", "Amt")
    assert "Gespeichert." in text_of(own.get(ACCOUNT))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Bitte geben Sie Ihren Namen an."),
        ("Ada\u202e", "Zeichen, die man nicht sehen kann"),
        (121 * "x", "Höchstens 120"),
    ],
    ids=ascii,
)
def test_a_name_that_cannot_be_read_is_refused(own, db, ada, typed, said):
    answer = own.send("/konto/name", {"name": typed})

    db.refresh(ada)
    assert (answer.status_code, ada.name) == (422, "Ada Beispiel")
    assert said in page_of(answer).find(id="name-error").get_text()


def test_a_recognised_body_is_shown_and_not_asked_for(own, ada, db):
    ada.organisation = make_organisation("Stadt Musterhafen")
    db.flush()

    page = page_of(own.get(ACCOUNT))

    assert "Stadt Musterhafen" in page.find(id="angaben").get_text()
    assert page.find("input", {"name": "organisation"}) is None


# Calendar addresses


def test_an_address_is_made_shown_works_and_is_revoked(own, client, db):
    own.send("/konto/kalender")
    address = page_of(own.get(ACCOUNT)).find("input", id=lambda name: name and name.startswith("kalender-"))["value"]
    path = address.removeprefix("http://localhost")
    assert client.get(path).status_code == 200
    assert page_of(own.get(ACCOUNT)).find("a", href=f"webcal://localhost{path}")

    answer = own.send(f"/konto/kalender/{db.scalar(select(Feed.id))}/widerrufen")

    assert answer.location == "/konto/#kalender"
    assert "Diese Kalenderadresse gilt nicht mehr." in text_of(own.get(ACCOUNT))
    assert client.get(path).status_code == 404


def test_one_can_have_an_address_of_each_kind(own, db, ada):
    own.send("/konto/kalender")
    own.send("/konto/kalender", {"nur-ohne-einladung": "1"})

    found = db.execute(select(Feed.person_id, Feed.only_without_invitation).order_by(Feed.id)).all()
    assert [tuple(row) for row in found] == [(ada.id, False), (ada.id, True)]


def test_nobody_revokes_another_persons_address(signed_in, own, db):
    own.send("/konto/kalender")

    signed_in(make_person()).send(f"/konto/kalender/{db.scalar(select(Feed.id))}/widerrufen")

    assert db.scalar(select(func.count()).select_from(Feed)) == 1


# Browsers


def test_every_browser_is_listed_and_can_be_signed_out(signed_in, own, ada, db):
    other = signed_in(ada)
    page = page_of(own.get(ACCOUNT)).find(id="sitzungen")
    assert page.get_text().count("Firefox, Linux") >= 2
    assert page.get_text().count("dieser hier") == 1

    (form,) = [
        form for form in page.find_all("form") if form["action"].endswith("/beenden") and "andere" not in form["action"]
    ]
    own.send(form["action"])

    assert (own.get(ACCOUNT).status_code, other.get(ACCOUNT).status_code) == (200, 303)
    assert db.scalar(select(func.count()).select_from(BrowserSession)) == 1


def test_all_other_browsers_can_be_signed_out_at_once(signed_in, own, ada):
    others = [signed_in(ada) for _ in range(3)]
    stranger = signed_in(make_person())

    own.send("/konto/sitzungen/andere-beenden")

    assert "Alle anderen Browser sind abgemeldet." in text_of(own.get(ACCOUNT))
    assert [one.get(ACCOUNT).status_code for one in (*others, stranger)] == [303, 303, 303, 200]


def test_nobody_signs_out_another_persons_browser(own, db, noon):
    bob = make_person()
    begin_session(bob, browser="Chrome, macOS", at=noon)
    number = db.scalar(select(BrowserSession.id).where(BrowserSession.person_id == bob.id))

    own.send(f"/konto/sitzungen/{number}/beenden")

    assert db.get(BrowserSession, number)
