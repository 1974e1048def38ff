"""Start page, duties, language."""

from datetime import datetime, timedelta

import pytest

from nextevents.communities.models import Kind
from nextevents.events.models import Stage
from nextevents.events.services import cancel_event
from tests.events.changing import changed_to
from tests.factories import NOON, make_community, make_event, make_person
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")


def titles(client):
    return [link.get_text() for link in page_of(client.get("/")).find_all("a", class_="agenda-title")]


def test_the_start_page_shows_the_next_six_that_take_place_and_the_communities(client):
    for number in range(7):
        make_event(title=f"{number}", starts=datetime(2026, 12, 1) + timedelta(days=number))
    make_event(title="called off", starts=datetime(2026, 11, 30), stage=Stage.CANCELLED)
    make_community("chatbot-community", name="Chatbot")
    make_community("nextcamp", name="NExTcamp", kind=Kind.CAMP)

    page = page_of(client.get("/"))

    assert titles(client) == ["0", "1", "2", "3", "4", "5"]
    assert page.find("a", href="/communities/chatbot-community/")
    assert page.find("a", href="/communities/nextcamp/") is None


def test_it_is_never_stale(client):
    events = [
        make_event(title=f"{number}", starts=datetime(2026, 12, 1) + timedelta(days=number)) for number in range(8)
    ]
    cancel_event(events[0], at=NOON)
    assert titles(client) == ["1", "2", "3", "4", "5", "6"]

    changed_to(events[6], title="6 neu", at=NOON)
    assert titles(client) == ["1", "2", "3", "4", "5", "6 neu"]

    cancel_event(events[6], at=NOON)
    assert titles(client) == ["1", "2", "3", "4", "5", "7"]


def test_where_nothing_is_to_come_it_says_so(client):
    assert (client.get("/").status_code, titles(client)) == (200, [])


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/impressum/", "Impressum"), ("/datenschutz/", "Datenschutz"), ("/barrierefreiheit/", "Barrierefreiheit")],
)
def test_duties_are_on_pages_of_their_own_and_linked_from_everywhere(client, path, heading):
    links = {link["href"] for link in page_of(client.get("/")).footer.find_all("a")}

    assert heading in page_of(client.get(path)).h1.get_text()
    assert links >= {"/impressum/", "/datenschutz/", "/barrierefreiheit/", "/barrierefreiheit/#melden"}
    assert page_of(client.get("/barrierefreiheit/")).find(id="melden")


def test_the_cookie_that_a_browser_gets_is_the_one_that_the_page_about_data_names(client):
    names = {one.partition("=")[0] for one in client.get("/konto/anmelden/").headers.getlist("Set-Cookie")}

    said = page_of(client.get("/datenschutz/")).main.get_text()
    assert names == {client.application.config["SESSION_COOKIE_NAME"]}
    assert said.count(f"„{names.pop()}“") == 2


# Language


def test_a_language_is_chosen_once_and_one_stays_where_one_was(client):
    make_event(slug="ki")

    answer = client.send("/sprache", {"language": "en", "next": "/veranstaltungen/ki/"})
    page = page_of(client.get(answer.location))

    assert (answer.status_code, answer.location) == (303, "/veranstaltungen/ki/")
    assert (page.html["lang"], page.find("button", {"name": "language"})["value"]) == ("en", "de")
    assert page_of(client.get("/")).html["lang"] == "en"
    client.send("/sprache", {"language": "de"})
    assert page_of(client.get("/")).html["lang"] == "de"


@pytest.mark.parametrize("typed", ["fr", "", "de_AT", "../en"])
def test_a_language_there_is_not_changes_nothing(client, typed):
    assert client.send("/sprache", {"language": typed}).location == "/"
    assert page_of(client.get("/")).html["lang"] == "de"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "javascript:alert(1)"])
def test_choosing_a_language_leads_nobody_elsewhere(client, elsewhere):
    assert client.send("/sprache", {"language": "en", "next": elsewhere}).location == "/"


def test_whoever_is_signed_in_gets_mails_in_that_language_too(signed_in, db):
    ada = make_person()

    signed_in(ada).send("/sprache", {"language": "en"})

    db.refresh(ada)
    assert ada.language == "en"


# Whatever comes


def test_an_address_that_leads_nowhere_says_so_and_how_to_go_on(client):
    answer = client.get("/nirgends/")

    assert (answer.status_code, "Hier ist nichts" in text_of(answer)) == (404, True)
    assert page_of(answer).find("a", href="/veranstaltungen/")


def test_a_form_that_was_open_too_long_is_shown_again_with_all_that_was_typed(client):
    make_event(slug="ki")

    answer = client.post(
        "/veranstaltungen/ki/anmeldung",
        data={"csrf_token": "stale", "name": 'Ada "<b>', "email": "ada@stadt.example", "vorgang": "form-1"},
    )
    form = page_of(answer).main.form
    again = {field["name"]: field["value"] for field in form.find_all("input")}

    assert (answer.status_code, form["action"]) == (400, "/veranstaltungen/ki/anmeldung")
    assert again | {"csrf_token": ""} == {
        "csrf_token": "",
        "name": 'Ada "<b>',
        "email": "ada@stadt.example",
        "vorgang": "form-1",
    }
    assert client.post(form["action"], data=again).location == "/veranstaltungen/ki/angemeldet"


def test_a_form_from_another_site_is_refused_and_not_shown_again(client):
    answer = client.send("/sprache", {"language": "en"}, headers={"Origin": "https://evil.example"})

    assert (answer.status_code, page_of(answer).main.form) == (400, None)
    assert page_of(client.get("/")).html["lang"] == "de"


def test_the_process_is_alive(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
