"""Answers, questions, groups and files as people type and send them (1 to 15, 34 to 36, 53, 58 to 63)."""

import io
import time
import zipfile
from dataclasses import dataclass

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from nextevents.events.models import Answer, Event, Format, Question, QuestionKind, Registration
from nextevents.ground.database import db as database
from nextevents.ground.files import File
from tests.bad_inputs.forms import REGISTRATION, Form, assert_refused, problem_at, registration_of, rows
from tests.factories import make_event, make_question
from tests.house.visitors import page_of, text_of
from tests.house.world import OFFICE

BOB = {"person-1-name": "Bob", "person-1-email": "bob@stadt-bekannt.example"}


@dataclass
class Asking:
    """An event that asks everything, and its form filled in well."""

    names: dict[QuestionKind, str]
    form: Form

    def send(self, house, kind, typed):
        """Send the form with one answer given otherwise."""
        return self.form.send(house, **{self.names[kind]: typed})


@pytest.fixture
def asking(house):
    event = make_event(slug="fragen", format=Format.CAMP, takes_groups=True, asks_photos=True)
    names = {kind: f"frage-{make_question(event, kind=kind, label=kind.name).id}" for kind in QuestionKind}
    database.session.commit()
    return Asking(names, Form("/veranstaltungen/fragen/anmeldung", REGISTRATION.fields))


def stored(kind):
    database.session.expire_all()
    return database.session.scalars(select(Answer.value).join(Question).where(Question.label == kind.name)).all()


# Text


KEPT = rows(
    (1, "an emoji family", "Ada 👩‍👩‍👧 Müller"),
    (1, "combining marks without a composed form", "Z̧a"),
    (5, "a formula", '=HYPERLINK("https://evil.example")'),
    (5, "a plus", "+1"),
    (5, "an at sign", "@x"),
    (6, "a Python placeholder", "{event.__class__}"),
    (6, "a Jinja placeholder", "{{7*7}} {% raw %}"),
    (6, "a percent sign", "100 %s %(title)s"),
    (7, "a tag", "<b>Ada</b>"),
    (7, "a Markdown link", "[hier](https://evil.example)"),
    (9, "null", "null"),
    (9, "NaN", "NaN"),
    (14, "quotation marks", '"Ada" \\ „Neu“'),
    (15, "sharp s", "straße"),
    (8, "one word of 200 letters", "x" * 200),
)  # fmt: skip


@KEPT
@pytest.mark.parametrize("kind", [QuestionKind.LINE, QuestionKind.TEXT])
def test_an_unusual_answer_is_kept_and_shown_as_it_is(house, asking, kind, value):
    (typed,) = value
    assert asking.send(house, kind, typed).status_code == 303
    assert stored(kind) == [typed]
    path = f"/anmeldung/{house.token('manage', registration_of().id)}/"

    control = page_of(house.visitor().get(path)).select_one(f"[name={asking.names[kind]}]")
    shown = control.get("value") if control.name == "input" else control.get_text().removeprefix("\r\n")
    assert shown == typed


@KEPT
def test_an_unusual_question_is_asked_as_it_is(house, asking, value):
    (typed,) = value
    event = database.session.scalars(select(Event).where(Event.slug == "fragen")).one()
    make_question(event, label=typed, hint=typed, kind=QuestionKind.ONE_OF, options=[typed, "Sonst"])
    event.touch(event.changed_at)
    database.session.commit()

    page = page_of(house.visitor().get("/veranstaltungen/fragen/"))
    assert [one.get_text() for one in page.select("#anmeldung label") if one.get_text() == typed] == [typed]
    assert page.find("a", href="https://evil.example") is None


def test_two_ways_to_write_an_umlaut_are_one_answer(house, asking):
    """Case 13."""
    asking.send(house, QuestionKind.LINE, "Mu\u0308ller")

    assert stored(QuestionKind.LINE) == ["Müller"]


