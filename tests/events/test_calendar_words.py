"""Whatever a title or a description says, the entry stays right and says it (bad input 69)."""

import re
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextevents.app import create_app
from nextevents.events import calendar
from nextevents.events.models import Event, Place, Stage
from nextevents.ground.text import UnreadableText, one_line, several_lines
from tests.conftest import settings_for
from tests.events.occasions import TRICKY, UID
from tests.factories import NOON
from tests.services.ical_rules import complaints

SIGNS = st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"])


def published(event):
    return calendar.published([event], name="NExT", source="http://localhost/kalender.ics")


@pytest.fixture(scope="module")
def unstored(tmp_path_factory):
    """A date that no database knows; what is written does not depend on one."""
    house = create_app(settings_for(tmp_path_factory.mktemp("words"), "sqlite://"))
    event = Event(slug="x", uid=UID, sequence=0, title="x", summary="", address="", dial_in="", place=Place.VIRTUAL)
    event.stage, event.changed_at, event.is_all_day = Stage.PUBLISHED, NOON, False
    event.set_time(datetime(2027, 7, 1, 9), datetime(2027, 7, 1, 10))
    with house.app_context():
        yield event


def value_of(ics, name):
    """A text as whoever reads it by the standard understands it."""
    lines = ics.decode().replace("\r\n ", "").split("\r\n")
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    signs = {"n": "\n", "N": "\n"}
    return re.sub(r"\\(.)", lambda found: signs.get(found[1], found[1]), line.partition(":")[2])


@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(SIGNS, min_size=1, max_size=100) | st.sampled_from(TRICKY))
def test_a_thousand_titles_come_out_as_they_went_in_on_lines_of_75_octets(unstored, title):
    try:
        unstored.title = one_line(title) or "x"
    except UnreadableText:
        return
    ics = published(unstored)

    assert complaints(ics) == []
    assert value_of(ics, "SUMMARY") == unstored.title


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(SIGNS | st.just("\n"), max_size=300) | st.sampled_from(TRICKY))
def test_a_hundred_descriptions_of_several_lines_do_too(unstored, summary):
    try:
        unstored.summary = several_lines(summary)
    except UnreadableText:
        return
    ics = published(unstored)

    assert complaints(ics) == []
    assert value_of(ics, "DESCRIPTION") == f"{unstored.summary}\n\nhttp://localhost/veranstaltungen/x/".lstrip("\n")
