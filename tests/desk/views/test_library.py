"""A circle's library and results at its desk."""

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from nextevents.communities.models import Document, Kind, Result, Viewers
from nextevents.communities.services import merge
from nextevents.ground.files import File
from tests.factories import NOON, make_community, make_document, make_person, make_result
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/verwalten/communities/werkstatt/"
LIBRARY, RESULTS = f"{DESK}unterlagen/", f"{DESK}ergebnisse/"
NOTE = {"notiz-title": "Notiz", "notiz-text": "Wir waren da.", "notiz-viewers": "community"}
RESULT = {"title": "Papier", "authors": "Kim Probe", "abstract": "Kurz", "published_on": "2026-11-20"}


@pytest.fixture
def community(db):
    """A workshop in place of the usual circle."""
    return make_community("werkstatt", name="Werkstatt", kind=Kind.WORKSHOP)


def sent(lead, path: str, fields: dict[str, object]):
    """Send a large file; the body is made in memory, because the test client leaves large ones open."""
    body, _length, boundary = stream_encode_multipart(fields | {"csrf_token": lead.form_token()}, use_tempfile=False)
    return lead.post(path, data=body.read(), content_type=f"multipart/form-data; boundary={boundary}")


def upload(name: str = "papier.pdf", content: bytes = b"%PDF-1.7", field: str = "datei-file") -> dict[str, object]:
    """A chosen file."""
    return {field: FileStorage(BytesIO(content), name)}


def test_a_lead_adds_a_file_a_note_and_a_link(db, lead):
    file = lead.send(f"{LIBRARY}datei", {"datei-viewers": "everybody", "datei-title": ""} | upload())
    note = lead.send(f"{LIBRARY}notiz", NOTE)
    link = {"link-title": "Folien", "link-url": "folien.example", "link-viewers": "signed_in"}
    assert [one.status_code for one in (file, note, lead.send(f"{LIBRARY}link", link))] == [303] * 3

    rows = db.execute(select(Document.title, Document.url, Document.text, Document.viewers).order_by(Document.id)).all()
    assert rows == [
        ("papier.pdf", "", "", Viewers.EVERYBODY),
        ("Notiz", "", "Wir waren da.", Viewers.COMMUNITY),
        ("Folien", "https://folien.example", "", Viewers.SIGNED_IN),
    ]
    page = text_of(lead.get(LIBRARY))
    assert [word in page for word in ("papier.pdf", "PDF, 1 KB", "wer zur Community gehört")] == [True] * 3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("", b"", "Bitte wählen Sie eine Datei aus."),
        ("leer.pdf", b"", "Diese Datei ist leer."),
        ("seite.html", b"<html>", "Diese Art von Datei nehmen wir nicht."),
        ("falsch.pdf", b"<html>", "Diese Art von Datei nehmen wir nicht."),
        ("bild.png", b"\x89PNG\r\n\x1a\nkaputt", "Das ist kein Bild"),
        ("gross.pdf", b"%PDF-" + b"x" * 10_500_000, "größer als 10 MB"),
    ],
)
def test_a_file_that_is_not_taken_is_said_next_to_the_field(db, lead, name, content, said):
    answer = sent(lead, f"{LIBRARY}datei", {"datei-viewers": "community"} | upload(name, content))

    assert answer.status_code == 422
    assert said in page_of(answer).find(id="datei-file-error").get_text()
    assert page_of(answer).find("details", open=True).find("input", {"name": "datei-file"})
    assert db.scalars(select(File.id)).all() == []


def test_twenty_megabytes_are_refused_before_they_are_read(db, lead):
    huge = upload(content=b"%PDF-" + b"x" * 20_000_000)
    answer = sent(lead, f"{LIBRARY}datei", {"datei-viewers": "community"} | huge)

    assert (answer.status_code, db.scalars(select(File.id)).all()) == (413, [])


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("notiz", NOTE | {"notiz-title": " "}, "notiz-title"),
        ("notiz", NOTE | {"notiz-text": ""}, "notiz-text"),
        ("notiz", NOTE | {"notiz-viewers": "admin"}, "notiz-viewers"),
        ("notiz", NOTE | {"notiz-title": "x" * 151}, "notiz-title"),
        ("link", {"link-title": "A", "link-url": "javascript:alert(1)", "link-viewers": "community"}, "link-url"),
        ("link", {"link-title": "A", "link-url": "", "link-viewers": "community"}, "link-url"),
    ],
)
def test_what_cannot_be_kept_is_said_and_still_stands_there(db, lead, path, fields, field):
    answer = lead.send(f"{LIBRARY}{path}", fields)

    assert answer.status_code == 422
    assert page_of(answer).find(id=f"{field}-error")
    assert db.scalars(select(Document.id)).all() == []


