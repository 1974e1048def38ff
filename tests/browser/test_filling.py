"""Filling an event: requests, invitations, the waiting list, registering by hand, messages; all on a phone."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from nextevents.communities.models import Community
from nextevents.events.models import Event, Stage, State, WaitingMode
from nextevents.events.services import join_circle
from nextevents.ground.database import db
from tests.browser.own_event import PHONE, address_of, circle_of, looked_at, own_event
from tests.browser.pages import LEAD, OFFICE
from tests.browser.visiting import fill_in, new_address, open_mail, press_link, text_of_mail
from tests.factories import make_belonging, make_person

NEXT_WEEK = timedelta(days=7)


def choose(page: Page, name: str) -> None:
    page.get_by_label(f"{name} auswählen").check()


def test_requests_are_answered_with_a_reason_and_by_mail(visitors, live):
    people = [("Ada Anfrage", State.REQUESTED), ("Bo Bitte", State.REQUESTED)]
    event = own_event(live, "Nur auf Anfrage", people, begins=NEXT_WEEK, needs_approval=True)
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}anfragen/")
    looked_at(lead)

    choose(lead, "Bo Bitte")
    lead.get_by_role("button", name="Angekreuzte ablehnen").click()
    expect(lead.get_by_text("Bitte begründen Sie die Absage.").first).to_be_visible()
    expect(lead.get_by_label("Bo Bitte auswählen")).to_be_checked()
    looked_at(lead)
    lead.get_by_label("Begründung").fill("Der Kreis ist diesmal klein.")
    lead.get_by_role("button", name="Angekreuzte ablehnen").click()
    expect(lead.get_by_text("1 Anfrage abgelehnt.")).to_be_visible()
    choose(lead, "Ada Anfrage")
    lead.get_by_role("button", name="Angekreuzte annehmen").click()
    expect(lead.get_by_text("1 Anfrage angenommen.")).to_be_visible()
    expect(lead.get_by_text("Gerade wartet niemand auf eine Antwort.")).to_be_visible()

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, address_of(event, "Bo Bitte"), "")
    assert "Der Kreis ist diesmal klein." in text_of_mail(guest)
    open_mail(guest, address_of(event, "Ada Anfrage"), "Anmeldung bestätigt: ")
    guest.goto(event.pages["Ada Anfrage"])
    expect(guest.get_by_text("Sie sind angemeldet.")).to_be_visible()
    guest.goto(event.pages["Bo Bitte"])
    looked_at(guest)
    assert event.states() == {"Ada Anfrage": "confirmed", "Bo Bitte": "cancelled"}


def test_a_circle_is_not_invited_until_its_lead_says_so_and_whoever_joins_meanwhile_neither(visitors, live):
    address, newcomer = new_address(), new_address()
    event = own_event(live, "Erst einmal still", begins=NEXT_WEEK, stage=Stage.DRAFT)
    with live.door():
        circle = circle_of(LEAD)
        make_belonging(make_person(address, name="Kim Dabei"), circle)
        draft = db.session.scalars(select(Event).where(Event.slug == event.slug)).one()
        draft.communities = [circle]
        slug = circle.slug
    lead = visitors.arrive_as(LEAD, width=PHONE)
    lead.goto(event.desk)
    looked_at(lead)
    lead.get_by_role("button", name="Veröffentlichen, ohne einzuladen").click()
    lead.get_by_role("link", name="Einladungen der Community sind angehalten").click()
    expect(lead.get_by_text("wird zu diesem Termin niemand eingeladen")).to_be_visible()
    with live.door():
        found = db.session.scalars(select(Community).where(Community.slug == slug)).one()
        join_circle(found, make_person(newcomer), at=datetime.now(UTC))
    lead.reload()
    expect(lead.get_by_text("2 Personen sind noch nicht eingeladen.")).to_be_visible()
    looked_at(lead)
    lead.get_by_role("button", name="Einladungen wieder aufnehmen").click()
    expect(lead.get_by_text("2 Personen erreicht.")).to_be_visible()
    looked_at(lead)

    guest = visitors.arrive(width=PHONE)
    for one in (address, newcomer):
        open_mail(guest, one, "Einladung: ")
    assert guest.request.get(f"/demo/postausgang/?an={newcomer}").text().count(">Einladung: ") == 1


def test_somebody_asks_and_waits_for_the_answer(visitors, live):
    event, address = own_event(live, "Erst fragen", begins=NEXT_WEEK, needs_approval=True), new_address()
    guest = visitors.arrive(width=PHONE)
    guest.goto(event.path)
    fill_in(guest, address)
    guest.get_by_role("button", name="Platz anfragen").click()
    open_mail(guest, address, "Bitte bestätigen: ")
    press_link(guest, "Anmeldung bestätigen")
    guest.locator("main form").first.get_by_role("button").click()

    expect(guest.get_by_text("Ihre Anfrage ist da.").first).to_be_visible()
    looked_at(guest)
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}anfragen/")
    expect(lead.get_by_role("link", name="Kim Probe")).to_be_visible()


def test_invitations_are_looked_through_sent_answered_and_only_the_silent_are_reminded(visitors, live):
    event = own_event(live, "Mit Einladung", [("Ada Angemeldet", State.CONFIRMED)], begins=NEXT_WEEK)
    yes, silent = new_address(), new_address()
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}einladungen/")
    looked_at(lead)
    rows = f"Kim Kommt <{yes}>\nSam Schweigt <{silent}>\nkein-klammeraffe\n{yes}\n{address_of(event, 'Ada')}"
    lead.get_by_label("Adressen").fill(rows)
    lead.get_by_role("button", name="Weiter zur Prüfung").click()

    striking = lead.get_by_role("table", name="Was auffällt").get_by_role("row")
    expect(striking.filter(has_text="kein-klammeraffe")).to_contain_text("3")
    expect(striking.filter(has_text=yes)).to_contain_text("doppelt")
    expect(striking.filter(has_text=address_of(event, "Ada"))).to_contain_text("schon angemeldet")
    looked_at(lead)
    lead.get_by_role("button", name="2 Personen einladen").click()
    expect(lead.get_by_text("2 Einladungen gehen hinaus.")).to_be_visible()
    looked_at(lead)

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, yes, "Einladung: ")
    press_link(guest, "Einladung ansehen und antworten")
    looked_at(guest)
    expect(guest.get_by_text(f"Ihre Antwort gilt für {yes}.")).to_be_visible()
    assert guest.get_by_role("textbox", name=re.compile("Adresse")).count() == 0
    guest.get_by_label("Ja, ich komme").check()
    guest.get_by_role("button", name="Antworten").click()
    expect(guest.get_by_text("Sie sind angemeldet.")).to_be_visible()

    live.change(
        "UPDATE invitation SET made_at = datetime(made_at, '-4 days') WHERE event_id ="
        " (SELECT id FROM event WHERE slug = :slug)",
        slug=event.slug,
    )
    lead.reload()
    lead.get_by_role("button", name="1 Person erinnern").click()
    expect(lead.get_by_text("1 Erinnerung geht hinaus.")).to_be_visible()
    open_mail(guest, silent, "Kommen Sie? ")
    assert "Kommen Sie?" not in guest.request.get(f"/demo/postausgang/?an={yes}").text()


def test_a_table_of_invitees_is_read_row_by_row(visitors, live):
    event, coming = own_event(live, "Mit Tabelle", begins=NEXT_WEEK), new_address()
    rows = [
        "E-Mail;Vorname;Nachname;Behörde",
        f"{coming};Jörg;Größer;Stadt Süd",
        "ohne-adresse;Sam;Satt;",
        f"{coming};;;",
    ]
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}einladungen/")
    lead.get_by_label("Oder eine Tabelle").set_input_files(
        {"name": "Verteiler.csv", "mimeType": "text/csv", "buffer": "\r\n".join(rows).encode("cp1252")}
    )
    with lead.expect_navigation():
        lead.get_by_role("button", name="Weiter zur Prüfung").click()

    fine = lead.get_by_role("table", name="Wer eingeladen wird").get_by_role("row").filter(has_text=coming)
    expect(fine).to_contain_text("Jörg Größer")
    expect(fine).to_contain_text("Stadt Süd")
    striking = lead.get_by_role("table", name="Was auffällt").get_by_role("row")
    expect(striking.filter(has_text="ohne-adresse")).to_contain_text("Hier steht keine E-Mail-Adresse.")
    expect(striking.filter(has_text=coming)).to_contain_text("steht doppelt da")
    looked_at(lead)
    with lead.expect_navigation():
        lead.get_by_role("button", name="1 Person einladen").click()
    expect(lead.get_by_text("1 Einladung geht hinaus.")).to_be_visible()

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, coming, "Einladung: ")
    assert "Jörg Größer" in text_of_mail(guest)


def test_the_waiting_list_is_reordered_and_a_seat_is_offered(visitors, live):
    people = [("Ada Erste", State.CONFIRMED), *((name, State.WAITING) for name in ("Bo Zwei", "Cem Drei", "Dana Vier"))]
    event = own_event(live, "Voll", people, begins=NEXT_WEEK, capacity=1, waiting_mode=WaitingMode.OFFER)
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}warteliste/")
    looked_at(lead)

    lead.get_by_role("button", name="Ganz nach oben Dana Vier").click()
    expect(lead.get_by_role("rowheader").first).to_have_text("Dana Vier")
    lead.get_by_role("button", name="Nach unten Bo Zwei").click()
    expect(lead.get_by_role("rowheader").last).to_have_text("Bo Zwei")
    assert event.waiting() == ["Dana Vier", "Cem Drei", "Bo Zwei"]

    guest = visitors.arrive(width=PHONE)
    guest.goto(event.pages["Ada Erste"])
    guest.get_by_label("Ja, ich sage ab und gebe meinen Platz frei.").check()
    guest.get_by_role("button", name="Absagen").click()
    expect(guest.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()
    open_mail(guest, address_of(event, "Dana Vier"), "Ein Platz ist frei: ")
    guest.goto(event.pages["Dana Vier"])
    looked_at(guest)
    guest.get_by_label("Ja, ich nehme den Platz").check()
    guest.get_by_role("button", name="Platz annehmen").click()
    expect(guest.get_by_text("Sie sind angemeldet.")).to_be_visible()

    lead.reload()
    lead.get_by_label("„Platz geben“ auch, wenn alle Plätze belegt sind").check()
    lead.get_by_role("button", name="Platz geben Bo Zwei").click()
    expect(lead.get_by_role("rowheader")).to_have_text(["Cem Drei"])
    assert event.states() == {
        "Ada Erste": "cancelled",
        "Bo Zwei": "confirmed",
        "Cem Drei": "waiting",
        "Dana Vier": "confirmed",
    }


def test_somebody_is_registered_by_hand_and_the_seat_goes_to_a_colleague(visitors, live):
    event, colleague = own_event(live, "Von Hand", begins=NEXT_WEEK), new_address()
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}teilnehmende/")
    looked_at(lead)
    lead.get_by_role("link", name="Jemanden anmelden").click()
    looked_at(lead)
    lead.get_by_label("Name", exact=True).fill("Mira Sommerfeld")
    lead.get_by_label("E-Mail-Adresse").fill("mira.sommerfeld@musterhafen.example")
    lead.get_by_role("button", name="Anmelden", exact=True).click()
    expect(lead.get_by_text("Mira Sommerfeld ist angemeldet und bekommt eine Mail.")).to_be_visible()

    lead.get_by_role("link", name="Mira Sommerfeld").click()
    looked_at(lead)
    lead.get_by_text("Platz übertragen").first.click()
    lead.get_by_label("Name", exact=True).fill("Kim Kollege")
    lead.get_by_label("E-Mail-Adresse").fill(colleague)
    lead.get_by_role("button", name="Platz übertragen").click()
    expect(lead.get_by_text("Wir haben gefragt. Bis zum Ja bleibt der Platz, wo er ist.")).to_be_visible()
    assert event.states() == {"Mira Sommerfeld": "confirmed"}

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, colleague, "Ein Platz für Sie: ")
    press_link(guest, "Ansehen und antworten")
    looked_at(guest)
    guest.get_by_label("Ja, ich komme").check()
    guest.get_by_role("button", name="Antworten").click()
    expect(guest.get_by_text("Sie sind angemeldet.")).to_be_visible()
    assert event.states() == {"Mira Sommerfeld": "cancelled", "Kim Kollege": "confirmed"}


def test_a_message_goes_to_those_in_the_chosen_state_and_stays_with_the_event(visitors, live):
    people = [("Ada Dabei", State.CONFIRMED), ("Bo Dabei", State.CONFIRMED), ("Cem Wartet", State.WAITING)]
    event = own_event(live, "Mit Nachricht", people, begins=NEXT_WEEK)
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}nachrichten/")
    looked_at(lead)
    subject = f"Bitte noch etwas Geduld {event.slug}"
    lead.get_by_label("Betreff").fill(subject)
    lead.get_by_label("Text").fill("Wir **suchen** einen größeren Raum.")
    lead.get_by_label("angemeldet (2)").uncheck()
    lead.get_by_label("Warteliste (1)").check()
    lead.get_by_role("button", name="Weiter zur Vorschau").click()

    expect(lead.get_by_text("Geht an 1 Person", exact=True)).to_be_visible()
    expect(lead.get_by_role("listitem").filter(has_text="Cem Wartet")).to_be_visible()
    expect(lead.locator("main strong", has_text="suchen")).to_be_visible()
    looked_at(lead)
    lead.get_by_role("button", name="Jetzt senden").click()
    expect(lead.get_by_text("Die Nachricht geht an 1 Person.")).to_be_visible()

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, address_of(event, "Cem Wartet"), subject)
    assert "größeren Raum" in text_of_mail(guest)
    assert subject not in guest.request.get(f"/demo/postausgang/?an={address_of(event, 'Ada Dabei')}").text()
    lead.reload()
    expect(lead.get_by_role("article").filter(has_text=subject)).to_contain_text("1 Mail gesendet")
    looked_at(lead)
