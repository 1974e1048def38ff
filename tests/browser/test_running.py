"""Running an event: finding people, taking a list along, reminding them, letting them in; on a phone."""

import io
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pypdf
from playwright.sync_api import expect

from nextevents.events.models import State
from tests.browser.own_event import PHONE, looked_at, own_event
from tests.browser.pages import OFFICE

PEOPLE = (("Ada Eins", State.CONFIRMED), ("Bo Zwei", State.CONFIRMED), ("Cem Drei", State.CANCELLED))


def due(live, event):
    """When reminders by this event's rules are due."""
    return set(
        live.rows(
            "SELECT p.due_at FROM planned_reminder p JOIN reminder_rule r ON r.id = p.rule_id"
            " JOIN event e ON e.id = r.event_id WHERE e.slug = :slug AND p.state = 'planned'",
            slug=event.slug,
        )
    )


def test_a_list_is_searched_taken_along_and_printed_and_that_is_noted(visitors, live):
    event = own_event(live, "Zum Mitnehmen", PEOPLE, begins=timedelta(days=7))
    lead = visitors.arrive_as(OFFICE, width=PHONE, accept_downloads=True)
    lead.goto(f"{event.desk}teilnehmende/")
    lead.get_by_role("searchbox").fill("bo")
    lead.get_by_role("button", name="Anzeigen").first.click()
    expect(lead.get_by_role("link", name="Ada Eins")).to_have_count(0)
    expect(lead.get_by_role("link", name="Bo Zwei")).to_be_visible()

    lead.get_by_text("Als Datei").click()
    looked_at(lead)
    with lead.expect_download() as download:
        lead.get_by_role("button", name="Text (CSV)").click()

    text = Path(download.value.path()).read_text("utf-8-sig")
    assert ("Bo Zwei" in text, "Ada Eins" in text) == (True, False)
    lead.get_by_text("Liste zum Drucken").click()
    lead.get_by_label("leere Spalte für Unterschriften").check()
    lead.get_by_role("button", name="Druckansicht öffnen").click()
    row = lead.get_by_role("row").filter(has_text="Bo Zwei")
    expect(row.locator(".signature")).to_be_attached()
    expect(lead.get_by_text("1 Person. Gedruckt von Jona Lindental am")).to_be_visible()
    looked_at(lead)
    lead.emulate_media(media="print")
    expect(row).to_be_visible()
    expect(lead.get_by_text("Drucken Sie diese Seite mit Ihrem Browser")).to_be_hidden()
    expect(lead.get_by_role("navigation")).to_have_count(0)
    lead.emulate_media(media="screen")
    lead.get_by_role("link", name="Zurück zur Liste").click()
    lead.get_by_role("link", name="Bisherige Exporte").click()
    looked_at(lead)
    expect(lead.get_by_text("Text (CSV), eine Auswahl")).to_be_visible()
    expect(lead.get_by_text("Liste zum Drucken, eine Auswahl")).to_be_visible()