REFUSED_LINES = rows(
    (2, "an override of direction", "Ada \u202egnol"),
    (2, "a zero-width space", "A\u200bda"),
    (4, "a line feed", "Ada\nEve"),
    (4, "a next line", "Ada\x85Eve"),
    (4, "a line separator", "Ada\u2028Eve"),
    (8, "201 letters", "x" * 201),
    (8, "10,000 letters", "x" * 10_000),
    (10, "a zero byte", "Ada\x00Neu"),
    (11, "a private letter", "Ada \ue000"),
)  # fmt: skip


@REFUSED_LINES
def test_an_answer_that_cannot_be_read_is_refused_beside_its_question(house, asking, value):
    (typed,) = value
    answer = asking.send(house, QuestionKind.LINE, typed)

    assert_refused(answer, asking.names[QuestionKind.LINE], typed)
    assert registration_of() is None


@REFUSED_LINES
def test_a_colleague_s_name_that_cannot_be_read_is_refused_beside_its_row(house, asking, value):
    (typed,) = value
    answer = asking.form.send(house, **(BOB | {"person-1-name": typed}))

    assert_refused(answer, "person-1-name", typed)
    assert registration_of() is None


@REFUSED_LINES
def test_a_question_that_cannot_be_read_is_refused(house, value):
    (typed,) = value
    form = Form("/veranstaltungen/vor-ort/verwalten/fragen/neu/", {"kind": "line"}, OFFICE)

    assert_refused(form.send(house, label=typed), "label", typed)
    assert_refused(form.send(house, label="Thema?", hint=typed * 2), "hint", typed * 2)


@rows((3, "blanks", "   "), (3, "no-break spaces", "\u00a0\u00a0"), (3, "a Hangul filler", "\u3164"))
def test_blanks_are_no_answer_to_what_must_be_answered(house, asking, value):
    (typed,) = value
    question = database.session.scalars(
        select(Question).where(Question.kind == QuestionKind.LINE, Question.label == "LINE")
    ).one()
    question.is_required = True
    database.session.commit()
    answer = asking.send(house, QuestionKind.LINE, typed)

    assert answer.status_code == 422
    assert "Bitte beantworten Sie diese Frage." in problem_at(answer, asking.names[QuestionKind.LINE])


# Numbers


NO_NUMBERS = rows(
    (34, "minus one", "-1"),
    (34, "2^31", str(2**31)),
    (34, "2^63", str(2**63)),
    (34, "a fraction", "1.5"),
    (34, "an exponent", "1e3"),
    (35, "full-width digits", "\uff11\uff12"),
    (35, "an Arabic digit", "٣"),
    (35, "an underscore", "1_000"),
    (35, "5,000 digits", "9" * 5_000),
)  # fmt: skip


@NO_NUMBERS
def test_what_is_no_number_is_no_answer(house, asking, value):
    (typed,) = value

    assert_refused(asking.send(house, QuestionKind.NUMBER, typed), asking.names[QuestionKind.NUMBER], typed)


@NO_NUMBERS
def test_what_is_no_number_of_days_is_no_term(house, value):
    (typed,) = value
    form = Form("/veranstaltungen/vor-ort/verwalten/fragen/neu/", {"kind": "line", "label": "Thema?"}, OFFICE)

    assert_refused(form.send(house, kept_days=typed), "kept_days", typed)


@rows((35, "blanks around it", " 7 ", "7"), (34, "nothing at all", "0", "0"), (34, "the most", "9999999", "9999999"))
def test_a_number_is_taken(house, asking, value):
    typed, kept = value

    assert asking.send(house, QuestionKind.NUMBER, typed).status_code == 303
    assert stored(QuestionKind.NUMBER) == [kept]


# Groups


