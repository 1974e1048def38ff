"""One's own events, and how one of them stands."""

from datetime import datetime

import pytest

from nextevents.events.models import Audience, Stage, State
from tests.factories import make_community, make_event, make_lead, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

EVENTS, DESK = "/verwalten/", "/veranstaltungen/ki/verwalten/"
DOOR = f"{DESK}einlass/"


def titles(browser, query=""):
    return [link.get_text() for link in page_of(browser.get(EVENTS + query)).find_all(class_="agenda-title")]


def test_a_lead_has_the_events_of_the_own_circles_and_the_office_has_all(signed_in, office):
    lead, own, other = make_person(), make_community(), make_community()
    make_lead(lead, own)
    make_event(title="Fremd", communities=(other,), starts=datetime(2026, 12, 1, 9))
    make_event(title="Gemeinsam", communities=(own, other), starts=datetime(2026, 12, 2, 9))
    make_event(title="Entwurf", communities=(own,), stage=Stage.DRAFT, starts=datetime(2026, 12, 3, 9))
    make_event(title="Vergangen", communities=(own,), starts=datetime(2022, 5, 1))

    assert titles(signed_in(lead)) == ["Gemeinsam", "Entwurf"]
    assert titles(signed_in(lead), "?ansicht=vergangen") == ["Vergangen"]
    assert titles(office) == ["Fremd", "Gemeinsam", "Entwurf"]


def test_a_guest_at_the_desk_has_that_one_date(signed_in, db):
    guest, event = make_person(), make_event(title="Zu Gast")
    make_event(title="Fremd")
    event.organisers = [guest]
    db.flush()

    assert titles(signed_in(guest)) == ["Zu Gast"]


def test_whoever_organises_is_shown_the_way_and_nobody_else(signed_in, client):
    lead, member = make_person(), make_person()
    make_lead(lead, make_community())

    shown = [
        page_of(browser.get("/")).find("a", href=EVENTS) for browser in (signed_in(lead), signed_in(member), client)
    ]

    assert [link is not None for link in shown] == [True, False, False]


def test_a_lead_without_events_is_told_so(signed_in):
    lead = make_person()
    make_lead(lead, make_community())

    assert signed_in(lead).get(EVENTS).status_code == 200
    assert titles(signed_in(lead)) == []


@pytest.mark.parametrize("page", ["", "angaben/", "teilnehmende/"])
def test_the_desk_of_an_event_is_its_organisers_own(client, signed_in, office, page):
    lead, neighbour, own, other = make_person(), make_person(), make_community(), make_community()
    make_lead(lead, own)
    make_lead(neighbour, other)
    make_event(slug="ki", communities=(own,))
    path = DESK + page

    assert client.get(path).location == f"/konto/anmelden/?next={path}"
    assert [signed_in(one).get(path).status_code for one in (make_person(), neighbour, lead)] == [404, 404, 200]
    assert office.get(path).status_code == 200
    assert office.get(path.replace("/ki/", "/unknown/")).status_code == 404


def test_the_overview_says_how_an_event_stands(office):
    event = make_event(slug="ki", capacity=3)
    for state in (State.CONFIRMED, State.ATTENDED, State.WAITING, State.UNCONFIRMED):
        make_registration(event, state=state)

    said = text_of(office.get(DESK))

    for words in ("angemeldet 2", "Plätze frei 0", "Warteliste 1", "unbestätigt 1"):
        assert words in said


def test_the_figures_name_requests_only_where_somebody_may_ask(office):
    make_event(slug="ki")
    make_event(slug="amt", audience=Audience.PUBLIC_SECTOR)

    assert "Anfragen 0" not in text_of(office.get(DESK))
    assert "Anfragen 0" in text_of(office.get("/veranstaltungen/amt/verwalten/"))


def test_when_the_door_is_open_the_overview_leads_to_it(office, db):
    event = make_event(slug="ki", starts=datetime(2026, 12, 2, 14))
    assert DOOR not in ways_ahead(office)

    event.set_time(datetime(2026, 11, 21, 17), datetime(2026, 11, 21, 19))
    db.flush()
    assert ways_ahead(office)[0] == DOOR


def ways_ahead(office):
    return [link["href"] for link in page_of(office.get(DESK)).select(".desk-next a")]
