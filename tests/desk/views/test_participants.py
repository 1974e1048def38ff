"""Who comes to an event, as its organisers see it."""

from datetime import timedelta

import pytest

from nextevents.events import messages, queries
from nextevents.events.models import Photos, QuestionKind, State
from nextevents.mailing.services import post
from nextevents.people.addresses import address_of
from nextevents.people.models import Level
from nextevents.people.services import person_with_address
from tests.desk.counting import counted
from tests.factories import (
    NOON,
    make_answer,
    make_event,
    make_organisation,
    make_person,
    make_question,
    make_registration,
)
from tests.house.visitors import page_of

pytestmark = pytest.mark.usefixtures("at_noon")

PARTICIPANTS = "/veranstaltungen/ki/verwalten/teilnehmende/"


def test_participants_are_listed_searched_and_chosen_by_state(office):
    event = make_event(slug="ki")
    for name, state in (("Änne", State.CONFIRMED), ("Bob", State.WAITING), ("Çelik", State.CANCELLED)):
        make_registration(event, make_person(f"{name[-2:]}@amt.example".lower(), name=name), state=state)

    def names(query=""):
        table = page_of(office.get(f"{PARTICIPANTS}{query}")).find("tbody")
        return [row.th.get_text(strip=True) for row in table.find_all("tr")] if table else []

    assert names() == ["Änne", "Bob", "Çelik"]
    assert names("?richtung=ab") == ["Çelik", "Bob", "Änne"]
    assert names("?q=änne") == ["Änne"]
    assert names("?stand=waiting") == ["Bob"]
    assert names("?stand=waiting&q=änne") == []
    assert names("?q=ob@amt") == ["Bob"]
    assert names("?stand=unknown") == ["Änne", "Bob", "Çelik"]


def test_umlauts_in_addresses_are_read_searched_and_exported_as_such_and_mailed_to_as_before(office):
    event, person = make_event(slug="ki"), person_with_address(address_of("max@Behörde.example"), name="Max", at=NOON)
    registration = make_registration(event, person)

    pages = [office.get(f"{PARTICIPANTS}{way}") for way in ("", f"{registration.id}/", "?q=Behörde")]
    pages.append(office.send(f"{PARTICIPANTS}druckliste/", {"spalten": "address"}))
    file = office.send(f"{PARTICIPANTS}export", {"format": "csv"})

    for answer in pages:
        assert "max@behörde.example" in page_of(answer).get_text(), answer.request.path
    assert '"max@behörde.example"' in file.text
    assert all("xn--" not in answer.text for answer in [*pages, file])
    assert (person.address, person.address_key) == 2 * ("max@xn--behrde-yxa.example",)


def test_fifty_participants_stand_on_a_page(office):
    event = make_event(slug="ki", capacity=None)
    for number in range(51):
        make_registration(event, make_person(name=f"{number:03}"))

    page = page_of(office.get(f"{PARTICIPANTS}?stand=confirmed"))
    onward = page.find("a", rel="next")["href"]

    assert len(page.tbody.find_all("tr")) == 50
    assert onward == f"{PARTICIPANTS}?stand=confirmed&seite=2"
    assert page_of(office.get(onward)).tbody.th.get_text(strip=True) == "050"


def test_a_participants_name_is_only_a_name(office):
    make_registration(make_event(slug="ki"), make_person(name="<img src=x onerror=alert(1)>"))

    page = page_of(office.get(PARTICIPANTS))

    assert page.find_all("img") == []
    assert "<img src=x onerror=alert(1)>" in page.tbody.get_text()


@pytest.fixture
def listed(office):
    """Gives the names on the list that is asked for."""

    def names(query):
        table = page_of(office.get(f"{PARTICIPANTS}{query}")).find("tbody")
        return [row.th.get_text(strip=True) for row in table.find_all("tr")] if table else []

    return names


