"""A lead plans half a year: the next meeting, a series, and a poll that five people answer."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import sticking_out, violations
from tests.browser.live import Live
from tests.browser.pages import LEAD
from tests.browser.visiting import Visitors, new_address, open_mail, press_link

DESK = "/verwalten/communities/chatbot-community"
#: What five people say to three times: most yes for the second, of the others the more if need be for the third.
#: What twenty people say to three times.
BALLOTS = 4 * (
    ("ja", "ja", "nein"),
    ("ja", "ja", "zur Not"),
    ("nein", "ja", "ja"),
    ("zur Not", "nein", "ja"),
    ("nein", "zur Not", "zur Not"),
)


def workday(weeks: int) -> str:
    """A Wednesday so many weeks ahead."""
    today = date.today()  # noqa: DTZ011 - the browser's day
    return (today + timedelta(days=(2 - today.weekday()) % 7, weeks=weeks)).isoformat()


def fits(page: Page) -> bool:
    """Whether a page is as wide as its window, and no judge of accessibility complains."""
    return (sticking_out(page), violations(page)) == ([], [])


def test_the_next_meeting_takes_a_date_and_a_click(visitors: Visitors) -> None:
    page = visitors.arrive_as(LEAD, javascript=False, width=360)
    page.goto(f"{DESK}/planen/")
    assert sticking_out(page) == []
    page.get_by_label("Datum").fill(workday(30))
    page.get_by_role("button", name="Als Entwurf anlegen").click()

    expect(page.get_by_text("Der Entwurf ist angelegt.")).to_be_visible()


def test_half_a_year_is_planned_from_a_pattern_by_words(visitors: Visitors) -> None:
    page = visitors.arrive_as(LEAD, javascript=False)
    page.goto(f"{DESK}/serie/")
    page.get_by_label("Titel").fill("Sprechstunde der Community")
    page.get_by_label("nach Monaten, am ersten").check()
    page.get_by_label("Der wievielte im Monat?").select_option(label="dritten")
    page.get_by_label("Wochentag", exact=True).select_option(label="Mittwoch")
    page.get_by_label("Frühestens ab").fill(workday(1))
    page.get_by_role("button", name="Termine ansehen").click()
    rows = page.locator(".series-date")
    expect(rows).to_have_count(6)
    rows.nth(5).get_by_label("Anlegen").uncheck()
    page.get_by_role("button", name="Als Entwürfe anlegen").click()

    expect(page.get_by_text("5 Entwürfe sind angelegt.")).to_be_visible()
    page.get_by_label("für alle kommenden").check()
    page.get_by_label("Beginnt um").fill("09:00")
    page.get_by_label("Endet um").fill("10:00")
    page.get_by_role("button", name="Termine ändern").click()
    expect(page.get_by_text("5 Termine sind geändert.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("9 bis 10 Uhr"))).to_have_count(5)


def test_one_date_of_a_series_is_moved_and_one_left_out_on_the_phone(visitors: Visitors) -> None:
    page = visitors.arrive_as(LEAD, javascript=False, width=360)
    page.goto(f"{DESK}/serie/")
    page.get_by_label("Titel").fill("Fragestunde am Telefon")
    page.get_by_label("nach Wochen").check()
    page.get_by_label("Wochentag", exact=True).select_option(label="Mittwoch")
    page.get_by_label("Frühestens ab").fill(workday(40))
    page.get_by_label("Anzahl der Termine").fill("3")
    page.get_by_role("button", name="Termine ansehen").click()
    page.get_by_role("button", name="Als Entwürfe anlegen").click()
    dates = page.locator(".series-item")
    expect(dates).to_have_count(3)

    dates.nth(1).get_by_text("Verlegen oder ausfallen lassen").click()
    assert sticking_out(page) == []
    dates.nth(1).get_by_label("Beginn").fill("08:00")
    dates.nth(1).get_by_label("Ende").fill("09:00")
    dates.nth(1).get_by_role("button", name="Verlegen", exact=True).click()
    expect(page.get_by_text(re.compile("Verlegt: .*8 bis 9 Uhr"))).to_be_visible()

    dates.nth(2).get_by_text("Verlegen oder ausfallen lassen").click()
    dates.nth(2).get_by_label("Ja, diesen Entwurf löschen").check()
    dates.nth(2).get_by_role("button", name="Löschen").click()
    expect(page.get_by_text(re.compile("Gelöscht: "))).to_be_visible()
    expect(dates).to_have_count(2)


@pytest.fixture
def addresses() -> list[str]:
    return [new_address() for _ in BALLOTS]


def begin_poll(page: Page, title: str, addresses: list[str]) -> None:
    """Ask named people for one of three times; leaves the poll's page at the desk."""
    page.goto(f"{DESK}/umfragen/neu/")
    page.get_by_label("Worum geht es?").fill(title)
    page.get_by_text("Zeiten einzeln eintragen").click()
    rows = page.locator(".time-row")
    for number, weeks in enumerate((20, 21, 22)):
        rows.nth(number).get_by_label("Datum").fill(workday(weeks))
        rows.nth(number).get_by_label("von").fill("14:00")
    page.get_by_label("nur die Personen, die ich nenne").check()
    page.get_by_label("Diese Personen").fill("\n".join(addresses))
    page.get_by_label("Abstimmen bis einschließlich").fill(workday(10))
    page.get_by_role("button", name="Umfrage beginnen").click()
    expect(page.get_by_text(f"{len(addresses)} Personen werden gefragt.")).to_be_visible()


