"""The worker's rounds: everything that is due goes, and what fails does not hold up the rest."""

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from nextevents.ground import database
from nextevents.mailing import queries, tasks
from nextevents.mailing.addresses import message_behind
from nextevents.mailing.carrier import SMTPCarrier
from nextevents.mailing.flights import Flight
from nextevents.mailing.forms import FormDraft, Sender, place
from nextevents.mailing.models import KeptMail, Message, State
from nextevents.mailing.services import Mail, claim_due, post
from nextevents.mailing.signing import make_key
from nextevents.mailing.tasks import Round, deliver_due, free_abandoned, look_for_due
from tests.mailing.campaigns import make_mailbox
from tests.services.process import free_port
from tests.services.smtp import FaultySMTP, Sink, Stage, drop, refuse

pytestmark = pytest.mark.usefixtures("at_noon")

FORM = FormDraft(language="de", subject="Hallo", text=f"Hallo {place('name')}\n", html="<p>Hallo</p>")


@pytest.fixture
def queue(db, noon):
    """Posts mails to these people and commits."""

    def post_to(*recipients: str, **values: object) -> None:
        for recipient in recipients:
            known = {"kind": "x", "subject": "x", "form": FORM, "values": {"name": "Ada"}}
            post(Mail(recipient=recipient, **(known | values)), at=noon)
        db.commit()

    return post_to


@pytest.fixture
def server(app, monkeypatch):
    with FaultySMTP() as faulty:
        monkeypatch.setitem(app.config, "SMTP_URL", faulty.url)
        yield faulty


def outcomes(db):
    db.expire_all()
    return {message.recipient.partition("@")[0]: message.state for message in db.scalars(select(Message))}


def test_everything_due_is_sent_once_over_one_connection(app, db, queue, monkeypatch):
    queue(*(f"p{number}@amt.example" for number in range(120)))
    with Sink() as sink:
        monkeypatch.setitem(app.config, "SMTP_URL", sink.url)
        deliver_due()
        look_for_due()

        stored = {(mail.message_id, mail.recipients) for mail in sink.mails}
        assert (len(sink.mails), len(stored), sink.connections) == (120, 120, 1)
        named = {(message_behind(mail.sender), mail.message_id) for mail in sink.mails}
        assert {mail.sender.partition("+")[0] for mail in sink.mails} == {"ruecklauf"}

    assert set(outcomes(db).values()) == {State.SENT}
    assert stored == {(message.message_id, (message.recipient,)) for message in db.scalars(select(Message))}
    assert named == {(message.id, message.message_id) for message in db.scalars(select(Message))}


def test_without_a_server_mails_are_kept_as_they_would_have_left(db, queue):
    queue("ada@amt.example", values={"name": "{{7*7}}"})

    deliver_due()
    deliver_due()

    (kept,) = db.scalars(select(KeptMail))
    (message,) = db.scalars(select(Message))
    assert (message.state, message.answer) == (State.SENT, "kept here")
    assert message.message_id.encode() in kept.content


def test_a_refused_mail_does_not_hold_up_the_others(db, queue, server):
    server.for_recipient("gone@amt.example", refuse(Stage.RCPT, "550 5.1.1 unknown"))
    server.for_recipient("full@amt.example", refuse(Stage.RCPT, "452 4.2.2 full"))
    server.for_recipient("cut@amt.example", drop(Stage.STORED))
    queue("gone@amt.example", "full@amt.example", "cut@amt.example", "ada@amt.example")

    deliver_due()

    assert outcomes(db) == {
        "gone": State.FAILED,
        "full": State.DEFERRED,
        "cut": State.UNCERTAIN,
        "ada": State.SENT,
    }


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(db, queue, server):
    queue("broken@amt.example", form=replace(FORM, subject="x\r\nBcc: eve@evil.example"))
    queue("missing@amt.example", values={})
    queue("ada@amt.example")

    deliver_due()

    assert outcomes(db) == {"broken": State.FAILED, "missing": State.FAILED, "ada": State.SENT}
    assert [mail.recipients for mail in server.mails] == [("ada@amt.example",)]


