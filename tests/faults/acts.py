"""What actors do: each act runs in a process of its own, with the application as first argument."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.event import listen

from nextevents.events import messages, services
from nextevents.events.models import PlannedReminder, Registration, ReminderState, State
from nextevents.events.services import reminders, seats
from nextevents.ground import clock
from nextevents.ground.database import attempted_twice, db, transaction
from nextevents.ground.errors import Refusal
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


def sign_up_in_rounds(app: Flask, gate: Any, events: list[int], people: list[int], pause: float = 0.0) -> list[Answer]:
    """Register one person per event, each time at the same moment as the others; with pauses around the seat."""
    take_open_seat = seats.take_open_seat

    def pausing(*words: Any, **options: Any) -> bool:
        time.sleep(pause)
        taken = take_open_seat(*words, **options)
        time.sleep(pause)
        return taken

    seats.take_open_seat = pausing
    answers = []
    for event, person in zip(events, people, strict=True):
        gate.wait(60)
        answers.append(_signed_up(app, event, person))
    return answers


def cancel(app: Flask, registrations: list[int]) -> list[Answer]:
    """Withdraw people one after the other."""
    return [_told(app, number, _cancelled) for number in registrations]


def cancel_and_fill_later(app: Flask, registrations: list[int]) -> list[Answer]:
    """The control: seats are freed in one transaction and given to those who wait in another."""
    fill_free_seats, seats.fill_free_seats = seats.fill_free_seats, lambda *_, **__: None

    def cancelled(number: int, at: datetime) -> str:
        outcome = _cancelled(number, at)
        time.sleep(0.01)
        with transaction():
            event = _registration(number).event
            seats.hold(event)
            fill_free_seats(event, at=at)
        return outcome

    return [_told(app, number, cancelled) for number in registrations]


def cancel_in_rounds(app: Flask, gate: Any, registrations: list[int]) -> list[Answer]:
    """Withdraw one person per round, shortly after the others began."""
    answers = []
    for number in registrations:
        gate.wait(60)
        time.sleep(0.005)
        answers.append(_told(app, number, _cancelled))
    return answers


def call_off_in_rounds(app: Flask, gate: Any, events: list[int]) -> list[Answer]:
    """Call one event off per round, shortly after the others began."""

    def called_off(number: int, at: datetime) -> str:
        with transaction():
            services.cancel_event(event_of(number), at=at)
        return "called off"

    answers = []
    for number in events:
        gate.wait(60)
        time.sleep(0.005)
        answers.append(_told(app, number, called_off))
    return answers


def accept_in_rounds(app: Flask, gate: Any, offers: list[tuple[int, datetime]]) -> list[Answer]:
    """Accept one offer per round."""

    def accepted(number: int, at: datetime) -> str:
        with transaction():
            registration = _registration(number)
            services.accept_offer(registration, at=at)
        return str(registration.state)

    return _accepted_in_rounds(app, gate, offers, accepted)


def accept_in_rounds_without_guard(app: Flask, gate: Any, offers: list[tuple[int, datetime]]) -> list[Answer]:
    """The control: look first, then write what follows from it."""

    def accepted(number: int, at: datetime) -> str:
        registration = _registration(number)
        if registration.state != State.OFFERED:
            return "NotWaitingForAnswer"
        time.sleep(0.03)
        with transaction():
            seats.move_up(registration, at=at)
        return str(registration.state)

    return _accepted_in_rounds(app, gate, offers, accepted)


def _accepted_in_rounds(
    app: Flask, gate: Any, offers: list[tuple[int, datetime]], accept: Callable[[int, datetime], str]
) -> list[Answer]:
    answers = []
    for number, at in offers:
        gate.wait(60)
        answers.append(_told(app, number, lambda number, _, at=at: accept(number, at)))
    return answers


def lapse_in_rounds(app: Flask, gate: Any, moments: list[datetime]) -> None:
    """Let offers lapse, as if it were those moments; who loses a race in which two wait for each other comes again."""

    def lapse(at: datetime) -> None:
        with transaction():
            services.lapse_offers(at=at)

    for at in moments:
        gate.wait(60)
        with app.app_context():
            attempted_twice(partial(lapse, at))


def _cancelled(number: int, at: datetime) -> str:
    with transaction():
        registration = _registration(number)
        services.cancel_registration(registration, at=at)
    return str(registration.state)


def _told(app: Flask, number: int, act: Callable[[int, datetime], str]) -> Answer:
    asked = time.monotonic()
    try:
        with app.app_context():
            outcome = act(number, clock.now())
    except Exception as error:  # noqa: BLE001  # the ledger notes whatever was told
        outcome = type(error).__name__
    return Answer(0, number, outcome, asked, time.monotonic())


def _registration(number: int) -> Registration:
    found = db.session.get(Registration, number)
    assert found is not None
    return found


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
        outcome = type(error).__name__ if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
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


def sign_up_and_die(app: Flask, event: int, person: int, step: int) -> str:
    """Register somebody, and be killed before the statement of that number; the commit counts as one."""
    position = 0

    def next_step(*_: object) -> None:
        nonlocal position
        position += 1
        if position == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        for moment in ("before_cursor_execute", "commit"):
            listen(db.engines[None], moment, next_step)
    return _signed_up(app, event, person).outcome


def remind_in_rounds(app: Flask, gate: Any, moments: list[datetime]) -> None:
    """Dispatch the reminders that are due, each time at the same moment as the others."""
    for at in moments:
        gate.wait(60)
        with app.app_context(), transaction():
            services.remind(at=at)


def remind_in_rounds_without_guard(app: Flask, gate: Any, moments: list[datetime]) -> None:
    """The control: whoever sees a planned reminder sends it, and its mails have keys of their own."""
    reminder, numbers = messages.reminder, count(os.getpid() * 1000)

    def claim(planned: PlannedReminder, state: ReminderState) -> bool:
        time.sleep(0.05)
        planned.state = state
        return True

    def keyed(*words: Any, **options: Any) -> Any:
        return replace(reminder(*words, **options), revision=next(numbers))

    reminders._claim, seats.hold, messages.reminder = claim, lambda _event: None, keyed  # noqa: SLF001
    for at in moments:
        gate.wait(60)
        with app.app_context():
            due = reminders._due(at)  # noqa: SLF001
            gate.wait(60)
            with transaction():
                for planned in due:
                    if claim(planned, ReminderState.SENT):
                        reminders._send(planned, planned.rule.event, at=at)  # noqa: SLF001
