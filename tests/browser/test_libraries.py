"""A lead puts a note and a file into the library, and who finds them, as people live it."""

import re
import uuid

from playwright.sync_api import Page, expect

from nextevents.ground.papers import as_pdf
from tests.browser.live import wait_for
from tests.browser.own_event import PHONE
from tests.browser.pages import LEAD, OFFICE, PARTICIPANT

LIBRARY = "/communities/chatbot-community/unterlagen/"
DESK = "/verwalten/communities/chatbot-community/unterlagen/"
PAPER = "<!doctype html><html lang=de><title>Papier</title><p>Im Papier steht {}.</p></html>"


def search(page: Page, word: str) -> list[str]:
    """The titles that are found by a word."""
    page.goto(LIBRARY)
    page.get_by_label("In Titeln, Notizen und Dateien suchen").fill(word)
    page.get_by_role("button", name="Suchen").click()
    return page.locator(".library-title").all_inner_texts()


def test_what_a_lead_adds_is_found_by_members_and_not_by_strangers(visitors, live):
    look = {"javascript": False, "width": PHONE}
    word = f"wort{uuid.uuid4().hex[:8]}"
    lead = visitors.arrive_as(LEAD, **look)
    lead.goto(DESK)
    lead.get_by_text("Notiz schreiben").click()
    note = lead.locator("form", has=lead.get_by_role("button", name="Notiz speichern"))
    note.get_by_label("Titel").fill("Was wir beschlossen haben")
    note.get_by_label("Notiz").fill(f"Wir treffen uns zu **{word}** wieder.")
    note.get_by_role("button", name="Notiz speichern").click()
    expect(lead.get_by_text("Gespeichert.")).to_be_visible()
    lead.get_by_text("Datei dazulegen").first.click()
    file = lead.locator("form", has=lead.get_by_role("button", name="Datei dazulegen"))
    file.get_by_label("Datei").set_input_files(
        {"name": "papier.pdf", "mimeType": "application/pdf", "buffer": as_pdf(PAPER.format(word))}
    )
    file.get_by_role("button", name="Datei dazulegen").click()
    expect(lead.get_by_role("link", name="papier.pdf").first).to_be_visible()

    unread = "SELECT count(*) FROM file_text WHERE due_at IS NOT NULL"
    wait_for(lambda: live.rows(unread) == [(0,)], "all files read", within=60)
    member = visitors.arrive_as(PARTICIPANT, **look)
    assert search(member, word.upper()) == ["papier.pdf", "Was wir beschlossen haben"]
    assert member.locator("mark").all_inner_texts() == [word, word]
    assert member.evaluate("document.documentElement.scrollWidth") <= PHONE
    member.get_by_role("link", name="Was wir beschlossen haben").click()
    expect(member.locator("strong", has_text=word)).to_be_visible()
    hidden = member.url

    stranger = visitors.arrive(**look)
    assert search(stranger, word) == []
    expect(stranger.get_by_text("Dazu findet sich nichts, was Sie sehen können.")).to_be_visible()
    stranger.goto(hidden)
    expect(stranger).to_have_url(re.compile("/konto/anmelden/"))


def test_a_workshop_publishes_what_it_has_made(visitors):
    title = f"Papier {uuid.uuid4().hex[:8]}"
    office = visitors.arrive_as(OFFICE)
    office.goto("/verwalten/communities/cloud/ergebnisse/neu/")
    office.get_by_label("Titel").fill(title)
    office.get_by_label("Autor:innen").fill("Werkstatt-Team Cloud")
    office.get_by_label("Zusammenfassung").fill("Kurz und **gut**.")
    office.get_by_label("Veröffentlicht am").fill("2026-01-15")
    office.get_by_role("button", name="Speichern").click()
    expect(office.locator("#published_on-error")).to_contain_text("Zum Veröffentlichen gehören")
    office.get_by_label("PDF").set_input_files(
        {"name": "cloud.pdf", "mimeType": "application/pdf", "buffer": as_pdf(PAPER.format("Himmel"))}
    )
    office.get_by_role("button", name="Speichern").click()
    expect(office.get_by_text("Gespeichert.")).to_be_visible()

    page = visitors.arrive(accept_downloads=True)
    page.goto("/")
    page.get_by_role("link", name="Veröffentlichungen").click()
    page.get_by_role("link", name=title).click()
    expect(page.locator(".citation")).to_contain_text(f"Werkstatt-Team Cloud (2026): {title}. NExTwerkstatt Cloud")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF herunterladen").click()
    assert download.value.suggested_filename == "cloud.pdf"