def test_participants_are_chosen_by_level_choices_and_answers(listed):
    event = make_event(slug="ki", asks_photos=True, asks_recording=True)
    ride = make_question(event, kind=QuestionKind.ONE_OF, label="Anreise")
    vegan = make_question(event, kind=QuestionKind.YES_NO, label="Vegan?")
    ada, bo = (make_registration(event, make_person(name=name)) for name in ("Ada", "Bo"))
    ada.person.organisation = make_organisation(level=Level.STATE)
    ada.photos, ada.agrees_to_recording = Photos.YES, True
    topics = make_question(
        event, kind=QuestionKind.SEVERAL_OF, label="Themen?", options=["Bots", "Bots & Co", "Daten", "KI"]
    )
    make_answer(ada, ride, "Bahn")
    make_answer(bo, ride, "Rad")
    make_answer(ada, topics, "Daten\nKI")
    make_answer(bo, topics, "Bots\nDaten")
    make_answer(bo, vegan, "ja")

    assert listed("?ebene=state") == ["Ada"]
    assert listed("?fotos=yes") == ["Ada"]
    assert listed("?fotos=no&aufzeichnung=nein") == ["Bo"]
    assert listed(f"?frage-{ride.id}=Bahn") == ["Ada"]
    assert listed(f"?frage-{vegan.id}=ja") == ["Bo"]
    assert listed(f"?frage-{ride.id}=Bahn&frage-{vegan.id}=ja") == []
    assert listed(f"?frage-{topics.id}=Daten") == ["Ada", "Bo"]
    assert listed(f"?frage-{topics.id}=Bots") == ["Bo"]
    assert listed(f"?frage-{topics.id}=Bots %26 Co") == []
    assert listed(f"?frage-{topics.id}=KI&frage-{ride.id}=Bahn") == ["Ada"]
    assert listed(f"?frage-{ride.id}=Zug&ebene=unsinn&fotos=&sichtbar=x") == ["Ada", "Bo"]


def test_the_list_is_sorted_by_its_heads_which_say_so(office, listed):
    event = make_event(slug="ki")
    for name, body, minutes in (("Ada", "Zoll", 2), ("Bo", "Amt", 1), ("ämil", "Museum", 3)):
        person = make_person(name=name)
        person.organisation_name = body
        make_registration(event, person, made_at=NOON + timedelta(minutes=minutes))

    page = page_of(office.get(f"{PARTICIPANTS}?sortierung=body"))

    assert listed("") == ["Ada", "ämil", "Bo"]
    assert listed("?sortierung=body") == ["Bo", "ämil", "Ada"]
    assert listed("?sortierung=made&richtung=ab") == ["ämil", "Ada", "Bo"]
    assert [(head.get_text(" ", strip=True), head.get("aria-sort")) for head in page.thead.find_all("th")][:2] == [
        ("Name", None),
        ("Organisation ↑", "ascending"),
    ]
    assert page.select_one("th[aria-sort] a")["href"] == f"{PARTICIPANTS}?sortierung=body&richtung=ab"


def test_those_who_wait_stand_in_their_order(listed):
    event = make_event(slug="ki", capacity=0)
    for name, minutes in (("Zoe", 1), ("Ada", 2)):
        make_registration(event, make_person(name=name), state=State.WAITING, made_at=NOON + timedelta(minutes=minutes))

    assert listed("?stand=waiting") == ["Zoe", "Ada"]
    assert listed("?stand=waiting&sortierung=name") == ["Ada", "Zoe"]


