"""A list from the first click to the last: come, write by mail, read, get it rarely, pause, leave, come back."""

import re
import smtplib
from datetime import UTC, datetime
from uuid import uuid4

from playwright.sync_api import Page, expect

from nextevents.mailing import services
from nextevents.mailing.models import ListKind, Posting, Readers
from nextevents.mailing.services import ListWish
from tests.browser import own_event
from tests.browser.live import Live, wait_for
from tests.browser.own_event import PHONE
from tests.browser.visiting import Visitors, new_address, open_mail, press_link
from tests.mailing.discussions import letter

KEEPER = "jona.lindental@next.example"


def looked_at(page: Page) -> None:
    """Look at it where there are scripts; the tool that looks is one itself."""
    if page.viewport_size == {"width": PHONE, "height": 900}:
        own_event.looked_at(page)


def own_list(live: Live) -> tuple[str, str]:
    """Name and address of a list on which everybody may write and read; the office keeps it."""
    mark = uuid4().hex[:8]
    wish = ListWish(
        name=f"Runde {mark}",
        purpose="Fragen und Antworten.",
        kind=ListKind.DISCUSSION,
        posting=Posting.SUBSCRIBERS,
        archive=Readers.EVERYBODY,
    )
    with live.door():
        services.make_list(f"runde-{mark}", wish, at=datetime.now(UTC))
    return wish.name, f"runde-{mark}"


def write(live: Live, slug: str, author: str, subject: str) -> None:
    """A mail to the list, through the door at which our mail server hands it over."""
    with smtplib.LMTP("127.0.0.1", live.mail_in, timeout=20) as border:
        border.sendmail(author, [f"{slug}@next.example"], letter(author=author, subject=subject))


def subscribe(page: Page, address: str, name: str, slug: str) -> None:
    """Ask with nothing but an address, and confirm from the mail."""
    page.goto(f"/verteiler/{slug}/")
    looked_at(page)
    page.get_by_label("E-Mail-Adresse").fill(address)
    page.get_by_label(re.compile("^Ja, ich möchte")).check()
    page.get_by_role("button", name="Abonnieren").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fast geschafft")
    open_mail(page, address, "Bitte bestätigen")
    press_link(page, "Zur Bestätigung")
    looked_at(page)
    page.get_by_role("button", name="Ja, ich möchte diese Mails").click()
    sure = page.get_by_label("Ja, ich möchte diese Mails bekommen.")
    done = page.get_by_text(f"Sie bekommen die nächste Mail von „{name}“.")
    expect(sure.or_(done)).to_be_visible()
    if sure.is_visible():  # so fast that it could have been a machine
        sure.check()
        page.get_by_role("button", name="Ja, ich möchte diese Mails").click()
    expect(done).to_be_visible()


def let_through(page: Page, subject: str) -> None:
    """What the keeper does, without signing in: from the mail to the post, read it, pass it on."""
    open_mail(page, KEEPER, f"Bitte entscheiden: {subject}")
    press_link(page, "Ansehen und entscheiden")
    expect(page.get_by_text("Wer hat Erfahrung damit?")).to_be_visible()
    page.get_by_role("button", name="Verteilen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    looked_at(page)
    page.get_by_label("Ich habe den Beitrag gelesen.").check()
    page.get_by_role("button", name="Verteilen").click()
    expect(page.get_by_text("Er wurde verteilt.")).to_be_visible()
    looked_at(page)


def choose(page: Page, name: str, way: str) -> None:
    """Choose how the list comes, and see that it is kept."""
    page.get_by_label(name).select_option(label=way)
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    expect(page.get_by_label(name).locator("option:checked")).to_have_text(way)


def test_from_subscribing_to_leaving_with_a_keeper_who_decides_from_the_mail(visitors: Visitors, live: Live):
    address, subject = new_address(), f"Frage {uuid4().hex[:8]}"
    name, slug = own_list(live)
    page, keeper = visitors.arrive(width=PHONE), visitors.arrive(javascript=False)

    def delivery() -> list[tuple]:
        return live.rows(
            "SELECT s.state, s.delivery FROM subscription s JOIN mailbox m ON m.id = s.mailbox_id"
            " WHERE m.address = :address",
            address=address,
        )

    subscribe(page, address, name, slug)
    write(live, slug, address, subject)
    let_through(keeper, subject)
    open_mail(page, address, f"[{slug}] {subject}")
    press_link(page, "Im Archiv lesen")
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    looked_at(page)

    open_mail(page, address, f"[{slug}] {subject}")
    press_link(page, "Meine Mails einstellen")
    looked_at(page)
    choose(page, name, "Einmal am Tag gesammelt")
    assert delivery() == [("active", "daily")]
    choose(page, name, "Pause: gerade keine")
    assert delivery() == [("active", "paused")]

    open_mail(page, address, f"[{slug}] {subject}")
    press_link(page, "Abbestellen")
    looked_at(page)
    page.get_by_role("button", name="Ja, abbestellen").click()
    expect(page.get_by_text(f"Sie bekommen keine Mails von „{name}“ mehr.")).to_be_visible()
    assert delivery() == [("ended", "paused")]
    page.get_by_role("button", name="Doch wieder bekommen").click()
    expect(page.get_by_text("Sie stehen wieder auf dem Verteiler.")).to_be_visible()
    wait_for(lambda: delivery()[0][0] == "active", "back on the list")
