"""Whether this instance can serve, in figures."""

from datetime import datetime
from functools import cache

from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from ..ground.database import MIGRATIONS, read_row
from ..mailing import queries as mailing

_CURRENT = text("SELECT version_num FROM alembic_version")


@cache
def _newest_revision() -> str:
    """The number that leads the name of the newest migration: 0001_the_foundation.py."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def is_migrated() -> bool:
    """Whether the database is at the newest migration."""
    try:
        return bool(read_row(_CURRENT)[0] == _newest_revision())
    except (NoResultFound, ProgrammingError):  # an empty database
        return False


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
