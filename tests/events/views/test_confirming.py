"""Confirming a registration: by the code where one asked, by the link with the button, elsewhere with both."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from nextevents.events.models import Registration, State
from nextevents.events.services import cancel_event
from nextevents.ground.tokens import token_for
from nextevents.mailing.models import Message
from nextevents.people.models import Person, Proof, Purpose
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

ASKED = "/veranstaltungen/ki/angemeldet"
ADA = {"name": "Ada Beispiel", "email": "ada@stadt.example"}


@pytest.fixture
def other(app, client):
    """A browser that registered for nothing."""
    del client
    return app.test_client()


@pytest.fixture
def asked(client, db):
    """Ada has registered in the first browser; gives the link's path and the code from her mail."""
    make_event(slug="ki")
    client.send("/veranstaltungen/ki/anmeldung", ADA)
    values = db.scalars(select(Message.values).where(Message.kind == "confirm_address")).one()
    return urlsplit(values["confirm"]).path, values["code"]


def states(db):
    db.expire_all()
    return list(db.scalars(select(Registration.state).order_by(Registration.id)))


def kinds(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def wrong(code):
    return "000000" if code != "000000" else "111111"


def test_the_code_confirms_in_the_browser_that_asked_and_leads_to_the_registration(client, db, asked):
    answer = client.send(ASKED, {"code": asked[1]})

    assert (answer.status_code, answer.location.startswith("/anmeldung/")) == (303, True)
    assert "Sie sind angemeldet." in text_of(client.get(answer.location))
    assert (states(db), kinds(db)) == ([State.CONFIRMED], ["confirm_address", "registered"])
    (person,) = db.scalars(select(Person))
    assert (person.name, person.proved_at is not None) == ("Ada Beispiel", True)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1} {2}", "{1}-{2}"])
def test_blanks_and_hyphens_in_the_code_do_not_matter(client, db, asked, typed):
    code = asked[1]
    client.send(ASKED, {"code": typed.format(code, code[:3], code[3:])})

    assert states(db) == [State.CONFIRMED]


def test_a_wrong_code_confirms_nothing_and_five_end_it(client, db, asked):
    answers = [text_of(client.send(ASKED, {"code": wrong(asked[1])})) for _ in range(5)]

    assert "Der Code stimmt nicht oder ist abgelaufen." in answers[0]
    assert "Der Code wurde zu oft falsch eingegeben." in answers[4]
    assert client.send(ASKED, {"code": asked[1]}).status_code == 422
    assert states(db) == [State.UNCONFIRMED]


def test_the_code_is_of_no_use_in_a_browser_that_did_not_ask(other, db, asked):
    assert other.send(ASKED, {"code": asked[1]}).status_code == 422
    assert states(db) == [State.UNCONFIRMED]


def test_the_link_s_page_says_what_will_be_confirmed_and_changes_nothing(client, other, db, asked):
    link, _ = asked

    for browser in (client, other):
        for method in (browser.head, browser.get, browser.get):
            answer = method(link)
    page = page_of(client.get(link))

    assert "Sprachmodelle im Bürgeramt" in page.main.get_text()
    assert page.main.find("input", {"name": "code"}) is None
    assert page_of(answer).main.find("input", {"name": "code"})
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert (states(db), kinds(db)) == ([State.UNCONFIRMED], ["confirm_address"])


def test_in_the_browser_that_asked_the_button_is_enough(client, db, asked):
    answer = client.send(asked[0])

    assert answer.location.startswith("/anmeldung/")
    assert states(db) == [State.CONFIRMED]


def test_in_another_browser_the_button_wants_the_code_too(other, db, asked):
    link, code = asked

    assert [other.send(link, fields).status_code for fields in ({}, {"code": wrong(code)})] == [422, 422]
    assert states(db) == [State.UNCONFIRMED]

    assert other.send(link, {"code": code}).status_code == 303
    assert states(db) == [State.CONFIRMED]


