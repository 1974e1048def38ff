"""Mail addresses: which ones are taken, and when two are the same (bad inputs 19 to 28)."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextevents.people.addresses import Address, address_of, enclosing_domains, readable
from nextevents.people.errors import AddressRefused, OwnAddressRefused


@pytest.fixture(autouse=True)
def within(app):
    with app.app_context():
        yield


REFUSED = {
    "nothing": "",
    "a word": "ada",
    "no local part": "@amt.example",
    "no domain": "ada@",
    "a domain without a dot": "a@localhost",
    "a number as domain": "a@[127.0.0.1]",
    "a bare number as domain": "a@127.0.0.1",
    "quotes": '"a b"@x.example',
    "two dots": "a..b@x.example",
    "a dot in front": ".a@x.example",
    "a dot behind": "a.@x.example",
    "umlauts before the @": "jörg@x.example",
    "another header": "a@b.example\r\nBcc: c@d.example",
    "a line feed": "a@b.example\nX: y",
    "two addresses": "a@b.example,c@d.example",
    "two addresses with a semicolon": "a@b.example; c@d.example",
    "angle brackets": "<a@b.example>",
    "a name in front": "Ada <ada@b.example>",
    "two @": "a@b.example@c.example",
    "a comment": "alice@example.org )bob@example.com",
    "a comment before": "(x)a@b.example",
    "a blank": "a b@x.example",
    "65 signs before the @": 65 * "a" + "@x.example",
    "more than 254 signs": "a@" + ".".join(["b" * 60] * 4) + ".example.example",
    "NUL": "a\0@x.example",
    "a direction override": "a\u202e@x.example",
    "a full-width @": "a\uff20x.example",
    "a label of 64 signs": "a@" + 64 * "b" + ".example",
    "a hyphen at a label's end": "a@b-.example",
    "an underscore in the domain": "a@b_c.example",
}


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_plain_address_is_refused(typed):
    with pytest.raises(AddressRefused):
        address_of(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "ada@amt.example",
        "Ada.Lovelace+NExT@amt.example",
        "a.d.a@amt.example",
        "ADA@amt.example",
        "o'neill@amt.example",
        "postmaster@amt.example",
        "x_y-z=1@amt.example",
        "1@amt.example",
        64 * "a" + "@amt.example",
        "ada@sub.sub.sub.amt.example",
        "{{7*7}}@amt.example",
        "=cmd|@amt.example",
    ],
)
def test_a_plain_address_is_kept_and_written_to_as_it_was_typed(typed):
    address = address_of(typed)

    assert (address.typed, address.routed, address.domain) == (typed, typed, typed.rpartition("@")[2])


def test_blanks_around_an_address_and_the_case_of_its_domain_do_not_matter():
    assert address_of("  Ada@Amt.EXAMPLE ") == Address(
        typed="Ada@Amt.EXAMPLE", routed="Ada@amt.example", key="ada@amt.example", domain="amt.example"
    )


def test_umlauts_in_a_domain_are_stored_as_typed_and_written_to_as_a_labels():
    assert address_of("max@Behörde.example") == Address(
        typed="max@Behörde.example",
        routed="max@xn--behrde-yxa.example",
        key="max@xn--behrde-yxa.example",
        domain="xn--behrde-yxa.example",
    )


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("Ada@amt.example", "ada@AMT.example", True),
        ("max@behörde.example", "max@xn--behrde-yxa.example", True),
        ("max@behörde.example", "max@beho\u0308rde.example", True),
        ("ada+x@amt.example", "ada@amt.example", False),
        ("a.da@amt.example", "ada@amt.example", False),
        ("ada@amt.example", "ada@sub.amt.example", False),
    ],
)
def test_two_addresses_are_the_same_by_case_and_spelling_of_the_domain_only(one, other, are_same):
    assert (address_of(one).key == address_of(other).key) == are_same


@pytest.mark.parametrize("own", ["termine@next.example", "Termine@NEXT.example", "ruecklauf@next.example"])
def test_our_own_addresses_are_refused_with_a_word_of_their_own(own):
    with pytest.raises(OwnAddressRefused) as refusal:
        address_of(own)

    assert str(refusal.value) == "Diese Adresse gehört zu dieser Seite. Bitte geben Sie Ihre eigene an."


def test_a_refusal_shows_what_an_address_looks_like():
    with pytest.raises(AddressRefused, match=r"vorname\.nachname@stadt\.example"):
        address_of("ada")


@pytest.mark.parametrize(
    "typed",
    [1_000_000 * "a" + "@x.example", "a@" + 50_000 * "b.", 50_000 * "@", 500_000 * "\u0308"],
    ids=["letters", "dots", "ats", "accents"],
)
def test_the_longest_nonsense_is_refused_at_once(typed):
    began = time.monotonic()
    with pytest.raises(AddressRefused):
        address_of(typed)

    assert time.monotonic() - began < 0.5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_taken_can_stand_in_any_header(local, domain):
    try:
        address = address_of(f"{local}@{domain}.example")
    except AddressRefused:
        return
    assert address.routed.isascii()
    assert address.routed.isprintable()
    assert not set(' \r\n,;<>()"') & set(address.routed)
    assert address.routed.count("@") == 1


def test_a_domain_is_enclosed_by_what_is_behind_its_dots_longest_first():
    assert enclosing_domains("a.b.amt.example") == ["a.b.amt.example", "b.amt.example", "amt.example"]
    assert enclosing_domains("amt.example") == ["amt.example"]


@pytest.mark.parametrize(
    ("address", "as_read"),
    [
        ("max@xn--behrde-yxa.example", "max@behörde.example"),
        ("xn--behrde-yxa.example", "behörde.example"),
        ("max@post.xn--strae-oqa.example", "max@post.straße.example"),
        ("max@amt.example", "max@amt.example"),
        ("xn--a@amt.example", "xn--a@amt.example"),
        ("max@xn--80ak6aa92e.example", "max@xn--80ak6aa92e.example"),
        ("max@xn--.example", "max@xn--.example"),
        ("xn--kein Name", "xn--kein Name"),
        ("", ""),
    ],
    ids=str,
)
def test_people_read_umlauts_and_no_letters_that_only_look_like_ours(address, as_read):
    assert readable(address) == as_read
