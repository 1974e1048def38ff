"""Visitors who sign up one after the other while something goes wrong."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self

from tests.faults.instance import Instance, Web, wait_until
from tests.faults.visitor import BROKEN, Form, Told, fill_in


@dataclass
class Rush:
    """Nobody gives up before an answer has come, and whoever is asked to come again does, with the same form."""

    web: Web
    slug: str
    visitors: int = 8
    #: The last answer to each form.
    told: list[Told] = field(default_factory=list)
    #: Answers that asked to come again.
    put_off: list[Told] = field(default_factory=list)
    #: How often each form was cut off without an answer.
    cut_off: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        form = fill_in(self.web.url, self.slug)
        self._threads = [threading.Thread(target=self._visit, args=(form,), daemon=True) for _ in range(self.visitors)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _visit(self, form: Form) -> None:
        while not self._over.is_set():
            form = form.for_another()
            while (told := form.send()).status in {BROKEN, HTTPStatus.SERVICE_UNAVAILABLE}:
                if told.status == BROKEN:
                    self.cut_off[form.email] += 1
                else:
                    self.put_off.append(told)
                time.sleep(0.05)
            self.told.append(told)

    def more(self, count: int) -> None:
        """Wait until so many more have their answer."""
        target = len(self.told) + count
        wait_until(lambda: len(self.told) >= target, f"{count} more answers", within=90)


def check_ledger(instance: Instance, rush: Rush) -> None:
    """Everybody was told of success, and each has one registration and one mail to prove the address by."""
    refused = {told.status: f"{told.location} {told.text}" for told in rush.told if not told.is_registered}
    assert not refused, refused
    expected = Counter(told.email for told in rush.told)
    assert registered(instance) == expected
    mails = Counter(to for (to,) in instance.rows("SELECT recipient FROM message WHERE kind = 'confirm_address'"))
    assert mails == expected


def registered(instance: Instance) -> Counter[str]:
    """How many registrations each address has."""
    rows = instance.rows("SELECT address FROM registration JOIN person ON person.id = person_id")
    return Counter(address for (address,) in rows)
