"""Moments, transactions and what waits for them, on a database where a commit is a commit."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from nextevents.app import create_app
from nextevents.communities.models import Community, Kind
from nextevents.ground.database import (
    READING,
    after_commit,
    attempted_twice,
    change_rows,
    db,
    insert_unless_there,
    is_postgresql,
    joined_up,
    transaction,
)
from nextevents.people.models import Feed, Person
from tests.conftest import DATABASES, new_database_url, settings_for
from tests.factories import NOON, make_community, make_person


@pytest.fixture(scope="module", params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with a database of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    application = create_app(settings_for(folder, new_database_url(request.param, folder)))
    with application.app_context():
        db.create_all()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def within(house: Flask) -> Iterator[None]:
    """An empty database, and a session as a worker has it."""
    with house.app_context():
        yield
        db.session.rollback()
        with transaction():
            for table in reversed(db.metadata.sorted_tables):
                db.session.execute(table.delete())


def names() -> list[str]:
    """What others see."""
    with db.engines[READING].connect() as other:
        return list(other.scalars(sa.select(Community.name).order_by(Community.name)))


def is_idle() -> bool:
    """Whether the session's connection has no transaction open, as its driver says."""
    driver = db.session.connection().connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection):
        return not driver.in_transaction
    return driver.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


# Moments


@pytest.mark.parametrize("hours", [0, 2, -11.5, 14])
def test_a_moment_comes_back_aware_and_in_utc_wherever_it_was_said(hours):
    moment = datetime(2026, 10, 25, 2, 30, 15, 123456, tzinfo=timezone(timedelta(hours=hours)))
    with transaction():
        number = make_person(proved=False).id
        change_rows(sa.update(Person).where(Person.id == number).values(proved_at=moment))

    found = db.session.scalar(sa.select(Person.proved_at).where(Person.id == number))

    assert (found, found.tzinfo) == (moment, UTC)


def test_a_moment_without_a_zone_is_refused():
    naive = datetime(2026, 11, 21, 12)

    with pytest.raises(StatementError, match="a moment needs a time zone"):
        db.session.execute(sa.update(Person).values(made_at=naive))


def test_moments_are_compared_as_moments():
    with transaction():
        person = make_person()
        person.proved_at = NOON
        db.session.flush()
    in_tokyo = timezone(timedelta(hours=9))
    before, after = ((NOON + timedelta(seconds=change)).astimezone(in_tokyo) for change in (-1, 1))

    found = [db.session.scalar(sa.select(Person.id).where(Person.proved_at > one)) for one in (before, after)]

    assert found == [person.id, None]


# Transactions


def test_a_transaction_is_seen_by_others_once_it_is_over():
    with transaction():
        make_community(name="Chatbot")
        inside = names()

    assert (inside, names()) == ([], ["Chatbot"])


def test_an_exception_undoes_all_of_it():
    with transaction():
        make_community(name="Chatbot")

    with suppress(ZeroDivisionError), transaction():
        make_community(name="Cloud")
        change_rows(sa.update(Community).values(name=Community.name + "!"))
        raise ZeroDivisionError

    assert names() == ["Chatbot"]


def test_a_broken_promise_of_the_database_undoes_all_of_it_too():
    with suppress(IntegrityError), transaction():
        make_community("chatbot", name="Chatbot")
        make_community("chatbot", name="Chatbot 2")

    assert names() == []


def test_what_waits_for_the_commit_happens_after_it_in_order():
    seen: list[object] = []
    with transaction():
        make_community(name="Chatbot")
        after_commit(lambda: seen.append(names()))
        after_commit(lambda: seen.append("second"))
        assert seen == []

    assert seen == [["Chatbot"], "second"]


def test_what_waits_for_a_commit_that_does_not_come_never_happens():
    seen: list[str] = []
    with suppress(ZeroDivisionError), transaction():
        after_commit(lambda: seen.append("undone"))
        raise ZeroDivisionError
    with transaction():
        make_community()

    assert seen == []


def test_a_transaction_begins_at_once_and_forgets_what_was_read_before():
    with transaction():
        number = make_community(name="Chatbot").id
    community = db.session.get(Community, number)
    with db.engines[None].begin() as other:
        other.execute(sa.update(Community).values(name="Chatbots", version=2))

    with transaction():
        seen = community.name
        begun = not is_idle()
        community.summary = "Neu."

    assert (seen, begun, names()) == ("Chatbots", True, ["Chatbots"])


