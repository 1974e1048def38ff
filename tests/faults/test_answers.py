"""A registration and its answers come together or not at all (G4, G6), whatever organisers do with the questions."""

from itertools import chain

import pytest

from nextevents.events.models import Format, QuestionKind
from tests import factories
from tests.faults import answering
from tests.faults.actors import ActFailedError, Actor, all_at_once, shares
from tests.faults.instance import event_of

PROCESSES = 4


def ask(instance, event, count, kind=QuestionKind.LINE):
    """So many questions; gives their numbers."""
    with instance.door():
        return [factories.make_question(event_of(event), kind=kind, label=f"Frage {one}").id for one in range(count)]


def stored(instance):
    """Registrations, seats taken, answers, files and mails."""
    tables = ("registration", "answer", "file", "message")
    counts = {table: instance.value(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608
    return counts | {"seats": instance.value("SELECT sum(seats_taken) FROM event")}


NOTHING = {"registration": 0, "answer": 0, "file": 0, "message": 0, "seats": 0}
ALL = {"registration": 1, "answer": 3, "file": 1, "message": 1, "seats": 1}


def killed_at_each_step(instance, act):
    """What is stored after each kill, and at last after none."""
    event, people = instance.make_event(format=Format.CAMP), instance.make_people(40)
    (file,) = ask(instance, event, 1, QuestionKind.FILE)
    answers = dict.fromkeys(ask(instance, event, 2), "Bots")
    found = []
    for step, person in enumerate(people, 1):
        with Actor(instance, act, event, person, answers, file, step) as mortal:
            try:
                mortal.result(within=60)
            except ActFailedError:
                found.append(stored(instance))
            else:
                return found, stored(instance)
    pytest.fail("nobody survived")


def test_wherever_a_process_is_killed_a_registration_has_all_its_answers_or_there_is_none(instance):
    killed, survived = killed_at_each_step(instance, answering.sign_up_and_die)

    assert len(killed) > 7
    assert [one for one in killed if one != NOTHING] == []
    assert survived == ALL


def test_control_answers_in_a_transaction_of_their_own_are_lost(instance):
    killed, _survived = killed_at_each_step(instance, answering.sign_up_in_two_steps_and_die)

    assert [one for one in killed if one["registration"] and not one["answer"]]


def test_questions_that_vanish_while_people_sign_up_break_nothing(instance):
    event, people = instance.make_event(capacity=None), instance.make_people(120)
    asked = ask(instance, event, 10)
    stays, *goes = asked
    answers = dict.fromkeys(asked, "Bots")

    wrong = all_at_once(
        instance,
        *((answering.sign_up, event, share, answers) for share in shares(people, PROCESSES)),
        (answering.remove, event, goes),
        (answering.keep_asking_otherwise, event, 1.0),
    )

    assert list(chain.from_iterable(wrong)) == []
    assert instance.seats(event)[1:] == (120, 120)
    assert instance.rows("SELECT question_id, count(*) FROM answer GROUP BY question_id") == [(stays, 120)]
    assert instance.value("SELECT count(*) FROM question") == 1


def test_groups_of_the_same_people_in_any_order_do_not_block_each_other(instance):
    event, names = instance.make_event(capacity=None), ["ada", "bob", "cem", "dana", "eva"]

    wrong = all_at_once(instance, *((answering.register_groups, event, names, seed, 12) for seed in range(PROCESSES)))

    assert list(chain.from_iterable(wrong)) == []
    assert instance.seats(event)[1:] == (60, 60)
    assert instance.value("SELECT count(*) FROM message WHERE kind = 'confirm_for_colleague'") == 48
