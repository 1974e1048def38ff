"""What the demo shows of an event that is closed."""

from datetime import timedelta

import pytest

from nextevents.demo.closing import FEEDBACK, STATES, load_closing
from nextevents.desk.plots import feedback_plots, plots
from nextevents.events import queries, rules
from tests.factories import NOON, make_community, make_person

pytestmark = pytest.mark.usefixtures("at_noon")


def test_the_demo_has_a_closed_event_with_figures_feedback_and_what_stays(app, db):
    circle, guest = make_community("chatbot-community"), make_person("mira@stadt.example", name="Mira Beispiel")

    load_closing(circle, [make_person() for _ in range(40)], guest, at=NOON)

    event = queries.event_with_slug("bots-und-uebergabe")
    counted = queries.figures_of(event)
    assert event.ends_at < NOON - timedelta(days=20)
    assert counted["states"] == {"cancelled": 3, "attended": 26, "excused": 3, "absent": 4}
    assert event.seats_taken == len(STATES) - 3
    assert queries.feedback_count(event) == len(FEEDBACK) > queries.FEWEST_ANSWERS
    with app.test_request_context("/"):
        assert [one.name for one in plots(counted)][:2] == ["growth", "states"]
        assert len(feedback_plots(event)) == 2
    assert {one.kind for one in queries.materials(event)} == {"minutes", "recording", "file"}
    own = queries.active_registration(guest, event)
    assert rules.may_have_certificate(own, at=NOON)
    assert rules.may_give_feedback(own, at=NOON)
    assert not own.has_given_feedback
