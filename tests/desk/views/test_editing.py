"""Changing an event, showing it to everybody, calling it off."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.models import Event, Stage
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import NOON, make_event, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/veranstaltungen/ki/verwalten/"
EVENT = f"{DESK}angaben/"
MEANT = {"is_meant": "y"}


def typed_in(page, **changes):
    """What the event's form holds, with changes."""
    form = page.find("form", action=EVENT)
    found = {
        field["name"]: field.get("value", "") for field in form.find_all("input") if field.get("type") != "checkbox"
    }
    found |= {field["name"]: "y" for field in form.find_all("input", type="checkbox") if field.has_attr("checked")}
    found |= {field["name"]: field.get_text().removeprefix("\r\n") for field in form.find_all("textarea")}
    found |= {field["name"]: field.find("option", selected=True)["value"] for field in form.find_all("select")}
    return {name: value for name, value in (found | changes).items() if value is not None}


def kinds(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def test_opening_and_saving_changes_nothing(office, db):
    event = make_event(
        slug="ki", description="Eins\n\nzwei", address="Rathaus\nMarkt 1", closes_at=NOON + timedelta(days=1)
    )
    make_registration(event)

    answer = office.send(EVENT, typed_in(page_of(office.get(EVENT))))

    assert (answer.status_code, answer.location) == (303, EVENT)
    assert "Es war nichts zu ändern." in text_of(office.get(EVENT))
    db.refresh(event)
    assert (event.sequence, kinds(db)) == (0, [])


def test_a_new_time_is_saved_and_told(office, db):
    event = make_event(slug="ki")
    make_registration(event)

    office.send(EVENT, typed_in(page_of(office.get(EVENT)), starts_time="16:00", ends_time="17:00"))

    db.refresh(event)
    assert (event.starts_local, kinds(db)) == (datetime(2026, 12, 2, 16), ["event_changed"])
    assert "Gespeichert." in text_of(office.get(EVENT))


@pytest.mark.parametrize(("asked", "told"), [(None, []), ("y", ["event_changed"])])
def test_a_new_text_is_told_if_asked_for(office, db, asked, told):
    event = make_event(slug="ki")
    make_registration(event)

    office.send(EVENT, typed_in(page_of(office.get(EVENT)), description="Neu", tells_text_changes=asked))

    db.refresh(event)
    assert (event.description, kinds(db)) == ("Neu", told)


def test_what_cannot_be_saved_is_said_and_kept(office, db):
    event = make_event(slug="ki")

    answer = office.send(EVENT, typed_in(page_of(office.get(EVENT)), title="Meins", ends_on="2026-12-01"))
    page = page_of(answer)

    assert answer.status_code == 422
    assert "Das Ende liegt nicht nach dem Beginn." in page.find(id="ends_on-error").get_text()
    assert page.find("input", {"name": "title"})["value"] == "Meins"
    db.refresh(event)
    assert event.title == "Sprachmodelle im Bürgeramt"


def test_fewer_seats_than_are_taken_are_refused_beside_the_field(office, db):
    event = make_event(slug="ki")
    for _ in range(2):
        make_registration(event)

    answer = office.send(EVENT, typed_in(page_of(office.get(EVENT)), capacity="1"))

    assert answer.status_code == 422
    assert "Es sind schon 2 Plätze vergeben." in page_of(answer).find(id="capacity-error").get_text()
    db.refresh(event)
    assert event.capacity == 60


def test_two_who_save_see_both_versions_side_by_side_and_the_second_can_insist(office, db):
    event = make_event(slug="ki")
    opened = typed_in(page_of(office.get(EVENT)), title="Meins", summary="Gleich", capacity="")
    changed_to(event, title="Theirs <b>", summary="Gleich", at=NOON)

    answer = office.send(EVENT, opened | {"is_unlimited": "y"})
    page = page_of(answer)
    rows = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in page.tbody.find_all("tr")]

    assert answer.status_code == 409
    assert ["Titel", "Meins", "Theirs <b>"] in rows
    assert [row[0] for row in rows] == ["Titel", "So viele, wie kommen", "Plätze"]
    db.refresh(event)
    assert event.title == "Theirs <b>"

    assert office.send(EVENT, typed_in(page)).status_code == 303
    db.refresh(event)
    assert (event.title, event.capacity) == ("Meins", None)


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "99999999999999999999", None])
def test_a_form_without_its_version_is_compared_and_not_saved(office, db, version):
    event = make_event(slug="ki")

    assert office.send(EVENT, typed_in(page_of(office.get(EVENT)), title="Neu", version=version)).status_code == 409
    db.refresh(event)
    assert event.title == "Sprachmodelle im Bürgeramt"


def test_a_draft_is_shown_to_everybody_by_publishing(office, client, db):
    make_event(slug="ki", stage=Stage.DRAFT)
    assert client.get("/veranstaltungen/ki/").status_code == 404

    office.send(f"{DESK}veroeffentlichen")

    assert client.get("/veranstaltungen/ki/").status_code == 200
    assert db.scalars(select(Event.stage)).all() == [Stage.PUBLISHED]


def test_calling_off_needs_a_tick_and_is_told_once(office, db):
    event = make_event(slug="ki")
    make_registration(event)

    office.send(f"{DESK}absagen")
    db.refresh(event)
    assert (event.stage, kinds(db)) == (Stage.PUBLISHED, [])
    assert "Bitte setzen Sie das Häkchen, wenn der Termin ausfällt." in text_of(office.get(EVENT))

    for _ in range(2):
        office.send(f"{DESK}absagen", MEANT)
    db.refresh(event)
    assert (event.stage, kinds(db)) == (Stage.CANCELLED, ["event_cancelled"])
    assert page_of(office.get(EVENT)).find("form", action=f"{DESK}absagen") is None