def test_a_link_works_once_and_then_says_so(client, other, db, asked):
    link, code = asked
    client.send(link)

    assert "Dieser Link wurde schon benutzt oder ist abgelaufen." in text_of(client.get(link))
    assert [client.send(link).status_code, other.send(link, {"code": code}).status_code] == [422, 422]
    assert kinds(db) == ["confirm_address", "registered"]


def test_after_a_day_link_and_code_are_over(client, db, asked, at_noon):
    at_noon.shift(timedelta(hours=24))

    assert "Dieser Link wurde schon benutzt oder ist abgelaufen." in text_of(client.get(asked[0]))
    assert [client.send(asked[0]).status_code, client.send(ASKED, {"code": asked[1]}).status_code] == [422, 422]
    assert states(db) == [State.UNCONFIRMED]


def test_one_button_confirms_everything_that_waits_for_the_address(client, db, asked):
    make_event(slug="zwei", title="Zweiter Termin")
    client.send("/veranstaltungen/zwei/anmeldung", ADA)

    assert "Zweiter Termin" in text_of(client.get(asked[0]))
    client.send(asked[0])

    assert (states(db), kinds(db)) == (2 * [State.CONFIRMED], ["confirm_address", "registered", "registered"])


def test_who_registers_for_a_second_date_can_use_the_code_of_the_first_mail_there(client, db, asked):
    make_event(slug="zwei")
    client.send("/veranstaltungen/zwei/anmeldung", ADA)

    answer = client.send("/veranstaltungen/zwei/angemeldet", {"code": asked[1]})

    assert (answer.status_code, states(db)) == (303, 2 * [State.CONFIRMED])


def test_where_a_place_on_the_list_is_confirmed_the_page_says_its_number(client, db):
    event = make_event(slug="voll", capacity=1)
    make_registration(event)
    client.send("/veranstaltungen/voll/anmeldung", ADA)
    values = db.scalars(select(Message.values)).one()

    answer = client.send("/veranstaltungen/voll/angemeldet", {"code": values["code"]})

    assert "Sie stehen auf der Warteliste, Platz 1." in text_of(client.get(answer.location))


def test_who_confirms_after_the_date_was_called_off_is_told_so(client, db, asked):
    cancel_event(db.scalars(select(Registration)).one().event, at=db.scalars(select(Registration.made_at)).one())

    answer = client.send(asked[0])

    assert "Dieser Termin fällt leider aus." in text_of(client.get(answer.location))
    assert kinds(db) == ["confirm_address"]


def test_a_proof_without_a_registration_proves_the_address(client, db, asked):
    db.delete(db.scalars(select(Registration)).one())
    db.flush()

    answer = client.send(asked[0])

    assert (answer.status_code, answer.location) == (303, "/veranstaltungen/")
    assert "Ihre Adresse ist bestätigt." in text_of(client.get(answer.location))


def test_a_token_of_another_purpose_or_altered_leads_nowhere(client, db, asked):
    number = db.scalar(select(Proof.id))
    tokens = [token_for(purpose, number) for purpose in (Purpose.SIGN_IN, "feed", "manage")]
    tokens += [token_for(Purpose.REGISTRATION, number + 1), "x", 32 * "A"]

    answers = [client.get(f"/anmeldung/bestaetigen/{token}/").status_code for token in tokens]
    answers += [client.send(f"/anmeldung/bestaetigen/{token}/").status_code for token in tokens]

    assert answers == 12 * [404]


def test_a_code_to_sign_in_confirms_no_registration_and_the_other_way_round(client, db, asked):
    make_person("bob@stadt.example")
    client.send("/konto/anmelden/", {"email": "bob@stadt.example"})
    values = db.scalars(select(Message.values).where(Message.kind == "sign_in")).one()

    assert client.send(ASKED, {"code": values["code"]}).status_code == 422
    assert client.send("/konto/anmelden/code/", {"code": asked[1]}).status_code == 422
    assert states(db) == [State.UNCONFIRMED]
