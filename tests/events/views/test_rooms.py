"""Into an event's room: by one's own page, by the link in the calendar, as moderator; and while the server is away."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.conferences import BigBlueButton, href_of
from nextevents.events.messages import token_of
from nextevents.events.models import Event, Place, Stage, State
from nextevents.events.services import Meeting, make_meeting
from nextevents.ground.database import db as database
from tests.factories import make_community, make_event, make_lead, make_person, make_registration
from tests.house.visitors import page_of, text_of
from tests.services.bigbluebutton import SECRET, Server

pytestmark = pytest.mark.usefixtures("at_noon")

#: In ten minutes: 13:10 in Berlin.
SOON = datetime(2026, 11, 21, 13, 10)


@pytest.fixture
def server(app):
    with Server() as running:
        app.extensions["conferences"] = BigBlueButton(running.url, SECRET)
        yield running
        app.extensions["conferences"] = None


@pytest.fixture
def circle(db):
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def lead(circle, signed_in):
    person = make_person(name="Lea Leitung")
    make_lead(person, circle)
    return signed_in(person)


@pytest.fixture
def event(circle):
    return make_event(slug="bots", starts=SOON, room="4f1d", dial_in=href_of("4f1d"), communities=(circle,))


def own_door(event, state=State.CONFIRMED):
    registration = make_registration(event, make_person(name="Ada Beispiel"), state=state)
    return registration, f"/anmeldung/{token_of(registration)}/teilnehmen/"


def test_the_own_page_leads_in_under_the_name_that_one_chooses(client, server, event):
    _registration, door = own_door(event)

    shown = page_of(client.get(door)).find("input", {"name": "name"})["value"]
    answer = client.send(door, {"name": "Ada B."})

    assert shown == "Ada Beispiel"
    assert answer.status_code == 303
    assert server.enter(answer.location) == ("Ada B.", "VIEWER")
    assert "Ada" not in str(server.asked)


def test_looking_at_pages_asks_the_server_nothing(client, lead, server, event):
    _registration, door = own_door(event)

    for page in (door, "/raum/4f1d/", "/veranstaltungen/bots/", "/"):
        assert client.get(page).status_code == 200
    assert lead.get("/veranstaltungen/bots/verwalten/").status_code == 200
    assert server.asked == []


@pytest.mark.parametrize("fault", ["error 500", "bomb", "hang up", "no xml"])
def test_while_the_server_is_away_the_page_says_so_and_nobody_counts_as_present(client, db, server, event, fault):
    event.counts_joining = True
    registration, door = own_door(event)
    db.commit()
    server.fault = fault

    for page in (door, "/raum/4f1d/"):
        answer = client.send(page, {"name": "Ada"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Der Raum antwortet gerade nicht." in text_of(answer)
        assert "Noch einmal versuchen" in text_of(answer)
    db.refresh(registration)
    assert registration.state == State.CONFIRMED

    server.fault = ""
    assert server.enter(client.send(door, {"name": "Ada"}).location)
    db.refresh(registration)
    assert registration.state == State.ATTENDED


def test_no_transaction_is_open_while_the_server_is_asked(client, app, event):
    seen = []

    class Watching:
        def way_in(self, _room, _name, *, is_moderator):
            seen.append((is_moderator, database.session().in_transaction()))
            return "https://bbb.example/join"

    _registration, door = own_door(event)
    app.extensions["conferences"] = Watching()
    try:
        client.send(door, {"name": "Ada"})
        client.send("/raum/4f1d/", {"name": "Ada"})
    finally:
        app.extensions["conferences"] = None

    assert seen == [(False, False), (False, False)]


def test_the_link_in_the_calendar_is_for_whoever_has_it_and_organisers_moderate(client, lead, server, event):
    assert server.enter(client.send("/raum/4f1d/", {"name": "Gast"}).location) == ("Gast", "VIEWER")
    assert "als Moderation" in text_of(lead.get("/raum/4f1d/"))
    assert server.enter(lead.send("/raum/4f1d/", {"name": "Lea"}).location) == ("Lea", "MODERATOR")
    assert client.send("/raum/4f1d/", {"name": " "}).status_code == 422
    assert client.get("/raum/nichts/").status_code == 404


@pytest.mark.parametrize(
    "name", ["", " \u200b", "Ada\x00", "Ada\r\nBcc: x", "\u202eadA", "A" * 5_000, ["Ada", "Eve"], None]
)
def test_nobody_goes_in_under_a_name_that_is_none(client, lead, server, event, name):
    """By the own page, as a guest, and as moderator; the form says what is wrong, and the server hears nothing."""
    _registration, door = own_door(event)

    for visitor, page in ((client, door), (client, "/raum/4f1d/"), (lead, "/raum/4f1d/")):
        answer = visitor.send(page, {} if name is None else {"name": name})
        problem = page_of(answer).find(id="name-error")
        assert (answer.status_code, server.asked) == (422, [])
        assert problem
        assert problem["id"] in page_of(answer).find("input", {"name": "name"})["aria-describedby"]


@pytest.mark.parametrize("name", ["<b>Ada</b>", "Ada & Eve?x=1#y", "Ändæ 👩\u200d💻", "'; DROP TABLE event; --"])
def test_a_strange_name_goes_in_as_it_was_typed(client, server, event, name):
    assert server.enter(client.send("/raum/4f1d/", {"name": name}).location) == (name, "VIEWER")


def test_whoever_is_signed_in_and_registered_is_led_to_the_own_page(signed_in, event):
    registration, door = own_door(event)

    assert signed_in(registration.person).get("/raum/4f1d/").location == door


def test_a_room_opens_for_organisers_earlier_and_for_nobody_when_it_is_called_off(client, lead, server, event):
    event.set_time(SOON + timedelta(minutes=40), SOON + timedelta(minutes=90))
    database.session.commit()
    assert "Der Raum öffnet" in text_of(client.send("/raum/4f1d/", {"name": "Gast"}))
    assert server.enter(lead.send("/raum/4f1d/", {"name": "Lea"}).location)

    event.stage = Stage.CANCELLED
    database.session.commit()
    assert lead.send("/raum/4f1d/", {"name": "Lea"}).status_code == 200


def test_people_without_a_seat_do_not_get_in_by_their_page(client, server, event):
    _registration, door = own_door(event, State.WAITING)

    assert client.send(door, {"name": "Ada"}).location == door
    assert server.asked == []


def test_the_desk_says_whether_somebody_is_there_and_ends_the_meeting(client, lead, server, event):
    desk = "/veranstaltungen/bots/verwalten/videokonferenz/"
    assert "Im Raum ist gerade niemand." in text_of(lead.get(desk))
    server.enter(client.send("/raum/4f1d/", {"name": "Gast"}).location)
    assert "Im Raum ist gerade jemand." in text_of(lead.get(desk))

    lead.send(f"{desk}beenden")
    assert server.people == {}
    server.fault = "error 500"
    assert "Der Konferenzserver antwortet gerade nicht." in text_of(lead.get(desk))
    assert lead.send(f"{desk}beenden").status_code == 303


def test_a_circle_that_meets_in_rooms_has_a_new_one_for_each_meeting(db, server, circle, noon):
    circle.uses_room = True
    first, second = (
        make_meeting(circle, Meeting(datetime(2026, 12, day, 14)), publishes=False, at=noon) for day in (8, 15)
    )

    assert len({first.room, second.room, ""}) == 3
    assert (first.dial_in, second.dial_in) == (href_of(first.room), href_of(second.room))


def test_without_a_server_no_room_is_offered_and_none_is_made(db, lead, circle, noon):
    circle.uses_room, circle.dial_in = True, "https://konferenz.next.example/chatbot"
    db.commit()

    event = make_meeting(circle, Meeting(datetime(2026, 12, 8, 14)), publishes=False, at=noon)

    assert (event.room, event.dial_in) == ("", "https://konferenz.next.example/chatbot")
    assert "BigBlueButton" not in lead.get(f"/veranstaltungen/{event.slug}/verwalten/angaben/").text


def form_of(lead, path):
    form = page_of(lead.get(path)).find("input", {"name": "title"}).find_parent("form")
    found = {
        one["name"]: one.get("value", "")
        for one in form.find_all("input")
        if one.get("name") and one.get("type") not in {"checkbox", "radio"}
    }
    found |= {one["name"]: one.get("value", "y") for one in form.find_all("input", checked=True)}
    found |= {one["name"]: one.get_text().strip() for one in form.find_all("textarea")}
    return found | {one["name"]: one.find("option", selected=True)["value"] for one in form.find_all("select")}


def test_organisers_choose_between_a_link_of_their_own_and_a_room(db, lead, server, circle):
    event = make_event(slug="wahl", communities=(circle,), dial_in="https://eigener.example/raum", place=Place.VIRTUAL)
    page = "/veranstaltungen/wahl/verwalten/angaben/"
    before = form_of(lead, page)
    assert (before["way_in"], before["dial_in"]) == ("link", "https://eigener.example/raum")

    assert lead.send(page, before | {"way_in": "room"}).status_code == 303
    event = db.scalars(select(Event).where(Event.slug == "wahl").execution_options(populate_existing=True)).one()
    key = event.room
    assert key
    assert event.dial_in == href_of(key)
    assert (form_of(lead, page)["way_in"], form_of(lead, page)["dial_in"]) == ("room", "")

    lead.send(page, form_of(lead, page) | {"title": "Anders"})
    db.refresh(event)
    assert (event.title, event.room, event.dial_in) == ("Anders", key, href_of(key))

    lead.send(page, form_of(lead, page) | {"way_in": "link"})
    db.refresh(event)
    assert (event.room, event.dial_in) == ("", "")
