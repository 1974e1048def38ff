"""A control: the pages of NExTevents that have never heard of a database that restarts."""

from nextevents.ground.database import db
from nextevents.wsgi import app

__all__ = ["app"]

app.error_handler_spec[None][None].clear()
with app.app_context():
    for engine in {db.engines[None], *db.engines.values()}:
        engine.pool._pre_ping = False  # noqa: SLF001  # the guard that is removed
