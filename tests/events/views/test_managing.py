"""A registration as its mails link to it: seeing, withdrawing, answering, coming back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.messages import manage_href
from nextevents.events.models import Registration, Stage, State, WaitingMode
from nextevents.events.services import cancel_event, cancel_registration
from nextevents.ground.tokens import token_for
from nextevents.mailing.models import Message
from tests.factories import NOON, make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

MEANT = {"is_meant": "y"}


@pytest.fixture
def href(app, db):
    """Gives a registration's address as its mails have it."""
    del db

    def of(registration):
        with app.test_request_context("/"):
            return manage_href(registration)

    return of


def offered():
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER)
    seated, first = make_registration(event), make_registration(event, state=State.WAITING)
    second = make_registration(event, state=State.WAITING, made_at=NOON + timedelta(seconds=1))
    cancel_registration(seated, at=NOON)
    return first, second


def states(db, *registrations: Registration):
    for one in registrations:
        db.refresh(one)
    return [one.state for one in registrations]


WORDS = {
    State.CONFIRMED: "Sie sind angemeldet.",
    State.WAITING: "Sie stehen auf der Warteliste, Platz 1.",
    State.OFFERED: "Für Sie ist ein Platz frei. Bitte antworten Sie bis Sonntag, 22. November 2026, 13 Uhr.",
    State.UNCONFIRMED: "Diese Anmeldung ist noch nicht bestätigt.",
    State.ATTENDED: "Sie sind da: Ihre Teilnahme ist vermerkt.",
    State.CANCELLED: "Sie sind nicht mehr angemeldet.",
}


@pytest.mark.parametrize(("state", "words"), WORDS.items())
def test_the_page_says_how_the_registration_stands(client, href, state, words):
    registration = make_registration(make_event(slug="ki"), make_person("ada@stadt.example", name="Ada"), state=state)

    answer = client.get(href(registration))
    said = text_of(answer)

    assert words in said
    assert "Sprachmodelle im Bürgeramt" in said
    assert "ada@stadt.example" in page_of(answer).get_text()
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("state", State)
def test_the_way_in_is_for_confirmed_people_only(client, href, state):
    shown = client.get(href(make_registration(make_event(), state=state))).text

    assert ("konferenz.next.example" in shown) == (state in {State.CONFIRMED, State.ATTENDED})


def test_looking_changes_nothing(client, href, db):
    registration = make_registration(make_event())

    assert [client.get(href(registration)).status_code, client.head(href(registration)).status_code] == [200, 200]
    assert (states(db, registration), db.scalars(select(Message)).all()) == ([State.CONFIRMED], [])


# Withdrawing


def test_withdrawing_needs_a_tick(client, href, db):
    registration = make_registration(make_event())

    answer = client.send(f"{href(registration)}absagen")

    assert answer.status_code == 422
    assert "Bitte setzen Sie das Häkchen, wenn Sie absagen möchten." in text_of(answer)
    assert states(db, registration) == [State.CONFIRMED]


def test_who_has_only_asked_takes_the_request_back_and_no_seat(client, href, db):
    registration = make_registration(make_event(), state=State.REQUESTED)
    page = href(registration)

    refused = client.send(f"{page}absagen")

    assert "Ja, ich ziehe meine Anfrage zurück." in text_of(client.get(page))
    assert refused.status_code == 422
    assert "Bitte setzen Sie das Häkchen, wenn Sie Ihre Anfrage zurückziehen möchten." in text_of(refused)
    assert "Platz frei" not in text_of(refused)
    assert states(db, registration) == [State.REQUESTED]
    client.send(f"{page}absagen", MEANT)
    assert states(db, registration) == [State.CANCELLED]


def test_withdrawing_frees_the_seat_for_the_next_at_once(client, href, db):
    event = make_event(capacity=1)
    registration, waiting = make_registration(event), make_registration(event, state=State.WAITING)

    answer = client.send(f"{href(registration)}absagen", MEANT)

    assert (answer.status_code, answer.location) == (303, href(registration))
    assert "Sie sind nicht mehr angemeldet." in text_of(client.get(answer.location))
    assert states(db, registration, waiting) == [State.CANCELLED, State.CONFIRMED]


def test_withdrawing_twice_is_harmless(client, href, db):
    registration = make_registration(make_event())

    for _ in range(2):
        assert client.send(f"{href(registration)}absagen", MEANT).status_code == 303

    assert db.scalars(select(Message.kind)).all() == ["cancelled_by_you"]


def test_nobody_withdraws_from_what_is_over(client, href, db, at_noon):
    registration = make_registration(make_event())
    at_noon.move_to(registration.event.ends_at, tick=False)

    assert page_of(client.get(href(registration))).find("form", action=f"{href(registration)}absagen") is None
    answer = client.send(f"{href(registration)}absagen", MEANT)

    assert "Dieser Termin hat schon begonnen." in text_of(client.get(answer.location))
    assert states(db, registration) == [State.CONFIRMED]


