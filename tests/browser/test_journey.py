"""The main job and what belongs to it, as people live it in a browser; each story with JavaScript or without."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import icalendar
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live import Live, wait_for
from tests.browser.pages import OFFICE, PARTICIPANT
from tests.browser.visiting import (
    Visitors,
    become,
    calendar_in_mail,
    code_in_mail,
    entry_in,
    fill_in,
    new_address,
    open_mail,
    press_link,
    register,
)
from tests.services.ical_judges import instants, judge

#: The event that is moved and cancelled.
TOPIC = "testdaten"


@dataclass(frozen=True)
class Entry:
    """What a mail does in its receiver's calendar."""

    method: str
    uid: str
    sequence: int
    status: str
    starts: datetime

    @classmethod
    def of(cls, ics: bytes) -> "Entry":
        """Read it, after all judges had their look."""
        assert judge(ics) == []
        calendar, event = icalendar.Calendar.from_ical(ics), entry_in(ics)
        moments = instants(ics)
        assert moments["libical"] == moments["ical.js"] == moments["icalendar"]
        return cls(
            str(calendar["METHOD"]),
            str(event["UID"]),
            int(event["SEQUENCE"]),
            str(event.get("STATUS")),
            moments["libical"][0],
        )


@pytest.fixture(
    params=[("live", False), ("live_on_postgresql", True)],
    ids=["SQLite, without JavaScript", "PostgreSQL, with JavaScript"],
)
def place(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Live, Visitors, bool]]:
    """An instance on either database, its visitors, and whether scripts run."""
    instance, javascript = request.param
    live = request.getfixturevalue(instance)
    arriving = Visitors(browser, live)
    yield live, arriving, javascript
    assert arriving.leave() == []


def test_somebody_registers_and_the_calendar_follows_the_event(place):
    live, visitors, javascript = place
    page, address = visitors.arrive(javascript=javascript, accept_downloads=True), new_address()
    slug = live.slug(TOPIC)
    ((title,),) = live.rows("SELECT title FROM event WHERE slug = :slug", slug=slug)

    _find_and_register(page, title, address, has_help=javascript)
    page.get_by_role("link", name="In dieser Vorführung liegt die Mail im Postausgang.").click()
    open_mail(page, address, "Bitte bestätigen: ")
    press_link(page, "Anmeldung bestätigen")
    expect(page.get_by_text(title)).to_be_visible()
    expect(page.get_by_label("Code aus der Mail")).to_have_count(0)
    page.get_by_role("button", name="Anmeldung bestätigen").click()
    expect(page.get_by_text("Sie sind angemeldet.")).to_be_visible()
    manage = page.url
    booked = _entry(page, address, "Anmeldung bestätigt: ")
    desk = visitors.arrive(javascript=javascript)
    _move(desk, title, hours=2)
    moved = _entry(page, address, "Geändert: ")
    _expect_recognised(desk, title, address)
    _call_off(desk, title)
    cancelled = _entry(page, address, "Abgesagt: ")

    uid, starts = booked.uid, booked.starts
    assert booked == Entry("REQUEST", uid, booked.sequence, "CONFIRMED", starts)
    assert moved == Entry("REQUEST", uid, moved.sequence, "CONFIRMED", starts + timedelta(hours=2))
    assert cancelled == Entry("CANCEL", uid, cancelled.sequence, "CANCELLED", starts + timedelta(hours=2))
    assert booked.sequence < moved.sequence < cancelled.sequence
    page.goto(manage)
    expect(page.get_by_text("Dieser Termin fällt leider aus.")).to_be_visible()
    page.goto(f"/veranstaltungen/{slug}/")
    expect(page.get_by_text("Dieser Termin fällt leider aus.")).to_be_visible()
    expect(page.get_by_role("button", name="Platz sichern")).to_have_count(0)


