"""What stands in a database comes through the steps of the schema whole."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate, upgrade

from nextevents.app import create_app
from nextevents.ground.database import MIGRATIONS, db
from tests.conftest import DATABASES, new_database_url, settings_for

BEFORE = "0006"
NUMBERED = ("person", "community", "event")
#: What a row needs if nothing else is said of a column of that kind.
PLAIN: dict[type, object] = {
    bool: False,
    int: 1,
    str: "",
    bytes: b"",
    date: date(2026, 5, 1),
    datetime: datetime(2026, 5, 1, 9),
}


def times() -> dict[str, Any]:
    """An hour."""
    starts, ends = datetime(2026, 6, 1, 12), datetime(2026, 6, 1, 13)
    return {"starts_local": starts, "ends_local": ends, "starts_at": starts, "ends_at": ends}


#: A row more.
NEW: dict[str, dict[str, Any]] = {
    "person": dict.fromkeys(("address", "address_key", "typed_address"), "neu@amt.example"),
    "community": {"slug": "neu", "name": "Neu", "kind": "community"},
    "event": {"slug": "neu", "uid": "neu", "stage": "draft", **times()},
}


@pytest.fixture(scope="module", params=DATABASES)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An instance whose database was made at an earlier step, got rows, and came to the newest one."""
    folder = tmp_path_factory.mktemp(request.param)
    app = create_app(settings_for(folder, new_database_url(request.param, folder)))
    with app.app_context():
        Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
        upgrade(revision=BEFORE)
        with db.engine.begin() as connection:
            fill(connection)
        upgrade()
        yield app
        for engine in db.engines.values():
            engine.dispose()


def fill(connection: sa.Connection) -> None:
    """Three of each numbered kind, of which the last one is deleted, and things that hang on them."""
    for number in (1, 2, 3):
        address = f"person-{number}@musterhafen.example"
        put(
            connection, "person", address=address, address_key=address, typed_address=address, proved_at=PLAIN[datetime]
        )
        put(connection, "community", slug=f"kreis-{number}", name=f"Kreis {number}", kind="community")
        put(connection, "event", slug=f"termin-{number}", uid=f"uid-{number}", stage="published", **times())
        for kind in NUMBERED:
            put(connection, "audit_entry", action="made", subject=f"{kind}:{number}")
    put(connection, "belonging", community_id=1, person_id=1, gets_mail=True)
    put(connection, "belonging", community_id=1, person_id=2, gets_mail=False)
    put(connection, "registration", event_id=1, person_id=1, state="confirmed", has_seat=True)
    put(connection, "call", event_id=1, person_id=1, answer="accepted")
    put(connection, "poll", community_id=1, title="Wann?", votes_shown="everybody")
    put(connection, "poll_option", poll_id=1, **times())
    for name, kind in (("folien.pdf", "application/pdf"), ("bild.png", "image/png")):
        put(connection, "file", name=name, content_type=kind, content=b"x", size=1)
    put(connection, "material", event_id=1, kind="file", title="STRASSE", text="Fu\u0308r alle", file_id=1)
    put(connection, "material", event_id=1, kind="file", title="Bild", file_id=2)
    put(connection, "result", community_id=1, slug="leitfaden", title="Leitfaden")
    for table in NUMBERED:
        connection.execute(sa.text(f"DELETE FROM {table} WHERE id = 3"))  # noqa: S608 - our own names


def put(connection: sa.Connection, table: str, **values: object) -> None:
    """A row with these values, and plain ones wherever there must be one."""
    columns = sa.inspect(connection).get_columns(table)
    needed = {
        one["name"]: {} if isinstance(one["type"], sa.JSON) else PLAIN[one["type"].python_type]
        for one in columns
        if not one["nullable"] and one["default"] is None and one["name"] != "id"
    }
    found = sa.table(table, *(sa.column(one["name"], one["type"]) for one in columns))
    connection.execute(found.insert().values(needed | values))


def rows(question: str) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(question))]


def test_no_row_is_lost_and_the_database_is_whole(upgraded):
    tables = (*NUMBERED, "belonging", "registration", "call", "poll", "poll_option", "file", "material", "result")

    found = {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}  # noqa: S608 - our own names

    assert found == dict.fromkeys((*NUMBERED, "belonging", "file", "material"), 2) | dict.fromkeys(
        ("registration", "call", "poll", "poll_option", "result"), 1
    )
    if db.engine.dialect.name == "sqlite":
        assert rows("PRAGMA integrity_check") == [("ok",)]
        assert rows("PRAGMA foreign_key_check") == []


def test_what_was_there_is_found_by_its_words(upgraded):
    assert rows("SELECT title, search_text FROM material ORDER BY id") == [
        ("STRASSE", "strasse\nfür alle"),
        ("Bild", "bild\n"),
    ]
    assert rows("SELECT file_id, attempts, due_at IS NOT NULL FROM file_text") == [(1, 0, True)]


def test_whoever_wanted_mails_is_on_the_list(upgraded):
    assert rows(
        "SELECT mailbox.address, mailing_list.subject, subscription.state FROM subscription"
        " JOIN mailbox ON mailbox.id = mailbox_id JOIN mailing_list ON mailing_list.id = list_id"
    ) == [("person-1@musterhafen.example", "community:1", "active")]


@pytest.mark.parametrize(("table", "values"), NEW.items())
def test_no_number_comes_again(upgraded, table, values):
    """Not that of the third row, deleted before, which only a deed knows; nor that of one deleted since."""
    with db.engine.connect() as connection:
        put(connection, table, **values)
        first = connection.execute(sa.text(f"SELECT max(id) FROM {table}")).scalar_one()  # noqa: S608
        connection.execute(sa.text(f"DELETE FROM {table} WHERE id = {first}"))  # noqa: S608
        put(connection, table, **values)
        second = connection.execute(sa.text(f"SELECT max(id) FROM {table}")).scalar_one()  # noqa: S608
        connection.rollback()

    assert (first, second) == (4, 5)
