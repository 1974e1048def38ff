"""Seats under a rush (G1), and the same form sent many times (G5)."""

import re
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import chain

from tests import factories
from tests.faults import acts
from tests.faults.actors import all_at_once, gate, shares
from tests.faults.instance import Web
from tests.faults.ledger import outcomes, overtaken
from tests.faults.visitor import enter_code, fill_in, main_part, new_address, page_behind

PROCESSES = 8


def places(instance, event):
    """Where everybody stands: 0 with a seat, then the waiting list from 1."""
    rows = instance.rows(
        "SELECT person_id, has_seat FROM registration WHERE event_id = :event"
        " ORDER BY has_seat DESC, waiting_since, id",
        event=event,
    )
    seated = [person for person, has_seat in rows if has_seat]
    waiting = [person for person, has_seat in rows if not has_seat]
    return dict.fromkeys(seated, 0) | {person: place for place, person in enumerate(waiting, 1)}


def rush(instance, event, people, *, act=acts.sign_up, threads=4):
    """Let people sign up at once, in eight processes; give what they were told."""
    told = all_at_once(instance, *((act, event, share, threads) for share in shares(people, PROCESSES)))
    return list(chain.from_iterable(told))


def test_a_thousand_at_once_get_exactly_the_four_hundred_seats_and_the_rest_wait_in_order(instance):
    event, people = instance.make_event(capacity=400), instance.make_people(1000)

    answers = rush(instance, event, people)

    assert outcomes(answers) == {"confirmed": 400, "waiting": 600}
    assert instance.seats(event) == (400, 400, 400)
    assert overtaken(answers, places(instance, event)) == []
    told = {answer.person: answer.outcome for answer in answers}
    assert told == dict(instance.rows("SELECT person_id, state FROM registration WHERE event_id = :event", event=event))
    mails = instance.rows("SELECT kind, count(*), count(DISTINCT recipient) FROM message GROUP BY kind ORDER BY kind")
    assert mails == [("registered", 400, 400), ("waiting", 600, 600)]


def test_control_counting_before_inserting_oversells(instance):
    event, people = instance.make_event(capacity=40), instance.make_people(120)

    answers = rush(instance, event, people, act=acts.sign_up_by_counting)

    assert outcomes(answers)["confirmed"] > 40


def test_the_last_seat_goes_to_one_of_eight_ten_times(instance):
    events = [instance.make_event(capacity=1) for _ in range(10)]
    people = instance.make_people(10 * PROCESSES)
    rounds = gate(PROCESSES)

    told = all_at_once(
        instance, *((acts.sign_up_in_rounds, rounds, events, share) for share in shares(people, PROCESSES))
    )

    answers = list(chain.from_iterable(told))
    for event in events:
        of_event = [answer for answer in answers if answer.event == event]
        assert outcomes(of_event) == {"confirmed": 1, "waiting": PROCESSES - 1}
        assert instance.seats(event) == (1, 1, 1)


def test_the_same_form_sent_twenty_times_at_once_is_one_registration_one_mail_and_one_answer(instance):
    with Web(instance) as web, ThreadPoolExecutor(20) as browsers:
        for is_known in (False, True):
            event, address = instance.make_event(capacity=1), new_address()
            slug = instance.slug_of(event)
            if is_known:
                with instance.door():
                    factories.make_person(address)
            form = fill_in(web.url, slug, address)

            told = [sent.result() for sent in [browsers.submit(form.send) for _ in range(20)]]

            assert {(one.status, one.location) for one in told} == {(303, f"/veranstaltungen/{slug}/angemeldet")}
            assert len({main_part(page_behind(web.url, one)) for one in told}) == 1
            assert states(instance, event) == ["unconfirmed"]
            assert instance.seats(event) == (1, 1, 1)
            ((values,),) = instance.rows('SELECT "values" FROM message WHERE recipient = :to', to=address)
            code = re.search(r"\b\d{6}\b", str(values))[0]
            assert enter_code(web.url, max(told, key=lambda one: one.answered), code).status == HTTPStatus.SEE_OTHER
            assert states(instance, event) == ["confirmed"]


def states(instance, event):
    """In what state each registration is."""
    return [state for (state,) in instance.rows("SELECT state FROM registration WHERE event_id = :event", event=event)]