def _find_and_register(page: Page, title: str, address: str, *, has_help: bool) -> None:
    page.goto("/")
    page.get_by_role("link", name="Termine ansehen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kommende Termine")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    fill_in(page, address, name="Kim Übermut-Łukasz")
    if has_help:
        page.keyboard.press("Tab")
        expect(page.get_by_text("Erkannt: Stadt Musterhafen (Kommune)")).to_be_visible()
        expect(page.get_by_label("Organisation")).to_have_count(0)
    page.get_by_role("button", name="Platz sichern").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fast geschafft")


def _entry(page: Page, address: str, subject: str) -> Entry:
    open_mail(page, address, subject)
    return Entry.of(calendar_in_mail(page))


#: The step of an event's story in which a page of its desk is found.
_STEP_OF = {"Angaben": "Anlegen", "Teilnehmende": "Füllen"}


def _open_on_desk(page: Page, title: str, name: str) -> None:
    """Open a page of an event's desk, the way the office gets there."""
    page.goto("/buero/")
    page.get_by_role("navigation", name="Geschäftsstelle").get_by_role("link", name="Veranstaltungen").click()
    page.get_by_role("link", name=title).click()
    way = page.get_by_role("navigation", name="Seiten dieser Veranstaltung")
    way.get_by_role("link", name=_STEP_OF[name], exact=True).click()
    way.get_by_role("link", name=name, exact=True).click()


def _move(page: Page, title: str, *, hours: int) -> None:
    become(page, OFFICE)
    _open_on_desk(page, title, "Angaben")
    for label in ("Beginnt um", "Endet um"):
        hour, minute = page.get_by_label(label).input_value().split(":")[:2]
        page.get_by_label(label).fill(f"{int(hour) + hours:02d}:{minute}")
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()


def _expect_recognised(page: Page, title: str, address: str) -> None:
    """The body is known from the address, typed or not."""
    _open_on_desk(page, title, "Teilnehmende")
    page.get_by_label("Name oder Adresse").fill(address)
    page.get_by_role("button", name="Anzeigen").first.click()
    row = page.get_by_role("row").filter(has_text=address)
    expect(row).to_contain_text("Kim Übermut-Łukasz")
    expect(row).to_contain_text("Stadt Musterhafen")
    expect(row).to_contain_text("angemeldet")


def _call_off(page: Page, title: str) -> None:
    _open_on_desk(page, title, "Angaben")
    page.get_by_label("Ja, dieser Termin fällt aus.").check()
    page.get_by_role("button", name="Termin absagen").click()
    expect(page.get_by_text("Der Termin ist abgesagt. Alle Angemeldeten bekommen eine Mail.")).to_be_visible()


def test_the_code_from_the_mail_can_be_typed_instead(visitors, live):
    page, mailbox, address = visitors.arrive(javascript=False), visitors.arrive(), new_address()
    register(page, live.slug("app-elf-gemeinden"), address)
    open_mail(mailbox, address, "Bitte bestätigen: ")
    code = code_in_mail(mailbox)

    page.get_by_label("Code aus der Mail").fill(f"{(int(code) + 1) % 1_000_000:06d}")
    page.get_by_role("button", name="Bestätigen").click()
    expect(page.locator("main").get_by_text("Der Code stimmt nicht").first).to_be_visible()
    page.get_by_label("Code aus der Mail").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Bestätigen").click()

    expect(page.get_by_text("Sie sind angemeldet.")).to_be_visible()


def test_another_browser_needs_the_code(visitors, live):
    address = new_address()
    register(visitors.arrive(), live.slug("app-elf-gemeinden"), address)
    other = visitors.arrive()
    open_mail(other, address, "Bitte bestätigen: ")
    code = code_in_mail(other)

    press_link(other, "Anmeldung bestätigen")
    expect(other.get_by_text("Dieser Browser ist ein anderer")).to_be_visible()
    other.get_by_role("button", name="Anmeldung bestätigen").click()
    expect(other.get_by_role("link", name="Code aus der Mail: ")).to_be_visible()
    assert _state(live, address) == "unconfirmed"
    other.get_by_label("Code aus der Mail").fill(code)
    other.get_by_role("button", name="Anmeldung bestätigen").click()

    expect(other.get_by_text("Sie sind angemeldet.")).to_be_visible()
    assert _state(live, address) == "confirmed"


