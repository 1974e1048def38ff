"""Registering where the event asks something, or takes groups."""

import json
from io import BytesIO

import pytest
from sqlalchemy import select

from nextevents.events import queries
from nextevents.events.models import Answer, Audience, Format, Photos, QuestionKind, Registration, State
from nextevents.ground.files import File
from nextevents.mailing.models import Message
from tests.factories import (
    NOON,
    make_community,
    make_event,
    make_organisation,
    make_person,
    make_question,
    make_registration,
)
from tests.house.listening import statements
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE, REGISTER, ASKED = "/veranstaltungen/ki/", "/veranstaltungen/ki/anmeldung", "/veranstaltungen/ki/angemeldet"
ADA = {"name": "Ada Beispiel", "email": "ada@stadt.example", "organisation": "Stadt Beispiel"}
PDF = b"%PDF-1.7 Folien"


def field(question):
    return f"frage-{question.id}"


def answers(db):
    return db.scalars(select(Answer.value).order_by(Answer.question_id)).all()


def form_on(answer):
    return page_of(answer).find("form", action=REGISTER)


@pytest.fixture
def office(signed_in):
    """A browser of the office."""
    return signed_in(make_person("buero@next.example", name="Jona", office=True))


# Questions


def test_the_form_asks_what_the_event_asks_and_nothing_meant_for_organisers(client):
    event = make_event(slug="ki", asks_photos=True)
    travel = make_question(event, kind=QuestionKind.ONE_OF, label="Wie reisen Sie an?", hint="Ungefähr.")
    parking = make_question(
        event, kind=QuestionKind.YES_NO, label="Parkplatz?", shown_if_id=travel.id, shown_if_answer="Auto"
    )
    make_question(event, label="Wer betreut?", is_for_organisers=True)

    form = form_on(client.get(PAGE))
    words = " ".join(form.stripped_strings)

    assert "Wie reisen Sie an? (freiwillig) Ungefähr. Bahn Auto Rad" in words
    assert "Nur wenn Sie „Wie reisen Sie an?“ mit „Auto“ beantworten: Parkplatz?" in words
    assert "Wer betreut?" not in words
    follow_up = form.find(attrs={"data-shown-if": field(travel)})
    assert follow_up["data-shown-if-answer"] == "Auto"
    assert follow_up.find("input", attrs={"name": field(parking)})
    assert [one["value"] for one in form.find_all("input", attrs={"name": "photos"})] == ["no", "overview", "yes"]
    assert form.find_all(checked=True) == []
    assert "enctype" not in form.attrs


def test_a_changed_question_shows_at_once_also_to_those_who_have_the_page_kept(client, office):
    event = make_event(slug="ki")
    make_question(event, label="Was ist Ihr Thema?")
    assert "Was ist Ihr Thema?" in client.get(PAGE).text

    number = queries.questions(event)[0].id
    desk = f"/veranstaltungen/ki/verwalten/fragen/{number}/"
    version = page_of(office.get(desk)).find("input", attrs={"name": "version"})["value"]
    office.send(desk, {"label": "Worum geht es Ihnen?", "kind": "line", "version": version})

    assert "Worum geht es Ihnen?" in client.get(PAGE).text
    assert "Was ist Ihr Thema?" not in client.get(PAGE).text


def test_answers_and_choices_are_stored_with_the_place(client, db):
    event = make_event(slug="ki", asks_photos=True, asks_newsletter=True)
    topic = make_question(event, is_required=True)
    several = make_question(event, kind=QuestionKind.SEVERAL_OF)

    answer = client.send(
        REGISTER,
        ADA | {field(topic): "Bots", field(several): ["Bahn", "Rad"], "photos": "yes", "agrees_to_recording": "y"},
    )

    assert (answer.status_code, answer.location) == (303, ASKED)
    registration = db.scalars(select(Registration)).one()
    assert answers(db) == ["Bots", "Bahn\nRad"]
    assert (registration.photos, registration.wants_newsletter) == (Photos.YES, False)
    assert registration.agrees_to_recording is False  # the event does not ask


