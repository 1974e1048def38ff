"""What organisers do with one participant."""

import pytest
from sqlalchemy import select

from nextevents.events.models import Registration, State, Transfer
from nextevents.mailing.models import Message
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

LIST = "/veranstaltungen/ki/verwalten/teilnehmende/"
NEW = f"{LIST}neu"
ADA = {"name": "Ada Neu", "email": "ada@x.example", "organisation": "Amt"}
TAKER = {"taker_name": "Bob", "taker_email": "bob@x.example", "taker_organisation": ""}


@pytest.fixture
def event(db):
    return make_event(slug="ki", capacity=1)


@pytest.fixture
def seated(event):
    return make_registration(event, make_person(name="Sina"))


def kinds(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def test_somebody_is_registered_and_told(office, event, db):
    make_person("ada@x.example")

    answer = office.send(NEW, ADA, follow_redirects=True)

    assert "Ada Neu ist angemeldet und bekommt eine Mail." in text_of(answer)
    assert db.scalars(select(Registration)).one().name == "Ada Neu"
    assert kinds(db) == ["registered_by_other"]


def test_an_unknown_address_is_asked_and_when_all_is_taken_one_waits(office, event, seated, db):
    asked = office.send(NEW, ADA | {"as_extra": "y"}, follow_redirects=True)
    make_person("eve@x.example")
    waits = office.send(NEW, ADA | {"name": "Eve", "email": "eve@x.example"}, follow_redirects=True)

    assert "Wir haben Ada Neu gefragt, ob das so stimmt." in text_of(asked)
    assert "Eve steht auf der Warteliste und bekommt eine Mail." in text_of(waits)
    assert kinds(db) == ["confirm_address", "waiting"]


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 121}, {"name": "a\u202eb"}, {"email": "kaputt"}, {"email": "termine@next.example"}],
)
def test_what_cannot_be_registered_is_refused(office, event, db, wrong):
    assert office.send(NEW, ADA | wrong).status_code == 422
    assert db.scalars(select(Registration)).all() == []


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "{{7*7}}", "<b>Ada</b>", "O'Neill", "Nguyễn", "null", "NaN"])
def test_an_unusual_name_is_kept(office, event, db, name):
    office.send(NEW, ADA | {"name": name})

    assert db.scalars(select(Registration)).one().name == name


def test_whoever_is_there_already_is_said(office, event, seated):
    answer = office.send(NEW, ADA | {"email": seated.person.address})

    assert answer.status_code == 422
    assert "Diese Person hat schon einen Platz bei diesem Termin." in text_of(answer)


def test_somebody_is_taken_off_with_words(office, event, seated, db):
    path = f"{LIST}{seated.id}/abmelden"

    without = office.send(path)
    office.send(path, {"reason": "Doppelt angemeldet"})

    assert without.status_code == 422
    assert page_of(without).find("input", {"name": "reason"})["aria-invalid"] == "true"
    db.refresh(seated)
    assert (seated.state, seated.reason) == (State.CANCELLED, "Doppelt angemeldet")
    assert kinds(db) == ["cancelled_by_organisers"]


def test_a_seat_goes_to_somebody_known_at_once_and_to_others_after_a_yes(office, event, seated, db):
    path = f"{LIST}{seated.id}/uebertragen"
    office.send(path, TAKER)
    assert db.scalars(select(Transfer.address)).all() == ["bob@x.example"]
    db.refresh(seated)
    assert seated.state == State.CONFIRMED
    make_person("eve@x.example", name="Eve")

    office.send(path, TAKER | {"taker_name": "Eve", "taker_email": "eve@x.example"})

    db.refresh(seated)
    assert seated.state == State.CANCELLED
    assert kinds(db) == ["transfer_offered", "transferred", "registered"]


@pytest.mark.parametrize("wrong", [{"taker_name": ""}, {"taker_name": "x" * 121}, {"taker_email": "kaputt"}])
def test_a_transfer_to_nobody_is_refused(office, event, seated, db, wrong):
    assert office.send(f"{LIST}{seated.id}/uebertragen", TAKER | wrong).status_code == 422
    assert db.scalars(select(Transfer)).all() == []


def test_whoever_waits_is_given_a_seat(office, event, seated, db):
    waits = make_registration(event, state=State.WAITING)

    office.send(f"{LIST}{waits.id}/platz")
    db.refresh(waits)
    assert waits.state == State.WAITING
    office.send(f"{LIST}{waits.id}/platz", {"as_extra": "y"})

    db.refresh(waits)
    assert (waits.state, waits.is_extra) == (State.CONFIRMED, True)


@pytest.mark.parametrize("deed", ["abmelden", "uebertragen", "platz"])
def test_participants_of_other_events_are_not_to_be_found_here(office, event, deed):
    elsewhere = make_registration(make_event(slug="anders"))

    assert office.send(f"{LIST}{elsewhere.id}/{deed}", {"reason": "x"} | TAKER).status_code == 404
