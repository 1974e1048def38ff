"""Placeholders: two signs and a name, filled in once and escaped; everything else stays as it was typed (6 and 7)."""

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from nextevents.ground.markdown import as_html
from nextevents.mailing.forms import FormDraft, read_by
from nextevents.newsroom.placeholders import unknown_placeholders, with_places, without_places

STRANGE = [
    "{event.mro}",
    "{{7*7}}",
    "%s",
    "${x}",
    "{name.mro}",
    "{Name}",
    "{ name }",
    "{}",
    "{organisation}",
]


def read(words: str, name: str) -> tuple[str, str]:
    """Text and HTML of a mail with these words, as somebody of that name reads them."""
    html = with_places(as_html(words))
    return read_by(FormDraft(language="de", subject="", text=with_places(words), html=str(html)), {"name": name})


@pytest.mark.parametrize("typed", STRANGE)
def test_what_is_no_placeholder_stays_as_it_was_typed(typed):
    text, html = read(f"Vorher {typed} nachher", "Ada")

    assert text == f"Vorher {typed} nachher"
    assert BeautifulSoup(html, "html.parser").get_text().strip() == f"Vorher {typed} nachher"


@pytest.mark.parametrize("typed", [one for one in STRANGE if "{" in one and one not in {"{}", "${x}"}])
def test_whoever_types_one_that_is_none_is_told_so(typed):
    assert unknown_placeholders(f"Hallo {typed}") != []
    assert unknown_placeholders("Hallo {name}") == []


@pytest.mark.parametrize(
    "name", ["{name}", "{{7*7}}", "<b>Ada</b>", "[x](https://evil.example)", "{event.__class__}", "%s"]
)
def test_a_name_is_never_looked_at_again_and_is_escaped(name):
    text, html = read("Guten Tag {name}, **willkommen**", name)

    assert text == f"Guten Tag {name}, **willkommen**"
    assert BeautifulSoup(html, "html.parser").get_text().strip() == f"Guten Tag {name}, willkommen"
    assert "<b>Ada" not in html
    assert 'evil.example"' not in html


def test_in_an_address_there_are_no_placeholders():
    _text, html = read("[Los](https://x.example/?an={name})", "Ada")
    assert "https://x.example/?an=%7Bname%7D" in html


def test_without_a_name_the_blank_before_it_goes_too():
    assert (
        without_places("Guten Tag {name}, schön, dass Sie da sind, {name}!") == "Guten Tag, schön, dass Sie da sind,!"
    )
    assert isinstance(without_places(Markup("<p>Hallo {name}</p>")), Markup)