def test_what_is_missing_is_said_beside_the_question_and_what_was_typed_stays(client, db):
    event = make_event(slug="ki")
    topic = make_question(event, label="Thema?", is_required=True)
    travel = make_question(event, kind=QuestionKind.ONE_OF, label="Anreise?", is_required=True)

    answer = client.send(REGISTER, ADA | {field(travel): "Auto"})
    page = page_of(answer)

    assert answer.status_code == 422
    assert "Thema: Bitte beantworten Sie diese Frage." in text_of(answer)
    control = page.find("input", attrs={"name": field(topic)})
    assert (control["aria-invalid"], page.find(id=f"{field(topic)}-error") is not None) == ("true", True)
    assert page.find("input", attrs={"name": field(travel), "value": "Auto"}).has_attr("checked")
    assert page.find("input", attrs={"name": "name"})["value"] == "Ada Beispiel"
    assert db.scalars(select(Registration)).all() == []


def test_signed_in_people_register_with_one_click_unless_there_is_something_to_ask(signed_in, db):
    person = make_person("ada@stadt.example", name="Ada Beispiel")
    ada, event = signed_in(person), make_event(slug="ki")

    assert form_on(ada.get(PAGE)).find_all("input", type="text") == []
    topic = make_question(event, label="Thema?", is_required=True)
    refused = ada.send(REGISTER)
    taken = ada.send(REGISTER, {field(topic): "Bots"})

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "Thema: Bitte beantworten Sie diese Frage." in text_of(refused)
    assert (db.scalars(select(Registration.state)).all(), answers(db)) == ([State.CONFIRMED], ["Bots"])


def test_registering_where_nothing_is_asked_takes_no_further_query(client, db):
    make_event(slug="ki")
    event = make_event(slug="fragen")
    topic = make_question(event)

    with statements() as without:
        client.send(REGISTER, ADA)
    with statements() as with_one:
        client.send(REGISTER.replace("ki", "fragen"), ADA | {"email": "bob@stadt.example", field(topic): "Bots"})

    assert about_questions(without) == ["SELECT"]  # the event is read with what it asks
    assert about_questions(with_one) == ["SELECT", "SELECT", "INSERT"]


def about_questions(heard):
    return [statement.split()[0] for statement in heard if "question" in statement]


# Files


def test_a_file_is_taken_where_the_event_asks_for_one(client, db):
    event = make_event(slug="ki", format=Format.CAMP)
    slides = make_question(event, kind=QuestionKind.FILE, label="Folien")

    assert form_on(client.get(PAGE))["enctype"] == "multipart/form-data"
    answer = client.send(REGISTER, ADA | {field(slides): (BytesIO(PDF), "..\\CON/Folien.pdf")})

    assert answer.status_code == 303
    assert answers(db) == ["Folien.pdf"]
    assert [(one.name, one.content) for one in db.scalars(select(File))] == [("Folien.pdf", PDF)]


@pytest.mark.parametrize("name", ["name", "frage-999", "photos"])
def test_files_anywhere_else_are_refused(client, db, name):
    event = make_event(slug="ki", format=Format.CAMP)
    make_question(event, kind=QuestionKind.FILE, label="Folien")

    assert client.send(REGISTER, ADA | {name: (BytesIO(PDF), "folien.pdf")}).status_code == 400
    assert db.scalars(select(Registration)).all() == []


def test_only_organisers_get_the_file_and_only_to_save_it(client, signed_in, office, db):
    event = make_event(slug="ki", format=Format.CAMP)
    slides = make_question(event, kind=QuestionKind.FILE, label="Folien")
    make_event(slug="anderes")
    client.send(REGISTER, ADA | {field(slides): (BytesIO(PDF), "Folien.pdf")})
    number = db.scalars(select(Answer.id)).one()
    path = f"/veranstaltungen/ki/verwalten/antworten/{number}"

    answer = office.get(path)

    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Folien.pdf"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(path).status_code == 303
    assert signed_in(make_person()).get(path).status_code == 404
    assert office.get(path.replace("/ki/", "/anderes/")).status_code == 404


# Colleagues


