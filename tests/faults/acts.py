"""What actors do: each act runs in a process of its own, with the application as first argument."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select

from nextevents.events import services
from nextevents.events.models import Registration, State
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.people.models import Person
from tests.faults.instance import event_of
from tests.faults.ledger import Answer

WISH = services.Request(name="Ada Beispiel", is_proved=True)


def sign_up(app: Flask, event: int, people: list[int], threads: int = 1) -> list[Answer]:
    """Register people one after the other, in so many threads; gives what each was told, and when."""
    return _each(people, threads, lambda person: _signed_up(app, event, person))


def sign_up_by_counting(app: Flask, event: int, people: list[int], threads: int = 1) -> list[Answer]:
    """The control: the same with the guard removed, as others do it. Count, think, insert."""
    return _each(people, threads, lambda person: _signed_up_by_counting(app, event, person))


def sign_up_in_rounds(app: Flask, gate, events: list[int], people: list[int]) -> list[Answer]:
    """Register one person per event, each time at the same moment as the others."""
    answers = []
    for event, person in zip(events, people, strict=True):
        gate.wait(60)
        answers.append(_signed_up(app, event, person))
    return answers


def _each(people: list[int], threads: int, sign_up_one: Callable[[int], Answer]) -> list[Answer]:
    answers: list[Answer] = []
    remaining = iter(people)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                person = next(remaining, None)
            if person is None:
                return
            answers.append(sign_up_one(person))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


def _signed_up(app: Flask, event: int, person: int) -> Answer:
    asked = time.monotonic()
    try:
        with app.app_context():
            at = clock.now()
            with transaction():
                registration = services.register(event_of(event), _person(person), WISH, at=at)
            outcome = str(registration.state)
    except Exception as error:  # noqa: BLE001  # the ledger notes whatever went wrong
        outcome = f"{type(error).__name__}: {error}"
    return Answer(event, person, outcome, asked, time.monotonic())


def _signed_up_by_counting(app: Flask, event: int, person: int) -> Answer:
    asked = time.monotonic()
    with app.app_context():
        chosen = event_of(event)
        taken = db.session.scalar(
            select(func.count()).where(Registration.event_id == event, Registration.has_seat.is_(True))
        )
        time.sleep(0.01)
        is_free = (taken or 0) < (chosen.capacity or 0)
        registration = Registration(
            event_id=event,
            person_id=person,
            name="Ada Beispiel",
            state=State.CONFIRMED if is_free else State.WAITING,
            has_seat=is_free,
            made_at=clock.now(),
            waiting_since=None if is_free else clock.now(),
        )
        with transaction():
            db.session.add(registration)
        return Answer(event, person, str(registration.state), asked, time.monotonic())


def _person(number: int) -> Person:
    found = db.session.get(Person, number)
    assert found is not None
    return found