def test_what_was_called_off_needs_no_withdrawing(client, href):
    registration = make_registration(make_event())
    cancel_event(registration.event, at=NOON)

    page = page_of(client.get(href(registration)))

    assert "Dieser Termin fällt leider aus." in page.get_text()
    assert page.main.find_all("form") == []


# Offers


@pytest.mark.parametrize("answer", ["annehmen", "ablehnen"])
def test_answering_an_offer_needs_a_tick(client, href, db, answer):
    first, _ = offered()

    assert client.send(f"{href(first)}{answer}").status_code == 422
    assert states(db, first) == [State.OFFERED]


def test_an_accepted_offer_is_a_seat(client, href, db):
    first, second = offered()

    client.send(f"{href(first)}annehmen", MEANT)

    assert states(db, first, second) == [State.CONFIRMED, State.WAITING]
    assert "Sie sind angemeldet." in text_of(client.get(href(first)))


def test_a_declined_offer_goes_to_the_next(client, href, db):
    first, second = offered()

    client.send(f"{href(first)}ablehnen", MEANT)

    assert states(db, first, second) == [State.CANCELLED, State.OFFERED]


@pytest.mark.parametrize("answer", ["annehmen", "ablehnen"])
def test_who_has_no_offer_is_told_so(client, href, db, answer):
    registration = make_registration(make_event(), state=State.WAITING)

    client.send(f"{href(registration)}{answer}", MEANT)

    assert "Dieses Angebot gilt nicht mehr." in text_of(client.get(href(registration)))
    assert states(db, registration) == [State.WAITING]


def test_who_answers_too_late_is_told_so(client, href, db, at_noon):
    first, _ = offered()
    at_noon.shift(timedelta(hours=48))

    client.send(f"{href(first)}annehmen", MEANT)

    assert "Dieses Angebot gilt nicht mehr." in text_of(client.get(href(first)))
    assert states(db, first) == [State.OFFERED]  # until the worker passes it on


# Coming back


def test_a_withdrawal_can_be_undone_with_a_tick(client, href, db):
    registration = make_registration(make_event())
    cancel_registration(registration, at=NOON)

    assert client.send(f"{href(registration)}doch-dabei").status_code == 422
    answer = client.send(f"{href(registration)}doch-dabei", MEANT)

    assert answer.location != href(registration)
    assert "Sie sind angemeldet." in text_of(client.get(answer.location))
    assert db.scalars(select(Registration.state).order_by(Registration.id)).all() == [State.CANCELLED, State.CONFIRMED]


def test_after_a_day_it_cannot(client, href, db, at_noon):
    registration = make_registration(make_event())
    cancel_registration(registration, at=NOON)
    at_noon.shift(timedelta(hours=24))

    assert page_of(client.get(href(registration))).main.find_all("form") == []
    answer = client.send(f"{href(registration)}doch-dabei", MEANT)

    assert "Die Anmeldung zu diesem Termin ist geschlossen." in text_of(client.get(answer.location))
    assert states(db, registration) == [State.CANCELLED]


# Links


def test_a_link_of_another_purpose_cut_off_or_of_nobody_leads_nowhere(client):
    registration = make_registration(make_event())
    good = token_for("manage", registration.id)
    others = [token_for("registration", registration.id), token_for("feed", registration.id), good[:-1], "x"]
    others.append(token_for("manage", registration.id + 1))

    seen = [client.get(f"/anmeldung/{token}/").status_code for token in others]
    sent = [client.send(f"/anmeldung/{token}/absagen", MEANT).status_code for token in others]

    assert (seen, sent, registration.state) == (5 * [404], 5 * [404], State.CONFIRMED)
    assert client.get(f"/anmeldung/{good}=3D/").status_code == 200


def test_the_way_in_is_shown_until_the_end(client, href, db):
    event = make_event(dial_in="https://konferenz.example/raum")
    registration = make_registration(event)
    assert event.dial_in in client.get(href(registration)).text

    event.set_time(datetime(2026, 11, 20, 14), datetime(2026, 11, 20, 16))
    db.flush()
    assert event.dial_in not in client.get(href(registration)).text


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING])
def test_whoever_is_registered_for_a_postponed_event_does_not_read_the_old_date(client, href, state):
    registration = make_registration(make_event(stage=Stage.POSTPONED), state=state)

    shown = text_of(client.get(href(registration)))

    assert "Dieser Termin ist verschoben." in shown
    assert "Termin folgt" in shown
    assert not any(words in shown for words in ("2. Dezember", "Als Kalenderdatei", "Mehr müssen Sie nicht tun."))
