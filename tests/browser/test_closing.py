"""Closing an event: attendance, certificates, materials, feedback, figures; all on a phone."""

import io
from datetime import timedelta

import pypdf
from playwright.sync_api import expect
from sqlalchemy import select

from nextevents.events.models import Event, QuestionKind, Registration, State
from nextevents.ground.database import db
from tests.browser.own_event import PHONE, looked_at, own_event
from tests.browser.pages import OFFICE
from tests.factories import make_answer, make_question

NAMES = ("Ada Anders", "Bo Beispiel", "Cem Conrad", "Dana Dorn", "Eli Ebert")
HEIGHTS = "(all) => all.map((one) => one.getBoundingClientRect().height)"
YESTERDAY = timedelta(hours=-20)


def over(live, state=State.ATTENDED):
    """An event that is over, with five people."""
    people = [(name, state) for name in NAMES]
    return own_event(live, "Vorbei", people, begins=YESTERDAY, gives_certificates=True, asks_feedback=True)


def row_of(plot, label):
    return plot.get_by_role("row").filter(has=plot.page.get_by_role("rowheader", name=label, exact=True))


def test_attendance_is_closed_and_certificates_can_be_checked_by_anybody(visitors, live):
    event = over(live, State.CONFIRMED)
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    lead.goto(f"{event.desk}einlass/")
    looked_at(lead)
    lead.get_by_role("button", name="Ist da Ada Anders").click()
    expect(lead.get_by_text("Alles ist übertragen.")).to_be_visible()
    lead.locator("summary", has_text="Liste abschließen").click()
    lead.get_by_role("button", name="Liste abschließen").click()
    expect(lead.get_by_text("4 Personen sind nicht gekommen.")).to_be_visible()
    assert event.states() == dict.fromkeys(NAMES, "absent") | {"Ada Anders": "attended"}
    lead.goto(f"{event.desk}abschluss/")
    looked_at(lead)

    guest.goto(event.pages["Bo Beispiel"])
    expect(guest.get_by_role("button", name="Bescheinigung abrufen")).to_have_count(0)
    guest.goto(event.pages["Ada Anders"])
    looked_at(guest)
    token = guest.locator("main [name=csrf_token]").first.get_attribute("value")
    asked = {"form": {"csrf_token": token}, "headers": {"Referer": guest.url}}
    paper = guest.request.post(f"{event.pages['Ada Anders']}bescheinigung", **asked)
    assert paper.headers["content-type"] == "application/pdf"
    words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.body())).pages)
    assert "Ada Anders" in words
    ((code,),) = live.rows(
        "SELECT c.code FROM certificate c JOIN event e ON e.id = c.event_id WHERE e.slug = :slug", slug=event.slug
    )
    assert code in words

    stranger = visitors.arrive(width=PHONE)
    stranger.goto("/bescheinigung/")
    looked_at(stranger)
    stranger.get_by_label("Code der Bescheinigung").fill(code.lower())
    stranger.get_by_role("button", name="Prüfen").click()
    expect(stranger.get_by_text("Diese Bescheinigung ist echt.")).to_be_visible()
    expect(stranger.get_by_text("Ada Anders")).to_be_visible()
    looked_at(stranger)


def test_materials_are_seen_by_those_whom_they_are_for(visitors, live):
    event = over(live)
    lead, guest, stranger = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(), visitors.arrive()
    lead.goto(f"{event.desk}abschluss/unterlagen/")
    looked_at(lead)
    lead.get_by_label("Datei", exact=True).set_input_files(
        {"name": "Folien.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 klein"}
    )
    lead.get_by_role("button", name="Datei dazulegen").click()
    expect(lead.get_by_text("Gespeichert.")).to_be_visible()
    looked_at(lead)
    lead.get_by_role("link", name="Etwas dazulegen").click()
    lead.locator("summary", has_text="Protokoll").click()
    minutes = lead.locator("form", has=lead.get_by_role("button", name="Protokoll speichern"))
    minutes.get_by_label("Protokoll").fill("Wir haben **entschieden**.")
    minutes.get_by_label("Wer es sieht").select_option("everybody")
    minutes.get_by_role("button").click()
    expect(lead.get_by_text("Gespeichert.")).to_be_visible()

    guest.goto(event.pages["Ada Anders"])
    with guest.expect_download() as download:
        guest.get_by_role("link", name="Folien").click()
    assert download.value.suggested_filename == "Folien.pdf"
    stranger.goto(event.path)
    stranger.locator("summary", has_text="Protokoll").click()
    expect(stranger.locator("strong", has_text="entschieden")).to_be_visible()
    expect(stranger.get_by_role("link", name="Folien")).to_have_count(0)


def test_what_people_say_is_shown_from_five_answers_on(visitors, live):
    event = over(live)
    lead, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)
    for number, name in enumerate(NAMES):
        lead.goto(f"{event.desk}abschluss/")
        expect(lead.locator(".plot")).to_have_count(0)
        guest.goto(f"{event.pages[name]}rueckmeldung/")
        if not number:
            looked_at(guest)
        guest.get_by_role("group", name="Hat sich der Termin").get_by_label("eher ja" if number else "sehr").check()
        guest.get_by_label("Was sollten wir wissen?").fill(f"Wort {number}")
        guest.get_by_role("button", name="Rückmeldung absenden").click()
        expect(guest.get_by_text("Danke für Ihre Rückmeldung.").first).to_be_visible()

    lead.reload()
    plot = lead.locator(".plot").first
    expect(plot.get_by_role("img", name="Hat es sich gelohnt?")).to_be_visible()
    plot.get_by_text("Als Tabelle").click()
    expect(row_of(plot, "sehr")).to_contain_text("1")
    expect(row_of(plot, "eher ja")).to_contain_text("4")
    expect(lead.locator(".plot")).to_have_count(1)  # nobody has answered the second question
    expect(lead.get_by_text("Wort 4")).to_be_visible()
    looked_at(lead)


def test_figures_can_be_seen_and_read(visitors, live):
    event = over(live)
    with live.door():
        _answer(event.slug)
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}zahlen/")

    expect(lead.get_by_role("img", name="Anmeldungen im Lauf der Zeit")).to_be_visible()
    plot = lead.locator(".plot", has_text="Themen?")
    plot.get_by_text("Als Tabelle").click()
    expect(row_of(plot, "KI")).to_contain_text("5")
    expect(row_of(plot, "Recht")).to_contain_text("0")
    assert min(lead.locator(".plot text:visible").evaluate_all(HEIGHTS)) >= 15  # a letter of 12 px with its line
    looked_at(lead)


def _answer(slug):
    event = db.session.scalars(select(Event).where(Event.slug == slug)).one()
    topics = make_question(event, kind=QuestionKind.SEVERAL_OF, label="Themen?", options=["KI", "Daten", "Recht"])
    for one in db.session.scalars(select(Registration).where(Registration.event_id == event.id)):
        make_answer(one, topics, "KI\nDaten")
