"""Small decisions that every door of the web shares."""

import pytest

from nextevents.ground.web import is_from_elsewhere, own_path, wants_fragment


@pytest.mark.parametrize(
    "address",
    ["/konto/", "/veranstaltungen/?q=ki&seite=2", "/veranstaltungen/x/#anmeldung", "/?next=https://evil.example"],
)
def test_a_path_of_our_own_is_gone_on_to(address):
    assert own_path(address, "/start") == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "konto",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/a\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "\n//evil.example",
        " /konto/",
        "/" + 300 * "x",
    ],
    ids=ascii,
)
def test_whatever_could_lead_elsewhere_is_not(address):
    assert own_path(address, "/start") == "/start"


@pytest.mark.parametrize(
    ("headers", "is_foreign"),
    [
        ({}, False),
        ({"Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost:81"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
    ],
)
def test_the_browser_says_whether_a_request_comes_from_elsewhere(app, headers, is_foreign):
    with app.test_request_context("/", headers=headers):
        assert is_from_elsewhere() == is_foreign


@pytest.mark.parametrize(
    ("headers", "is_piece"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_a_piece_of_a_page_is_sent_only_to_those_who_asked_for_one(app, headers, is_piece):
    with app.test_request_context("/", headers=headers):
        assert wants_fragment() == is_piece
