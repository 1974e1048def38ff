"""Events as the office types them (30, 34, 35, 39, 41 to 46, 55, 56, 69)."""

import time
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select

from nextevents.events.models import Event, Stage
from nextevents.ground.database import db as database
from tests.bad_inputs.forms import (
    CANCELLATION,
    DRAFT,
    EVENT,
    POSTPONEMENT,
    Form,
    assert_refused,
    event_fields,
    problem_at,
    rows,
    version_of,
)
from tests.house.letters import last_letter
from tests.house.visitors import page_of
from tests.house.world import ADDRESSES, OFFICE, PARTICIPANT

SPRING = {"starts_on": "2027-03-28", "starts_time": "02:30", "ends_on": "2027-03-28"}
AUTUMN = {"starts_on": "2027-10-31", "starts_time": "02:30", "ends_on": "2027-10-31"}


@rows(
    (34, "minus one", {"capacity": "-1"}, "capacity"),
    (34, "2^31", {"capacity": str(2**31)}, "capacity"),
    (34, "2^63", {"capacity": str(2**63)}, "capacity"),
    (34, "a fraction", {"capacity": "1.5"}, "capacity"),
    (34, "an exponent", {"capacity": "1e3"}, "capacity"),
    (34, "nothing and no tick", {"capacity": ""}, "capacity"),
    (35, "full-width digits", {"capacity": "\uff11\uff12"}, "capacity"),
    (35, "an Arabic digit", {"capacity": "٣"}, "capacity"),
    (35, "an underscore", {"capacity": "1_000"}, "capacity"),
    (35, "5,000 digits", {"capacity": "9" * 5_000}, "capacity"),
    (30, "a title of 201 letters", {"title": "x" * 201}, "title"),
    (30, "a title of 100 kB", {"title": "x" * 100_000}, "title"),
    (69, "a title with lines of a calendar", {"title": "A\r\nBEGIN:VALARM"}, "title"),
    (3, "an empty title", {"title": " "}, "title"),
    (39, "an end before the beginning", {"ends_on": "2026-12-01"}, "ends_on"),
    (39, "no length", {"ends_time": "14:00"}, "ends_on"),
    (41, "an hour that spring leaves out", SPRING, "starts_time"),
    (42, "an hour that autumn repeats", AUTUMN, "starts_time"),
    (44, "the year 9999", {"starts_on": "9999-12-31", "ends_on": "9999-12-31"}, "starts_on"),
    (44, "the year 1", {"starts_on": "0001-01-01"}, "starts_on"),
    (44, "the year 10000", {"starts_on": "10000-01-01"}, "starts_on"),
    (44, "29 February 2027", {"starts_on": "2027-02-29"}, "starts_on"),
    (44, "an end in the year 9999", {"ends_on": "9999-12-31"}, "starts_on"),
    (44, "registration until the year 9999", {"closes_on": "9999-12-31"}, "closes_on"),
    (44, "registration until the year 1", {"closes_on": "0001-01-01"}, "closes_on"),
    (45, "a week", {"starts_on": "2026-W01-1"}, "starts_on"),
    (45, "24:00", {"starts_time": "24:00"}, "starts_time"),
    (45, "a leap second", {"starts_time": "23:59:60"}, "starts_time"),
    (46, "an unknown place", {"place": "Mars/X"}, "place"),
    (46, "an unknown audience", {"audience": "office"}, "audience"),
    (8, "a summary of 501 letters", {"summary": "x" * 501}, "summary"),
    (56, "a description of 20,001 letters", {"description": "x" * 20_001}, "description"),
    (10, "a zero byte in the description", {"description": "a\x00b"}, "description"),
    (2, "an override in the description", {"description": "a\u202eb"}, "description"),
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused(house, value):
    typed, field = value
    answer = EVENT.send(house, **event_fields(), **typed)

    shown = typed.get(field) if field not in {"place", "audience"} else None
    assert_refused(answer, field, shown if shown is None else shown.strip())
    assert database.session.scalar(select(Event.title).where(Event.slug == "vor-ort")) == "Treffen vor Ort"


def test_the_missing_hour_is_refused_with_what_is_probably_meant(house):
    answer = EVENT.send(house, **event_fields(), starts_on="2027-03-28", starts_time="02:30", ends_on="2027-03-28")

    assert "Meinen Sie 03:30?" in problem_at(answer, "starts_time")


SLUGS = rows(
    (3, "nothing", ""),
    (8, "a blank inside", "a b"),
    (8, "81 letters", "x" * 81),
    (8, "10,000 letters", "x" * 10_000),
    (2, "an override", "a\u202eb"),
    (10, "a zero byte", "a\x00b"),
    (35, "full-width letters", "\uff41\uff42"),
    (35, "a Cyrillic letter", "\u0430bc"),
    (35, "an umlaut", "über"),
    (35, "a dotless i", "\u0131"),
    (8, "capitals", "Neu"),
    (8, "a hyphen at the end", "neu-"),
    (8, "a hyphen at the beginning", "-neu"),
    (8, "two hyphens", "neu--er"),
    (8, "a path", "../konto"),
    (8, "a slash", "a/b"),
    (8, "an encoded slash", "a%2fb"),
    (8, "two dots", ".."),
    (8, "an address", "https://evil.example"),
    (55, "markup", "<b>x</b>"),
    (69, "a line break", "a\nb"),
)  # fmt: skip


@SLUGS
def test_an_address_that_cannot_be_is_refused(house, value):
    (typed,) = value

    assert_refused(DRAFT.send(house, **version_of("entwurf"), slug=typed), "slug", None)
    assert database.session.scalar(select(Event.slug).where(Event.slug == "entwurf")) == "entwurf"


def test_the_address_of_another_event_is_refused(house):
    answer = DRAFT.send(house, **version_of("entwurf"), slug="offen")

    assert_refused(answer, "slug", "offen")
    assert "gehört schon zu einem anderen Termin" in problem_at(answer, "slug")


def test_the_address_of_what_is_published_stays(house):
    answer = EVENT.send(house, **event_fields(), slug="gekapert")

    assert_refused(answer, "slug", "gekapert")
    assert database.session.scalar(select(Event.slug).where(Event.slug == "gekapert")) is None


@pytest.mark.parametrize(
    ("form", "field"),
    [(CANCELLATION, "cancellation_notice"), (POSTPONEMENT, "postponement_notice")],
    ids=["cancellation", "postponement"],
)
@rows(
    (8, "1,001 letters", "x" * 1_001),
    (56, "100 kB", "x" * 100_000),
    (10, "a zero byte", "a\x00b"),
    (10, "a bell", "a\x07b"),
    (2, "an override", "a\u202eb"),
    (2, "a place of our forms", "\ue000name\ue001"),
)  # fmt: skip
def test_a_message_that_cannot_be_is_refused_and_the_event_goes_on(house, form, field, value):
    (typed,) = value

    assert_refused(form.send(house, **{field: typed}), field, None)
    assert database.session.scalar(select(Event.stage).where(Event.slug == "vor-ort")) == Stage.PUBLISHED


@rows(
    (34, "no seats at all", {"capacity": "0"}, 0),
    (35, "blanks around the number", {"capacity": " 7 "}, 7),
    (34, "as many as come", {"capacity": "", "is_unlimited": "y"}, None),
    (34, "the most", {"capacity": "9999999"}, 9_999_999),
)
def test_a_number_of_seats_that_can_be_is_taken(house, value):
    typed, seats = value

    assert EVENT.send(house, **event_fields(), **typed).status_code == 303
    assert database.session.scalar(select(Event.capacity).where(Event.slug == "vor-ort")) == seats


def test_an_event_over_the_change_of_clocks_is_as_long_as_it_is(house):
    """Case 43: from Saturday 22.00 to Sunday 03.30 of the last weekend of October pass six and a half hours."""
    typed = {"starts_on": "2027-10-30", "starts_time": "22:00", "ends_on": "2027-10-31", "ends_time": "03:30"}

    assert EVENT.send(house, **event_fields(), **typed).status_code == 303
    database.session.expire_all()
    event = database.session.scalars(select(Event).where(Event.slug == "vor-ort")).one()
    assert event.duration == timedelta(hours=6, minutes=30)


def test_fewer_seats_than_are_taken_are_refused_beside_the_field(house):
    form = Form(
        "/veranstaltungen/offen/verwalten/angaben/", EVENT.fields | {"version": str(house.world.version)}, OFFICE
    )

    assert_refused(form.send(house, capacity="2"), "capacity", "2")


@pytest.mark.parametrize("version", ["", "0", "-1", "99999999999999999999", "\uff11", "x", "1e0"])
def test_a_version_that_is_not_the_present_one_saves_nothing(house, version):
    assert EVENT.send(house, version=version, title="Ältere Fassung").status_code == 409
    assert database.session.scalar(select(Event.title).where(Event.slug == "vor-ort")) == "Treffen vor Ort"


PAYLOADS = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "![Zähler](https://evil.example/pixel.png)",
    "[hier](javascript:alert(1))",
    "[hier](data:text/html;base64,PHNjcmlwdD4=)",
    "[hier](JaVaScRiPt:alert(1))",
    "<style>body{display:none}</style>",
    '<form action="https://evil.example"><input name="csrf_token"></form>',
    '<base href="https://evil.example">',
    '<a href="#" id="flash" name="getElementById">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<svg><script>alert(1)</script></svg>",
    '<https://evil.example/" onmouseover="alert(1)>',
)


