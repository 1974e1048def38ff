"""Two people change one thing at the same time: the second sees both versions, and nothing is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from nextevents.events.models import Event, MaterialKind, Viewers
from nextevents.events.services import MaterialChange, add_material
from nextevents.ground.database import db
from tests.browser.own_event import PHONE, looked_at, own_event
from tests.browser.pages import OFFICE
from tests.factories import make_question


def question_at(event: Event) -> str:
    return f"fragen/{make_question(event, label='Worum geht es Ihnen?').id}/"


def minutes_of(event: Event) -> str:
    wish = MaterialChange(title="Protokoll", viewers=Viewers.PARTICIPANTS, text="Wir fangen an.")
    return f"abschluss/unterlagen/{add_material(event, MaterialKind.MINUTES, wish, at=datetime.now(UTC)).id}/"


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


@pytest.mark.parametrize(
    ("make", "theirs", "mine", "told"),
    [
        (question_at, "Frage", "Hinweis", "Jemand anders hat diese Frage inzwischen geändert"),
        (minutes_of, "Titel", "Protokoll", "Jemand anders hat das inzwischen geändert"),
    ],
    ids=["question", "minutes"],
)
def test_who_saves_second_can_take_over_what_the_first_has_written(visitors, live, make, theirs, mine, told):
    event = own_event(live, "Gemeinsam geschrieben", begins=timedelta(days=7))
    with live.door():
        path = event.desk + make(db.session.scalars(select(Event).where(Event.slug == event.slug)).one())
    first, second = visitors.arrive_as(OFFICE), visitors.arrive_as(OFFICE, width=PHONE)
    for page in (first, second):
        page.goto(path)
    first.get_by_role("textbox", name=theirs).fill("Von der ersten")
    with first.expect_navigation():
        first.get_by_role("button", name="Speichern", exact=True).click()
    second.get_by_role("textbox", name=mine).fill("Von der <b>zweiten</b>")
    with second.expect_navigation():
        second.get_by_role("button", name="Speichern", exact=True).click()

    expect(second.get_by_role("heading", name=told)).to_be_visible()
    both = second.get_by_role("table", name="Was sich unterscheidet").get_by_role("row")
    expect(both.filter(has_text="Von der ersten")).to_have_count(1)
    expect(both.filter(has_text="Von der <b>zweiten</b>")).to_have_count(1)
    looked_at(second)
    expect(second.get_by_role("textbox", name=mine)).to_have_value("Von der <b>zweiten</b>")
    second.get_by_role("textbox", name=theirs).fill("Von der ersten")
    with second.expect_navigation():
        second.get_by_role("button", name="Meine Fassung speichern").click()
    expect(second.get_by_text("Gespeichert.")).to_be_visible()

    first.goto(path)
    expect(first.get_by_role("textbox", name=theirs)).to_have_value("Von der ersten")
    expect(first.get_by_role("textbox", name=mine)).to_have_value("Von der <b>zweiten</b>")
