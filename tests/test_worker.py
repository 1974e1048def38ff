"""The worker's wiring: what can be rung for is registered, and every chore can be told apart."""

import json
import os
import subprocess
import sys

import pytest

from nextevents.mailing.services.posting import DELIVER_DUE

PROGRAM = """
import json
from nextevents import worker
from nextevents.ground.queue import chores
tasks = sorted(name for name in worker.celery.tasks if not name.startswith("celery."))
print(json.dumps([tasks, [[one.name, one.every] for one in chores], worker.celery.conf.broker_transport_options]))
"""


@pytest.fixture(scope="module")
def wiring(tmp_path_factory: pytest.TempPathFactory):
    """Tasks, chores and broker options of a worker that uses Redis."""
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ
        | {"NEXTEVENTS_DATA": str(tmp_path_factory.mktemp("worker")), "REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(said.stdout)


def test_everything_that_time_demands_is_done_by_the_worker(wiring):
    tasks, chores, _ = wiring

    assert tasks == [
        "files.read",
        DELIVER_DUE,
        "mailing.mail_came_back",
        "mailing.mail_came_in",
        "mailing.take_imports",
        "mailing.tend_campaigns",
        "newsroom.expand_campaigns",
        "newsroom.mail_came_to_lists",
    ]
    assert dict(chores) == {
        "nextevents.communities.tasks.close_workshops": 3600,
        "nextevents.communities.tasks.look_for_files": 30,
        "nextevents.events.tasks.call_circles": 60,
        "nextevents.events.tasks.fade": 3600,
        "nextevents.events.tasks.look_for_replies": 5,
        "nextevents.events.tasks.pass_on_seats": 20,
        "nextevents.events.tasks.remind": 60,
        "nextevents.events.tasks.remind_hosts": 3600,
        "nextevents.events.tasks.remind_voters": 300,
        "nextevents.mailing.tasks.forget_destinations": 300,
        "nextevents.mailing.tasks.free_abandoned": 30,
        "nextevents.mailing.tasks.give_up_expired": 60,
        "nextevents.mailing.tasks.look_after_campaigns": 2,
        "nextevents.mailing.tasks.look_for_bounces": 10,
        "nextevents.mailing.tasks.look_for_due": 2,
        "nextevents.mailing.tasks.look_for_imports": 30,
        "nextevents.newsroom.tasks.begin_campaigns": 5,
        "nextevents.newsroom.tasks.forget": 3600,
        "nextevents.newsroom.tasks.look_for_list_mails": 5,
        "nextevents.newsroom.tasks.send_digests": 300,
        "nextevents.people.tasks.forget": 3600,
    }
    assert len(chores) == len(dict(chores))


def test_with_redis_the_worker_waits_longer_for_news_than_whoever_rings(wiring):
    assert wiring[2] == {"socket_timeout": 10, "socket_connect_timeout": 2}
