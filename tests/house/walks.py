"""Walks: what a kind of visitor gets at every door for reading, asked once for all tests that look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from tests.conftest import DATABASES
from tests.house.listening import statements
from tests.house.matrix import MAILS_ALONE, READING, Case
from tests.house.visitors import page_of
from tests.house.world import ACTORS, LEAD, OFFICE, House

#: What a page is made of and what is refused before it are the same on every database.
on_one_database = pytest.mark.parametrize("standing", ["sqlite"], indirect=True)
#: Each actor on one database, in turn: for what costs much and is decided by our code alone.
each_actor_once = pytest.mark.parametrize(
    ("standing", "actor"),
    [(DATABASES[number % 2], actor) for number, actor in enumerate(ACTORS)],
    indirect=["standing"],
)
#: Each actor at each door: those for whom most of them are open on both databases, the others on one, in turn.
each_actor_somewhere = pytest.mark.parametrize(
    ("standing", "actor"),
    [
        (name, actor)
        for number, actor in enumerate(ACTORS)
        for name in (DATABASES if actor in {LEAD, OFFICE} else DATABASES[number % 2 :][:1])
    ],
    indirect=["standing"],
)


@dataclass(frozen=True)
class Walk:
    """All answers, and what the database heard meanwhile."""

    answers: list[tuple[Case, TestResponse]]
    heard: list[str]

    def pages(self) -> Iterator[tuple[Case, BeautifulSoup]]:
        """The pages of ours, taken apart; no files, no redirections, no mails in their frames."""
        for case, answer in self.answers:
            if answer.mimetype == "text/html" and not answer.location and case.endpoint not in MAILS_ALONE:
                yield case, page_of(answer)


@cache
def walk(house: House, actor: str, method: str = "GET") -> Walk:
    """Through all doors of a house that nobody changes."""
    visitor = house.visitor(actor)
    with statements() as heard:
        answers = [(case, visitor.open(case.path(house), method=method)) for case in READING]
    return Walk(answers, list(heard))


__all__ = ["Walk", "each_actor_once", "each_actor_somewhere", "on_one_database", "walk"]