def test_two_writers_who_read_first_both_get_through(house):
    """On SQLite a transaction that reads before it writes fails at once when somebody else wrote meanwhile."""
    with transaction():
        make_community(name="Chatbot")
    db.session.scalars(sa.select(Community.name)).all()
    with house.app_context(), transaction():
        make_community(name="Cloud")
    with transaction():
        make_community(name="Ethik")

    assert names() == ["Chatbot", "Cloud", "Ethik"]


# Two connections


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_reading_request_begins_nothing(house, method):
    with house.test_request_context("/", method=method):
        db.session.execute(sa.select(Community)).all()

        assert is_idle()


def test_reading_in_a_worker_begins_nothing():
    db.session.execute(sa.select(Community)).all()

    assert is_idle()


def test_a_writing_request_is_in_its_transaction_from_the_first_look(house):
    with house.test_request_context("/", method="POST"):
        db.session.execute(sa.select(Community)).all()
        assert not is_idle()
        with transaction():
            make_community(name="Chatbot")

    assert names() == ["Chatbot"]


# Trying again


def test_a_unit_whose_connection_broke_is_done_once_more():
    tries: list[int] = []

    def unit() -> list[str]:
        tries.append(1)
        with transaction():
            make_community(name="Chatbot")
            if len(tries) == 1:
                _break_connection()
        return names()

    assert (attempted_twice(unit), len(tries)) == (["Chatbot"], 2)


def _break_connection() -> None:
    """End our own connection on the server; SQLite has none, so there the driver's error is said."""
    if is_postgresql():
        db.session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    raise OperationalError("SELECT", {}, sqlite3.OperationalError("gone"), connection_invalidated=True)


def test_an_answer_stands_though_its_connection_breaks_before_it_is_given_back(house):
    with house.test_request_context("/", method="POST"):
        with transaction():
            make_community(name="Chatbot")
        db.session.connection().connection.dbapi_connection.close()
        db.session.remove()

    assert names() == ["Chatbot"]


def test_a_connection_that_breaks_twice_is_an_error():
    def unit() -> None:
        raise DBAPIError("SELECT", {}, sqlite3.OperationalError("gone"), connection_invalidated=True)

    with pytest.raises(DBAPIError):
        attempted_twice(unit)


def test_other_errors_are_not_tried_again():
    tries: list[int] = []

    def unit() -> None:
        tries.append(1)
        with transaction():
            make_community("chatbot")
            make_community("chatbot")

    with pytest.raises(IntegrityError):
        attempted_twice(unit)
    assert len(tries) == 1


# Statements


def test_inserting_what_is_there_changes_nothing():
    values = {
        "slug": "chatbot",
        "name": "Chatbot",
        "kind": Kind.COMMUNITY,
        "summary": "",
        "description": "",
        "position": 0,
    }
    with transaction():
        for name in ("Chatbot", "Chatbot 2"):
            db.session.execute(insert_unless_there(Community), [values | {"name": name, "version": 1}])

    assert names() == ["Chatbot"]


def test_changing_rows_says_how_many_and_leaves_objects_in_memory_alone():
    with transaction():
        communities = [make_community(name=name) for name in ("a", "b", "c")]
        touched = change_rows(sa.update(Community).where(Community.name < "c").values(summary="Neu"))
        deleted = change_rows(sa.delete(Community).where(Community.name == "c"))

    assert (touched, deleted, communities[0].summary) == (2, 1, "Worum es geht.")


def test_joined_up_rows_are_the_same_only_as_long_as_nothing_changes():
    def key() -> str | None:
        return db.session.scalar(sa.select(joined_up(Community.id, Community.version)))

    empty = key()
    with transaction():
        one = make_community()
        first = key()
        one.summary = "Neu"
        db.session.flush()
        second = key()
        make_community()
        third = key()

    assert (empty, first, second) == (None, f"{one.id}-1", f"{one.id}-2")
    assert third.startswith(f"{one.id}-2,")


def test_numbers_that_stand_in_links_are_never_given_again():
    with transaction():
        person = make_person()
        feeds = [Feed(person_id=person.id, made_at=NOON) for _ in range(2)]
        db.session.add_all(feeds)
        db.session.flush()
        last = feeds[-1].id
    with transaction():
        change_rows(sa.delete(Feed))
    with transaction():
        feed = Feed(person_id=person.id, made_at=NOON)
        db.session.add(feed)
        db.session.flush()
        assert feed.id > last


def test_the_number_of_an_erased_person_is_never_given_again():
    with transaction():
        last = make_person().id
    with transaction():
        change_rows(sa.delete(Person))
    with transaction():
        assert make_person().id > last


def test_who_points_at_a_row_that_is_not_there_is_refused():
    db.session.add(Feed(person_id=4711, made_at=NOON))

    with pytest.raises(IntegrityError):
        db.session.flush()
