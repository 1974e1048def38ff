"""Hosts, places to go on to, methods, headers (32, 33, 50), and how alike answers are (80)."""

import time
from itertools import chain
from statistics import median

import pytest
from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from tests.bad_inputs.forms import (
    ADA,
    EVIL,
    REGISTRATION,
    SIGN_IN,
)
from tests.house.world import ADDRESSES, LEAD, OFFICE, PARTICIPANT


@pytest.mark.parametrize("path", ["/", "/konto/anmelden/", "/kalender.ics", "/gibt-es-nicht", "/healthz"])
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "", "[", "a" * 300]
)
def test_a_request_for_another_host_is_refused(standing, path, host):
    answer = standing.visitor().get(path, headers={"Host": host})

    assert answer.status_code == 400
    assert EVIL not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Server"])
def test_links_in_mails_are_built_from_our_own_address_whatever_a_request_says(house, header):
    visitor = house.visitor()
    value = f"host={EVIL}" if header == "Forwarded" else EVIL
    for form in (REGISTRATION, SIGN_IN):
        assert visitor.send(form.path, form.fields, headers={header: value}).status_code == 303

    mails = database.session.scalars(select(Message).where(Message.recipient == ADA)).all()
    assert {kind: link_of(mail.values) for kind, mail in ((mail.kind, mail) for mail in mails)} == {
        "confirm_address": "http://localhost/anmeldung/bestaetigen/",
        "sign_in": "http://localhost/konto/anmelden/",
    }


def link_of(values: dict) -> str:
    whole = values.get("confirm") or values["link"]
    return whole.rstrip("/").rpartition("/")[0] + "/"


FOREIGN_PLACES = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%0d%0aSet-Cookie:x=1",
    "/\r\nLocation: https://evil.example",
    "/\t/evil.example",
    " //evil.example",
    "/" + "x" * 400,
    "",
    "evil.example",
    "/\x00",
)


@pytest.mark.parametrize("place", FOREIGN_PLACES, ids=lambda place: f"33-{place[:30]!r}")
def test_nobody_is_sent_on_to_another_site(house, place):
    """Case 33, at every door that sends people on."""
    visitor = house.visitor()
    answers = [
        visitor.send("/sprache", {"language": "de", "next": place}),
        visitor.send("/konto/anmelden/", {"email": ADDRESSES[LEAD], "next": place}),
        visitor.send("/konto/anmelden/code/", {"code": "", "next": place}),
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert answers[0].location in {"/", "/%0d%0aSet-Cookie:x=1"}
    assert answers[1].location.startswith("/konto/anmelden/code/")
    for answer in answers:
        assert "\r" not in "".join(chain.from_iterable(answer.headers))
        assert answer.headers.get("X") is None


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "UNSINN"])
@pytest.mark.parametrize("path", ["/", "/veranstaltungen/offen/", "/konto/", "/buero/", "/kalender.ics"])
def test_other_methods_than_those_of_a_page_are_refused(standing, path, method):
    assert standing.visitor(OFFICE).open(path, method=method).status_code == 405


def test_a_method_cannot_be_overridden(house):
    visitor = house.visitor(PARTICIPANT)
    answers = [
        visitor.get("/konto/abmelden/", headers={"X-HTTP-Method-Override": "POST"}),
        visitor.get("/konto/abmelden/?_method=POST"),
        visitor.get("/veranstaltungen/offen/anmeldung"),
    ]

    assert {answer.status_code for answer in answers} <= {404, 405}
    assert visitor.get("/konto/").status_code == 200


HEADERS = {
    "a cookie that is none": {"Cookie": "next=unsinn"},
    "a long cookie": {"Cookie": "next=" + "x" * 5_000},
    "a foreign cookie": {"Cookie": "\xff=\xff; next=eyJhIjoxfQ.x.y"},
    "a long name of a browser": {"User-Agent": "x" * 10_000},
    "an odd name of a browser": {"User-Agent": "Ada\xff\x7f"},
    "languages that are none": {"Accept-Language": "../../etc/passwd, xx-" + "y" * 500},
    "an endless range": {"Range": "bytes=0-99999999999999999999"},
    "a tag that is none": {"If-None-Match": "unsinn"},
    "a date that is none": {"If-Modified-Since": "gestern"},
    "a fragment asked for": {"HX-Request": "true", "HX-Target": "<script>"},
    "a length that is none": {"Content-Length": "-1"},
    "a proxy that is none": {"X-Forwarded-For": "127.0.0.1, unsinn"},
    "a password": {"Authorization": "Basic !!!"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_no_header_breaks_a_page(standing, headers):
    visitor = standing.visitor()
    statuses = {
        path: visitor.get(path, headers=headers).status_code for path in ("/", "/kalender.ics", "/konto/anmelden/")
    }

    assert statuses == dict.fromkeys(statuses, 200)


def test_how_long_known_and_unknown_addresses_take_is_written_down(house, record_property):
    """Coarse, because others work on the same machine; a measurement decides, not this test."""
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for round_number in range(12):
        for who, address in (("known", ADDRESSES[PARTICIPANT]), ("unknown", f"niemand{round_number}@amt.example")):
            visitor = house.visitor()
            token = visitor.form_token()
            began = time.perf_counter()
            assert visitor.post("/konto/anmelden/", data={"csrf_token": token, "email": address}).status_code == 303
            seconds[who].append(time.perf_counter() - began)

    record_property("medians in ms", {who: round(1000 * median(found), 1) for who, found in seconds.items()})
