"""An instance of one's own for each fault test, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.faults.instance import Instance, Templates


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Migrated databases to copy."""
    return Templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(params=DATABASES)
def instance(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Instance]:
    """An empty NExTevents; every test that asks for it runs on both databases."""
    made = Instance(request.param, templates.copy(request.param, tmp_path), tmp_path)
    yield made
    made.close()
