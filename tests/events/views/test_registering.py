"""The event page in all its states, and registering from it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from nextevents.events.models import Audience, Place, Registration, Stage, State, WaitingMode
from nextevents.events.services import Request, cancel_event, register
from nextevents.mailing.models import Message
from nextevents.people.models import Person, Proof
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_event,
    make_organisation,
    make_person,
    make_registration,
)
from tests.house.visitors import bare, page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE, REGISTER, ASKED = "/veranstaltungen/ki/", "/veranstaltungen/ki/anmeldung", "/veranstaltungen/ki/angemeldet"
ADA = {"name": "Ada Beispiel", "email": "ada@stadt.example", "organisation": "Stadt Beispiel"}


def box(client):
    """What stands where one registers."""
    found = page_of(client.get(PAGE)).find(id="anmeldung")
    return " ".join(found.stripped_strings) if found else ""


def kinds(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


# The page


def test_it_says_everything_somebody_must_know(client):
    make_event(
        slug="ki",
        description="## Programm\n\n- **14 Uhr** Beginn",
        communities=(make_community("chatbot-community", name="Chatbot"), make_community(name="Ethik")),
        closes_at=NOON + timedelta(days=3),
    )

    page = page_of(client.get(PAGE))
    words = " ".join(page.main.stripped_strings)

    assert page.title.string == "Sprachmodelle im Bürgeramt · NExT"
    for fact in (
        "Wann Mittwoch, 2. Dezember 2026, 14 bis 15.30 Uhr (MEZ)",
        "Wo virtuell",
        "Zugang kommt mit der Bestätigung",
        "Für wen alle, die es interessiert",
        "Plätze 60 von 60 frei",
        "Anmeldeschluss Dienstag, 24. November 2026, 13 Uhr",
        "Drei Städte berichten.",
        "NExTcommunity Chatbot und NExTcommunity Ethik",
    ):
        assert fact in words
    assert page.main.find("h2", string="Programm")
    assert page.find("link", rel="canonical")["href"] == "http://localhost/veranstaltungen/ki/"
    assert '"@type": "Event"' in page.find("script", type="application/ld+json").string
    assert page.find("a", href="/communities/chatbot-community/")
    assert page.find("a", href="/veranstaltungen/ki/termin.ics")


STATES = {
    "open": ({}, 0, "Zum Termin anmelden Name Dienstliche E-Mail-Adresse"),
    "full": ({"capacity": 1}, 1, "Auf die Warteliste"),
    "closed": ({"closes_at": NOON}, 0, "Anmeldung Die Anmeldung ist beendet."),
    "closed by the office": ({"capacity": 0}, 0, "Anmeldung Die Anmeldung ist beendet."),
    "opens later": (
        {"opens_at": NOON + timedelta(days=1)},
        0,
        "Anmeldung Die Anmeldung öffnet am Sonntag, 22. November 2026, 13 Uhr.",
    ),
    "called off": ({"stage": Stage.CANCELLED}, 0, ""),
    "over": ({"starts": datetime(2026, 11, 1)}, 0, ""),
    "going on": ({"starts": datetime(2026, 11, 21, 12, 30)}, 0, "Anmeldung Die Anmeldung ist beendet."),
    "at others": ({"takes_registrations": False}, 0, "Anmeldung Diesen Termin veranstalten andere."),
    "for members": (
        {"audience": Audience.MEMBERS},
        0,
        (
            "Zum Termin anmelden Dieser Termin ist nicht für alle offen, "
            "sondern für Mitglieder von NExT e. V. und eingeladene Gäste."
        ),
    ),
}


@pytest.mark.parametrize(("values", "taken", "words"), STATES.values(), ids=STATES.keys())
def test_whoever_comes_sees_how_things_stand(client, values, taken, words):
    event = make_event(slug="ki", **values)
    for _ in range(taken):
        make_registration(event)

    shown = box(client)

    assert shown.startswith(words)
    assert bool(shown) == bool(words)


@pytest.mark.parametrize(
    ("stage", "has_entry"), [(Stage.PUBLISHED, True), (Stage.POSTPONED, False), (Stage.CANCELLED, False)]
)
def test_the_page_offers_the_calendar_entry_only_of_what_takes_place(client, stage, has_entry):
    make_event(slug="ki", stage=stage)

    assert (client.get("/veranstaltungen/ki/").text.count("/veranstaltungen/ki/termin.ics") > 0) == has_entry


@pytest.mark.parametrize(("is_listed", "told"), [(True, "index, follow"), (False, "noindex")])
def test_search_engines_are_kept_from_what_only_its_address_leads_to(client, is_listed, told):
    make_event(slug="ki", is_listed=is_listed)

    assert page_of(client.get(PAGE)).find("meta", attrs={"name": "robots"})["content"] == told


def test_what_was_called_off_says_so(client):
    make_event(slug="ki", stage=Stage.CANCELLED)

    assert "Dieser Termin fällt leider aus." in text_of(client.get(PAGE))


@pytest.mark.parametrize("path", [PAGE, ASKED, "/veranstaltungen/ki/termin.ics"])
def test_a_draft_is_not_there(client, path):
    make_event(slug="ki", stage=Stage.DRAFT)

    assert client.get(path).status_code == 404
    assert client.send(REGISTER, ADA).status_code == 404


OWN = {
    State.CONFIRMED: "Sie sind angemeldet.",
    State.WAITING: "Sie stehen auf der Warteliste.",
    State.OFFERED: "Für Sie ist ein Platz frei.",
    State.UNCONFIRMED: "Ihre Anmeldung wartet auf die Bestätigung aus der Mail.",
    State.ATTENDED: "Sie haben teilgenommen.",
}


@pytest.mark.parametrize(("state", "words"), OWN.items())
def test_whoever_is_signed_in_sees_what_they_have_there(signed_in, state, words):
    event, ada = make_event(slug="ki"), make_person()
    make_registration(event, ada, state=state)

    page = page_of(signed_in(ada).get(PAGE))

    assert words in page.find(id="anmeldung").get_text()
    shows_way_in = "konferenz.next.example" in page.decode()
    assert shows_way_in == (state in {State.CONFIRMED, State.ATTENDED} and state != State.ATTENDED)


def test_the_way_in_is_on_the_page_for_confirmed_people_only_and_gone_when_called_off(client, signed_in):
    event, ada = make_event(slug="ki"), make_person()
    make_registration(event, ada)
    pages = [browser.get(PAGE).text for browser in (client, signed_in(make_person()), signed_in(ada), client)]
    cancel_event(event, at=NOON)
    pages.append(signed_in(ada).get(PAGE).text)

    assert ["konferenz.next.example" in page for page in pages] == [False, False, True, False, False]


def test_a_way_in_that_is_no_address_of_the_web_is_words_and_no_link(signed_in):
    event, ada = make_event(slug="ki", dial_in="javascript:alert(1)"), make_person()
    make_registration(event, ada)

    page = page_of(signed_in(ada).get(PAGE))

    assert [link["href"] for link in page.find_all("a") if link["href"].startswith("javascript")] == []
    assert "javascript:alert(1)" in page.find(id="anmeldung").get_text()


def test_the_page_for_a_stranger_is_kept_and_never_stale(client, at_noon):
    event = make_event(slug="ki", capacity=1)
    seen = [text_of(client.get(PAGE))]
    for _ in range(3):
        register(event, make_person(), Request(name="Ada", is_proved=True), at=NOON)
        seen.append(text_of(client.get(PAGE)))

    assert ["1 von 1 frei" in seen[0], "alle 1 vergeben" in seen[1]] == [True, True]
    assert ["1 Person wartet" in seen[2], "2 Personen warten" in seen[3]] == [True, True]

    at_noon.move_to(event.starts_at, tick=False)
    assert "Die Anmeldung ist beendet." in text_of(client.get(PAGE))
    at_noon.move_to(event.ends_at, tick=False)
    assert page_of(client.get(PAGE)).find(id="anmeldung") is None


# A stranger


def test_a_stranger_holds_a_seat_and_is_asked_by_mail_to_confirm(client, db):
    event = make_event(slug="ki")
    form = page_of(client.get(PAGE)).find("form", action=REGISTER)
    assert {field["name"] for field in form.find_all("input")} == {
        "csrf_token",
        "vorgang",
        "name",
        "email",
        "organisation",
    }

    answer = client.send(REGISTER, ADA | {"vorgang": form.find("input", {"name": "vorgang"})["value"]})

    assert (answer.status_code, answer.location) == (303, ASKED)
    assert "Ihr Platz ist 24 Stunden für Sie reserviert." in text_of(client.get(ASKED))
    (registration,) = db.scalars(select(Registration))
    assert (registration.event_id, registration.state, registration.name, registration.organisation_name) == (
        event.id,
        State.UNCONFIRMED,
        "Ada Beispiel",
        "Stadt Beispiel",
    )
    (person,) = db.scalars(select(Person))
    assert (person.address, person.proved_at, kinds(db)) == ("ada@stadt.example", None, ["confirm_address"])


def test_where_all_seats_are_taken_a_stranger_is_told_of_the_waiting_list(client):
    make_registration(make_event(slug="ki", capacity=1))

    client.send(REGISTER, ADA)

    assert "Gerade sind alle Plätze vergeben." in text_of(client.get(ASKED))


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "Bitte geben Sie Ihren Namen an."),
        ({"name": " \u3164 "}, "name", "Bitte füllen Sie dieses Feld aus."),
        ({"name": "Ada\u202e"}, "name", "Der Text enthält Zeichen, die man nicht sehen kann."),
        ({"name": 121 * "x"}, "name", "Höchstens 120 Zeichen, bitte."),
        ({"email": ""}, "email", "Bitte geben Sie Ihre E-Mail-Adresse an."),
        ({"email": "ada"}, "email", "Das ist keine vollständige E-Mail-Adresse."),
        ({"email": "termine@next.example"}, "email", "Diese Adresse gehört zu dieser Seite."),
        ({"email": ["a@b.example", "c@d.example"]}, "email", "Dieses Feld kam mehrfach an."),
        ({"organisation": 201 * "x"}, "organisation", "Höchstens 200 Zeichen, bitte."),
    ],
    ids=str,
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_the_rest_is_kept(client, db, typed, field, said):
    make_event(slug="ki")

    answer = client.send(REGISTER, ADA | typed)
    page = page_of(answer)

    assert answer.status_code == 422
    assert said in page.find(id=f"{field}-error").get_text()
    assert page.title.string.startswith("Fehler: ")
    kept = {name for name in ADA if name not in typed}
    assert {name: page.find("input", {"name": name})["value"] for name in kept} == {name: ADA[name] for name in kept}
    assert (db.scalar(select(func.count()).select_from(Registration)), kinds(db)) == (0, [])


def test_the_same_answer_for_somebody_known_and_somebody_new(app, client):
    make_event(slug="ki")
    make_person("known@stadt.example", name="Bekannt")
    del client

    def answers(email):
        browser = app.test_client()
        asked = browser.send(REGISTER, ADA | {"email": email})
        return asked.status_code, asked.location, bare(browser.get(ASKED))

    assert answers("known@stadt.example") == answers("new@stadt.example")


def test_whoever_types_a_known_address_changes_nothing_about_that_person(client, db):
    make_event(slug="ki")
    ada = make_person("ada@stadt.example", name="Ada Echt")

    client.send(REGISTER, ADA | {"name": "Eve"})

    db.refresh(ada)
    assert (ada.name, ada.organisation_name) == ("Ada Echt", "")


def test_the_same_form_twice_is_one_registration_one_seat_and_one_mail(client, db):
    event = make_event(slug="ki")
    form = ADA | {"vorgang": "form-1"}

    locations = [client.send(REGISTER, form).location for _ in range(3)]

    db.refresh(event)
    assert (locations, event.seats_taken) == (3 * [ASKED], 1)
    assert kinds(db) == ["confirm_address"]


def test_one_address_gets_one_mail_in_an_hour_whatever_it_is_registered_for(client, db, at_noon):
    make_event(slug="ki")
    make_event(slug="andere")

    for slug in ("ki", "andere"):
        client.send(f"/veranstaltungen/{slug}/anmeldung", ADA)
    assert kinds(db) == ["confirm_address"]

    at_noon.shift(timedelta(hours=1))
    client.send(REGISTER, ADA)
    assert kinds(db) == ["confirm_address", "confirm_address"]
    assert db.scalar(select(func.count()).select_from(Proof)) == 2


@pytest.mark.parametrize(
    "values", [{"closes_at": NOON}, {"audience": Audience.MEMBERS}, {"stage": Stage.CANCELLED}], ids=str
)
def test_where_one_cannot_register_a_stranger_is_told_why(client, db, values):
    make_event(slug="ki", **values)

    answer = client.send(REGISTER, ADA)

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert page_of(client.get(PAGE)).find(id="flash").get_text(strip=True) != ""
    assert (db.scalar(select(func.count()).select_from(Person)), kinds(db)) == (0, [])


@pytest.mark.parametrize(
    ("email", "body"), [("a@bau.musterhafen.example", "Stadt Musterhafen"), ("a@neu.example", None), ("x", None)]
)
def test_the_body_behind_an_address_is_recognised_while_typing(client, email, body):
    make_organisation("Stadt Musterhafen", domains=("musterhafen.example",))

    answer = client.send(
        "/anmeldung/organisation", {"email": email, "organisation": "Meine"}, headers={"HX-Request": "true"}
    )
    piece = page_of(answer)

    assert answer.status_code == 200
    if body:
        assert body in piece.get_text()
    else:
        assert piece.find("input", {"name": "organisation"})["value"] == "Meine"


# Somebody signed in


def test_one_click_is_enough(signed_in, db):
    event, ada = make_event(slug="ki"), make_person(name="Ada Beispiel")
    browser = signed_in(ada)
    form = page_of(browser.get(PAGE)).find("form", action=REGISTER)
    assert {field["name"] for field in form.find_all("input")} == {"csrf_token", "vorgang"}

    answer = browser.send(REGISTER)

    assert (answer.status_code, answer.location) == (303, f"{PAGE}#anmeldung")
    (registration,) = db.scalars(select(Registration))
    assert (registration.event_id, registration.person_id, registration.state) == (event.id, ada.id, State.CONFIRMED)
    assert kinds(db) == ["registered"]
    assert "Sie sind angemeldet." in text_of(browser.get(PAGE))


def test_clicking_twice_is_one_registration(signed_in, db):
    make_event(slug="ki")
    browser = signed_in(make_person(name="Ada"))

    for _ in range(2):
        browser.send(REGISTER, {"vorgang": "form-1"})

    assert (db.scalar(select(func.count()).select_from(Registration)), kinds(db)) == (1, ["registered"])


def test_what_somebody_signed_in_types_as_address_is_not_looked_at(signed_in, db):
    make_event(slug="ki")
    ada = make_person(name="Ada")

    signed_in(ada).send(REGISTER, {"email": "eve@evil.example", "name": "Eve"})

    (registration,) = db.scalars(select(Registration))
    assert (registration.person_id, registration.name) == (ada.id, "Ada")


def test_who_never_said_a_name_is_asked_for_it_once(signed_in, db):
    make_event(slug="ki")
    ada = make_person()
    ada.name = ""
    db.flush()
    browser = signed_in(ada)

    assert page_of(browser.get(PAGE)).find("input", {"name": "name"})
    assert browser.send(REGISTER).status_code == 422
    browser.send(REGISTER, {"name": "Ada Neu", "organisation": "Amt"})

    db.refresh(ada)
    assert (ada.name, ada.organisation_name) == ("Ada Neu", "Amt")
    assert kinds(db) == ["registered"]


def test_a_date_for_a_community_takes_those_who_belong(signed_in):
    circle = make_community()
    make_event(slug="ki", audience=Audience.COMMUNITY, communities=(circle,))
    inside, outside = make_person(name="A"), make_person(name="B")
    make_belonging(inside, circle)
    browsers = [signed_in(person) for person in (inside, outside)]

    assert [page_of(one.get(PAGE)).find("form", action=REGISTER) is not None for one in browsers] == [True, False]
    assert [one.send(REGISTER).location for one in browsers] == [f"{PAGE}#anmeldung", PAGE]
    assert "Dieser Termin ist nicht für alle offen." in text_of(browsers[1].get(PAGE))


def test_where_one_waits_the_page_says_what_happens_then(signed_in):
    event = make_event(
        slug="ki", capacity=1, waiting_mode=WaitingMode.OFFER, place=Place.IN_PRESENCE, address="Rathaus"
    )
    make_registration(event)
    browser = signed_in(make_person(name="Ada"))

    browser.send(REGISTER)

    assert "Sie stehen auf der Warteliste." in text_of(browser.get(PAGE))
