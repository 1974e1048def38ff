"""Workers die, mail servers fail: no mail is lost, none that was answered is doubled, the rest is marked."""

import random
import signal
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nextevents.events import services as events
from nextevents.events.services import registration
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.mailing import carrier, services
from nextevents.mailing.forms import FormDraft
from nextevents.people.models import Person
from tests.faults import acts, postman
from tests.faults.actors import ActFailedError, Actor, all_at_once
from tests.faults.instance import Worker, event_of, now, wait_until
from tests.faults.outbox import check_ledger, counts, doubled, let_leases_end, uncertain, write, written
from tests.services.smtp import FaultySMTP, Stage, answer_late, drop, hang, refuse, trickle


@pytest.fixture
def smtp(instance):
    with FaultySMTP() as server:
        instance.environment["SMTP_URL"] = server.url
        yield server


# ── Workers that die ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_four_hundred_mails_survive_workers_that_are_killed_again_and_again(instance, smtp):
    chance = random.Random(number := random.randrange(2**32))
    print(f"seed {number}")
    write(instance, 400)
    smtp.always(answer_late(0.003))  # so that not all have left before somebody looks
    kills = 0
    while len(smtp.mails) < 300:
        is_real = kills % 4 == 0
        target = len(smtp.mails) + chance.randint(10, 60)
        with Worker(instance) if is_real else Actor(instance, postman.keep_delivering) as victim:
            wait_until(lambda target=target: len(smtp.mails) >= target, f"{target} mails", within=60, every=0.005)
            time.sleep(chance.uniform(0, 0.01))
            victim.kill()
        kills += 1
        let_leases_end(instance)
    smtp.always(None)
    with Worker(instance):
        wait_until(lambda: counts(instance) == {"sent": 400}, "all sent", within=90)

    check_ledger(instance, smtp)
    assert kills >= 5
    assert len(uncertain(instance)) <= 3 * kills  # a worker has three rounds at the most: two by bell, one of its own


def test_workers_side_by_side_send_each_mail_once(instance, smtp):
    write(instance, 300)

    all_at_once(instance, (postman.deliver,), (postman.deliver,), (postman.deliver,))

    assert counts(instance) == {"sent": 300}
    assert smtp.copies == Counter(written(instance))
    assert uncertain(instance) == set()


def test_control_sending_before_the_claim_is_committed_doubles(instance, smtp):
    write(instance, 300)

    all_at_once(instance, *[(postman.deliver_before_the_claim_is_committed,)] * 3)

    assert doubled(smtp)


def test_control_moving_the_checkpoint_before_the_send_loses(instance, smtp):
    write(instance, 300)
    smtp.always(answer_late(0.01))  # so that it dies within a portion

    with Actor(instance, postman.deliver_with_the_checkpoint_first):
        smtp.wait_for(20, within=60)
    smtp.always(None)
    let_leases_end(instance)
    postman.deliver(instance.app)

    assert written(instance) - smtp.copies.keys()


def freeze_over_a_lease(instance, smtp, act, stage):
    """Freeze a worker while it waits for the server, let another do all the work, and thaw it."""
    write(instance, 60)
    smtp.next_messages(*[None] * 19, answer_late(1.0, stage))
    with Actor(instance, act) as zombie:
        wait_until(lambda: smtp.incidents, "the twentieth mail")
        zombie.send(signal.SIGSTOP)
        let_leases_end(instance)
        postman.deliver(instance.app)
        before = instance.rows("SELECT * FROM message ORDER BY id")
        zombie.send(signal.SIGCONT)
        zombie.result(within=60)
    return before


@pytest.mark.parametrize("stage", [Stage.DATA, Stage.STORED])
def test_a_worker_that_wakes_up_after_its_lease_writes_nothing_and_sends_nothing_more(instance, smtp, stage):
    before = freeze_over_a_lease(instance, smtp, postman.deliver, stage)

    assert instance.rows("SELECT * FROM message ORDER BY id") == before
    check_ledger(instance, smtp)
    assert counts(instance) == {"sent": 60}
    assert len(uncertain(instance)) == 1


def test_control_without_fencing_a_worker_that_wakes_up_doubles(instance, smtp):
    freeze_over_a_lease(instance, smtp, postman.deliver_without_fencing, Stage.STORED)

    assert doubled(smtp) - uncertain(instance)


