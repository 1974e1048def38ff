"""One click in a process of its own: publish the draft of this environment, and say how long it took."""

import json
import os
import re
import time
from pathlib import Path

import psutil
from sqlalchemy import select

from nextevents.app import create_app
from nextevents.events.models import Event, Stage
from nextevents.events.services import publish_event
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.settings import from_environment


def main() -> None:
    """Publish it after the rest was loaded, so that only the click counts."""
    app = create_app(from_environment(os.environ))
    app.test_client().get("/veranstaltungen/")  # as a server that has answered before
    with app.test_request_context("/"):
        db.session.scalars(select(Event)).first()
        before = psutil.Process().memory_info().rss
        began = time.perf_counter()
        with transaction():
            publish_event(db.session.scalars(select(Event).where(Event.stage == Stage.DRAFT)).one(), at=clock.now())
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "growth": max(_peak() - before, 0) / 1e6}))


def _peak() -> int:
    """The most bytes this program has held; getrusage() counts what its parent held before starting it too."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024  # type: ignore[index]  # Linux has it


if __name__ == "__main__":
    main()
