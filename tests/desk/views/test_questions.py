"""The page of an event's questions."""

import pytest

from nextevents.events import queries
from nextevents.events.models import QuestionKind
from nextevents.events.services import QuestionDraft
from tests.factories import make_answer, make_event, make_question, make_registration
from tests.house.listening import statements
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/veranstaltungen/ki/verwalten/fragen/"
TRAVEL = {"label": "Wie reisen Sie an?", "kind": "one_of", "options": "Bahn\nAuto"}


def path(question, deed=""):
    return f"{DESK}{question.id}/{deed}"


def labels(db, event):
    db.expire_all()
    return [one.label for one in queries.questions(event)]


def typed_in(page, **changes):
    """What the question's form holds, with changes."""
    form = page.main.find("form", novalidate=True)
    found = {
        field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("type") != "checkbox"
    }
    found |= {field["name"]: "y" for field in form.find_all("input", type="checkbox") if field.has_attr("checked")}
    found |= {field["name"]: field.get_text().removeprefix("\r\n") for field in form.find_all("textarea")}
    chosen = {field["name"]: field.find("option", selected=True) for field in form.find_all("select")}
    found |= {name: option["value"] for name, option in chosen.items() if option}
    return found | changes


def test_an_event_without_questions_offers_some_to_begin_with(office, db):
    event = make_event(slug="ki")

    said = text_of(office.get(DESK))
    assert "Noch fragt dieser Termin nur nach Name und Adresse." in said
    assert "Mit einem Klick" in said
    for key in ("versorgung", "themen", "barrierefreiheit", "versorgung"):
        answer = office.send(DESK + "vorlage", {"vorlage": key})
        assert (answer.status_code, answer.location) == (303, DESK)

    assert labels(db, event) == [
        "Was möchten Sie essen?",
        "Was vertragen Sie nicht?",
        "Wie reisen Sie an?",
        "Brauchen Sie einen Parkplatz?",
        "Worüber möchten Sie sprechen?",
        "Barrierefreiheit: Was brauchen Sie?",
        "Was können wir sonst für Sie tun?",
    ]
    said = text_of(office.get(DESK))
    assert "ja oder nein · freiwillig Nur wenn „Wie reisen Sie an?“ mit „Mit dem Auto“ beantwortet ist." in said
    assert "Mit einem Klick" not in said
    assert office.send(DESK + "vorlage", {"vorlage": "gibt-es-nicht"}).status_code == 404


def test_a_question_is_added_changed_and_removed(office, db):
    event = make_event(slug="ki")

    assert office.send(DESK + "neu/", TRAVEL).location == DESK
    question = queries.questions(event)[0]
    page = page_of(office.get(path(question)))
    assert typed_in(page)["options"] == "Bahn\nAuto"
    office.send(path(question), typed_in(page, label="Womit kommen Sie?", kept_days="7"))
    assert "Womit kommen Sie? eine Antwort aus mehreren · freiwillig · gelöscht nach 7 Tagen" in text_of(
        office.get(DESK)
    )

    office.send(path(question, "entfernen"))
    assert labels(db, event) == []


def test_a_question_that_cannot_be_says_why_beside_the_field(office, db):
    event = make_event(slug="ki")

    answer = office.send(DESK + "neu/", TRAVEL | {"options": "Bahn"})

    assert answer.status_code == 422
    said = page_of(answer).find(id="options-error").get_text()
    assert "mindestens zwei Antworten" in said
    assert labels(db, event) == []


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"kind": "line"}, "kind", "schon beantwortet (1 Mal)"),
        ({"options": "Auto\nRad"}, "options", "nicht zu entfernen oder umzubenennen: Bahn"),
    ],
)
def test_an_answered_question_says_what_stays_and_why(office, db, changes, field, said):
    event = make_event(slug="ki")
    question = make_question(event, kind=QuestionKind.ONE_OF)
    make_answer(make_registration(event), question, "Bahn")
    page = page_of(office.get(path(question)))
    assert "Diese Frage hat schon 1 Antwort." in page.get_text()

    answer = office.send(path(question), typed_in(page, **changes))

    assert answer.status_code == 422
    assert said in page_of(answer).find(id=f"{field}-error").get_text()
    db.expire_all()
    assert (question.kind, question.options) == (QuestionKind.ONE_OF, ["Bahn", "Auto", "Rad"])


def test_answers_go_only_if_that_is_meant(office, db):
    event = make_event(slug="ki")
    question = make_question(event)
    make_answer(make_registration(event), question)

    assert office.send(path(question, "entfernen")).status_code == 422
    assert len(labels(db, event)) == 1
    assert office.send(path(question, "entfernen"), {"is_meant": "y"}).status_code == 303
    assert labels(db, event) == []


def test_questions_move_by_buttons(office, db):
    event = make_event(slug="ki")
    first, second = make_question(event, label="Eins"), make_question(event, label="Zwei")

    office.send(path(second, "verschieben"), {"richtung": "hoch"})
    assert labels(db, event) == ["Zwei", "Eins"]
    office.send(path(second, "verschieben"), {"richtung": "runter"})
    assert labels(db, event) == ["Eins", "Zwei"]
    buttons = [one.get_text(" ", strip=True) for one in page_of(office.get(DESK)).select(".asked-do button")]
    assert buttons[:2] == ["Nach unten Eins", "Nach oben Zwei"]
    assert first.label == "Eins"


def test_two_who_change_one_question_see_both_versions(office, db):
    event = make_event(slug="ki")
    question = make_question(event, label="Thema?")
    mine = typed_in(page_of(office.get(path(question))), hint="<b>Meiner</b>")
    office.send(path(question), typed_in(page_of(office.get(path(question))), label="Worum geht es?"))

    answer = office.send(path(question), mine)
    page = page_of(answer)

    assert answer.status_code == 409
    assert "Frage Thema? Worum geht es?" in text_of(answer)
    assert "<b>Meiner</b>" not in answer.text
    db.expire_all()
    assert (question.label, question.hint) == ("Worum geht es?", "")
    assert office.send(path(question), typed_in(page)).status_code == 303
    db.expire_all()
    assert (question.label, question.hint) == ("Thema?", "<b>Meiner</b>")


def test_a_question_of_another_event_is_not_here(office, db):
    make_event(slug="ki")
    elsewhere = make_question(make_event())

    assert office.get(path(elsewhere)).status_code == 404
    for deed in ("", "verschieben", "entfernen"):
        assert office.send(path(elsewhere, deed), TRAVEL).status_code == 404
    assert QuestionDraft.of(elsewhere).label == "Was ist Ihr Thema?"


def test_a_list_of_many_questions_takes_no_more_queries_than_one(office, db):
    event = make_event(slug="ki")
    make_question(event)
    with statements() as of_one:
        office.get(DESK)
    for _number in range(12):
        make_question(event)
    with statements() as of_many:
        office.get(DESK)

    assert len(of_many) == len(of_one)
