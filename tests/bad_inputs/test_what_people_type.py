"""Names, addresses and codes as people type them (cases 1 to 16 and 19 to 28 of the catalogue)."""

import time

import pytest
from sqlalchemy import func, select

from nextevents.events.models import Event
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from tests.bad_inputs.forms import (
    ADA,
    EVIL,
    NAME,
    REGISTRATION,
    REGISTRATION_CODE,
    SIGN_IN,
    SIGN_IN_CODE,
    WALK_IN,
    assert_refused,
    registration_of,
    rows,
)
from tests.factories import make_person, make_registration
from tests.house.letters import last_letter
from tests.house.visitors import text_of
from tests.house.world import OFFICE

KEPT_NAMES = rows(
    (1, "an emoji family", "Ada 👩‍👩‍👧 Müller"),
    (1, "combining marks without a composed form", "Z̧a"),
    (5, "a formula", '=HYPERLINK("https://evil.example")'),
    (5, "a plus", "+1"),
    (5, "an at sign", "@x"),
    (6, "a Python placeholder", "{event.__class__}"),
    (6, "a Jinja placeholder", "{{7*7}}"),
    (6, "a percent sign", "100 %s %(title)s"),
    (6, "a shell placeholder", "${x}"),
    (7, "a tag", "<b>Ada</b>"),
    (7, "a Markdown link", "[hier](https://evil.example)"),
    (7, "an address of a page", "https://evil.example"),
    (9, "a mononym", "Suharto"),
    (9, "an apostrophe", "Conan O'Neill"),
    (9, "a hyphen and a particle", "Ada von der Leyen-Müller"),
    (9, "Vietnamese", "Nguyễn Thị Minh Khai"),
    (9, "null", "null"),
    (9, "NaN", "NaN"),
    (8, "120 letters", "x" * 120),
    (16, "letters of two scripts", "\u0440\u0430\u0443\u0440\u0430l"),
    (14, "quotation marks", '"Ada" \\ „Neu“'),
)


@KEPT_NAMES
def test_an_unusual_name_is_kept_and_shown_as_it_is(house, value):
    (name,) = value
    visitor = house.visitor()
    assert visitor.send(REGISTRATION.path, REGISTRATION.fields | {"name": name}).status_code == 303
    answer = visitor.send(REGISTRATION_CODE.path, {"code": last_letter(house, ADA).code})

    assert registration_of().name == name
    assert name in " ".join(text_of(visitor.get(answer.location)).split())
    mail = last_letter(house, ADA)
    assert mail.kind == "registered"
    assert name in " ".join(mail.text.split())
    assert [link for link in mail.links if EVIL in link] == []


REFUSED_NAMES = rows(
    (2, "an override of direction", "Ada \u202egnol"),
    (2, "an isolate", "Ada \u2066Neu"),
    (2, "a zero-width space", "A\u200bda"),
    (2, "a byte order mark", "A\ufeffda"),
    (2, "a soft hyphen", "A\u00adda"),
    (3, "blanks", "   "),
    (3, "no-break spaces", "\u00a0\u00a0"),
    (3, "a Hangul filler", "\u3164"),
    (3, "nothing", ""),
    (4, "a line feed", "Ada\nBcc: eve@evil.example"),
    (4, "a carriage return", "Ada\rEve"),
    (4, "both", "Ada\r\nEve"),
    (4, "a vertical tab", "Ada\x0bEve"),
    (4, "a form feed", "Ada\x0cEve"),
    (4, "a next line", "Ada\x85Eve"),
    (4, "a line separator", "Ada\u2028Eve"),
    (8, "10,000 letters", "x" * 10_000),
    (8, "121 letters", "x" * 121),
    (10, "a zero byte", "Ada\x00Neu"),
    (10, "an escape", "Ada\x1b[31m"),
    (11, "a private letter", "Ada \ue000name\ue001"),
)


@REFUSED_NAMES
@pytest.mark.parametrize("form", [REGISTRATION, NAME, WALK_IN], ids=["registration", "account", "door"])
def test_a_name_that_cannot_be_read_is_refused(house, form, value):
    (name,) = value
    answer = form.send(house, name=name)

    assert_refused(answer, "name", name if name.strip("\xa0\u3164 ") else "")
    assert registration_of() is None


def test_two_ways_to_write_an_umlaut_are_one_name(house):
    """Case 13: what is typed decomposed is kept composed, and found."""
    REGISTRATION.send(house, name="Mu\u0308ller")

    assert registration_of().name == "Müller"
    page = house.visitor(OFFICE).get("/veranstaltungen/offen/verwalten/teilnehmende/", query_string={"q": "mu\u0308ll"})
    assert "Müller" in page.text


@pytest.mark.parametrize("typed", ["ärz", "ÄRZ", "Ärz", "strauß", "STRAUß", "strauss"])
def test_searching_people_does_not_mind_capitals_on_either_database(house, typed):
    """Case 14: SQLite's own lower() leaves umlauts. Case 15: folding ß is allowed, missing it is not."""
    event = database.session.scalars(select(Event).where(Event.slug == "offen")).one()
    person = make_person(name="Ärztin Strauß")
    make_registration(event, person)
    database.session.commit()

    page = house.visitor(OFFICE).get("/veranstaltungen/offen/verwalten/teilnehmende/", query_string={"q": typed})
    assert ("Ärztin Strauß" in page.text) or typed == "strauss"


