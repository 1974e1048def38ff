"""The way through an event's desk."""

import pytest

from nextevents.events.models import Audience, Place, Question, QuestionKind, Stage, State
from tests.factories import NOON, make_community, make_event, make_registration
from tests.house.visitors import page_of

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/veranstaltungen/ki/verwalten/"


def way(answer):
    """The steps, the current step, the pages in it, and the current page."""
    nav = page_of(answer).select_one("nav.desk-steps")
    steps, pages = nav.select("ol a"), nav.select("ul a")
    return (
        [one.get_text() for one in steps],
        [one.get_text() for one in steps if one.get("aria-current")],
        [one.get_text() for one in pages],
        [one.get_text() for one in pages if one.get("aria-current") == "page"],
    )


STEPS = ["Überblick", "Anlegen", "Füllen", "Durchführen", "Abschließen"]


def test_the_overview_stands_before_the_steps_and_has_no_further_pages(office, db):
    make_event(slug="ki")

    assert way(office.get(DESK)) == (STEPS, ["Überblick"], [], [])


@pytest.mark.parametrize(
    ("page", "step", "current"),
    [
        ("angaben/", "Anlegen", "Angaben"),
        ("fragen/", "Anlegen", "Fragen"),
        ("fragen/neu/", "Anlegen", "Fragen"),
        ("fragen/{question}/", "Anlegen", "Fragen"),
        ("erinnerungen/", "Anlegen", "Erinnerungen"),
        ("teilnehmende/", "Füllen", "Teilnehmende"),
        ("teilnehmende/neu", "Füllen", "Teilnehmende"),
        ("teilnehmende/{registration}/", "Füllen", "Teilnehmende"),
        ("anfragen/", "Füllen", "Anfragen"),
        ("warteliste/", "Füllen", "Warteliste"),
        ("einladungen/", "Füllen", "Einladungen"),
        ("community/", "Füllen", "Community"),
        ("nachrichten/", "Füllen", "Nachrichten"),
        ("abschluss/", "Abschließen", "Abschluss"),
        ("abschluss/unterlagen/", "Abschließen", "Abschluss"),
        ("zahlen/", "Abschließen", "Zahlen"),
    ],
)
def test_every_page_and_what_lies_below_it_shows_where_one_is(office, db, page, step, current):
    event = make_event(slug="ki", audience=Audience.PUBLIC_SECTOR, communities=(make_community(),))
    question = Question(event_id=event.id, kind=QuestionKind.LINE, label="Was?")
    db.add(question)
    registration = make_registration(event, state=State.CONFIRMED)
    db.flush()

    steps, at, pages, here = way(office.get(DESK + page.format(question=question.id, registration=registration.id)))

    assert (steps, at, here) == (STEPS, [step], [current])
    assert current in pages


def test_a_step_of_one_page_is_that_page(office, db):
    make_event(slug="ki", place=Place.IN_PRESENCE)
    page = page_of(office.get(f"{DESK}einlass/"))

    assert [(one.get_text(), one["aria-current"]) for one in page.select("nav.desk-steps [aria-current]")] == [
        ("Durchführen", "page")
    ]


@pytest.mark.parametrize("way_there", ["absagen", "verschieben", "bild", "partner"])
def test_a_refused_form_beside_the_event_s_stays_on_its_page(office, db, way_there):
    make_event(slug="ki")

    answer = office.send(f"{DESK}{way_there}")

    assert answer.status_code == 422
    assert way(answer)[1::2] == (["Anlegen"], ["Angaben"])


def test_pages_that_an_event_has_no_use_for_are_left_out(office, db):
    make_event(slug="ki", capacity=None)

    assert way(office.get(f"{DESK}teilnehmende/"))[2] == ["Teilnehmende", "Einladungen", "Nachrichten"]
    assert "Serie" not in way(office.get(f"{DESK}angaben/"))[2]


def test_a_page_that_is_open_is_there_whether_of_use_or_not(office, db):
    make_event(slug="ki", capacity=None)

    assert way(office.get(f"{DESK}warteliste/"))[2:] == (
        ["Teilnehmende", "Warteliste", "Einladungen", "Nachrichten"],
        ["Warteliste"],
    )


def test_a_draft_has_the_whole_way_before_it(office, db):
    make_event(slug="ki", stage=Stage.DRAFT, starts=NOON.replace(tzinfo=None))

    assert way(office.get(DESK))[0] == STEPS