# ── Mail servers that fail ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def time_passes(monkeypatch):
    """A clock that the test puts forward."""
    offset = timedelta(0)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + offset)

    def put_forward(by):
        nonlocal offset
        offset += by

    return put_forward


@pytest.fixture
def short_waits(monkeypatch):
    """Patience that is over within a test."""
    for name in ("CONNECT_SECONDS", "COMMAND_SECONDS", "FINAL_REPLY_SECONDS"):
        monkeypatch.setattr(carrier, name, 1.0)


def deliver_until_settled(instance, time_passes):
    """Let half a day go by with a worker at work."""
    for _ in range(4):
        time_passes(timedelta(hours=3))
        with instance.door():
            services.free_abandoned(at=clock.now())
            services.repeat_uncertain(at=clock.now())
        postman.deliver(instance.app)


LATER, NEVER = "451 4.3.0 later", "550 5.7.1 never"
AT_MESSAGES = {
    "queued": [
        *(refuse(Stage.MAIL, words) for words in (LATER, NEVER)),
        hang(Stage.DATA),
    ],
    "deferred": [
        *(refuse(stage, LATER) for stage in (Stage.RCPT, Stage.DATA, Stage.DOT)),
        *(refuse(stage, "421 4.3.2 closing") for stage in (Stage.RCPT, Stage.DATA)),
    ],
    "failed": [refuse(stage, NEVER) for stage in (Stage.RCPT, Stage.DATA, Stage.DOT)],
    "uncertain": [drop(Stage.BODY), drop(Stage.DOT), drop(Stage.STORED), hang(Stage.DOT), answer_late(3.0)],
    # A connection that was kept too long is made anew.
    "sent": [
        answer_late(0.2),
        refuse(Stage.MAIL, "421 4.3.2 closing"),
        *(drop(stage) for stage in (Stage.MAIL, Stage.RCPT, Stage.DATA)),
    ],
}


@pytest.mark.parametrize(
    ("instance", "pipelining"),
    [("sqlite", True), ("postgresql", False)],
    indirect=["instance"],
    ids=["pipelining", "command by command"],
)
@pytest.mark.parametrize("state", AT_MESSAGES)
@pytest.mark.usefixtures("short_waits")
def test_a_mail_that_fails_is(instance, time_passes, state, pipelining):
    for fault in AT_MESSAGES[state]:
        with FaultySMTP(pipelining=pipelining) as server:
            instance.app.config["SMTP_URL"] = server.url
            first, second, third = write(instance, 3)
            server.next_messages(None, fault)

            postman.deliver(instance.app)

            assert [incident.fault for incident in server.incidents] == [fault]
            was_stored = fault.stage is Stage.STORED
            others = "queued" if state == "queued" else "sent"
            assert states(instance, first, second, third) == ["sent", state, others], fault
            assert copies(server, second) == (was_stored or state == "sent"), fault

            deliver_until_settled(instance, time_passes)

            expected = {"failed": 0, "uncertain": 1 + was_stored}.get(state, 1)
            assert states(instance, second) == ["failed" if state == "failed" else "sent"], fault
            assert [copies(server, to) for to in (first, second, third)] == [1, expected, 1], fault
            contents = {mail.content for mail in server.mails if second in mail.recipients}
            assert len(contents) <= 1, fault


def states(instance, *receivers):
    """The states of the mails to these receivers."""
    found = dict(instance.rows("SELECT recipient, state FROM message"))
    return [found[to] for to in receivers]


def copies(server, receiver):
    """How many mails the server stored for a receiver."""
    return sum(receiver in mail.recipients for mail in server.mails)


@pytest.mark.parametrize(
    ("instance", "fault"),
    [
        ("sqlite", refuse(Stage.GREETING, "421 busy")),
        ("postgresql", drop(Stage.GREETING)),
        ("postgresql", hang(Stage.GREETING)),
        ("sqlite", drop(Stage.EHLO)),
    ],
    indirect=["instance"],
    ids=["refuses", "hangs up", "is silent", "hangs up at EHLO"],
)
@pytest.mark.usefixtures("short_waits")
def test_a_server_that_cannot_be_used_costs_no_mail_a_try(instance, smtp, time_passes, fault):
    write(instance, 20)
    smtp.next_connections(fault)

    postman.deliver(instance.app)
    postman.deliver(instance.app)

    assert (counts(instance), smtp.connections) == ({"queued": 20}, 1)
    time_passes(timedelta(minutes=2))
    postman.deliver(instance.app)
    assert smtp.copies == Counter(written(instance))
    assert instance.rows("SELECT DISTINCT state, attempt FROM message") == [("sent", 1)]