def _state(live: Live, address: str) -> str:
    question = (
        "SELECT state FROM registration JOIN person ON person.id = person_id"
        " WHERE address = :address ORDER BY registration.id DESC"
    )
    return str(live.rows(question, address=address)[0][0])


def test_somebody_waits_for_a_full_event_withdraws_and_comes_back(visitors, live):
    page, address = visitors.arrive(), new_address()
    register(page, live.slug("sprachmodelle-buergeramt"), address)
    expect(page.get_by_text("Gerade sind alle Plätze vergeben.")).to_be_visible()
    open_mail(page, address, "Bitte bestätigen: ")
    press_link(page, "Anmeldung bestätigen")
    page.get_by_role("button", name="Anmeldung bestätigen").click()

    position = _position(page)
    waiting = _entry(page, address, "Warteliste: ")
    expect(page.get_by_text(f"an Stelle {position} der Warteliste")).to_have_count(1)
    press_link(page, "Warteliste ansehen oder absagen")
    page.get_by_label("Ja, ich sage ab").check()
    page.get_by_role("button", name="Absagen").click()
    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()
    gone = _entry(page, address, "Abgemeldet: ")
    press_link(page, "Wieder anmelden")
    page.get_by_label("Ja, ich bin doch dabei.").check()
    page.get_by_role("button", name="Wieder anmelden").click()

    assert _position(page) == position
    assert position > 7
    assert (waiting.method, waiting.status) == ("REQUEST", "TENTATIVE")
    assert gone == Entry("CANCEL", waiting.uid, gone.sequence, "None", waiting.starts)


def _position(page: Page) -> int:
    notice = page.get_by_text("Sie stehen auf der Warteliste")
    expect(notice).to_be_visible()
    found = re.search(r"\d+", notice.text_content() or "")
    assert found
    return int(found[0])


def test_one_click_registers_whoever_is_signed_in(visitors, live):
    page, slug = visitors.arrive_as(PARTICIPANT, javascript=False), live.slug("push-oder-post")
    ((title,),) = live.rows("SELECT title FROM event WHERE slug = :slug", slug=slug)

    page.goto(f"/veranstaltungen/{slug}/")
    expect(page.get_by_label("Name")).to_have_count(0)
    page.get_by_role("button", name="Platz sichern").click()
    expect(page.locator("#anmeldung").get_by_text("Sie sind angemeldet.")).to_be_visible()
    page.get_by_role("link", name="Mein Konto").click()
    row = page.get_by_role("listitem").filter(has_text=title)
    expect(row).to_contain_text("angemeldet")
    row.get_by_role("link", name=title).click()
    page.get_by_label("Ja, ich sage ab").check()
    page.get_by_role("button", name="Absagen").click()

    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()


def test_somebody_signs_in_with_the_code_from_the_mail(visitors):
    page, mailbox, address = visitors.arrive(javascript=False), visitors.arrive(), new_address()
    page.goto("/")
    page.get_by_role("link", name="Anmelden").click()
    page.get_by_label("E-Mail-Adresse").fill(address)
    page.get_by_role("button", name="Mail schicken").click()
    open_mail(mailbox, address, "Ihr Zugang zu NExT")

    page.get_by_label("Code aus der Mail").fill(code_in_mail(mailbox))
    page.locator("main").get_by_role("button", name="Anmelden").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Guten Tag")
    expect(page.locator("main").get_by_text(address)).to_be_visible()
    page.locator("main").get_by_role("button", name="Abmelden").first.click()
    expect(page.get_by_role("link", name="Anmelden")).to_be_visible()


