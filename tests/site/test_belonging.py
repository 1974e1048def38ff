"""Joining a circle, choosing what one wants of it, leaving it, as people do it."""

from datetime import datetime, timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from nextevents.communities import queries, services
from nextevents.communities.messages import token_of
from nextevents.communities.models import Belonging
from nextevents.communities.services import rename
from nextevents.events.models import Event, Registration, Stage
from nextevents.ground.database import db as database
from nextevents.ground.tokens import code_for, token_for
from nextevents.people.models import Person, Proof, Purpose
from tests.factories import NOON, make_belonging, make_community, make_event, make_lead, make_person
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")

ADDRESS = "neu@stadt.example"
TYPED = {"name": "Neu Beispiel", "email": ADDRESS}


@pytest.fixture
def circle(db):
    """A circle."""
    return make_community("chatbot", name="Chatbot")


def members() -> list[str]:
    """The addresses of those who belong to any circle."""
    database.session.expire_all()
    return list(database.session.scalars(select(Person.address).join(Belonging).order_by(Person.address)))


def proof() -> Proof:
    """The one that was asked for."""
    return database.session.scalars(select(Proof)).one()


def test_whoever_is_signed_in_joins_with_one_click(signed_in, circle):
    ada = make_person("ada@stadt.example")
    browser = signed_in(ada)

    page = page_of(browser.get("/communities/chatbot/"))
    assert page.find("form", action="/communities/chatbot/dabei/").find_all("input", type="text") == []
    answer = browser.send("/communities/chatbot/dabei/", {})

    assert (answer.status_code, answer.location) == (303, "/communities/chatbot/#dabei")
    assert members() == ["ada@stadt.example"]
    assert "Sie sind dabei" in text_of(browser.get("/communities/chatbot/"))


def test_a_stranger_joins_with_the_code_from_the_mail(client, circle):
    assert client.send("/communities/chatbot/dabei/", TYPED).location == "/communities/chatbot/dabei/code/"
    assert members() == []
    code = code_for(Purpose.BELONGING, proof().id)
    assert code in posted("confirm_belonging")[0].text
    assert "Neu Beispiel" not in posted("confirm_belonging")[0].text

    assert client.send("/communities/chatbot/dabei/code/", {"code": "000000"}).status_code == 422
    answer = client.send("/communities/chatbot/dabei/code/", {"code": code})

    assert members() == [ADDRESS]
    person = database.session.scalars(select(Person)).one()
    assert (person.name, person.proved_at is not None) == ("Neu Beispiel", True)
    assert answer.location == f"/dabei/{token_of(circle.id, person.id)}/"


def test_the_link_needs_only_the_button_where_it_was_asked_for_and_the_code_elsewhere(app, client, circle):
    client.send("/communities/chatbot/dabei/", TYPED)
    link = f"/communities/chatbot/dabei/{token_for(Purpose.BELONGING, proof().id)}/"
    other = app.test_client()

    assert (other.get(link).status_code, members()) == (200, [])
    assert (other.send(link, {}).status_code, members()) == (422, [])
    client.get(link)
    assert client.send(link, {}).status_code == 303
    assert members() == [ADDRESS]
    assert "schon benutzt" in text_of(client.get(link))


def test_a_link_for_something_else_joins_nothing(client, circle):
    client.send("/communities/chatbot/dabei/", TYPED)

    for token in (token_for(Purpose.REGISTRATION, proof().id), token_for(Purpose.SIGN_IN, proof().id), "A" * 32):
        assert client.get(f"/communities/chatbot/dabei/{token}/").status_code == 404


def test_whether_an_address_is_known_does_not_show(client, circle):
    make_belonging(make_person(ADDRESS), circle)

    known = client.send("/communities/chatbot/dabei/", TYPED)
    new = client.send("/communities/chatbot/dabei/", TYPED | {"email": "x@stadt.example"})

    assert (known.status_code, known.location) == (new.status_code, new.location)


def test_an_address_is_written_to_once_an_hour(client, circle, at_noon):
    for minutes in (0, 10, 61):
        at_noon.shift(timedelta(minutes=minutes))
        client.send("/communities/chatbot/dabei/", TYPED)

    assert len(posted("confirm_belonging")) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"name": ""}, "Namen"), ({"email": ""}, "E-Mail-Adresse"), ({"email": "neu@"}, "keine vollständige")],
)
def test_what_cannot_be_read_is_said(client, circle, wrong, said):
    answer = client.send("/communities/chatbot/dabei/", TYPED | wrong)

    assert answer.status_code == 422
    assert said in text_of(answer)


