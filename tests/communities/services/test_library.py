"""What lies in a circle's library: added, changed, taken away, with its files."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from nextevents.communities import queries
from nextevents.communities.errors import ChangedMeanwhile, TooManyDocuments
from nextevents.communities.models import Document, DocumentKind, Viewers
from nextevents.communities.services import DocumentWish, add_document, change_document, library, merge, remove_document
from nextevents.ground.documents import DocumentRefused, Upload
from nextevents.ground.files import File
from nextevents.ground.full_text import FileText
from tests.factories import NOON, make_community, make_document, make_person

WISH = DocumentWish(title="Leitfaden", viewers=Viewers.EVERYBODY)
PDF = Upload(name="Fölien 1.pdf", content=b"%PDF-1.7 eins")


def png(width: int = 30, height: int = 20) -> bytes:
    """A picture that says where it was taken."""
    picture, written = Image.new("RGB", (width, height), "teal"), BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "GEHEIMER-ORT"
    picture.save(written, "PNG", exif=exif)
    return written.getvalue()


@pytest.fixture
def circle(db):
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def lead(db):
    return make_person()


def count(db, table) -> int:
    return db.scalar(select(func.count()).select_from(table))


def test_a_file_is_kept_under_its_own_name_and_waits_to_be_read(db, circle, lead, noon):
    document = add_document(circle, WISH, upload=PDF, by=lead, at=noon)

    assert (document.kind, document.title, document.file.name) == (DocumentKind.FILE, "Leitfaden", "Fölien 1.pdf")
    assert (document.made_by_id, document.made_at) == (lead.id, noon)
    assert db.scalars(select(FileText.due_at)).all() == [noon]


def test_without_a_title_it_is_called_like_the_file(circle, lead, noon):
    wish = DocumentWish(title="", viewers=Viewers.COMMUNITY)

    assert add_document(circle, wish, upload=PDF, by=lead, at=noon).title == "Fölien 1.pdf"


def test_a_picture_is_drawn_anew_and_tells_nothing(circle, lead, noon):
    upload = Upload(name="tafel.PNG", content=png())
    assert b"GEHEIMER-ORT" in upload.content

    file = add_document(circle, WISH, upload=upload, by=lead, at=noon).file

    assert (file.name, file.content_type) == ("tafel.webp", "image/webp")
    assert b"GEHEIMER-ORT" not in file.content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leer.pdf", b""),
        ("falsch.pdf", b"<html><script>alert(1)</script>"),
        ("seite.html", b"<html>"),
        ("bild.svg", b"<svg onload='alert(1)'/>"),
        ("programm.exe", b"MZ"),
        ("archiv.zip", b"PK\x03\x04"),
        ("bild.png", b"%PDF-1.7"),
        ("ohne", b"%PDF-1.7"),
        ("zu-gross.pdf", b"%PDF-" + b"x" * 10 * 1024 * 1024),
        ("null.txt", b"a\x00b"),
        ("umlaut.txt", "ü".encode("latin-1")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_taken_leaves_nothing_behind(db, circle, lead, noon, name, content):
    with pytest.raises(DocumentRefused):
        add_document(circle, WISH, upload=Upload(name=name, content=content), by=lead, at=noon)

    assert (count(db, Document), count(db, File)) == (0, 0)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Ordner\\Plan.txt", "Plan.txt"),
        ("a\u202etxt.exe.txt", "atxt.exe.txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
        ("Zeile\r\nSet-Cookie: a.txt", "ZeileSet-Cookie: a.txt"),
    ],
)
def test_a_name_is_never_a_path_or_a_trick(circle, lead, noon, typed, kept):
    upload = Upload(name=typed, content=b"Text")

    assert add_document(circle, WISH, upload=upload, by=lead, at=noon).file.name == kept


@pytest.mark.parametrize(
    ("wish", "upload"),
    [
        (WISH, PDF),
        (WISH, Upload(name="tafel.png", content=png())),
        (DocumentWish(title="Notiz", viewers=Viewers.COMMUNITY, text="Wir waren da."), None),
        (DocumentWish(title="Link", viewers=Viewers.COMMUNITY, url="https://folien.example/"), None),
    ],
    ids=["file", "picture", "note", "link"],
)
def test_the_same_thing_sent_twice_lies_there_once(db, circle, lead, noon, wish, upload):
    first = add_document(circle, wish, upload=upload, by=lead, at=noon)
    again = add_document(circle, wish, upload=upload, by=lead, at=noon)

    assert (again.id, count(db, Document), count(db, File)) == (first.id, 1, 1 if upload else 0)


def test_another_file_of_the_same_name_and_size_is_another_document(db, circle, lead, noon):
    add_document(circle, WISH, upload=PDF, by=lead, at=noon)
    add_document(circle, WISH, upload=Upload(name=PDF.name, content=b"%PDF-1.7 zwei"), by=lead, at=noon)

    assert (count(db, Document), count(db, File)) == (2, 2)


def test_a_library_holds_only_so_much(circle, lead, noon, monkeypatch):
    monkeypatch.setattr(library, "MOST", 1)
    make_document(circle)

    with pytest.raises(TooManyDocuments, match="1 Unterlagen"):
        add_document(circle, WISH, upload=PDF, by=lead, at=noon)


def test_a_newer_file_takes_the_place_of_the_one_that_stands(db, circle, lead, noon):
    document = add_document(circle, WISH, upload=PDF, by=lead, at=noon)
    earlier = document.file_id
    newer = Upload(name="neu.txt", content=b"Neu")
    wish = DocumentWish(title="", viewers=Viewers.SIGNED_IN, text="gilt nicht", url="https://gilt.example/")

    change_document(document, wish, upload=newer, version=1, at=noon)

    assert (document.title, document.viewers, document.text, document.url) == ("neu.txt", Viewers.SIGNED_IN, "", "")
    assert document.file_id != earlier
    assert db.scalars(select(File.name)).all() == ["neu.txt"]
    assert db.scalars(select(FileText.file_id)).all() == [document.file_id]


def test_whoever_was_overtaken_changes_nothing(db, circle, noon):
    document = make_document(circle, title="Alt", text="Text")
    change_document(document, DocumentWish(title="Neu", viewers=Viewers.COMMUNITY, text="A"), version=1, at=noon)

    with pytest.raises(ChangedMeanwhile):
        change_document(document, WISH, upload=PDF, version=1, at=noon)
    assert (document.title, document.text, count(db, File)) == ("Neu", "A", 0)


def test_what_is_taken_away_takes_its_file_along(db, circle, lead, noon):
    document = add_document(circle, WISH, upload=PDF, by=lead, at=noon)
    other = make_community()
    remove_document(other, document.id)
    assert count(db, Document) == 1

    for _ in range(2):
        remove_document(circle, document.id)
    assert [count(db, table) for table in (Document, File, FileText)] == [0, 0, 0]


def test_libraries_of_merged_circles_become_one(circle, lead, noon):
    target = make_community()
    document = add_document(circle, WISH, upload=PDF, by=lead, at=noon)
    merge(circle, target, at=NOON)

    assert [one.id for one in queries.documents(target)] == [document.id]
