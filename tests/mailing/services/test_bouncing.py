"""What follows from mail that comes back: by its signed return path, once, and to be taken back (bad input 75)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nextevents.ground.database import db as database
from nextevents.mailing import queries, services
from nextevents.mailing.addresses import list_headers, return_path, unsubscribe_url
from nextevents.mailing.forms import FormDraft
from nextevents.mailing.models import (
    Bounce,
    BounceKind,
    Destination,
    InboundMail,
    InboundState,
    Message,
    Stream,
    SubscriptionState,
)
from nextevents.mailing.services.leaving import ask_to_wake
from nextevents.mailing.tasks import read_bounces
from tests.factories import NOON
from tests.mailing.campaigns import make_mailbox, make_newsletter, subscribe
from tests.mailing.letters import nested
from tests.mailing.reports import complaint, delivery_status, in_words

EVE = "eve@amt.example"


@pytest.fixture
def newsletter(db):
    return make_newsletter()


@pytest.fixture
def eve(newsletter):
    mailbox = make_mailbox(EVE)
    subscribe(newsletter, mailbox)
    return mailbox


def write_to(mailbox, mailing_list, *, revision=0, at=NOON) -> str:
    """Write a mail of a list; gives its return path."""
    form = FormDraft(
        language="de", subject="Neues", text="x", html="x",
        stream=Stream.NEWSLETTER, headers=list_headers(mailing_list, Stream.NEWSLETTER),
    )  # fmt: skip
    services.post(
        services.Mail(
            kind="test", subject="test", revision=revision, recipient=mailbox.address, form=form,
            list_id=mailing_list.id, mailbox_id=mailbox.id,
        ),
        at=at,
    )  # fmt: skip
    return return_path(_last_message().id, is_of_list=True)


def _last_message():
    return database.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def comes_back(recipient, content, *, at=NOON, sender="") -> InboundMail:
    """A mail comes in and is read."""
    services.receive(sender, [recipient], content, at=at)
    number = services.begin_reading(services.to_return_paths(), after=0, at=at)
    mail = services.mail_to_read(number)
    services.read_bounce(mail, at=at)
    return mail


def test_one_report_of_a_dead_mailbox_suspends_it_and_says_why(db, newsletter, eve):
    mail = comes_back(write_to(eve, newsletter), delivery_status())

    assert (mail.state, mail.kind, mail.note) == (InboundState.DONE, "bounce", "dead")
    assert eve.suspended_at == NOON
    assert "gibt es nicht" in eve.suspended_because


def test_the_return_path_survives_changed_capitals(db, newsletter, eve):
    comes_back(write_to(eve, newsletter).upper(), delivery_status())

    assert eve.suspended_at


def test_the_address_that_a_report_names_means_nothing(db, newsletter, eve):
    victim = make_mailbox("opfer@amt.example")
    subscribe(newsletter, victim)

    comes_back(write_to(eve, newsletter), delivery_status(recipient="opfer@amt.example"))

    assert victim.suspended_at is None
    assert eve.suspended_at


@pytest.mark.parametrize("forged", ["bounces@next.example", "bounces+{}@next.example", "bounces+x@next.example"])
def test_a_forged_report_changes_nothing(db, newsletter, eve, forged):
    path = write_to(eve, newsletter)
    token = path.partition("+")[2].partition("@")[0]
    altered = ("b" if token[0] != "b" else "c") + token[1:]

    mail = comes_back(forged.format(altered), delivery_status())

    assert (mail.state, mail.note) == (InboundState.DROPPED, "no signed return path")
    assert eve.suspended_at is None
    assert db.scalar(select(func.count(Bounce.id))) == 0


def test_a_report_about_a_mail_that_is_forgotten_changes_nothing(db, newsletter, eve):
    path = write_to(eve, newsletter)
    db.delete(_last_message())
    db.flush()

    assert comes_back(path, delivery_status()).state == InboundState.DROPPED


def test_a_replayed_report_counts_once(db, newsletter, eve):
    path = write_to(eve, newsletter)
    for day in range(8):
        mail = comes_back(path, delivery_status("5.2.2") + b"\r\n" * day, at=NOON + timedelta(days=day))

    assert mail.note == "reported before"
    assert eve.suspended_at is None
    assert db.scalar(select(func.count(Bounce.id))) == 1


def fail(eve, newsletter, *moments, status="5.2.2"):
    for number, at in enumerate(moments):
        revision = int(at.timestamp()) + number
        comes_back(write_to(eve, newsletter, revision=revision, at=at), delivery_status(status), at=at)


def days(*numbers):
    return [NOON + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize(
    ("moments", "is_suspended"),
    [
        (days(0, 1, 2, 3, 4), True),
        (days(0, 0, 1, 1, 2), True),
        (days(0, 1, 2, 3), False),
        (days(0, 0, 0, 1, 1, 1), False),
        (days(0, 4, 8, 12, 16), False),
    ],
)
def test_a_full_mailbox_is_suspended_after_five_reports_on_three_days_in_two_weeks(
    db, newsletter, eve, moments, is_suspended
):
    fail(eve, newsletter, *moments)

    assert bool(eve.suspended_at) is is_suspended


def test_german_reports_in_words_count_like_those_of_a_full_mailbox(db, newsletter, eve):
    for number, at in enumerate(days(0, 1, 2, 3, 4)):
        path = write_to(eve, newsletter, revision=number, at=at)
        comes_back(path, in_words("Ihre Nachricht konnte nicht zugestellt werden."), at=at)

    assert eve.suspended_at


def test_what_came_back_before_its_owner_woke_a_mailbox_does_not_count_again(db, newsletter, eve):
    fail(eve, newsletter, *days(0, 1, 2, 3, 4))
    ask_to_wake(eve, at=NOON + timedelta(days=5))
    services.wake(eve)

    fail(eve, newsletter, *days(6))

    assert eve.suspended_at is None


def test_who_refuses_us_is_no_ones_fault_but_ours_and_the_office_is_told_once_a_day(db, newsletter, eve, app):
    fail(eve, newsletter, *days(0, 0, 1), status="5.7.1")

    alerts = db.scalars(select(Message).where(Message.kind == "refused_by_domain")).all()
    assert [(one.subject, one.recipient) for one in alerts] == 2 * [("domain:amt.example", app.config["CONTACT"])]
    assert eve.suspended_at is None


def test_too_fast_slows_the_destination_only(db, newsletter, eve):
    fail(eve, newsletter, *days(0), status="4.7.28")

    assert db.get(Destination, "amt.example")
    assert eve.suspended_at is None


def test_out_of_office_is_ignored(db, newsletter, eve):
    absent = in_words("Bin weg.", subject="Automatische Antwort: Neues", author=EVE)

    mail = comes_back(write_to(eve, newsletter), absent, sender=EVE)

    assert (mail.state, mail.kind) == (InboundState.DROPPED, "automatic")
    assert db.scalar(select(func.count(Bounce.id))) == 0


def test_a_letter_and_what_cannot_be_read_wait_for_a_person(db, newsletter, eve):
    path = write_to(eve, newsletter)

    letter = comes_back(path, in_words("Wer sind Sie?", subject="Frage", author=EVE), sender=EVE)
    bomb = comes_back(path, nested(1200))

    assert (letter.state, letter.note) == (InboundState.REVIEW, "letter")
    assert (bomb.state, bomb.note) == (InboundState.REVIEW, "too deep")


def state_of(mailing_list, mailbox):
    return queries.subscription(mailing_list, mailbox).state


@pytest.mark.parametrize("proof", ["recipient", "path", "link"])
def test_a_complaint_takes_that_person_off_that_list(db, newsletter, eve, proof):
    other = make_newsletter("anderes")
    subscribe(other, eve)
    path = write_to(eve, newsletter)
    link = f"List-Unsubscribe: <{unsubscribe_url(newsletter.id, eve.id)}>"
    recipient, head = {
        "recipient": (path, "Subject: x"),
        "path": ("bounces@next.example", f"Return-Path: <{path}>"),
        "link": ("bounces@next.example", link),
    }[proof]

    first, again = (comes_back(recipient, complaint(head) + end) for end in (b"", b"\r\n"))

    assert (first.note, again.note) == ("complaint", "reported before")
    assert state_of(newsletter, eve) == SubscriptionState.ENDED
    assert state_of(other, eve) == SubscriptionState.ACTIVE
    assert eve.suspended_at is None
    assert db.scalars(select(Bounce.kind)).all() == [BounceKind.COMPLAINT]


def test_a_forged_complaint_takes_nobody_off(db, newsletter, eve):
    head = "List-Unsubscribe: <https://next.example/verteiler/abmelden/" + "A" * 32 + "/>"

    assert comes_back("bounces@next.example", complaint(head)).state == InboundState.DROPPED
    assert state_of(newsletter, eve) == SubscriptionState.ACTIVE


def test_the_worker_reads_what_came_back_and_leaves_the_rest(db, newsletter, eve, time_machine):
    time_machine.move_to(NOON)
    services.receive("", [write_to(eve, newsletter), "termine@next.example"], delivery_status(), at=NOON)
    db.commit()

    read_bounces()

    states = dict(db.execute(select(InboundMail.recipient, InboundMail.state)).all())
    assert states.pop("termine@next.example") == InboundState.NEW
    assert list(states.values()) == [InboundState.DONE]


def test_old_reports_are_forgotten(db, newsletter, eve):
    fail(eve, newsletter, *days(0))

    assert services.count_old_bounces(at=NOON + timedelta(days=29)) == 0
    assert services.count_old_bounces(at=NOON + timedelta(days=31)) == 1
    assert services.forget_old_bounces(at=NOON + timedelta(days=31)) == 1
    assert services.forget_old_bounces(at=NOON + timedelta(days=31)) == 0
