"""What people type: kept, trimmed, or refused (bad inputs 1 to 16)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextevents.ground.text import (
    UnreadableText,
    contains_pattern,
    number_typed,
    one_line,
    search_key,
    several_lines,
    slug_of,
)

KEPT = {
    "emoji": "Ada 🎉",
    "a family in one sign": "Familie 👨\u200d👩\u200d👧\u200d👦",
    "a rainbow": "🏳\ufe0f\u200d🌈 Ada",
    "a skin tone": "👩🏽\u200d💻 Ada",
    "combining marks": "Z\u0351\u036balgo",
    "one name": "Madonna",
    "an apostrophe": "O'Neill",
    "particles": "von der Leyen-Müller",
    "Vietnamese": "Nguyễn",
    "the word null": "null",
    "the word NaN": "NaN",
    "a formula": '=HYPERLINK("https://evil.example")',
    "a sum": "+1",
    "a difference": "-1",
    "a mention": "@x",
    "a Python placeholder": "{event.__class__}",
    "a Jinja placeholder": "{{7*7}}",
    "a C placeholder": "%s",
    "a shell placeholder": "${x}",
    "markup": "<b>Ada</b>",
    "a Markdown link": "[click](https://evil.example)",
    "an address": "https://evil.example",
    "other scripts that look alike": "\u0440\u0430\u0443\u0440\u0430l",
    "right to left letters": "שרה",
    "ten thousand letters": 10_000 * "x",
}
UNREADABLE = {
    "a direction override": "Ada\u202egnp.exe",
    "an isolate": "Ada\u2066Bob",
    "a mark of direction": "Ada\u200fBob",
    "a zero-width space": "Ada\u200bBob",
    "a zero-width non-joiner": "Ada\u200cBob",
    "a byte order mark": "Ada\ufeffBob",
    "a soft hyphen": "Ada\u00adBob",
    "a joiner between letters": "Ada\u200dBob",
    "a line feed": "Ada\nBcc: bob@amt.example",
    "a carriage return": "Ada\rBob",
    "a vertical tab": "Ada\vBob",
    "a form feed": "Ada\fBob",
    "a next line": "Ada\x85Bob",
    "a line separator": "Ada\u2028Bob",
    "a paragraph separator": "Ada\u2029Bob",
    "a tab": "Ada\tBob",
    "NUL": "Ada\0Bob",
    "an escape": "Ada\x1b[31mBob",
    "half a character": "Ada\ud800Bob",
    "our own sign for places in mails": "Ada\ue000name\ue001",
    "no character": "Ada\uffffBob",
}
EMPTY = ["", "   ", "\u00a0", " \u00a0 ", "\u3164", "\u2800", "\u115f\u1160", "\uffa0"]


@pytest.mark.parametrize("typed", KEPT.values(), ids=KEPT.keys())
def test_unusual_names_are_kept_as_they_are(typed):
    assert one_line(typed) == typed


@pytest.mark.parametrize("typed", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_line_with_signs_that_cannot_be_seen_is_refused(typed):
    with pytest.raises(UnreadableText):
        one_line(typed)


@pytest.mark.parametrize("typed", EMPTY, ids=ascii)
def test_what_only_looks_like_something_is_empty(typed):
    assert one_line(typed) == ""


def test_blanks_around_a_line_are_trimmed_and_those_within_are_kept():
    assert one_line("  Ada \u00a0 Lovelace \t") == "Ada \u00a0 Lovelace"


def test_letters_that_are_put_together_differently_become_the_same():
    assert one_line(unicodedata.normalize("NFD", "Müller")) == "Müller"


def test_several_lines_keep_line_feeds_and_tabs_and_lose_other_line_ends():
    assert several_lines("  eins\r\n\tzwei\rdrei\n") == "eins\n\tzwei\ndrei"


@pytest.mark.parametrize("typed", ["a\0b", "a\u202eb", "a\u2028b", "a\x0bb", "a\ud800b", "a\ue000b"], ids=ascii)
def test_several_lines_refuse_what_one_line_refuses(typed):
    with pytest.raises(UnreadableText):
        several_lines(typed)


@given(st.text())
def test_whatever_is_typed_is_either_refused_or_comes_out_clean_and_stays_so(typed):
    try:
        text = one_line(typed)
    except UnreadableText:
        return
    assert one_line(text) == text == unicodedata.normalize("NFC", text)
    assert not {"\n", "\r", "\0", "\u2028", "\x85", "\ue000"} & set(text)


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("ÄB", "äb", True),
        ("Müller", unicodedata.normalize("NFD", "MÜLLER"), True),
        ("Straße", "STRASSE", True),
        ("\u0131lk", "ilk", False),
        ("\u0440\u0430\u0443\u0440\u0430l", "paypal", False),
    ],
)
def test_searching_looks_past_case_and_composition_and_no_further(one, other, are_same):
    assert (search_key(one) == search_key(other)) == are_same


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [("KI", "%ki%"), ("100%", "%100\\%%"), ("a_b", "%a\\_b%"), ("c:\\x", "%c:\\\\x%"), ("", "%%")],
)
def test_a_search_finds_wildcards_literally(typed, pattern):
    assert contains_pattern(typed) == pattern


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("NExTcommunity: Test & QS", "nextcommunity-test-und-qs"),
        ("Übergänge größer denken", "uebergaenge-groesser-denken"),
        ("Café — 4Germany!", "cafe-4germany"),
        ("日本", ""),
        (100 * "ab ", "-".join(["ab"] * 27)[:80]),
    ],
)
def test_a_title_becomes_a_short_address(title, slug):
    assert slug_of(title) == slug


@pytest.mark.parametrize(("typed", "number"), [("7", 7), ("007", 7), ("9" * 9, 999_999_999)])
def test_a_typed_number_is_read(typed, number):
    assert number_typed(typed) == number


@pytest.mark.parametrize("typed", ["1" * 10, "٧", "-1", "1.0", " 1", "1\n", "", None])
def test_what_is_no_number_of_ours_is_none(typed):
    assert number_typed(typed) == 0
