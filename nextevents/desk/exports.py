"""Lists of participants as files: CSV by RFC 4180, but with semicolons, and XLSX.

A German spreadsheet puts a whole line with commas into one cell: the comma is its mark of decimals.

What people type may look like a formula. In CSV an apostrophe goes before it (OWASP ASVS 1.2.10), in XLSX every cell
is said to be text (bad inputs 17 and 18).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _

from ..events import showing

#: What programs take for the beginning of a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
#: What German spreadsheets take for the end of a cell.
DELIMITER = ";"
#: More does not fit into a cell of a spreadsheet.
LONGEST_CELL = 32_767
#: More does not fit into the head or foot of a spreadsheet's page.
LONGEST_MARGIN = 200
#: What XML 1.0 cannot say (section 2.2).
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class FileFormat(StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


CONTENT_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Sheet:
    """A list with the names of its columns, and who took it away, when, and from which event."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    taken_by: str
    taken_at: datetime

    @property
    def watermark(self) -> str:
        """One sentence that goes with every copy (rule L-15)."""
        return _(
            "Vertraulich. Exportiert von %(name)s am %(when)s aus „%(event)s“. Nur für die Organisation des Termins.",
            name=self.taken_by,
            when=showing.edited_label(self.taken_at),
            event=self.title,
        )


def as_file(sheet: Sheet, kind: FileFormat) -> bytes:
    """The list as a file of that kind."""
    return _as_csv(sheet) if kind == FileFormat.CSV else _as_xlsx(sheet)


def _as_csv(sheet: Sheet) -> bytes:
    """With the mark that lets spreadsheets know that it is UTF-8; the watermark is the last line."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=DELIMITER, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([harmless(head) for head in sheet.heads])
    writer.writerows([harmless(cell) for cell in row] for row in sheet.rows)
    writer.writerow([harmless(sheet.watermark)])
    return written.getvalue().encode("utf-8-sig", "replace")


def harmless(cell: str) -> str:
    """The text with an apostrophe before what a spreadsheet would compute."""
    text = cell.replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _as_xlsx(sheet: Sheet) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - 10 MB that most requests do not need

    book = Workbook(write_only=True)
    page = book.create_sheet(_("Teilnehmende"))
    page.freeze_panes = "A2"
    margin = _sayable(sheet.watermark).replace("&", "&&")[:LONGEST_MARGIN]
    page.oddHeader.center.text = margin
    page.oddFooter.center.text = margin
    page.append(_cells(page, sheet.heads))
    for row in sheet.rows:
        page.append(_cells(page, row))
    book.properties.creator = _sayable(sheet.taken_by)
    book.properties.title = _sayable(sheet.title)
    book.properties.description = _sayable(sheet.watermark)
    book.properties.created = book.properties.modified = sheet.taken_at.replace(tzinfo=None)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cells(page: object, texts: Iterable[str]) -> list[object]:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - large, and only for spreadsheets

    cells = []
    for text in texts:
        cell = WriteOnlyCell(page, value="")
        cell.value = _sayable(text)
        cell.data_type = "s"
        cells.append(cell)
    return cells


def _sayable(text: str) -> str:
    return _UNSAYABLE.sub("", text)[:LONGEST_CELL]
