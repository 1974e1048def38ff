"""Signatures, checked by dkimpy as a receiver would, with the public half as it is published."""

import re
import stat

import dkim
import pytest

from nextevents.mailing.forms import FormDraft
from nextevents.mailing.services import Mail, post
from nextevents.mailing.signing import Signer, keys_in, make_key
from nextevents.mailing.tasks import deliver_due
from tests.mailing import campaigns
from tests.services.smtp import Sink

FORM = FormDraft(language="de", subject="Hallo Übung", text="Hallo\n\n\n", html="<p>Hallo</p>")


@pytest.fixture
def keys(tmp_path, app, monkeypatch):
    """A folder with a key for the domain that mails come from."""
    monkeypatch.setitem(app.config, "DKIM_KEYS", tmp_path / "dkim")
    make_key(tmp_path / "dkim", "next.example", "s1")
    return tmp_path / "dkim"


def is_valid(content, folder):
    """What a receiver says who asks the DNS."""
    published = {f"{key.name}.".encode(): key.record.encode() for key in keys_in(folder)}
    return dkim.verify(content, dnsfunc=lambda name, **_: published.get(name))


def delivered(app, monkeypatch):
    with Sink() as sink:
        monkeypatch.setitem(app.config, "SMTP_URL", sink.url)
        deliver_due()
        return [mail.content for mail in sink.mails]


@pytest.fixture
def issue(app, db, noon, at_noon, keys, monkeypatch):
    """One mail of a newsletter, as it arrived."""
    newsletter = campaigns.make_newsletter(name="Neues für Länder & Städte")
    campaigns.make_readers(newsletter, 1)
    campaign = campaigns.make_campaign(newsletter)
    campaigns.release(campaign)
    campaigns.expand(campaign)
    db.commit()
    (content,) = delivered(app, monkeypatch)
    return content


def test_what_arrives_is_signed_with_both_headers_for_leaving(issue, keys):
    assert is_valid(issue, keys)
    (names,) = re.findall(rb"\sh=([^;]+);", issue)
    signed = [name.strip() for name in names.decode().split(":")]
    for name in ("from", "to", "subject", "date", "list-id", "list-unsubscribe", "list-unsubscribe-post"):
        assert signed.count(name) == 2, name


@pytest.mark.parametrize(
    "line",
    [
        "List-Unsubscribe: <https://evil.example/>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "From: eve@evil.example",
        "Subject: x",
        "Reply-To: eve@evil.example",
        "List-Archive: <https://evil.example/>",
        "List-Subscribe: <https://evil.example/>",
    ],
)
def test_a_header_added_on_the_way_breaks_the_signature(issue, keys, line):
    assert is_valid(issue, keys)
    assert not is_valid(f"{line}\r\n".encode() + issue, keys)


def test_a_header_that_nobody_signed_may_come_on_the_way(issue, keys):
    assert is_valid(b"Received: from a by b\r\n" + issue, keys)


@pytest.mark.parametrize(("old", "new"), [(b"Neues im Dezember", b"Neues im Januar"), (b"base64", b"7bit")])
def test_what_is_changed_on_the_way_breaks_the_signature(issue, keys, old, new):
    assert old in issue
    assert not is_valid(issue.replace(old, new), keys)


@pytest.mark.usefixtures("at_noon")
def test_other_mails_are_signed_too(app, db, noon, keys, monkeypatch):
    post(Mail(kind="x", subject="x", recipient="ada@amt.example", form=FORM), at=noon)
    db.commit()

    (content,) = delivered(app, monkeypatch)

    assert is_valid(content, keys)


@pytest.mark.usefixtures("at_noon")
def test_without_a_key_for_the_domain_nothing_is_signed(app, db, noon, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DKIM_KEYS", tmp_path)
    make_key(tmp_path, "other.example", "s1")
    post(Mail(kind="x", subject="x", recipient="ada@amt.example", form=FORM), at=noon)
    db.commit()

    (content,) = delivered(app, monkeypatch)

    assert b"DKIM-Signature" not in content


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"x", b"x \t y  \r\n\r\n", b" x\r\n \r\n\r\n", b"x\r\n\r\ny\t\r\n", b"\r\n\r\nx\r\n"]
)
def test_bodies_of_all_shapes_verify(keys, body):
    head = b"From: a@next.example\r\nSubject: x  y\t\r\n  z \r\nX-Other: 1\r\nTo:b@amt.example\r\nReceived: 1\r\n"
    content = head + b"\r\n" + body

    assert is_valid(Signer(keys).signed(content, "NEXT.example"), keys)


def test_of_two_keys_the_last_signs_and_the_first_still_verifies(keys):
    content = b"From: a@next.example\r\n\r\nx\r\n"
    before = Signer(keys).signed(content, "next.example")
    make_key(keys, "next.example", "s2")
    after = Signer(keys).signed(content, "next.example")

    assert (b"s=s1;" in before, b"s=s2;" in after) == (True, True)
    assert is_valid(before, keys)
    assert is_valid(after, keys)


def test_a_key_is_for_its_owner_only_and_never_overwritten(keys):
    (key,) = keys_in(keys)
    content = key.file.read_bytes()

    assert stat.S_IMODE(key.file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        make_key(keys, "next.example", "s1")
    assert key.file.read_bytes() == content