KEPT_ADDRESSES = rows(
    (19, "a tag and dots", "Max.Muster+next@Stadt-Bekannt.Example", "Max.Muster+next@stadt-bekannt.example"),
    (20, "an umlaut domain", "max@behörde.example", "max@xn--behrde-yxa.example"),
    (20, "an umlaut domain as A-labels", "max@xn--behrde-yxa.example", "max@xn--behrde-yxa.example"),
    (28, "a role", "postmaster@stadt-bekannt.example", "postmaster@stadt-bekannt.example"),
    (25, "64 characters before the @", f"{'a' * 64}@stadt-bekannt.example", f"{'a' * 64}@stadt-bekannt.example"),
    (23, "blanks around it", "  max@stadt-bekannt.example ", "max@stadt-bekannt.example"),
    (5, "an apostrophe", "o'neill@stadt-bekannt.example", "o'neill@stadt-bekannt.example"),
)


@KEPT_ADDRESSES
@pytest.mark.parametrize("form", [REGISTRATION, SIGN_IN], ids=["registration", "sign in"])
def test_an_unusual_address_is_written_to(house, form, value):
    typed, routed = value
    before = database.session.scalar(select(func.max(Message.id)))

    assert form.send(house, email=typed).status_code == 303
    assert database.session.scalars(select(Message.recipient).where(Message.id > before)).all() == [routed]


REFUSED_ADDRESSES = rows(
    (3, "nothing", ""),
    (3, "blanks", "  "),
    (21, "an umlaut before the @", "jörg@stadt-bekannt.example"),
    (22, "quotation marks", '"a b"@stadt-bekannt.example'),
    (22, "a number as host", "a@[127.0.0.1]"),
    (22, "a host without dots", "a@localhost"),
    (22, "two dots", "a..b@stadt-bekannt.example"),
    (23, "a header", "a@stadt-bekannt.example\r\nBcc: c@evil.example"),
    (23, "two addresses", "a@stadt-bekannt.example,c@evil.example"),
    (23, "angle brackets", "<a@stadt-bekannt.example>"),
    (23, "two at signs", "a@stadt-bekannt.example@evil.example"),
    (23, "a name beside it", "Ada <a@stadt-bekannt.example>"),
    (24, "a comment", "alice@stadt-bekannt.example )bob@evil.example"),
    (25, "65 characters before the @", f"{'a' * 65}@stadt-bekannt.example"),
    (25, "255 characters", f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 8}.example"),
    (27, "50,000 dots", "a" + "." * 50_000 + "@stadt-bekannt.example"),
    (27, "400 kB", "a" * 400_000 + "@stadt-bekannt.example"),
    (28, "our own", "Termine@NExT.example"),
    (28, "where our bounces go", "ruecklauf@next.example"),
    (10, "a zero byte", "a\x00@stadt-bekannt.example"),
    (2, "an override of direction", "a\u202e@stadt-bekannt.example"),
)


@REFUSED_ADDRESSES
@pytest.mark.parametrize("form", [REGISTRATION, SIGN_IN], ids=["registration", "sign in"])
def test_what_is_no_address_of_ours_to_write_to_is_refused_at_once(house, form, value):
    (typed,) = value
    before = database.session.scalar(select(func.count(Message.id)))
    began = time.thread_time()
    answer = form.send(house, email=typed)

    assert_refused(answer, "email", typed)
    assert time.thread_time() - began < 0.5  # of this thread alone, however busy the machine is
    assert database.session.scalar(select(func.count(Message.id))) == before


@REFUSED_ADDRESSES
def test_looking_up_the_body_of_a_bad_address_answers_with_an_empty_field(house, value):
    (typed,) = value
    answer = house.visitor().send("/anmeldung/organisation", {"email": typed, "organisation": "Amt"})

    assert answer.status_code == 200
    assert 'value="Amt"' in answer.text


@rows(
    (3, "nothing", ""),
    (3, "blanks", "   "),
    (35, "digits of another script", "\uff11\uff12\uff13\uff14\uff15\uff16"),
    (35, "Arabic digits", "٣٣٣٣٣٣"),
    (35, "a minus", "-12345"),
    (35, "letters", "abcdef"),
    (35, "too few", "12345"),
    (35, "too many", "1234567"),
    (10, "a zero byte", "123\x00456"),
    (27, "a hundred thousand digits", "1" * 100_000),
    (1, "an emoji", "👩‍👩‍👧"),
)
@pytest.mark.parametrize("form", [SIGN_IN_CODE, REGISTRATION_CODE], ids=["sign in", "registration"])
def test_what_is_no_code_is_refused(house, form, value):
    (typed,) = value

    assert_refused(form.send(house, code=typed), "code", typed.strip())
