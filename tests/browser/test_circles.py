"""Joining a circle, a standing yes, an invitation by entry, and handing over a lead, as people live it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.own_event import PHONE
from tests.browser.pages import LEAD, OFFICE
from tests.browser.visiting import (
    calendar_in_mail,
    code_in_mail,
    entry_in,
    new_address,
    open_mail,
    press_link,
)
from tests.services.ical_judges import judge

CIRCLE = "/communities/chatbot-community/"
DESK = "/verwalten/communities/chatbot-community/"


def join(page: Page, address: str) -> None:
    """Join the circle by the code from the mail; ends on the page with what one gets."""
    page.goto(CIRCLE)
    panel = page.locator("#dabei")
    panel.get_by_label("Name").fill("Kim Probe")
    panel.get_by_label("Dienstliche E-Mail-Adresse").fill(address)
    panel.get_by_role("button", name="Mitmachen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fast geschafft")
    mail = page.context.new_page()
    open_mail(mail, address, "Bitte bestätigen: ")
    page.get_by_label("Code aus der Mail").fill(code_in_mail(mail))
    mail.close()
    page.get_by_role("button", name="Bestätigen").click()
    expect(page.get_by_text("Sie sind dabei.")).to_be_visible()


def publish_next_meeting(desk: Page) -> str:
    """Plan the circle's next meeting as its lead does; gives its address."""
    desk.goto(DESK)
    desk.get_by_role("button", name="Veröffentlichen").click()
    expect(desk).to_have_url(re.compile("/veranstaltungen/"))
    return re.sub(r"verwalten/.*", "", desk.url)


def sign_in(page: Page, address: str) -> None:
    """Sign in by the code from the mail."""
    page.goto("/konto/anmelden/")
    page.get_by_label("E-Mail-Adresse").fill(address)
    page.get_by_role("button", name="Mail schicken").click()
    mail = page.context.new_page()
    open_mail(mail, address, "Ihr Zugang zu NExT")
    page.get_by_label("Code aus der Mail").fill(code_in_mail(mail))
    mail.close()
    page.locator("main").get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("link", name="Mein Konto")).to_be_visible()


def test_somebody_joins_is_on_the_list_finds_the_dates_and_answers_the_entry_on_the_page(visitors):
    look = {"width": PHONE}
    page, address = visitors.arrive(accept_downloads=True, **look), new_address()
    join(page, address)
    desk = visitors.arrive_as(LEAD, **look)
    meeting = publish_next_meeting(desk)
    sign_in(page, address)
    page.get_by_role("button", name="Adresse für alle Termine anlegen").click()
    feed = page.get_by_label("Adresse: alle Ihre Termine").input_value()
    assert meeting in page.request.get(feed).text().replace("\r\n ", "")
    page.goto("/konto/mails/")
    expect(page.locator("h2", has_text="Das bekommen Sie").locator("+ *")).to_contain_text("Chatbot")

    open_mail(page, address, "Einladung: ")
    ics = calendar_in_mail(page)
    assert judge(ics) == []
    guest = entry_in(ics)["ATTENDEE"]
    assert (guest.params["PARTSTAT"], guest.params["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    press_link(page, "Einladung ansehen und antworten")
    page.get_by_label("Ja, ich komme.").check()
    page.get_by_role("button", name="Antworten").click()
    expect(page.get_by_text("Sie sind angemeldet.")).to_be_visible()


def test_a_standing_yes_registers_by_itself_and_one_no_is_for_one_date(visitors):
    look = {"javascript": False}
    page, address = visitors.arrive(accept_downloads=True, **look), new_address()
    join(page, address)
    mine = page.url
    page.get_by_label("Immer dabei").check()
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    desk = visitors.arrive_as(LEAD, **look)
    publish_next_meeting(desk)

    open_mail(page, address, "Sie sind dabei: ")
    entry = entry_in(calendar_in_mail(page))
    assert entry["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    press_link(page, "Diesen Termin absagen")
    expect(page.get_by_text("Sie sind angemeldet.")).to_be_visible()
    page.get_by_label("Ja, ich sage ab und gebe meinen Platz frei.").check()
    page.get_by_role("button", name=re.compile("absagen", re.IGNORECASE)).first.click()
    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()
    page.goto(mine)
    expect(page.get_by_label("Immer dabei")).to_be_checked()

    page.get_by_label("Ja, ich trete aus.").check()
    page.get_by_role("button", name="Austreten").click()
    expect(page.get_by_text("Sie gehören nicht dazu.")).to_be_visible()


def test_the_office_founds_a_circle_and_its_lead_hands_it_over(visitors):
    look = {"javascript": False, "width": PHONE}
    office, name = visitors.arrive_as(OFFICE, **look), f"Runde {new_address()[4:12]}"
    office.goto("/buero/communities/")
    office.get_by_label("Name").fill(name)
    office.get_by_label("E-Mail-Adresse der Leitung").fill("tarek.winterberg@oberfelden.example")
    office.get_by_role("button", name="Gründen").click()
    expect(office.get_by_role("heading", level=1)).to_contain_text(name)

    lead = visitors.arrive_as(LEAD, **look)
    lead.goto("/verwalten/")
    lead.get_by_role("link", name=name).click()
    lead.get_by_role("link", name="Leitung", exact=True).click()
    giving = lead.locator("section.box", has_text="Meine Leitung abgeben")
    giving.get_by_label("E-Mail-Adresse").fill("mira.sommerfeld@musterhafen.example")
    giving.get_by_label("Ja, ich gebe die Leitung ab.").check()
    giving.get_by_role("button", name="Abgeben").click()

    expect(lead.get_by_role("heading", level=1)).to_have_text(name)
    expect(lead.locator("#leitung + ul")).to_have_text(re.compile("Mira Sommerfeld"))
    expect(lead.get_by_role("link", name="Verwalten", exact=True)).to_have_count(1)  # the one in the menu
