"""The pages of messages to participants."""

import pytest
from sqlalchemy import func, select

from nextevents.events.models import Announcement, Question, QuestionKind, State
from nextevents.mailing.models import Message
from tests.factories import make_answer, make_event, make_person, make_question, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE = "/veranstaltungen/ki/verwalten/nachrichten/"
PREVIEW = f"{PAGE}vorschau"
TYPED = {"subject": "Raum geändert", "text": "Wir sind in **Saal 2**.", "states": "confirmed", "answer": "", "body": ""}


@pytest.fixture
def event(db):
    event = make_event(slug="ki")
    for number in range(12):
        make_registration(event, make_person(name=f"Person {number:02}"))
    make_registration(event, make_person(name="Zoe Wartet"), state=State.WAITING)
    return event


def typed_in(page):
    """What the form that sends holds."""
    form = page.find("form", action=PAGE)
    return {field["name"]: field.get_text().removeprefix("\n") for field in form.find_all("textarea")}


def test_before_it_is_sent_one_sees_it_and_the_first_ten_names(office, event, db):
    page = page_of(office.send(PREVIEW, TYPED))

    said = " ".join(page.main.stripped_strings)
    assert page.main.find("strong", string="Saal 2")
    assert "Geht an 12 Personen" in said
    assert "Person 09 und 2 weitere" in said
    assert "Person 10" not in said
    assert db.scalar(select(func.count()).select_from(Message)) == 0


def test_what_was_looked_at_is_sent_once_and_stands_on_the_page(office, event, db):
    form = typed_in(page_of(office.send(PREVIEW, TYPED | {"vorgang": "form-1"})))

    answers = [office.send(PAGE, form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.scalar(select(func.count()).select_from(Announcement)) == 1
    assert db.scalar(select(func.count()).select_from(Message)) == 12
    assert "Die Nachricht geht an 12 Personen." in text_of(office.get(PAGE))
    assert "12 Personen: angemeldet" in text_of(office.get(PAGE))


def test_one_can_go_back_and_change_it(office, event):
    page = page_of(office.send(PREVIEW, TYPED | {"do": "edit"}))

    assert page.find("input", {"name": "subject"})["value"] == "Raum geändert"
    assert page.find("textarea", {"name": "text"}).get_text().strip() == "Wir sind in **Saal 2**."


def test_receivers_can_be_chosen_by_an_answer(office, event, db):
    question = Question(event_id=event.id, kind=QuestionKind.ONE_OF, label="Essen?", options=["vegan", "Fleisch"])
    db.add(question)
    db.flush()

    options = [
        one.get_text() for one in page_of(office.get(PAGE)).find("select", {"name": "answer"}).find_all("option")
    ]
    none = office.send(PREVIEW, TYPED | {"answer": f"{question.id}:vegan"})

    assert options == ["egal", "Essen? vegan", "Essen? Fleisch"]
    assert "Dazu passt gerade niemand." in text_of(none)
    assert office.send(PAGE, TYPED | {"answer": f"{question.id}:vegan"}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "x" * 100_000}, "subject"),
        ({"subject": "a\r\nBcc: eve@evil.example"}, "subject"),
        ({"subject": " "}, "subject"),
        ({"text": ""}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"states": None}, "states-0"),
        ({"states": "gibt es nicht"}, "states-0"),
        ({"answer": "1:x"}, "answer"),
        ({"body": "anders"}, "body"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, PREVIEW])
def test_what_cannot_be_sent_is_refused(office, event, db, path, wrong, field):
    db.add(Question(event_id=event.id, kind=QuestionKind.YES_NO, label="Essen?"))

    answer = office.send(path, {name: value for name, value in (TYPED | wrong).items() if value is not None})

    assert answer.status_code == 422
    assert field in answer.text
    assert db.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<b onclick=x>hallo</b>", "[x](javascript:alert(1))"])
def test_markup_in_the_text_runs_nothing_in_the_preview(office, event, text):
    page = page_of(office.send(PREVIEW, TYPED | {"text": text}))

    assert page.main.find_all(["script", "b"]) == []
    assert "javascript:" not in str([link["href"] for link in page.main.find_all("a")])


def test_receivers_can_be_chosen_by_one_of_several_answers(office, event, db):
    topics = make_question(event, kind=QuestionKind.SEVERAL_OF, label="Themen?", options=["KI", "Daten", "Recht"])
    for name, chosen in (("Ada", "KI\nRecht"), ("Bo", "Recht"), ("Cem", "KI")):
        make_answer(make_registration(event, make_person(name=name)), topics, chosen)

    page = page_of(office.send(PREVIEW, TYPED | {"answer": f"{topics.id}:Recht"}))
    office.send(PAGE, TYPED | {"answer": f"{topics.id}:Recht"})

    said = " ".join(page.main.stripped_strings)
    assert "Geht an 2 Personen" in said
    assert "Ada" in said
    assert "Cem" not in said
    assert db.scalar(select(func.count()).select_from(Message)) == 2
    assert "2 Personen: angemeldet · Recht" in text_of(office.get(PAGE))