def test_a_server_that_refuses_us_is_left_alone_for_a_while_and_nothing_is_held_against_the_mails(
    db, queue, server, at_noon, noon
):
    queue("ada@amt.example", "bob@amt.example", "eve@amt.example")
    server.next_messages(None, *2 * [refuse(Stage.MAIL, "421 4.7.0 too fast")])  # over a new connection too

    deliver_due()
    assert outcomes(db) == {"ada": State.SENT, "bob": State.QUEUED, "eve": State.QUEUED}
    assert queries.current_pause(noon).reason == "421 4.7.0 too fast"

    deliver_due()
    assert len(server.mails) == 1

    at_noon.shift(timedelta(seconds=60))
    deliver_due()
    assert set(outcomes(db).values()) == {State.SENT}
    assert db.scalars(select(Message.attempt)).all() == [1, 1, 1]
    assert queries.current_pause(noon) is None


def test_a_server_that_is_not_there_costs_one_try(app, db, queue, monkeypatch, noon):
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    queue("ada@amt.example", "bob@amt.example")

    deliver_due()

    assert outcomes(db) == {"ada": State.QUEUED, "bob": State.QUEUED}
    assert queries.current_pause(noon).failures == 1


def test_what_has_run_out_is_not_sent_any_more(db, queue, server, noon):
    queue("late@amt.example", expires_at=noon)
    queue("ada@amt.example", expires_at=noon + timedelta(seconds=1))

    deliver_due()

    assert outcomes(db) == {"late": State.FAILED, "ada": State.SENT}
    assert len(server.mails) == 1


def test_a_code_is_forgotten_with_its_sending(db, queue):
    queue("ada@amt.example", values={"name": "123456"}, has_secrets=True)

    deliver_due()

    assert db.scalars(select(Message.values)).all() == [{}]


def test_what_a_dead_worker_left_is_freed_and_sent(app, db, queue, server, at_noon, noon):
    queue("ada@amt.example")
    flight = Flight(app.config["DATA"], [message.taking for message in claim_due(limit=10, at=noon)])
    db.commit()
    deliver_due()
    assert server.mails == []

    at_noon.shift(timedelta(minutes=16))
    free_abandoned()
    flight.end()
    deliver_due()

    assert (outcomes(db), len(server.mails)) == ({"ada": State.SENT}, 1)


def test_an_uncertain_mail_goes_once_more_with_the_same_bytes(db, queue, server, at_noon):
    queue("ada@amt.example")
    server.next_messages(drop(Stage.STORED), drop(Stage.STORED))

    for _ in range(4):
        deliver_due()
        at_noon.shift(timedelta(minutes=11))
        free_abandoned()

    assert (outcomes(db), len(server.mails)) == ({"ada": State.UNCERTAIN}, 2)
    assert server.mails[0].content == server.mails[1].content


# What goes wrong around the mails


def test_a_key_that_cannot_be_read_stops_sending_and_costs_no_mail_a_try(
    app, db, queue, server, at_noon, noon, tmp_path
):
    app.config["DKIM_KEYS"], before = tmp_path, app.config["DKIM_KEYS"]
    key = tmp_path / "s1._domainkey.next.example.pem"
    key.touch()
    queue("ada@amt.example", "bob@amt.example")
    try:
        deliver_due()
        assert (outcomes(db), server.mails) == ({"ada": State.QUEUED, "bob": State.QUEUED}, [])
        assert "s1._domainkey.next.example.pem cannot sign" in queries.current_pause(noon).reason

        key.unlink()
        make_key(tmp_path, "next.example", "s1")
        at_noon.shift(timedelta(seconds=60))
        deliver_due()
    finally:
        app.config["DKIM_KEYS"] = before
    assert [mail.content.startswith(b"DKIM-Signature") for mail in server.mails] == [True, True]
    assert db.scalars(select(Message.attempt)).all() == [1, 1]


def test_when_a_note_cannot_be_written_what_left_counts_and_the_rest_waits(db, queue, server, monkeypatch):
    queue("ada@amt.example", "bob@amt.example", "eve@amt.example")
    real, begun = Flight.begin, []

    def begin(flight, taking):
        begun.append(taking)
        if len(begun) == 2:
            raise OSError("no space left on device")
        real(flight, taking)

    monkeypatch.setattr(Flight, "begin", begin)
    with pytest.raises(OSError, match="no space"):
        deliver_due()
    assert outcomes(db) == {"ada": State.SENT, "bob": State.QUEUED, "eve": State.QUEUED}

    deliver_due()
    assert set(outcomes(db).values()) == {State.SENT}
    assert len(server.mails) == 3