def test_a_note_is_changed_and_whoever_was_overtaken_sees_both_versions(db, lead, community):
    document = make_document(community, title="Alt", text="Eins")
    path, fields = f"{LIBRARY}{document.id}/", {"title": "Neu", "text": "Zwei", "viewers": "community", "version": "1"}
    assert 'value="Alt"' in lead.get(path).text
    assert lead.send(path, fields).status_code == 303

    answer = lead.send(path, fields | {"title": "Auch neu"})
    assert answer.status_code == 409
    assert [word in text_of(answer) for word in ("Auch neu", "Inzwischen gespeichert")] == [True, True]
    version = page_of(answer).find("input", {"name": "version"})["value"]
    assert lead.send(path, fields | {"title": "Auch neu", "version": version}).status_code == 303
    assert db.scalars(select(Document.title)).all() == ["Auch neu"]


def test_a_file_gets_a_newer_version_and_is_taken_away(db, lead, community):
    lead.send(f"{LIBRARY}datei", {"datei-viewers": "community", "datei-title": "Plan"} | upload())
    number = db.scalars(select(Document.id)).one()
    fields = {"title": "Plan", "viewers": "community", "version": "1"}

    assert lead.send(f"{LIBRARY}{number}/", fields | upload("a.html", b"<html>", "file")).status_code == 422
    assert lead.send(f"{LIBRARY}{number}/", fields | upload("neu.txt", b"Neu", "file")).status_code == 303
    assert db.scalars(select(File.name)).all() == ["neu.txt"]
    lead.send(f"{LIBRARY}{number}/entfernen", {})
    assert (db.scalars(select(Document.id)).all(), db.scalars(select(File.id)).all()) == ([], [])


def test_what_lies_elsewhere_is_out_of_reach(db, lead):
    other = make_community()
    document, result = make_document(other), make_result(other)

    for path in (f"{LIBRARY}{document.id}/", f"{RESULTS}{result.id}/"):
        assert (lead.get(path).status_code, lead.send(path, {"title": "x"}).status_code) == (404, 404)
        lead.send(f"{path}entfernen", {})
    assert (db.scalars(select(Document.title)).all(), db.scalars(select(Result.title)).all()) == (
        ["Leitfaden"],
        ["Was bleibt"],
    )


# Results


def test_a_lead_writes_a_result_down_and_publishes_it(db, lead):
    assert lead.send(f"{RESULTS}neu/", {"title": "Papier"}).status_code == 303
    number = db.scalars(select(Result.id)).one()
    assert "noch nicht veröffentlicht" in text_of(lead.get(RESULTS))

    refused = lead.send(f"{RESULTS}{number}/", RESULT | {"version": "1"})
    assert refused.status_code == 422
    assert "Zum Veröffentlichen gehören" in page_of(refused).find(id="published_on-error").get_text()
    assert lead.send(f"{RESULTS}{number}/", RESULT | {"version": "1"} | upload(field="file")).status_code == 303
    assert "20. November 2026" in text_of(lead.get(RESULTS))
    assert lead.send(f"{RESULTS}{number}/", RESULT | {"version": "1"}).status_code == 409
    assert lead.get(f"{RESULTS}{number}/").status_code == 200

    lead.send(f"{RESULTS}{number}/entfernen", {})
    assert db.scalars(select(Result.id)).all() == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (RESULT | {"title": ""}, "title"),
        (RESULT | {"published_on": "31.02.2026"}, "published_on"),
        (RESULT | {"abstract": "x" * 5_001}, "abstract"),
        (RESULT | {"file": "a.docx"}, "file"),
    ],
)
def test_a_result_that_cannot_be_kept_is_said(db, lead, fields, field):
    if "file" in fields:
        fields = fields | upload(fields["file"], b"PK", "file")
    answer = lead.send(f"{RESULTS}neu/", fields)

    assert answer.status_code == 422
    assert page_of(answer).find(id=f"{field}-error")
    assert db.scalars(select(Result.id)).all() == []


def test_results_are_on_the_desk_of_workshops_and_of_who_took_one_over(lead, community, signed_in):
    other = make_community("andere")
    browser = signed_in(make_person(office=True))
    assert "Ergebnisse" in text_of(lead.get(DESK))
    assert "Ergebnisse" not in text_of(browser.get("/verwalten/communities/andere/"))

    make_result(community)
    merge(community, other, at=NOON)
    assert "Ergebnisse" in text_of(browser.get("/verwalten/communities/andere/"))


def test_the_desk_says_when_a_workshop_closes_by_itself(db, lead, community):
    assert "von selbst" not in text_of(lead.get(DESK))

    community.ends_on = community.asked_on = date(2026, 11, 21)
    db.flush()
    assert "Diese Runde schließt am 28. November 2026 von selbst" in text_of(lead.get(DESK))
