"""What forked processes begin with: all programs are read, and somebody has signed up once."""

import gc
import tempfile
import threading
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from flask import Flask

from nextevents.app import create_app
from nextevents.ground.database import db
from nextevents.ground.queue import Bell, bell
from nextevents.settings import from_environment
from tests import factories
from tests.faults import acts
from tests.faults.instance import SECRET, compiled, now

PROGRAMS = ("celery.bin.celery", "celery.bin.worker", "celery.concurrency.thread", "celery.worker.worker")
PROGRAMS += ("kombu.transport.filesystem", "kombu.transport.redis", "nextevents.mailing.lmtp")
PROGRAMS += ("gunicorn.app.wsgiapp", "gunicorn.workers.gthread")
TASKS = tuple(f"nextevents.{room}.tasks" for room in ("communities", "events", "mailing", "newsroom", "people"))


def sign_up_once(folder: Path) -> None:
    """Let everything be used that reads itself at its first use. Nothing stays open."""
    settings = from_environment(
        {"NEXTEVENTS_DATA": str(folder), "DATABASE_URL": f"sqlite:///{folder}/warm.db", "SECRET_KEY": SECRET}
    )
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        starts = now().replace(tzinfo=None) + timedelta(days=30)
        event, person = factories.make_event(starts=starts).id, factories.make_person("ada@stadt.example").id
        db.session.commit()
        db.session.remove()
    (told,) = acts.sign_up(app, event, [person])
    assert told.outcome == "confirmed", told
    with app.app_context():
        db.session.remove()
        db.engines[None].dispose()
    vars(bell).update(vars(Bell()))


Flask.jinja_options = {"bytecode_cache": compiled}
for name in PROGRAMS + TASKS:
    import_module(name)
with tempfile.TemporaryDirectory() as made:
    sign_up_once(Path(made))
assert threading.active_count() == 1, "a process with threads cannot be forked safely"
gc.collect()
gc.freeze()
