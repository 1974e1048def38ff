"""Making an event: like an earlier one, with picture and partner, hidden, taken off its date; all on a phone."""

import io
import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from nextevents.events.models import Event, State
from nextevents.ground.database import db
from tests.browser.own_event import PHONE, address_of, looked_at, own_event
from tests.browser.pages import OFFICE
from tests.browser.visiting import calendar_in_mail, open_mail, text_of_mail
from tests.factories import make_question

NEXT_WEEK = timedelta(days=7)
BERLIN = ZoneInfo("Europe/Berlin")


def save(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()


def a_picture(width: int, height: int) -> dict:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(drawn, "PNG")
    return {"name": "bild.png", "mimeType": "image/png", "buffer": drawn.getvalue()}


def test_a_date_is_made_like_an_earlier_one_with_its_questions_and_without_its_people(visitors, live):
    people = [("Ada Damals", State.ATTENDED)]
    event = own_event(live, "Schon einmal", people, begins=timedelta(days=-30), hosts="Kim von damals")
    with live.door():
        earlier = db.session.scalars(select(Event).where(Event.slug == event.slug)).one()
        make_question(earlier, label="Was bringen Sie mit?")
    lead, stranger = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive()
    lead.goto(event.desk)
    with lead.expect_navigation():
        lead.get_by_role("link", name="Neuer Termin wie dieser").click()
    looked_at(lead)
    title = f"Noch einmal {event.slug}"
    lead.get_by_label("Titel").fill(title)
    day = date.today() + timedelta(days=40)  # noqa: DTZ011 - far enough ahead in every zone
    for when in ("Beginnt", "Endet"):
        expect(lead.get_by_label(f"{when} am")).to_have_value("")
        lead.get_by_label(f"{when} am").fill(f"{day}")
    lead.get_by_label("Beginnt um").fill("10:00")
    lead.get_by_label("Endet um").fill("11:30")
    with lead.expect_navigation():
        lead.get_by_role("button", name="Entwurf anlegen").click()

    expect(lead.get_by_role("heading", level=1)).to_have_text(title)
    looked_at(lead)
    desk = lead.url
    lead.goto(f"{desk}fragen/")
    expect(lead.get_by_role("link", name="Was bringen Sie mit?", exact=True)).to_be_visible()
    lead.goto(f"{desk}teilnehmende/")
    expect(lead.get_by_text("Noch hat sich niemand angemeldet.")).to_be_visible()
    page = desk.removesuffix("verwalten/")
    lead.goto(page)
    expect(lead.get_by_text("Kim von damals")).to_be_visible()
    looked_at(lead)
    assert stranger.goto(page).status == 404


def test_whole_days_of_others_are_only_announced_and_what_is_said_about_the_time_forbids_nothing(visitors, live):
    christmas = date(date.today().year + 1, 12, 24)  # noqa: DTZ011 - any year ahead
    begins = datetime(*christmas.timetuple()[:3], 10, tzinfo=UTC) - datetime.now(UTC)
    other = own_event(live, f"Schon da {uuid.uuid4().hex[:8]}", begins=begins)
    ((title,),) = live.rows("SELECT title FROM event WHERE slug = :slug", slug=other.slug)
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    lead.goto("/verwalten/neu/")
    looked_at(lead)
    lead.get_by_role("link", name="Nur ankündigen").click()
    lead.get_by_label("Titel").fill("Tagung der anderen")
    lead.get_by_label("Ganztägig").check()
    lead.get_by_label("Beginnt am").fill(str(christmas))
    lead.get_by_label("Endet am").fill(str(christmas + timedelta(days=1)))
    lead.get_by_label("Seite der Veranstaltung").fill("https://tagung.example/")
    with lead.expect_navigation():
        lead.get_by_role("button", name="Entwurf anlegen").click()
    said = lead.locator(".panel", has_text="Schon gesehen?")
    for words in ("An diesem Tag ist Heiligabend.", "ist 1. Weihnachtstag.", f"Am selben Tag: {title}."):
        expect(said).to_contain_text(words)
    expect(said).not_to_contain_text("2. Weihnachtstag")
    looked_at(lead)
    lead.get_by_role("button", name="Veröffentlichen", exact=True).click()
    expect(lead.get_by_text("Der Termin ist veröffentlicht.")).to_be_visible()

    guest.goto(lead.url.removesuffix("verwalten/"))
    expect(guest.get_by_role("link", name="Zur Seite der Veranstaltung")).to_have_attribute(
        "href", "https://tagung.example/"
    )
    expect(guest.get_by_role("button", name="Platz sichern")).to_have_count(0)
    expect(guest.locator(".facts")).to_contain_text(f"24. Dezember {christmas.year} – ")
    looked_at(guest)


def test_a_picture_needs_words_for_those_who_do_not_see_it_and_a_partner_comes_with_a_logo(visitors, live):
    event, words = own_event(live, "Mit Bild", begins=NEXT_WEEK), "Menschen an einem langen Tisch"
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    lead.goto(f"{event.desk}angaben/")

    def send(button: str, field: str, file: dict) -> None:
        lead.locator("form", has=lead.get_by_role("button", name=button)).get_by_label(
            field, exact=True
        ).set_input_files(file)
        with lead.expect_navigation():
            lead.get_by_role("button", name=button).click()

    send("Bild speichern", "Bild", a_picture(640, 360))
    expect(lead.get_by_text("Bitte beschreiben Sie das Bild für alle, die es nicht sehen.").first).to_be_visible()
    looked_at(lead)
    lead.get_by_label("Was ist auf dem Bild zu sehen?").fill(words)
    send("Bild speichern", "Bild", a_picture(640, 360))
    expect(lead.get_by_text("Gespeichert.")).to_be_visible()
    lead.get_by_label("Name des Partners").fill("Stadt Oberfelden")
    send("Partner hinzufügen", "Logo", a_picture(200, 80))
    expect(lead.get_by_role("button", name="Entfernen Stadt Oberfelden")).to_be_visible()
    looked_at(lead)

    guest.goto(event.path)
    shown = guest.get_by_role("img", name=words)
    expect(shown).to_have_js_property("naturalWidth", 640)
    expect(guest.locator(".event-partners li", has_text="Stadt Oberfelden").locator("img")).to_have_js_property(
        "naturalWidth", 200
    )
    looked_at(guest)
    drawn_anew = guest.request.get(str(shown.get_attribute("src")))
    assert drawn_anew.headers["content-type"] == "image/webp"


def test_a_hidden_event_is_found_only_by_whoever_knows_its_address(visitors, live):
    event = own_event(live, "Kellergewölbe", begins=NEXT_WEEK)
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    in_list = guest.locator(f"main a[href='{event.path}']")
    guest.goto("/veranstaltungen/?q=Kellergewölbe")
    expect(in_list).to_have_count(1)

    lead.goto(f"{event.desk}angaben/")
    lead.get_by_label("In Terminliste und Kalendern zeigen").uncheck()
    save(lead)

    guest.reload()
    expect(in_list).to_have_count(0)
    looked_at(guest)
    assert event.slug not in guest.request.get("/kalender.ics").text()
    guest.goto(event.path)
    expect(guest.get_by_role("button", name="Platz sichern")).to_be_visible()
    expect(guest.locator("meta[name=robots]")).to_have_attribute("content", "noindex")


def test_the_window_of_registering_and_who_sees_whom_are_as_the_lead_says(visitors, live):
    people = [("Ada Zeigt", State.CONFIRMED), ("Bo Still", State.CONFIRMED), ("Cem Offen", State.UNCONFIRMED)]
    event, today = own_event(live, "Mit Fenster", people, begins=NEXT_WEEK), datetime.now(BERLIN).date()
    live.change("UPDATE registration SET is_shown = true WHERE name IN ('Ada Zeigt', 'Cem Offen')")
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    sees = "Liste der Teilnehmenden sehen"

    def change(opens: str, closes: str, shown_to: str) -> None:
        lead.goto(f"{event.desk}angaben/")
        more = lead.locator("details", has=lead.get_by_label("Anmeldung ab"))
        if more.get_attribute("open") is None:
            more.locator("summary").click()
        lead.get_by_label("Anmeldung ab").fill(opens)
        lead.get_by_label("Anmeldeschluss").fill(closes)
        lead.get_by_label(sees).select_option(label=shown_to)
        save(lead)

    change(str(today + timedelta(days=2)), "", "nur die Organisierenden")
    guest.goto(event.path)
    expect(guest.locator("#anmeldung")).to_contain_text("Die Anmeldung öffnet am")
    expect(guest.get_by_role("button", name="Platz sichern")).to_have_count(0)
    looked_at(guest)
    assert guest.goto(f"{event.path}teilnehmende/").status == 404
    guest.goto(event.pages["Ada Zeigt"])
    expect(guest.get_by_text("Wer kommt")).to_have_count(0)

    change(str(today - timedelta(days=9)), str(today - timedelta(days=2)), "auch die Teilnehmenden")
    looked_at(lead)
    guest.goto(event.path)
    expect(guest.locator("#anmeldung")).to_contain_text("Die Anmeldung ist beendet.")
    looked_at(guest)
    assert guest.goto(f"{event.path}teilnehmende/").status == 404
    guest.goto(event.pages["Cem Offen"])
    expect(guest.get_by_text("Wer kommt")).to_have_count(0)
    guest.goto(event.pages["Bo Still"])
    guest.locator("summary", has_text="Wer kommt").click()
    expect(guest.locator(".attendees li")).to_have_text(["Ada Zeigt"])
    looked_at(guest)

    change("", "", "alle")
    guest.goto(event.path)
    expect(guest.get_by_label("Mein Name und meine Organisation dürfen")).not_to_be_checked()
    guest.get_by_role("link", name="Wer kommt").click()
    expect(guest.locator(".attendees li")).to_have_text(["Ada Zeigt"])
    looked_at(guest)


def test_an_event_is_taken_off_its_date_and_gets_a_new_one(visitors, live):
    event = own_event(live, "Bald neu", [("Ada Dabei", State.CONFIRMED)], begins=NEXT_WEEK)
    address, why = address_of(event, "Ada Dabei"), "Der Saal ist gesperrt."
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    lead.goto(f"{event.desk}angaben/")
    postponing = lead.locator("#verschieben")
    postponing.get_by_label("Ja, die Zeit ist hinfällig").check()
    postponing.get_by_label("Was möchten Sie dazu sagen?").fill(why)
    with lead.expect_navigation():
        postponing.get_by_role("button", name="Termin verschieben").click()
    expect(lead.get_by_text("Der Termin ist verschoben. Alle Angemeldeten bekommen eine Mail")).to_be_visible()
    looked_at(lead)

    for page in (event.path, event.pages["Ada Dabei"]):
        guest.goto(page)
        expect(guest.get_by_text("Termin folgt", exact=True)).to_be_visible()
        expect(guest.get_by_text(why)).to_be_visible()
        expect(guest.locator("#anmeldung")).to_have_count(0)
        looked_at(guest)
    open_mail(guest, address, "Verschoben: ")
    assert why in text_of_mail(guest)
    assert b"METHOD:CANCEL" in calendar_in_mail(guest)

    for label in ("Beginnt am", "Endet am"):
        day = lead.get_by_label(label)
        day.fill(str(date.fromisoformat(day.input_value()) + timedelta(days=1)))
    save(lead)
    open_mail(guest, address, "Geändert: ")
    assert b"METHOD:REQUEST" in calendar_in_mail(guest)
    guest.goto(event.path)
    expect(guest.get_by_role("button", name="Platz sichern")).to_be_visible()
    expect(guest.get_by_text("Termin folgt")).to_have_count(0)
    assert event.states() == {"Ada Dabei": "confirmed"}
