"""The worker's rounds: everything that is due goes, and what fails does not hold up the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.mailing import queries
from nextevents.mailing.addresses import message_behind
from nextevents.mailing.forms import FormDraft, place
from nextevents.mailing.models import KeptMail, Message, State
from nextevents.mailing.services import Mail, claim_due, post
from nextevents.mailing.tasks import deliver_due, free_abandoned, look_for_due
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
    server.next_messages(None, refuse(Stage.MAIL, "421 4.7.0 too fast"))

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


def test_what_a_dead_worker_left_is_freed_and_sent(db, queue, server, at_noon, noon):
    queue("ada@amt.example")
    claim_due(limit=10, at=noon)
    db.commit()
    deliver_due()
    assert server.mails == []

    at_noon.shift(timedelta(minutes=16))
    free_abandoned()
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
