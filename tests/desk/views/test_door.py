"""The door as the people behind it see it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from nextevents.events import codes
from nextevents.events.models import Stage, State
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

DOOR = "/veranstaltungen/ki/verwalten/einlass/"
#: An event that began a quarter of an hour ago: 12:45 in Berlin.
BEGUN = datetime(2026, 11, 21, 12, 45)


@pytest.fixture
def event(db):
    return make_event(slug="ki", starts=BEGUN, capacity=2)


@pytest.fixture
def ada(event):
    return make_registration(event, make_person("ada@amt.example", name="Ada"))


def names(answer):
    return [tag.get_text(strip=True) for tag in page_of(answer).select("[data-people] .door-name")]


def followed(browser, answer):
    assert answer.status_code == 303
    return text_of(browser.get(answer.location))


def test_people_are_found_by_name_address_and_code(office, event, ada):
    make_registration(event, make_person("bo@amt.example", name="Bo"))
    make_registration(event, make_person(name="Cem"), state=State.WAITING)

    assert names(office.get(DOOR)) == ["Ada", "Bo"]
    assert names(office.get(f"{DOOR}?q=bo@")) == ["Bo"]
    assert names(office.get(f"{DOOR}?q={codes.code_of(ada)}")) == ["Ada"]
    assert names(office.get(f"{DOOR}?q=niemand")) == []


def test_one_press_checks_in_a_second_says_when_it_was_and_it_can_be_undone(office, ada, at_noon, db):
    there = f"{DOOR}{ada.id}/da"

    assert "Ada ist da." in followed(office, office.send(there))
    at_noon.shift(timedelta(minutes=5))
    assert "Ada ist schon da, seit 13:00." in followed(office, office.send(there))
    assert "Zurückgenommen: Ada." in followed(office, office.send(f"{DOOR}{ada.id}/zurueck"))
    db.refresh(ada)
    assert ada.state == State.CONFIRMED


def test_after_a_press_one_stays_where_one_searched(office, ada):
    assert office.send(f"{DOOR}{ada.id}/da", {"q": "Ad"}).location == f"{DOOR}?q=Ad"


def test_refusals_are_said(office, event, ada, db):
    waiting = make_registration(event, state=State.WAITING)

    assert "keinen sicheren Platz" in followed(office, office.send(f"{DOOR}{waiting.id}/da"))
    office.send(f"{DOOR}{ada.id}/da")
    assert "als anwesend vermerkt" in followed(office, office.send(f"{DOOR}{ada.id}/entschuldigt"))


def test_registrations_of_other_events_are_not_there(office, event, db):
    other = make_registration(make_event(starts=BEGUN))

    for deed in ("da", "zurueck", "entschuldigt"):
        assert office.send(f"{DOOR}{other.id}/{deed}").status_code == 404


def test_only_this_page_may_ask_for_the_camera(office, ada):
    assert office.get(DOOR).headers["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
    assert "camera=()" in office.get("/veranstaltungen/ki/verwalten/teilnehmende/").headers["Permissions-Policy"]


def test_too_early_the_page_says_when_the_door_opens(office, ada, event, db):
    event.set_time(datetime(2026, 12, 2, 14), datetime(2026, 12, 2, 16))
    db.flush()

    page = page_of(office.get(DOOR))
    assert "Ab 01.12.2026 14:00 können Sie hier Menschen eintragen." in page.text
    assert [one["aria-describedby"] for one in there_buttons(page)] == ["geschlossen", "geschlossen"]
    assert page.find(id="geschlossen")
    assert page.select('form[action$="/einlass/neu"]') == []
    assert "Der Einlass ist geschlossen." in followed(office, office.send(f"{DOOR}{ada.id}/da"))
    guest = {"name": "Gast", "email": "gast@amt.example"}
    answer = office.send(f"{DOOR}neu", guest)
    assert answer.status_code == 422
    assert page_of(answer).find("input", {"name": "name"})["value"] == "Gast"  # nothing typed is lost


def there_buttons(page):
    """Those that cannot be pressed: of everybody, and of the form from which the script makes more."""
    return page.select('form[data-deed="there"] button[disabled]')


def test_once_it_is_open_the_buttons_can_be_pressed(office, ada):
    page = page_of(office.get(DOOR))

    assert there_buttons(page) == []
    assert page.find(id="einlass").get("data-closed") is None


def test_where_nothing_takes_place_nobody_is_told_to_come_later(office, ada, event, db):
    event.stage = Stage.CANCELLED
    db.flush()
    page = page_of(office.get(DOOR))

    assert "Der Einlass ist geschlossen." in page.text
    assert "können Sie hier Menschen eintragen" not in page.text
    assert len(there_buttons(page)) == 2
    assert "Der Einlass ist geschlossen." in followed(office, office.send(f"{DOOR}{ada.id}/da"))


def test_somebody_without_a_registration_comes_in(office, event, ada):
    guest = {"name": "Gast", "email": "gast@amt.example", "organisation": "Amt"}

    assert "Gast ist da." in followed(office, office.send(f"{DOOR}neu", guest))
    assert names(office.get(DOOR)) == ["Ada", "Gast"]


def test_without_an_address_or_a_seat_one_is_refused_kindly(office, event, ada):
    make_registration(event)

    nobody = office.send(f"{DOOR}neu", {"name": "Gast", "email": ""})
    wrong = office.send(f"{DOOR}neu", {"name": "Gast", "email": "kein"})
    full = office.send(f"{DOOR}neu", {"name": "Gast", "email": "gast@amt.example"})

    assert [one.status_code for one in (nobody, wrong, full)] == [422, 422, 422]
    assert "Ohne Adresse geht es leider nicht" in text_of(nobody)
    assert "Setzen Sie das Häkchen, wenn es trotzdem ein Platz sein soll." in text_of(full)
    assert office.send(f"{DOOR}neu", {"name": "G", "email": "g@amt.example", "is_beyond": "y"}).status_code == 303


def test_the_list_is_closed_and_opened_again(office, ada, db):
    assert "1 Person ist nicht gekommen." in followed(office, office.send(f"{DOOR}abschliessen"))
    db.refresh(ada)
    assert ada.state == State.ABSENT
    assert "Die Liste ist wieder offen." in followed(office, office.send(f"{DOOR}wieder-oeffnen"))
    db.refresh(ada)
    assert ada.state == State.CONFIRMED


def test_the_script_gets_everybody_with_a_seat_and_nobody_s_address(office, event, ada):
    make_registration(event, make_person(name="Cem"), state=State.WAITING)
    answer = office.get(f"{DOOR}liste")

    assert json.loads(answer.data)["people"] == [
        {
            "number": ada.id,
            "token": codes.code_of(ada),
            "name": "Ada",
            "body": "",
            "state": "confirmed",
            "since": "",
        }
    ]
    assert "amt.example" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def seen(registration, number=1, at=None):
    moment = at or datetime(2026, 11, 21, 11, 50, tzinfo=UTC)
    return f"{number:032x},{registration.id},{int(moment.timestamp() * 1000)}"


def test_what_a_device_noted_without_a_connection_is_taken_over_once(office, ada, db):
    first = office.send(f"{DOOR}abgleich", {"seen": seen(ada)})
    again = office.send(f"{DOOR}abgleich", {"seen": seen(ada)})

    assert first.json == {"results": [{"key": f"{1:032x}", "isNews": True, "refusal": ""}]}
    assert again.json == {"results": [{"key": f"{1:032x}", "isNews": False, "refusal": ""}]}
    db.refresh(ada)
    assert (ada.state, ada.checked_in_at) == (State.ATTENDED, datetime(2026, 11, 21, 11, 50, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    ["", ",", "x", "g" * 32 + ",1,1", "a" * 32 + ",-1,1", "a" * 32 + ",1," + "9" * 15, "a" * 32 + ",１,1", "a" * 5000],
)
def test_an_unreadable_note_is_answered_so_that_the_device_forgets_it(office, ada, text, db):
    answer = office.send(f"{DOOR}abgleich", {"seen": [text, seen(ada)]})

    refused = {one["key"]: one["refusal"] for one in answer.json["results"]}
    assert refused == {text.partition(",")[0]: "Dieser Eintrag ist nicht lesbar.", f"{1:032x}": ""}
    db.refresh(ada)
    assert ada.state == State.ATTENDED


def test_the_largest_readable_moment_is_read_and_not_believed(office, ada, db):
    office.send(f"{DOOR}abgleich", {"seen": f"{'a' * 32},{ada.id},{'9' * 14}"})

    db.refresh(ada)
    assert ada.checked_in_at == datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_code_opens_nothing_by_itself(client, ada):
    code = codes.code_of(ada)

    assert client.get(f"/anmeldung/{code}/").status_code == 404
    assert client.get(f"/anmeldung/{code}/code.svg").status_code == 404
    assert client.get(f"{DOOR}?q={code}").status_code == 303
