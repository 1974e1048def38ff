"""A question as organisers type it."""

import pytest

from nextevents.desk.forms.question import QuestionForm
from nextevents.events.models import Format, QuestionKind
from nextevents.events.services import QuestionDraft
from tests.factories import make_event, make_question

TRAVEL = {"label": "Wie reisen Sie an?", "kind": "one_of", "options": "Bahn\r\n\r\n Auto \nRad"}


@pytest.fixture
def filled_in(app, db):
    """Gives the checked form of a new question, after these."""

    def form_of(earlier=(), event=None, **typed):
        with app.test_request_context(method="POST", data=TRAVEL | typed):
            form = QuestionForm(meta={"csrf": False}).offer(event or make_event(), earlier)
            form.validate()
            return form

    return form_of


def test_options_stand_one_on_a_line(filled_in):
    form = filled_in(hint="Ungefähr.", is_required="y", kept_days="14")

    assert form.errors == {}
    assert form.draft == QuestionDraft(
        kind=QuestionKind.ONE_OF,
        label="Wie reisen Sie an?",
        hint="Ungefähr.",
        options=("Bahn", "Auto", "Rad"),
        is_required=True,
        kept_days=14,
    )


def test_options_of_a_kind_without_any_are_left_out(filled_in):
    assert filled_in(kind="line").draft.options == ()
    assert filled_in(kind="line", options="").errors == {}


def test_a_condition_is_an_answer_that_can_be_given_before(filled_in):
    event = make_event()
    car = make_question(event, kind=QuestionKind.YES_NO, label="Auto?")
    line = make_question(event, label="Woher?")

    form = filled_in([car, line], condition=f"{car.id}=ja")
    labels = [str(label) for _value, label in form.condition.choices]

    assert (form.draft.shown_if_id, form.draft.shown_if_answer) == (car.id, "ja")
    assert labels == ["immer", "„Auto?“ mit „ja“ beantwortet ist", "„Auto?“ mit „nein“ beantwortet ist"]
    for wrong in (f"{car.id}=vielleicht", f"{line.id}=x", "999=ja", "x", "=", f"{car.id}"):
        assert list(filled_in([car, line], condition=wrong).errors) == ["condition"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"label": " "}, "label"),
        ({"label": "x" * 201}, "label"),
        ({"kind": "essay"}, "kind"),
        ({"kind": "file"}, "kind"),
        ({"options": "Bahn"}, "options"),
        ({"options": "Bahn\nBahn"}, "options"),
        ({"options": "Bahn\n" + "x" * 101}, "options"),
        ({"options": "\n".join(map(str, range(31)))}, "options"),
        ({"kept_days": "0"}, "kept_days"),
        ({"kept_days": "184"}, "kept_days"),
        ({"kept_days": "1.5"}, "kept_days"),
    ],
)
def test_what_cannot_be_asked_is_refused(filled_in, typed, field):
    assert list(filled_in(**typed).errors) == [field]


@pytest.mark.parametrize("kind", list(Format))
def test_files_are_offered_only_where_people_bring_something(filled_in, kind):
    form = filled_in(event=make_event(format=kind))

    offered = QuestionKind.FILE in {value for value, _label in form.kind.choices}
    assert offered == (kind in {Format.CAMP, Format.PANEL})


def test_a_question_that_stands_fills_the_form(app, db):
    event = make_event()
    car = make_question(event, kind=QuestionKind.YES_NO, label="Auto?")
    question = make_question(
        event, kind=QuestionKind.SEVERAL_OF, hint="Ungefähr.", shown_if_id=car.id, shown_if_answer="ja", kept_days=7
    )

    with app.test_request_context():
        form = QuestionForm.of(question).offer(event, [car], question)

    assert form.draft == QuestionDraft.of(question)