def test_workers_that_see_the_server_die_at_the_same_moment_agree_on_one_pause(instance):
    is_noted, may_end = threading.Event(), threading.Event()

    def first():
        with instance.door():
            services.pause_sending("421 busy", at=now())
            db.session.flush()
            is_noted.set()
            may_end.wait(10)

    def second():
        is_noted.wait(10)
        threading.Timer(0.3, may_end.set).start()
        with instance.door():
            services.pause_sending("421 busy", at=now())

    with ThreadPoolExecutor() as threads:
        for one in [threads.submit(first), threads.submit(second)]:
            one.result()

    assert instance.rows("SELECT failures, reason FROM pause") == [(1, "421 busy")]


def test_a_slow_server_gets_everything_once(instance, smtp):
    write(instance, 5)
    smtp.next_connections(trickle(seconds=0.002))

    postman.deliver(instance.app)

    assert smtp.copies == Counter(written(instance))


def test_a_wrong_password_fails_no_mail_and_is_tried_seldom(instance, time_passes):
    with FaultySMTP(login=True) as server:
        instance.environment["SMTP_URL"] = server.url.replace("//", "//office:wrong@")
        write(instance, 50)
        server.always(refuse(Stage.AUTH, "535 5.7.8 wrong"))
        for _ in range(20):
            postman.deliver(instance.app)
            time_passes(timedelta(seconds=30))

        assert counts(instance) == {"queued": 50}
        assert 2 <= server.connections <= 10
        assert len(server.logins) <= 10

        server.always(None)
        time_passes(timedelta(minutes=10))
        postman.deliver(instance.app)
        assert server.copies == Counter(written(instance))
        assert counts(instance) == {"sent": 50}


def test_a_server_that_says_later_for_ten_minutes_is_asked_ever_more_rarely_and_then_gets_everything(
    instance, smtp, time_passes
):
    write(instance, 20)
    smtp.always(refuse(Stage.RCPT, LATER))
    for _ in range(20):
        postman.deliver(instance.app)
        time_passes(timedelta(seconds=30))

    assert counts(instance) == {"deferred": 20}
    assert len(smtp.incidents) == 3 * 20  # at once, after one minute, after five more

    smtp.always(None)
    time_passes(timedelta(minutes=20))
    postman.deliver(instance.app)
    assert smtp.copies == Counter(written(instance))


def test_poison_is_put_aside_with_a_reason_and_the_rest_leaves_at_once(instance, smtp):
    (refused,) = write(instance, 1)
    (big,) = write(instance, 1, name="x" * 300_000)
    (without_value,) = write(instance, 1)
    instance.change("UPDATE message SET \"values\" = '{}' WHERE recipient = :to", to=without_value)
    broken = FormDraft(language="de", subject="two\nlines", text="", html="")
    (without_form,) = write(instance, 1, form=broken)
    write(instance, 296)
    smtp.for_recipient(refused, refuse(Stage.RCPT, "550 5.1.1 unknown"))
    smtp.for_recipient(big, refuse(Stage.DOT, "552 5.3.4 too big"))

    postman.deliver(instance.app)

    assert counts(instance) == {"sent": 296, "failed": 4}
    reasons = dict(instance.rows("SELECT recipient, answer FROM message WHERE state = 'failed'"))
    assert reasons == {
        refused: "550 5.1.1 unknown",
        big: "552 5.3.4 too big",
        without_value: "no value for 'name'",
        without_form: "the form cannot become a mail",
    }

    instance.change('UPDATE message SET "values" = \'{"name": "Ada"}\' WHERE recipient = :to', to=without_value)
    smtp.for_recipient(refused, None)
    with instance.door():
        for (number,) in instance.rows("SELECT id FROM message WHERE state = 'failed'"):
            assert services.replay(number, at=now())
    postman.deliver(instance.app)
    assert counts(instance) == {"sent": 298, "failed": 2}
    assert set(smtp.copies.values()) == {1}


