"""Web workers die in the middle of their work: what was answered stands, what was repeated stands once (G4, G5)."""

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from tests.faults.instance import Web, wait_until
from tests.faults.visitor import BROKEN, Told, fill_in

VISITORS = 8
KILLS = 8
KILLS_OF_CONTROL = 4
ANSWERS_BETWEEN = 20


@dataclass
class Rush:
    """Visitors who sign up one after the other until told to stop; nobody gives up before an answer has come."""

    web: Web
    slug: str
    told: list[Told] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Rush":
        form = fill_in(self.web.url, self.slug)
        self._threads = [threading.Thread(target=self._visit, args=(form,), daemon=True) for _ in range(VISITORS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _visit(self, form):
        while not self._over.is_set():
            form = form.for_another()
            while (told := form.send()).status == BROKEN:
                self.repeats[form.email] += 1
                time.sleep(0.05)
            self.told.append(told)

    def more(self, count):
        """Wait until so many more have their answer."""
        target = len(self.told) + count
        wait_until(lambda: len(self.told) >= target, f"{count} more answers", within=60)


def kill_workers(instance, *, kills=KILLS, module="nextevents.wsgi:app"):
    """Let visitors sign up while web workers are killed again and again; gives what the visitors noted."""
    chance = random.Random(number := random.randrange(2**32))
    print(f"seed {number}")
    slug = instance.slug_of(instance.make_event(capacity=None))
    with Web(instance, module=module) as web:
        with Rush(web, slug) as rush:
            for _ in range(kills):
                rush.more(ANSWERS_BETWEEN)
                time.sleep(chance.uniform(0, 0.05))
                with suppress(psutil.NoSuchProcess):
                    chance.choice(web.workers).kill()
            rush.more(ANSWERS_BETWEEN)
    return rush


def written(instance):
    """How many active registrations each address has."""
    return Counter(
        address
        for (address,) in instance.rows(
            "SELECT person.address FROM registration JOIN person ON person.id = person_id WHERE state = 'unconfirmed'"
        )
    )


def test_killed_web_workers_lose_no_answered_sign_up_and_repeats_double_none(instance):
    rush = kill_workers(instance)

    assert {told.is_registered for told in rush.told} == {True}
    assert rush.repeats, "no request was cut off, so nothing was tried"
    assert written(instance) == Counter(told.email for told in rush.told)
    mails = Counter(to for (to,) in instance.rows("SELECT recipient FROM message WHERE kind = 'confirm_address'"))
    assert mails == written(instance)


def test_control_answering_before_the_commit_loses_sign_ups(instance):
    rush = kill_workers(instance, kills=KILLS_OF_CONTROL, module="tests.faults.hasty:app")

    registered = {told.email for told in rush.told if told.is_registered}
    assert registered - written(instance).keys()
