"""Workshops ask before their end, and close on the day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from nextevents.communities import queries
from nextevents.communities.models import Kind
from nextevents.communities.services import (
    Description,
    ask_before_closing,
    close_ended,
    closes_on,
    describe,
    reopen,
)
from tests.factories import NOON, make_community, make_lead, make_person
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db")
LAST_DAY = date(2026, 11, 28)
SAID = Description(summary="", description="", dial_in="", invites=True, ends_on=LAST_DAY)


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
    assert closes_on(workshop) == LAST_DAY

    later = replace(SAID, ends_on=LAST_DAY + timedelta(days=3))
    describe(workshop, later, version=workshop.version)
    assert closes_on(workshop) is None
    ask_before_closing(at=noon + timedelta(days=4))
    assert len(posted("asked_to_close")) == 4


def test_what_else_is_said_of_it_asks_nobody_again(workshop, noon):
    ask_before_closing(at=noon)
    describe(workshop, replace(SAID, summary="Neu"), version=workshop.version)

    assert ask_before_closing(at=noon) == 0


def test_it_closes_after_its_last_day_and_can_go_on(workshop, noon):
    ask_before_closing(at=noon)
    assert [close_ended(at=noon + timedelta(days=days)) for days in (0, 7, 8, 9)] == [0, 0, 1, 0]
    assert (workshop.ended_on, queries.has_ended(workshop, LAST_DAY + timedelta(days=1))) == (LAST_DAY, True)

    reopen(workshop, at=NOON)
    assert (workshop.ended_on, close_ended(at=noon + timedelta(days=30))) == (None, 0)


def test_an_end_that_went_by_unasked_is_asked_about_before_anything_closes(workshop, noon):
    late = noon + timedelta(days=20)
    assert close_ended(at=late) == 0

    assert (ask_before_closing(at=late), closes_on(workshop)) == (1, date(2026, 12, 18))
    assert "18. Dezember 2026" in posted("asked_to_close")[0].text
    assert [close_ended(at=late + timedelta(days=days)) for days in (1, 7, 8)] == [0, 0, 1]
