"""Web workers die in the middle of their work: what was answered stands, what was repeated stands once (G4, G5)."""

import random
import time
from contextlib import suppress

import psutil

from tests.faults.instance import Web
from tests.faults.rush import Rush, check_ledger, registered

ANSWERS_BETWEEN = 20


def kill_workers(instance, *, kills, module="nextevents.wsgi:app"):
    """Let visitors sign up while web workers are killed again and again; gives what the visitors noted."""
    chance = random.Random(number := random.randrange(2**32))
    print(f"seed {number}")
    slug = instance.slug_of(instance.make_event(capacity=None))
    with Web(instance, module=module) as web, Rush(web, slug) as rush:
        for _ in range(kills):
            rush.more(ANSWERS_BETWEEN)
            time.sleep(chance.uniform(0, 0.05))
            with suppress(psutil.NoSuchProcess):
                chance.choice(web.workers).kill()
        rush.more(ANSWERS_BETWEEN)
    return rush


def test_killed_web_workers_lose_no_answered_sign_up_and_repeats_double_none(instance):
    rush = kill_workers(instance, kills=5)

    assert rush.cut_off, "no request was cut off, so nothing was tried"
    assert rush.put_off == []
    check_ledger(instance, rush)


def test_control_answering_before_the_commit_loses_sign_ups(instance):
    rush = kill_workers(instance, kills=3, module="tests.faults.hasty:app")

    assert {told.email for told in rush.told if told.is_registered} - registered(instance).keys()