def test_parts_are_chosen_and_left_with_the_link_from_a_mail(client, circle):
    ada = make_person("ada@stadt.example")
    make_belonging(ada, circle)
    link = f"/dabei/{token_of(circle.id, ada.id)}/"

    page = page_of(client.get(link))
    ticked = [one["name"] for one in page.find_all("input", type="checkbox") if one.has_attr("checked")]
    assert ticked == ["gets_mail", "gets_invitations", "is_in_feed"]

    client.send(link, {"always_comes": "y", "gets_mail": "y"})
    database.session.expire_all()
    found = queries.belonging_of(ada, circle)
    assert (found.gets_mail, found.gets_invitations, found.is_in_feed, found.always_comes) == (True, False, False, True)

    assert client.send(f"{link}austreten", {}).status_code == 422
    assert members() == ["ada@stadt.example"]
    client.send(f"{link}austreten", {"is_meant": "y"})
    assert members() == []
    assert "Sie gehören nicht dazu." in text_of(client.get(link))
    assert client.send(link, {"gets_mail": "y"}).status_code == 303


@pytest.mark.parametrize("fate", ["merged", "renamed", "paused", "closed"])
def test_the_link_from_a_mail_leaves_whatever_has_become_of_the_circle(client, circle, noon, fate):
    ada, other = make_person("ada@stadt.example"), make_community("neu", name="Neu")
    make_belonging(ada, circle)
    link = f"/dabei/{token_of(circle.id, ada.id)}/"
    fates = {
        "merged": lambda: services.merge(circle, other, at=NOON),
        "renamed": lambda: services.rename(circle, "anders", "Anders", at=NOON),
        "paused": lambda: services.pause(circle, at=noon),
        "closed": lambda: services.close(circle, on=noon.date() - timedelta(days=1), at=NOON),
    }

    fates[fate]()
    database.session.flush()

    assert client.get(link).status_code == 200
    client.send(link, {"gets_mail": "y"})
    database.session.expire_all()
    assert [one.gets_invitations for one in queries.belongings_of(ada)] == [False]
    client.send(f"{link}austreten", {"is_meant": "y"})
    assert members() == []


@pytest.mark.parametrize("is_merged", [True, False])
def test_the_mailed_button_to_join_works_under_an_earlier_address(client, circle, is_merged):
    client.send("/communities/chatbot/dabei/", TYPED)
    code = code_for(Purpose.BELONGING, proof().id)
    if is_merged:
        services.merge(circle, make_community("neu", name="Neu"), at=NOON)
    else:
        services.rename(circle, "anders", "Anders", at=NOON)

    assert client.get(f"/communities/chatbot/dabei/{token_for(Purpose.BELONGING, proof().id)}/").status_code == 200
    assert client.send("/communities/chatbot/dabei/code/", {"code": code}).status_code == 303
    assert members() == [TYPED["email"]]


def test_the_account_shows_all_circles_and_changes_them(signed_in, circle):
    ada = make_person("ada@stadt.example")
    make_belonging(ada, circle)
    make_belonging(ada, make_community("ethik", name="Ethik"))
    browser = signed_in(ada)

    page = page_of(browser.get("/konto/"))
    section = page.find(id="communities")
    assert [one.get_text(strip=True) for one in section.find_all("summary")] == [
        "NExTcommunity Chatbot",
        "NExTcommunity Ethik",
    ]
    ids = [one["id"] for one in section.find_all(id=True)]
    assert len(ids) == len(set(ids))
    form = section.form
    answer = browser.send(
        form["action"], {"gets_mail": "y", "back": form.find("input", attrs={"name": "back"})["value"]}
    )
    assert answer.location == "/konto/#communities"


def test_nobody_joins_what_has_ended(client, circle, db, noon):
    circle.ended_on = noon.date() - timedelta(days=1)
    db.flush()

    assert client.send("/communities/chatbot/dabei/", TYPED).location == "/communities/chatbot/"
    assert posted() == []


def test_an_earlier_address_leads_on(client, circle):
    rename(circle, "dialog", "Dialog", at=NOON)

    answer = client.get("/communities/chatbot/")
    assert (answer.status_code, answer.location) == (301, "/communities/dialog/")


def test_a_question_reaches_the_leads_and_no_address_is_shown(client, circle):
    make_lead(make_person("lead@stadt.example", name="Lea Leitung"), circle)

    page = client.get("/communities/chatbot/")
    assert "Lea Leitung" in text_of(page)
    assert "lead@stadt.example" not in page.text
    answer = client.send("/communities/chatbot/frage", {"sender": "Eve", "address": "eve@amt.example", "text": "Wann?"})

    assert answer.status_code == 303
    assert [mail.row.recipient for mail in posted("note_to_leads")] == ["lead@stadt.example"]
    for address in ("eve@", current_app.config["MAIL_FROM"]):  # the answer to one of ours would come back to us
        wrong = client.send("/communities/chatbot/frage", {"sender": "Eve", "address": address, "text": "Wann?"})
        assert wrong.status_code == 422


# What stands already


def places_of(person: Person) -> list[str]:
    """The titles of the dates for which somebody is registered."""
    database.session.expire_all()
    chosen = select(Event.title).join(Registration).where(Registration.person_id == person.id).order_by(Event.title)
    return list(database.session.scalars(chosen))


