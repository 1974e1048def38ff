"""Bringing in a table of events, row by row, twice if need be."""

from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import func, select

from nextevents.demo import content
from nextevents.events.models import Event, Format, Place, Stage
from nextevents.events.services import import_rows
from tests.factories import make_community

#: 04.05.22 in digits that only int() takes.
ARABIC = "\u0660\u0664.\u0660\u0665.\u0662\u0662"
HEADER = "Nr,Datum,Event,Format / Projekt,Ort\n"


def outcomes(table: bytes, at):
    return [row.outcome for row in import_rows(table, at=at)]


@pytest.fixture
def circles(db):
    return [
        make_community(one.slug, name=one.name, position=number) for number, one in enumerate(content.communities())
    ]


def test_the_report_of_2022_becomes_31_events_with_their_circles(db, noon, circles):
    assert outcomes(content.past_events_table(), noon) == ["made"] * 31

    joint = db.scalars(select(Event).where(Event.title.contains("Digitale Ethik und"))).all()
    assert {tuple(sorted(one.slug for one in event.communities)) for event in joint} == {
        ("digitale-ethik", "machine-learning-ki")
    }
    conference = db.scalars(select(Event).where(Event.title == "NExTpanel: Herbstkonferenz")).one()
    assert (conference.format, [one.slug for one in conference.communities]) == (Format.PANEL, ["nextpanel"])


def test_reading_it_twice_doubles_nothing(db, noon, circles):
    outcomes(content.past_events_table(), noon)

    assert outcomes(content.past_events_table(), noon) == ["known"] * 31
    assert db.scalar(select(func.count()).select_from(Event)) == 31


@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "utf-8"), (";", "cp1252"), (",", "cp1252"), (",", "utf-8-sig")]
)
def test_semicolons_and_windows_encodings_are_read_alike(db, noon, separator, encoding):
    table = f"{HEADER}1,04.05.22,Digitaler Staat – Süd,Externe Veranstaltung,In Präsenz\n".replace(",", separator)

    assert outcomes(table.encode(encoding), noon) == ["made"]
    assert db.scalars(select(Event.title)).all() == ["Digitaler Staat – Süd"]


@pytest.mark.parametrize(
    ("row", "remark"),
    [
        ("1,31.02.22,Treffen,NExTcommunity,virtuell", "Den Tag „31.02.22“ gibt es nicht."),
        ("1,morgen,Treffen,NExTcommunity,virtuell", "Das Datum „morgen“ ist nicht lesbar (erwartet: TT.MM.JJ)."),
        ("1,03.03.22,,NExTcommunity,virtuell", "Der Titel fehlt."),
        ("1,03.03.22,Treffen,Tanz,virtuell", "Format „Tanz“ ist unbekannt."),
        ("1,03.03.22,Treffen,NExTcommunity,Mond", "Ort „Mond“ ist unbekannt."),
        ("1,03.03.22,Treffen,NExTcommunity", "Die Zeile hat 4 statt 5 Spalten."),
        ("1,03.03.22,Tref\0fen,NExTcommunity,virtuell", "Der Titel enthält unsichtbare Zeichen (U+0000)."),
    ],
)
def test_a_row_that_cannot_be_read_is_reported_and_the_others_are_brought_in(db, noon, row, remark):
    table = f"{HEADER}{row}\n2,04.03.22,Gutes Treffen,NExTcommunity,virtuell\n"

    rows = list(import_rows(table.encode(), at=noon))

    assert [(one.line, one.outcome, one.remark) for one in rows] == [(2, "unreadable", remark), (3, "made", "")]


def test_a_table_with_other_columns_is_refused_as_a_whole(db, noon):
    rows = list(import_rows(b"Name,Mail\nAda,ada@stadt.example\n", at=noon))

    assert [(one.line, one.outcome) for one in rows] == [(1, "unreadable")]


def test_what_is_brought_in_is_a_published_whole_day_without_registration(db, noon, circles):
    table = f"{HEADER}1,7.4.2022,NExTcamp #5,NExTcamp,hybrid\n"

    (row,) = import_rows(table.encode(), at=noon)

    (event,) = db.scalars(select(Event))
    assert (row.line, row.title, row.outcome, row.remark) == (2, "NExTcamp #5", "made", "NExTcamp")
    assert (event.slug, event.stage, event.format, event.place) == (
        "nextcamp-5-2022-04-07",
        Stage.PUBLISHED,
        Format.CAMP,
        Place.HYBRID,
    )
    assert (event.starts_local, event.ends_local, event.is_all_day, event.takes_registrations) == (
        datetime(2022, 4, 7),
        datetime(2022, 4, 8),
        True,
        False,
    )
    assert event.search_text == "nextcamp #5\n\n"


