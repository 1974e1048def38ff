"""What actors do with an event that asks questions; see acts.py."""

import os
import random
import signal
import time
from collections.abc import Mapping

from flask import Flask
from sqlalchemy.event import listen

from nextevents.events import queries, services
from nextevents.events.models import QuestionKind
from nextevents.events.services import registration as registering
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.people.addresses import address_of
from nextevents.people.models import Person
from tests.faults.instance import event_of

PDF = b"%PDF-1.7 Folien"


def request(answers: Mapping[int, str], file: int = 0) -> services.Request:
    """A form with these answers, by question; and a file in answer to that one."""
    given = {number: services.Given(value) for number, value in answers.items()}
    if file:
        given[file] = services.Given("folien.pdf", PDF)
    return services.Request(name="Ada Beispiel", is_proved=True, answers=given, choices=services.Choices(is_shown=True))


def sign_up(app: Flask, event: int, people: list[int], answers: dict[int, str]) -> list[str]:
    """Register people one after the other with the same answers; gives what went wrong."""
    wrong = []
    for person in people:
        try:
            _sign_up(app, event, person, request(answers))
        except Exception as error:  # noqa: BLE001 - the ledger notes whatever went wrong
            wrong.append(f"{type(error).__name__}: {error}")
    return wrong


def _sign_up(app: Flask, event: int, person: int, wish: services.Request) -> None:
    with app.app_context(), transaction():
        services.register(event_of(event), db.session.get_one(Person, person), wish, at=clock.now())


def keep_asking_otherwise(app: Flask, event: int, seconds: float) -> list[str]:
    """Add questions and remove them again, as fast as one can; gives what went wrong."""
    until, wrong = time.monotonic() + seconds, []
    while time.monotonic() < until:
        try:
            _ask_and_forget(app, event)
        except Exception as error:  # noqa: BLE001
            wrong.append(f"{type(error).__name__}: {error}")
    return wrong


def _ask_and_forget(app: Flask, event: int) -> None:
    with app.app_context():
        with transaction():
            draft = services.QuestionDraft(kind=QuestionKind.LINE, label=f"Frage {time.monotonic_ns()}")
            services.add_question(event_of(event), draft, at=clock.now())
        with transaction():
            newest = queries.questions(event_of(event))[-1]
            services.remove_question(event_of(event), newest, at=clock.now())


def remove(app: Flask, event: int, questions: list[int]) -> list[str]:
    """Remove questions one after the other; gives what went wrong."""
    wrong = []
    for number in questions:
        try:
            with app.app_context(), transaction():
                services.remove_question(event_of(event), queries.question(event_of(event), number), at=clock.now())
        except Exception as error:  # noqa: BLE001
            wrong.append(f"{type(error).__name__}: {error}")
        time.sleep(0.05)
    return wrong


def sign_up_and_die(app: Flask, event: int, person: int, answers: dict[int, str], file: int, step: int) -> None:
    """Register somebody with answers and a file, and be killed before the statement of that number."""
    _die_before(app, step)
    _sign_up(app, event, person, request(answers, file))


def sign_up_in_two_steps_and_die(
    app: Flask, event: int, person: int, answers: dict[int, str], file: int, step: int
) -> None:
    """The control: answers are stored after the registration was committed."""
    kept = []

    def later(registration: object, given: object, *, at: object) -> None:
        kept.append((registration, given, at))

    store, registering.store_answers = registering.store_answers, later
    _die_before(app, step)
    _sign_up(app, event, person, request(answers, file))
    with app.app_context(), transaction():
        for registration, given, at in kept:
            store(registration, given, at=at)


def _die_before(app: Flask, step: int) -> None:
    position = 0

    def next_step(*_: object) -> None:
        nonlocal position
        position += 1
        if position == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        for moment in ("before_cursor_execute", "commit"):
            listen(db.engines[None], moment, next_step)


def register_groups(app: Flask, event: int, names: list[str], seed: int, times: int) -> list[str]:
    """Register the same people again and again, each time in another order and by another of them."""
    chance, wrong = random.Random(seed), []
    for number in range(times):
        try:
            with app.app_context(), transaction():
                addresses = [address_of(f"{name}-{number}@stadt.example") for name in names]
                people = [services.Colleague(one.typed, one) for one in addresses]
                chance.shuffle(people)
                _register_group(event, people)
        except Exception as error:  # noqa: BLE001
            wrong.append(f"{type(error).__name__}: {error}")
    return wrong


def _register_group(event: int, people: list[services.Colleague]) -> None:
    at, first = clock.now(), people[0]
    by, *_others = services.make_known(people, language="de", at=at)
    services.register(event_of(event), by, services.Request(name=first.name, is_proved=False), at=at)
    services.register_colleagues(event_of(event), by, people[1:], nonce=None, language="de", at=at)
