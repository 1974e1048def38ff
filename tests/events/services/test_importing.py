"""Bringing in a table of events, row by row, twice if need be."""

import pytest
from sqlalchemy import func, select

from nextevents.demo import content
from nextevents.events.models import Event, Format
from nextevents.events.services import import_rows
from tests.factories import make_community

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
