"""What an event asks: adding, changing, moving, removing."""

import pytest
from sqlalchemy import select

from nextevents.events import queries
from nextevents.events.errors import (
    AskedBefore,
    FilesNotAsked,
    OptionNeeded,
    OptionsChosen,
    QuestionChangedMeanwhile,
    QuestionFrozen,
    QuestionNeeded,
    TooManyQuestions,
)
from nextevents.events.models import Answer, Format, Question, QuestionKind
from nextevents.events.services import (
    QuestionDraft,
    add_question,
    add_questions,
    change_question,
    fingerprint,
    move_question,
    remove_question,
)
from nextevents.ground.files import File
from tests.factories import make_answer, make_event, make_file, make_question, make_registration

TRAVEL = QuestionDraft(kind=QuestionKind.ONE_OF, label="Wie reisen Sie an?", options=("Bahn", "Auto"))
PARKING = QuestionDraft(kind=QuestionKind.YES_NO, label="Brauchen Sie einen Parkplatz?", shown_if_answer="Auto")


def labels(event):
    return [one.label for one in queries.questions(event)]


def following(question, **changes):
    """The question about parking, asked after that one."""
    values = {name: getattr(PARKING, name) for name in QuestionDraft.__dataclass_fields__}
    return QuestionDraft(**(values | {"shown_if_id": question.id} | changes))


def with_changes(question, **changes):
    values = {name: getattr(QuestionDraft.of(question), name) for name in QuestionDraft.__dataclass_fields__}
    return QuestionDraft(**(values | changes))


def change(event, question, *, at, **changes):
    change_question(event, question, with_changes(question, **changes), seen=fingerprint(question), at=at)


def test_a_question_is_asked_last_and_the_page_s_version_rises(db, noon):
    event = make_event()
    version = event.version

    first = add_question(event, TRAVEL, at=noon)
    add_question(event, following(first), at=noon)

    assert labels(event) == ["Wie reisen Sie an?", "Brauchen Sie einen Parkplatz?"]
    assert QuestionDraft.of(first) == TRAVEL
    assert event.version == version + 2


def test_the_same_question_sent_twice_stands_there_once(db, noon):
    event = make_event()

    assert add_question(event, TRAVEL, at=noon) == add_question(event, TRAVEL, at=noon)
    assert labels(event) == ["Wie reisen Sie an?"]


def test_several_are_added_at_once_with_what_depends_on_what(db, noon):
    event = make_event()
    drafts = [TRAVEL, QuestionDraft(kind=QuestionKind.LINE, label="Woher?"), following(make_question(event))]
    drafts[2] = QuestionDraft(
        kind=PARKING.kind, label=PARKING.label, shown_if_id=0, shown_if_answer=PARKING.shown_if_answer
    )

    first, _second, third = add_questions(event, drafts, at=noon)

    assert (third.shown_if_id, third.shown_if_answer) == (first.id, "Auto")


def test_nobody_is_asked_more_than_forty_questions(db, noon):
    event = make_event()
    for number in range(40):
        make_question(event, label=f"Frage {number}")

    with pytest.raises(TooManyQuestions, match="Mehr als 40 Fragen"):
        add_question(event, TRAVEL, at=noon)


@pytest.mark.parametrize("kind", [Format.CAMP, Format.PANEL])
def test_camps_and_conferences_may_ask_for_two_files(db, noon, kind):
    event = make_event(format=kind)
    for number in (1, 2):
        add_question(event, QuestionDraft(kind=QuestionKind.FILE, label=f"Folien {number}"), at=noon)

    with pytest.raises(FilesNotAsked):
        add_question(event, QuestionDraft(kind=QuestionKind.FILE, label="Folien 3"), at=noon)


def test_others_may_ask_for_none(db, noon):
    with pytest.raises(FilesNotAsked, match="nur Camps und Konferenzen"):
        add_question(make_event(), QuestionDraft(kind=QuestionKind.FILE, label="Folien"), at=noon)


def test_a_question_depends_on_an_answer_that_can_be_given_before_it(db, noon):
    event, other = make_event(), make_event()
    line = add_question(event, QuestionDraft(kind=QuestionKind.LINE, label="Woher?"), at=noon)
    hidden = add_question(
        event, QuestionDraft(kind=QuestionKind.YES_NO, label="Bekannt?", is_for_organisers=True), at=noon
    )
    elsewhere = add_question(other, TRAVEL, at=noon)
    travel = add_question(event, TRAVEL, at=noon)

    for draft in (
        following(elsewhere),
        following(line),
        following(travel, shown_if_answer="Flugzeug"),
        following(hidden, shown_if_answer="ja"),
    ):
        with pytest.raises(AskedBefore):
            add_question(event, draft, at=noon)
    with pytest.raises(AskedBefore):
        change(event, line, at=noon, shown_if_id=travel.id, shown_if_answer="Auto")
    assert add_question(event, following(hidden, shown_if_answer="ja", is_for_organisers=True), at=noon)


