"""A newsletter with the events of the next month: from the first click to the inboxes of its readers."""

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import sticking_out, violations
from tests.browser.pages import OFFICE
from tests.browser.visiting import open_mail

NEWSLETTER = "NExT-Newsletter"
MINE = "jona.lindental@next.example"
LIGHTS = ("light", "dark")


def begin(page: Page, *, start: str = "Vorlage") -> None:
    """A new draft for the newsletter; ends on its page."""
    page.goto("/redaktion/neu/")
    page.get_by_label("Für welchen Verteiler?").select_option(label=NEWSLETTER)
    page.get_by_label(re.compile(start)).first.check()
    page.get_by_role("button", name="Entwurf anlegen").click()
    expect(page.get_by_role("heading", level=2, name="Schreiben")).to_be_visible()


def go_to(page: Page, name: str) -> None:
    """Another page of the campaign."""
    page.get_by_role("navigation", name="Seiten dieser Aussendung").get_by_role("link", name=name).click()
    expect(page.locator("h2.desk-page")).to_have_text(name)


def test_the_coming_month_goes_from_a_draft_to_the_inboxes(place):
    visitors, _, look = place
    page = visitors.arrive_as(OFFICE, **look)
    begin(page)
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
    go_to(page, "Prüfen und senden")
    expect(page.get_by_text("Erst, wenn alles Nötige erledigt")).to_be_visible()
    page.get_by_role("button", name="Testmail an mich").click()
    expect(page.get_by_text("Die Testmail ist unterwegs")).to_be_visible()
    inbox = page.context.new_page()
    open_mail(inbox, MINE, f"[Test] {subject}")
    inbox.close()
    meant = page.get_by_label(re.compile("Ja, an .* senden"))
    count = int(re.search(r"an (\d+) Person", meant.locator("xpath=following::label[1]").inner_text())[1])
    meant.check()
    page.get_by_role("button", name="Senden", exact=True).click()

    expect(page.locator("h2.desk-page")).to_have_text("Stand")
    until_sent(page, count)
    page.get_by_role("link", name="Web-Fassung ansehen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.get_by_text("Guten Tag,", exact=True)).to_be_visible()


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


def until_sent(page: Page, count: int) -> None:
    """Wait on the page that shows how far it is; without JavaScript one loads it again."""
    done = page.get_by_text(f"{count} von {count} erledigt")
    for _ in range(40):
        if done.count():
            return
        page.wait_for_timeout(1500)
        page.reload()
    expect(done).to_be_visible()


def complaints(page: Page) -> dict[tuple[int, str], list[str]]:
    """What is wrong with a page, wide and narrow, in both lights."""
    found = {}
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        for light in LIGHTS:
            page.emulate_media(color_scheme=light, reduced_motion="reduce")
            found[width, light] = violations(page)
        found[width, "sideways"] = sticking_out(page)
    return {where: what for where, what in found.items() if what}


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
