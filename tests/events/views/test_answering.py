"""Changing one's own answers and choices, on the page of one's registration."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from nextevents.events.messages import REGISTRATION
from nextevents.events.models import Answer, Format, Photos, QuestionKind, State
from nextevents.ground.files import File
from nextevents.ground.tokens import token_for
from tests.factories import make_answer, make_event, make_file, make_question, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def page(app):
    """Gives the address of a registration's page."""
    return lambda registration: f"/anmeldung/{token_for(REGISTRATION, registration.id)}/"


def field(question):
    return f"frage-{question.id}"


def value_of(answer, name):
    control = page_of(answer).select_one(f"#angaben [name={name}]")
    return control.get("value") if control else None


def stored(db):
    db.expire_all()
    return dict(db.execute(select(Answer.question_id, Answer.value)).all())


def test_it_shows_what_stands_and_nothing_of_the_organisers(client, page):
    event = make_event(asks_photos=True, asks_newsletter=True)
    topic = make_question(event, label="Thema?")
    travel = make_question(event, kind=QuestionKind.SEVERAL_OF)
    number = make_question(event, kind=QuestionKind.NUMBER)
    hidden = make_question(event, label="Wer betreut?", is_for_organisers=True)
    registration = make_registration(event)
    registration.photos, registration.wants_newsletter = Photos.OVERVIEW, True
    for question, value in ((topic, "Bots"), (travel, "Bahn\nRad"), (number, "7"), (hidden, "Geheim")):
        make_answer(registration, question, value)

    answer = client.get(page(registration))
    chosen = [one.get("value") for one in page_of(answer).select("#angaben [checked]")]

    assert (value_of(answer, field(topic)), value_of(answer, field(number))) == ("Bots", "7")
    assert chosen == ["Bahn", "Rad", "overview", "y"]
    assert "Wer betreut?" not in answer.text
    assert "Geheim" not in answer.text


def test_what_is_changed_is_kept_and_choices_can_be_taken_back(client, page, db):
    event = make_event(asks_newsletter=True)
    topic, more = make_question(event), make_question(event)
    hidden = make_question(event, is_for_organisers=True)
    registration = make_registration(event)
    registration.wants_newsletter = True
    for question in (topic, more, hidden):
        make_answer(registration, question, "Alt")

    typed = {field(topic): "Neu", field(more): "", field(hidden): "Unsinn"}
    answer = client.send(page(registration) + "angaben", typed, follow_redirects=True)

    assert "Gespeichert." in text_of(answer)
    assert stored(db) == {topic.id: "Neu", hidden.id: "Alt"}
    assert registration.wants_newsletter is False


def test_what_is_missing_is_said_and_nothing_is_lost(client, page, db):
    event = make_event()
    topic, travel = make_question(event, label="Thema?", is_required=True), make_question(event)
    registration = make_registration(event)
    make_answer(registration, topic, "Alt")

    answer = client.send(page(registration) + "angaben", {field(topic): " ", field(travel): "Rad"})

    assert answer.status_code == 422
    assert "Thema: Bitte beantworten Sie diese Frage." in text_of(answer)
    assert value_of(answer, field(travel)) == "Rad"
    assert stored(db) == {topic.id: "Alt"}


def test_a_file_stays_without_being_sent_again(client, page, db):
    event = make_event(format=Format.CAMP)
    slides = make_question(event, kind=QuestionKind.FILE, is_required=True)
    registration = make_registration(event)
    make_answer(registration, slides, "alt.pdf", file=make_file(name="alt.pdf"))
    path = page(registration)

    assert "Gespeichert: alt.pdf. Eine neue Datei ersetzt sie." in text_of(client.get(path))
    client.send(path + "angaben", {field(slides): (BytesIO(b""), "")})
    assert stored(db) == {slides.id: "alt.pdf"}
    client.send(path + "angaben", {field(slides): (BytesIO(b"%PDF-neu"), "neu.pdf")})
    assert stored(db) == {slides.id: "neu.pdf"}
    assert db.scalars(select(File.name)).all() == ["neu.pdf"]
    assert client.send(path + "angaben", {"photos": (BytesIO(b"%PDF-"), "neu.pdf")}).status_code == 400


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.REQUESTED])
def test_whoever_still_counts_may_change_until_the_event_begins(client, page, at_noon, state):
    event = make_event()
    make_question(event)
    path = page(make_registration(event, state=state))

    assert page_of(client.get(path)).find(id="angaben")
    at_noon.move_to(event.starts_at)
    assert not page_of(client.get(path)).find(id="angaben")
    assert "hat schon begonnen" in text_of(client.send(path + "angaben", follow_redirects=True))


def test_nobody_is_asked_where_there_is_nothing_to_ask_or_it_is_too_late(client, page):
    event = make_event()
    withdrawn = make_registration(event, state=State.CANCELLED)
    plain = make_registration(event)
    assert not page_of(client.get(page(plain))).find(id="angaben")

    make_question(event)
    assert page_of(client.get(page(plain))).find(id="angaben")
    assert not page_of(client.get(page(withdrawn))).find(id="angaben")


def test_whoever_has_not_answered_yet_is_reminded_on_the_page(client, page, db):
    event = make_event()
    travel = make_question(event, kind=QuestionKind.YES_NO, is_required=True)
    parking = make_question(event, is_required=True, shown_if_id=travel.id, shown_if_answer="ja")
    registration = make_registration(event)
    missing = "Es fehlen noch Antworten."

    assert missing in text_of(client.get(page(registration)))
    answer = make_answer(registration, travel, "nein")
    assert missing not in text_of(client.get(page(registration)))
    answer.value = "ja"
    db.flush()
    assert missing in text_of(client.get(page(registration)))
    make_answer(registration, parking, "P1")
    assert missing not in text_of(client.get(page(registration)))
    assert registration.made_at + timedelta(days=1) < event.starts_at
