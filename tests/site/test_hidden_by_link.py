"""An event that is not listed: only its own link leads to it. Beside each hidden one stands one that is shown."""

from datetime import datetime

import pytest

from nextevents.events import queries as events
from nextevents.newsroom import rendering
from nextevents.newsroom.blocks import Events, OwnEvents
from nextevents.people.services import make_feed, token_of_feed
from tests.factories import NOON, make_belonging, make_community, make_event, make_person
from tests.house import campaigns
from tests.house.visitors import page_of, text_of
from tests.newsroom.drafts import make_draft, make_writer

pytestmark = pytest.mark.usefixtures("at_noon")

#: Pages and files for everybody on which events stand that are to come, or are over.
DOORS = (
    "/",
    "/veranstaltungen/",
    "/veranstaltungen/?q=abend",
    "/veranstaltungen/?community=chatbot",
    "/veranstaltungen/?ansicht=monat&monat=2026-12",
    "/veranstaltungen/?ansicht=monat&monat=2025-12",
    "/veranstaltungen/?jahr=2025",
    "/veranstaltungen/?jahr=2025&q=abend",
    "/communities/chatbot/",
    "/kalender.ics",
    "/communities/chatbot/kalender.ics",
    f"/newsletter/{campaigns.ISSUE}/",
    "/newsletter/archiv/?q=bekannter",
    "/newsletter/atom.xml",
    "/verteiler/newsletter/atom.xml",
)


@pytest.fixture
def circle(db):
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def twins(circle):
    """Two coming events and two of last year, alike but for being listed; and an issue that names what comes."""
    for slug, title, is_listed in (("bekannt", "Bekannter Abend", True), ("geheim", "Geheimer Abend", False)):
        make_event(slug=slug, title=title, communities=(circle,), is_listed=is_listed)
        last_year = datetime(2025, 12, 3, 18)
        make_event(slug=f"{slug}-2025", title=title, communities=(circle,), is_listed=is_listed, starts=last_year)
    campaigns.newsletter(make_writer())


@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize("path", DOORS)
def test_no_page_and_no_file_leads_to_it(client, path):
    answer = client.get(path)
    said = answer.text.casefold()

    assert answer.status_code == 200
    assert "bekannter abend" in said or "ausgabe im november" in said
    assert "geheim" not in said


@pytest.mark.usefixtures("twins")
def test_the_search_of_the_archive_does_not_know_it(client):
    found = [
        "Ausgabe im November" in text_of(client.get("/newsletter/archiv/", query_string={"q": words}))
        for words in ("Bekannter Abend", "Geheimer Abend")
    ]

    assert found == [True, False]


@pytest.mark.usefixtures("twins")
def test_no_mail_names_it_to_all_or_to_the_people_of_its_circle(app, circle):
    draft = make_draft(Events(weeks=4), OwnEvents(weeks=4), by=make_writer("zwei@next.example"))
    form = rendering.mail(draft, "de:1", [circle.id], at=NOON)

    assert "Bekannter Abend" in repr(form)
    assert "geheim" not in repr(form).casefold()


@pytest.mark.usefixtures("twins")
def test_no_calendar_of_one_s_own_holds_it_for_belonging_to_the_circle(client, circle):
    person = make_person()
    make_belonging(person, circle)
    calendar = client.get(f"/kalender/{token_of_feed(make_feed(person, at=NOON))}.ics").text

    assert ("Bekannter Abend" in calendar, "geheim" in calendar.casefold()) == (True, False)


def test_nothing_counts_it(client, circle):
    make_event(is_listed=False, communities=(circle,))
    make_event(is_listed=False, starts=datetime(2024, 5, 2, 9))
    assert (events.coming_counts(NOON), events.archive_years(NOON)) == ({}, [])

    event = make_event(communities=(circle,))
    make_event(starts=datetime(2023, 5, 3, 9))
    assert (events.coming_counts(NOON), events.archive_years(NOON)) == ({circle.id: 1}, [2023])

    assert "Archiv 2024" not in client.get("/veranstaltungen/").text
    moment = events.Span(event.starts_at, event.ends_at, event.starts_local, event.ends_local)
    assert events.others_near([moment]) == [([event], [])]


@pytest.mark.usefixtures("twins")
def test_its_link_opens_it_for_everybody_and_tells_search_engines_to_forget_it(client):
    pages = [client.get(f"/veranstaltungen/{slug}/") for slug in ("bekannt", "geheim")]

    assert ["Abend" in page_of(one).h1.get_text() for one in pages] == [True, True]
    assert [page_of(one).select_one("meta[name=robots]")["content"] for one in pages] == ["index, follow", "noindex"]
    calendar = client.get("/veranstaltungen/geheim/termin.ics")
    assert "SUMMARY:Geheimer Abend" in calendar.text


@pytest.mark.usefixtures("twins")
def test_there_is_no_list_for_machines_that_holds_it(client):
    """No sitemap and no list of schema.org stands anywhere; whoever adds one adds it to the doors above."""
    assert [client.get(path).status_code for path in ("/sitemap.xml", "/events.json")] == [404, 404]
    assert [path for path in DOORS if "ld+json" in client.get(path).text] == []
