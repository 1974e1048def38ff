"""The form of an event: what is said against the fields, and what comes of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField

from nextevents.desk.forms.event import EventForm
from nextevents.events.models import Audience, Format, Place, WaitingMode
from nextevents.ground.clock import BERLIN
from tests.factories import make_event

pytestmark = pytest.mark.usefixtures("at_noon")

GOOD = {
    "version": "1",
    "title": "Übergang",
    "summary": "Kurz",
    "description": "Lang",
    "format": "workshop",
    "starts_on": "2027-01-12",
    "starts_time": "09:00",
    "ends_on": "2027-01-12",
    "ends_time": "10:30",
    "place": "hybrid",
    "address": "Rathaus\r\nMarkt 1",
    "dial_in": "https://konferenz.next.example/x",
    "audience": "members",
    "capacity": "60",
    "waiting_mode": "offer",
    "offer_hours": "7",
    "website": "a.example",
    "takes_registrations": "y",
    "is_listed": "y",
    "closes_on": "",
}
CHANGE_DAYS = [date(2027, 3, 28), date(2028, 3, 26), date(2029, 3, 25), date(2030, 3, 31), date(2031, 3, 30)]
CHANGE_DAYS += [date(2027, 10, 31), date(2028, 10, 29), date(2029, 10, 28), date(2030, 10, 27), date(2031, 10, 26)]


@pytest.fixture(autouse=True)
def speaking(app, db):
    """A form is read in a request."""
    del db
    with app.test_request_context("/"):
        yield


def form(**typed: object):
    return EventForm(
        MultiDict({name: value for name, value in (GOOD | typed).items() if value is not None}), meta={"csrf": False}
    )


def errors_of(**typed: object):
    one = form(**typed)
    one.validate()
    return {name: list(map(str, errors)) for name, errors in one.errors.items()}


def test_a_good_form_becomes_a_change():
    one = form()
    assert one.validate()
    change = one.change(make_event())

    assert (change.title, change.summary, change.description, change.address) == (
        "Übergang",
        "Kurz",
        "Lang",
        "Rathaus\nMarkt 1",
    )
    assert (change.format, change.place, change.audience, change.waiting_mode) == (
        Format.WORKSHOP,
        Place.HYBRID,
        Audience.MEMBERS,
        WaitingMode.OFFER,
    )
    assert (change.starts_local, change.ends_local, change.is_all_day) == (
        datetime(2027, 1, 12, 9),
        datetime(2027, 1, 12, 10, 30),
        False,
    )
    assert (change.capacity, change.closes_at, change.website, change.offer_hours) == (60, None, "https://a.example", 7)


def test_what_stands_comes_back_as_it_was():
    event = make_event(
        description="Eins\n\n- zwei",
        address="Rathaus\nMarkt 1",
        closes_at=datetime(2026, 11, 30, 9, 30, tzinfo=UTC),
        capacity=None,
    )
    shown = EventForm.of(event)
    boxes = {one.name for one in shown if isinstance(one, BooleanField)}
    typed = {one.name: one._value() for one in shown if hasattr(one, "_value") and one.name not in boxes}  # noqa: SLF001
    typed |= {one.name: str(one.data) for one in shown if type(one) is SelectField}
    typed |= {name: "y" for name in boxes if shown[name].data}
    again = EventForm(MultiDict(typed), meta={"csrf": False})

    assert again.validate(), again.errors
    change = again.change(event)
    assert {name: getattr(change, name) for name in vars(change)} == {
        name: getattr(event, name) for name in vars(change)
    }


def test_whole_days_end_at_midnight_after_the_last_and_come_back_as_typed():
    one = form(is_all_day="y", ends_on="2027-01-13", starts_time="", ends_time="")
    assert one.validate()
    change = one.change(make_event())

    assert (change.starts_local, change.ends_local) == (datetime(2027, 1, 12), datetime(2027, 1, 14))
    shown = EventForm.of(make_event(starts=datetime(2027, 1, 12), hours=48, is_all_day=True))
    assert (shown.starts_on.data, shown.ends_on.data) == (date(2027, 1, 12), date(2027, 1, 13))


def test_hours_are_of_no_account_for_whole_days():
    one = form(is_all_day="y", starts_time="23:00", ends_time="01:00")

    assert one.validate()
    assert one.change(make_event()).starts_local == datetime(2027, 1, 12)


# The clock


@pytest.mark.parametrize("day", CHANGE_DAYS, ids=str)
@pytest.mark.parametrize("field", ["starts", "ends"])
def test_half_past_two_is_refused_on_the_days_of_the_clock_changes_in_german(day, field):
    other = {"starts": ("ends", 1), "ends": ("starts", -1)}[field]
    typed = {
        f"{field}_on": str(day),
        f"{field}_time": "02:30",
        f"{other[0]}_on": str(day + timedelta(days=other[1])),
        f"{other[0]}_time": "12:00",
    }
    in_spring = "Diese Uhrzeit gibt es nicht: die Uhr wird vorgestellt. Meinen Sie 03:30?"
    in_autumn = "Diese Uhrzeit gibt es in dieser Nacht zweimal. Bitte wählen Sie eine andere."

    assert errors_of(**typed) == {f"{field}_time": [in_spring if day.month == 3 else in_autumn]}


@pytest.mark.parametrize("hour", ["01:59", "03:00"])
def test_the_hours_beside_it_are_fine(hour):
    assert errors_of(starts_on="2027-03-28", starts_time=hour, ends_on="2027-03-28", ends_time="12:00") == {}


# What is refused


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"title": ""}, {"title": ["Bitte füllen Sie dieses Feld aus."]}),
        ({"title": 201 * "x"}, {"title": ["Höchstens 200 Zeichen, bitte."]}),
        ({"summary": 501 * "x"}, {"summary": ["Höchstens 500 Zeichen, bitte."]}),
        ({"ends_time": "09:00"}, {"ends_on": ["Das Ende liegt nicht nach dem Beginn."]}),
        ({"ends_on": "2027-01-11"}, {"ends_on": ["Das Ende liegt nicht nach dem Beginn."]}),
        ({"is_all_day": "y", "ends_on": "2027-01-11"}, {"ends_on": ["Das Ende liegt nicht nach dem Beginn."]}),
        ({"starts_on": "2016-01-01"}, {"starts_on": ["Bitte prüfen Sie das Jahr."]}),
        ({"ends_on": "9999-12-31"}, {"starts_on": ["Bitte prüfen Sie das Jahr."]}),
        ({"starts_on": "0001-01-01"}, {"starts_on": ["Bitte prüfen Sie das Jahr."]}),
        ({"closes_on": "9999-12-31"}, {"closes_on": ["Bitte prüfen Sie das Jahr."]}),
        (
            {"starts_time": ""},
            {"starts_time": ["Bitte geben Sie Beginn und Ende an, oder setzen Sie das Häkchen „Ganztägig“."]},
        ),
        ({"capacity": "-1"}, {"capacity": ["Bitte geben Sie eine ganze Zahl ein, zum Beispiel 60."]}),
        (
            {"capacity": ""},
            {"capacity": ["Bitte geben Sie eine Zahl an, oder setzen Sie das Häkchen „So viele, wie kommen“."]},
        ),
    ],
    ids=str,
)
def test_what_makes_no_event_is_said_beside_its_field(typed, errors):
    assert errors_of(**typed) == errors


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("starts_on", "2027-02-29"),
        ("starts_on", "2027-W01-1"),
        ("starts_on", "12.01.2027"),
        ("starts_on", None),
        ("starts_time", "24:00"),
        ("starts_time", "9 Uhr"),
        ("format", "tanz"),
        ("place", "mond"),
        ("audience", None),
        ("waiting_mode", ""),
        ("closes_on", "morgen"),
    ],
)
def test_what_is_no_date_hour_or_choice_is_refused(name, typed):
    assert list(errors_of(**{name: typed})) == [name]


@pytest.mark.parametrize(("typed", "capacity"), [({"capacity": "0"}, 0), ({"capacity": "", "is_unlimited": "y"}, None)])
def test_no_seats_and_no_limit_are_different_things(typed, capacity):
    one = form(**typed)

    assert one.validate()
    assert one.change(make_event()).capacity == capacity


# The last day to register


def test_registration_closes_at_the_end_of_the_chosen_day():
    one = form(closes_on="2027-01-05")
    assert one.validate()

    assert one.change(make_event()).closes_at == datetime(2027, 1, 6, tzinfo=BERLIN)


def test_an_hour_that_somebody_has_set_stays_as_long_as_the_day_stays():
    closes = datetime(2027, 1, 5, 9, 30, tzinfo=BERLIN)
    event = make_event(closes_at=closes)
    kept, moved = form(closes_on=str(EventForm.of(event).closes_on.data)), form(closes_on="2027-01-06")

    for one in (kept, moved):
        assert one.validate()
    assert kept.change(event).closes_at == closes
    assert moved.change(event).closes_at == datetime(2027, 1, 7, tzinfo=BERLIN)


def test_midnight_closes_the_day_before():
    event = make_event(closes_at=datetime(2027, 1, 6, tzinfo=BERLIN))

    assert EventForm.of(event).closes_on.data == date(2027, 1, 5)