def vote(page: Page, ballot: tuple[str, ...], name: str) -> None:
    """Answer each time and send it."""
    groups = page.locator(".poll-times fieldset")
    for number, wish in enumerate(ballot):
        groups.nth(number).get_by_label(wish, exact=True).check()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Abstimmen").click()
    expect(page.get_by_text("Danke, Ihre Stimme zählt.")).to_be_visible()


def test_people_answer_a_poll_on_their_phones_and_its_best_time_becomes_the_meeting(
    visitors: Visitors, live: Live, addresses: list[str]
) -> None:
    lead = visitors.arrive_as(LEAD)
    begin_poll(lead, "Alle suchen eine Zeit", addresses)
    poll = lead.url

    phones = [visitors.arrive(javascript=True, width=360), visitors.arrive(javascript=False, width=360)]
    for number, (address, ballot) in enumerate(zip(addresses, BALLOTS, strict=True)):
        page = phones[number % 2]
        open_mail(page, address, "Wann passt es? Alle suchen eine Zeit")
        press_link(page, "Jetzt abstimmen")
        if number == 0:
            assert fits(page)
        vote(page, ballot, f"Person {number + 1}")
        if number == len(BALLOTS) - 1:
            assert sticking_out(page) == []

    lead.goto(poll)
    assert fits(lead)
    expect(lead.locator(".votes-words")).to_have_text(
        ["12 ja, 4 zur Not, 4 nein", "8 ja, 8 zur Not, 4 nein", "8 ja, 4 zur Not, 8 nein"]
    )
    lead.get_by_role("button", name=re.compile("^Diese Zeit wählen")).first.click()

    expect(lead.get_by_text(re.compile("Der Termin steht: "))).to_be_visible()
    ((always,),) = live.rows(
        "SELECT count(*) FROM belonging b JOIN community c ON c.id = b.community_id"
        " WHERE c.slug = 'chatbot-community' AND b.always_comes"
    )
    expect(lead.locator(".stats")).to_contain_text(f"angemeldet{12 + always}")
    coming, asked = visitors.arrive(width=360), visitors.arrive(width=360)
    open_mail(coming, addresses[0], "Anmeldung bestätigt: Alle suchen eine Zeit")
    open_mail(asked, addresses[-1], "Der Termin steht: Alle suchen eine Zeit")
    press_link(asked, "Einladung ansehen und antworten")
    expect(asked.get_by_role("heading", level=1)).to_have_text("Alle suchen eine Zeit")


def test_a_lead_ticks_times_on_the_phone_holds_them_and_decides(visitors: Visitors) -> None:
    """Without a script; the voter's calendar mails come and go."""
    address, title = new_address(), "Raster am Telefon"
    lead = visitors.arrive_as(LEAD, javascript=False, width=360)
    lead.goto(f"{DESK}/umfragen/neu/")
    lead.get_by_label("Worum geht es?").fill(title)
    lead.get_by_label("Woche mit diesem Tag").fill(workday(24))
    lead.get_by_role("button", name="Diese Woche zeigen").click()
    assert sticking_out(lead) == []
    ticks = lead.locator(".week-grid input")
    ticks.nth(2).check()
    lead.get_by_role("button", name="Spätere Woche").click()
    lead.locator(".week-grid input").nth(7).check()
    expect(lead.locator(".week-elsewhere input")).to_have_count(1)
    lead.get_by_label("Zeiten vormerken").check()
    lead.get_by_label("nur die Personen, die ich nenne").check()
    lead.get_by_label("Diese Personen").fill(address)
    lead.get_by_label("Abstimmen bis einschließlich").fill(workday(10))
    lead.get_by_role("button", name="Umfrage beginnen").click()
    expect(lead.get_by_text("1 Person wird gefragt.")).to_be_visible()
    poll = lead.url

    voter = visitors.arrive(width=360)
    open_mail(voter, address, f"Vorgemerkt: {title}")
    press_link(voter, "Sagen Sie uns, ob sie Ihnen passt")
    vote(voter, ("ja", "nein"), "Pia Probe")

    lead.goto(poll)
    assert sticking_out(lead) == []
    lead.get_by_role("button", name=re.compile("^Diese Zeit wählen")).first.click()
    expect(lead.get_by_text(re.compile("Der Termin steht: "))).to_be_visible()
    open_mail(voter, address, f"Nicht mehr vorgemerkt: {title}")
    open_mail(voter, address, f"Anmeldung bestätigt: {title}")
