"""How dates, places and seats are said, in German and in English."""

from datetime import date, datetime, timedelta

import pytest
from flask_babel import force_locale

from nextevents.events import showing
from nextevents.events.models import Audience, Format, Place, Stage, State
from tests.factories import NOON, make_community, make_event, make_registration

ADDRESS = "Rathaus, Saal 3\n Markt 1 \n\n12345 Musterhafen"


@pytest.fixture(autouse=True)
def within(app, db):
    """Words are said in a request."""
    del db
    with app.test_request_context("/"):
        yield


def both(say):
    found = []
    for language in ("de", "en"):
        with force_locale(language):
            found.append(str(say()))
    return found


WHEN = {
    "an afternoon in winter": (
        {},
        "Mittwoch, 2. Dezember 2026, 14 bis 15.30 Uhr (MEZ)",
        "Wednesday, 2 December 2026, 14:00 to 15:30 (CET)",
    ),
    "a morning in summer": (
        {"starts": datetime(2027, 7, 1, 9, 5), "hours": 0.5},
        "Donnerstag, 1. Juli 2027, 9.05 bis 9.35 Uhr (MESZ)",
        "Thursday, 1 July 2027, 9:05 to 9:35 (CEST)",
    ),
    "into the next day": (
        {"starts": datetime(2026, 12, 31, 22), "hours": 4},
        "Donnerstag, 31. Dezember 2026, 22 Uhr – Freitag, 1. Januar 2027, 2 Uhr (MEZ)",
        "Thursday, 31 December 2026, 22:00 – Friday, 1 January 2027, 2:00 (CET)",
    ),
    "a whole day": (
        {"starts": datetime(2027, 3, 1), "hours": 24, "is_all_day": True},
        "Montag, 1. März 2027",
        "Monday, 1 March 2027",
    ),
    "two whole days": (
        {"starts": datetime(2027, 3, 1), "hours": 48, "is_all_day": True},
        "Montag, 1. März 2027 – Dienstag, 2. März 2027",
        "Monday, 1 March 2027 – Tuesday, 2 March 2027",
    ),
}


@pytest.mark.parametrize(("values", "german", "english"), WHEN.values(), ids=WHEN.keys())
def test_the_date_is_said_whole_with_weekday_and_zone(values, german, english):
    event = make_event(**values)

    assert both(lambda: showing.when_label(event)) == [german, english]


def test_hours_are_said_as_people_do():
    assert both(lambda: showing.hours_label(make_event())) == ["14 bis 15.30 Uhr", "14:00 to 15:30"]
    whole = make_event(starts=datetime(2027, 3, 1), hours=24, is_all_day=True)
    assert both(lambda: showing.hours_label(whole)) == ["ganztägig", "all day"]


def test_a_moment_is_said_in_berlin_whatever_the_server_s_clock_shows():
    assert both(lambda: showing.time_label(NOON)) == [
        "Samstag, 21. November 2026, 13 Uhr",
        "Saturday, 21 November 2026, 13:00",
    ]
    assert both(lambda: showing.edited_label(NOON)) == ["21.11.2026 13:00", "21 Nov 2026, 13:00"]


@pytest.mark.parametrize(
    ("values", "german", "english"),
    [
        ({}, "virtuell", "Online"),
        ({"place": Place.IN_PRESENCE, "address": ADDRESS}, *2 * ["Rathaus, Saal 3, Markt 1, 12345 Musterhafen"]),
        ({"place": Place.IN_PRESENCE}, "in Präsenz", "In person"),
        ({"place": Place.HYBRID, "address": "Rathaus"}, "Rathaus und virtuell", "Rathaus and online"),
    ],
    ids=str,
)
def test_the_place_is_said_in_one_line(values, german, english):
    event = make_event(**values)

    assert [words.casefold() for words in both(lambda: showing.place_label(event))] == [
        german.casefold(),
        english.casefold(),
    ]


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (showing.place_word, list(Place)),
        (showing.format_word, list(Format)),
        (showing.state_word, list(State)),
        (lambda audience: showing.audience_label(make_event(audience=audience)), list(Audience)),
    ],
    ids=["places", "formats", "states", "audiences"],
)
def test_everything_there_is_has_words_of_its_own_in_both_languages(say, words):
    german = [both(lambda one=one: say(one))[0] for one in words]
    english = [both(lambda one=one: say(one))[1] for one in words]

    assert len(set(german)) == len(set(english)) == len(words)
    assert "" not in german + english


def test_whose_date_it_is():
    chatbot, ethics = make_community(name="Chatbot", position=2), make_community(name="Digitale Ethik", position=1)

    assert both(lambda: showing.hosts_label(make_event(communities=(chatbot,))))[0] == "NExTcommunity Chatbot"
    joint = make_event(communities=(chatbot, ethics))
    assert both(lambda: showing.hosts_label(joint))[0] == "NExTcommunity Chatbot und NExTcommunity Digitale Ethik"
    assert both(lambda: showing.hosts_label(make_event(format=Format.CAMP)))[0] == "NExTcamp"


