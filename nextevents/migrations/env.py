"""How migrations reach the database: through the application's own engine."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Enum

from nextevents.ground.database import Moment

migrate = current_app.extensions["migrate"]
database = migrate.db


def in_plain_sql(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write our own kinds of columns as what the database knows, so that migrations do not change with the code."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_item=in_plain_sql,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
