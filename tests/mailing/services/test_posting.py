"""Posting: one row for each mail, in the transaction of its reason (guarantee G6)."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nextevents.ground.database import transaction
from nextevents.ground.queue import QUIET_SECONDS
from nextevents.mailing.forms import FormDraft
from nextevents.mailing.models import Form, Message, State
from nextevents.mailing.services import Mail, post, post_all

FORM = FormDraft(language="de", subject="Hallo", text="Hallo", html="<p>Hallo</p>")
MAIL = Mail(
    kind="registered", subject="registration:12", recipient="ada@amt.example", form=FORM, values={"name": "Ada"}
)


def count(db, model=Message):
    return db.scalar(select(func.count()).select_from(model))


def test_a_posted_mail_is_a_row_that_says_everything(db, noon):
    post(MAIL, at=noon)

    (message,) = db.scalars(select(Message))
    assert (message.kind, message.subject, message.revision, message.recipient) == (
        "registered",
        "registration:12",
        0,
        "ada@amt.example",
    )
    assert (message.state, message.attempt, message.values, message.form_key) == (
        State.QUEUED,
        0,
        {"name": "Ada"},
        FORM.key,
    )
    assert (message.created_at, message.due_at, message.expires_at - noon) == (noon, noon, timedelta(days=5))
    assert (message.priority, message.has_secrets, message.was_repeated, message.answer) == (5, False, False, "")
    assert message.message_id.endswith("@next.example>")


def test_what_a_mail_says_of_time_and_urgency_is_kept(db, noon):
    due, end = noon + timedelta(hours=1), noon + timedelta(hours=2)
    post(replace(MAIL, due_at=due, expires_at=end, priority=0, has_secrets=True), at=noon)

    (message,) = db.scalars(select(Message))
    assert (message.due_at, message.expires_at, message.priority, message.has_secrets) == (due, end, 0, True)


def test_posting_the_same_again_changes_nothing(db, noon):
    post(MAIL, at=noon)
    before = db.execute(select(*Message.__table__.columns)).one()
    post(replace(MAIL, values={"name": "Eve"}, priority=0), at=noon + timedelta(hours=1))

    assert db.execute(select(*Message.__table__.columns)).one() == before


@pytest.mark.parametrize(
    "other",
    [{"kind": "waiting"}, {"subject": "registration:13"}, {"revision": 1}, {"recipient": "bob@amt.example"}],
    ids=str,
)
def test_another_occasion_matter_revision_or_receiver_is_another_mail(db, noon, other):
    post(MAIL, at=noon)
    post(replace(MAIL, **other), at=noon)

    assert count(db) == 2
    assert len(set(db.scalars(select(Message.message_id)))) == 2


def test_a_form_is_stored_once_for_all_who_get_it(db, noon):
    post_all((replace(MAIL, recipient=f"p{number}@amt.example") for number in range(20)), at=noon)
    post(replace(MAIL, form=replace(FORM, text="Anders"), revision=1), at=noon)

    assert (count(db), count(db, Form)) == (21, 2)
    assert db.get(Form, FORM.key).text == "Hallo"


def test_two_and_a_half_thousand_mails_are_posted_without_holding_them_all(db, noon):
    drawn = []

    def mails():
        for number in range(2_500):
            drawn.append(number)
            yield replace(MAIL, recipient=f"p{number}@amt.example")

    post_all(mails(), at=noon)

    assert (count(db), len(drawn)) == (2_500, 2_500)
    assert db.scalars(select(Message.recipient).order_by(Message.id).limit(2)).all() == [
        "p0@amt.example",
        "p1@amt.example",
    ]


def test_posting_nothing_is_fine(db, noon):
    post_all([], at=noon)

    assert (count(db), count(db, Form)) == (0, 0)


def test_a_mail_of_a_transaction_that_is_undone_never_was(db, noon):
    with suppress(ZeroDivisionError), transaction():
        post(MAIL, at=noon)
        raise ZeroDivisionError

    assert (count(db), count(db, Form)) == (0, 0)


def test_a_form_whose_first_storing_was_undone_is_stored_with_the_next_mail(db, noon):
    with suppress(ZeroDivisionError), transaction():
        post(MAIL, at=noon)
        raise ZeroDivisionError
    for recipient in ("ada@amt.example", "bob@amt.example"):
        with transaction():
            post(replace(MAIL, recipient=recipient), at=noon)

    assert (count(db), count(db, Form)) == (2, 1)


def test_the_bell_is_rung_after_the_commit_and_only_then(app, db, noon):
    folder = app.config["DATA"] / "broker"

    def rings() -> int:
        return len(list(folder.glob("*.msg")))

    time.sleep(QUIET_SECONDS)  # it rings but once in such a time
    before = rings()
    with suppress(ZeroDivisionError), transaction():
        post(MAIL, at=noon)
        raise ZeroDivisionError
    undone = rings() - before
    with transaction():
        post(MAIL, at=noon)
        inside = rings() - before

    assert (undone, inside, rings() - before, count(db)) == (0, 0, 1, 1)
