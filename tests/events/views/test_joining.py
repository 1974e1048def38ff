"""One's own way in: the code for the door, and the door to the video conference."""

from datetime import datetime, timedelta

import pytest

from nextevents.events import calendar
from nextevents.events.messages import REGISTRATION
from nextevents.events.models import Place, Stage, State
from nextevents.ground.tokens import token_for
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

#: In ten minutes: 13:10 in Berlin.
SOON = datetime(2026, 11, 21, 13, 10)
CONFERENCE = "https://konferenz.next.example/sprachmodelle"


def way_in(event, state=State.CONFIRMED):
    """The registration, its page, and its door."""
    registration = make_registration(event, make_person(name="Ada"), state=state)
    page = f"/anmeldung/{token_for(REGISTRATION, registration.id)}/"
    return registration, page, f"{page}teilnehmen/"


def test_the_page_says_beforehand_that_going_on_counts_and_then_leads_on(client, db):
    registration, _page, door = way_in(make_event(starts=SOON, counts_joining=True))

    before = client.get(door)
    assert "vermerken wir Ihre Teilnahme mit der Uhrzeit" in text_of(before)
    assert CONFERENCE not in before.text
    db.refresh(registration)
    assert registration.state == State.CONFIRMED

    answer = client.send(door)
    assert (answer.status_code, answer.location) == (303, CONFERENCE)
    db.refresh(registration)
    assert registration.state == State.ATTENDED
    assert client.send(door).location == CONFERENCE


def test_where_going_in_counts_calendars_lead_to_one_s_own_door_and_not_past_it(signed_in):
    event = make_event(slug="zaehlt", starts=SOON, counts_joining=True)
    registration, _page, door = way_in(event)
    entry = calendar.published([event], name="x", source="https://x.example", dial_ins=frozenset({event.id})).decode()

    assert CONFERENCE not in entry.replace("\r\n ", "")
    assert "/veranstaltungen/zaehlt/teilnehmen/" in entry.replace("\r\n ", "")
    assert signed_in(registration.person).get("/veranstaltungen/zaehlt/teilnehmen/").location == door
    other = signed_in(make_person("bob@amt.example"))
    assert other.get("/veranstaltungen/zaehlt/teilnehmen/").location == "/veranstaltungen/zaehlt/"


def test_browsers_let_this_one_form_lead_on_to_another_site(client, db):
    _registration, page, door = way_in(make_event(starts=SOON, counts_joining=True))

    assert "form-action 'self' https: http:;" in client.get(door).headers["Content-Security-Policy"]
    assert "form-action 'self';" in client.get(page).headers["Content-Security-Policy"]


def test_without_counting_it_is_a_plain_link(client, db):
    registration, _page, door = way_in(make_event(starts=SOON))

    page = page_of(client.get(door))

    assert page.select(f"main a[href='{CONFERENCE}']")
    assert page.select("main form") == []
    assert client.send(door).location == CONFERENCE
    db.refresh(registration)
    assert registration.state == State.CONFIRMED


@pytest.mark.parametrize("minutes", [-16, 90])
def test_before_it_opens_and_after_the_end_the_page_says_so(client, at_noon, db, minutes):
    registration, _page, door = way_in(make_event(starts=SOON, counts_joining=True))
    at_noon.shift(timedelta(minutes=10 + minutes))

    said = text_of(client.get(door))
    answer = client.send(door)

    assert ("Der Zugang öffnet Samstag, 21. November 2026, 12.55 Uhr." in said) == (minutes < 0)
    assert ("Dieser Termin ist vorbei." in said) == (minutes > 0)
    assert answer.location == door
    db.refresh(registration)
    assert registration.state == State.CONFIRMED


@pytest.mark.parametrize("state", [State.WAITING, State.UNCONFIRMED, State.REQUESTED, State.CANCELLED, State.EXCUSED])
def test_it_is_for_confirmed_people_only(client, db, state):
    registration, _page, door = way_in(make_event(starts=SOON, counts_joining=True), state)

    assert "sobald Sie einen Platz haben" in text_of(client.get(door))
    assert CONFERENCE not in client.get(door).text
    assert client.send(door).location == door
    db.refresh(registration)
    assert registration.state == state


def test_a_way_in_that_is_a_number_to_call_is_shown_once_it_has_counted(client, db):
    _registration, _page, door = way_in(make_event(starts=SOON, counts_joining=True, dial_in="030 123456"))

    assert "030 123456" not in text_of(client.get(door))
    assert client.send(door).location == door
    assert "030 123456" in text_of(client.get(door))


def test_one_s_own_page_leads_to_the_door_only_where_that_counts(client, db):
    _registration, counting, door = way_in(make_event(starts=SOON, counts_joining=True))
    _registration, plain, _door = way_in(make_event(starts=SOON))

    assert page_of(client.get(counting)).select(f"a[href='{door}']")
    assert CONFERENCE not in client.get(counting).text
    assert page_of(client.get(plain)).select(f"a[href='{CONFERENCE}']")


def test_a_code_is_for_sure_seats_at_events_with_a_door(client, db):
    def code(state=State.CONFIRMED, **values):
        page = way_in(make_event(starts=SOON, **values), state)[1]
        shown = page_of(client.get(page)).select(".code-picture")
        answer = client.get(f"{page}code.svg")
        assert (answer.status_code == 200) == bool(shown)
        return answer

    found = code(place=Place.IN_PRESENCE)
    assert found.mimetype == "image/svg+xml"
    assert found.headers["Cache-Control"] == "no-store"
    assert b"<svg" in found.data
    assert code(place=Place.HYBRID).status_code == 200
    assert code(place=Place.VIRTUAL).status_code == 404
    assert code(State.WAITING, place=Place.HYBRID).status_code == 404
    assert code(place=Place.HYBRID, stage=Stage.CANCELLED).status_code == 404


@pytest.mark.parametrize(
    ("state", "words"), [(State.EXCUSED, "Sie sind entschuldigt."), (State.ABSENT, "als nicht ers")]
)
def test_one_s_own_page_says_what_was_noted(client, db, state, words):
    _registration, page, _door = way_in(make_event(starts=SOON), state)

    assert words in text_of(client.get(page))
