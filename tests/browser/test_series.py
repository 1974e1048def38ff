"""A series from its drafts to the calendars of a circle's people: published at once, changed from one date on."""

import re
from datetime import UTC, time

from playwright.sync_api import Page, expect

from nextevents.ground.clock import local
from tests.browser.live import Live, wait_for
from tests.browser.own_event import PHONE, circle_of, looked_at
from tests.browser.pages import LEAD
from tests.browser.test_scheduling import workday
from tests.browser.visiting import calendar_in_mail, entry_in, new_address, open_mail
from tests.factories import make_belonging, make_person


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def mails(live: Live, address: str, kind: str) -> list[tuple[str, str]]:
    """What went to somebody: the slug of each date, and when it begins now."""
    return live.rows(
        "SELECT e.slug, e.starts_at FROM message m JOIN event e ON m.subject = 'event:' || e.id"
        " WHERE m.recipient = :address AND m.kind = :kind AND m.state = 'sent' ORDER BY e.starts_at",
        address=address,
        kind=kind,
    )


def test_all_drafts_go_out_at_once_and_a_change_from_one_date_on_reaches_everybody(visitors, live):
    address = new_address()
    with live.door():
        circle = circle_of(LEAD)
        make_belonging(make_person(address, name="Kim Dabei"), circle)
        slug, title = circle.slug, f"Sprechstunde der {circle.name}"
    lead = visitors.arrive_as(LEAD, width=PHONE)
    lead.goto(f"/verwalten/communities/{slug}/serie/")
    lead.get_by_label("Titel").fill(title)
    lead.get_by_label("nach Wochen").check()
    lead.get_by_label("Wochentag", exact=True).select_option(label="Mittwoch")
    lead.get_by_label("Frühestens ab").fill(workday(3))
    lead.get_by_label("Anzahl der Termine").fill("3")
    looked_at(lead)
    press(lead, "Termine ansehen")
    looked_at(lead)
    press(lead, "Als Entwürfe anlegen")
    expect(lead.locator(".series-item")).to_have_count(3)
    looked_at(lead)
    assert mails(live, address, "called") == []

    press(lead, "Alle Entwürfe veröffentlichen")
    expect(lead.get_by_text("3 Termine sind veröffentlicht.")).to_be_visible()
    wait_for(lambda: len(mails(live, address, "called")) == 3, "three invitations")

    second = lead.locator(".series-item").nth(1).locator(".series-line").get_by_role("link")
    lead.goto(f"{second.get_attribute('href')}serie/")
    lead.get_by_label("für diesen und alle späteren").check()
    lead.get_by_label("Beginnt um").fill("08:30")
    lead.get_by_label("Endet um").fill("09:45")
    press(lead, "Termine ändern")
    expect(lead.get_by_text("2 Termine sind geändert.")).to_be_visible()
    expect(lead.get_by_role("link", name=re.compile("8.30 bis 9.45 Uhr"))).to_have_count(2)
    looked_at(lead)

    wait_for(lambda: len(mails(live, address, "called_changed")) == 2, "two mails about the new time")
    (first, *later), changed = mails(live, address, "called"), mails(live, address, "called_changed")
    assert (changed, first in changed) == (later, False)
    guest = visitors.arrive(width=PHONE)
    open_mail(guest, address, f"Geändert: {title}")
    entry = entry_in(calendar_in_mail(guest))
    assert local(entry.start.astimezone(UTC)).time() == time(8, 30)
    assert entry["SEQUENCE"] == 1
