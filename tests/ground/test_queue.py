"""The bell announces work and never troubles whoever rings; chores are done again and again."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app

from nextevents.app import create_app
from nextevents.ground.queue import BREAKER_SECONDS, QUIET_SECONDS, Bell, Chore, connect_queue, look_around
from tests.conftest import settings_for
from tests.services.process import free_port


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    """An application whose broker is the file system."""
    small = Flask("queue")
    connect_queue(small, redis_url="", data=tmp_path)
    with small.app_context():
        yield small


def announced(folder: Path) -> int:
    return len(list((folder / "broker").glob("*.msg")))


def test_a_ring_is_heard_by_name(house, tmp_path):
    Bell().ring("mailing.deliver_due")

    (message,) = (tmp_path / "broker").glob("*.msg")
    assert '"task": "mailing.deliver_due"' in message.read_text()
    assert house.extensions["celery"].conf.task_ignore_result


@pytest.mark.usefixtures("house")
def test_rings_that_follow_each_other_closely_are_one_and_other_names_are_others(tmp_path):
    bell = Bell()
    for _ in range(50):
        bell.ring("mailing.deliver_due")
    bell.ring("camp.publish")

    assert announced(tmp_path) == 2


@pytest.mark.usefixtures("house")
def test_after_a_short_quiet_the_bell_rings_again(tmp_path):
    bell = Bell()
    bell.ring("mailing.deliver_due")
    time.sleep(QUIET_SECONDS + 0.05)
    bell.ring("mailing.deliver_due")

    assert announced(tmp_path) == 2


def test_a_dead_broker_costs_whoever_rings_a_moment_once_and_then_nothing(tmp_path, caplog):
    house, bell = Flask("queue"), Bell()
    connect_queue(house, redis_url=f"redis://127.0.0.1:{free_port()}/0", data=tmp_path)
    with house.app_context(), caplog.at_level(logging.WARNING):
        began = time.monotonic()
        bell.ring("mailing.deliver_due")
        first = time.monotonic() - began
        for number in range(1000):
            bell.ring(f"task {number}")
        rest = time.monotonic() - began - first

    assert first < 3
    assert rest < 0.1
    assert [record.args[0] for record in caplog.records if "bell is silent" in record.message] == [BREAKER_SECONDS]


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(house, tmp_path, caplog):
    folder = tmp_path / "broker"
    house.extensions["celery"].conf.broker_transport_options = {
        "data_folder_in": folder / "control" / "gone",
        "data_folder_out": folder / "control" / "gone",
        "control_folder": folder / "control",
    }
    with caplog.at_level(logging.WARNING):
        Bell().ring("mailing.deliver_due")

    assert "the bell is silent" in caplog.text


def test_a_chore_that_fails_is_logged_and_done_again(app, caplog):
    done, stop = [], threading.Event()

    def work() -> None:
        done.append(len(done))
        if len(done) == 3:
            stop.set()
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        look_around(app, Chore("tests.failing", 0.001, work), stop)

    assert done == [0, 1, 2]
    assert caplog.text.count("chore tests.failing failed") == 3


def test_looking_around_ends_when_told_without_waiting_for_the_next_time(app):
    stop = threading.Event()
    thread = threading.Thread(target=look_around, args=(app, Chore("tests.slow", 3600, lambda: None), stop))
    thread.start()
    stop.set()
    thread.join(5)

    assert not thread.is_alive()


def test_tasks_run_within_the_application(tmp_path):
    application = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}"))

    @application.extensions["celery"].task(name="tests.who_am_i")
    def who_am_i() -> str:
        return current_app.name

    assert who_am_i() == "nextevents.app"
