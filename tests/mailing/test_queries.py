"""Reading the outbox."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nextevents.ground.database import change_rows
from nextevents.mailing import queries
from nextevents.mailing.forms import FormDraft
from nextevents.mailing.models import KeptMail, Message, State
from nextevents.mailing.services import Mail, post

FORM = FormDraft(language="de", subject="Hallo", text="Hallo", html="<p>Hallo</p>")


@pytest.fixture
def three(db, noon):
    """A sent, a failed and a waiting mail."""
    for number, state in enumerate((State.SENT, State.FAILED, State.QUEUED)):
        post(
            Mail(kind="x", subject="x", recipient=f"p{number}@amt.example", form=FORM),
            at=noon + timedelta(minutes=number),
        )
        change_rows(update(Message).where(Message.recipient == f"p{number}@amt.example").values(state=state))
    return db


def recipients(messages):
    return [message.recipient[:2] for message in messages]


@pytest.mark.usefixtures("three")
def test_states_are_counted_those_without_mails_too():
    assert queries.counts_by_state() == {
        State.QUEUED: 1,
        State.CLAIMED: 0,
        State.SENT: 1,
        State.DEFERRED: 0,
        State.FAILED: 1,
        State.UNCERTAIN: 0,
        State.HELD: 0,
        State.SKIPPED: 0,
    }


@pytest.mark.usefixtures("three")
def test_mails_are_listed_newest_first_in_pages_and_by_state():
    assert recipients(queries.messages_in(None, limit=2, offset=0)) == ["p2", "p1"]
    assert recipients(queries.messages_in(None, limit=2, offset=2)) == ["p0"]
    assert recipients(queries.messages_in(State.FAILED, limit=2, offset=0)) == ["p1"]


@pytest.mark.usefixtures("three")
def test_the_oldest_due_mail_is_one_that_waits_and_is_due(noon):
    assert queries.oldest_due(noon) is None
    assert queries.oldest_due(noon + timedelta(hours=1)) == noon + timedelta(minutes=2)


def test_kept_mails_are_found_by_receiver(three, noon):
    for message in three.scalars(select(Message).order_by(Message.id)):
        three.add(KeptMail(message_id=message.id, kept_at=noon, content=message.recipient.encode()))
    three.flush()

    def contents(**chosen: object) -> list[bytes]:
        return [kept.content[:2] for _, kept in queries.kept_mails(**{"limit": 5, "offset": 0} | chosen)]

    assert contents() == [b"p2", b"p1", b"p0"]
    assert contents(limit=1, offset=1) == [b"p1"]
    assert contents(recipient="p0@amt.example") == [b"p0"]
    assert queries.kept_mail(4711) is None
