"""The list of events: filters, archive, months, pages."""

from datetime import datetime, timedelta

import pytest

from nextevents.events.models import Format, Place, Stage
from nextevents.events.services import Request, cancel_event, register
from tests.events.changing import changed_to
from tests.factories import NOON, make_community, make_event, make_person
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

LIST = "/veranstaltungen/"


def titles(client, query=""):
    page = page_of(client.get(LIST + query))
    return [link.get_text() for link in page.find_all("a", class_="agenda-title")]


def test_what_comes_stands_under_its_months_and_leads_to_its_page(client):
    make_event(slug="ki", communities=(make_community(name="Chatbot"),))
    make_event(slug="camp", title="NExTcamp #9", starts=datetime(2027, 1, 12), hours=24, is_all_day=True, capacity=None)
    make_event(title="draft", stage=Stage.DRAFT)

    page = page_of(client.get(LIST)).main
    rows = [" ".join(row.stripped_strings) for row in page.find_all(class_="agenda-row")]

    assert [heading.get_text() for heading in page.find_all(class_="month-heading")] == ["Dezember 2026", "Januar 2027"]
    assert rows == [
        "02 Mi, 14 Uhr Sprachmodelle im Bürgeramt NExTcommunity Chatbot · virtuell 60 Plätze frei",
        "12 Di, ganztags NExTcamp #9 Community-Treffen · virtuell Plätze frei",
    ]
    assert [link["href"] for link in page.find_all("a", class_="agenda-title")] == [
        "/veranstaltungen/ki/",
        "/veranstaltungen/camp/",
    ]


def test_filters_narrow_the_list_and_can_be_put_together(client):
    chatbot = make_community("chatbot-community")
    make_event(title="a", communities=(chatbot,))
    make_event(title="b", communities=(chatbot,), place=Place.IN_PRESENCE, format=Format.WORKSHOP)
    make_event(title="c", place=Place.IN_PRESENCE, starts=datetime(2027, 1, 5))

    assert titles(client, "?community=chatbot-community") == ["a", "b"]
    assert titles(client, "?ort=in_presence") == ["b", "c"]
    assert titles(client, "?community=chatbot-community&ort=in_presence&format=workshop") == ["b"]
    assert titles(client, "?monat=2027-01") == ["c"]
    assert titles(client, "?q=B") == ["b"]


def test_a_list_in_which_nothing_is_left_says_so_and_how_to_go_on(client):
    make_event()

    answer = client.get(LIST + "?q=nirgends")

    assert (answer.status_code, "Dazu steht gerade nichts an." in text_of(answer)) == (200, True)


