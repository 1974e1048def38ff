"""What reports say (rules M-09 to M-11), and what is none."""

import time

import pytest

from nextevents.mailing.bounces import kind_of, read_report
from nextevents.mailing.models import BounceKind
from tests.mailing.letters import nested
from tests.mailing.reports import complaint, delivery_status, in_words


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.1.1", "dead"),
        ("5.1.2", "dead"),
        ("5.1.10", "dead"),
        ("5.1.6", "unknown"),
        ("5.2.2", "soft"),
        ("4.2.2", "soft"),
        ("4.4.7", "soft"),
        ("5.7.1", "ours"),
        ("5.7.515", "ours"),
        ("4.7.0", "slow"),
        ("4.7.28", "slow"),
        ("5.0.0", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_status_says_what_a_report_means(status, kind):
    assert kind_of(status) == BounceKind(kind)


def test_action_does_not_make_a_full_mailbox_a_dead_one():
    report = read_report(delivery_status("4.2.2", words="smtp; 452 4.2.2 Mailbox full"))

    assert (report.kind, report.status) == (BounceKind.SOFT, "4.2.2")


def test_a_status_that_says_nothing_is_read_from_the_words_behind_it():
    assert read_report(delivery_status("5.0.0", words="smtp; 550 5.1.1 no such user")).kind == BounceKind.DEAD
    assert read_report(delivery_status("5.0.0", words="smtp; 550 no such user")).kind == BounceKind.UNKNOWN


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_what_was_delivered_is_no_failure(action):
    assert read_report(delivery_status("2.0.0", action=action)) is None


def test_a_delay_is_no_failure_and_counts_only_if_mail_comes_too_fast():
    assert read_report(delivery_status("4.4.1", action="delayed")) is None
    assert read_report(delivery_status("4.4.1", action="failed")).kind == BounceKind.SOFT
    assert read_report(delivery_status("4.7.1", action="delayed")).kind == BounceKind.SLOW
    of_exim = (
        "A message that you sent has not yet been delivered to one or more of its\n"
        "recipients after more than 24 hours on the queue on mx.amt.example.\n\n"
        "The address to which the message has not yet been delivered is:\n\n  eve@amt.example\n{reason}\n"
        "No action is required on your part.\n"
    )
    waits = (in_words(of_exim.format(reason=why), subject="Warning: message delayed") for why in ("", "452 4.2.2 full"))
    assert [read_report(one) for one in waits] == [None, None]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ihre Nachricht konnte nicht zugestellt werden.", "unknown"),
        ("Ihre Nachricht konnte nicht zugestellt werden.\n\n550 5.1.1 Empfänger unbekannt", "dead"),
        ("Die Mail ist unzustellbar: 552 5.2.2 Postfach voll", "soft"),
        ("Remote Server returned '550 5.7.1 blocked by policy'", "ours"),
        ("mx.amt.example #5.1.10 RESOLVER.ADR.RecipientNotFound", "dead"),
    ],
)
def test_german_reports_in_words_count(text, kind):
    assert read_report(in_words(text)).kind == BounceKind(kind)


def test_reports_that_keep_to_no_standard_are_read_by_flufl_bounce():
    qmail = (
        "Hi. This is the qmail-send program at mx.amt.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<eve@amt.example>:\nSorry, no mailbox here by that name.\n\n"
        "--- Below this line is a copy of the message.\n"
    )

    report = read_report(in_words(qmail, subject="Rückläufer", author="daemon@mx.amt.example"))

    assert (report.kind, report.status) == (BounceKind.UNKNOWN, "")


@pytest.mark.parametrize(
    "content",
    [
        in_words("Ich bin bis Montag nicht da.", subject="Automatische Antwort: Neues", author="eve@amt.example"),
        in_words("Ich bin weg. Unzustellbar ist nichts.", subject="Abwesenheitsnotiz", author="eve@amt.example"),
        in_words("I am away.", subject="Away", author="eve@amt.example", Auto_Submitted="auto-replied"),
        in_words("Bitte melden Sie sich.", subject="Frage: unzustellbar?", author="eve@amt.example"),
        b"",
        b"\0\xff\xfe",
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n--x',
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="x"\r\n\r\n--x--',
    ],
)
def test_what_reports_no_failure_is_no_report(content):
    assert read_report(content) is None


def test_reports_as_bombs_are_left():
    began = time.monotonic()

    bombs = [
        nested(1200),
        b"x" * 3_000_000,
        b"Subject: Unzustellbar\r\n\r\n" + b"550 " * 24_000,
        b"Subject: Unzustellbar\r\nFrom: postmaster@x\r\n\r\n" + b"zustellung " * 9_000,
        delivery_status() * 200,
    ]
    for bomb in bombs:
        read_report(bomb)

    assert read_report(bombs[0]) is None
    assert read_report(bombs[1]) is None
    assert time.monotonic() - began < 2.0


def test_a_complaint_brings_the_signed_words_of_our_mail_along():
    path = f"bounces+{'a' * 39}@lists.example"
    link = "https://next.example/verteiler/abmelden/" + "B" * 32 + "/"
    report = read_report(complaint(f"Return-Path: <{path}>\r\nList-Unsubscribe: <{link}>,\r\n <mailto:x@y>"))

    assert (report.kind, report.paths, report.links) == (BounceKind.COMPLAINT, (path,), ("B" * 32,))
    assert read_report(complaint("Subject: x", said=f"Original-Mail-From: <{path}>\r\n")).paths == (path,)


def test_somebody_who_finds_our_mail_in_the_wrong_folder_does_not_complain():
    assert read_report(complaint("Subject: x", kind="not-spam")) is None
