"""Mails with places: the tree of parts, header lines that nobody can break, and values that stay values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextevents.mailing.errors import UnfillableForm
from nextevents.mailing.forms import FormDraft, Press, Sender, place
from nextevents.mailing.models import Stream
from tests.services import ical_rules

SENDER = Sender(address="termine@next.example", name="NExT e. V.", bounces="ruecklauf@next.example")
CALENDAR = "\r\n".join(["BEGIN:VCALENDAR", "METHOD:REQUEST", "SUMMARY:Übung", place("attendee"), "END:VCALENDAR", ""])
PLAIN = FormDraft(
    language="de",
    subject="Ihr Zugang zu NExT",
    text=f"Guten Tag {place('name')},\n\n.\nGrüße\n",
    html=f"<p>Guten Tag {place('name')},</p>\n",
)
WITH_ENTRY = replace(PLAIN, subject="Anmeldung bestätigt: Übung", calendar=CALENDAR, calendar_method="REQUEST")
VALUES = {"name": "Ada", "attendee": "ATTENDEE:mailto:ada@amt.example"}
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = [
    "{{7*7}}",
    "{name}",
    "%s %(name)s",
    "${x}",
    "<b>Ada</b>",
    '"><script>alert(1)</script>',
    "Ada & Bob",
    "O'Neill",
    'Ada "die Schnelle"',
    "Müller-Lüdenscheidt",
    "Ada 🎉",
    "[click](https://evil.example)",
    "\\g<0> \\1",
    "@@part@@",
    "--=_next_",
    "=C3=BC",
    ".",
]


def printed(
    form=WITH_ENTRY, *, to="ada@amt.example", message_id="<1@next.example>", date=AT, sender=SENDER, **values: str
):
    return Press(form, SENDER).print(to=to, message_id=message_id, date=date, values=VALUES | values)


def read(content):
    return message_from_bytes(content, policy=default)


def tree(message):
    parts = [tree(part) for part in message.iter_parts()] if message.is_multipart() else []
    return (message.get_content_type(), *parts)


def said(part):
    return part.get_content().replace("\r\n", "\n")


def bodies(message):
    return {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}


def test_a_mail_without_an_entry_is_text_and_html():
    assert tree(read(printed(PLAIN))) == ("multipart/alternative", ("text/plain",), ("text/html",))


def test_a_mail_with_an_entry_has_exactly_the_tree_that_calendars_know():
    message = read(printed())
    calendar, attachment = bodies(message)["text/calendar"], bodies(message)["application/ics"]

    assert tree(message) == (
        "multipart/mixed",
        ("multipart/alternative", ("text/plain",), ("text/html",), ("text/calendar",)),
        ("application/ics",),
    )
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST"}
    assert (calendar["Content-Disposition"], calendar["Content-Transfer-Encoding"]) == (None, "base64")
    assert (attachment.get_content_disposition(), attachment.get_filename()) == ("attachment", "termin.ics")
    assert attachment["Content-Type"].params["name"] == "termin.ics"


@pytest.mark.parametrize(
    ("language", "method", "name"),
    [
        ("de", "REQUEST", "termin.ics"),
        ("de", "CANCEL", "absage.ics"),
        ("en", "REQUEST", "event.ics"),
        ("en", "CANCEL", "cancellation.ics"),
    ],
)
def test_the_attached_file_is_called_what_it_is(language, method, name):
    message = read(printed(replace(WITH_ENTRY, language=language, calendar_method=method)))

    assert bodies(message)["application/ics"].get_filename() == name
    assert bodies(message)["text/calendar"].get_param("method") == method


def test_both_copies_of_the_entry_are_the_same_bytes_with_their_line_ends():
    found = bodies(read(printed()))
    copies = [found[kind].get_payload(decode=True) for kind in ("text/calendar", "application/ics")]

    assert copies[0] == copies[1] == CALENDAR.replace(place("attendee"), VALUES["attendee"]).encode()


def test_text_and_html_say_what_was_written_in_utf_8():
    found = bodies(read(printed(PLAIN)))

    assert found["text/plain"].get_payload(decode=True).decode() == "Guten Tag Ada,\r\n\r\n.\r\nGrüße\r\n"
    assert said(found["text/html"]) == "<p>Guten Tag Ada,</p>\n"


@pytest.mark.parametrize("form", [PLAIN, WITH_ENTRY], ids=["plain", "with entry"])
def test_on_the_wire_there_are_only_short_ascii_lines_that_end_with_crlf(form):
    content = printed(form, name=2_000 * "ü")
    lines = content.split(b"\r\n")

    assert content.isascii()
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 78
    assert [line for line in lines if line.startswith(b".")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_a_name_literal_in_the_text_and_escaped_in_html(name):
    found = bodies(read(printed(name=name)))

    assert said(found["text/plain"]) == f"Guten Tag {name},\n\n.\nGrüße\n"
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert said(found["text/html"]) == f"<p>Guten Tag {escaped.replace(chr(34), '&#34;')},</p>\n"
    assert len(found) == 4


@given(st.text(st.characters(exclude_categories=["Cs", "Co", "Cc"]), max_size=300))
def test_every_name_comes_out_as_it_went_in(name):
    found = bodies(read(printed(PLAIN, name=name)))

    assert found["text/plain"].get_payload(decode=True).decode() == f"Guten Tag {name},\r\n\r\n.\r\nGrüße\r\n"


def test_a_value_that_looks_like_a_place_is_not_looked_at_again():
    assert place("attendee") in bodies(read(printed(name=place("attendee"))))["text/plain"].get_content()


def test_headers_say_who_to_whom_when_and_what_kind_of_mail_it_is():
    message = read(printed())

    assert {name: str(value) for name, value in message.items() if name not in {"Content-Type", "MIME-Version"}} == {
        "From": '"NExT e. V." <termine@next.example>',
        "To": "ada@amt.example",
        "Subject": "Anmeldung bestätigt: Übung",
        "Date": "Sat, 21 Nov 2026 12:00:00 +0000",
        "Message-ID": "<1@next.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF",
        "Content-Language": "de",
    }


def test_a_name_with_full_stops_is_quoted_on_the_wire():
    assert b'\r\nFrom: "NExT e. V." <termine@next.example>\r\n' in printed()


def test_only_a_mail_without_an_entry_asks_for_no_automatic_answer_at_all():
    assert read(printed(PLAIN))["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_a_date_of_another_zone_is_the_same_moment():
    date = AT.astimezone(timezone(timedelta(hours=1)))

    assert read(printed(date=date))["Date"].datetime == AT


@pytest.mark.parametrize(
    "subject",
    [
        "Warteliste: @@part@@",
        "Warteliste: to@place.invalid",
        "Warteliste: <id@place.invalid>",
        "Warteliste: Thu, 01 Jan 1970 00:00:00 +0000",
        "Warteliste: =?utf-8?q?x?=",
        "Warteliste: " + 40 * "ü",
        "Warteliste: " + " ".join(12 * ["🎉"]),
        "Warteliste: Message-ID: <2@evil.example>",
    ],
)
def test_no_title_confuses_the_headers(subject):
    message = read(printed(replace(WITH_ENTRY, subject=subject)))

    assert (message["To"], message["Message-ID"], message["Date"].datetime) == (
        "ada@amt.example",
        "<1@next.example>",
        AT,
    )
    assert len(bodies(message)) == 4
    assert "place.invalid" not in str(message["To"]) + str(message["Message-ID"])
    if "=?" not in subject:
        assert str(message["Subject"]) == subject


@pytest.mark.parametrize(
    "ending", ["\r\nBcc: eve@evil.example", "\nBcc: eve@evil.example", "\rX", "\x0bX", "\u2028X", "\x85X"], ids=ascii
)
def test_a_subject_with_a_line_break_makes_no_mail(ending):
    with pytest.raises(ValueError, match=r"\w"):
        Press(replace(WITH_ENTRY, subject=f"Warteliste{ending}"), SENDER)


@pytest.mark.parametrize(
    "field",
    [
        {"to": "ada@amt.example\r\nBcc: eve@evil.example"},
        {"to": "ada@amt.example\nX: y"},
        {"to": "ada@amt.example\n"},
        {"to": "ada @amt.example"},
        {"to": "jörg@amt.example"},
        {"to": ""},
        {"message_id": "<1@next.example>\r\nX: y"},
    ],
    ids=str,
)
def test_an_address_that_could_break_a_header_makes_no_mail(field):
    with pytest.raises(UnfillableForm):
        printed(**field)


def test_a_value_that_is_missing_makes_no_mail():
    with pytest.raises(UnfillableForm, match="attendee"):
        Press(WITH_ENTRY, SENDER).print(to="a@b.example", message_id="<1@x>", date=AT, values={"name": "Ada"})


def test_a_sender_s_name_with_a_line_break_makes_no_mail():
    with pytest.raises(ValueError, match=r"\w"):
        Press(PLAIN, replace(SENDER, name="NExT\r\nBcc: eve@evil.example"))


def test_the_same_values_make_the_same_bytes_each_time_and_in_every_press():
    assert printed() == printed()
    press = Press(WITH_ENTRY, SENDER)
    other = press.print(to="bob@amt.example", message_id="<2@next.example>", date=AT, values=VALUES | {"name": "Bob"})
    assert press.print(to="ada@amt.example", message_id="<1@next.example>", date=AT, values=VALUES) == printed()
    assert b"ada@" not in other


def test_a_form_is_known_by_all_that_it_says():
    drafts = [
        PLAIN,
        replace(PLAIN, language="en"),
        replace(PLAIN, subject="x"),
        replace(PLAIN, text="x"),
        replace(PLAIN, html="x"),
        replace(PLAIN, calendar="x"),
        replace(PLAIN, calendar="x", calendar_method="CANCEL"),
    ]

    assert len({draft.key for draft in drafts}) == 7
    assert replace(PLAIN).key == PLAIN.key


def test_boundaries_stand_in_no_body():
    message = read(printed(text := replace(WITH_ENTRY, text=f"=_next_ {place('name')}")))
    boundaries = [part.get_boundary() for part in message.walk() if part.is_multipart()]

    assert len(set(boundaries)) == 2
    assert tree(message) == tree(read(printed(replace(text, text="x"))))


def test_a_calendar_that_is_folded_stays_folded():
    folded = CALENDAR.replace("Übung", "\r\n ".join(40 * ["Üb"]))
    found = bodies(read(printed(replace(WITH_ENTRY, calendar=folded))))["text/calendar"].get_payload(decode=True)

    assert found.count(b"\r\n ") == 39
    assert [words for words in ical_rules.complaints(found) if "C-16" in words] == []


# Streams

NEWSLETTER = replace(
    PLAIN,
    text=f"{place('name')} {place('unsubscribe_url')} {place('preferences_url')}\n",
    stream=Stream.NEWSLETTER,
    headers={
        "From": '"Neues, aus Übach" <newsletter@next.example>',
        "List-Id": "Neues <neues.next.example>",
        "List-Post": "NO",
        "List-Unsubscribe": "neues+unsubscribe@next.example",
    },
)
LINKS = {
    "unsubscribe_url": "https://next.example/verteiler/abmelden/abc/",
    "unsubscribe_token": "abc",
    "preferences_url": "https://next.example/verteiler/einstellungen/def/",
}


def of_list(form=NEWSLETTER, links=LINKS):
    press = Press(form, SENDER)
    return press.print(to="ada@amt.example", message_id="<1@x>", date=AT, values=VALUES, links=links)


def test_a_newsletter_says_what_it_is_and_how_to_leave_it_https_first():
    mail = read(of_list())

    assert (mail["From"], mail["Precedence"], mail["Auto-Submitted"], mail["List-Post"]) == (
        '"Neues, aus Übach" <newsletter@next.example>',
        "bulk",
        "auto-generated",
        "NO",
    )
    assert mail.get_all("List-Unsubscribe") == [
        "<https://next.example/verteiler/abmelden/abc/>, <mailto:neues+unsubscribe@next.example?subject=abc>"
    ]
    assert mail.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    text = mail.get_body(("plain",)).get_content()
    assert text.split() == ["Ada", LINKS["unsubscribe_url"], LINKS["preferences_url"]]
    assert Press(NEWSLETTER, SENDER).domain == "next.example"


def test_a_mail_that_somebody_waits_for_offers_no_way_to_leave_and_is_what_it_was():
    mail = read(printed())

    assert {name for name in mail if name.lower().startswith(("list-", "precedence"))} == set()
    assert Press(PLAIN, SENDER).print(
        to="a@b.example", message_id="<1@x>", date=AT, values=VALUES, links=LINKS
    ) == Press(PLAIN, SENDER).print(to="a@b.example", message_id="<1@x>", date=AT, values=VALUES)


def test_a_members_post_is_not_automatic_and_may_bring_its_own_headers():
    form = replace(NEWSLETTER, stream=Stream.LIST, headers=NEWSLETTER.headers | {"Message-ID": "<own@amt.example>"})
    mail = read(of_list(form))

    assert (mail["Precedence"], mail["Auto-Submitted"]) == ("list", None)
    assert mail.get_all("Message-ID") == ["<own@amt.example>"]


def test_a_signed_part_stays_as_it_was_and_cannot_end_the_mail_too_early():
    signed = b'Content-Type: multipart/signed; boundary="x"\r\n\r\n--x\r\n\r\nHallo\r\n--x--\r\n'
    content = of_list(replace(NEWSLETTER, stream=Stream.LIST, entity=signed))
    assert content.endswith(b"MIME-Version: 1.0\r\n" + signed)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content

    smuggled = of_list(replace(NEWSLETTER, entity=b"Content-Type: text/plain\r\n\r\nx\n.\r\nMAIL FROM:<>\r"))
    assert b"\n" not in smuggled.replace(b"\r\n", b"")


@pytest.mark.parametrize("line", ["x\r\nBcc: eve@evil.example", "x\nBcc: eve@evil.example"])
@pytest.mark.parametrize("name", ["From", "List-Id", "Reply-To"])
def test_a_header_of_a_list_cannot_be_broken(name, line):
    with pytest.raises(ValueError, match=r"(?i)header|linefeed|parse"):
        Press(replace(NEWSLETTER, headers=NEWSLETTER.headers | {name: line}), SENDER)


def test_forms_that_differ_only_in_their_headers_are_two_and_older_ones_keep_their_key():
    assert replace(NEWSLETTER, headers={}).key != NEWSLETTER.key
    assert replace(PLAIN, stream=Stream.LIST).key != PLAIN.key
    assert replace(PLAIN, entity=b"x").key != PLAIN.key
    assert PLAIN.key == sha256(f"de\0{PLAIN.subject}\0{PLAIN.text}\0{PLAIN.html}\0\0".encode()).hexdigest()
