"""What the database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.event import listen, remove


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects the statements that the database gets."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        remove(Engine, "before_cursor_execute", note)
