"""Changing an event, showing it to everybody, calling it off."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.communities.queries import led_by
from nextevents.events.messages import manage_href
from nextevents.events.models import Event, Stage
from nextevents.events.services import change_slug, publish_event, remind
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import NOON, make_community, make_event, make_lead, make_person, make_registration
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


def told_apart(page):
    """The rows of each table of two versions, by its caption."""
    return {
        table.caption.get_text(strip=True): [
            [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in table.tbody.find_all("tr")
        ]
        for table in page.select(".error-summary table")
    }


def test_two_who_save_see_both_versions_side_by_side_and_the_second_can_insist(office, db):
    event = make_event(slug="ki")
    opened = typed_in(page_of(office.get(EVENT)), title="Meins", summary="Gleich", capacity="")
    changed_to(event, title="Theirs <b>", summary="Gleich", hosts="Ada <i>", at=NOON)

    answer = office.send(EVENT, opened | {"is_unlimited": "y"})
    page = page_of(answer)

    assert answer.status_code == 409
    assert told_apart(page) == {
        "Von beiden geändert": [["Titel", "Meins", "Theirs <b>"]],
        "Nur von Ihnen geändert: 2 Felder": [["So viele, wie kommen", "ja", "nein"], ["Plätze", "–", "60"]],
        "Nur von anderen geändert: 1 Feld": [["Mit", "–", "Ada <i>"]],
    }
    links = [link["href"] for link in page.select(".error-summary th a")]
    assert links == ["#title", "#is_unlimited", "#capacity", "#hosts"]
    assert all(page.select_one(link) for link in links)
    db.refresh(event)
    assert event.title == "Theirs <b>"

    assert office.send(EVENT, typed_in(page)).status_code == 303
    db.refresh(event)
    assert (event.title, event.hosts, event.capacity) == ("Meins", "Ada <i>", None)


def test_two_who_change_different_fields_are_told_that_both_stand_together(office, db):
    event = make_event(slug="ki")
    opened = typed_in(page_of(office.get(EVENT)), title="Meins")
    changed_to(event, summary="Ihres", at=NOON)

    answer = office.send(EVENT, opened)
    page = page_of(answer)

    assert "Kein Feld haben beide verschieden geändert" in text_of(answer)
    assert list(told_apart(page)) == ["Nur von Ihnen geändert: 1 Feld", "Nur von anderen geändert: 1 Feld"]
    assert office.send(EVENT, typed_in(page)).status_code == 303
    db.refresh(event)
    assert (event.title, event.summary) == ("Meins", "Ihres")


def test_without_what_stood_before_every_difference_is_to_be_decided(office, db):
    event = make_event(slug="ki")
    opened = typed_in(page_of(office.get(EVENT)), title="Meins", opened_with='["kein", "Verzeichnis"]')
    changed_to(event, summary="Ihres", at=NOON)

    assert told_apart(page_of(office.send(EVENT, opened))) == {
        "Von beiden geändert": [
            ["Titel", "Meins", "Sprachmodelle im Bürgeramt"],
            ["Worum geht es, in ein, zwei Sätzen?", "Drei Städte berichten.", "Ihres"],
        ]
    }


def test_a_circle_that_another_lead_has_added_meanwhile_is_shown_and_stays(signed_in, db, lead):
    own, other = led_by(lead)[0], make_community("andere")
    event = make_event(slug="ki", communities=(own,))
    visitor = signed_in(lead)
    opened = typed_in(page_of(visitor.get(EVENT)), title="Meins", communities=str(own.id))
    changed_to(event, communities=(own, other), at=NOON)

    page = page_of(visitor.send(EVENT, opened))

    assert told_apart(page)["Nur von anderen geändert: 1 Feld"] == [
        ["Communities", own.full_name, f"{own.full_name}, {other.full_name}"]
    ]
    ticked = [one["value"] for one in page.select("[name=communities][checked]")]
    assert visitor.send(EVENT, typed_in(page) | {"communities": ticked}).status_code == 303
    db.refresh(event)
    assert (event.title, set(event.communities)) == ("Meins", {own, other})


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
    refused = office.send(f"{DESK}absagen", {"cancellation_notice": "Der Raum ist weg."})
    assert refused.status_code == 422
    page = page_of(refused)
    assert "Bitte setzen Sie das Häkchen, wenn der Termin ausfällt." in page.find(id="is_meant-error").get_text()
    assert page.find("textarea", {"name": "cancellation_notice"}).get_text().strip() == "Der Raum ist weg."

    for _ in range(2):
        office.send(f"{DESK}absagen", MEANT)
    db.refresh(event)
    assert (event.stage, kinds(db)) == (Stage.CANCELLED, ["event_cancelled"])
    assert page_of(office.get(EVENT)).find("form", action=f"{DESK}absagen") is None


SAID = "Der Saal <b>steht</b> unter Wasser.\n\nWir suchen einen neuen Tag."


@pytest.mark.parametrize(
    ("way", "typed", "kind"),
    [
        ("absagen", MEANT | {"cancellation_notice": SAID}, "event_cancelled"),
        ("verschieben", {"is_postponed": "y", "postponement_notice": SAID}, "event_postponed"),
    ],
)
def test_what_organisers_say_stands_on_every_page_about_it_and_in_the_mail(office, client, db, way, typed, kind):
    event = make_event(slug="ki")
    registration = make_registration(event)

    assert office.send(f"{DESK}{way}", typed).status_code == 303

    assert kinds(db) == [kind]
    for page in (client.get("/veranstaltungen/ki/"), office.get(DESK), office.get(EVENT)):
        assert page_of(page).select_one(".notice blockquote").get_text() == SAID
    with office.application.test_request_context():
        own = manage_href(registration)
    assert page_of(client.get(own)).select_one(".notice blockquote").get_text() == SAID


def test_an_event_that_takes_place_says_nothing_of_the_kind(client, db):
    make_event(slug="ki")

    assert page_of(client.get("/veranstaltungen/ki/")).select(".notice") == []


def test_a_postponed_event_with_a_new_time_forgets_what_was_said(office, client, db):
    make_event(slug="ki")
    office.send(f"{DESK}verschieben", {"is_postponed": "y", "postponement_notice": SAID})

    office.send(EVENT, typed_in(page_of(office.get(EVENT)), starts_on="2026-12-09", ends_on="2026-12-09"))

    assert page_of(client.get("/veranstaltungen/ki/")).select(".notice") == []


# The address


def test_a_draft_gets_the_address_that_was_typed_and_the_way_leads_there(office, db):
    event = make_event(slug="ki", stage=Stage.DRAFT)
    page = page_of(office.get(EVENT))
    assert "http://localhost/veranstaltungen/ki/" in page.find(id="slug-hint").get_text()

    answer = office.send(EVENT, typed_in(page, slug="ki-im-amt"))

    assert (answer.status_code, answer.location) == (303, "/veranstaltungen/ki-im-amt/verwalten/angaben/")
    assert "Gespeichert." in text_of(office.get(answer.location))
    assert office.get(EVENT).status_code == 404
    db.refresh(event)
    assert event.slug == "ki-im-amt"


def test_an_address_that_is_taken_is_said_beside_its_field_and_nothing_is_saved(office, db):
    make_event(slug="schon-da")
    event = make_event(slug="ki", stage=Stage.DRAFT)

    answer = office.send(EVENT, typed_in(page_of(office.get(EVENT)), slug="schon-da", title="Neu"))
    page = page_of(answer)

    assert answer.status_code == 422
    assert "gehört schon zu einem anderen Termin" in page.find(id="slug-error").get_text()
    assert (page.find(id="slug")["value"], page.find(id="title")["value"]) == ("schon-da", "Neu")
    db.refresh(event)
    assert (event.slug, event.title) == ("ki", "Sprachmodelle im Bürgeramt")


def test_what_is_published_shows_its_address_and_asks_for_none(office, db):
    make_event(slug="ki")

    page = page_of(office.get(EVENT))

    assert page.find(id="slug") is None
    assert "Adresse der Seite: http://localhost/veranstaltungen/ki/ Sie bleibt" in text_of(office.get(EVENT))


def test_two_who_change_a_draft_keep_the_address_of_the_one_and_the_title_of_the_other(office, db):
    event = make_event(slug="ki", stage=Stage.DRAFT)
    opened = typed_in(page_of(office.get(EVENT)), title="Meins")
    change_slug(event, "ihres", at=NOON)
    db.commit()
    desk = "/veranstaltungen/ihres/verwalten/angaben/"

    answer = office.send(desk, opened)
    page = page_of(answer)

    assert answer.status_code == 409
    assert told_apart(page)["Nur von Ihnen geändert: 1 Feld"] == [["Titel", "Meins", "Sprachmodelle im Bürgeramt"]]
    assert page.find(id="slug")["value"] == "ihres"


def test_two_who_choose_different_addresses_see_both(office, db):
    event = make_event(slug="ki", stage=Stage.DRAFT)
    opened = typed_in(page_of(office.get(EVENT)), slug="meins")
    changed_to(event, title="Ihr Titel", at=NOON)
    db.commit()

    page = page_of(office.send(EVENT, opened))

    assert told_apart(page)["Nur von Ihnen geändert: 1 Feld"] == [["Adresse der Seite", "meins", "ki"]]
    assert page.find(id="title")["value"] == "Ihr Titel"


def test_an_address_chosen_while_somebody_else_published_is_refused_once_and_then_let_be(office, db):
    event = make_event(slug="ki", stage=Stage.DRAFT)
    opened = typed_in(page_of(office.get(EVENT)), slug="meins", title="Meins")
    office.send(f"{DESK}veroeffentlichen")

    clash = office.send(EVENT, opened)
    assert clash.status_code == 409
    refused = office.send(EVENT, opened | typed_in(page_of(clash)) | {"slug": "meins"})
    assert refused.status_code == 422
    assert "schon veröffentlicht" in page_of(refused).find(id="slug-error").get_text()
    assert office.send(EVENT, typed_in(page_of(refused), slug="ki")).status_code == 303
    db.refresh(event)
    assert (event.slug, event.title) == ("ki", "Meins")


# Keeping it in one's own hands


@pytest.fixture
def lead(db):
    """Somebody who leads one circle."""
    person = make_person("lea@stadt.example", name="Lea Leitung")
    make_lead(person, make_community("ki-runde"))
    return person


@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "with another circle"])
def test_a_lead_cannot_give_an_event_away_by_unticking_a_circle(signed_in, db, lead, is_shared):
    own = led_by(lead)[0]
    event = make_event(slug="ki", communities=(own, make_community("andere")) if is_shared else (own,))
    visitor = signed_in(lead)
    typed = typed_in(page_of(visitor.get(EVENT)), title="Neu")
    typed["communities"] = [str(one.id) for one in event.communities if one != own]

    answer = visitor.send(EVENT, typed)

    assert answer.status_code == 422
    assert "selbst nicht mehr verwalten" in page_of(answer).select_one("[id=communities-error]").get_text()
    assert page_of(answer).find(id="title")["value"] == "Neu"
    db.refresh(event)
    assert (own in event.communities, event.title) == (True, "Sprachmodelle im Bürgeramt")


def test_a_lead_may_untick_the_circle_of_others(signed_in, db, lead):
    own = led_by(lead)[0]
    event = make_event(slug="ki", communities=(own, make_community("andere")))
    visitor = signed_in(lead)
    typed = typed_in(page_of(visitor.get(EVENT))) | {"communities": str(own.id)}

    assert visitor.send(EVENT, typed).status_code == 303
    db.refresh(event)
    assert list(event.communities) == [own]


def test_the_office_may_untick_them_all(office, db):
    event = make_event(slug="ki", communities=(make_community("andere"),))
    typed = {name: one for name, one in typed_in(page_of(office.get(EVENT))).items() if name != "communities"}

    assert office.send(EVENT, typed).status_code == 303
    db.refresh(event)
    assert list(event.communities) == []


# Reminders whose time has gone by


def test_publishing_too_late_for_a_reminder_says_so_before(office, db):
    make_event(slug="ki", stage=Stage.DRAFT, starts=datetime(2026, 11, 22, 8))
    add = "Für eine Erinnerung ist es zu spät, sie geht nicht mehr hinaus: 24 Stunden vor dem Beginn."

    for page in (DESK, EVENT, f"{DESK}erinnerungen/"):
        assert add in text_of(office.get(page)), page


def test_publishing_in_time_says_nothing_of_it(office, db):
    make_event(slug="ki", stage=Stage.DRAFT)

    for page in (DESK, EVENT, f"{DESK}erinnerungen/"):
        assert "zu spät" not in text_of(office.get(page)), page


def test_moving_a_date_too_close_for_its_reminder_says_so_once(office, db):
    make_event(slug="ki", stage=Stage.DRAFT)
    office.send(f"{DESK}veroeffentlichen")
    close = {"starts_on": "2026-11-22", "ends_on": "2026-11-22", "starts_time": "08:00", "ends_time": "09:00"}

    office.send(EVENT, typed_in(page_of(office.get(EVENT)), **close))
    assert "sie entfällt: 24 Stunden vor dem Beginn." in text_of(office.get(EVENT))
    assert "sie geht nicht mehr hinaus: 24 Stunden vor dem Beginn." in text_of(office.get(f"{DESK}erinnerungen/"))

    office.send(EVENT, typed_in(page_of(office.get(EVENT)), title="Neu"))
    assert "sie entfällt" not in text_of(office.get(EVENT))


def test_a_reminder_that_went_out_is_not_called_too_late(office, db):
    event = make_event(slug="ki", stage=Stage.DRAFT, starts=datetime(2026, 11, 22, 13))
    make_registration(event, made_at=NOON - timedelta(days=5))
    publish_event(event, at=NOON - timedelta(days=3))
    remind(at=NOON)
    db.commit()

    page = text_of(office.get(f"{DESK}erinnerungen/"))
    assert "gesendet" in page
    assert "zu spät" not in page
