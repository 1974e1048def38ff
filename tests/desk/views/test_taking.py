"""What organisers take away: files, paper, badges; and that it is noted."""

import csv
import io

import openpyxl
import pytest
from sqlalchemy import select

from nextevents.events.models import Photos, QuestionKind, State
from nextevents.ground.audit import AuditEntry
from tests.factories import make_answer, make_event, make_person, make_question, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

LIST = "/veranstaltungen/ki/verwalten/teilnehmende/"


@pytest.fixture
def event(db):
    return make_event(slug="ki", title="KI im Amt", asks_photos=True)


@pytest.fixture
def crowd(event):
    """Ada, who takes the train, and Bo, who waits."""
    ride = make_question(event, kind=QuestionKind.ONE_OF, label="Anreise")
    ada = make_registration(event, make_person("ada@amt.example", name="Ada"))
    ada.photos = Photos.OVERVIEW
    make_answer(ada, ride, "Bahn")
    make_registration(event, make_person("bo@amt.example", name="Bo"), state=State.WAITING)
    return ride


def rows_in(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def deeds(db):
    return [(one.action, one.subject, one.detail) for one in db.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_the_list_leaves_as_it_is_shown_and_that_is_noted_without_names(office, event, crowd, db):
    fields = {"format": "csv", "stand": "confirmed", "spalten": ["address", f"frage-{crowd.id}"]}
    answer = office.send(f"{LIST}export", fields)

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ki-teilnehmende-2026-11-21.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert rows_in(answer)[:2] == [["Name", "Adresse", "Anreise"], ["Ada", "ada@amt.example", "Bahn"]]
    assert len(rows_in(answer)) == 3
    assert deeds(db) == [
        (
            "exported",
            f"event:{event.id}",
            {
                "format": "csv",
                "count": 1,
                "columns": ["name", "address", f"frage-{crowd.id}"],
                "is_whole": False,
            },
        )
    ]


def test_a_spreadsheet_has_the_usual_columns(office, crowd):
    answer = office.send(f"{LIST}export", {"format": "xlsx"})
    page = openpyxl.load_workbook(io.BytesIO(answer.data)).active

    assert [[cell.value for cell in row] for row in page.iter_rows(max_row=2)] == [
        ["Name", "Organisation", "Adresse", "Stand", "Angemeldet am"],
        ["Ada", None, "ada@amt.example", "angemeldet", "21.11.2026 13:00"],
    ]


def test_what_nobody_offered_is_left_out(office, crowd):
    fields = {"format": "exe", "stand": "unsinn", "spalten": ["secret", "address"], "frage-1x": "y", "ebene": "'"}

    answer = office.send(f"{LIST}export", fields)

    assert answer.status_code == 200
    assert answer.content_type.startswith("application/vnd.openxml")


def test_nothing_leaves_by_looking_and_past_exports_are_listed(office, crowd, db):
    assert office.get(f"{LIST}export").status_code == 405
    assert "Noch hat niemand" in text_of(office.get(f"{LIST}exporte/"))

    office.send(f"{LIST}export", {"format": "csv"})
    office.send(f"{LIST}schilder")
    office.send(f"{LIST}druckliste/")

    rows = page_of(office.get(f"{LIST}exporte/")).tbody.find_all("tr")
    assert [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in rows] == [
        ["21.11.2026 13:00", "Jona", "Liste zum Drucken", "2"],
        ["21.11.2026 13:00", "Jona", "Namensschilder", "1"],
        ["21.11.2026 13:00", "Jona", "Text (CSV)", "2"],
    ]


def test_a_list_for_paper_has_all_on_one_page_and_room_to_sign(office, event):
    for number in range(60):
        make_registration(event, make_person(name=f"Person {number:02}"))

    page = page_of(office.send(f"{LIST}druckliste/", {"spalten": "body", "unterschrift": "ja"}))

    assert len(page.tbody.find_all("tr")) == 60
    assert [head.get_text(strip=True) for head in page.thead.find_all("th")] == ["Name", "Organisation", "Unterschrift"]
    assert "Gedruckt von Jona" in page.get_text()


def test_a_list_for_paper_is_noted_and_its_address_alone_shows_nobody(office, event, crowd, db):
    looked_at = office.get(f"{LIST}druckliste/?stand=waiting")
    assert (looked_at.status_code, looked_at.location, deeds(db)) == (303, f"{LIST}?stand=waiting", [])

    office.send(f"{LIST}druckliste/", {"stand": "waiting"})

    assert deeds(db) == [
        (
            "exported",
            f"event:{event.id}",
            {"format": "print", "count": 1, "columns": ["name", "body", "address", "state", "made"], "is_whole": False},
        )
    ]


@pytest.mark.parametrize("what", ["export", "schilder"])
def test_while_the_disk_is_nearly_full_nothing_leaves_and_nothing_is_noted(office, crowd, what, db, nearly_full):
    answer = office.send(f"{LIST}{what}", {"format": "csv"})

    assert (answer.status_code, answer.location, deeds(db)) == (303, LIST, [])
    assert "Auf dem Server ist kaum noch Platz." in text_of(office.get(LIST))
    assert office.send(f"{LIST}druckliste/").status_code == 200


def test_badges_are_for_those_who_come(office, event, crowd, db):
    answer = office.send(f"{LIST}schilder", {"antwort": str(crowd.id)})

    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ki-namensschilder-2026-11-21.pdf"'
    assert answer.data.startswith(b"%PDF-1.7")
    assert [(detail["format"], detail["count"]) for _action, _subject, detail in deeds(db)] == [("badges", 1)]


def test_without_anybody_there_are_no_badges_and_nothing_is_noted(office, event, db):
    answer = office.send(f"{LIST}schilder")

    assert (answer.status_code, answer.location) == (303, LIST)
    assert deeds(db) == []
