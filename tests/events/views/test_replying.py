"""Answering an invitation, and a colleague's seat."""

import pytest
from sqlalchemy import select

from nextevents.events import messages
from nextevents.events.messages_to_many import INVITATION
from nextevents.events.models import Audience, Invitation, Registration, Stage, State, Transfer
from nextevents.ground.tokens import token_for
from nextevents.mailing.models import Message
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

NO_TOKEN = "A" * 32
YES = {"reply": "yes", "name": "Ada Beispiel", "organisation": "Amt"}
NO = {"reply": "no"}


@pytest.fixture
def event(at_noon, db):
    return make_event(slug="ki", audience=Audience.INVITED)


@pytest.fixture
def invitation(event, db, noon):
    made = Invitation(event_id=event.id, address="ada@x.example", address_key="ada@x.example", name="Ada", made_at=noon)
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def invited(invitation):
    """The page behind the mailed link."""
    return f"/einladung/{token_for(INVITATION, invitation.id)}/"


def registrations(db):
    return db.scalars(select(Registration).execution_options(populate_existing=True)).all()


# Invitations


def test_looking_at_an_invitation_changes_nothing_and_nothing_is_chosen(client, invited, db):
    page = page_of(client.get(invited))

    assert "ada@x.example" in " ".join(page.main.stripped_strings)
    assert [one.has_attr("checked") for one in page.find_all("input", {"name": "reply"})] == [False, False]
    assert registrations(db) == []


def test_a_bare_submit_as_a_robot_sends_it_answers_nothing(client, invited, db, invitation):
    answer = client.send(invited, {"name": "Ada", "organisation": ""})

    db.refresh(invitation)
    assert answer.status_code == 422
    assert "Bitte wählen Sie eine Antwort." in text_of(answer)
    assert (registrations(db), invitation.declined_at) == ([], None)


def test_a_yes_registers_for_the_invited_address_only(client, invited, db):
    answer = client.send(invited, YES | {"email": "eve@evil.example"})

    (made,) = registrations(db)
    assert (made.state, made.person.address, made.name) == (State.CONFIRMED, "ada@x.example", "Ada Beispiel")
    assert answer.location == f"/anmeldung/{token_for(messages.REGISTRATION, made.id)}/"
    assert "Sie haben zugesagt." in text_of(client.get(invited))


def test_whoever_waits_can_still_accept_a_place_that_was_promised(client, invited, invitation, event, db):
    event.capacity = event.seats_taken = 1
    waiting = make_registration(event, make_person("ada@x.example"), state=State.WAITING)
    assert page_of(client.get(invited)).find("input", {"name": "reply"}) is None
    invitation.may_exceed = True
    db.flush()

    assert page_of(client.get(invited)).find("input", {"name": "reply"})
    client.send(invited, YES)

    db.refresh(waiting)
    assert (waiting.state, waiting.is_extra) == (State.CONFIRMED, True)
    assert "Sie haben zugesagt." in text_of(client.get(invited))


def test_a_no_is_kept_and_can_be_thought_over(client, invited, db, invitation, noon):
    said = text_of(client.send(invited, NO, follow_redirects=True))

    db.refresh(invitation)
    assert invitation.declined_at == noon
    assert "Sie haben abgesagt." in said
    client.send(invited, YES)
    assert len(registrations(db)) == 1


def test_a_yes_needs_a_name(client, invited, db):
    answer = client.send(invited, YES | {"name": " "})

    assert answer.status_code == 422
    assert "Bitte geben Sie Ihren Namen an." in text_of(answer)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "{{7*7}}", "<b>Ada</b>", "O'Neill", "Nguyễn", "null"])
def test_an_unusual_name_is_kept(client, invited, db, name):
    client.send(invited, YES | {"name": name})

    assert registrations(db)[0].name == name


@pytest.mark.parametrize("wrong", [{"name": "x" * 121}, {"name": "a\u202eb"}, {"reply": "vielleicht"}])
def test_what_cannot_be_read_is_refused(client, invited, db, wrong):
    assert client.send(invited, YES | wrong).status_code == 422
    assert registrations(db) == []


def test_a_link_of_something_else_leads_nowhere(client, invitation, event):
    registration = make_registration(event)

    for token in (NO_TOKEN, token_for(messages.REGISTRATION, registration.id), token_for(INVITATION, 999)):
        assert client.get(f"/einladung/{token}/").status_code == 404
        assert client.send(f"/einladung/{token}/", YES).status_code == 404