# ── Mail servers that hang ───────────────────────────────────────────────────────────────────────────────────────────


#: Seconds. Behind a row or a file that is held it would be ten.
SOON = 4.0


@pytest.fixture
def black_hole():
    """A port where somebody listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("stage", [None, Stage.GREETING, Stage.DATA, Stage.DOT], ids=str)
def test_while_the_server_hangs_no_row_is_held_and_people_sign_up_as_ever(instance, smtp, black_hole, stage):
    event, people = instance.make_event(), instance.make_people(5)
    write(instance, 5)
    if stage is None:
        instance.environment["SMTP_URL"] = black_hole
    smtp.always(hang(stage) if stage else None)
    with Actor(instance, postman.deliver) as worker:
        wait_until(lambda: smtp.incidents or (stage is None and "claimed" in counts(instance)), "the server hanging")

        answers = acts.sign_up(instance.app, event, people)
        began = time.monotonic()
        instance.change("UPDATE message SET priority = priority")

        assert time.monotonic() - began < SOON
        assert max(answer.answered - answer.asked for answer in answers[1:]) < SOON
        assert [answer.outcome for answer in answers] == ["confirmed"] * 5
        assert worker.is_acting
        assert open_transactions(instance) == 0
        assert smtp.connections <= 1


def open_transactions(instance):
    """How many transactions wait in the middle for something outside. SQLite would have refused the change above."""
    if instance.kind == "sqlite":
        return 0
    return instance.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )


# ── Transactions that end in the middle ──────────────────────────────────────────────────────────────────────────────


class AbortedError(Exception):
    """The transaction ends here."""


def sign_up_until(instance, event, person, step, abort):
    """Register somebody, and abort at a step: each statement is one, the commit is the last. Whether it came to it."""
    position = 0

    def next_step(*_):
        nonlocal position
        position += 1
        if position == step:
            abort()

    with instance.app.app_context():
        engine = db.engines[None]
        for moment in ("before_cursor_execute", "commit"):
            sa.event.listen(engine, moment, next_step)
        try:
            with transaction():
                wish = events.Request(name="Ada Beispiel", is_proved=True)
                events.register(event_of(event), db.session.get(Person, person), wish, at=now())
        except AbortedError:
            return True
        finally:
            for moment in ("before_cursor_execute", "commit"):
                sa.event.remove(engine, moment, next_step)
    return False


def abort_at_each_step(instance):
    """Abort at one step after the other until none is left; gives rows and mails after each."""

    def abort():
        raise AbortedError

    event, people = instance.make_event(), instance.make_people(40)
    found = []
    for step, person in enumerate(people, 1):
        was_aborted = sign_up_until(instance, event, person, step, abort)
        found.append(
            (instance.value("SELECT count(*) FROM registration"), instance.value("SELECT count(*) FROM message"))
        )
        if not was_aborted:
            break
    return event, person, found


def test_wherever_a_transaction_is_aborted_there_are_as_many_mails_as_registrations(instance):
    event, person, found = abort_at_each_step(instance)

    assert len(found) > 6
    assert found == [(0, 0)] * (len(found) - 1) + [(1, 1)]
    assert instance.seats(event)[1:] == (1, 1)
    sign_up_until(instance, event, person, 0, None)
    assert (instance.seats(event)[1:], len(written(instance))) == ((1, 1), 1)


def test_control_mail_in_a_transaction_of_its_own_comes_apart_from_its_reason(instance, monkeypatch):
    post = registration.post

    def posted_afterwards(mail, *, at):
        db.session.commit()
        post(mail, at=at)

    monkeypatch.setattr(registration, "post", posted_afterwards)

    _, _, found = abort_at_each_step(instance)

    assert [rows for rows, mails in found if rows != mails]


def test_wherever_a_process_is_killed_there_are_as_many_mails_as_registrations(instance):
    event, people = instance.make_event(), instance.make_people(40)
    for step, person in enumerate(people, 1):
        with Actor(instance, acts.sign_up_and_die, event, person, step) as mortal:
            try:
                mortal.result(within=60)
            except ActFailedError:
                assert (instance.value("SELECT count(*) FROM registration"), len(written(instance))) == (0, 0)
            else:
                break
    assert step > 6
    assert (instance.seats(event)[1:], len(written(instance))) == ((1, 1), 1)