@pytest.mark.usefixtures("db")
def test_what_was_left_behind_is_forgotten_even_if_nothing_can_be_freed(app, monkeypatch):
    left = app.config["DATA"] / "flights" / "long-ago"
    left.parent.mkdir(exist_ok=True)
    left.touch()
    os.utime(left, times=2 * (time.time() - 25 * 3600,))

    def fail(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(tasks.services, "free_abandoned", fail)
    with pytest.raises(ZeroDivisionError):
        free_abandoned()

    assert not left.exists()


class Mortal(Round):
    """A worker that does not live to write down what it did."""

    def send_a_portion(self):
        """Take one and send it."""
        self._send_all(self._write(self._take) or [])


def disturb(monkeypatch, disturbance, *, times=1):
    """Let something happen after the next COMMITs of a round, or in place of them."""
    real, left = tasks.transaction, [disturbance] * times
    monkeypatch.setattr(database, "RETRY_SECONDS", 0.0)

    @contextmanager
    def disturbed():
        if not left:
            with real():
                yield
            return
        left.pop()
        with disturbance(real):
            yield

    monkeypatch.setattr(tasks, "transaction", disturbed)


def test_when_the_answer_to_a_commit_is_lost_everything_leaves_at_once_and_once(db, queue, server, monkeypatch):
    queue("ada@amt.example", "bob@amt.example")

    @contextmanager
    def lost(real):
        with real():
            yield
            database.db.session.commit()
            raise OperationalError("COMMIT", {}, Exception("the connection broke"))

    disturb(monkeypatch, lost)
    deliver_due()

    assert (outcomes(db), len(server.mails)) == ({"ada": State.SENT, "bob": State.SENT}, 2)


def test_a_flight_that_never_set_out_says_nothing_about_the_next(app, db, queue, server, at_noon, monkeypatch):
    queue("ada@amt.example")

    @contextmanager
    def undone(real):
        with real():
            yield
            at_noon.shift(timedelta(seconds=1))
            raise OperationalError("COMMIT", {}, Exception("the disk is full"))

    disturb(monkeypatch, undone, times=8)
    one = Mortal(SMTPCarrier(server.url), Sender("a@next.example", "NExT e. V.", "b@next.example"), app.config["DATA"])
    one.send_a_portion()  # and here it is killed
    one.carrier.close()

    at_noon.shift(timedelta(minutes=16))
    free_abandoned()
    deliver_due()
    one.flight.end()

    assert (outcomes(db), len(server.mails)) == ({"ada": State.SENT}, 1)


def test_a_worker_that_is_frozen_at_its_commit_sends_nothing_afterwards(db, queue, server, at_noon, monkeypatch):
    queue("ada@amt.example", "bob@amt.example")

    @contextmanager
    def frozen(real):
        with real():
            yield
        at_noon.shift(timedelta(minutes=16))
        free_abandoned()
        deliver_due()

    disturb(monkeypatch, frozen)
    deliver_due()

    assert (outcomes(db), len(server.mails)) == ({"ada": State.SENT, "bob": State.SENT}, 2)


def test_a_worker_that_is_told_to_stop_ends_its_portion_and_holds_nothing(db, queue, server, monkeypatch):
    queue(*(f"p{number}@amt.example" for number in range(tasks.PORTION)), "later@amt.example")
    stopping = threading.Event()
    monkeypatch.setattr(tasks, "stopping", stopping)
    real = SMTPCarrier.send

    def send(*args, **values):
        stopping.set()
        return real(*args, **values)

    monkeypatch.setattr(SMTPCarrier, "send", send)
    deliver_due()

    states = outcomes(db)
    assert states.pop("later") == State.QUEUED
    assert set(states.values()) <= {State.SENT, State.QUEUED}
    assert len(server.mails) == sum(state == State.SENT for state in states.values()) > 0


def test_a_mailbox_that_the_server_says_is_not_there_gets_no_more_mail_of_lists(db, queue, server):
    mailbox = make_mailbox("gone@amt.example")
    server.for_recipient("gone@amt.example", refuse(Stage.RCPT, "550 5.1.1 unknown"))
    queue("gone@amt.example")

    deliver_due()

    db.refresh(mailbox)
    assert (outcomes(db)["gone"], bool(mailbox.suspended_at)) == (State.FAILED, True)
