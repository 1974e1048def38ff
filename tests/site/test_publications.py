"""Publications as everybody sees them."""

import json
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup

from nextevents.communities.models import Kind
from nextevents.communities.services import ResultWish, change_result
from nextevents.ground.full_text import keep_text, want_text
from tests.factories import NOON, make_community, make_lead, make_person, make_result
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

LIST = "/veroeffentlichungen/"
DAY = date(2026, 11, 20)


@pytest.fixture
def workshop(db):
    return make_community("werkstatt", name="Werkstatt", kind=Kind.WORKSHOP)


def titles(answer) -> list[str]:
    return [one.get_text() for one in page_of(answer).select("main .library-title a")]


def test_the_newest_comes_first_and_what_is_not_published_does_not_come(client, workshop):
    for title, on in (("Alt", date(2022, 2, 1)), ("Neu", DAY), ("Morgen", DAY + timedelta(days=2)), ("Nie", None)):
        make_result(workshop, title=title, published_on=on)

    assert titles(client.get(LIST)) == ["Neu", "Alt"]
    assert f'href="{LIST}"' in client.get("/").text


def test_on_its_day_it_is_there_by_itself(client, workshop, at_noon):
    make_result(workshop, title="Morgen", published_on=date(2026, 11, 22))
    assert titles(client.get(LIST)) == []

    at_noon.shift(timedelta(days=1))
    assert titles(client.get(LIST)) == ["Morgen"]


def test_the_list_is_never_stale(client, workshop):
    result = make_result(workshop, title="Alt", published_on=DAY)
    assert titles(client.get(LIST)) == ["Alt"]

    wish = ResultWish(title="Neu", authors="Kim", abstract="Kurz", published_on=DAY)
    change_result(result, wish, version=result.version, at=NOON)
    assert titles(client.get(LIST)) == ["Neu"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"jahr": "2022"}, ["Alt"]),
        ({"community": "werkstatt"}, ["Neu", "Alt"]),
        ({"q": "stichprobe"}, ["Neu"]),
        ({"q": "ALT", "jahr": "2022"}, ["Alt"]),
        ({"jahr": "9999"}, ["Neu", "Alt"]),
        ({"jahr": "2021"}, []),
        ({"community": "x' OR 1=1"}, []),
        ({"q": "%"}, []),
    ],
)
def test_it_is_found_by_words_year_and_circle(client, workshop, query, found):
    make_result(workshop, title="Alt", published_on=date(2022, 2, 1))
    result = make_result(workshop, title="Neu", published_on=DAY)
    want_text(result.file, at=NOON)
    keep_text(result.file_id, "Stichproben jede Woche")

    assert titles(client.get(LIST, query_string=query)) == found


def test_its_page_says_what_it_is_how_to_quote_it_and_has_its_file(client, workshop):
    make_result(workshop, slug="papier", title="Was <bleibt>", published_on=DAY)
    answer = client.get(f"{LIST}papier/")

    assert "Kim Probe; Alex Muster (2026): Was <bleibt>. NExTwerkstatt Werkstatt, NExT e. V." in text_of(answer)
    assert "http://localhost/veroeffentlichungen/papier/" in text_of(answer)
    (link,) = [one for one in page_of(answer).select("main a") if "PDF herunterladen" in one.get_text()]
    file = client.get(link["href"])
    assert file.headers["Content-Disposition"].startswith('attachment; filename="papier.pdf"')
    assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_search_engines_read_who_wrote_what_and_when(client, workshop):
    make_result(workshop, slug="papier", title="</script><b>", published_on=DAY)
    page = BeautifulSoup(client.get(f"{LIST}papier/").text, "html.parser")
    data = json.loads(page.find("script", type="application/ld+json").string)

    assert (data["@type"], data["name"], data["datePublished"]) == ("Report", "</script><b>", "2026-11-20")
    assert [one["name"] for one in data["author"]] == ["Kim Probe", "Alex Muster"]
    assert data["abstract"] == "Ein Papier für die Praxis."
    assert data["encoding"]["contentUrl"] == "http://localhost/veroeffentlichungen/papier/datei"


@pytest.mark.parametrize("on", [None, DAY + timedelta(days=2)])
def test_before_its_day_only_who_runs_the_circle_sees_it(client, signed_in, workshop, on):
    make_result(workshop, slug="papier", published_on=on)
    lead = make_person()
    make_lead(lead, workshop)
    browsers = [client, signed_in(make_person()), signed_in(lead), signed_in(make_person(office=True))]

    for path in (f"{LIST}papier/", f"{LIST}papier/datei"):
        assert [browser.get(path).status_code for browser in browsers] == [404, 404, 200, 200]
    page = browsers[2].get(f"{LIST}papier/")
    assert "Noch nicht veröffentlicht" in text_of(page)
    assert "ld+json" not in page.text


def test_without_a_file_there_is_nothing_to_save(client, workshop):
    make_result(workshop, slug="papier", published_on=DAY, file=None)

    assert (client.get(f"{LIST}papier/").status_code, client.get(f"{LIST}papier/datei").status_code) == (200, 404)
