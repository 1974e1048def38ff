"""What search engines read of an event."""

import json
from datetime import datetime

import pytest
from flask import render_template_string

from nextevents.events.models import Place, Stage
from nextevents.events.structured import event_data
from tests.factories import make_event


@pytest.fixture(autouse=True)
def within(app, db):
    """Links lead to our own address."""
    del db
    with app.test_request_context("/"):
        yield


def test_it_says_what_when_where_and_by_whom_and_never_the_way_in():
    data = json.loads(event_data(make_event(slug="ki")))

    assert data == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Sprachmodelle im Bürgeramt",
        "description": "Drei Städte berichten.",
        "startDate": "2026-12-02T14:00:00+01:00",
        "endDate": "2026-12-02T15:30:00+01:00",
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled",
        "location": {"@type": "VirtualLocation", "url": "http://localhost/veranstaltungen/ki/"},
        "organizer": {"@type": "Organization", "name": "NExT e. V.", "url": "http://localhost/"},
        "isAccessibleForFree": True,
        "url": "http://localhost/veranstaltungen/ki/",
    }


@pytest.mark.parametrize(
    ("place", "mode"),
    [(Place.IN_PRESENCE, "OfflineEventAttendanceMode"), (Place.HYBRID, "MixedEventAttendanceMode")],
)
def test_a_place_on_earth_has_a_name_and_an_address(place, mode):
    data = json.loads(event_data(make_event(place=place, address="Rathaus\nMarkt 1")))

    assert data["eventAttendanceMode"].endswith(mode)
    assert data["location"] == {"@type": "Place", "name": "Rathaus", "address": "Rathaus\nMarkt 1"}


def test_summer_and_cancellation_are_told():
    data = json.loads(event_data(make_event(starts=datetime(2027, 7, 1, 9), stage=Stage.CANCELLED)))

    assert data["startDate"] == "2027-07-01T09:00:00+02:00"
    assert data["eventStatus"] == "https://schema.org/EventCancelled"


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", "<!-- <script>", "a & b > c", "\u2028\u2029", '"\\']
)
def test_no_title_gets_out_of_the_script_element(title):
    page = render_template_string("<script>{{ data }}</script>", data=event_data(make_event(title=title)))

    assert page.count("<") == 2
    assert json.loads(page.removeprefix("<script>").removesuffix("</script>"))["name"] == title
