"""An event's questions and choices as fields of a form."""

from io import BytesIO

import pytest

from nextevents.events.forms.questions import QuestionsForm, asking
from nextevents.events.models import Format, Photos, QuestionKind, Viewers
from nextevents.events.services import Choices
from tests.factories import make_event, make_question

PDF = (b"%PDF-1.7 Folien", "folien.pdf")


@pytest.fixture
def filled_in(app, db):
    """Gives the checked form of an event, filled in by the labels of its questions or the names of its choices."""

    def form_of(event, questions, *, files=None, **typed):
        names = {question.label: f"frage-{question.id}" for question in questions}
        fields = {names.get(label, label): value for label, value in typed.items()}
        fields |= {names[label]: (BytesIO(content), name) for label, (content, name) in (files or {}).items()}
        with app.test_request_context(method="POST", data=fields, content_type="multipart/form-data"):
            form = asking(QuestionsForm, event, questions)(meta={"csrf": False})
            form.validate()
            return form

    return form_of


def told(form):
    return {form[name].label.text: messages for name, messages in form.errors.items() if name}


def values(form):
    return {form[f"frage-{number}"].label.text: given.value for number, given in form.answers.items()}


def test_an_event_that_asks_nothing_has_the_form_as_it_is(db):
    assert asking(QuestionsForm, make_event(), []) is QuestionsForm


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (QuestionKind.LINE, "Bots", "Bots"),
        (QuestionKind.TEXT, "Eins\r\n\r\nzwei", "Eins\n\nzwei"),
        (QuestionKind.ONE_OF, "Auto", "Auto"),
        (QuestionKind.SEVERAL_OF, ["Rad", "Bahn"], "Rad\nBahn"),
        (QuestionKind.YES_NO, "nein", "nein"),
        (QuestionKind.NUMBER, " 7 ", "7"),
        (QuestionKind.NUMBER, "0", "0"),
    ],
)
def test_each_kind_is_answered_in_its_way(filled_in, kind, typed, kept):
    event = make_event()
    question = make_question(event, kind=kind, label="Q", is_required=True)

    form = filled_in(event, [question], Q=typed)

    assert (form.errors, values(form)) == ({}, {"Q": kept})


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_what_is_not_required_may_be_left_out_and_what_is_may_not(filled_in, kind):
    event = make_event(format=Format.CAMP)
    free = make_question(event, kind=kind, label="Frei")
    needed = make_question(event, kind=kind, label="Nötig", is_required=True)

    form = filled_in(event, [free, needed])

    assert told(form) == {"Nötig": ["Bitte beantworten Sie diese Frage."]}
    assert values(form) == {}


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (QuestionKind.ONE_OF, "Flugzeug"),
        (QuestionKind.ONE_OF, ["Auto", "Rad"]),
        (QuestionKind.SEVERAL_OF, ["Auto", "Flugzeug"]),
        (QuestionKind.SEVERAL_OF, ["Auto", "Auto"]),
        (QuestionKind.YES_NO, "vielleicht"),
        (QuestionKind.NUMBER, "1e3"),
        (QuestionKind.LINE, "x" * 201),
        (QuestionKind.TEXT, "x" * 5_001),
    ],
)
def test_what_was_never_offered_is_refused(filled_in, kind, typed):
    event = make_event()
    question = make_question(event, kind=kind, label="Q")

    assert list(told(filled_in(event, [question], Q=typed))) == ["Q"]


@pytest.fixture
def chain(db):
    """By car? If so, where to park? If so, how long? Each is asked only after the one before."""
    event = make_event()
    car = make_question(event, kind=QuestionKind.YES_NO, label="Auto")
    parking = make_question(
        event, kind=QuestionKind.SEVERAL_OF, label="Platz", shown_if_id=car.id, shown_if_answer="ja", is_required=True
    )
    long = make_question(
        event, kind=QuestionKind.NUMBER, label="Dauer", shown_if_id=parking.id, shown_if_answer="Rad", is_required=True
    )
    return event, [car, parking, long]


@pytest.mark.parametrize(
    ("typed", "missing", "kept"),
    [
        ({}, [], {}),
        ({"Auto": "nein"}, [], {"Auto": "nein"}),
        ({"Auto": "ja"}, ["Platz"], {"Auto": "ja"}),
        ({"Auto": "ja", "Platz": ["Bahn"]}, [], {"Auto": "ja", "Platz": "Bahn"}),
        ({"Auto": "ja", "Platz": ["Bahn", "Rad"]}, ["Dauer"], {"Auto": "ja", "Platz": "Bahn\nRad"}),
        ({"Auto": "ja", "Platz": ["Rad"], "Dauer": "3"}, [], {"Auto": "ja", "Platz": "Rad", "Dauer": "3"}),
        # What does not apply is neither checked nor kept, and what depends on it does not apply either.
        ({"Auto": "nein", "Platz": ["Rad"], "Dauer": "x"}, [], {"Auto": "nein"}),
        ({"Platz": ["Flugzeug"], "Dauer": "3"}, [], {}),
    ],
)
def test_a_question_is_asked_only_if_its_condition_holds(filled_in, chain, typed, missing, kept):
    event, questions = chain

    form = filled_in(event, questions, **typed)

    assert list(told(form)) == missing
    assert values(form) == kept


def test_a_file_is_known_by_its_content_and_asked_for_again_if_something_else_is_wrong(filled_in):
    event = make_event(format=Format.CAMP)
    slides = make_question(event, kind=QuestionKind.FILE, label="Folien", is_required=True)
    topic = make_question(event, label="Thema", is_required=True)

    good = filled_in(event, [slides, topic], files={"Folien": PDF}, Thema="Bots")
    incomplete = filled_in(event, [slides, topic], files={"Folien": PDF})
    other = filled_in(event, [slides, topic], files={"Folien": (b"MZ", "folien.pdf")}, Thema="Bots")

    assert (good.errors, good.answers[slides.id].content) == ({}, PDF[0])
    assert told(incomplete)["Folien"] == ["Bitte wählen Sie die Datei noch einmal aus; Browser merken sie sich nicht."]
    assert told(other) == {"Folien": ["Diese Art von Datei nehmen wir nicht. Möglich sind PDF, PNG, JPEG, ODT, DOCX."]}


def test_only_choices_that_the_event_asks_for_are_offered(filled_in):
    everything = {"asks_photos": True, "asks_recording": True, "asks_newsletter": True}
    chosen = {"photos": "overview", "agrees_to_recording": "y", "is_shown": "y", "wants_newsletter": "y"}

    plain = filled_in(make_event(), [], **chosen)
    full = filled_in(make_event(**everything, participants_shown_to=Viewers.PARTICIPANTS), [], **chosen)

    assert plain.choices == Choices()
    assert full.choices == Choices(
        photos=Photos.OVERVIEW, agrees_to_recording=True, is_shown=True, wants_newsletter=True
    )


def test_choices_are_unticked_and_nobody_has_to_choose(filled_in):
    event = make_event(
        asks_photos=True, asks_recording=True, asks_newsletter=True, participants_shown_to=Viewers.EVERYBODY
    )

    form = filled_in(event, [])

    assert (form.errors, form.choices) == ({}, Choices())
    assert "checked" not in "".join(field() for field in form.choice_fields)
