"""Mails that are uncertain are settled by the log of our own relay (guarantee G8)."""

import os
from collections import Counter
from datetime import UTC, timedelta
from itertools import chain, repeat

import pytest
from sqlalchemy import func, select

from nextevents.ground import clock
from nextevents.mailing.models import Message, State
from nextevents.mailing.relay_log import RelayLog, read_relay_log
from nextevents.mailing.tasks import deliver_due, free_abandoned
from tests.factories import NOON
from tests.mailing import campaigns
from tests.services.smtp import FaultySMTP, Stage, drop

POSTFIX = """\
{at} mx postfix/smtpd[7]: connect from localhost
{at} mx postfix/cleanup[8]: 4ABC: message-id=<taken@next.example>
{at} mx postfix/cleanup[8]: 4DEF: message-id=<cut@next.example>
{at} mx postfix/qmgr[9]: 4ABC: from=<b+x@next.example>, size=800, nrcpt=1 (queue active)
{at} mx postfix/smtpd[7]: lost connection after DATA (800 bytes) from localhost
{at} mx postfix/qmgr[9]: 4ABC: removed
"""
EXIM = """\
{at} 1vQ-1 <= b+x@next.example H=localhost P=esmtp S=800 id=taken@next.example
{at} 1vQ-1 => ada@stadt.example R=dnslookup T=remote_smtp
"""


def written(file, text, *, until):
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    os.utime(file, 2 * (until.timestamp(),))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (POSTFIX, NOON.astimezone().isoformat()),
        (POSTFIX, NOON.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")),
        (POSTFIX, NOON.astimezone().strftime("%b %d %H:%M:%S")),
        (EXIM, NOON.astimezone().strftime("%Y-%m-%d %H:%M:%S")),
    ],
    ids=["ISO", "ISO in UTC", "syslog", "Exim"],
)
def test_a_mail_is_taken_only_when_the_log_has_all_of_it(tmp_path, text, at):
    until = NOON + timedelta(hours=1)
    written(tmp_path / "mail.log", "\udcff broken\n" + text.format(at=at), until=until)

    said = read_relay_log(tmp_path / "mail.log", {"<taken@next.example>", "<cut@next.example>", "<other@next.example>"})

    assert said == RelayLog(frozenset({"<taken@next.example>"}), NOON, until)
    minutes = (-1, 0, 50, 51)
    assert [said.covers(NOON + timedelta(minutes=one)) for one in minutes] == [False, True, True, False]


def test_the_log_before_is_read_too_and_what_cannot_be_read_says_nothing(tmp_path):
    log = tmp_path / "mail.log"
    assert read_relay_log(log, {"<taken@next.example>"}) == RelayLog()
    written(tmp_path / "mail.log.1", POSTFIX.format(at="Nov 21 12:00:00"), until=NOON + timedelta(days=1))
    written(log, "nothing of ours\n", until=NOON + timedelta(days=2))

    said = read_relay_log(log, {"<taken@next.example>"})

    assert (said.taken, said.until) == ({"<taken@next.example>"}, NOON + timedelta(days=2))
    assert read_relay_log(tmp_path, {"<taken@next.example>"}).taken == frozenset()


def log_of(server):
    """What Postfix would have written: of the mails that it lost while they came in, no line of its queue."""
    stored = {mail.message_id for mail in server.mails}
    at = (NOON - timedelta(hours=1)).isoformat()
    lines = [f"{at} mx postfix/master[1]: daemon started"]
    for number, message_id in enumerate(sorted(stored | {one.message_id for one in server.incidents})):
        lines.append(f"{at} mx postfix/cleanup[2]: {number:X}F: message-id={message_id}")
        lines += [f"{at} mx postfix/qmgr[3]: {number:X}F: from=<b@next.example>, size=1, nrcpt=1"] * (
            message_id in stored
        )
    return "\n".join(lines) + "\n"


def test_of_two_hundred_uncertain_mails_none_is_lost_and_none_is_doubled(app, db, at_noon, monkeypatch, tmp_path):
    """Control: without the log, or with one that does not reach far enough, the office has to decide."""
    newsletter = campaigns.make_newsletter()
    campaigns.make_readers(newsletter, 200)
    campaign = campaigns.make_campaign(newsletter)
    campaigns.release(campaign)
    campaigns.expand(campaign)
    db.commit()

    def states():
        db.expire_all()
        return dict(db.execute(select(Message.state, func.count()).group_by(Message.state)).all())

    def settle():
        free_abandoned()
        deliver_due()
        return states()

    with FaultySMTP() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        server.next_messages(*chain.from_iterable(repeat([drop(Stage.DOT), drop(Stage.STORED)], 100)))
        deliver_due()
        assert (states(), len(server.mails)) == ({State.UNCERTAIN: 200}, 100)
        at_noon.shift(timedelta(minutes=20))

        assert settle() == {State.UNCERTAIN: 200}
        log = tmp_path / "mail.log"
        monkeypatch.setitem(app.config, "RELAY_LOG", log)
        assert settle() == {State.UNCERTAIN: 200}
        written(log, log_of(server), until=clock.now() - timedelta(minutes=15))
        assert settle() == {State.UNCERTAIN: 100, State.SENT: 100}

        written(log, log_of(server), until=clock.now())
        assert settle() == {State.SENT: 200}
        assert Counter(server.copies.values()) == {1: 200}


def test_no_log_knows_a_post_because_it_leaves_under_its_authors_message_id(app, db, at_noon, monkeypatch, tmp_path):
    """Control: of an issue it does."""
    newsletter = campaigns.make_newsletter()
    campaigns.make_readers(newsletter, 2)
    campaign = campaigns.make_campaign(newsletter)
    campaigns.release(campaign)
    campaigns.expand(campaign)
    one, post = db.scalars(select(Message).order_by(Message.id))
    post.kind = "post"
    db.commit()
    with FaultySMTP() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        server.next_messages(drop(Stage.STORED), drop(Stage.STORED))
        deliver_due()
        at_noon.shift(timedelta(minutes=30))
        monkeypatch.setitem(app.config, "RELAY_LOG", tmp_path / "mail.log")
        begun = f"{(NOON - timedelta(hours=1)).isoformat()} mx postfix/master[1]: daemon started\n"
        written(tmp_path / "mail.log", begun, until=clock.now())

        free_abandoned()

        db.expire_all()
        assert (one.was_repeated, post.was_repeated, post.state) == (True, False, State.UNCERTAIN)