def test_the_mailed_link_signs_in_the_browser_that_asked_and_another_one_only_with_the_code(visitors):
    page, other, address = visitors.arrive(), visitors.arrive(), new_address()
    page.goto("/konto/")
    expect(page).to_have_url(re.compile(r"/konto/anmelden/\?next="))
    page.get_by_label("E-Mail-Adresse").fill(address)
    page.get_by_role("button", name="Mail schicken").click()
    open_mail(other, address, "Ihr Zugang zu NExT")
    code = code_in_mail(other)

    press_link(other, "In mein Konto")
    expect(other.get_by_role("heading", level=1)).to_have_text("Auf diesem Gerät anmelden?")
    other.get_by_role("button", name="Ja, anmelden").click()
    expect(other.get_by_role("link", name="Code aus der Mail: ")).to_be_visible()
    open_mail(page, address, "Ihr Zugang zu NExT")
    press_link(page, "In mein Konto")
    expect(page.get_by_label("Code aus der Mail")).to_have_count(0)
    page.get_by_role("button", name="Ja, anmelden").click()
    expect(page.get_by_role("link", name="Mein Konto")).to_be_visible()

    other.get_by_label("Code aus der Mail").fill(code)
    other.get_by_role("button", name="Ja, anmelden").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Dieser Link gilt nicht mehr")
    expect(other.get_by_role("link", name="Mein Konto")).to_have_count(0)


def test_a_calendar_address_is_made_fetched_and_revoked(visitors, live, scene):
    page = visitors.arrive()
    _sign_in(page, visitors.arrive(), scene.address("registered"))

    page.get_by_role("button", name="Adresse für alle Termine anlegen").click()
    address = page.get_by_label("Adresse: alle Ihre Termine").input_value()
    fetched = page.request.get(address)
    again = page.request.get(address, headers={"If-None-Match": fetched.headers["etag"]})
    page.get_by_role("button", name="Widerrufen").click()
    expect(page.get_by_text("Diese Kalenderadresse gilt nicht mehr.")).to_be_visible()

    assert fetched.headers["content-type"].startswith("text/calendar")
    assert judge(fetched.body()) == []
    assert str(entry_in(fetched.body())["SUMMARY"]) == "Sprachmodelle im Bürgeramt"
    assert (again.status, again.body()) == (304, b"")
    assert page.request.get(address).status == 404


def _sign_in(page: Page, mailbox: Page, address: str) -> None:
    page.goto("/konto/anmelden/")
    page.get_by_label("E-Mail-Adresse").fill(address)
    page.get_by_role("button", name="Mail schicken").click()
    open_mail(mailbox, address, "Ihr Zugang zu NExT")
    page.get_by_label("Code aus der Mail").fill(code_in_mail(mailbox))
    page.locator("main").get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("link", name="Mein Konto")).to_be_visible()


def test_another_browser_can_be_signed_out(visitors):
    here, there = visitors.arrive(), visitors.arrive()
    become(here, "Tarek Winterberg")
    become(there, "Tarek Winterberg")

    here.goto("/konto/")
    here.get_by_role("button", name="Alle anderen abmelden").click()
    expect(here.get_by_text("Alle anderen Browser sind abgemeldet.")).to_be_visible()
    there.goto("/konto/")

    expect(there).to_have_url(re.compile("/konto/anmelden/"))
    expect(here.get_by_role("row").filter(has_text="dieser hier")).to_have_count(1)


def test_the_office_says_whose_an_unknown_domain_is(visitors, live):
    domain = f"amt-{uuid.uuid4().hex[:8]}.example"
    page, first = visitors.arrive(), new_address(domain)
    register(page, live.slug("app-elf-gemeinden"), first)
    open_mail(page, first, "Bitte bestätigen: ")
    press_link(page, "Anmeldung bestätigen")
    page.get_by_role("button", name="Anmeldung bestätigen").click()
    expect(page.get_by_text("Sie sind angemeldet.")).to_be_visible()

    desk, name = visitors.arrive_as(OFFICE), f"Amt {domain}"
    desk.goto("/buero/")
    desk.get_by_role("link", name="Organisationen zuordnen").click()
    box = desk.locator(".box", has=desk.get_by_role("heading", name=domain))
    box.get_by_role("textbox").fill(name)
    box.get_by_label("Ebene").select_option("Kommune")
    box.get_by_role("button", name="Zuordnen").click()
    expect(desk.get_by_text(f"{domain} gehört jetzt zu {name} (1 Person).")).to_be_visible()

    page.goto(f"/veranstaltungen/{live.slug('klein-testen')}/")
    fill_in(page, new_address(f"haus.{domain}"))
    page.keyboard.press("Tab")
    expect(page.get_by_text(f"Erkannt: {name} (Kommune)")).to_be_visible()


