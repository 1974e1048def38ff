"""Redis dies, freezes, forgets, or never was: people are answered, mails leave, no worker is restarted (G12, G13)."""

import time
from http import HTTPStatus
from statistics import median

import pytest
import redis as client

from nextevents.mailing.services.posting import DELIVER_DUE
from tests.faults.instance import Web, Worker, wait_until
from tests.faults.visitor import BROKEN, ask, fill_in, new_address, sign_in
from tests.services.process import free_port
from tests.services.redis import Redis
from tests.services.smtp import FaultySMTP

#: One second of patience with Redis for each of its two connections, and what a sign-up takes on a busy machine.
#: Afterwards nobody asks Redis at all, so most are quicker than its patience.
FIRST, AFTERWARDS = 6.0, 1.5
UNTIL_SENT = 30.0

#: Redis knows of no database: on one is enough.
pytestmark = pytest.mark.parametrize("instance", ["postgresql"], indirect=True)


@pytest.fixture
def smtp(instance):
    with FaultySMTP() as server:
        instance.environment["SMTP_URL"] = server.url
        yield server


@pytest.fixture
def redis(instance):
    with Redis() as server:
        instance.environment["REDIS_URL"] = server.url
        yield server


@pytest.fixture
def event(instance):
    """The name of an event for as many as come."""
    return instance.slug_of(instance.make_event(capacity=None))


def sign_up_all_the_same(web, event, smtp):
    """Sign up again and again; everybody is answered soon and gets the mail."""
    form = fill_in(web.url, event)
    first, *others = [form.for_another().send() for _ in range(5)]

    assert all(told.is_registered for told in (first, *others))
    assert first.seconds < FIRST
    assert max(told.seconds for told in others) < FIRST
    assert median(told.seconds for told in others) < AFTERWARDS
    expect_mails(smtp, *(told.email for told in (first, *others)))


def expect_mails(smtp, *receivers):
    """Each of them gets one mail, soon."""
    wait_until(lambda: set(receivers) <= {to for _, to in smtp.copies}, "a mail for each", within=UNTIL_SENT)
    assert all(sum(receiver == to for _, to in smtp.copies.elements()) == 1 for receiver in receivers)


def is_heard(instance, redis):
    """Whether somebody takes what is announced now."""
    with instance.app.app_context():
        instance.app.extensions["celery"].send_task(DELIVER_DUE, ignore_result=True, retry=False)
    broker = client.Redis(port=redis.port)
    try:
        return broker.llen("celery") == 0
    finally:
        broker.close()


def test_redis_that_dies_freezes_and_forgets_costs_neither_mail_nor_patience(instance, redis, smtp, event):
    faults = ((redis.kill, redis.start), (redis.freeze, redis.thaw), (redis.empty, lambda: None))
    assert not is_heard(instance, redis)
    with Worker(instance):
        wait_until(lambda: is_heard(instance, redis), "a worker that listens", within=60)
        for hurt, heal in faults:
            with Web(instance, workers=1) as web:
                sign_up_all_the_same(web, event, smtp)
                hurt()
                sign_up_all_the_same(web, event, smtp)
                assert ask(f"{web.url}/veranstaltungen/{event}/").status == HTTPStatus.OK
                address = new_address()
                told = [sign_in(web.url, address), sign_in(web.url, new_address())]
                assert {one.status for one in told} == {HTTPStatus.SEE_OTHER}
                assert max(one.seconds for one in told) < FIRST
                expect_mails(smtp, address)
                heal()
            wait_until(lambda: is_heard(instance, redis), "the worker listening again", within=60, every=0.5)
    assert not instance.value("SELECT count(*) FROM message WHERE state <> 'sent'")


def test_without_any_redis_mails_leave_by_the_workers_own_look_into_the_database(instance, smtp, event):
    instance.environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    with Web(instance, workers=1) as web, Worker(instance):
        sign_up_all_the_same(web, event, smtp)


def test_control_a_worker_that_only_hears_the_bell_sends_nothing_without_redis(instance, smtp, event):
    instance.environment["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    with Web(instance, workers=1) as web, Worker(instance, module="tests.faults.deaf:celery") as worker:
        assert fill_in(web.url, event).send().is_registered
        wait_until(lambda: "Cannot connect to redis" in worker.log.read_text(), "the worker missing Redis", within=60)
        time.sleep(3)  # longer than the worker's own look takes to come round

        assert smtp.mails == []


def test_control_a_bell_without_limits_lets_people_wait_for_a_frozen_redis(instance, redis, event):
    with Web(instance, workers=1, module="tests.faults.unguarded:app") as web:
        form = fill_in(web.url, event)
        redis.freeze()

        assert form.send(patience=FIRST).status == BROKEN
