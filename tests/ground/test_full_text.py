"""What stands in files: read by a worker, within bounds, whatever a file does."""

import os
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from nextevents.ground import full_text
from nextevents.ground.database import change_rows
from nextevents.ground.documents import PDF
from nextevents.ground.files import File
from nextevents.ground.full_text import (
    LEASE,
    MOST_ATTEMPTS,
    FileText,
    Unread,
    begin_reading,
    keep_text,
    plain,
    text_in,
    texts_in,
    want_text,
)
from nextevents.ground.papers import as_pdf
from nextevents.ground.pdf_text import MOST_LETTERS
from tests.factories import make_file

PAGE = "<!doctype html><html lang=de><title>T</title><p>{}</p></html>"


def pdf_of(text: str) -> bytes:
    """A paper with that text."""
    return as_pdf(PAGE.format(text))


def packed_many_times(begin: bytes, part: bytes, times: int) -> bytes:
    """What unpacks into far more than this process should hold."""
    press = zlib.compressobj(9)
    packed = [press.compress(begin), *(press.compress(part * 10_000) for _ in range(times // 10_000)), press.flush()]
    return b"".join(packed)


def made_by_hand(stream: bytes = b"", *, packed: bytes = b"", pages: int = 1, kids: str = "") -> bytes:
    """A PDF file whose pages all show one packed stream."""
    packed = packed or zlib.compress(stream)
    numbers = kids or " ".join(f"{number + 10} 0 R" for number in range(pages))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Kids[{numbers}]/Count {pages}>>".encode(),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        4: b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    }
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</Font<</F 3 0 R>>>>/Contents 4 0 R>>"
    objects |= {number + 10: page for number in range(0 if kids else pages)}
    written, places = b"%PDF-1.7\n", {}
    for number, one in objects.items():
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in places.items())
    return written + b"xref\n0 1\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size 9999>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(written),
    )


def text_of(content: bytes, content_type: str = PDF) -> str:
    return plain(text_in(Unread(1, content_type, content)))


def test_the_text_of_a_pdf_file_is_what_its_reader_sees():
    assert "Größe der Übergabe" in text_of(pdf_of("Größe der Übergabe"))
    assert text_of(made_by_hand(b"BT /F 12 Tf (Hallo Hafen) Tj ET")) == "Hallo Hafen"


def test_texts_are_read_as_they_are():
    assert text_of("Größe\n\nzwei".encode(), "text/plain") == "Größe zwei"


def test_notes_in_markdown_are_read_without_their_signs():
    text = "# Ablauf\n\nWir **reden** und `tippen`,\nmehr [dort](https://folien.example/)."

    assert (
        text_of(text.encode(), "text/markdown") == "Ablauf Wir reden und tippen, mehr dort (https://folien.example/)."
    )
    assert text_of(text.encode(), "text/plain").startswith("# Ablauf Wir **reden**")
    assert len(text_of(b"a" * 9_000_000, "text/markdown")) == MOST_LETTERS


BOMBS = {
    "a page that unpacks into 300 MB": made_by_hand(packed=packed_many_times(b"", b" " * 100, 3_000_000)),
    "a page that says a word without end": made_by_hand(
        packed=packed_many_times(b"BT /F 12 Tf ", b"(Wort und Wort) Tj ", 3_000_000)
    ),
    "pages without end": made_by_hand(b"BT /F 1 Tf (x) Tj ET", pages=2, kids="2 0 R 2 0 R"),
    "a million pages": made_by_hand(b"BT /F 1 Tf (x) Tj ET", pages=2, kids="10 0 R " * 900_000),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_a_bounded_time_and_hurts_nobody(content, monkeypatch):
    monkeypatch.setattr(full_text, "SECONDS", 3)
    before = os.times()
    assert len(text_of(content)) <= MOST_LETTERS
    after = os.times()

    assert after.children_user - before.children_user < full_text.SECONDS + 1
    assert after.user - before.user < 5


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"%PDF-1.7\nnichts", b"%PDF-1.7\n" + b"\xff" * 100_000, pdf_of("Rest")[:2_000]],
    ids=["nothing", "no table", "noise", "torn off"],
)
def test_what_is_no_pdf_file_holds_no_text(content):
    assert text_of(content) == ""


def test_a_program_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(full_text, "SECONDS", 0.05)

    assert text_of(BOMBS["a page that says a word without end"]) == ""


def test_text_is_kept_as_people_would_type_it():
    assert plain("Verwal-\ntung und IT-\nRecht") == "Verwaltung und IT- Recht"
    assert plain("\ufb01nden a\u0308hnlich\x00 \u202eweich\u00ad\n") == "finden ähnlich weich"


# The queue


def read_one(at) -> int | None:
    """What a worker does with one file."""
    unread = begin_reading(at=at)
    if unread:
        keep_text(unread.number, text_in(unread))
    return unread.number if unread else None


def test_a_file_is_read_once_and_found_by_what_stands_in_it(db, noon):
    file = make_file(b"Stra\xc3\x9fe", name="a.txt")
    file.content_type = "text/plain"
    for _ in range(2):
        want_text(file, at=noon)

    assert [read_one(noon), read_one(noon)] == [file.id, None]
    assert texts_in([file.id, 0]) == {file.id: "Straße"}
    assert db.scalars(select(FileText.search_text)).all() == ["strasse"]


def test_what_we_cannot_read_is_not_asked_for(db, noon):
    file = make_file(name="bild.webp")
    file.content_type = "image/webp"
    want_text(file, at=noon)

    assert begin_reading(at=noon) is None


def test_whoever_dies_over_a_file_is_followed_by_another_until_it_is_given_up(db, noon):
    file = make_file()
    want_text(file, at=noon)

    moments = [noon + LEASE * number for number in range(MOST_ATTEMPTS + 2)]
    begun = [begin_reading(at=at) for at in moments]

    assert [one is not None for one in begun] == [True] * MOST_ATTEMPTS + [False] * 2
    assert begin_reading(at=noon + timedelta(days=9)) is None


def test_nobody_else_reads_a_file_meanwhile(db, noon):
    want_text(make_file(), at=noon)

    assert begin_reading(at=noon) is not None
    assert begin_reading(at=noon + LEASE / 2) is None


def test_a_file_that_is_gone_takes_its_text_with_it(db, noon):
    file = make_file()
    want_text(file, at=noon)
    unread = begin_reading(at=noon)
    change_rows(delete(File).where(File.id == file.id))

    keep_text(unread.number, "zu spät")
    assert db.scalars(select(FileText.file_id)).all() == []