def test_the_report_is_all_there_with_its_days_places_and_kinds(db, noon, circles):
    list(import_rows(content.past_events_table(), at=noon))
    events = db.scalars(select(Event).order_by(Event.starts_local, Event.id)).all()

    assert (str(events[0].starts_local.date()), str(events[-1].starts_local.date())) == ("2022-01-20", "2022-12-07")
    assert Counter(event.format for event in events) == {
        Format.COMMUNITY_MEETING: 23,
        Format.CAMP: 2,
        Format.PANEL: 4,
        Format.EXTERNAL: 2,
    }
    assert Counter(event.place for event in events) == {Place.VIRTUAL: 28, Place.IN_PRESENCE: 3}
    without = [event.title for event in events if not event.communities]
    assert without == ["Digitaler Staat – Side Event", "PIAZZA-Konferenz"]
    assert len({event.slug for event in events}) == 31


def test_two_dates_of_one_title_on_one_day_are_one_and_of_two_titles_with_one_address_two(db, noon):
    rows = ["04.05.22,Treffen: A,NExTcommunity,virtuell", "04.05.22,Treffen A,NExTcommunity,virtuell"]
    table = HEADER + "".join(f"{number},{row}\n" for number, row in enumerate([*rows, rows[0]]))

    assert outcomes(table.encode(), noon) == ["made", "made", "known"]
    assert set(db.scalars(select(Event.slug))) == {"treffen-a-2022-05-04", "treffen-a-2022-05-04-2"}


def test_quotes_blank_lines_and_windows_line_ends_are_read(db, noon):
    table = HEADER + '1, 04.05.22 ,"Daten, Karten & ""mehr""",NExTcommunity, virtuell \n\n;\n'.replace(";", ",,,,")

    assert outcomes(table.replace("\n", "\r\n").encode(), noon) == ["made"]
    assert db.scalars(select(Event.title)).all() == ['Daten, Karten & "mehr"']


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_both_apostrophes_of_whats_next_are_read(db, noon, circles, apostrophe):
    table = f"{HEADER}1,04.05.22,What{apostrophe}s NExT? Cloud,What{apostrophe}s NExT?,virtuell\n"

    assert outcomes(table.encode(), noon) == ["made"]
    event = db.scalars(select(Event)).one()
    assert (event.format, [one.slug for one in event.communities]) == (Format.WHATS_NEXT, ["whats-next"])


@pytest.mark.parametrize(
    ("row", "remark"),
    [
        ("1,29.02.23,Treffen,NExTcommunity,virtuell", "Den Tag „29.02.23“ gibt es nicht."),
        ("1,04.05.9999,Treffen,NExTcommunity,virtuell", "Das Jahr 9999 liegt zu weit weg."),
        (f"1,{ARABIC},Treffen,NExTcommunity,virtuell", f"Das Datum „{ARABIC}“ ist nicht lesbar (erwartet: TT.MM.JJ)."),
        ("1,04.05.22," + 201 * "x" + ",NExTcommunity,virtuell", "Der Titel ist länger als 200 Zeichen."),
        ("1,04.05.22,Treffen\u202e,NExTcommunity,virtuell", "Der Titel enthält unsichtbare Zeichen (U+202E)."),
        ("1,04.05.22,Treffen,NExTcommunity,virtuell,mehr", "Die Zeile hat 6 statt 5 Spalten."),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_more_rows_that_cannot_be_read(db, noon, row, remark):
    (found,) = import_rows(f"{HEADER}{row}\n".encode(), at=noon)

    assert (found.outcome, found.remark) == ("unreadable", remark)
    assert db.scalar(select(func.count()).select_from(Event)) == 0


def test_a_cell_that_is_too_large_is_reported_and_what_came_before_stays(db, noon):
    table = f"{HEADER}1,04.05.22,Treffen,NExTcommunity,virtuell\n2,05.05.22,{200_000 * 'x'},NExTcommunity,virtuell\n"

    assert outcomes(table.encode(), noon) == ["made", "unreadable"]


@pytest.mark.parametrize("table", [b"", b"\n", b"\xff\xfe\x00", b"\0\0\0", 5_000 * b";"])
def test_what_is_no_table_is_refused_in_one_row(db, noon, table):
    assert outcomes(table, noon) == ["unreadable"]


def test_a_formula_stays_a_title(db, noon):
    table = f'{HEADER}1,04.05.22,"=HYPERLINK(""https://evil.example"")",NExTcommunity,virtuell\n'

    assert outcomes(table.encode(), noon) == ["made"]
    assert db.scalars(select(Event.title)).all() == ['=HYPERLINK("https://evil.example")']
