"""What an event asks whoever registers, on a phone: questions that depend on others, free choices, colleagues."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from nextevents.events.models import Event, Format, QuestionKind
from nextevents.ground.database import db
from tests.browser.own_event import PHONE, looked_at, own_event
from tests.browser.pages import OFFICE
from tests.browser.visiting import code_in_mail, new_address, open_mail, press_link
from tests.factories import make_question

NEXT_WEEK = timedelta(days=7)
WHETHER, WHERE = "Kommen Sie mit der Bahn?", "An welchem Bahnhof kommen Sie an?"

PLAN = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def a_file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def go_on(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def fill_in(page: Page, address: str) -> None:
    """Who registers; colleagues have fields of the same names below."""
    page.get_by_label("Name", exact=True).first.fill("Kim Probe")
    page.get_by_label("Dienstliche E-Mail-Adresse").first.fill(address)
    page.keyboard.press("Tab")
    page.get_by_text("Erkannt:").wait_for()


def confirm(page: Page, address: str) -> None:
    """From the mail to the yes, in the browser that has asked."""
    open_mail(page, address, "Bitte bestätigen: ")
    press_link(page, "Anmeldung bestätigen")
    go_on(page, "Anmeldung bestätigen")
    expect(page.get_by_text("Sie sind angemeldet.").first).to_be_visible()


def test_a_question_comes_with_the_answer_it_depends_on_and_nothing_is_agreed_to_unasked(visitors, live):
    asks = {"asks_photos": True, "asks_recording": True, "asks_newsletter": True}
    event, address = own_event(live, "Mit Fragen", begins=NEXT_WEEK, **asks), new_address()
    with live.door():
        asking = db.session.scalars(select(Event).where(Event.slug == event.slug)).one()
        make_question(asking, kind=QuestionKind.YES_NO, label=WHETHER)
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    lead.goto(f"{event.desk}fragen/neu/")
    lead.get_by_label("Frage", exact=True).fill(WHERE)
    lead.get_by_label("Muss beantwortet werden").check()
    lead.get_by_label("Nur stellen, wenn").select_option(label=f"„{WHETHER}“ mit „ja“ beantwortet ist")
    looked_at(lead)
    go_on(lead, "Speichern")
    expect(lead.get_by_text(f"Nur wenn „{WHETHER}“ mit „ja“ beantwortet ist.")).to_be_visible()
    looked_at(lead)

    guest = visitors.arrive(width=PHONE)
    guest.goto(event.path)
    photos = guest.get_by_role("group", name="Fotos von Ihnen")
    recording = guest.get_by_label("Ich bin einverstanden, in der Aufzeichnung")
    newsletter = guest.get_by_label("Ich möchte den Newsletter")
    expect(photos.get_by_role("radio")).to_have_count(3)
    expect(photos.get_by_role("radio", checked=True)).to_have_count(0)
    expect(recording).not_to_be_checked()
    expect(newsletter).not_to_be_checked()
    looked_at(guest)
    fill_in(guest, address)
    way = guest.get_by_role("group", name=WHETHER)
    way.get_by_label("Nein").check()
    expect(guest.get_by_label(WHERE)).to_be_hidden()
    way.get_by_label("Ja").check()
    expect(guest.get_by_label(WHERE)).to_be_visible()
    go_on(guest, "Platz sichern")
    expect(guest.get_by_role("link", name=f"{WHERE.strip('?')}: Bitte beantworten Sie diese Frage.")).to_be_visible()
    looked_at(guest)
    guest.get_by_label(WHERE).fill("Musterhafen Süd")
    recording.check()
    go_on(guest, "Platz sichern")
    confirm(guest, address)

    def kept() -> list[tuple]:
        return live.rows(
            "SELECT r.photos, r.agrees_to_recording, r.wants_newsletter, a.value FROM registration r"
            " JOIN event e ON e.id = r.event_id JOIN answer a ON a.registration_id = r.id"
            " WHERE e.slug = :slug ORDER BY a.question_id",
            slug=event.slug,
        )

    assert kept() == [("no", 1, 0, "ja"), ("no", 1, 0, "Musterhafen Süd")]
    open_mail(guest, address, "Anmeldung bestätigt: ")
    press_link(guest, "Anmeldung ansehen oder absagen")
    guest.locator("summary", has_text="Ihre Angaben").click()
    recording.uncheck()
    way.get_by_label("Nein").check()
    looked_at(guest)
    go_on(guest, "Angaben speichern")
    expect(guest.get_by_text("Gespeichert.")).to_be_visible()
    assert kept() == [("no", 0, 0, "nein")]


def test_a_number_and_a_file_are_looked_at_and_a_question_to_organisers_is_never_seen_by_guests(visitors, live):
    event, address = own_event(live, "Mit Anlage", begins=NEXT_WEEK, format=Format.CAMP), new_address()
    how_many, paper, table = "Wie viele kommen mit?", "Ihr Lageplan", "An welchem Tisch?"
    lead = visitors.arrive_as(OFFICE, width=PHONE)
    for label, kind in ((how_many, "eine Zahl"), (paper, "eine Datei"), (table, "eine Zeile Text")):
        lead.goto(f"{event.desk}fragen/neu/")
        lead.get_by_label("Frage", exact=True).fill(label)
        lead.get_by_label("Art der Antwort").select_option(label=kind)
        expect(lead.get_by_label("Antworten zur Wahl")).to_be_hidden()
        lead.get_by_label("Nur für Organisierende").set_checked(label == table)
        lead.get_by_label("Antworten löschen nach so vielen Tagen").fill("30")
        go_on(lead, "Speichern")
    looked_at(lead)

    guest = visitors.arrive(width=PHONE)
    guest.goto(event.path)
    expect(guest.get_by_text(table)).to_have_count(0)
    looked_at(guest)
    fill_in(guest, address)
    guest.get_by_label(how_many).fill("einige")
    guest.get_by_label(paper).set_input_files(a_file("plan.pdf", b"kein Plan"))
    go_on(guest, "Platz sichern")
    wrong = guest.locator(".error-summary").get_by_role("link")
    expect(wrong).to_have_count(2)
    looked_at(guest)
    guest.get_by_label(how_many).fill("3")
    guest.get_by_label(paper).set_input_files(a_file("plan.pdf", PLAN))
    go_on(guest, "Platz sichern")
    confirm(guest, address)

    lead.goto(f"{event.desk}teilnehmende/")
    lead.get_by_role("link", name="Kim Probe").click()
    looked_at(lead)
    lead.get_by_label(table).fill("Tisch 7")
    go_on(lead, "Speichern")
    expect(lead.get_by_text("Gespeichert.")).to_be_visible()
    expect(lead.get_by_label(table)).to_have_value("Tisch 7")
    assert lead.request.get(str(lead.get_by_role("link", name="plan.pdf").get_attribute("href"))).body() == PLAN
    open_mail(guest, address, "Anmeldung bestätigt: ")
    press_link(guest, "Anmeldung ansehen oder absagen")
    guest.locator("summary", has_text="Ihre Angaben").click()
    expect(guest.get_by_label(how_many)).to_have_value("3")
    looked_at(guest)
    assert table not in guest.content()
    assert "Tisch 7" not in guest.content()


def test_a_group_of_one_body_is_registered_and_everybody_answers_for_themselves(visitors, live):
    event = own_event(live, "Zu mehreren", begins=NEXT_WEEK, takes_groups=True)
    own, zoe, bob = new_address(), new_address(), new_address()
    guest = visitors.arrive(width=PHONE)
    guest.goto(event.path)
    fill_in(guest, own)
    guest.locator("summary", has_text="Kolleginnen und Kollegen mit anmelden").click()
    looked_at(guest)
    for number, name, address in ((1, "Zoe Zweite", zoe), (2, "Bob Dritter", "bob@anderswo.example")):
        row = guest.get_by_role("group", name=f"Person {number}")
        row.get_by_label("Name").fill(name)
        row.get_by_label("Dienstliche E-Mail-Adresse").fill(address)
    go_on(guest, "Platz sichern")
    expect(guest.get_by_text("Das ist keine Adresse von").first).to_be_visible()
    looked_at(guest)
    assert event.states() == {}
    guest.get_by_role("group", name="Person 2").get_by_label("Dienstliche E-Mail-Adresse").fill(bob)
    go_on(guest, "Platz sichern")

    expect(guest.get_by_role("heading", level=1)).to_have_text("Ihre Gruppe")
    for name in ("Zoe Zweite", "Bob Dritter"):
        expect(guest.get_by_role("row").filter(has_text=name)).to_contain_text("ein Platz")
    looked_at(guest)
    with guest.expect_navigation():
        guest.get_by_role("link", name="Weiter zur eigenen Bestätigung").click()
    confirm(guest, own)
    assert event.states() == {"Kim Probe": "confirmed", "Zoe Zweite": "unconfirmed", "Bob Dritter": "unconfirmed"}

    colleague = visitors.arrive(width=PHONE)
    open_mail(colleague, zoe, "Kommen Sie? ")
    code = code_in_mail(colleague)
    press_link(colleague, "Ja, ich komme")
    looked_at(colleague)
    colleague.get_by_label("Code aus der Mail").fill(code)
    go_on(colleague, "Anmeldung bestätigen")
    expect(colleague.get_by_text("Sie sind angemeldet.").first).to_be_visible()
    assert event.states() == {"Kim Probe": "confirmed", "Zoe Zweite": "confirmed", "Bob Dritter": "unconfirmed"}
    open_mail(colleague, bob, "Kommen Sie? ")
    asked = live.rows("SELECT recipient, count(*) FROM message WHERE kind = 'confirm_for_colleague' GROUP BY recipient")
    assert dict(asked) == dict(asked) | {zoe: 1, bob: 1}
