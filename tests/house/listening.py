"""Hearing what is said to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

BEGUN = "BEGIN"
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", BEGUN)
_ABOUT_SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent to any database meanwhile, and BEGUN where a transaction that may write begins."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(_ABOUT_SAVEPOINTS):
            heard.append(statement)

    def hear_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            heard.append(BEGUN)

    event.listen(Engine, "before_cursor_execute", hear)
    event.listen(Engine, "begin", hear_begin)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
        event.remove(Engine, "begin", hear_begin)


def changes(heard: list[str]) -> list[str]:
    """Those that change something, or could."""
    return [statement for statement in heard if statement.lstrip().upper().startswith(CHANGES)]
