"""The page of the waiting list."""

from datetime import timedelta

import pytest

from nextevents.events import queries
from nextevents.events.models import State
from tests.factories import NOON, make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE = "/veranstaltungen/ki/verwalten/warteliste/"


@pytest.fixture
def event(db):
    return make_event(slug="ki", capacity=1)


@pytest.fixture
def people(event):
    make_registration(event)
    return [
        make_registration(event, make_person(name=name), state=State.WAITING, made_at=NOON - timedelta(hours=3 - place))
        for place, name in enumerate(("Ada", "Bob", "Eve"))
    ]


def names(office):
    return [row.th.get_text(strip=True) for row in page_of(office.get(PAGE)).tbody.find_all("tr")]


def test_one_is_moved_by_a_button(office, people):
    assert names(office) == ["Ada", "Bob", "Eve"]

    office.send(PAGE, {"do": f"up-{people[1].id}"})
    assert names(office) == ["Bob", "Ada", "Eve"]
    office.send(PAGE, {"do": f"top-{people[2].id}"})
    assert names(office) == ["Eve", "Bob", "Ada"]
    office.send(PAGE, {"do": f"down-{people[2].id}"})
    assert names(office) == ["Bob", "Eve", "Ada"]


def test_a_seat_out_of_turn_needs_a_free_one_or_the_tick(office, event, people, db):
    no = office.send(PAGE, {"do": f"seat-{people[2].id}"}, follow_redirects=True)
    yes = office.send(PAGE, {"do": f"seat-{people[2].id}", "as_extra": "y"}, follow_redirects=True)

    assert "Alle Plätze sind belegt." in text_of(no)
    assert "Eve hat jetzt einen Platz und bekommt eine Mail." in text_of(yes)
    db.refresh(people[2])
    assert (people[2].state, people[2].is_extra) == (State.CONFIRMED, True)


@pytest.mark.parametrize("deed", ["", "up-", "away-1", "up-x", "seat-99999999999", "seat-999999", "up-999999"])
def test_what_no_button_sends_is_nothing(office, event, people, deed):
    assert office.send(PAGE, {"do": deed}).status_code == 404
    assert len(queries.waiting_moments(event)) == 3


def test_when_nobody_waits_the_page_says_so(office, event):
    assert "Gerade wartet niemand auf einen Platz." in text_of(office.get(PAGE))