def test_the_office_sends_a_failed_mail_once_more(visitors, live, scene):
    desk, number = visitors.arrive_as(OFFICE), scene.mails["event_changed"]
    live.change("UPDATE message SET state = 'failed', answer = '550 5.1.1 unknown' WHERE id = :id", id=number)

    desk.goto("/buero/")
    desk.get_by_role("link", name="Gescheiterte ansehen").click()
    desk.get_by_role("button", name=f"an {scene.address('event_changed')}").click()
    expect(desk.get_by_text("Die Mail geht noch einmal hinaus.")).to_be_visible()

    _wait_until_sent(live, number)


def _wait_until_sent(live: Live, number: int) -> None:
    wait_for(lambda: live.rows("SELECT 1 FROM message WHERE id = :id AND state = 'sent'", id=number), "a sent mail")


def test_what_two_people_of_the_office_change_at_once_is_shown_to_the_second(visitors, live):
    slug = live.slug("wartezimmer-tests")
    one, other = visitors.arrive_as(OFFICE), visitors.arrive_as(OFFICE)
    for page in (one, other):
        page.goto(f"/veranstaltungen/{slug}/verwalten/angaben/")
    one.get_by_label("Worum geht es").fill("Meine Worte.")
    other.get_by_label("Worum geht es").fill("Andere Worte.")

    one.get_by_role("button", name="Speichern", exact=True).click()
    expect(one.get_by_text("Gespeichert.")).to_be_visible()
    other.get_by_role("button", name="Speichern", exact=True).click()
    expect(other.get_by_role("heading", name="Jemand anders hat diesen Termin inzwischen geändert")).to_be_visible()
    expect(other.get_by_role("row").filter(has_text="Andere Worte.")).to_contain_text("Meine Worte.")
    other.get_by_role("button", name="Meine Fassung speichern").click()
    expect(other.get_by_text("Gespeichert.")).to_be_visible()

    other.goto(f"/veranstaltungen/{slug}/")
    expect(other.get_by_text("Andere Worte.")).to_be_visible()


def test_a_form_whose_protection_ran_out_is_sent_again_with_what_was_typed(visitors, live):
    page, address = visitors.arrive(), new_address()
    page.goto(f"/veranstaltungen/{live.slug('klein-testen')}/")
    fill_in(page, address, name="Kim Geduldig")
    page.keyboard.press("Tab")
    page.get_by_text("Erkannt:").wait_for()
    page.context.clear_cookies()

    page.get_by_role("button", name="Platz sichern").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bitte noch einmal absenden")
    expect(page.get_by_text("Kim Geduldig")).to_be_visible()
    page.get_by_role("button", name="Noch einmal absenden").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Fast geschafft")


def test_the_language_stays_where_it_was_put(visitors, live):
    page = visitors.arrive(javascript=False)
    page.goto(f"/veranstaltungen/{live.slug('klein-testen')}/")
    here = page.url

    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == here
    page.goto("/veranstaltungen/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Deutsch").click()

    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_pressing_a_button_twice_registers_once(visitors, live):
    page, address = visitors.arrive(), new_address()
    page.goto(f"/veranstaltungen/{live.slug('klein-testen')}/")
    fill_in(page, address)

    page.get_by_role("button", name="Platz sichern").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fast geschafft")

    question = "SELECT count(*) FROM registration JOIN person ON person.id = person_id WHERE address = :address"
    assert live.rows(question, address=address) == [(1,)]
    assert live.rows("SELECT count(*) FROM message WHERE recipient = :address", address=address) == [(1,)]
