"""The database: one declarative base, two ways to reach it, and the transaction that doors open.

Reading takes a connection that never begins anything. Writing begins at once, and on SQLite takes the write lock
with BEGIN IMMEDIATE: a transaction that read first and wants to write later fails there with SQLITE_BUSY_SNAPSHOT,
whatever the busy timeout says.
"""

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, current_app, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Insert,
    MetaData,
    Row,
    String,
    UpdateBase,
    bindparam,
    event,
    func,
    select,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, registry
from sqlalchemy.types import TypeDecorator

READING = "reading"
MIGRATIONS = Path(__file__).parent.parent / "migrations"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOST_RACES = frozenset({"40001", "40P01"})
RETRY_SECONDS = 0.5

#: For tables whose row numbers stand in tokens: SQLite would give a deleted row's number to the next one.
NUMBERS_NEVER_COME_AGAIN = {"sqlite_autoincrement": True}

Result = TypeVar("Result")


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; SQLite keeps no zone, so it gets UTC without one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Tables with named constraints and our own kinds of columns."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            },
        ),
        type_annotation_map={
            datetime: Moment,
            Enum: EnumColumn(
                Enum, native_enum=False, length=20, values_callable=lambda kind: [one.value for one in kind]
            ),
        },
    )


class RoutedSession(Session):
    """Reads on the reading connection, unless this is a writing request or a transaction is open."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **options: Any) -> Engine | Connection:
        """Choose the connection by what the request or the door intends."""
        del mapper, clause, options
        if bind is not None:
            return cast("Engine | Connection", bind)
        is_writing = self.info.get("writing") or (has_request_context() and request.method not in SAFE_METHODS)
        return self._db.engines[None if is_writing else READING]

    def close(self) -> None:
        """Give the connection back. One that broke meanwhile changes nothing about an answer already made."""
        with suppress(DBAPIError):
            super().close()


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"class_": RoutedSession, "expire_on_commit": False},
)


if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """What db.Model is, said so that types can be checked."""

else:
    Model = db.Model


def connect_database(app: Flask) -> None:
    """Give the application its engines. Nothing is connected yet."""
    db.init_app(app)
    with app.app_context():
        engine = db.engines[None]
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_immediately)
        engines = cast("dict[str | None, Engine]", db.engines)
        engines[READING] = engine.execution_options(isolation_level="AUTOCOMMIT")


def upgrade_database() -> None:
    """Bring the current application's database to the newest migration. Harmless to repeat."""
    from flask_migrate import Migrate, upgrade  # noqa: PLC0415 - 12 MB that a running process does not need

    Migrate(current_app, db, directory=str(MIGRATIONS), render_as_batch=True)
    upgrade()


def engine_options(database_url: str) -> dict[str, Any]:
    """How to connect: bounded pools and waits (guarantee G15), durable SQLite (G17)."""
    if database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": 10}}
    limits = "-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"
    return {
        "pool_size": 5,
        "max_overflow": 5,
        "pool_timeout": 5,
        "connect_args": {"options": limits, "connect_timeout": 5},
    }


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.create_function("lower", 1, _lower, deterministic=True)  # its own one leaves umlauts (bad input 14)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin_immediately(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        with _turn(connection.engine.url.database):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _turn(database: str | None) -> Iterator[None]:
    """Let writers queue up: SQLite's own waiting asks ever more rarely, so whoever waits long loses to newcomers."""
    if not database or database == ":memory:":
        yield
        return
    with Path(f"{database}-turn").open("ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        yield


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing, for doors. Commits at the end, undoes everything on an exception.

    What must wait for the commit is handed to after_commit() inside.
    """
    session = db.session()
    if not _is_writing_request():
        session.rollback()
    session.info["writing"] = True
    waiting = session.info.setdefault("after_commit", [])
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        waiting.clear()
        raise
    finally:
        session.info["writing"] = False
    while waiting:
        waiting.pop(0)()


def _is_writing_request() -> bool:
    return has_request_context() and request.method not in SAFE_METHODS


def after_commit(call: Callable[[], object]) -> None:
    """Do something once the open transaction has been committed, and never if it is undone."""
    db.session().info.setdefault("after_commit", []).append(call)


def attempted_twice(unit: Callable[[], Result]) -> Result:
    """Run a whole idempotent unit, and once more if the connection broke or a race was lost (guarantee G15).

    The unit opens its own transaction and must be harmless to repeat: whether a lost COMMIT took effect is found
    out by the unit itself, by the unique key it writes.
    """
    try:
        return unit()
    except DBAPIError as error:
        if not (error.connection_invalidated or getattr(error.orig, "sqlstate", None) in LOST_RACES):
            raise
        db.session.rollback()
        return unit()


def attempted_patiently(unit: Callable[[], Result], *, seconds: float) -> Result:
    """Run a whole idempotent unit, again and again for so long, until the database is back (guarantee G15).

    For workers, which hold what nobody else knows; no door waits so long. The unit must be harmless to repeat.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return unit()
        except OperationalError:
            db.session.rollback()
            if time.monotonic() > until:
                raise
            time.sleep(RETRY_SECONDS)


def insert_unless_there(model: type[Any], *key: InstrumentedAttribute[Any]) -> Insert:
    """An INSERT that does nothing where a unique key already holds the place (style, habit 4).

    Where many rows are written, naming the key spares the look into every other one.
    """
    flavour = postgresql if is_postgresql() else sqlite
    return cast("Insert", flavour.insert(model).on_conflict_do_nothing(index_elements=key or None))


def insert_many_unless_there(model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, past the session, as insert_unless_there() does; in one go.

    PostgreSQL gets a column at a time: a statement for each row costs thrice the time, and memory that its library
    gives back to nobody.
    """
    statement = insert_unless_there(model.__table__)
    if not is_postgresql():
        db.session.execute(statement, rows)
        return
    columns = [model.__table__.c[name] for name in rows[0]]
    arrays = [
        bindparam(f"all_{one.name}", [row[one.name] for row in rows], postgresql.ARRAY(one.type)) for one in columns
    ]
    db.session.execute(statement.from_select(columns, select(*(func.unnest(one) for one in arrays))))


def read_row(statement: Executable, **values: object) -> Row[Any]:
    """One row, past the session and in a third of its time: for the keys of kept pages, asked for at each visit.

    Statements are made once and hold bindparam() for what changes. Raises NoResultFound where there is no row. A
    connection that broke meanwhile is replaced by a new one.
    """

    def read() -> Row[Any]:
        with _reading_connection() as connection:
            return connection.execute(statement, values).one()

    return attempted_twice(read)


def _reading_connection() -> AbstractContextManager[Connection]:
    bind: Engine | Connection = db.engines[READING]
    return nullcontext(bind) if isinstance(bind, Connection) else bind.connect()


def change_rows(statement: UpdateBase) -> int:
    """Run an UPDATE or DELETE past the objects in memory; returns how many rows it touched."""
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount


def joined_up(*columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """All rows' values of these columns in one string: the same string means that nothing has changed."""
    first, *others = (cast_to(column, String) for column in columns)
    joined: ColumnElement[str] = first
    for other in others:
        joined = joined.concat("-").concat(other)
    return func.aggregate_strings(joined, ",")


def is_postgresql() -> bool:
    """Whether rows can be held one by one; SQLite holds the whole database while writing."""
    return db.engines[None].dialect.name == "postgresql"