def test_columns_are_chosen_in_the_address_and_stay_with_all_links(office):
    event = make_event(slug="ki")
    topic = make_question(event, label="Thema")
    make_answer(make_registration(event, make_person(name="Ada")), topic, "Bots\nDaten")
    query = f"?spalten=state&spalten=frage-{topic.id}"

    page = page_of(office.get(f"{PARTICIPANTS}{query}"))

    assert [head.get_text(" ", strip=True) for head in page.thead.find_all("th")] == ["Name ↑", "Stand", "Thema"]
    assert [cell.get_text(strip=True) for cell in page.tbody.find_all("td")] == ["angemeldet", "Bots, Daten"]
    assert all("spalten=state" in link["href"] for link in page.select("thead a"))
    kept = [(one["name"], one["value"]) for one in page.select('form[action$="/export"] input[type=hidden]')]
    assert kept[1:] == [("spalten", "state"), ("spalten", f"frage-{topic.id}")]


def test_the_list_asks_as_much_for_one_as_for_many(office):
    event = make_event(slug="ki", capacity=None)
    topic = make_question(event)
    address = f"{PARTICIPANTS}?spalten=body&spalten=level&spalten=frage-{topic.id}"

    def add(count):
        for _ in range(count):
            person = make_person()
            person.organisation = make_organisation()
            make_answer(make_registration(event, person), topic)

    def questions():
        with counted() as asked:
            assert office.get(address).status_code == 200
        return len(asked)

    add(1)
    questions()
    few = questions()
    add(40)
    assert questions() == few


# ── One of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_participant_s_page_tells_everything_and_nothing_of_others(office, at_noon):
    event = make_event(slug="ki", asks_photos=True)
    topic = make_question(event, label="Ihr Thema?")
    ada = make_registration(event, make_person("ada@amt.example", name="Ada"))
    make_answer(ada, topic, "Bots")
    post(messages.registered(ada, at=NOON), at=NOON)
    post(messages.registered(make_registration(event), at=NOON), at=NOON)

    page = page_of(office.get(f"{PARTICIPANTS}{ada.id}/"))

    said = {pair.dt.get_text(strip=True): pair.dd.get_text(strip=True) for pair in page.select("dl.facts > div")}
    assert said == {
        "Stand": "angemeldet",
        "Organisation": "–",
        "Adresse": "ada@amt.example",
        "Angemeldet am": "21.11.2026 13:00",
        "Fotos": "nein",
        "Ihr Thema?": "Bots",
    }
    assert [cell.get_text(strip=True) for cell in page.tbody.find_all("td")] == [
        "21.11.2026 13:00",
        "Anmeldung bestätigt: Sprachmodelle im Bürgeramt",
        "wartet",
    ]


def test_organisers_note_something_and_answer_their_own_questions(office, db):
    event = make_event(slug="ki")
    own = make_question(event, kind=QuestionKind.ONE_OF, label="Rolle", is_for_organisers=True)
    theirs = make_question(event)
    ada = make_registration(event)
    make_answer(ada, theirs, "Bots")
    address = f"{PARTICIPANTS}{ada.id}/"

    fields = {"note": "braucht eine Rampe", f"frage-{own.id}": "Auto", f"frage-{theirs.id}": "gekapert"}
    assert office.send(f"{address}notiz", fields).location == address
    page = page_of(office.get(address))

    assert page.select_one("[name=note]").text.strip() == "braucht eine Rampe"
    assert page.select_one(f"[name=frage-{own.id}][checked]")["value"] == "Auto"
    assert office.send(f"{address}notiz", {"note": "x", f"frage-{own.id}": "Zug"}).status_code == 422
    assert office.send(f"{address}notiz", {"note": "x" * 2001}).status_code == 422
    office.send(f"{address}notiz", {"note": ""})
    db.expire_all()
    assert {number: answer.value for number, answer in queries.answers_of(ada).items()} == {theirs.id: "Bots"}
    assert ada.note == ""


def test_a_participant_of_another_event_is_not_there(office):
    make_event(slug="ki")
    other = make_registration(make_event())

    assert office.get(f"{PARTICIPANTS}{other.id}/").status_code == 404
    assert office.send(f"{PARTICIPANTS}{other.id}/notiz", {"note": "x"}).status_code == 404
