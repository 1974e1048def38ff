"""Answers and choices: stored with the registration, changed until the event begins."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events import queries
from nextevents.events.errors import AlreadyOver
from nextevents.events.models import Answer, Format, Photos, QuestionKind, Registration, State
from nextevents.events.services import (
    Choices,
    Given,
    Request,
    cancel_registration,
    change_answers,
    register,
    restore_registration,
)
from nextevents.ground.documents import DocumentRefused
from nextevents.ground.files import File
from tests.factories import make_answer, make_event, make_person, make_question, make_registration

PDF = b"%PDF-1.7 Folien"
AGREED = Choices(photos=Photos.OVERVIEW, agrees_to_recording=True, is_shown=True, wants_newsletter=True)


def wish(answers=None, *, is_proved=True, choices=None, nonce=None):
    given = {question.id: one if isinstance(one, Given) else Given(one) for question, one in (answers or {}).items()}
    return Request(name="Ada Beispiel", is_proved=is_proved, answers=given, choices=choices or Choices(), nonce=nonce)


def answers_of(registration):
    return {number: one.value for number, one in queries.answers_of(registration).items()}


def choices_of(one):
    return (one.photos, one.agrees_to_recording, one.is_shown, one.wants_newsletter)


NO = (Photos.NO, False, False, False)
YES = (Photos.OVERVIEW, True, True, True)


def test_answers_and_choices_come_with_the_registration(db, noon):
    event = make_event()
    first, second = make_question(event), make_question(event, kind=QuestionKind.SEVERAL_OF)

    registration = register(event, make_person(), wish({first: "Bots", second: "Bahn\nRad"}, choices=AGREED), at=noon)

    assert answers_of(registration) == {first.id: "Bots", second.id: "Bahn\nRad"}
    assert choices_of(registration) == YES


def test_whoever_chooses_nothing_has_said_no(db, noon):
    assert choices_of(register(make_event(), make_person(), wish(), at=noon)) == NO


def test_the_same_form_twice_stores_its_answers_once(db, noon):
    event, ada = make_event(), make_person()
    question = make_question(event)

    register(event, ada, wish({question: "Bots"}, nonce="a"), at=noon)
    register(event, ada, wish({question: "Bots"}, nonce="a"), at=noon)

    assert db.scalars(select(Answer.value)).all() == ["Bots"]


def test_who_has_not_proved_the_address_changes_no_answers_of_whoever_has(db, noon):
    event, ada = make_event(), make_person()
    question = make_question(event)
    standing = register(event, ada, wish({question: "Bots"}, choices=AGREED), at=noon)

    register(event, ada, wish({question: "Unsinn"}, is_proved=False, nonce="x"), at=noon)

    assert (answers_of(standing), choices_of(standing)) == ({question.id: "Bots"}, YES)


def test_what_a_signed_in_person_answers_counts_over_what_somebody_typed_for_them(db, noon):
    event, ada = make_event(), make_person()
    question = make_question(event)
    typed = register(event, ada, wish({question: "Unsinn"}, is_proved=False, choices=AGREED), at=noon)

    own = register(event, ada, wish({question: "Bots"}), at=noon)

    assert own == typed
    assert (own.state, answers_of(own), choices_of(own)) == (State.CONFIRMED, {question.id: "Bots"}, NO)


def test_a_question_that_has_gone_meanwhile_or_is_not_asked_here_is_left_out(db, noon):
    event = make_event()
    question, elsewhere = make_question(event), make_question(make_event())
    hidden = make_question(event, is_for_organisers=True)
    request = wish({question: "Bots", elsewhere: "Fremd", hidden: "Geheim"})
    request.answers[999_999] = Given("Weg")

    assert answers_of(register(event, make_person(), request, at=noon)) == {question.id: "Bots"}


def test_a_file_is_kept_and_a_bad_one_undoes_everything(db, noon):
    event = make_event(format=Format.CAMP)
    question = make_question(event, kind=QuestionKind.FILE)
    registration = register(event, make_person(), wish({question: Given("folien.pdf", PDF)}), at=noon)

    answer = queries.answers_of(registration)[question.id]
    assert (answer.value, answer.file.name, answer.file.content) == ("folien.pdf", "folien.pdf", PDF)
    with pytest.raises(DocumentRefused), db.begin_nested():
        register(event, make_person(), wish({question: Given("folien.pdf", b"MZ kein PDF")}), at=noon)
    assert db.scalars(select(Registration.id)).all() == [registration.id]


def test_a_withdrawal_that_is_undone_keeps_answers_and_choices(db, noon):
    event = make_event()
    question = make_question(event)
    first = register(event, make_person(), wish({question: "Bots"}, choices=AGREED), at=noon)
    cancel_registration(first, at=noon)

    again = restore_registration(first, at=noon + timedelta(minutes=1))

    assert again != first
    assert (answers_of(again), answers_of(first), choices_of(again)) == ({question.id: "Bots"}, {}, YES)


# Changing


def test_answers_and_choices_can_be_changed_until_the_event_begins(db, noon):
    event = make_event()
    first, second, hidden = make_question(event), make_question(event), make_question(event, is_for_organisers=True)
    registration = make_registration(event)
    for question in (first, second, hidden):
        make_answer(registration, question, "Alt")

    change_answers(registration, {first.id: Given("Neu"), hidden.id: Given("Unsinn")}, AGREED, at=noon)

    assert (answers_of(registration), choices_of(registration)) == ({first.id: "Neu", hidden.id: "Alt"}, YES)
    with pytest.raises(AlreadyOver):
        change_answers(registration, {}, Choices(), at=event.starts_at)
    assert choices_of(registration) == YES


def test_whoever_has_withdrawn_changes_nothing(db, noon):
    registration = make_registration(make_event(), state=State.CANCELLED)

    with pytest.raises(AlreadyOver):
        change_answers(registration, {}, AGREED, at=noon)


def test_a_file_stays_until_another_one_comes(db, noon):
    event = make_event(format=Format.CAMP)
    question = make_question(event, kind=QuestionKind.FILE)
    registration = register(event, make_person(), wish({question: Given("alt.pdf", PDF)}), at=noon)

    change_answers(registration, {question.id: Given("alt.pdf")}, Choices(), at=noon)
    assert db.scalars(select(File.name)).all() == ["alt.pdf"]
    change_answers(registration, {question.id: Given("neu.pdf", PDF)}, Choices(), at=noon)
    assert db.scalars(select(File.name)).all() == ["neu.pdf"]
    change_answers(registration, {}, Choices(), at=noon)
    assert db.scalars(select(File.name)).all() == []
