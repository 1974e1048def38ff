"""A circle's library as its readers see it: who sees what, and what is found by which word."""

from datetime import date, timedelta

import pytest

from nextevents.communities.models import Viewers as Readers
from nextevents.communities.services import rename
from nextevents.events.models import MaterialKind, MaterialViewers, Stage, State
from nextevents.events.services import MaterialChange, add_material
from nextevents.ground.full_text import keep_text, want_text
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_document,
    make_event,
    make_file,
    make_lead,
    make_material,
    make_person,
    make_registration,
    make_result,
)
from tests.house.listening import statements
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

LIBRARY = "/communities/chatbot/unterlagen/"


@pytest.fixture
def circle(db):
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def meeting(circle):
    return make_event(slug="ki", title="Sprachmodelle", communities=(circle,))


@pytest.fixture
def readers(client, signed_in, circle, meeting):
    """A browser of each kind of reader."""
    people = {name: make_person(office=name == "office") for name in ("known", "member", "lead", "guest", "office")}
    make_belonging(people["member"], circle)
    make_lead(people["lead"], circle)
    make_registration(meeting, people["guest"], state=State.ATTENDED)
    waiting = make_person()
    make_registration(meeting, waiting, state=State.WAITING)
    return {"stranger": client, "waiting": signed_in(waiting)} | {
        name: signed_in(person) for name, person in people.items()
    }


def titles(answer) -> list[str]:
    """The titles of what is listed."""
    return [one.get_text() for one in page_of(answer).select("main .library-title a")]


def who_finds(readers, title: str, query: str = "") -> set[str]:
    """The kinds of readers whose list holds it."""
    return {name for name, browser in readers.items() if title in titles(browser.get(f"{LIBRARY}{query}"))}


SIGNED_IN = {"known", "member", "lead", "guest", "office", "waiting"}
AUDIENCES = {
    Readers.EVERYBODY: SIGNED_IN | {"stranger"},
    Readers.SIGNED_IN: SIGNED_IN,
    Readers.COMMUNITY: {"member", "lead", "office"},
}


@pytest.mark.parametrize("viewers", Readers)
@pytest.mark.parametrize("kind", ["note", "link", "file"])
def test_a_document_is_there_for_those_whom_it_is_for_and_for_nobody_else(readers, circle, kind, viewers):
    parts = {"note": {"text": "Inhalt"}, "link": {"url": "https://a.example/"}, "file": {"file": make_file()}}[kind]
    document = make_document(circle, viewers=viewers, **parts)

    assert who_finds(readers, "Leitfaden") == who_finds(readers, "Leitfaden", "?q=leit") == AUDIENCES[viewers]
    page = f"{LIBRARY}{document.id}/"
    answers = {name: (browser.get(page), browser.get(f"{page}datei")) for name, browser in readers.items()}
    opened = {name for name, (note, _) in answers.items() if note.status_code == 200}
    saved = {name for name, (_, file) in answers.items() if file.status_code == 200}
    assert opened == (AUDIENCES[viewers] if kind == "note" else set())
    assert saved == (AUDIENCES[viewers] if kind == "file" else set())
    assert {answer.status_code for pair in answers.values() for answer in pair} <= {200, 303, 404}


MATERIALS = {
    MaterialViewers.EVERYBODY: SIGNED_IN | {"stranger"},
    MaterialViewers.SIGNED_IN: SIGNED_IN,
    MaterialViewers.COMMUNITY: {"guest", "member", "lead", "office"},
    MaterialViewers.PARTICIPANTS: {"guest", "lead", "office"},
    MaterialViewers.NOBODY: {"lead", "office"},
}


@pytest.mark.parametrize("viewers", MaterialViewers)
def test_what_stays_of_a_meeting_is_there_under_its_own_audience(readers, circle, meeting, viewers):
    material = make_material(meeting, viewers=viewers)

    assert who_finds(readers, "Folien") == MATERIALS[viewers]
    path = f"/veranstaltungen/ki/unterlagen/{material.id}/"
    assert {name for name, one in readers.items() if one.get(path).status_code == 200} == MATERIALS[viewers]


