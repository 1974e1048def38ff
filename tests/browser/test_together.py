"""What circles do with each other and with their people: meet jointly, take turns, found a new circle. On a phone."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from nextevents.communities.models import Community, Kind
from nextevents.events.models import Event, State
from nextevents.events.services import remind_hosts
from tests.browser.live import Live
from tests.browser.own_event import ADDRESSES, PHONE, circle_of, looked_at
from tests.browser.pages import LEAD, OFFICE, PARTICIPANT
from tests.browser.visiting import Visitors, new_address, open_mail, press_link
from tests.factories import make_event, make_person, make_registration


def date_of(circle: Community, *, days: int) -> Event:
    """A date of the circle so many days from now."""
    starts = (datetime.now(UTC) + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    event: Event = make_event(
        title=f"Treffen der {circle.name}", slug=f"treffen-{circle.slug}", communities=(circle,), starts=starts
    )
    return event


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_lead_of_each_circle_agrees_to_a_joint_meeting(visitors: Visitors, live: Live, *, javascript: bool) -> None:
    with live.door():
        here, there = circle_of(LEAD), circle_of(PARTICIPANT)
        event = date_of(here, days=40)
        path, name, other, slug = f"/veranstaltungen/{event.slug}/", here.name, there.name, there.slug
    asking, asked = (visitors.arrive_as(one, width=PHONE, javascript=javascript) for one in (LEAD, PARTICIPANT))

    asking.goto(f"{path}verwalten/community/")
    asking.get_by_label("Community", exact=True).select_option(label=f"NExTcommunity {other}")
    asking.get_by_role("button", name="Fragen").click()
    expect(asking.get_by_text("gefragt, noch keine Antwort")).to_be_visible()
    asked.goto(path)
    expect(asked.locator("main").get_by_role("link", name=re.compile(other))).to_have_count(0)

    asked.goto(f"/verwalten/communities/{slug}/")
    expect(asked.get_by_text("möchte diesen Termin gemeinsam mit Ihnen veranstalten.")).to_be_visible()
    if javascript:
        looked_at(asked)
    asked.get_by_role("button", name=re.compile("^Zusagen")).click()
    expect(asked.get_by_text("Das ist jetzt auch ein Termin Ihrer Community.")).to_be_visible()

    asked.goto(path)
    for one in (name, other):
        expect(asked.locator("main").get_by_text(one).first).to_be_visible()
    asked.goto(f"{path}verwalten/")
    expect(asked.get_by_role("heading", name="Überblick")).to_be_visible()


def test_hosts_take_turns_and_the_rights_for_one_date_go_from_hand_to_hand(visitors: Visitors, live: Live) -> None:
    host = new_address()
    with live.door():
        circle = circle_of(LEAD, kind=Kind.SERIES)
        event = date_of(circle, days=5)
        desk, path, month = f"/verwalten/communities/{circle.slug}/reihum/", event.slug, event.starts_local
        make_person(host, name="Kim Gastgeberin")
    lead, mira = (visitors.arrive_as(one, width=PHONE) for one in (LEAD, PARTICIPANT))

    def give(address: str) -> None:
        lead.goto(desk)
        lead.get_by_label("Monat").select_option(value=f"{month:%Y-%m}-01")
        lead.locator("section.box").get_by_role("textbox").fill(address)
        lead.get_by_role("button", name="Eintragen").click()
        expect(lead.get_by_text("Eingetragen.")).to_be_visible()

    give(ADDRESSES[PARTICIPANT])
    looked_at(lead)
    mira.goto(f"/veranstaltungen/{path}/verwalten/angaben/")
    expect(mira.get_by_label("Titel")).to_be_visible()

    give(host)
    assert mira.goto(f"/veranstaltungen/{path}/verwalten/angaben/").status == 404
    with live.door():
        remind_hosts(at=datetime.now(UTC))
    reader = visitors.arrive(width=PHONE)
    open_mail(reader, host, "Sie sind dran: ")
    expect(reader.locator(".panel").get_by_role("link", name=re.compile("verwalten|Termin")).first).to_be_visible()


def test_a_date_becomes_a_community_and_whoever_was_there_says_yes(visitors: Visitors, live: Live) -> None:
    address, name = new_address(), f"Nachklang {uuid4().hex[:8]}"
    with live.door():
        event = date_of(circle_of(LEAD, kind=Kind.SERIES), days=-2)
        make_registration(event, make_person(address, name="Kim Dabei"), state=State.ATTENDED)
        desk = f"/veranstaltungen/{event.slug}/verwalten/abschluss/"
    lead, office = (visitors.arrive_as(one, width=PHONE) for one in (LEAD, OFFICE))

    lead.goto(desk)
    lead.get_by_role("link", name="Daraus eine Community machen").click()
    lead.get_by_label("Name").fill(name)
    lead.get_by_role("textbox", name=re.compile("Worum geht es")).fill("Weiter reden.")
    looked_at(lead)
    lead.get_by_role("button", name="Vorschlagen").click()
    expect(lead.get_by_text("Vorgeschlagen. Die Geschäftsstelle sieht es sich an.").first).to_be_visible()

    office.goto("/buero/communities/")
    looked_at(office)
    office.get_by_role("listitem").filter(has_text=name).get_by_role("button", name=re.compile("^Gründen")).click()
    expect(office.get_by_text("Gegründet. Alle, die dabei waren, werden gefragt")).to_be_visible()

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, address, "Machen Sie mit? ")
    press_link(guest, "Ansehen und mitmachen")
    looked_at(guest)
    guest.get_by_label("Ja, ich mache mit.").check()
    guest.get_by_role("button", name="Mitmachen").click()
    expect(guest.get_by_text("Sie sind dabei.")).to_be_visible()
    expect(guest.get_by_role("heading", level=1)).to_have_text(f"NExTcommunity {name}")
