"""Delivering: every state a mail can be in, and who may put it there (guarantees G7 to G11)."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nextevents.mailing import queries
from nextevents.mailing.errors import NotNow, Refused, Unanswered, UnfillableForm
from nextevents.mailing.flights import Flight
from nextevents.mailing.forms import FormDraft, Press, Sender
from nextevents.mailing.models import Message, Pause, State
from nextevents.mailing.services import (
    Mail,
    claim_due,
    free_abandoned,
    give_up_expired,
    is_paused,
    note_failure,
    note_sent,
    pause_sending,
    post,
    prepare_presses,
    release,
    repeat_uncertain,
    replay,
    resume_sending,
)

FORM = FormDraft(language="de", subject="Hallo", text="Hallo", html="<p>Hallo</p>")
SENDER = Sender("termine@next.example", "NExT e. V.", "ruecklauf@next.example")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def mail(recipient="ada@amt.example", **values: object):
    return Mail(kind="registered", subject="registration:1", recipient=recipient, form=FORM, **values)


@pytest.fixture
def queue(app, db, noon):
    """Posts mails to these people and gives their rows. No flight of another test tells of them."""
    shutil.rmtree(app.config["DATA"] / "flights", ignore_errors=True)

    def post_to(*recipients: str, **values: object) -> list[Message]:
        for recipient in recipients:
            post(mail(recipient, **values), at=noon)
        return list(db.scalars(select(Message).where(Message.recipient.in_(recipients)).order_by(Message.id)))

    return post_to


def settle(at):
    """What the worker does with what others left."""
    free_abandoned(at=at)
    repeat_uncertain(at=at)


def claim(at, limit=100):
    return claim_due(limit=limit, at=at)


def begin(at):
    """Claim the one mail that is due, whose body is about to leave."""
    (claimed,) = claim(at)
    return claimed


def states(db):
    db.expire_all()
    return list(db.scalars(select(Message.state).order_by(Message.id)))


def one(db):
    db.expire_all()
    return db.scalars(select(Message)).one()


# Claiming


def test_what_is_claimed_is_nobody_elses_for_a_quarter_of_an_hour(db, queue, noon):
    queue("ada@amt.example")

    (claimed,) = claim(noon)

    message = one(db)
    assert (claimed.id, claimed.attempt, claimed.recipient) == (message.id, 1, "ada@amt.example")
    assert (message.state, message.attempt, message.lease_until, message.body_at) == (
        State.CLAIMED,
        1,
        noon + 15 * MINUTE,
        noon,
    )
    assert claim(noon + 20 * MINUTE) == []


def test_the_most_urgent_comes_first_then_whoever_was_there_first(queue, noon):
    queue("late@amt.example", priority=9)
    queue("first@amt.example", "second@amt.example")
    queue("code@amt.example", priority=0)

    assert [claimed.recipient for claimed in claim(noon)] == [
        "code@amt.example",
        "first@amt.example",
        "second@amt.example",
        "late@amt.example",
    ]


def test_a_portion_is_no_larger_than_asked_for_and_takes_the_most_urgent(queue, noon):
    queue(*(f"p{number}@amt.example" for number in range(5)), priority=9)
    queue("code@amt.example", priority=0)

    portions = [[claimed.recipient[:2] for claimed in claim(noon, limit=4)] for _ in range(3)]

    assert portions == [["co", "p0", "p1", "p2"], ["p3", "p4"], []]


def test_what_is_not_due_yet_waits(queue, noon):
    queue("ada@amt.example", due_at=noon + HOUR)

    assert (claim(noon + HOUR - MINUTE), len(claim(noon + HOUR))) == ([], 1)


# Outcomes


def test_an_accepted_mail_is_sent_and_says_what_the_server_said(db, queue, noon):
    queue("ada@amt.example")
    claimed = begin(noon)

    note_sent([(claimed.taking, "250 2.0.0 stored")], at=noon + MINUTE)

    message = one(db)
    assert (message.state, message.sent_at, message.answer) == (State.SENT, noon + MINUTE, "250 2.0.0 stored")
    assert message.body_at == noon


def test_of_a_portion_each_mail_says_what_the_server_said_about_it(db, queue, noon):
    queue("ada@amt.example", "bob@amt.example", "eve@amt.example")
    first, second, _ = claim(noon)

    note_sent([(first.taking, "250 ok"), (second.taking, "250 2.0.0 as 4711")], at=noon + MINUTE)

    rows = db.execute(select(Message.state, Message.sent_at, Message.answer).order_by(Message.id)).all()
    assert [tuple(row) for row in rows] == [
        (State.SENT, noon + MINUTE, "250 ok"),
        (State.SENT, noon + MINUTE, "250 2.0.0 as 4711"),
        (State.CLAIMED, None, ""),
    ]


def test_secrets_are_emptied_once_the_mail_is_sent_and_other_values_kept(db, queue, noon):
    queue("ada@amt.example", values={"code": "123456"}, has_secrets=True)
    queue("bob@amt.example", values={"name": "Bob"})
    ada, bob = claim(noon)
    note_sent([(ada.taking, "250 ok"), (bob.taking, "250 ok")], at=noon)

    assert [message.values for message in db.scalars(select(Message).order_by(Message.id))] == [{}, {"name": "Bob"}]


def test_secrets_of_a_mail_that_did_not_leave_are_kept_for_the_next_try(db, queue, noon):
    queue("ada@amt.example", values={"code": "123456"}, has_secrets=True)
    note_failure(begin(noon), NotNow("451 later"), at=noon)

    assert one(db).values == {"code": "123456"}


def test_later_means_growing_waits(db, queue, noon):
    queue("ada@amt.example")
    at, waits = noon, []
    for _ in range(7):
        note_failure(begin(at), NotNow("451 4.3.0 try again later"), at=at)
        message = one(db)
        assert (message.state, message.answer) == (State.DEFERRED, "451 4.3.0 try again later")
        assert claim(message.due_at - timedelta(seconds=1)) == []
        waits.append((message.due_at - at) / MINUTE)
        at = message.due_at

    bounds = [1, 5, 15, 60, 240, 240, 240]
    assert [bound <= wait <= bound * 1.2 for bound, wait in zip(bounds, waits, strict=True)] == 7 * [True]


def test_who_was_told_later_together_does_not_come_back_together(db, queue, noon):
    queue(*(f"p{number}@amt.example" for number in range(20)))
    for claimed in claim(noon):
        note_failure(claimed, NotNow("451"), at=noon)

    assert len(set(db.scalars(select(Message.due_at)))) > 10


def test_later_than_it_is_worth_means_failed(db, queue, noon):
    queue("ada@amt.example", expires_at=noon + MINUTE)

    note_failure(begin(noon), NotNow("451 later"), at=noon)

    assert (one(db).state, one(db).answer) == (State.FAILED, "451 later")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("550 5.1.1 unknown"), State.FAILED),
        (UnfillableForm("no value for 'name'"), State.FAILED),
        (Unanswered("the connection broke"), State.UNCERTAIN),
        (NotNow("451 later"), State.DEFERRED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_failure_has_its_state_and_says_why(db, queue, noon, error, state):
    queue("ada@amt.example")

    note_failure(begin(noon), error, at=noon)

    assert (one(db).state, one(db).answer) == (state, str(error))
    assert claim(noon) == []


def test_what_was_claimed_and_not_begun_is_put_back_as_if_nothing_had_been(db, queue, noon):
    queue("ada@amt.example", "bob@amt.example")

    release(claim(noon))

    assert states(db) == [State.QUEUED, State.QUEUED]
    assert db.scalars(select(Message.attempt)).all() == [0, 0]
    assert len(claim(noon)) == 2


# Fencing


def test_whoever_comes_back_after_the_lease_may_not_write(db, queue, noon):
    queue("ada@amt.example")
    late = begin(noon)
    settle(at=noon + 16 * MINUTE)
    settle(at=noon + 27 * MINUTE)
    (again,) = claim(noon + 27 * MINUTE)

    note_failure(late, Refused("550"), at=noon + 28 * MINUTE)
    note_sent([(late.taking, "250 too late")], at=noon + 28 * MINUTE)
    release([late])

    message = one(db)
    assert (again.attempt, message.attempt, message.state) == (2, 2, State.CLAIMED)
    assert (message.answer, message.sent_at) == ("the worker stopped meanwhile", None)


def test_a_mail_that_somebody_else_has_taken_is_not_settled_but_the_others_are(db, queue, noon):
    queue("ada@amt.example", "bob@amt.example")
    ada, bob = claim(noon)
    stale = replace(bob, lease_until=noon)

    note_sent([(ada.taking, "250 ok"), (stale.taking, "250 ok")], at=noon)

    assert states(db) == [State.SENT, State.CLAIMED]


def test_what_is_put_back_twice_is_not_taken_from_whoever_has_it_by_now(db, queue, noon):
    queue("ada@amt.example")
    early = claim(noon)
    release(early)
    (again,) = claim(noon + MINUTE)

    release(early)  # the answer to the first COMMIT was lost
    note_sent([(early[0].taking, "250 of before")], at=noon + MINUTE)

    assert (states(db), again.attempt) == ([State.CLAIMED], 1)


def test_an_answer_that_took_longer_than_the_lease_counts_unless_the_mail_was_taken_again(db, queue, noon):
    queue("ada@amt.example")
    claimed = begin(noon)
    note_failure(claimed, Unanswered("given up by another worker"), at=noon + 21 * MINUTE)

    note_sent([(claimed.taking, "250 at last")], at=noon + 22 * MINUTE)

    assert (one(db).state, one(db).answer) == (State.SENT, "250 at last")


# What dead workers leave behind


def test_a_lease_that_ran_out_before_the_body_left_frees_the_mail(app, db, queue, noon):
    queue("ada@amt.example")
    flight = Flight(app.config["DATA"], [message.taking for message in claim(noon)])

    settle(at=noon + 15 * MINUTE)
    assert states(db) == [State.CLAIMED]
    settle(at=noon + 15 * MINUTE + timedelta(seconds=1))
    flight.end()
    assert states(db) == [State.QUEUED]


def test_what_a_dead_process_of_this_machine_noted_is_believed(app, db, queue, noon):
    queue("ada@amt.example", "bob@amt.example", "eve@amt.example", "ida@amt.example", priority=9)
    batch = claim(noon)
    flight = Flight(app.config["DATA"], [message.taking for message in batch[:3]])
    for message in batch[:2]:
        flight.begin(message.taking)
    flight.land(batch[0].taking, "250 2.0.0 stored")

    settle(at=noon + 16 * MINUTE)
    flight.end()

    assert [(one.state, one.was_repeated) for one in db.scalars(select(Message).order_by(Message.id))] == [
        (State.SENT, False),
        (State.QUEUED, True),  # begun, and nobody knows: repeated once
        (State.QUEUED, False),
        (State.CLAIMED, False),  # taken elsewhere: another machine may know more
    ]
    settle(at=noon + 21 * MINUTE)
    assert states(db)[3] == State.QUEUED


def test_a_lease_that_ran_out_after_the_body_left_is_uncertain_and_repeated_once_with_the_same_bytes(db, queue, noon):
    queue("ada@amt.example")
    first = begin(noon)

    settle(at=noon + 21 * MINUTE)
    message = one(db)
    # resting for ten minutes from the body on is over by now
    assert (message.state, message.was_repeated, message.answer) == (
        State.QUEUED,
        True,
        "the worker stopped meanwhile",
    )

    second = begin(noon + 21 * MINUTE)
    assert (second.message_id, second.values, second.created_at, second.form_key) == (
        first.message_id,
        first.values,
        first.created_at,
        first.form_key,
    )
    note_failure(second, Unanswered("broke again"), at=noon + 22 * MINUTE)
    settle(at=noon + 2 * DAY)
    assert (one(db).state, one(db).answer) == (State.UNCERTAIN, "broke again")


def test_an_uncertain_mail_rests_ten_minutes_before_it_is_repeated(db, queue, noon):
    queue("ada@amt.example")
    note_failure(begin(noon), Unanswered("broke"), at=noon)

    settle(at=noon + 10 * MINUTE)
    assert states(db) == [State.UNCERTAIN]
    settle(at=noon + 10 * MINUTE + timedelta(seconds=1))
    assert (one(db).state, one(db).due_at) == (State.QUEUED, noon + 10 * MINUTE + timedelta(seconds=1))


def test_an_uncertain_mail_of_a_list_is_not_repeated_by_itself_issue_or_not(db, queue, noon):
    queue("ada@amt.example", list_id=1, mailbox_id=1)
    db.execute(update(Message).values(body_at=noon, state=State.UNCERTAIN))

    settle(at=noon + HOUR)

    assert (states(db), one(db).was_repeated) == ([State.UNCERTAIN], False)


def test_an_uncertain_mail_that_is_not_worth_it_any_more_stays_so(db, queue, noon):
    queue("ada@amt.example", expires_at=noon + 5 * MINUTE)
    note_failure(begin(noon), Unanswered("broke"), at=noon)

    settle(at=noon + HOUR)

    assert states(db) == [State.UNCERTAIN]


# Giving up


def test_what_has_run_out_before_it_left_fails_and_what_is_on_its_way_does_not(db, queue, noon):
    queue("queued@amt.example", expires_at=noon)
    queue("claimed@amt.example", expires_at=noon)
    queue("fresh@amt.example")
    db.execute(select(Message))
    claimed = claim(noon)
    release([claimed[0], claimed[2]])

    give_up_expired(at=noon)

    assert states(db) == [State.FAILED, State.CLAIMED, State.QUEUED]
    assert db.scalars(select(Message.answer).where(Message.state == State.FAILED)).all() == ["expired before it left"]


# Once more


@pytest.mark.parametrize(
    ("error", "is_possible"), [(Refused("550"), True), (Unanswered("?"), True), (NotNow("451"), False)]
)
def test_a_person_can_send_what_failed_or_is_uncertain_once_more(db, queue, noon, error, is_possible):
    queue("ada@amt.example")
    claimed = begin(noon)
    note_failure(claimed, error, at=noon)

    assert replay(claimed.id, at=noon + HOUR) == is_possible

    if is_possible:
        (again,) = claim(noon + HOUR)
        assert (again.message_id, again.attempt, one(db).answer) == (claimed.message_id, 2, "")


def test_a_mail_that_had_run_out_gets_a_day_more(db, queue, noon):
    (message,) = queue("ada@amt.example", expires_at=noon + HOUR)
    give_up_expired(at=noon + 2 * HOUR)

    assert replay(message.id, at=noon + 3 * HOUR)

    assert one(db).expires_at == noon + 3 * HOUR + DAY
    give_up_expired(at=noon + 4 * HOUR)
    assert len(claim(noon + 4 * HOUR)) == 1


def test_a_code_that_has_run_out_is_not_sent_again(db, queue, noon):
    (message,) = queue("ada@amt.example", expires_at=noon + HOUR, has_secrets=True)
    give_up_expired(at=noon + 2 * HOUR)

    assert not replay(message.id, at=noon + 3 * HOUR)
    assert states(db) == [State.FAILED]


def test_what_waits_is_on_its_way_or_was_sent_is_not_sent_again(db, queue, noon):
    (message,) = queue("ada@amt.example")
    outcomes = [replay(message.id, at=noon)]
    claimed = begin(noon)
    outcomes.append(replay(message.id, at=noon))
    note_sent([(claimed.taking, "250")], at=noon)
    outcomes += [replay(message.id, at=noon), replay(4711, at=noon)]

    assert (outcomes, states(db)) == ([False, False, False, False], [State.SENT])


# Pausing


def test_a_server_that_refuses_us_is_left_alone_ever_longer_and_forgiven_with_the_first_mail(db, noon):
    at, pauses = noon, []
    for _ in range(6):
        pause_sending("421 busy", at=at)
        pause_sending("421 busy", at=at)  # another worker saw it too
        db.expire_all()
        until = db.get(Pause, 1).until
        pauses.append((until - at) / MINUTE)
        assert (is_paused(at=until - timedelta(seconds=1)), is_paused(at=until)) == (True, False)
        at = until
    assert pauses == [1, 1, 2, 5, 5, 5]
    assert queries.current_pause(at - MINUTE).reason == "421 busy"

    resume_sending()
    db.expire_all()
    assert (is_paused(at=at - MINUTE), queries.current_pause(at - MINUTE)) == (False, None)
    pause_sending("421 busy", at=at)
    db.expire_all()
    assert db.get(Pause, 1).until - at == MINUTE


# Presses


def test_each_form_is_read_once_and_one_that_cannot_be_a_mail_is_left_out(queue, noon):
    queue("ada@amt.example", "bob@amt.example")
    broken = replace(FORM, subject="x\r\nBcc: eve@evil.example")
    post(replace(mail("eve@amt.example"), form=broken), at=noon)
    known: dict[str, Press] = {}

    batch = claim(noon)
    prepare_presses(batch, SENDER, known)
    kept = known[FORM.key]
    prepare_presses(batch, SENDER, known)

    assert set(known) == {FORM.key}
    assert known[FORM.key] is kept