@pytest.fixture
def city(db):
    """A body whose addresses end in stadt.example."""
    return make_organisation("Stadt Beispiel", domains=("stadt.example",))


def row(number, name, email):
    return {f"person-{number}-name": name, f"person-{number}-email": email}


BOB, CEM = row(1, "Bob", "bob@stadt.example"), row(3, "Cem", "cem@amt.stadt.example")


def kinds(db):
    return [tuple(one) for one in db.execute(select(Message.kind, Message.recipient).order_by(Message.id))]


def test_rows_for_colleagues_stand_there_only_where_groups_may_come(client):
    event = make_event(slug="ki", takes_groups=True)
    make_event(slug="allein")
    make_event(slug="intern", takes_groups=True, audience=Audience.MEMBERS)

    assert len(page_of(client.get(PAGE)).find_all("fieldset", class_="colleague")) == 3
    for slug in ("allein", "intern"):
        page = client.get(PAGE.replace("ki", slug))
        assert page_of(page).find_all("fieldset", class_="colleague") == []
    assert event.takes_groups


def test_each_colleague_gets_a_place_and_a_mail_and_the_page_says_what_happened(client, db, city):
    make_event(slug="ki", takes_groups=True, capacity=2)

    answer = client.send(REGISTER, ADA | BOB | CEM)
    words = text_of(answer)

    assert answer.status_code == 200
    assert "Bob bob@ stadt.example ein Platz Cem cem@ amt.stadt.example ein Platz auf der Warteliste" in words
    assert page_of(answer).find("a", href=ASKED)
    assert kinds(db) == [
        ("confirm_address", "ada@stadt.example"),
        ("confirm_for_colleague", "bob@stadt.example"),
        ("confirm_for_colleague", "cem@amt.stadt.example"),
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    with client.session_transaction() as session:
        assert "Bob" not in json.dumps({name: str(value) for name, value in session.items()})


def test_a_signed_in_person_registers_at_once_and_the_colleagues_decide_for_themselves(signed_in, db, city):
    person = make_person("ada@stadt.example", name="Ada Beispiel")
    person.organisation = city
    event = make_event(slug="ki", takes_groups=True)
    topic = make_question(event, label="Thema?", is_required=True)

    answer = signed_in(person).send(REGISTER, BOB | {field(topic): "Bots"})

    assert "Bob bob@ stadt.example ein Platz" in text_of(answer)
    found = db.execute(select(Registration.name, Registration.state).order_by(Registration.state)).all()
    assert [tuple(one) for one in found] == [("Ada Beispiel", State.CONFIRMED), ("Bob", State.UNCONFIRMED)]


def test_a_colleague_confirms_with_the_code_of_their_own_mail_and_is_asked_then(client, app, db, city):
    event = make_event(slug="ki", takes_groups=True)
    topic = make_question(event, label="Thema?", is_required=True)
    client.send(REGISTER, ADA | BOB | {field(topic): "Bots"})
    values = db.scalars(select(Message).where(Message.kind == "confirm_for_colleague")).one().values
    path = values["confirm"].removeprefix("http://localhost")
    bob = app.test_client()

    assert "geben Sie deshalb auch den Code aus der Mail ein" in text_of(bob.get(path))
    assert "geben Sie deshalb auch den Code aus der Mail ein" in text_of(client.get(path))
    answer = bob.send(path, {"code": values["code"]}, follow_redirects=True)

    assert "Sie sind angemeldet." in text_of(answer)
    assert "Es fehlen noch Antworten." in text_of(answer)


@pytest.mark.parametrize(
    ("rows", "name", "said"),
    [
        (row(1, "", "bob@stadt.example"), "person-1-name", "Bitte geben Sie den Namen an."),
        (row(2, "Bob", ""), "person-2-email", "Mail-Adresse"),
        (row(1, "Bob", "bob"), "person-1-email", "Mail-Adresse"),
        (row(1, "Bob", "bob@anderswo.example"), "person-1-email", "keine Adresse von Stadt Beispiel"),
        (row(1, "Ada", "ADA@stadt.example"), "person-1-email", "steht hier schon"),
        (BOB | row(2, "Bob", "BOB@stadt.example"), "person-2-email", "steht hier schon"),
        (row(1, "B\u202eob", "bob@stadt.example"), "person-1-name", "nicht sehen kann"),
    ],
)
def test_a_row_that_is_wrong_says_so_and_registers_nobody(client, db, city, rows, name, said):
    make_event(slug="ki", takes_groups=True)

    answer = client.send(REGISTER, ADA | rows)

    assert answer.status_code == 422
    assert said in page_of(answer).find(id=f"{name}-error").get_text()
    assert page_of(answer).find("details", open=True)
    assert (db.scalars(select(Registration)).all(), kinds(db)) == ([], [])


def test_bodies_that_nobody_knows_yet_register_one_by_one(client, db):
    make_event(slug="ki", takes_groups=True)

    answer = client.send(REGISTER, ADA | BOB)

    assert answer.status_code == 422
    assert "Wir kennen Ihre Organisation noch nicht." in text_of(answer)


def test_more_rows_are_a_button_that_registers_nobody_and_loses_nothing(client, db, city):
    event = make_event(slug="ki", takes_groups=True)
    topic = make_question(event, label="Thema?", is_required=True)

    answer = client.send(REGISTER, ADA | BOB | {field(topic): "Bots", "weitere-zeilen": "1"})
    page = page_of(answer)

    assert (answer.status_code, db.scalars(select(Registration)).all()) == (200, [])
    assert len(page.find_all("fieldset", class_="colleague")) == 6
    assert page.find("input", attrs={"name": "person-1-name"})["value"] == "Bob"
    assert page.find("input", attrs={"name": field(topic)})["value"] == "Bots"
    full = client.send(REGISTER, ADA | row(9, "Zoe", "zoe@stadt.example") | {"weitere-zeilen": "1"})
    assert len(page_of(full).find_all("fieldset", class_="colleague")) == 10
    assert "Weitere Zeilen" not in text_of(full)


def test_whoever_types_the_enter_key_registers_and_asks_for_no_rows(client):
    make_event(slug="ki", takes_groups=True)

    first = form_on(client.get(PAGE)).find("button")

    assert (first.get("name"), first["tabindex"], first["aria-hidden"]) == (None, "-1", "true")


def test_a_group_sent_twice_is_there_once(client, db, city):
    make_event(slug="ki", takes_groups=True)
    form = ADA | BOB | {"vorgang": "eins"}

    first, second = client.send(REGISTER, form), client.send(REGISTER, form)

    assert text_of(first) == text_of(second)
    assert (len(db.scalars(select(Registration)).all()), len(kinds(db))) == (2, 2)


def test_rows_are_ignored_where_groups_may_not_come(client, db, city):
    make_event(slug="ki", communities=(make_community(),))

    assert client.send(REGISTER, ADA | BOB).status_code == 303
    assert db.scalars(select(Registration.name)).all() == ["Ada Beispiel"]


def test_the_page_does_not_tell_who_is_registered_already(client, db, city):
    event = make_event(slug="ki", takes_groups=True)
    earlier = NOON.replace(day=1)
    make_registration(event, make_person("bob@stadt.example", name="Bobby"), made_at=earlier)

    answer = client.send(REGISTER, ADA | BOB)

    assert "Bob bob@ stadt.example ein Platz" in text_of(answer)
    assert "Bobby" not in answer.text


def test_the_summary_of_what_is_wrong_says_whose_row_it_is(client, db, city):
    make_event(slug="ki", takes_groups=True)

    answer = client.send(
        REGISTER, ADA | BOB | row(2, "", "cem@amt.stadt.example") | row(3, "Dan", "dan@anders.example")
    )

    summary = page_of(answer).select_one(".error-summary")
    assert answer.status_code == 422
    assert [(one["href"], one.get_text().split(":")[0]) for one in summary.select("a")] == [
        ("#person-2-name", "Person 2, Name"),
        ("#person-3-email", "Person 3, Dienstliche E-Mail-Adresse"),
    ]
