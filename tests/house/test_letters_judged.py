"""All mails of a run, as they arrive at a real server, before a judge who knows nothing of what wrote them."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.ground.database import transaction
from nextevents.mailing.models import Message
from nextevents.mailing.services import post
from nextevents.mailing.signing import make_key
from nextevents.mailing.tasks import deliver_due
from tests.factories import NOON
from tests.house.more_letters import write_every_other_kind
from tests.house.test_people_rules import asking, registering
from tests.house.walks import on_one_database
from tests.house.world import House, every_kind_of_mail
from tests.kinds_of_mail import every_kind
from tests.services import spamassassin
from tests.services.mail_judge import judge, stream_of
from tests.services.smtp import Sink

#: Mails say the same on every database.
pytestmark = on_one_database

#: Every other kind is transactional.
STREAMS = {"campaign": "newsletter", "post": "list", "digest": "list"}
#: The kind that keeps its author's Message-ID.
POST = "post"
HOST = "http://localhost"
#: What every filter has to take for spam, so that one sees that it looks.
SPAM = (
    b"From: a@next.example\r\nTo: b@amt.example\r\nSubject: Test\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
    b"Message-ID: <spam.control@next.example>\r\n\r\n"
    b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
)


@pytest.fixture
def arrived(house, tmp_path, monkeypatch):
    """A mail of every kind by its kind, as it arrived, and what is published of the key that signed it."""
    asking(house)
    registering(house)
    write_every_other_kind(house)
    _write_the_worlds_mails_again(house)
    key = make_key(tmp_path / "dkim", "next.example", "s1")
    with Sink() as sink:
        for name, value in (("SMTP_URL", sink.url), ("DKIM_KEYS", tmp_path / "dkim")):
            monkeypatch.setitem(house.with_demo.config, name, value)
        house.in_app(deliver_due.run)
    kinds = dict(database.session.execute(select(Message.message_id, Message.kind)).all())
    mails = [(kinds.get(mail.message_id, POST), mail.content) for mail in sink.mails]
    assert {kind for kind, _ in mails} >= every_kind()
    return mails, {key.name: key.record}


def _write_the_worlds_mails_again(house: House) -> None:
    """What the world was made with has left already, and with it what was filled in."""
    with transaction():
        for number, mail in enumerate(every_kind_of_mail(house.world, NOON)):
            post(replace(mail, revision=1000 + number), at=NOON)


def test_every_mail_of_a_run_stands_before_the_judge(arrived):
    mails, published = arrived
    found = {kind: judge(content, host=HOST, published=published) for kind, content in mails}

    assert {kind: words for kind, words in found.items() if words} == {}
    streams = {kind: stream_of(message_from_bytes(content, policy=default)) for kind, content in mails}
    assert {kind: stream for kind, stream in streams.items() if stream != STREAMS.get(kind, "transactional")} == {}


def test_no_mail_of_a_run_gets_a_point_from_a_filter(arrived, tmp_path):
    mails, _ = arrived
    contents = [content for _, content in mails]
    found = spamassassin.points([*contents, SPAM], tmp_path)

    assert [(kind, points) for (kind, _), points in zip(mails, found, strict=False) if points >= 1] == []
    assert found[-1] > 5


#: What is done to an issue, and what the judge says of it then.
WRONGS = (
    (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"", "List-Unsubscribe-Post of a mail"),
    (b"Precedence: bulk\r\n", b"", "List-Unsubscribe of a mail of the stream transactional"),
    (b"Subject: ", b"Subject: Re: ", "the subject is"),
    (b"X-Auto-Response-Suppress: OOF, AutoReply", b"X-Auto-Response-Suppress: All", "says All"),
    (b"From: ", b"X: y\nFrom: ", "CRLF"),
    (b"From: ", b"From: eve@evil.example\r\nFrom: ", "the signature does not verify"),
)


def test_what_is_wrong_with_an_issue_is_found(arrived):
    mails, published = arrived
    (issue, *_) = [content for kind, content in mails if kind == "campaign"]

    for old, new, words in WRONGS:
        assert old in issue
        assert words in " ".join(judge(issue.replace(old, new, 1), host=HOST, published=published))