def test_what_is_for_the_community_is_for_the_people_of_each_that_met_and_of_no_other(signed_in, meeting, circle):
    partner, stranger_to_it = make_community("partner"), make_community("fremd")
    meeting.communities = [circle, partner]
    make_event(communities=(stranger_to_it,))
    material = make_material(meeting, viewers=MaterialViewers.COMMUNITY)
    path = f"/veranstaltungen/ki/unterlagen/{material.id}/"
    of_partner, of_other = make_person(), make_person()
    make_belonging(of_partner, partner)
    make_belonging(of_other, stranger_to_it)

    found = [(titles(one.get(LIBRARY)), one.get(path).status_code) for one in map(signed_in, (of_partner, of_other))]

    assert found == [(["Folien"], 200), ([], 404)]


@pytest.mark.parametrize(
    ("values", "seen_by"),
    [({"stage": Stage.DRAFT}, set()), ({"is_listed": False}, {"guest", "lead", "office"})],
    ids=["draft", "not listed"],
)
def test_what_stays_of_a_meeting_tells_nobody_of_it(readers, meeting, values, seen_by):
    for name, value in values.items():
        setattr(meeting, name, value)
    wide = (MaterialViewers.EVERYBODY, MaterialViewers.SIGNED_IN, MaterialViewers.COMMUNITY)
    for viewers in wide:
        make_material(meeting, title=f"Folien {viewers}", viewers=viewers)

    assert [who_finds(readers, f"Folien {viewers}") for viewers in wide] == [seen_by] * 3


def test_other_circles_have_libraries_of_their_own(client, circle, meeting):
    other = make_community("andere")
    document = make_document(other, text="Fremdes")
    make_material(make_event(communities=(other,)), viewers=MaterialViewers.EVERYBODY)

    assert titles(client.get(LIBRARY)) == []
    assert client.get(f"{LIBRARY}{document.id}/").status_code == 303
    assert client.get(f"/communities/andere/unterlagen/{document.id}/").status_code == 200


def test_a_joint_meeting_stands_once_in_each_library(client, circle):
    event = make_event(communities=(circle, make_community("andere")))
    make_material(event, viewers=MaterialViewers.EVERYBODY)

    assert titles(client.get(LIBRARY)) == titles(client.get("/communities/andere/unterlagen/")) == ["Folien"]


@pytest.fixture
def shelf(circle, meeting):
    """One of each, with words of their own."""
    make_document(circle, title="Notiz", text="Die **Straße** zur Übergabe")
    paper = make_document(circle, title="Papier", file=make_file(), url="")
    want_text(paper.file, at=NOON)
    keep_text(paper.file_id, "Viel Text. " * 100 + "Die Auftragsvergabe nennt 100 % Größe_A. " + "Mehr Text. " * 100)
    make_material(meeting, title="Folien", viewers=MaterialViewers.EVERYBODY)
    minutes = MaterialChange(title="Protokoll", viewers=MaterialViewers.EVERYBODY, text="Beschluss: ÄNDERN")
    add_material(meeting, MaterialKind.MINUTES, minutes, at=NOON - timedelta(days=1))


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("notiz", {"Notiz"}),
        ("STRASSE", {"Notiz"}),
        ("straße übergabe", {"Notiz"}),
        ("vergabe", {"Papier"}),
        ("100 %", {"Papier"}),
        ("größe_a", {"Papier"}),
        ("größe-a", set()),
        ("ändern", {"Protokoll"}),
        ("a\u0308ndern", {"Protokoll"}),
        ("sprachmodelle", {"Folien", "Protokoll"}),
        ("sprachmodelle folien", {"Folien"}),
        ("straße vergabe", set()),
        ("%", {"Papier"}),
        ("\\", set()),
        ("'; DROP TABLE document", set()),
        (" ", {"Notiz", "Papier", "Folien", "Protokoll"}),
    ],
)
def test_each_word_is_looked_for_in_titles_notes_and_files(client, words, found):
    assert set(titles(client.get(LIBRARY, query_string={"q": words}))) == found


