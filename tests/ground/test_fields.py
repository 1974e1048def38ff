"""Form fields take one readable value, or say what is wrong (bad inputs 2 to 4, 8, 10, 26, 34, 35)."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from nextevents.ground.fields import CountField, EmailField, LineField, TextField, add_error, required


class Sheet(Form):
    """One field of each kind."""

    name = LineField("Name", validators=[required()], longest=120)
    remark = LineField("Bemerkung")
    text = TextField("Text", longest=30)
    email = EmailField("Adresse")
    capacity = CountField("Plätze")


@pytest.fixture(autouse=True)
def speaking(app: Flask):
    with app.test_request_context("/"):
        yield


def filled(**typed: object) -> Sheet:
    return Sheet(MultiDict({"name": "Ada"} | typed))


def errors_of(**typed: object) -> dict[str, list[str]]:
    sheet = filled(**typed)
    sheet.validate()
    return {name: list(errors) for name, errors in sheet.errors.items()}


def test_readable_values_come_out_normalised():
    sheet = filled(name="  Mu\u0308ller ", text=" a\r\nb ", email="Ada@amt.example", capacity="60")

    assert sheet.validate()
    assert (sheet.name.data, sheet.text.data, sheet.email.data, sheet.capacity.data) == (
        "Müller",
        "a\nb",
        "Ada@amt.example",
        60,
    )


@pytest.mark.parametrize("typed", ["", "   ", "\u00a0", "\u3164"], ids=ascii)
def test_blanks_are_no_answer_to_a_required_question_and_none_to_a_voluntary_one(typed):
    assert errors_of(name=typed, remark=typed) == {"name": ["Bitte füllen Sie dieses Feld aus."]}


def test_a_required_field_that_is_missing_is_asked_for():
    sheet = Sheet(MultiDict({"remark": "x"}))

    assert not sheet.validate()
    assert sheet.errors == {"name": ["Bitte füllen Sie dieses Feld aus."]}


@pytest.mark.parametrize("typed", ["Ada\u202e", "Ada\0", "Ada\nBob", "A\u200bda"], ids=ascii)
def test_a_line_that_cannot_be_read_is_refused_in_words(typed):
    assert errors_of(name=typed + "x") == {
        "name": ["Der Text enthält Zeichen, die man nicht sehen kann. Bitte tippen Sie ihn neu."]
    }


def test_so_is_a_text():
    assert errors_of(text="a\0b") == {
        "text": ["Der Text enthält Zeichen, die man nicht sehen kann. Bitte tippen Sie ihn neu."]
    }


def test_the_longest_values_are_taken_and_longer_ones_refused():
    assert errors_of(name=120 * "x", remark=200 * "x", text=30 * "x") == {}
    assert errors_of(name=121 * "x", remark=10_000 * "x", text=31 * "x") == {
        "name": ["Höchstens 120 Zeichen, bitte."],
        "remark": ["Höchstens 200 Zeichen, bitte."],
        "text": ["Höchstens 30 Zeichen, bitte."],
    }


@pytest.mark.parametrize("name", ["name", "text", "email", "capacity"])
def test_a_field_that_comes_twice_is_refused_and_not_guessed_at(name):
    assert errors_of(**{name: ["12", "13"]}) == {name: ["Dieses Feld kam mehrfach an. Bitte laden Sie die Seite neu."]}


@pytest.mark.parametrize(("typed", "count"), [("0", 0), ("60", 60), ("007", 7), ("9999999", 9_999_999), ("", None)])
def test_whole_numbers_are_read(typed, count):
    sheet = filled(capacity=typed)

    assert (sheet.validate(), sheet.capacity.data) == (True, count)


@pytest.mark.parametrize(
    "typed",
    [
        "-1",
        "+1",
        "1.5",
        "1,5",
        "1e3",
        "1_000",
        "\uff11\uff12",
        "\u0663",
        "²",
        "zwölf",
        "NaN",
        "0x10",
        "10000000",
        5_000 * "1",
        "1 2",
        "1\n2",
    ],
    ids=lambda text: ascii(text[:10]),
)
def test_anything_else_is_no_number(typed):
    assert errors_of(capacity=typed) == {"capacity": ["Bitte geben Sie eine ganze Zahl ein, zum Beispiel 60."]}


def test_what_was_typed_is_shown_again():
    sheet = filled(capacity="abc", name=121 * "x")
    sheet.validate()

    assert 'value="abc"' in sheet.capacity()
    assert 121 * "x" in sheet.name()


def test_a_refusal_can_be_put_next_to_a_field():
    sheet = filled()
    sheet.validate()
    add_error(sheet.email, "Diese Adresse geht nicht.")

    assert sheet.errors == {"email": ["Diese Adresse geht nicht."]}
