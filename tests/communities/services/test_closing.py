"""Workshops ask before their end, and close on the day."""

from datetime import date, timedelta

import pytest

from nextevents.communities import queries
from nextevents.communities.models import Kind
from nextevents.communities.services import ask_before_closing, close_ended, reopen
from tests.factories import make_community, make_lead, make_person
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db")
LAST_DAY = date(2026, 11, 28)


@pytest.fixture
def workshop():
    """One that ends in a week, with two leads."""
    circle = make_community(kind=Kind.WORKSHOP)
    circle.ends_on = LAST_DAY
    for _ in range(2):
        make_lead(make_person(), circle)
    return circle


def test_all_leads_are_asked_once_for_each_end(workshop, noon):
    for days in (-1, 0, 1):
        ask_before_closing(at=noon + timedelta(days=days))
    assert len(posted("asked_to_close")) == 2

    workshop.ends_on = LAST_DAY + timedelta(days=3)
    ask_before_closing(at=noon + timedelta(days=4))
    assert len(posted("asked_to_close")) == 4


def test_it_closes_after_its_last_day_and_can_go_on(workshop, noon):
    assert [close_ended(at=noon + timedelta(days=days)) for days in (0, 7, 8, 9)] == [0, 0, 1, 0]
    assert (workshop.ended_on, queries.has_ended(workshop, LAST_DAY + timedelta(days=1))) == (LAST_DAY, True)

    reopen(workshop)
    assert (workshop.ended_on, close_ended(at=noon + timedelta(days=30))) == (None, 0)
