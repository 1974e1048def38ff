"""A lead makes an event, fills it and stands at its door, on a phone; a guest comes without JavaScript."""

import re
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.axe import sticking_out
from tests.browser.own_event import PHONE, circle_of
from tests.browser.pages import LEAD
from tests.browser.visiting import new_address, open_mail, press_link

SOON = timedelta(hours=20)


def made(lead, title, circle):
    """Make an event in presence, that begins soon, with what only the lead can know; the address of its desk."""
    starts = datetime.now(ZoneInfo("Europe/Berlin")) + SOON
    lead.goto("/verwalten/")
    lead.get_by_role("link", name="Neue Veranstaltung").click()
    lead.get_by_role("link", name="Treffen vor Ort").click()
    assert sticking_out(lead) == []
    lead.get_by_label("Titel").fill(title)
    for ticked in lead.get_by_role("checkbox", name=re.compile("^NExTcommunity"), checked=True).all():
        ticked.uncheck()
    lead.get_by_label(f"NExTcommunity {circle}").check()
    lead.get_by_label("Adresse").fill("Marktplatz 1\n12345 Musterhafen")
    for day in ("Beginnt am", "Endet am"):
        lead.get_by_label(day).fill(f"{starts:%Y-%m-%d}")
    lead.get_by_label("Beginnt um").fill(f"{starts:%H:%M}")
    ends = starts + timedelta(hours=2)
    lead.get_by_label("Endet am").fill(f"{ends:%Y-%m-%d}")
    lead.get_by_label("Endet um").fill(f"{ends:%H:%M}")
    lead.get_by_role("button", name="Entwurf anlegen").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text(title)
    return lead.url


def test_an_event_is_made_filled_and_opened_at_the_door(visitors, live):
    with live.door():
        circle = circle_of(LEAD).name
    lead = visitors.arrive_as(LEAD, width=PHONE)
    title = f"Werkstattgespräch {uuid.uuid4().hex[:8]}"
    desk = made(lead, title, circle)

    # a question, then everybody may see it
    lead.goto(f"{desk}fragen/")
    with lead.expect_navigation():
        lead.get_by_role("button", name="Hinzufügen").first.click()
    assert sticking_out(lead) == []
    lead.goto(desk)
    lead.get_by_role("button", name="Veröffentlichen", exact=True).click()
    expect(lead.get_by_text("Der Termin ist veröffentlicht.")).to_be_visible()

    # somebody registers, who has to answer nothing that is not asked
    address = new_address()
    guest = visitors.arrive(javascript=False)
    guest.goto(desk.removesuffix("verwalten/"))
    assert sticking_out(guest) == []
    guest.get_by_label("Name", exact=True).fill("Kim Probe")
    guest.get_by_label("Dienstliche E-Mail-Adresse").fill(address)
    guest.get_by_role("button", name="Platz sichern").click()
    open_mail(guest, address, "Bitte bestätigen")
    press_link(guest, "Anmeldung bestätigen")
    guest.get_by_role("button", name="Anmeldung bestätigen").click()
    expect(guest.get_by_text("Sie sind angemeldet.")).to_be_visible()

    # a word to all who come
    lead.goto(f"{desk}nachrichten/")
    assert sticking_out(lead) == []
    lead.get_by_label("Betreff").fill("Der Weg zu uns")
    lead.get_by_label("Text").fill("Bitte den **Hintereingang** nehmen.")
    lead.get_by_role("button", name="Weiter zur Vorschau").click()
    expect(lead.get_by_text("Hintereingang").first).to_be_visible()
    assert sticking_out(lead) == []
    lead.locator("main").get_by_role("button", name="senden").click()
    open_mail(guest, address, "Der Weg zu uns")

    # at the door
    lead.goto(f"{desk}einlass/")
    assert sticking_out(lead) == []
    lead.get_by_role("button", name="Ist da").first.click()
    expect(lead.get_by_text("1 von 1 sind da")).to_be_visible()
    lead.goto(f"{desk}teilnehmende/")
    assert sticking_out(lead) == []
    expect(lead.get_by_role("link", name="Kim Probe")).to_be_visible()
    lead.goto(f"{desk}zahlen/")
    assert sticking_out(lead) == []
