"""Lists as files: what people type stays text in every program (bad inputs 17 and 18)."""

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest

from nextevents.desk.exports import LONGEST_CELL, FileFormat, Sheet, as_file

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
FORMULAS = ['=HYPERLINK("https://evil.example";"x")', "+1", "-1", "@x", "\t=1+1", "\r=1+1", "=cmd|'/c calc'!A1"]
STRANGE = ['Müller, "Ada"', "zwei\nZeilen", "a;b", "'; DROP TABLE", "🎉", ""]


@pytest.fixture(autouse=True)
def german(app):
    with app.test_request_context():
        yield


def sheet(*rows, heads=("Name", "Antwort"), title="KI & Recht", taken_by="Jona"):
    return Sheet(title, heads, rows, taken_by, AT)


def csv_of(made):
    content = as_file(made, FileFormat.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    return content, list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True, delimiter=";"))


def book_of(made):
    return openpyxl.load_workbook(io.BytesIO(as_file(made, FileFormat.XLSX)))


@pytest.mark.parametrize("text", FORMULAS)
def test_in_csv_what_looks_like_a_formula_has_an_apostrophe_before_it(text):
    """Case 17."""
    _content, rows = csv_of(sheet([text, "x"], heads=(text, "Antwort")))

    assert rows[:2] == [[f"'{text}", "Antwort"], [f"'{text}", "x"]]


@pytest.mark.parametrize("text", STRANGE)
def test_csv_gives_back_what_was_put_in_with_lines_that_end_as_they_should(text):
    content, rows = csv_of(sheet([text, "x"]))

    assert rows[1] == [text, "x"]
    assert content.splitlines(keepends=True)[0] == b'\xef\xbb\xbf"Name";"Antwort"\r\n'
    assert content.endswith(b'"\r\n')


@pytest.mark.parametrize("text", [*FORMULAS, *STRANGE])
def test_in_xlsx_every_cell_is_text(text):
    """Case 18."""
    page = book_of(sheet([text, "x"], heads=(text, "Antwort"))).active

    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert (page["A2"].value or "").replace("\r", "\n").strip() == text.replace("\r", "\n").strip()


def test_in_xlsx_what_xml_cannot_say_is_dropped_and_what_does_not_fit_is_cut():
    page = book_of(sheet(["a\x0bb\x00\ufffe\ud800c", "x" * 40_000])).active

    assert (page["A2"].value, page["B2"].value) == ("abc", "x" * LONGEST_CELL)


def test_every_file_says_who_took_it_when_and_from_which_event():
    mark = (
        "Vertraulich. Exportiert von Jona am 21.11.2026 13:00 aus „KI & Recht“. Nur für die Organisation des Termins."
    )
    _content, rows = csv_of(sheet(["Ada", ""]))
    book = book_of(sheet(["Ada", ""]))

    assert rows[-1] == [mark]
    assert book.properties.creator == "Jona"
    assert book.properties.description == mark
    assert book.active.oddHeader.center.text.replace("&&", "&") == mark
    assert book.active.oddFooter.center.text.replace("&&", "&") == mark


def test_names_that_are_formulas_or_unsayable_do_no_harm_in_the_mark():
    made = sheet(title="=1+1 \x0b &A" + "x" * 300, taken_by="@Jona \x0b")

    assert csv_of(made)[1][-1][0].startswith("Vertraulich")
    assert len(book_of(made).active.oddHeader.center.text) <= 255
