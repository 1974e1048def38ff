"""Name badges."""

import re
import zlib

import pytest
from bs4 import BeautifulSoup

from nextevents.desk.papers import Badge, badge_parts, badges, badges_page
from nextevents.events.models import Photos
from tests.factories import make_event

ADA = Badge("Ada Beispiel", "Stadt Musterhafen", "Bahn", Photos.OVERVIEW)


@pytest.fixture(autouse=True)
def german(app):
    with app.test_request_context():
        yield


def page_with(*made):
    return BeautifulSoup(badges_page(make_event(title="KI im Amt"), made), "html.parser")


def said(tag):
    return [" ".join(line.stripped_strings) for line in tag.find_all(["h1", "p"])]


def test_a_badge_says_who_it_is_from_where_and_how_they_may_be_photographed(db):
    (badge,) = page_with(ADA).find_all("article")

    assert said(badge) == ["KI im Amt", "Ada Beispiel", "Stadt Musterhafen", "Bahn", "Fotos: nur Übersicht"]


def test_the_sign_about_photos_is_a_shape_and_a_word_for_each_choice(db):
    page = page_with(*(Badge("Ada", "", "", choice) for choice in Photos))

    assert [tag["class"] for tag in page.select(".mark")] == [["mark", f"is-{choice.value}"] for choice in Photos]
    assert [tag.get_text(strip=True) for tag in page.select(".photos")] == [
        "Fotos: nein",
        "Fotos: nur Übersicht",
        "Fotos: ja",
    ]


def test_where_nobody_asked_about_photos_there_is_no_sign(db):
    assert page_with(Badge("Ada", "", "", None)).select(".photos, .body, .line") == []


def test_ten_badges_stand_on_a_page_and_a_name_is_only_a_name(db):
    page = page_with(*[ADA] * 20, Badge('<img src="https://evil.example/x.png">', "", "", None))

    assert [len(one.find_all("article")) for one in page.select(".page")] == [10, 10, 1]
    assert page.find_all("img") == []


def test_the_paper_has_these_pages_and_is_tagged(db):
    paper = badges(make_event(), [ADA] * 21)
    streams = re.findall(rb"stream\r?\n(.*?)endstream", paper, re.DOTALL)
    objects = b"".join(_inflated(one) for one in streams) + paper

    assert len(re.findall(rb"/Type /Page\b(?!s)", objects)) == 3
    assert b"/Marked true" in objects


def _inflated(stream):
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    ("count", "parts"),
    [(0, []), (200, [("1", "1 bis 200")]), (201, [("1", "1 bis 200"), ("2", "201 bis 201")])],
)
def test_many_badges_come_in_parts(count, parts):
    assert badge_parts(count) == parts


def test_long_names_and_bodies_are_set_smaller_and_stand_there_whole(db):
    name = "Dr. h. c. Friederike-Annemarie Freifrau von und zu Löwenstein-Wertheim-Rosenberg"
    page = page_with(Badge(name, "Bundesministerium für wirtschaftliche Zusammenarbeit und Entwicklung", "", None), ADA)

    assert [(tag.get("class"), tag.get_text(strip=True)) for tag in page.find_all("h1")] == [
        (["is-very-long"], name),
        (None, "Ada Beispiel"),
    ]
    assert [tag["class"] for tag in page.select(".body")] == [["body", "is-long"], ["body"]]
