"""The pages of communities."""

from datetime import date, datetime

import pytest

from nextevents.communities.models import Kind
from nextevents.events.models import Stage
from tests.factories import make_community, make_event
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")


def test_all_circles_are_there_in_their_order_and_say_how_much_is_to_come(client):
    first = make_community("a", name="Zuerst", position=1)
    make_community("b", name="Danach", position=2)
    make_community("c", name="Werkstatt", kind=Kind.WORKSHOP, position=3)
    for _ in range(2):
        make_event(communities=(first,))
    make_event(communities=(first,), starts=datetime(2026, 11, 1))

    page = page_of(client.get("/communities/")).main
    links = [link["href"] for link in page.find_all("a") if link["href"].startswith("/communities/")]

    assert links == ["/communities/a/", "/communities/b/", "/communities/c/"]
    assert "2 kommende Termine" in page.get_text()


def test_the_page_of_all_circles_is_never_stale(client, db):
    circle = make_community("a", name="Alt")
    seen = [text_of(client.get("/communities/"))]
    circle.name = "Neu"
    db.flush()
    seen.append(text_of(client.get("/communities/")))
    make_event(communities=(circle,))
    seen.append(text_of(client.get("/communities/")))

    assert ["Alt" in seen[0], "Neu" in seen[1], "1 kommender Termin" in seen[2]] == 3 * [True]
    assert len(set(seen)) == 3


def test_a_circle_has_its_coming_and_past_meetings_and_a_feed(client):
    circle = make_community("chatbot-community", name="Chatbot")
    make_event(title="to come", communities=(circle,))
    make_event(title="past", starts=datetime(2022, 3, 16), communities=(circle,))
    make_event(title="draft", stage=Stage.DRAFT, communities=(circle,))
    make_event(title="other")

    page = page_of(client.get("/communities/chatbot-community/")).main
    titles = [link.get_text() for link in page.find_all(class_="agenda-title")]

    assert page.h1.get_text() == "Chatbot"
    assert titles == ["to come", "past"]
    assert page.find("a", href=lambda href: href.endswith("/communities/chatbot-community/kalender.ics"))


@pytest.mark.parametrize(("ended", "is_over"), [(date(2026, 11, 20), True), (date(2026, 11, 21), False), (None, False)])
def test_a_circle_whose_work_is_done_says_so_from_the_day_after(client, db, ended, is_over):
    circle = make_community("werkstatt", name="Vertikale Integration", kind=Kind.WORKSHOP)
    circle.ended_on = ended
    db.flush()

    said = text_of(client.get("/communities/werkstatt/"))
    among_all = page_of(client.get("/communities/")).find("details")

    assert ("Diese Runde hat ihre Arbeit abgeschlossen." in said) == is_over
    assert (among_all is not None and "Vertikale Integration" in among_all.get_text()) == is_over


def test_what_is_written_about_a_circle_is_safe(client, db):
    circle = make_community("a")
    circle.description = "## Worum\n\n<script>alert(1)</script> [x](javascript:alert(1))"
    db.flush()

    page = page_of(client.get("/communities/a/")).main

    assert page.find("h2", string="Worum")
    assert page.find_all("script") == []
    assert [link for link in page.find_all("a") if link["href"].startswith("javascript")] == []


def test_there_is_no_circle_of_another_name(client):
    assert client.get("/communities/unknown/").status_code == 404