@rows(
    (36, "a row without a number", "0"),
    (36, "the eleventh", "11"),
    (36, "the thousandth", "1000"),
    (36, "one of six digits", "999999"),
)
def test_more_colleagues_than_a_form_has_rows_are_refused(house, asking, value):
    (number,) = value
    answer = asking.form.send(
        house, **BOB, **{f"person-{number}-name": "Cem", f"person-{number}-email": "cem@stadt-bekannt.example"}
    )

    assert answer.status_code == 422
    assert "Höchstens 10 Personen auf einmal" in text_of(answer)
    assert database.session.scalars(select(Registration).where(Registration.name == "Bob")).all() == []


@rows((36, "minus two", "-2"), (35, "full-width", "\uff11"), (36, "no number", "x"), (36, "seven digits", "1000000"))
def test_what_is_no_row_is_ignored(house, asking, value):
    (number,) = value

    assert asking.form.send(house, **{f"person-{number}-name": "Cem"}).status_code == 303


@pytest.mark.parametrize("name", ["person-1-name", "person-1-email", "photos"])
def test_what_comes_twice_is_refused_and_not_guessed_at(house, asking, name):
    answer = asking.form.send(house, **(BOB | {name: ["Bob", "bob@stadt-bekannt.example"]}))

    assert answer.status_code == 422
    assert registration_of() is None


# Size


@pytest.mark.parametrize("size", [600_000, 2_000_000])
def test_too_long_an_answer_is_not_even_read(house, asking, size):
    """Case 53."""
    assert asking.send(house, QuestionKind.TEXT, "x" * size).status_code == 413


def test_more_than_a_thousand_fields_are_not_even_read(house, asking):
    answer = asking.form.send(house, **{f"frage-{number}": "x" for number in range(10_000, 11_001)})

    assert answer.status_code == 413


# Files


def picture(kind="PNG", size=(2, 2), **options):
    written = io.BytesIO()
    Image.new("RGB", size).save(written, kind, **options)
    return written.getvalue()


def archive(*entries, zeros=0):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(name, content)
        if zeros:
            packed.writestr("word/media/null", bytes(zeros))
    return written.getvalue()


WORDS = ("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")
OPEN = ("mimetype", b"application/vnd.oasis.opendocument.text")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj"


def send_file(house, asking, content, name="folien.pdf"):
    """Send the form with a file; its body is made in memory, because the test client leaves large ones open."""
    visitor = house.visitor()
    file = FileStorage(io.BytesIO(content), name)
    fields = asking.form.fields | {"csrf_token": visitor.form_token(), asking.names[QuestionKind.FILE]: file}
    body, _length, boundary = stream_encode_multipart(fields, use_tempfile=False)
    return visitor.post(asking.form.path, data=body.read(), content_type=f"multipart/form-data; boundary={boundary}")


def refused(answer, asking):
    message = problem_at(answer, asking.names[QuestionKind.FILE])
    return answer.status_code == 422 and message.startswith("Fehler: ") and registration_of() is None


@rows(
    (58, "SVG with a script", SVG, "logo.svg"),
    (58, "SVG called PNG", SVG, "logo.png"),
    (59, "EPS", b"%!PS-Adobe-3.0 EPSF-3.0", "bild.eps"),
    (59, "an animated GIF", picture("GIF"), "bild.gif"),
    (59, "a GIF that is a script", b"GIF89a/*" + b"*/=alert(1)//", "bild.jpg"),
    (60, "a page called PDF", b"<!doctype html><script>alert(1)</script>", "folien.pdf"),
    (60, "a PNG called PDF", picture(), "folien.pdf"),
    (60, "a PDF called PHP", PDF, "folien.pdf.php"),
    (60, "no ending", PDF, "folien"),
    (60, "only an ending", PDF, "."),
    (61, "a plain archive called DOCX", archive(("a.txt", b"x")), "folien.docx"),
    (61, "an archive", archive(*WORDS), "folien.zip"),
    (61, "a document with macros", archive(*WORDS, ("word/vbaProject.bin", b"x")), "folien.docx"),
    (61, "a broken archive", archive(*WORDS)[:-20], "folien.docx"),
    (61, "a table", archive(("[Content_Types].xml", b""), ("xl/workbook.xml", b"")), "liste.xlsx"),
    (61, "other content than the name says", archive(OPEN), "folien.docx"),
    (62, "a table as text", "Name;Ort\nÄ;Ö".encode("cp1252"), "liste.csv"),
    (63, "the test file for malware", EICAR, "eicar.com"),
    (63, "the same, called PDF", EICAR, "eicar.pdf"),
    (0, "nothing", b"", "leer.pdf"),
    (0, "more than 5 MB", PDF + bytes(5 * 1024 * 1024), "folien.pdf"),
)  # fmt: skip
def test_a_file_that_is_not_what_we_take_is_refused_beside_the_question(house, asking, value):
    content, name = value

    assert refused(send_file(house, asking, content, name), asking)
    assert database.session.scalars(select(File.name).where(File.name == name)).all() == []


