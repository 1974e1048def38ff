"""A running NExTevents for all browser tests of a process, and visitors under watch."""

import os
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.live import Live
from tests.browser.scene import Scene
from tests.browser.visiting import Visitors
from tests.services import chromium, postgresql


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """What `nextevents run` starts: SQLite, Celery over the file system, demo data."""
    with Live(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="session")
def live_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The same on PostgreSQL."""
    url = postgresql.create_database(os.environ["TEST_POSTGRESQL"], f"live_{uuid.uuid4().hex}")
    with Live(tmp_path_factory.mktemp("live"), url) as running:
        yield running


@pytest.fixture(scope="session")
def scene(live: Live) -> Scene:
    """Somebody with a registration in every state and a mail of every kind."""
    return Scene(live)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the whole session: Playwright's loop would be in the way of other tests."""
    with sync_playwright() as playwright, chromium.browser(playwright) as running:
        yield running


@pytest.fixture
def visitors(browser: Browser, live: Live) -> Iterator[Visitors]:
    """Visitors of the instance on SQLite. Nothing may happen in their browsers that should not."""
    arriving = Visitors(browser, live)
    yield arriving
    assert arriving.leave() == []
