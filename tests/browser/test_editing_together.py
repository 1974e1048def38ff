"""Two people change one event at the same time: the second sees both versions, and nothing is lost."""

from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.own_event import PHONE, looked_at, own_event
from tests.browser.pages import OFFICE


def test_who_saves_second_sees_both_versions_and_what_only_the_first_changed_stays(visitors, live):
    event = own_event(live, "Gemeinsam", begins=timedelta(days=7))
    first, second = visitors.arrive_as(OFFICE), visitors.arrive_as(OFFICE, width=PHONE)
    for page in (first, second):
        page.goto(f"{event.desk}angaben/")
    looked_at(second)

    first.get_by_label("Titel").fill("Titel der ersten")
    first.get_by_label("Worum geht es").fill("Nur die erste hat das geändert.")
    first.get_by_role("button", name="Speichern", exact=True).click()
    expect(first.get_by_text("Gespeichert.")).to_be_visible()
    second.get_by_label("Titel").fill("Titel der <b>zweiten</b>")
    second.get_by_role("button", name="Speichern", exact=True).click()

    expect(second.get_by_role("heading", name="Jemand anders hat diesen Termin inzwischen geändert")).to_be_visible()
    row = second.get_by_role("row").filter(has_text="Titel der ersten")
    expect(row).to_contain_text("Titel der <b>zweiten</b>")
    second.locator("summary", has_text="Nur von anderen geändert: 1 Feld").click()
    expect(second.get_by_role("cell").filter(has_text="Nur die erste hat das geändert.")).to_be_visible()
    looked_at(second)
    expect(second.get_by_label("Titel")).to_have_value("Titel der <b>zweiten</b>")
    expect(second.get_by_label("Worum geht es")).to_have_value("Nur die erste hat das geändert.")
    second.get_by_role("button", name="Meine Fassung speichern").click()
    expect(second.get_by_text("Gespeichert.")).to_be_visible()

    rows = live.rows("SELECT title, summary FROM event WHERE slug = :slug", slug=event.slug)
    assert rows == [("Titel der <b>zweiten</b>", "Nur die erste hat das geändert.")]
