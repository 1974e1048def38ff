"""Workers die in the middle of an issue, servers hang, people change their mind: everybody gets it once."""

import os
import time

import pytest

from nextevents.ground import clock
from nextevents.ground.database import db
from nextevents.mailing import services
from nextevents.mailing.models import Campaign
from tests.faults import campaigns
from tests.faults.actors import ActFailedError, Actor, all_at_once
from tests.faults.campaigns import check, copies, doubtful, make_draft, make_issue, make_post, press, send_test_and_look
from tests.faults.instance import Worker, wait_until
from tests.faults.outbox import FORM, counts, let_leases_end
from tests.mailing.letters import BORDER
from tests.services.redis import Redis
from tests.services.smtp import FaultySMTP, Stage, answer_late, hang

READERS, FEWER = int(os.environ.get("CAMPAIGN_READERS", "300")), 120
#: Steps of typesetting, of writing and taking, each step of a mail, and some later ones; with many readers, many more:
#: a thousand steps are about 240 mails.
STEPS = (*range(1, 90, 8), 100, 101, 102, 103, 150, *(1000 + number for number in range(READERS // 400)))

#: Of reading a post and of writing its rows, and those of its mails.
POST_STEPS = (2, 8, 14, 20, 26, 32, 40, 60, 61, 62, 63)


@pytest.fixture
def smtp(instance):
    with FaultySMTP() as server:
        instance.environment["SMTP_URL"] = server.url
        yield server


def state(instance):
    return instance.value("SELECT state FROM campaign")


def decide(instance, act):
    with instance.door():
        act(db.session.get(Campaign, 1))


def test_killed_at_every_step_while_the_list_changes_everybody_gets_the_issue_once(instance, smtp):
    entitled = make_issue(instance, READERS)
    left = []
    for position, step in enumerate(STEPS):
        with Actor(instance, campaigns.work, step) as mortal, pytest.raises(ActFailedError, match="died"):
            mortal.result(within=60)
        let_leases_end(instance)
        if position % 4 == 0:
            left.append(leave(instance, smtp, entitled))
    with Actor(instance, campaigns.work) as last:
        last.result(within=600)

    check(instance, smtp, set(entitled) - set(left))
    assert state(instance) == "sent"
    assert len(doubtful(instance)) <= len(STEPS)
    assert sum(counts(instance).values()) in range(READERS - len(left), READERS + 1)


def test_real_workers_that_are_killed_while_redis_is_emptied_again_and_again_lose_nothing(instance, smtp):
    with Redis() as redis:
        instance.environment["REDIS_URL"] = redis.url
        entitled = make_issue(instance, READERS)
        with Worker(instance) as victim:
            smtp.wait_for(READERS // 3, within=60)
            redis.empty()
            victim.kill()
        let_leases_end(instance)
        with Worker(instance):
            while state(instance) != "sent":
                redis.empty()
                time.sleep(0.1)

    check(instance, smtp, entitled)
    assert len(doubtful(instance)) <= 3  # a worker has three rounds at the most: two by bell, one of its own


def leave(instance, smtp, entitled):
    """Let somebody go who has no mail yet."""
    got = copies(smtp).keys() | doubtful(instance)
    who = next(to for to in reversed(entitled) if to not in got)
    instance.change(
        "UPDATE subscription SET state = 'ended' WHERE mailbox_id = (SELECT id FROM mailbox WHERE address = :who)"
        " AND state = 'active'",
        who=who,
    )
    entitled.remove(who)
    return who


def test_killed_at_every_step_a_post_reaches_everybody_on_its_list_once(instance, smtp):
    """The control is that of an issue: the same rows, the same round."""
    instance.environment |= {"MAIL_BORDER": BORDER, "LIST_DOMAIN": "next.example"}
    entitled = make_post(instance, FEWER)
    for step in POST_STEPS:
        with Actor(instance, campaigns.pass_posts_on, step) as mortal, pytest.raises(ActFailedError, match="died"):
            mortal.result(within=60)
        let_leases_end(instance)
        instance.change("UPDATE inbound_mail SET attempts = 0")  # three deaths would leave the mail to a person
    all_at_once(instance, *[(campaigns.pass_posts_on,)] * 2)

    check(instance, smtp, {*entitled, "english@amt.example"})
    assert len(copies(smtp)) + len(doubtful(instance)) in range(FEWER + 1, FEWER + 2 + len(POST_STEPS))
    assert instance.value("SELECT count(*) FROM post WHERE passed_on_at IS NOT NULL") == 1


def test_released_by_two_and_started_by_three_workers_at_once_everybody_gets_it_once(instance, smtp):
    draft = make_draft(instance, FEWER)
    page = send_test_and_look(instance, draft)

    led_to = all_at_once(instance, *[(press, draft.number, draft.secret, page)] * 2)
    assert sorted(one.rpartition("/redaktion/")[2] for one in led_to) == ["1/senden/", "1/stand/"]
    all_at_once(instance, *[(campaigns.work,)] * 3)

    check(instance, smtp, draft.entitled)
    assert (doubtful(instance), counts(instance), state(instance)) == (set(), {"sent": FEWER}, "sent")


def test_control_with_the_checkpoint_before_the_send_some_get_nothing(instance, smtp):
    entitled = make_issue(instance, FEWER)
    smtp.always(answer_late(0.01))  # so that it dies within a portion
    with Actor(instance, campaigns.work_with_a_cursor):
        smtp.wait_for(20, within=60)
    smtp.always(None)
    let_leases_end(instance)
    campaigns.work(instance.app)

    assert set(entitled) - copies(smtp).keys() - doubtful(instance)


def test_a_server_that_hangs_costs_no_mail(instance, smtp):
    entitled = make_issue(instance, 120)
    smtp.next_messages(*[None] * 50, hang(Stage.DATA))
    with Actor(instance, campaigns.work):
        wait_until(lambda: smtp.incidents, "the server hanging", within=60)
    let_leases_end(instance)
    campaigns.work(instance.app)

    check(instance, smtp, entitled)
    assert len(doubtful(instance)) <= 1  # the one at which the worker was ended


@pytest.mark.parametrize(
    ("act", "word"), [(services.pause_campaign, "held"), (services.stop_campaign, "skipped")], ids=["paused", "stopped"]
)
def test_with_a_slow_server_it_is_over_within_ten_seconds(instance, smtp, act, word):
    make_issue(instance, 60)
    smtp.always(answer_late(0.3))
    with Actor(instance, campaigns.work):
        smtp.wait_for(3, within=60)
        decide(instance, act)
        pressed = time.monotonic()
        wait_until(lambda: counts(instance).keys() <= {"sent", word}, "nothing waiting", within=10)

        time.sleep(max(0.0, pressed + 1.5 - time.monotonic()))
        assert [mail for mail in smtp.mails if mail.ticks > pressed + 1] == []
    smtp.always(None)
    if word == "held":
        decide(instance, services.resume_campaign)
        campaigns.work(instance.app)
        assert sum(copies(smtp).values()) + len(doubtful(instance)) >= 60


def test_while_an_issue_leaves_slowly_a_code_leaves_within_five_seconds(instance, smtp):
    make_issue(instance, 60)
    smtp.always(answer_late(0.3))
    with Actor(instance, campaigns.work):
        smtp.wait_for(5, within=60)
        write_code(instance)
        asked = time.monotonic()
        wait_until(lambda: any("code@amt.example" in mail.recipients for mail in smtp.mails), "the code", within=10)

        assert time.monotonic() - asked < 5
        assert "queued" in counts(instance)


def write_code(instance):
    """Somebody wants to sign in."""
    with instance.door():
        services.post(
            services.Mail(
                kind="code", subject="x", recipient="code@amt.example", form=FORM, values={"name": "x"}, priority=0
            ),
            at=clock.now(),
        )