def test_a_spreadsheet_and_badges_are_taken_along(visitors, live):
    people = [*PEOPLE, ("=1+1", State.CONFIRMED)]
    event = own_event(live, "Mit Schildern", people, begins=timedelta(days=7))
    lead = visitors.arrive_as(OFFICE, width=PHONE, accept_downloads=True)
    lead.goto(f"{event.desk}teilnehmende/")

    lead.locator("summary", has_text="Filtern, sortieren, Spalten wählen").click()
    lead.get_by_label("Stand", exact=True).uncheck()
    lead.get_by_label("Sortieren nach").select_option(label="Name")
    lead.get_by_label("Reihenfolge").select_option(label="absteigend")
    looked_at(lead)
    with lead.expect_navigation():
        lead.get_by_role("button", name="Anzeigen").last.click()
    expect(lead.get_by_role("rowheader")).to_have_text(["Cem Drei", "Bo Zwei", "Ada Eins", "=1+1"])
    expect(lead.get_by_role("table").get_by_text("angemeldet", exact=True)).to_have_count(0)
    lead.get_by_role("link", name="Zurücksetzen").click()

    def take(fold: str, button: str) -> io.BytesIO:
        lead.locator("summary", has_text=fold).click()
        looked_at(lead)
        with lead.expect_download() as download:
            lead.get_by_role("button", name=button).click()
        return io.BytesIO(Path(download.value.path()).read_bytes())

    sheet = openpyxl.load_workbook(take("Als Datei", "Tabelle (XLSX)")).active
    names = {row[0].value: row[0].data_type for row in sheet.iter_rows(min_row=2)}
    assert names == {"Ada Eins": "s", "Bo Zwei": "s", "Cem Drei": "s", "=1+1": "s"}
    assert "Jona Lindental" in sheet.oddHeader.center.text
    badges = pypdf.PdfReader(take("Namensschilder", "PDF erstellen"))
    words = " ".join(page.extract_text() for page in badges.pages)
    assert [name in words for name in ("Ada Eins", "Bo Zwei", "Cem Drei")] == [True, True, False]
    lead.get_by_role("link", name="Bisherige Exporte").click()
    taken = lead.get_by_role("table").get_by_role("row").filter(has_text="Jona Lindental")
    expect(taken.filter(has_text="Tabelle (XLSX)").get_by_role("cell").last).to_have_text("4")
    expect(taken.filter(has_text="Namensschilder").get_by_role("cell").last).to_have_text("3")


def test_who_has_sent_word_is_excused_at_the_door_and_is_not_counted_as_absent(visitors, live):
    event = own_event(live, "Mit Entschuldigung", PEOPLE, begins=timedelta(minutes=-10))
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}einlass/")
    with lead.expect_navigation():
        lead.get_by_role("button", name="Entschuldigt Ada Eins").click()
    expect(lead.get_by_text("Ada Eins ist entschuldigt.")).to_be_visible()
    expect(lead.get_by_text("0 von 1 sind da")).to_be_visible()
    expect(lead.locator(".door-person", has_text="Ada Eins").locator(".door-state")).to_have_text("entschuldigt")
    looked_at(lead)
    lead.locator("summary", has_text="Liste abschließen").click()
    with lead.expect_navigation():
        lead.get_by_role("button", name="Liste abschließen").click()

    expect(lead.get_by_text("1 Person ist nicht gekommen.")).to_be_visible()
    assert event.states() == {"Ada Eins": "excused", "Bo Zwei": "absent", "Cem Drei": "cancelled"}
    guest = visitors.arrive(width=PHONE)
    guest.goto(event.pages["Ada Eins"])
    expect(guest.get_by_text("Sie sind entschuldigt.")).to_be_visible()
    looked_at(guest)


def test_a_reminder_is_planned_goes_along_when_the_date_moves_and_can_be_removed(visitors, live):
    event = own_event(live, "Zum Erinnern", PEOPLE, begins=timedelta(days=40))
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}erinnerungen/")
    lead.get_by_label("Wie viele").fill("5")
    lead.get_by_role("button", name="Erinnerung hinzufügen").click()
    expect(lead.get_by_text("5 Tage vor dem Beginn").first).to_be_visible()
    looked_at(lead)
    before = due(live, event)

    lead.goto(f"{event.desk}angaben/")
    for label in ("Beginnt am", "Endet am"):
        day = lead.get_by_label(label)
        day.fill(str(date.fromisoformat(day.input_value()) + timedelta(days=1)))
    lead.get_by_role("button", name="Speichern", exact=True).click()
    expect(lead.get_by_text("Gespeichert.")).to_be_visible()

    after = due(live, event)
    assert (len(after), after & before) == (len(before), set())
    lead.goto(f"{event.desk}erinnerungen/")
    lead.get_by_role("button", name="Entfernen 5 Tage vor dem Beginn").click()
    expect(lead.get_by_text("5 Tage vor dem Beginn")).to_have_count(0)
    assert len(due(live, event)) == len(before) - 1