def test_an_unanswered_question_may_become_another_one(db, noon):
    event = make_event()
    question = add_question(event, TRAVEL, at=noon)
    version = event.version

    change(event, question, at=noon, kind=QuestionKind.NUMBER, options=(), label="Wie viele Kilometer?", kept_days=7)

    assert (question.kind, question.options, question.kept_days) == (QuestionKind.NUMBER, [], 7)
    assert event.version == version + 1


def test_an_answered_question_keeps_its_kind_and_whom_it_is_for(db, noon):
    event = make_event()
    question = add_question(event, TRAVEL, at=noon)
    make_answer(make_registration(event), question, "Bahn")

    with pytest.raises(QuestionFrozen, match=r"schon beantwortet \(1 Mal\)"):
        change(event, question, at=noon, kind=QuestionKind.SEVERAL_OF)
    with pytest.raises(QuestionFrozen):
        change(event, question, at=noon, is_for_organisers=True)
    change(event, question, at=noon, label="Womit kommen Sie?", is_required=True)
    assert question.label == "Womit kommen Sie?"


@pytest.mark.parametrize(("kind", "value"), [(QuestionKind.ONE_OF, "Bahn"), (QuestionKind.SEVERAL_OF, "Rad\nBahn")])
def test_options_that_were_chosen_stay(db, noon, kind, value):
    event = make_event()
    question = make_question(event, kind=kind)
    make_answer(make_registration(event), question, value)

    with pytest.raises(OptionsChosen, match="nicht zu entfernen oder umzubenennen: Bahn"):
        change(event, question, at=noon, options=("Auto", "Rad"))
    change(event, question, at=noon, options=("Rad", "Bahn", "Schiff"))
    assert question.options == ["Rad", "Bahn", "Schiff"]


def test_an_option_stays_while_another_question_needs_it(db, noon):
    event = make_event()
    question = add_question(event, TRAVEL, at=noon)
    add_question(event, following(question), at=noon)

    for changes in (
        {"options": ("Bahn", "Rad")},
        {"kind": QuestionKind.LINE, "options": ()},
        {"is_for_organisers": True},
    ):
        with pytest.raises(OptionNeeded, match="Brauchen Sie einen Parkplatz"):
            change(event, question, at=noon, **changes)
    with pytest.raises(QuestionNeeded):
        remove_question(event, question, at=noon)


def test_two_who_change_the_same_question_do_not_overwrite_each_other(db, noon):
    event = make_event()
    question = add_question(event, TRAVEL, at=noon)
    seen = fingerprint(question)
    change(event, question, at=noon, label="Womit kommen Sie?")

    with pytest.raises(QuestionChangedMeanwhile):
        change_question(event, question, with_changes(question, hint="Ungefähr."), seen=seen, at=noon)
    assert question.hint == ""
    change_question(event, question, QuestionDraft.of(question), seen=seen, at=noon)  # the same again is harmless


def test_questions_change_places_but_not_before_what_they_depend_on(db, noon):
    event = make_event()
    first = add_question(event, TRAVEL, at=noon)
    second = add_question(event, following(first), at=noon)
    third = add_question(event, QuestionDraft(kind=QuestionKind.LINE, label="Woher?"), at=noon)
    version = event.version

    move_question(event, third, is_up=True, at=noon)
    assert labels(event) == [first.label, third.label, second.label]
    move_question(event, second, is_up=True, at=noon)
    for moved, is_up in ((second, True), (first, False)):
        with pytest.raises(AskedBefore):
            move_question(event, moved, is_up=is_up, at=noon)
    move_question(event, first, is_up=True, at=noon)
    move_question(event, third, is_up=False, at=noon)
    assert labels(event) == [first.label, second.label, third.label]
    assert event.version == version + 2


def test_a_question_goes_with_its_answers_and_their_files(db, noon):
    event = make_event(format=Format.CAMP)
    question, other = make_question(event, kind=QuestionKind.FILE), make_question(event, label="Bleibt")
    registration = make_registration(event)
    make_answer(registration, question, "folien.pdf", file=make_file())
    make_answer(registration, other)

    remove_question(event, question, at=noon)

    assert db.scalars(select(Question.label)).all() == ["Bleibt"]
    assert db.scalars(select(Answer.question_id)).all() == [other.id]
    assert db.scalars(select(File.id)).all() == []
    assert other.position == 0