@pytest.fixture
def coming(circle):
    """Two dates that stand, one over, one not published."""
    make_event(title="Vorbei", starts=datetime(2026, 11, 4, 14), communities=(circle,))
    make_event(title="Entwurf", stage=Stage.DRAFT, communities=(circle,))
    return [
        make_event(title=title, starts=datetime(2026, 12, day, 14), communities=(circle,))
        for day, title in ((2, "Erstes"), (9, "Zweites"))
    ]


def test_joining_by_any_door_calls_to_what_stands(signed_in, client, circle, coming):
    ada, bob = make_person("ada@stadt.example"), make_person("bob@stadt.example")

    signed_in(ada).send("/communities/chatbot/dabei/", {})
    client.send(f"/dabei/{token_of(circle.id, bob.id)}/mitmachen", {"is_meant": "y"})
    client.send("/communities/chatbot/dabei/", TYPED)
    client.send("/communities/chatbot/dabei/code/", {"code": code_for(Purpose.BELONGING, proof().id)})

    called = sorted(one.row.recipient for one in posted("called"))
    assert called == sorted(["ada@stadt.example", "bob@stadt.example", ADDRESS] * 2)


def test_a_new_standing_yes_leads_to_what_stands_and_says_that_it_does_not_count_for_it(client, circle, coming):
    ada = make_person("ada@stadt.example")
    make_belonging(ada, circle)
    link = f"/dabei/{token_of(circle.id, ada.id)}/"

    answer = client.send(link, {"always_comes": "y", "back": "/konto/"})
    page = page_of(client.get(link))

    assert answer.location == f"{link}#termine"
    assert "Das gilt für neue Termine." in page.get_text()
    titles = [one.get_text() for one in page.select("#termine .agenda-title")]
    assert titles == ["Erstes", "Zweites"]
    boxes = page.select("#termine input[type=checkbox]")
    assert [one["value"] for one in boxes] == [str(one.id) for one in coming]
    assert not any(one.has_attr("checked") for one in boxes)
    assert places_of(ada) == []
    assert client.send(link, {"always_comes": "y", "back": "/konto/"}).location == "/konto/"


def test_a_yes_behind_a_mailed_link_must_be_ticked(client, circle, coming):
    ada = make_person("ada@stadt.example")
    make_belonging(ada, circle)
    link = f"/dabei/{token_of(circle.id, ada.id)}/"

    for wrong in ({}, {"dates": "999999"}, {"dates": "x"}, {"dates": ["", "' OR 1"]}):
        answer = client.send(f"{link}zusagen", wrong)
        assert (answer.status_code, places_of(ada)) == (422, [])
        assert "Bitte prüfen Sie Ihre Eingaben" in text_of(answer)
    client.send(f"{link}zusagen", {"dates": [str(one.id) for one in coming]})

    assert places_of(ada) == ["Erstes", "Zweites"]
    page = page_of(client.get(link))
    assert [one.get_text() for one in page.select("#termine .state")] == ["angemeldet", "angemeldet"]
    assert page.select("#termine form") == []
    leads_to = {one["href"] for one in page.select("#termine .agenda-title")}
    assert leads_to == {f"/veranstaltungen/{one.slug}/" for one in coming}, "the link opens a registration"


def test_whoever_is_signed_in_says_yes_with_one_click(signed_in, circle, coming):
    ada = make_person("ada@stadt.example")
    make_belonging(ada, circle)
    link = f"/dabei/{token_of(circle.id, ada.id)}/"
    browser = signed_in(ada)

    form = page_of(browser.get(link)).select("#termine form")[1]
    browser.send(form["action"], {one["name"]: one["value"] for one in form.select("input[type=hidden]")})

    assert places_of(ada) == ["Zweites"]
    leads_to = [one["href"] for one in page_of(browser.get(link)).select("#termine .agenda-title")]
    assert leads_to[1].startswith("/anmeldung/")


def test_a_full_date_makes_a_place_in_the_queue_and_one_that_has_closed_meanwhile_is_refused(client, circle, coming):
    ada = make_person("ada@stadt.example")
    make_belonging(ada, circle)
    link = f"/dabei/{token_of(circle.id, ada.id)}/"
    coming[0].capacity, coming[0].seats_taken = 1, 1
    coming[1].closes_at = NOON - timedelta(minutes=1)
    database.session.flush()

    client.send(f"{link}zusagen", {"dates": str(coming[0].id)})
    answer = client.send(f"{link}zusagen", {"dates": str(coming[1].id)}, follow_redirects=True)

    assert places_of(ada) == ["Erstes"]
    assert "Warteliste" in page_of(client.get(link)).select_one("#termine .state").get_text()
    assert answer.status_code == 200


def test_who_does_not_belong_is_registered_for_nothing(client, circle, coming):
    ada = make_person("ada@stadt.example")
    link = f"/dabei/{token_of(circle.id, ada.id)}/"

    assert client.send(f"{link}zusagen", {"dates": str(coming[0].id)}).status_code == 303
    assert places_of(ada) == []