def test_there_is_nothing_to_answer_about_a_draft_and_no_form_for_what_is_called_off(client, invited, event, db):
    event.stage = Stage.CANCELLED
    db.flush()
    assert not page_of(client.get(invited)).main.find("form")
    event.stage = Stage.DRAFT
    db.flush()
    assert client.get(invited).status_code == 404


def test_a_stranger_is_told_that_one_needs_an_invitation(client, event):
    said = text_of(client.get("/veranstaltungen/ki/"))

    assert "Dieser Termin ist nicht für alle offen, sondern für Menschen mit einer Einladung" in said


# Seats of colleagues


@pytest.fixture
def giver(db, at_noon):
    return make_registration(make_event(slug="voll", capacity=1), make_person("sina@x.example", name="Sina"))


@pytest.fixture
def own(giver):
    """The giver's page."""
    return f"/anmeldung/{token_for(messages.REGISTRATION, giver.id)}/"


BOB = {"taker_name": "Bob", "taker_email": "bob@x.example", "taker_organisation": ""}


def offered(client, own, db):
    """The page on which the colleague answers."""
    client.send(f"{own}uebertragen", BOB)
    return f"/platz/{token_for(messages.TRANSFER, db.scalars(select(Transfer.id)).one())}/"


def test_a_colleague_is_asked_and_the_seat_stays_until_the_yes(client, own, giver, db):
    page = offered(client, own, db)

    said = text_of(client.get(own))
    assert "Wir haben gefragt. Bis zum Ja bleibt der Platz Ihrer." in said
    assert "Gefragt haben wir Bob." in said
    assert "Sina hat einen Platz bei diesem Termin, der an Sie gehen soll." in text_of(client.get(page))
    db.refresh(giver)
    assert giver.state == State.CONFIRMED


def test_with_the_yes_the_seat_has_another_person(client, own, giver, db):
    page = offered(client, own, db)

    assert client.send(page, {"name": "Bob"}).status_code == 422
    answer = client.send(page, YES | {"name": "Bob"})

    states = {one.name: one.state for one in registrations(db)}
    assert answer.status_code == 303
    assert states == {"Sina": State.CANCELLED, "Bob": State.CONFIRMED}
    assert "Diese Frage ist schon beantwortet oder abgelaufen." in text_of(client.get(page))


def test_with_the_no_it_stays(client, own, giver, db):
    page = offered(client, own, db)

    said = text_of(client.send(page, NO, follow_redirects=True))

    assert "Danke für die Antwort. Der Platz bleibt, wo er ist." in said
    assert [one.state for one in registrations(db)] == [State.CONFIRMED]


@pytest.mark.parametrize("wrong", [{"taker_name": ""}, {"taker_email": "kaputt"}, {"taker_name": "x" * 121}])
def test_a_seat_for_nobody_is_refused(client, own, db, wrong):
    assert client.send(f"{own}uebertragen", BOB | wrong).status_code == 422
    assert db.scalars(select(Message)).all() == []


def test_a_victim_is_not_written_to_again_and_again(client, own, db):
    for number in range(5):
        client.send(f"{own}uebertragen", BOB | {"taker_name": f"Bob {number}"})

    assert len(db.scalars(select(Message)).all()) == 3


# Requests


def test_a_request_stands_on_its_page_and_can_be_withdrawn(client, db, at_noon):
    request = make_registration(make_event(), state=State.REQUESTED)
    page = f"/anmeldung/{token_for(messages.REGISTRATION, request.id)}/"

    assert "Ihre Anfrage ist da." in text_of(client.get(page))
    client.send(f"{page}absagen", {"is_meant": "y"})

    db.refresh(request)
    assert request.state == State.CANCELLED


def test_what_organisers_said_about_a_no_stands_there_too(client, db, at_noon):
    refused = make_registration(make_event(), state=State.CANCELLED)
    refused.reason, refused.cancelled_at = "Nur für <b>Ämter</b>", refused.made_at
    db.flush()
    page = client.get(f"/anmeldung/{token_for(messages.REGISTRATION, refused.id)}/")

    assert "Die Veranstalter schreiben dazu: Nur für <b>Ämter</b>" in text_of(page)
    assert "Doch dabei?" not in text_of(page)
