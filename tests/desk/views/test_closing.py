"""Closing an event: materials, certificates, feedback, figures, reminders."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.models import (
    Answer,
    Event,
    Feedback,
    Material,
    MaterialKind,
    MaterialViewers,
    Question,
    QuestionKind,
    ReminderRule,
    State,
)
from nextevents.events.retention import fade_event
from nextevents.events.services import MaterialChange, add_material, change_material
from nextevents.ground.files import File
from nextevents.mailing.models import Message
from tests.factories import NOON, make_answer, make_event, make_person, make_question, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/veranstaltungen/ki/verwalten/"
CLOSING, FIGURES, REMINDERS = f"{DESK}abschluss/", f"{DESK}zahlen/", f"{DESK}erinnerungen/"
MATERIALS = f"{CLOSING}unterlagen/"
PAST = (NOON - timedelta(days=2)).replace(tzinfo=None)


@pytest.fixture
def event(db):
    return make_event(slug="ki", starts=PAST, gives_certificates=True, asks_feedback=True)


def kinds(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


# Reminders

REMINDER = {"amount": "3", "unit": "days", "place": "before_start", "states": ["confirmed", "waiting"], "text": ""}


def test_a_reminder_is_added_shown_and_removed(office, db):
    event = make_event(slug="ki")
    assert "24 Stunden vor dem Beginn" in text_of(office.get(REMINDERS))

    assert office.send(REMINDERS, REMINDER).status_code == 303
    text = text_of(office.get(REMINDERS))
    assert "3 Tage vor dem Beginn" in text
    assert "24 Stunden vor dem Beginn" in text
    assert "Sonntag, 29. November 2026, 14 Uhr" in text

    for rule in db.scalars(select(ReminderRule).where(ReminderRule.event_id == event.id)).all():
        office.send(f"{REMINDERS}{rule.id}/entfernen", {})
    assert "wird niemand erinnert" in text_of(office.get(REMINDERS))


def test_the_reminder_of_a_draft_can_be_removed_before_it_exists(office, db):
    make_event(slug="ki", stage="draft")
    assert office.send(f"{REMINDERS}0/entfernen", {}).status_code == 303

    assert "wird niemand erinnert" in text_of(office.get(REMINDERS))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *[("amount", typed) for typed in ("", "0", "-1", "181", "1e3", "٣", "99999999", "1.5")],
        *[("unit", typed) for typed in ("", "weeks")],
        *[("place", typed) for typed in ("", "beside")],
        *[("states", typed) for typed in ([], ["cancelled"], ["admin"])],
        *[("text", typed) for typed in ("x" * 3001, "a\u202eb", "a\x07b")],
    ],
    ids=str,
)
def test_what_is_no_reminder_is_said_beside_its_field(office, db, field, typed):
    make_event(slug="ki")
    answer = office.send(REMINDERS, REMINDER | {field: typed})

    assert answer.status_code == 422
    assert page_of(answer).find(id=f"{field}-error")
    assert db.scalars(select(ReminderRule)).all() == []


def test_a_second_reminder_at_the_same_moment_is_refused_with_a_reason(office, db):
    make_event(slug="ki")
    office.send(REMINDERS, REMINDER)
    answer = office.send(REMINDERS, REMINDER | {"amount": "72", "unit": "hours", "text": "anders"})

    assert answer.status_code == 422
    assert "bekommen diese Personen schon eine Erinnerung" in text_of(answer)


# Materials


def upload(visitor, content, name="folien.pdf", **fields):
    data = {"datei-file": (io.BytesIO(content), name), "datei-viewers": "participants", "datei-title": ""} | fields
    data["csrf_token"] = visitor.form_token()
    return visitor.post(f"{MATERIALS}datei", data=data, content_type="multipart/form-data")


def archive(*names, mimetype=""):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "x")
    return written.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
DOCX = archive("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7", "Folien.PDF"),
        (b"\x89PNG\r\n\x1a\n", "Bild.png"),
        (b"\xff\xd8\xff\xe0", "Bild.jpeg"),
        (archive(mimetype=ODT), "Text.odt"),
        (DOCX, "Text.docx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "Tabelle.xlsx"),
        ("Grüße".encode(), "Notizen.md"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_document_is_kept_as_it_came(office, db, event, content, name):
    assert upload(office, content, name).status_code == 303
    (material,) = db.scalars(select(Material)).all()

    assert (material.title, material.file.name, material.file.content) == (name, name, content)
    answer = office.get(f"{MATERIALS}{material.id}/datei")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data == content


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "leer.pdf"),
        (b"MZ\x90", "virus.pdf"),
        (b"%PDF-1.7", "seite.html"),
        (b"<script>", "bild.svg"),
        (b"<html>", "seite"),
        (b"a\0b", "text.txt"),
        (b"\xff\xfe", "latin.txt"),
        (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "makro.docx"),
        (DOCX, "tabelle.xlsx"),
        (archive("a/b.txt"), "archiv.docx"),
        (archive(mimetype="text/html"), "text.odt"),
        (b"PK\x03\x04kaputt", "text.docx"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_document_is_refused_beside_its_field(office, db, event, content, name):
    answer = upload(office, content, name)

    assert answer.status_code == 422
    assert page_of(answer).find(id="datei-file-error")
    assert db.scalars(select(File)).all() == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:/Ordner/a.txt", "a.txt"),
        ("a\u202etxt.exe.txt", "atxt.exe.txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_a_name_is_never_a_path(office, db, event, name, shown):
    assert upload(office, b"x", name).status_code == 303
    assert db.scalars(select(File.name)).one() == shown


def test_links_recording_and_minutes_stand_on_the_page_of_the_event(office, client, db, event):
    url = {"link-url": "folien.example/x", "link-title": "Folien", "link-viewers": "everybody"}
    office.send(f"{MATERIALS}link", url)
    office.send(f"{MATERIALS}aufzeichnung", {name.replace("link-", "aufzeichnung-"): one for name, one in url.items()})
    office.send(
        f"{MATERIALS}protokoll",
        {"protokoll-title": "Protokoll", "protokoll-text": "**fett** <b>x</b>", "protokoll-viewers": "everybody"},
    )

    page = page_of(client.get("/veranstaltungen/ki/"))
    assert [link["href"] for link in page.select(".materials a")] == ["https://folien.example/x"] * 2
    assert str(page.select_one(".fold .prose p")) == "<p><strong>fett</strong> &lt;b&gt;x&lt;/b&gt;</p>"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https://", "x"])
def test_what_is_no_address_is_refused(office, db, event, url):
    answer = office.send(f"{MATERIALS}link", {"link-url": url, "link-title": "T", "link-viewers": "everybody"})

    assert answer.status_code == 422
    assert page_of(answer).find(id="link-url-error")


def test_a_page_has_every_id_once(office, event):
    ids = [tag["id"] for tag in page_of(office.get(MATERIALS)).select("[id]")]

    assert len(ids) == len(set(ids))


def test_of_two_who_write_minutes_the_second_sees_both_versions_and_loses_nothing(office, db, event):
    wish = MaterialChange(title="Protokoll", viewers=MaterialViewers.PARTICIPANTS, text="alt")
    material = add_material(event, MaterialKind.MINUTES, wish, at=NOON)
    address = f"{MATERIALS}{material.id}/"
    form = {"version": str(material.version), "title": "Protokoll", "viewers": "participants", "text": "<b>meins</b>"}
    theirs = MaterialChange(title="Protokoll", viewers=MaterialViewers.PARTICIPANTS, text="<i>ihres</i>")
    change_material(material, event, theirs, version=material.version, at=NOON + timedelta(seconds=1))
    db.commit()

    answer = office.send(address, form)
    assert answer.status_code == 409
    assert "&lt;b&gt;meins&lt;/b&gt;" in answer.text
    assert "&lt;i&gt;ihres&lt;/i&gt;" in answer.text
    version = page_of(answer).find("input", {"name": "version"})["value"]
    assert office.send(address, form | {"version": version}).status_code == 303
    db.expire_all()
    assert db.scalars(select(Material.text)).one() == "<b>meins</b>"


def test_what_is_taken_away_takes_its_file_along(office, db, event):
    upload(office, b"%PDF-1.7")
    number = db.scalars(select(Material.id)).one()
    office.send(f"{MATERIALS}{number}/entfernen", {})
    office.send(f"{MATERIALS}{number}/entfernen", {})

    assert (db.scalars(select(Material)).all(), db.scalars(select(File)).all()) == ([], [])


def test_every_change_raises_the_version_of_the_event(office, db, event):
    before = event.version
    office.send(f"{MATERIALS}link", {"link-url": "https://a.example", "link-title": "T", "link-viewers": "everybody"})
    db.expire_all()

    assert db.scalars(select(Event.version)).one() > before


# Certificates and feedback


def test_certificates_and_the_question_how_it_was_go_out_once(office, db, event):
    make_registration(event, state=State.ATTENDED)
    make_registration(event, state=State.ABSENT)
    for _ in range(2):
        office.send(f"{CLOSING}bescheinigungen", {})
        office.send(f"{CLOSING}rueckmeldung", {})

    assert sorted(kinds(db)) == ["certificate", "feedback_asked"]


def test_the_page_says_when_and_how_many_were_asked_and_asking_again_says_that_nobody_is_left(office, db, event):
    make_registration(event, state=State.ATTENDED)
    assert "Gefragt" not in text_of(office.get(CLOSING))

    office.send(f"{CLOSING}rueckmeldung", {})
    text = text_of(office.get(CLOSING))
    assert "1 Person bekommt eine Mail." in text
    assert "Gefragt ist 1 Person, zuletzt am Samstag, 21. November 2026, 13 Uhr." in text

    office.send(f"{CLOSING}rueckmeldung", {})
    text = text_of(office.get(CLOSING))
    assert "Es geht keine Mail hinaus" in text
    assert "Gefragt ist 1 Person, " in text


def test_attendance_is_closed_and_opened_again_from_here(office, db, event):
    one = make_registration(event)
    assert "Noch ist niemand als anwesend vermerkt." in text_of(office.get(CLOSING))
    make_registration(event, state=State.ATTENDED)
    page = page_of(office.get(CLOSING))
    assert "Die Liste ist noch offen." in page.find(id="teilnahme").parent.get_text()

    answer = press(office, page, f"{DESK}einlass/abschliessen")
    assert answer.location == f"{CLOSING}#teilnahme"
    page = page_of(office.get(CLOSING))
    assert "Die Liste ist abgeschlossen. 1 Person ist nicht gekommen." in page.get_text()
    assert "abgeschlossen" in page.find(id="teilnahme").parent.get_text()
    db.refresh(one)
    assert one.state == State.ABSENT

    answer = press(office, page, f"{DESK}einlass/wieder-oeffnen")
    assert answer.location == f"{CLOSING}#teilnahme"
    db.refresh(one)
    assert one.state == State.CONFIRMED


def press(visitor, page, action):
    form = page.find("form", action=action)
    return visitor.send(action, {field["name"]: field["value"] for field in form.find_all("input")})


def test_attendance_cannot_be_closed_from_here_before_the_event_has_begun(office, db):
    make_registration(make_event(slug="ki"))

    assert page_of(office.get(CLOSING)).find("form", action=f"{DESK}einlass/abschliessen") is None


def test_before_the_end_nothing_goes_out(office, db):
    make_registration(make_event(slug="ki", gives_certificates=True, asks_feedback=True))
    office.send(f"{CLOSING}bescheinigungen", {})
    office.send(f"{CLOSING}rueckmeldung", {})

    assert kinds(db) == []


def answered(event, count, **marks):
    return [
        Feedback(event_id=event.id, rating=5, text=f"Wort {number}", given_on=NOON.date(), **marks)
        for number in range(count)
    ]


def test_the_result_is_shown_from_five_answers_on(office, db, event):
    db.add_all(answered(event, 4, useful=4))
    db.flush()
    assert not page_of(office.get(CLOSING)).select(".plot svg")
    assert "Wort" not in office.get(CLOSING).text

    db.add_all(answered(event, 1, useful=4))
    db.flush()
    page = page_of(office.get(CLOSING))
    assert plot_titles(page) == ["Hat es sich gelohnt?", "Ist es für die Arbeit zu gebrauchen?"]
    assert "Wort 3" in page.text


def test_a_question_that_fewer_than_five_have_answered_shows_no_result(office, db, event):
    db.add_all([*answered(event, 4, useful=4), *answered(event, 2)])
    db.flush()

    assert plot_titles(page_of(office.get(CLOSING))) == ["Hat es sich gelohnt?"]


def plot_titles(page):
    return [one.text for one in page.select(".plot svg > title")]


# Figures


def test_figures_are_plots_with_names_descriptions_and_tables_and_stay_when_people_go(office, db, event):
    question = Question(event_id=event.id, kind=QuestionKind.ONE_OF, label="Essen?", options=["ja", "nein"])
    db.add(question)
    db.flush()
    for number in range(4):
        person = make_person()
        person.organisation_name = "Stadt Groß"
        one = make_registration(event, person, state=State.ATTENDED, made_at=NOON - timedelta(days=number + 5))
        db.add(Answer(registration_id=one.id, question_id=question.id, value="ja"))
    make_registration(event, state=State.CANCELLED)
    db.commit()

    before = page_of(office.get(FIGURES))
    drawings = before.select("svg[role=img]")
    assert [one.title.text for one in drawings] == [
        "Anmeldungen im Lauf der Zeit",
        "Was daraus wurde",
        "Ebenen",
        "Organisationen",
        "Essen?",
    ]
    for one in drawings:
        assert one["aria-labelledby"].split() == [one.title["id"], one.desc["id"]]
        assert one.find_parent("figure").select_one("table caption").text == one.title.text
    assert "teilgenommen: 4" in before.text
    assert "Stadt Groß: 4" in before.text

    fade_event(db.scalars(select(Event)).one(), at=NOON)
    db.commit()
    after = page_of(office.get(FIGURES))
    assert [str(one) for one in after.select(".plot")] == [str(one) for one in before.select(".plot")]


def test_plots_say_whom_they_count(office, db, event):
    question = make_question(event, kind=QuestionKind.YES_NO, label="Essen?")
    make_answer(make_registration(event), question, "ja")
    for state in (State.UNCONFIRMED, State.REQUESTED, State.CANCELLED):
        make_answer(make_registration(event, state=state), question, "ja")

    plots = {one.figcaption.text: one for one in page_of(office.get(FIGURES)).select(".plot")}
    rows = {
        title: sum(int(cell.text) for cell in one.select("td.kern-table__cell--numeric"))
        for title, one in plots.items()
    }
    assert rows == {
        "Anmeldungen im Lauf der Zeit": 4,
        "Was daraus wurde": 4,
        "Ebenen": 1,
        "Organisationen": 1,
        "Essen?": 1,
    }
    assert "auch wer später abgesagt oder die Adresse nicht bestätigt hat" in plots["Anmeldungen im Lauf der Zeit"].text
    for title in ("Ebenen", "Organisationen", "Essen?"):
        assert "Ohne Abgesagte, offene Anfragen und unbestätigte Anmeldungen." in plots[title].text


def test_bodies_of_few_people_are_not_named(office, db, event):
    for number in range(4):
        person = make_person()
        person.organisation_name = "Kleinamt" if number < 2 else f"Amt {number}"
        make_registration(event, person, state=State.ATTENDED)

    assert "Kleinamt" not in office.get(FIGURES).text


def test_an_event_without_people_has_no_figures(office, event):
    assert "Noch gibt es nichts zu zählen." in text_of(office.get(FIGURES))


def test_nothing_is_said_by_colour_alone(office, db, event):
    make_registration(event, state=State.ATTENDED)
    make_registration(event, state=State.ABSENT)
    drawing = page_of(office.get(FIGURES)).find("svg", {"aria-labelledby": re.compile("^states")})

    assert [one.text for one in drawing.select("text:not(.plot-where-narrow)")] == [
        "teilgenommen",
        "1",
        "nicht erschienen",
        "1",
    ]
    assert len(drawing.select("rect.plot-hatched")) == 1