@pytest.mark.parametrize(
    "query",
    [
        "?format=tanz",
        "?ort=mond",
        "?monat=2027-13",
        "?monat=1999-01",
        "?monat=x",
        "?jahr=99999",
        "?jahr=x",
        "?seite=0",
        "?seite=-1",
        "?seite=x",
        "?seite=99999",
        "?ansicht=x",
        "?unknown=1",
        "?q=%20",
        "?seite=%D9%A3",
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(client, query):
    make_event(title="a")

    assert titles(client, query) == ["a"]


def test_a_word_of_ten_thousand_letters_is_cut_and_found_nowhere(client):
    make_event(title="x" * 200)

    assert client.get(LIST + "?q=" + 10_000 * "x").status_code == 200


def test_the_archive_shows_a_year_newest_first_and_names_the_years_there_are(client):
    for year in (2022, 2024):
        make_event(title=f"{year} a", starts=datetime(year, 3, 1))
        make_event(title=f"{year} b", starts=datetime(year, 9, 1))
    make_event(title="to come")

    page = page_of(client.get(LIST + "?jahr=2022"))

    assert titles(client, "?jahr=2022") == ["2022 b", "2022 a"]
    assert page.h1.get_text() == "Archiv 2022"
    assert [option["value"] for option in page.find("select", {"name": "jahr"}).find_all("option")] == [
        "",
        "2024",
        "2022",
    ]


def test_two_hundred_stand_on_a_page_and_the_next_keeps_the_filter(client):
    for number in range(201):
        make_event(title=f"{number:03}", starts=datetime(2027, 1, 1) + timedelta(hours=number))

    first = page_of(client.get(LIST + "?ort=virtual"))
    onward = first.find("a", rel="next")["href"]
    second = page_of(client.get(onward))
    back = second.find("a", rel="prev")["href"]

    assert len(first.find_all(class_="agenda-title")) == 200
    assert onward == "/veranstaltungen/?ort=virtual&seite=2"
    assert [link.get_text() for link in second.find_all(class_="agenda-title")] == ["200"]
    assert back == "/veranstaltungen/?ort=virtual"


def test_a_page_behind_the_last_is_empty(client):
    make_event()

    assert titles(client, "?seite=7") == []


# A month


def test_a_month_is_a_table_whose_days_hold_their_events(client):
    make_event(slug="ki", starts=datetime(2026, 12, 2, 14))
    make_event(starts=datetime(2026, 12, 3, 9), title="Abgesagt", stage=Stage.CANCELLED)
    make_event(title="January", starts=datetime(2027, 1, 5))

    page = page_of(client.get(LIST + "?ansicht=monat&monat=2026-12"))
    days = {cell.find(class_="month-label").get_text(): cell for cell in page.find_all("td")}

    assert page.find(id="monat").get_text() == "Dezember 2026"
    assert [heading.find(class_="month-long").get_text() for heading in page.find_all("th")][::6] == [
        "Montag",
        "Sonntag",
    ]
    wednesday = days["Mittwoch, 2. Dezember"]
    assert wednesday.a["href"] == "/veranstaltungen/ki/"
    assert " ".join(wednesday.a.stripped_strings) == "14:00 Sprachmodelle im Bürgeramt"
    assert "(abgesagt)" in days["Donnerstag, 3. Dezember"].get_text()
    assert "January" not in page.get_text()


def test_without_a_word_it_is_this_month_and_today_is_marked(client):
    page = page_of(client.get(LIST + "?ansicht=monat"))

    assert page.find(id="monat").get_text() == "November 2026"
    assert page.find("td", {"aria-current": "date"}).find(class_="month-label").get_text() == "Samstag, 21. November"
    assert "In diesem Monat steht nichts an." in page.get_text()


@pytest.mark.parametrize(
    ("month", "before", "after"),
    [
        ("2026-12", "2026-11", "2027-01"),
        ("2027-01", "2026-12", "2027-02"),
        ("2001-01", None, "2001-02"),
        ("2099-12", "2099-11", None),
    ],
)
def test_one_can_leaf_through_the_months_with_ones_filters_as_far_as_there_are_any(client, month, before, after):
    page = page_of(client.get(f"{LIST}?ansicht=monat&monat={month}&ort=virtual"))

    def leads_to(direction):
        link = page.find("a", rel=direction)
        return link and link["href"]

    expected = [one and f"/veranstaltungen/?ort=virtual&monat={one}&ansicht=monat" for one in (before, after)]
    assert [leads_to("prev"), leads_to("next")] == expected


# Kept, and never stale


def test_a_kept_list_is_another_one_as_soon_as_anything_in_it_is(client, db, at_noon):
    event = make_event(title="Erst", capacity=1)
    seen = [text_of(client.get(LIST))]

    def look():
        seen.append(text_of(client.get(LIST)))

    changed_to(event, title="Dann", at=NOON)
    look()
    register(event, make_person(), Request(name="Ada", is_proved=True), at=NOON)
    look()
    cancel_event(event, at=NOON)
    look()
    at_noon.move_to(event.ends_at, tick=False)
    look()

    assert len(set(seen)) == 5
    assert ["Erst" in seen[0], "Dann" in seen[1], "Warteliste" in seen[2], "abgesagt" in seen[3]] == 4 * [True]
    assert "Dazu steht gerade nichts an." in seen[4]


def test_registration_opens_and_closes_in_the_list_by_itself(client, at_noon, noon):
    make_event(opens_at=noon + timedelta(hours=1), closes_at=noon + timedelta(hours=2))
    signs = []
    for hours in (0, 1, 2):
        at_noon.move_to(noon + timedelta(hours=hours), tick=False)
        signs.append(page_of(client.get(LIST)).find(class_="state").get_text())

    assert signs == ["öffnet später", "60 Plätze frei", "Anmeldung beendet"]


def test_two_languages_never_mix(app, client):
    make_event()
    english = app.test_client()
    english.send("/sprache", {"language": "en"})

    words = [page_of(browser.get(LIST)).find(class_="state").get_text() for browser in (client, english, client)]

    assert words == ["60 Plätze frei", "60 seats free", "60 Plätze frei"]


def test_somebody_signed_in_sees_the_same_list_with_their_own_head(client, signed_in):
    make_event()
    own = signed_in(make_person(name="Ada Beispiel"))
    client.get(LIST)

    assert "Mein Konto" in text_of(own.get(LIST))
    assert "Mein Konto" not in text_of(client.get(LIST))