def test_markup_in_an_event_s_text_is_taken_out_or_shown_as_text(house):
    """Case 55, in every field that people see; the structured data for search engines too."""
    text = "\n\n".join(PAYLOADS)
    typed = {
        "title": "</script><script>alert(1)</script>",
        "summary": '<img src=x onerror="alert(1)">',
        "description": text,
        "address": '"><script>alert(1)</script>',
    }
    assert EVENT.send(house, **event_fields(), **typed).status_code == 303

    page = page_of(house.visitor().get("/veranstaltungen/vor-ort/"))
    assert [tag["type"] for tag in page.select("script:not([src])")] == ["application/ld+json"]
    main = page.main
    assert main.select("script, style, iframe, svg, base, img, object, embed, input[name=csrf_token] ~ form") == []
    assert {form["action"] for form in main.find_all("form")} == {"/veranstaltungen/vor-ort/anmeldung"}
    links = [link.get("href", "") for link in main.find_all("a")]
    assert [link for link in links if link.lower().startswith(("javascript:", "data:", "vbscript:"))] == []
    assert [tag.name for tag in main.find_all(attrs={"id": "flash"})] == []
    handlers = [name for tag in main.select("*") for name in tag.attrs if name.startswith("on")]
    assert handlers == []


NESTED = {
    "56-quotations": ">" * 19_000,
    "56-lists": "- " * 9_000,
    "56-brackets": "[" * 19_000,
    "56-emphasis": "*a" * 9_000,
    "56-code": "`" * 19_000,
    "56-links": "(" * 10_000 + "[a](" * 2_000,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_deeply_nested_text_is_shown_in_little_time(house, text):
    """Case 56."""
    assert EVENT.send(house, **event_fields(), description=text).status_code == 303
    began = time.thread_time()

    assert house.visitor().get("/veranstaltungen/vor-ort/").status_code == 200
    assert time.thread_time() - began < 3


TITLE = 'A; B, C \\ D "E": BEGIN:VALARM; \N{SNOWMAN} ' + "x" * 150


def test_a_title_cannot_break_out_of_its_line_in_calendars(house):
    """Case 69."""
    assert EVENT.send(house, **event_fields(), title=TITLE, address="Rathaus\r\nBEGIN:VEVENT\nX:1").status_code == 303
    answer = house.visitor().get("/veranstaltungen/vor-ort/termin.ics")
    calendar = icalendar.Calendar.from_ical(answer.data)

    assert [component.name for component in calendar.walk("VEVENT")] == ["VEVENT"]
    assert calendar.walk("VALARM") == []
    assert str(calendar.walk("VEVENT")[0]["summary"]) == TITLE.strip()
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75


@pytest.mark.parametrize(
    "dial_in", ["javascript:alert(1)", "data:text/html,x", "Telefon 030 123456", "konferenz.example"]
)
def test_a_way_in_that_is_no_address_of_a_page_is_text_and_no_link(house, dial_in):
    """Cases 33 and 55, in the page, the mail and the calendar of somebody who has a seat."""
    event = database.session.scalars(select(Event).where(Event.slug == "offen")).one()
    fields = EVENT.fields | {"version": str(event.version), "title": event.title, "place": "virtual", "address": ""}
    form = Form("/veranstaltungen/offen/verwalten/angaben/", fields, OFFICE)
    assert form.send(house, dial_in=dial_in, capacity="60").status_code == 303

    pages = [
        house.visitor(PARTICIPANT).get("/veranstaltungen/offen/"),
        house.visitor().get(f"/anmeldung/{house.registration_token(PARTICIPANT, 'offen')}/"),
    ]
    for page in map(page_of, pages):
        assert dial_in in " ".join(page.main.stripped_strings)
        assert [link["href"] for link in page.find_all("a") if dial_in in link.get("href", "")] == []
    mail = last_letter(house, ADDRESSES[PARTICIPANT])
    assert (mail.kind, dial_in in mail.text) == ("event_changed", True)
    assert f'href="{dial_in}' not in mail.html
    calendar = icalendar.Calendar.from_ical(house.visitor().get(f"/kalender/{house.feed_token(PARTICIPANT)}.ics").data)
    (entry,) = [one for one in calendar.walk("VEVENT") if one["uid"] == event.uid]
    assert "conference" not in entry
