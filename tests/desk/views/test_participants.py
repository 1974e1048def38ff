"""Who comes to an event, as its organisers see it."""

import pytest

from nextevents.events.models import State
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of

pytestmark = pytest.mark.usefixtures("at_noon")

PARTICIPANTS = "/veranstaltungen/ki/verwalten/teilnehmende/"


def test_participants_are_listed_searched_and_chosen_by_state(office):
    event = make_event(slug="ki")
    for name, state in (("Änne", State.CONFIRMED), ("Bob", State.WAITING), ("Çelik", State.CANCELLED)):
        make_registration(event, make_person(f"{name[-2:]}@amt.example".lower(), name=name), state=state)

    def names(query=""):
        table = page_of(office.get(f"{PARTICIPANTS}{query}")).find("tbody")
        return [row.th.get_text(strip=True) for row in table.find_all("tr")] if table else []

    assert names() == ["Änne", "Çelik", "Bob"]
    assert names("?q=änne") == ["Änne"]
    assert names("?stand=waiting") == ["Bob"]
    assert names("?stand=waiting&q=änne") == []
    assert names("?q=ob@amt") == ["Bob"]
    assert names("?stand=unknown") == ["Änne", "Çelik", "Bob"]


def test_a_hundred_participants_stand_on_a_page(office):
    event = make_event(slug="ki", capacity=None)
    for number in range(101):
        make_registration(event, make_person(name=f"{number:03}"))

    page = page_of(office.get(f"{PARTICIPANTS}?stand=confirmed"))
    onward = page.find("a", rel="next")["href"]

    assert len(page.tbody.find_all("tr")) == 100
    assert onward == f"{PARTICIPANTS}?stand=confirmed&seite=2"
    assert page_of(office.get(onward)).tbody.th.get_text(strip=True) == "100"


def test_a_participants_name_is_only_a_name(office):
    make_registration(make_event(slug="ki"), make_person(name="<img src=x onerror=alert(1)>"))

    page = page_of(office.get(PARTICIPANTS))

    assert page.find_all("img") == []
    assert "<img src=x onerror=alert(1)>" in page.tbody.get_text()
