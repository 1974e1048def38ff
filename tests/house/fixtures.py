"""The world as fixtures: one to look at, and one in which everything is undone after the test."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.conftest import DATABASES
from tests.factories import NOON
from tests.house.world import House


@pytest.fixture(autouse=True)
def world_clock(at_noon: time_machine.TimeMachineFixture) -> time_machine.TimeMachineFixture:
    """It is noon on 21 November 2026, until the test travels on."""
    return at_noon


_built: dict[str, House] = {}


@pytest.fixture(scope="session", params=DATABASES)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house as it stands, on its own connections, built once in a test process. For tests that only look."""
    if request.param not in _built:
        with time_machine.travel(NOON, tick=False):
            _built[request.param] = House(request.param, tmp_path_factory.mktemp(f"house-{request.param}"))
    house = _built[request.param]
    yield house
    house.close()


@pytest.fixture
def house(standing: House) -> Iterator[House]:
    """The house for tests that change something: all of it is undone afterwards."""
    with standing.undone():
        yield standing
