"""The world as fixtures: one to look at, and one in which everything is undone after the test."""

from collections.abc import Callable, Iterator

import pytest
import time_machine

from tests.conftest import DATABASES
from tests.factories import NOON
from tests.house.world import House


@pytest.fixture(autouse=True)
def world_clock(at_noon: time_machine.TimeMachineFixture) -> time_machine.TimeMachineFixture:
    """It is noon on 21 November 2026, until the test travels on."""
    return at_noon


@pytest.fixture(scope="session")
def house_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], House]]:
    """Gives the house on a database of that kind: one for all tests of the process, whatever order they come in."""
    built: dict[str, House] = {}

    def house_on_it(kind: str) -> House:
        if kind not in built:
            with time_machine.travel(NOON, tick=False):
                built[kind] = House(kind, tmp_path_factory.mktemp(f"house-{kind}"))
        return built[kind]

    yield house_on_it
    for house in built.values():
        house.close()


@pytest.fixture(scope="session", params=DATABASES)
def standing(request: pytest.FixtureRequest, house_on: Callable[[str], House]) -> House:
    """The house as it stands, on its own connections. For tests that only look."""
    return house_on(request.param)


@pytest.fixture
def house(standing: House) -> Iterator[House]:
    """The house for tests that change something: all of it is undone afterwards."""
    with standing.undone():
        yield standing