@rows(
    (60, "two endings", picture("JPEG"), "photo.php.jpg", "photo.php.jpg"),
    (60, "a way out", PDF, "..\\..\\x.pdf", "x.pdf"),
    (60, "another way out", PDF, "../../../etc/x.pdf", "x.pdf"),
    (60, "a name that Windows keeps for itself", PDF, "CON.pdf", "CON.pdf"),
    (60, "300 letters", PDF, "x" * 296 + ".pdf", "x" * 116 + ".pdf"),
    (60, "an override of direction", PDF, "fdp\u202efolien.pdf", "fdpfolien.pdf"),
    (60, "a line as browsers send it", PDF, "a%0D%0Ab.pdf", "a%0D%0Ab.pdf"),
    (59, "a picture of more pixels than memory", picture(size=(20_000, 1)), "lang.png", "lang.png"),
    (61, "50 MB of zeros in a document", archive(*WORDS, zeros=50_000_000), "folien.docx", "folien.docx"),
    (0, "an open document", archive(OPEN), "folien.odt", "folien.odt"),
    (0, "capitals", PDF, "FOLIEN.PDF", "FOLIEN.PDF"),
)  # fmt: skip
def test_a_file_is_kept_under_a_plain_name_and_only_handed_out_to_be_saved(house, asking, value):
    content, name, kept = value
    began = time.thread_time()
    answer = send_file(house, asking, content, name)

    assert answer.status_code == 303
    assert time.thread_time() - began < 0.5  # nothing is unpacked or drawn
    number, stored_name = database.session.execute(select(Answer.id, Answer.value).join(File)).all()[-1]
    assert stored_name == kept
    saved = house.visitor(OFFICE).get(f"/veranstaltungen/fragen/verwalten/antworten/{number}")
    assert saved.data == content
    assert saved.headers["Content-Disposition"].startswith("attachment; ")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert "\n" not in saved.headers["Content-Disposition"]


def test_two_files_for_one_question_are_refused(house, asking):
    answer = asking.send(house, QuestionKind.FILE, [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")])

    assert refused(answer, asking)


def test_text_in_place_of_a_file_is_no_file(house, asking):
    assert asking.send(house, QuestionKind.FILE, "folien.pdf").status_code == 303
    assert stored(QuestionKind.FILE) == []


@pytest.mark.parametrize("field", ["name", "email", "vorgang", "frage-999999", "person-1-name", "photos", "csrf"])
def test_a_file_in_place_of_anything_else_is_refused(house, asking, field):
    answer = asking.form.send(house, **{field: (io.BytesIO(PDF), "a.pdf")})

    assert answer.status_code == 400
    assert registration_of() is None


def test_files_are_not_taken_where_none_is_asked_for(house):
    assert REGISTRATION.send(house, **{"frage-1": (io.BytesIO(PDF), "a.pdf")}).status_code == 400


def test_more_bytes_than_all_files_together_may_have_are_not_even_read(house, asking):
    assert send_file(house, asking, PDF + bytes(12_000_000)).status_code == 413
