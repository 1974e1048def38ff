"""A newsletter with the events of the next month: from the first click to the inboxes of its readers.

`INBOXES=3000` sends it to so many readers, over a real mail server; without, it goes to 30 whose mails the demo keeps.
"""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from nextevents.ground.database import db
from nextevents.mailing.models import Campaign
from tests.browser.axe import complaints
from tests.browser.inboxes import Inboxes, OwnReaders
from tests.browser.live import Live, wait_for
from tests.browser.pages import OFFICE
from tests.browser.visiting import Visitors
from tests.factories import make_person
from tests.services import postgresql
from tests.services.smtp import Sink

NEWSLETTER = "NExT-Newsletter"
MINE = "jona.lindental@next.example"
READERS = int(os.environ.get("INBOXES", "30"))

Mailed = tuple[Visitors, Inboxes, dict[str, object]]


@pytest.fixture(
    params=[(True, 1280), (False, 360)],
    ids=["wide", "without JavaScript, on a phone"],
)
def mailed(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mailed]:
    """Visitors, the inboxes of an instance's readers, and how the visitors look at it."""
    javascript, width = request.param
    with ExitStack() as running:
        if "INBOXES" in os.environ:
            server = running.enter_context(Sink())
            url = postgresql.create_database(os.environ["TEST_POSTGRESQL"], f"live_{uuid.uuid4().hex}")
            live = running.enter_context(Live(tmp_path_factory.mktemp("live"), url, smtp_url=server.url))
            inboxes = Inboxes(live, server)
        else:
            inboxes = Inboxes(request.getfixturevalue("live"))
        arriving = Visitors(browser, inboxes.live)
        yield arriving, inboxes, {"javascript": javascript, "width": width}
        assert arriving.leave() == []


def begin(page: Page, name: str = NEWSLETTER, *, start: str = "Vorlage") -> None:
    """A new draft for the newsletter; ends on its page."""
    page.goto("/redaktion/neu/")
    page.get_by_label("Für welchen Verteiler?").select_option(label=name)
    page.get_by_label(re.compile(start)).first.check()
    page.get_by_role("button", name="Entwurf anlegen").click()
    expect(page.get_by_role("heading", level=2, name="Schreiben")).to_be_visible()


def go_to(page: Page, name: str) -> None:
    """Another page of the campaign."""
    page.get_by_role("navigation", name="Seiten dieser Aussendung").get_by_role("link", name=name).click()
    expect(page.locator("h2.desk-page")).to_have_text(name)


def second_pair(visitors: Visitors, live: Live, **look: object) -> tuple[Page, str]:
    """Somebody else of the office, who has signed in, and the address."""
    address = f"zweite.{uuid.uuid4().hex[:8]}@next.example"
    with live.door():
        make_person(address, name="Alex Zweite", office=True)
    page = visitors.arrive(**look)
    page.context.add_cookies([live.cookie_of(address)])
    return page, address


def write(page: Page, name: str, **look: object) -> str:
    """The coming month for that newsletter, with a word from the board, moved about and looked at; its subject."""
    begin(page, name)
    subject = page.get_by_role("heading", level=1).inner_text()
    board = page.locator(".block", has=page.get_by_role("heading", name="Wort des Vorstands"))
    board.get_by_role("link", name="Ändern").click()
    page.get_by_label("Text", exact=True).fill("Danke an alle, die [einladen](/communities/).")
    page.get_by_label("Wer spricht?").fill("Der Vorstand")
    sees_the_block(page, **look)
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Danke an alle, die")).to_be_visible()
    first = page.locator(".block").first
    first.get_by_role("button", name="Runter").click()
    expect(page.locator(".block").first.get_by_role("heading")).to_have_text("Wort des Vorstands")
    page.locator(".block").nth(1).get_by_role("button", name="Hoch").click()
    expect(page.locator(".block").first.get_by_role("heading")).to_have_text("Text")
    go_to(page, "Vorschau")
    mail = page.frame_locator("iframe.mail-frame")
    expect(mail.get_by_role("heading", level=1)).to_have_text(subject)
    expect(mail.get_by_text("Guten Tag Ada Beispiel,")).to_be_visible()
    return subject


def hand_over(page: Page, inboxes: Inboxes, subject: str) -> None:
    """Test it, and give it to a second pair of eyes: who wrote last does not let it go."""
    go_to(page, "Prüfen und senden")
    expect(page.get_by_text("Erst, wenn alles Nötige erledigt")).to_be_visible()
    page.get_by_role("button", name="Testmail an mich").click()
    expect(page.get_by_text("Die Testmail ist unterwegs")).to_be_visible()
    inboxes.newest(MINE, f"[Test] {subject}")
    page.get_by_role("button", name="Zur Freigabe geben").click()
    expect(page.get_by_text("Wartet auf jemand anders")).to_be_visible()
    expect(page.get_by_role("button", name="Senden", exact=True)).to_have_count(0)


def schedule(page: Page, link: str) -> int:
    """From the mail that asks for release to a moment tomorrow; the number of the campaign."""
    page.goto(link)
    expect(page.get_by_text(f"Geht an {READERS} Personen")).to_be_visible()
    page.get_by_label("Zu einer bestimmten Zeit").check()
    page.get_by_label(re.compile("^Am")).fill((datetime.now(UTC) + timedelta(days=2)).date().isoformat())
    page.get_by_label(re.compile("^Um")).fill("09:00")
    page.get_by_label(re.compile("Ja, an .* senden")).check()
    page.get_by_role("button", name="Senden", exact=True).click()
    expect(page.get_by_text("Geht hinaus am")).to_be_visible()
    expect(page.get_by_role("button", name="Zurückholen")).to_be_visible()
    return int(re.search(r"/redaktion/(\d+)/", page.url)[1])