@pytest.mark.usefixtures("shelf")
def test_what_was_found_is_shown_with_the_words_marked(client):
    page = page_of(client.get(LIBRARY, query_string={"q": "vergabe größe"}))
    said = page.select_one(".library-found")

    assert [one.get_text() for one in said.select("mark")] == ["vergabe", "Größe"]
    assert said.get_text().startswith("… ")
    assert len(said.get_text()) < 260
    assert page.select_one("input[name=q]")["value"] == "vergabe größe"


def test_what_people_wrote_is_shown_as_text(client, circle):
    make_document(circle, title="<b>Titel</b>", text="<script>alert(1)</script> Wort <mark>")
    answer = client.get(LIBRARY, query_string={"q": "wort"})

    assert "<script>alert" not in answer.text
    assert "<b>Titel" not in answer.text


def test_a_file_is_handed_out_to_save_and_powerless(client, circle):
    document = make_document(circle, file=make_file(name='Größe "1"; a.pdf'))
    headers = client.get(f"{LIBRARY}{document.id}/datei").headers

    assert headers["Content-Disposition"].startswith('attachment; filename="Gr__e _1__ a.pdf"')
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_what_is_for_some_is_kept_by_no_browser(readers, circle):
    document = make_document(circle, viewers=Readers.COMMUNITY, file=make_file())

    assert readers["member"].get(f"{LIBRARY}{document.id}/datei").headers["Cache-Control"] == "no-store"


def test_long_lists_have_pages(client, circle):
    for number in range(31):
        make_document(circle, title=f"Blatt {number}")

    assert titles(client.get(LIBRARY))[0] == "Blatt 30"
    assert titles(client.get(f"{LIBRARY}?seite=2&q=blatt")) == ["Blatt 0"]
    assert titles(client.get(f"{LIBRARY}?seite=99")) == []


def test_an_earlier_address_leads_on(client, circle):
    rename(circle, "bots", "Bots", at=NOON)

    assert client.get(LIBRARY).location == "/communities/bots/unterlagen/"


def test_thirty_things_are_asked_for_like_one(client, circle, meeting, db):
    def asked() -> int:
        with statements() as heard:
            assert client.get(f"{LIBRARY}?q=t").status_code == 200
        return len(list(heard))

    def add() -> None:
        make_document(circle, title="Text", file=make_file())
        make_material(
            make_event(title="Treffen", communities=(circle,)), title="Tafel", viewers=MaterialViewers.EVERYBODY
        )

    add()
    few = asked()
    for _ in range(14):
        add()
    assert (asked(), few > 0) == (few, True)


def test_the_page_of_a_circle_shows_what_is_new_and_what_was_made(client, circle):
    make_document(circle, title="Für alle")
    make_document(circle, title="Nur intern", viewers=Readers.COMMUNITY)
    make_result(circle, title="Werk", published_on=date(2026, 11, 21))
    make_result(circle, title="Unfertig", published_on=date(2026, 11, 22))

    text = text_of(client.get("/communities/chatbot/"))
    assert [word in text for word in ("Für alle", "Nur intern", "Werk", "Unfertig")] == [True, False, True, False]


def test_strangers_are_asked_to_sign_in_whether_there_is_something_or_not_and_come_back(readers, circle):
    note, file = (make_document(circle, viewers=Readers.COMMUNITY, **one) for one in ({}, {"file": make_file()}))
    pages = [f"{LIBRARY}{note.id}/", f"{LIBRARY}{file.id}/datei", f"{LIBRARY}999999/"]

    asked = [readers["stranger"].get(page) for page in pages]

    assert [(one.status_code, one.location) for one in asked] == [
        (303, f"/konto/anmelden/?next={page}") for page in pages
    ]
    assert [readers["known"].get(page).status_code for page in pages] == [404, 404, 404]
    assert readers["stranger"].get("/communities/gibt-es-nicht/unterlagen/1/").status_code == 404
