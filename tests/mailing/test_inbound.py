"""Reading mails that came in: who wrote them, what our border says of that, and bombs (70 to 73)."""

import time

import pytest

from nextevents.mailing.inbound import LONGEST, is_aligned, is_proved, read
from tests.factories import NOON
from tests.mailing.letters import BORDER, calendar, mail, nested, part, passed

ADA = "ada@stadt.example"
REPLY = calendar("uid", ADA, at=NOON)


def proved(*fields: tuple[str, str], author: str = ADA, border: str = BORDER) -> bool:
    return is_proved(author, fields, border)


def said(words: str) -> tuple[str, str]:
    return "Authentication-Results", f"{BORDER}; {words}"


RECEIVED = ("Received", f"from elsewhere by {BORDER}")

# Who wrote it


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("ada@stadt.example", ADA),
        ("Ada <ADA@Stadt.Example>", ADA),
        ('"Beispiel, Ada (Amt 3)" <ada@stadt.example>', ADA),
        ('"eve@evil.example" <ada@stadt.example>', ADA),
        ("=?utf-8?q?Bj=C3=B6rn?= <ada@stadt.example>", ADA),
        ("<ada@stadt.example>", ADA),
        ("", ""),
        ("Ada", ""),
        ("ada@stadt.example, eve@evil.example", ""),
        ("ada@stadt.example <eve@evil.example>", ""),
        ("<ada@stadt.example> <eve@evil.example>", ""),
        ("Ada <ada@stadt.example> eve@evil.example", ""),
        ("Ada <@evil.example:ada@stadt.example>", ""),
        ("gruppe: ada@stadt.example;", ""),
        ("ada@stadt.example\0eve", ""),
        ("adä@stadt.example", ""),
    ],
)
def test_an_author_is_one_address_or_nobody(written, author):
    assert read(mail(headers={"From": written}), border="").author == author


def test_of_two_from_lines_neither_is_believed():
    content = b"From: eve@evil.example\r\n" + mail(part(REPLY))

    letter = read(content, border=BORDER)

    assert (letter.author, letter.is_proved) == ("", False)


# What our border says


@pytest.mark.parametrize(
    "words",
    [
        "dmarc=pass header.from=stadt.example",
        "dmarc=pass (p=none dis=none) header.from=stadt.example",
        "spf=fail; DKIM=Pass (2048-bit key; unprotected) header.d=stadt.example header.i=@stadt.example",
        "dkim=pass header.i=news@mail.stadt.example",
        "dkim = pass header.d = stadt.example",
        "dkim/1=pass header.d=stadt.example",
        "dkim=fail header.d=stadt.example; dkim=pass header.d=stadt.example",
        'dkim=pass reason="all; is well" header.d=stadt.example',
    ],
)
def test_our_border_s_word_counts(words):
    assert proved(said(words), RECEIVED)


@pytest.mark.parametrize(
    "words",
    [
        "none",
        "",
        "spf=pass smtp.mailfrom=stadt.example",
        "dmarc=fail header.from=stadt.example",
        "dmarc=pass",
        "dmarc=pass header.from=evil.example",
        "dkim=pass header.d=evil.example",
        "dkim=pass header.d=example",
        "dkim=pass header.d=xstadt.example",
        "dkim=pass header.d=andere.stadt.example.evil.example",
        'dkim=pass header.d="x stadt.example"',
        'spf=fail smtp.mailfrom="x; dmarc=pass header.from=stadt.example"@evil.example',
        "spf=fail (x; dmarc=pass header.from=stadt.example) smtp.mailfrom=evil.example",
        "spf=fail (a \\) b; dmarc=pass header.from=stadt.example) smtp.mailfrom=evil.example",
        'spf=fail "open; dmarc=pass header.from=stadt.example',
        "spf=fail (open; dmarc=pass header.from=stadt.example",
        "spf=fail ) dmarc=pass; dmarc=pass header.from=stadt.example",
        "x-dmarc=pass header.from=stadt.example",
        "dmarc=passed header.from=stadt.example",
    ],
)
def test_nothing_less_counts(words):
    assert not proved(said(words), RECEIVED)


PASS = passed(ADA)


@pytest.mark.parametrize(
    ("fields", "border"),
    [
        ([RECEIVED, ("Authentication-Results", PASS)], BORDER),
        ([("Authentication-Results", f"{BORDER}; none"), RECEIVED, ("Authentication-Results", PASS)], BORDER),
        ([RECEIVED, RECEIVED, ("Authentication-Results", PASS)], f"{BORDER} 1"),
        ([("Authentication-Results", PASS.replace(BORDER, "mx.evil.example")), RECEIVED], BORDER),
        ([("Authentication-Results", PASS), RECEIVED], ""),
        ([("X-Authentication-Results", PASS), RECEIVED], BORDER),
    ],
    ids=["below", "forged below ours", "below what we wrote", "another's", "no border is set", "another header"],
)
def test_words_that_our_border_did_not_write_do_not_count(fields, border):
    assert not proved(*fields, border=border)


