"""Whether this instance can serve, in figures."""

from datetime import datetime
from functools import cache

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from ..ground.database import READING, db
from ..mailing import queries as mailing


@cache
def _newest_revision(folder: str) -> str | None:
    config = Config()
    config.set_main_option("script_location", folder)
    return ScriptDirectory.from_config(config).get_current_head()


def is_migrated() -> bool:
    """Whether the database is at the newest migration."""
    with db.engines[READING].connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == _newest_revision(current_app.extensions["migrate"].directory)


def metrics_text(at: datetime) -> str:
    """The outbox in Prometheus' text format."""
    oldest = mailing.oldest_due(at)
    age = (at - oldest).total_seconds() if oldest else 0
    lines = ["# HELP nextevents_messages Messages in the outbox by state.", "# TYPE nextevents_messages gauge"]
    lines += [f'nextevents_messages{{state="{state}"}} {count}' for state, count in mailing.counts_by_state().items()]
    lines += [
        "# HELP nextevents_outbox_age_seconds How long the oldest due message has been waiting.",
        "# TYPE nextevents_outbox_age_seconds gauge",
        f"nextevents_outbox_age_seconds {age:.0f}",
    ]
    return "\n".join(lines) + "\n"
