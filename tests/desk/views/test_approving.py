"""The page of requests."""

import pytest

from nextevents.events.models import State
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE = "/veranstaltungen/ki/verwalten/anfragen/"


@pytest.fixture
def event(db):
    return make_event(slug="ki", needs_approval=True, capacity=1)


def asked(event, name):
    return make_registration(event, make_person(name=name), state=State.REQUESTED)


def test_requests_stand_there_oldest_first_and_can_be_answered_together(office, event, db):
    ada, bob, eve = (asked(event, name) for name in ("Ada", "Bob", "Eve"))

    names = [row.th.get_text(strip=True) for row in page_of(office.get(PAGE)).tbody.find_all("tr")]
    answer = office.send(PAGE, {"do": "approve", "nummer": [ada.id, bob.id]}, follow_redirects=True)

    assert names == ["Ada", "Bob", "Eve"]
    assert "2 Anfragen angenommen. 1 Person steht auf der Warteliste." in text_of(answer)
    for one in (ada, bob, eve):
        db.refresh(one)
    assert [one.state for one in (ada, bob, eve)] == [State.CONFIRMED, State.WAITING, State.REQUESTED]


def test_a_no_needs_words_and_keeps_the_ticks_until_there_are_some(office, event, db):
    ada = asked(event, "Ada")

    without = office.send(PAGE, {"do": "refuse", "nummer": ada.id})
    answer = office.send(PAGE, {"do": "refuse", "nummer": ada.id, "reason": "Nur Behörden"}, follow_redirects=True)

    assert without.status_code == 422
    assert page_of(without).find("input", {"name": "nummer"}).has_attr("checked")
    assert "1 Anfrage abgelehnt." in text_of(answer)
    db.refresh(ada)
    assert (ada.state, ada.reason) == (State.CANCELLED, "Nur Behörden")


@pytest.mark.parametrize("typed", [{}, {"nummer": "x"}, {"nummer": "99999999999"}, {"nummer": "-1"}])
def test_without_a_tick_nothing_happens(office, event, typed):
    asked(event, "Ada")

    answer = office.send(PAGE, {"do": "approve"} | typed, follow_redirects=True)

    assert "Bitte setzen Sie bei mindestens einer Anfrage das Häkchen." in text_of(answer)


def test_requests_of_another_event_cannot_be_answered_here(office, event, db):
    elsewhere = asked(make_event(slug="anders"), "Ada")

    office.send(PAGE, {"do": "approve", "nummer": elsewhere.id})

    db.refresh(elsewhere)
    assert elsewhere.state == State.REQUESTED


def test_when_nobody_asks_the_page_says_so(office, event):
    assert "Gerade wartet niemand auf eine Antwort." in text_of(office.get(PAGE))
