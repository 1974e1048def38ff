"""A date that is over becomes a community, and whoever was there is asked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.communities import queries as communities
from nextevents.communities.models import Belonging, Kind
from nextevents.events.models import Event, Stage, State
from nextevents.events.queries import proposed_circle, proposed_circles
from nextevents.ground.database import db as database
from nextevents.people.models import Person
from tests.factories import NOON, make_community, make_event, make_lead, make_person, make_registration
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE = "/veranstaltungen/whats-next/verwalten/abschluss/community/"
OFFICE = "/buero/communities/"
TYPED = {"name": "Leichte Sprache", "summary": "Wir schreiben verständlich."}


@pytest.fixture
def series(db):
    """A series whose dates change their topic."""
    return make_community("whats-next-reihe", name="What's NExT?", kind=Kind.SERIES)


@pytest.fixture
def lead_person(series) -> Person:
    person = make_person("lea@stadt.example", name="Lea Leitung")
    make_lead(person, series)
    return person


@pytest.fixture
def lead(lead_person, signed_in):
    """A browser of its lead."""
    return signed_in(lead_person)


@pytest.fixture
def event(series, lead_person) -> Event:
    """A date that was yesterday, with people in every state."""
    made = make_event(slug="whats-next", communities=(series,), starts=(NOON - timedelta(days=1)).replace(tzinfo=None))
    for state in (State.ATTENDED, State.CONFIRMED, State.ABSENT, State.EXCUSED, State.CANCELLED, State.WAITING):
        make_registration(made, make_person(f"{state.value}@stadt.example"), state=state)
    make_registration(made, lead_person, state=State.ATTENDED)
    return made


def asked() -> list[str]:
    return sorted(mail.row.recipient for mail in posted("circle_founded"))


def members() -> list[str]:
    database.session.expire_all()
    return list(database.session.scalars(select(Person.address).join(Belonging).order_by(Person.address)))


def test_a_lead_proposes_the_office_founds_and_whoever_was_there_is_asked_and_nobody_added(lead, office, event):
    assert "Daraus eine Community machen" in text_of(lead.get("/veranstaltungen/whats-next/verwalten/abschluss/"))
    assert lead.send(PAGE, TYPED).location == PAGE
    assert "Die Geschäftsstelle sieht es sich an." in text_of(lead.get(PAGE))
    assert (asked(), communities.is_name_free("leichte-sprache", "Leichte Sprache")) == ([], True)

    page = office.get(OFFICE)
    assert "Lea Leitung" in text_of(page)
    form = page_of(page).find("form", action=lambda one: one and one.endswith("/gruenden"))
    for _ in range(2):
        office.send(form["action"], {})

    circle = communities.community_with_slug("leichte-sprache")
    assert [one.address for one in communities.leads_of(circle)] == ["lea@stadt.example"]
    assert asked() == ["attended@stadt.example", "confirmed@stadt.example"]
    assert members() == ["lea@stadt.example"]
    assert "ist eine Community geworden" in text_of(lead.get(PAGE))
    assert proposed_circles() == []


def test_the_mailed_button_joins_only_once_ticked(client, office, event):
    office.send(PAGE, TYPED)
    mail = next(one for one in posted("circle_founded") if one.row.recipient == "attended@stadt.example")
    link = mail.row.values["mine"].removeprefix("http://localhost")

    page = client.get(link)
    assert "Wir schreiben verständlich." in text_of(page)
    action = page_of(page).find(id="mitmachen").form["action"]
    assert client.send(action, {}).status_code == 422
    assert members() == []
    assert client.send(action, {"is_meant": "y"}).location == link
    assert members() == ["attended@stadt.example"]


def test_the_office_founds_at_once_and_leads_nothing(office, event):
    office.send(PAGE, TYPED)

    circle = communities.community_with_slug("leichte-sprache")
    assert (circle.kind, circle.summary, communities.leads_of(circle)) == (Kind.COMMUNITY, TYPED["summary"], [])
    assert "lea@stadt.example" in asked()


def test_what_the_office_refuses_can_be_proposed_anew(lead, office, event):
    lead.send(PAGE, TYPED)
    office.send(f"{OFFICE}vorschlag/{event.id}/ablehnen", {})
    assert "möchte diese Community so nicht gründen" in text_of(lead.get(PAGE))
    assert proposed_circles() == []

    lead.send(PAGE, {"name": "Einfache Sprache", "summary": ""})

    assert [one.name for one in proposed_circles()] == ["Einfache Sprache"]
    assert asked() == []


@pytest.mark.parametrize("name", ["", "What's NExT?", "WHAT'S next?"])
def test_a_name_is_wanted_that_nobody_has(lead, event, name):
    assert lead.send(PAGE, {"name": name, "summary": ""}).status_code == 422
    assert proposed_circle(event) is None


@pytest.mark.parametrize(
    "fate", [{"stage": Stage.CANCELLED}, {"faded_at": NOON}, {"ends_at": NOON + timedelta(hours=1)}], ids=str
)
def test_only_a_date_that_took_place_becomes_a_community(lead, event, fate):
    for name, value in fate.items():
        setattr(event, name, value)
    database.session.flush()

    assert "Aus diesem Termin kann keine Community werden." in text_of(lead.get(PAGE))
    assert lead.send(PAGE, TYPED).status_code == 422
    assert proposed_circles() == []


def test_who_only_hosts_one_date_founds_nothing(signed_in, event):
    host = make_person()
    event.organisers.append(host)
    database.session.flush()

    assert signed_in(host).get(PAGE).status_code == 403
    assert signed_in(host).send(PAGE, TYPED).status_code == 403
    assert proposed_circles() == []
