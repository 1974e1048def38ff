"""How an organiser's matters are said."""

import pytest
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from nextevents.desk import showing
from nextevents.desk.forms.event import EventForm
from nextevents.events.models import Stage
from tests.factories import NOON, make_event

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture(autouse=True)
def speaking(app, db):
    """Words are said in a request."""
    del db
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("values", "meta", "sign"),
    [
        ({}, "Community-Treffen · virtuell · 0 von 60 Plätzen belegt", "60 Plätze frei"),
        ({"capacity": None}, "Community-Treffen · virtuell · 0 angemeldet", "Plätze frei"),
        ({"takes_registrations": False}, "Community-Treffen · virtuell · Anmeldung bei anderen", "extern"),
        ({"stage": Stage.DRAFT}, "Community-Treffen · virtuell · 0 von 60 Plätzen belegt", "Entwurf"),
    ],
    ids=str,
)
def test_a_row_leads_to_its_desk_and_says_how_full_it_is(values, meta, sign):
    row = showing.row_of(make_event(slug="ki", **values), NOON)

    assert (row.href, row.meta, row.state_label) == ("/veranstaltungen/ki/verwalten/", meta, sign)


def test_every_stage_has_a_word_in_both_languages():
    for language in ("de", "en"):
        with force_locale(language):
            assert len({str(showing.stage_word(stage)) for stage in Stage}) == len(Stage)


def test_two_versions_differ_in_the_fields_that_differ_said_in_words():
    event = make_event()
    mine = EventForm(
        MultiDict(
            {
                "version": "1",
                "title": "Meins",
                "format": "community_meeting",
                "starts_on": "2026-12-03",
                "starts_time": "14:00",
                "ends_on": "2026-12-02",
                "ends_time": "15:30",
                "place": "hybrid",
                "summary": "Drei Städte berichten.",
                "dial_in": "https://konferenz.next.example/sprachmodelle",
                "audience": "everybody",
                "capacity": "60",
                "waiting_mode": "move_up",
                "is_all_day": "y",
                "tells_text_changes": "y",
                "takes_registrations": "y",
                "is_listed": "y",
                "offer_hours": "48",
                "join_opens_minutes": "15",
            }
        ),
        meta={"csrf": False},
    )

    mine.keep_slug(event)

    found = {one.label: (one.mine, one.theirs) for one in showing.differences(mine, EventForm.of(event))}

    assert found == {
        "Titel": ("Meins", "Sprachmodelle im Bürgeramt"),
        "Beginnt am": ("03.12.2026", "02.12.2026"),
        "Ganztägig": ("ja", "nein"),
        "Ort": ("hybrid", "virtuell"),
    }