def let_its_time_come(live: Live, number: int) -> None:
    """It is the moment for which it was scheduled."""
    with live.door():
        db.session.get_one(Campaign, number).scheduled_for = datetime.now(UTC)


def waiting(live: Live, number: int, state: str) -> int:
    """How many of its mails are in that state."""
    question = "SELECT count(*) FROM message WHERE campaign_id = :number AND state = :state"
    return int(live.rows(question, number=number, state=state)[0][0])


def test_the_coming_month_goes_from_a_draft_to_the_inboxes_while_one_watches(mailed: Mailed) -> None:
    visitors, inboxes, look = mailed
    live = inboxes.live
    readers = OwnReaders(live, READERS)
    page, (other, address) = visitors.arrive_as(OFFICE, **look), second_pair(visitors, live, **look)
    subject = write(page, readers.name, **look)
    hand_over(page, inboxes, subject)
    wanted = inboxes.newest(address, "Bitte freigeben").get_body(("plain",)).get_content()
    number = schedule(other, re.search(rf"{live.url}/redaktion/\d+/senden/", wanted)[0])
    assert inboxes.of(readers) == []

    let_its_time_come(live, number)
    wait_for(lambda: waiting(live, number, "sent") == len(readers.fast), "the fast ones", within=30 + READERS / 50)
    page.goto(f"/redaktion/{number}/stand/")
    expect(page.get_by_text(f"{len(readers.fast)} von {READERS} erledigt")).to_be_visible()
    page.get_by_role("button", name="Anhalten").click()
    expect(page.get_by_text("Es geht nichts mehr hinaus, bis jemand")).to_be_visible()
    wait_for(lambda: waiting(live, number, "held") == len(readers.slow), "the others held", within=10)
    readers.let_the_slow_be_fast()
    if look["javascript"]:
        entitled = [*readers.fast, *readers.slow]
        page.get_by_role("button", name="Weiter").click()
        sees_it_go_to_its_end(page, READERS)
        page.get_by_role("link", name="Web-Fassung ansehen").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(subject)
        expect(page.get_by_text("Guten Tag,", exact=True)).to_be_visible()
    else:
        entitled = readers.fast
        page.get_by_role("button", name="Abbrechen").click()
        expect(page.get_by_text("Wer die Mail bis dahin nicht hatte, bekommt sie nicht.")).to_be_visible()
        wait_for(lambda: waiting(live, number, "skipped") == len(readers.slow), "the others skipped", within=10)

    assert sorted(to for to, _ in inboxes.of(readers)) == sorted(entitled)
    assert inboxes.complaints(readers) == {}


def sees_the_block(page: Page, *, javascript: bool, width: int) -> None:
    """It is shown as it is being written, wide, narrow and as text; without JavaScript at the press of a button."""

    def refresh() -> None:
        if not javascript:
            page.get_by_role("button", name="Vorschau aktualisieren").click()

    frame = page.locator("#vorschau iframe:not([hidden])")
    refresh()
    expect(frame.content_frame.get_by_text("Danke an alle, die einladen.")).to_be_visible()
    page.get_by_label("Telefon").check()
    assert frame.bounding_box()["width"] < min(width, 420)
    page.get_by_label("Nur Text").check()
    refresh()
    expect(frame.content_frame.get_by_text("Der Vorstand")).to_be_visible()
    expect(frame.content_frame.locator("h2")).to_have_count(0)


def sees_it_go_to_its_end(page: Page, count: int) -> None:
    """The page says by itself how far it is, and has no buttons for what is over; nobody loads it again."""
    expect(page.get_by_role("button", name="Anhalten")).to_be_visible()
    expect(page.get_by_text(f"{count} von {count} erledigt")).to_be_visible(timeout=60_000 + 20 * count)
    expect(page.get_by_role("button", name="Anhalten")).to_have_count(0, timeout=30_000)
    expect(page.get_by_text("Erledigt: Gesendet")).to_be_visible()


def test_everybody_can_use_the_newsroom_and_read_its_mails(visitors):
    page = visitors.arrive_as(OFFICE, reduced_motion="reduce")
    begin(page)
    campaign = re.search(r"/redaktion/\d+/", page.url)[0]
    mail = visitors.arrive(reduced_motion="reduce")
    mail.set_content(page.request.get(f"{campaign}vorschau/html").text())
    found = {"mail": complaints(mail)}
    page.locator(".block").first.get_by_role("link", name="Ändern").click()
    found["a block"] = complaints(page)
    for path in (
        "/redaktion/",
        "/redaktion/neu/",
        *(f"{campaign}{one}" for one in ("", "angaben/", "vorschau/", "senden/", "fassungen/", "fassungen/1/")),
        "/redaktion/1/stand/",
        "/newsletter/archiv/",
        "/newsletter/neues-aus-den-communities-k4w2p9/",
    ):
        page.goto(path)
        found[path] = complaints(page)

    assert {where: what for where, what in found.items() if what} == {}
