"""A control: the pages of NExTevents with transactions that begin without the write lock."""

from sqlalchemy.engine import Connection

from nextevents.ground import database


def begin(connection: Connection) -> None:
    """Begin as SQLite does unless it is told otherwise."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN")


database._begin_immediately = begin  # noqa: SLF001  # the guard that is removed

from nextevents.wsgi import app  # noqa: E402  # only now

__all__ = ["app"]