SIGNS = {
    "many seats": ({"capacity": 60}, 0, ("open", "60 Plätze frei")),
    "few seats": ({"capacity": 10}, 5, ("last", "noch 5 Plätze")),
    "one seat": ({"capacity": 10}, 9, ("last", "noch 1 Platz")),
    "no seat": ({"capacity": 2}, 2, ("full", "Warteliste")),
    "no limit": ({"capacity": None}, 3, ("open", "Plätze frei")),
    "closed by the office": ({"capacity": 0}, 0, ("past", "Anmeldung beendet")),
    "called off": ({"stage": Stage.CANCELLED}, 0, ("cancelled", "abgesagt")),
    "over": ({"starts": datetime(2026, 11, 1)}, 0, ("past", "")),
    "at others": ({"takes_registrations": False}, 0, ("past", "extern")),
    "opens later": ({"opens_at": NOON + timedelta(hours=1)}, 0, ("past", "öffnet später")),
    "closed already": ({"closes_at": NOON}, 0, ("past", "Anmeldung beendet")),
    "going on": ({"starts": datetime(2026, 11, 21, 12, 30)}, 0, ("past", "Anmeldung beendet")),
}


@pytest.mark.parametrize(("values", "taken", "sign"), SIGNS.values(), ids=SIGNS.keys())
def test_how_things_stand_is_said_in_a_word(values, taken, sign):
    event = make_event(**values)
    for _ in range(taken):
        make_registration(event)

    assert showing.availability(event, NOON) == sign


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ((None, 7, 0), "so viele, wie kommen"),
        ((60, 7, 0), "53 von 60 frei"),
        ((7, 7, 0), "alle 7 vergeben"),
        ((7, 7, 1), "alle 7 vergeben, 1 Person wartet"),
        ((7, 7, 12), "alle 7 vergeben, 12 Personen warten"),
    ],
)
def test_how_many_seats_are_left_or_people_wait(seats, words):
    assert showing.seats_label(*seats) == words


def test_a_row_says_when_what_whose_and_how_it_stands():
    event = make_event(slug="ki", starts=datetime(2026, 12, 2, 9, 5), communities=(make_community(name="Chatbot"),))
    row = showing.row_of(event, NOON)

    assert (row.href, row.iso, row.day, row.weekday, row.time, row.title, row.meta, row.state, row.state_label) == (
        "/veranstaltungen/ki/",
        "2026-12-02",
        "02",
        "Mi",
        "9.05 Uhr",
        "Sprachmodelle im Bürgeramt",
        "NExTcommunity Chatbot · virtuell",
        "open",
        "60 Plätze frei",
    )


def test_a_row_late_in_the_evening_names_the_day_of_the_wall_clock():
    event = make_event(starts=datetime(2026, 11, 28, 23, 30))

    row = showing.row_of(event, NOON)

    assert (row.day, row.weekday) == ("28", "Sa")


def test_a_row_of_ones_own_says_so_while_it_is_to_come():
    event, past = make_event(), make_event(starts=datetime(2026, 11, 1))
    rows = [showing.row_of(one, NOON, make_registration(one)) for one in (event, past)]

    assert [(row.state, row.state_label) for row in rows] == [("mine", "angemeldet"), ("past", "")]


def test_events_stand_under_their_months_in_the_order_given():
    starts = [datetime(2026, 12, 31, 23), datetime(2027, 1, 1), datetime(2027, 1, 31), datetime(2027, 3, 1)]
    events = [make_event(title=f"{number}", starts=one) for number, one in enumerate(starts)]

    months = [(month.label, [row.title for row in month.rows]) for month in showing.months(events, NOON)]

    assert months == [("Dezember 2026", ["0"]), ("Januar 2027", ["1", "2"]), ("März 2027", ["3"])]


def test_a_month_is_a_table_of_weeks_from_monday_to_sunday():
    events = [make_event(slug="ki", starts=datetime(2026, 11, 22, 9)), make_event(starts=datetime(2026, 12, 1))]
    weeks = showing.month_weeks(date(2026, 11, 1), events, NOON)

    assert [len(week) for week in weeks] == 6 * [7]
    assert (weeks[0][0].date_label, weeks[0][0].is_other_month) == ("Montag, 26. Oktober", True)
    assert (weeks[-1][-1].date_label, weeks[-1][-1].is_other_month) == ("Sonntag, 6. Dezember", True)
    assert [day.number for week in weeks for day in week if day.is_today] == [21]
    entries = {
        day.date_label: [(one.href, one.time) for one in day.entries] for week in weeks for day in week if day.entries
    }
    assert entries["Sonntag, 22. November"] == [("/veranstaltungen/ki/", "09:00")]


@pytest.mark.parametrize(("first", "weeks"), [(date(2027, 2, 1), 4), (date(2026, 11, 1), 6), (date(2026, 12, 1), 5)])
def test_a_month_has_as_many_weeks_as_it_needs(first, weeks):
    assert len(showing.month_weeks(first, [], NOON)) == weeks


def test_the_days_of_the_week_are_said_in_full():
    assert [names.split(", ")[0] for names in both(lambda: ", ".join(showing.weekday_names()))] == ["Montag", "Monday"]