def test_a_border_may_stand_behind_other_servers_of_ours():
    assert proved(RECEIVED, ("authentication-results", PASS), RECEIVED, border=f"{BORDER} 1")


def test_several_filters_of_our_border_may_each_say_something():
    assert proved(said("dkim=none"), said("dmarc=pass header.from=stadt.example"), RECEIVED)


@pytest.mark.parametrize(
    ("one", "other", "aligned"),
    [
        ("stadt.example", "stadt.example", True),
        ("stadt.example.", "stadt.example", True),
        ("mail.stadt.example", "stadt.example", True),
        ("stadt.example", "mail.stadt.example", True),
        ("a.stadt.example", "b.stadt.example", False),
        ("example", "stadt.example", False),
        ("", "stadt.example", False),
    ],
)
def test_domains_of_one_house(one, other, aligned):
    assert is_aligned(one, other) is aligned


# Machines


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner=x"},
        {"X-Autoreply": "yes"},
        {"Subject": "Automatische Antwort: Einladung"},
        {"Subject": "=?utf-8?q?Abwesenheitsnotiz?="},
        {"Precedence": "bulk"},
        {"List-Id": "<liste.example>"},
        {"List-Unsubscribe": "<mailto:x@y.example>"},
    ],
)
def test_machines_are_recognised(headers):
    letter = read(mail(headers=headers), border="")

    assert letter.is_automatic or letter.is_bulk


def test_people_are_people():
    letter = read(mail(headers={"Auto-Submitted": "no", "X-Auto-Response-Suppress": "All"}), border="")

    assert (letter.is_automatic, letter.is_bulk) == (False, False)


# Bombs


@pytest.mark.parametrize("levels", [51, 500, 1200, 20_000])
def test_many_levels_are_not_even_begun(levels):
    begun = time.perf_counter()

    assert read(nested(levels), border="").problem == "too deep"
    assert time.perf_counter() - begun < 1


def test_fifty_levels_are_read():
    assert read(nested(50), border="").problem == ""


@pytest.mark.parametrize("level", ["message/rfc822", "MULTIPART/digest", "\r\n multipart/mixed; boundary=b"])
def test_however_a_level_is_written_it_counts(level):
    content = f"Content-Type: {level}\r\n\r\n".encode() * 100

    assert read(content, border="").problem == "too deep"


BOMBS = {
    "two megabytes": (b"x" * (LONGEST + 1), "too long"),
    "fifty megabytes": (b"x" * 50_000_000, "too long"),
    "many parts": (mail(*[part("x", kind="text/plain")] * 21), "too many parts"),
    "nothing": (b"", ""),
    "zeros": (bytes(1000), ""),
    "no boundary": (b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\n", ""),
    "a boundary that is missing": (b'Content-Type: multipart/mixed; boundary="y"\r\n\r\n--x\r\n\r\n', ""),
    "an unknown charset": (mail(part("x", kind='text/plain; charset="gibt-es-nicht"')), ""),
    "a charset that is code": (mail(part("x", kind='text/plain; charset="hex"')), ""),
    "broken base64": (mail(part("%%%=A", kind="text/calendar", coding="8bit").replace("8bit", "base64")), ""),
    "an unknown coding": (mail(part("x", kind="text/calendar", coding="x-unknown")), ""),
    "uuencode": (mail(part("begin 644 x\r\n#\xff\r\n", kind="text/calendar", coding="x-uuencode")), ""),
    "a subject in an unknown charset": (mail(headers={"Subject": "=?gibt-es-nicht?b?4pyT?= =?utf-8?b?%?="}), ""),
    "headers that are none": (b"\xff\xfe: \x00\r\n:::\r\n\r\n", ""),
    "a parameter that goes on": (mail(part("x", kind="text/plain; name*0*=gibt'x'%ff; name*1=y")), ""),
    "mails within mails": (mail(part("From: x\r\n\r\ny", kind="message/rfc822", coding="7bit")), ""),
}


@pytest.mark.parametrize(("content", "problem"), BOMBS.values(), ids=BOMBS)
def test_whatever_is_sent_reading_it_ends_soon_and_well(content, problem):
    begun = time.perf_counter()

    letter = read(content, border=BORDER)

    assert letter.problem == problem
    assert [one for one in letter.parts if not isinstance(one.text, str)] == []
    assert time.perf_counter() - begun < 2


def test_what_changes_how_a_line_is_seen_is_taken_out_of_it():
    letter = read(mail(headers={"Subject": "=?utf-8?b?4oCucnVuIQ==?= \t x"}), border="")

    assert letter.subject == "run! x"


def test_winmail_dat_is_recognised_by_its_kind_and_by_its_name():
    by_kind = mail(part("x", kind="application/ms-tnef"))
    by_name = mail(part("x", kind='application/octet-stream; name="WinMail.dat"'))

    assert [read(content, border="").has_tnef for content in (by_kind, by_name, mail())] == [True, True, False]
