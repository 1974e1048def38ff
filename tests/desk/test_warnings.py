"""What an organiser is told about a date."""

from datetime import datetime, timedelta

import pytest

from nextevents.desk.planning import span_between
from nextevents.desk.warnings import warnings_about, warnings_about_time
from nextevents.events import queries as events
from nextevents.events.models import Place, Stage
from tests.factories import NOON, make_event


@pytest.fixture(autouse=True)
def in_german(app):
    with app.test_request_context():
        yield


def test_a_good_date_has_none(db):
    assert warnings_about(make_event(), at=NOON) == []


@pytest.mark.parametrize(
    ("starts", "sentence"),
    [
        (datetime(2026, 12, 24, 14), "An diesem Tag ist Heiligabend."),
        (datetime(2027, 3, 26, 14), "An diesem Tag ist Karfreitag."),
        (datetime(2027, 5, 6, 14), "An diesem Tag ist Christi Himmelfahrt."),
        (datetime(2026, 12, 5, 14), "Dieser Tag liegt am Wochenende."),
        (datetime(2026, 11, 3, 14), "Der Beginn liegt in der Vergangenheit."),
    ],
)
def test_odd_days_are_named(db, starts, sentence):
    assert sentence in warnings_about(make_event(starts=starts), at=NOON)


def test_of_several_days_each_holiday_is_named(db):
    event = make_event(starts=datetime(2026, 12, 23, 9), hours=60)

    assert warnings_about(event, at=NOON) == [
        "Am Donnerstag, 24. Dezember 2026 ist Heiligabend.",
        "Am Freitag, 25. Dezember 2026 ist 1. Weihnachtstag.",
    ]


def test_what_ends_at_midnight_is_over_before_the_next_day(db):
    whole_day = make_event(title="Ganzer Tag", starts=datetime(2026, 12, 23), hours=24, is_all_day=True)
    evening = make_event(title="Tags darauf", starts=datetime(2026, 12, 24, 14))

    assert warnings_about(whole_day, at=NOON) == []
    assert warnings_about(evening, at=NOON) == ["An diesem Tag ist Heiligabend."]
    assert [events.others_near([one], but=[one.id]) for one in (whole_day, evening)] == [[([], [])], [([], [])]]


def test_other_events_of_that_day_are_named_but_nothing_hidden_and_none_of_the_day_after(db):
    event = make_event()
    make_event(title="Am Abend", starts=datetime(2026, 12, 2, 19))
    make_event(title="Noch geheim", stage=Stage.DRAFT)
    make_event(title="Nur mit Link", is_listed=False)
    make_event(title="Tags darauf", starts=datetime(2026, 12, 3, 9))
    make_event(title="Eine Woche lang", starts=datetime(2026, 11, 30, 9), hours=100)

    assert warnings_about(event, at=NOON) == ["Am selben Tag: Eine Woche lang.", "Am selben Tag: Am Abend."]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"dial_in": ""}, "Noch fehlt der Zugang zur Videokonferenz."),
        ({"place": Place.IN_PRESENCE}, "Noch fehlt die Adresse."),
        ({"closes_at": NOON + timedelta(days=30)}, "Die Anmeldung endet erst nach dem Beginn."),
        ({"opens_at": NOON + timedelta(days=30)}, "Die Anmeldung öffnet erst, wenn sie schon wieder geschlossen ist."),
        ({"hours": 24 * 40}, "Die Veranstaltung dauert länger als einen Monat. Stimmt das Ende?"),
    ],
)
def test_what_is_missing_or_odd_is_said(db, values, sentence):
    assert sentence in warnings_about(make_event(**values), at=NOON)


@pytest.mark.parametrize(
    ("starts", "sentences"),
    [
        (datetime(2026, 12, 3, 10), []),
        (datetime(2026, 12, 2, 10), ["Am selben Tag: Sprachmodelle im Bürgeramt."]),
        (datetime(2026, 12, 24, 10), ["An diesem Tag ist Heiligabend."]),
        (datetime(2026, 11, 19, 10), ["Der Beginn liegt in der Vergangenheit."]),
    ],
)
def test_a_time_that_is_only_thought_of_is_looked_at_in_the_same_way(db, starts, sentences):
    make_event()

    assert warnings_about_time(span_between(starts, starts + timedelta(hours=1)), at=NOON) == sentences
