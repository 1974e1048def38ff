"""Making an event: from a kind, from an earlier one, or from nothing."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from nextevents.events.models import Event, Format, Partner, Place, Question, QuestionKind, Registration, Stage
from tests.factories import make_community, make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

NEW = "/verwalten/neu/angaben/"


def fields_of(page):
    """What the form of a new event holds as it is shown first."""
    form = page.find("form", class_="desk-form")
    found = {one["name"]: one.get("value", "") for one in form.find_all("input") if one.get("type") != "checkbox"}
    found |= {one["name"]: one.get("value", "y") for one in form.find_all("input", checked=True)}
    found |= {one["name"]: one.get_text().strip() for one in form.find_all("textarea")}
    return found | {
        one["name"]: (one.find("option", selected=True) or one.option)["value"] for one in form.find_all("select")
    }


def new_event(lead, way="?vorlage=treffen", **changes):
    """Fill in what the kind does not suggest, and send it."""
    fields = fields_of(page_of(lead.get(NEW + way))) | {"title": "Was Bots dürfen"} | changes
    return lead.send(NEW + way, fields)


def made(db, slug="was-bots-duerfen"):
    return db.scalars(select(Event).where(Event.slug == slug)).one()


def test_a_lead_makes_a_draft_with_nothing_but_a_title(db, lead, community):
    answer = new_event(lead)

    event = made(db)
    assert answer.location == "/veranstaltungen/was-bots-duerfen/verwalten/"
    assert (event.stage, event.format, event.place) == (Stage.DRAFT, Format.COMMUNITY_MEETING, Place.VIRTUAL)
    assert (event.starts_local, event.ends_local) == (datetime(2026, 12, 21, 14), datetime(2026, 12, 21, 15, 30))
    assert event.communities == [community]
    assert event.is_listed


def test_a_draft_is_seen_by_its_organisers_only(lead, client, signed_in):
    new_event(lead)

    assert "Das ist ein Entwurf." in text_of(lead.get("/veranstaltungen/was-bots-duerfen/"))
    assert client.get("/veranstaltungen/was-bots-duerfen/").status_code == 404
    assert signed_in(make_person()).get("/veranstaltungen/was-bots-duerfen/").status_code == 404


@pytest.mark.parametrize("kind", ["treffen", "whats-next", "camp", "konferenz", "vor-ort", "extern", "leer", "unsinn"])
def test_every_kind_makes_an_event_once_the_time_is_there(db, lead, kind):
    typed = {} if kind not in {"leer", "unsinn"} else {"starts_time": "10:00", "ends_time": "11:00"}

    assert new_event(lead, f"?vorlage={kind}", **typed).status_code == 303
    assert made(db).takes_registrations is (kind != "extern")


def test_what_is_announced_only_takes_no_registrations_here(db, lead):
    new_event(lead, "?vorlage=extern", website="www.messe.example/termin")

    assert (made(db).takes_registrations, made(db).website) == (False, "https://www.messe.example/termin")


def test_a_copy_takes_questions_partners_and_texts_but_neither_date_nor_people(db, lead, community):
    source = make_event(slug="alt", title="Was Bots dürfen", description="## Ablauf", communities=(community,))
    first = Question(event_id=source.id, kind=QuestionKind.YES_NO, label="Zum ersten Mal?")
    db.add_all([first, Partner(event_id=source.id, name="Stadt Beispiel")])
    db.flush()
    db.add(Question(event_id=source.id, kind=QuestionKind.LINE, label="Was sonst?", shown_if_id=first.id, position=1))
    make_registration(source)

    shown = fields_of(page_of(lead.get(f"{NEW}?kopie=alt")))
    assert (shown["title"], shown["starts_on"], shown["description"]) == ("Was Bots dürfen", "", "## Ablauf")
    answer = new_event(lead, "?kopie=alt", starts_on="2027-02-03", ends_on="2027-02-03")

    copy = made(db, answer.location.split("/")[2])
    questions = db.scalars(select(Question).where(Question.event_id == copy.id).order_by(Question.position)).all()
    assert [one.label for one in questions] == ["Zum ersten Mal?", "Was sonst?"]
    assert questions[1].shown_if_id == questions[0].id != first.id
    assert [one.name for one in copy.partners] == ["Stadt Beispiel"]
    assert copy.uid != source.uid
    assert db.scalars(select(Registration).where(Registration.event_id == copy.id)).all() == []


def test_nobody_copies_what_others_organise(lead):
    make_event(slug="fremd")

    assert lead.get(f"{NEW}?kopie=fremd").status_code == 404
    assert lead.get(f"{NEW}?kopie=gibt-es-nicht").status_code == 404


def test_a_lead_cannot_put_an_event_under_a_circle_of_others(db, lead):
    other = make_community("fremd")

    assert new_event(lead, communities=str(other.id)).status_code == 422


def test_a_lead_chooses_at_least_one_circle_and_what_was_typed_stays(lead):
    answer = new_event(lead, communities=None, summary="Ein Satz.")

    page = page_of(answer)
    assert answer.status_code == 422
    assert "Bitte wählen Sie mindestens eine Community." in text_of(answer)
    assert page.find("textarea", id="summary").get_text().strip() == "Ein Satz."


def test_before_and_after_it_is_made_one_is_told_what_else_is_on_that_day(lead):
    make_event(title="Am Abend", starts=datetime(2026, 12, 21, 18))
    suggested, refused = lead.get(f"{NEW}?vorlage=treffen"), new_event(lead, title="", starts_on="2026-12-24")
    other_day = new_event(lead, title="", starts_on="2026-12-22", ends_on="2026-12-22")
    assert "Schon gesehen? Zum 21. Dezember 2026:" in text_of(suggested)
    assert "Am selben Tag: Am Abend." in text_of(suggested)
    assert "Am selben Tag" not in text_of(refused) + text_of(other_day)
    eve = new_event(lead, title="", starts_on="2026-12-24", ends_on="2026-12-24")
    assert "An diesem Tag ist Heiligabend." in text_of(eve)

    desk = text_of(lead.get(new_event(lead).location))

    assert desk.index("Am selben Tag: Am Abend.") < desk.index("So geht es weiter") < desk.rindex("Veröffentlichen")


@pytest.mark.parametrize("typed", [{"starts_on": "9999-12-31"}, {"starts_on": ""}, {"ends_on": "0001-01-01"}])
def test_days_that_cannot_be_are_not_warned_of_but_refused(lead, typed):
    answer = new_event(lead, **typed)

    assert (answer.status_code, "Schon gesehen?" in text_of(answer)) == (422, False)


def test_the_same_title_gets_an_address_of_its_own(db, lead):
    for _ in range(3):
        new_event(lead)

    slugs = db.scalars(select(Event.slug).order_by(Event.id)).all()
    assert slugs == ["was-bots-duerfen", "was-bots-duerfen-2026-12", "was-bots-duerfen-2026-12-2"]


def test_a_title_without_letters_gets_an_address_too(db, lead):
    assert new_event(lead, title="🎉🎉").location == "/veranstaltungen/termin/verwalten/"


def test_the_office_sees_all_circles_and_may_do_without(db, office, community):
    assert new_event(office, communities=None).status_code == 303
    assert made(db).communities == []


def test_the_first_day_suggested_is_one_on_which_people_meet(lead, time_machine):
    time_machine.move_to(datetime(2026, 11, 27, 12))  # four weeks later lies Christmas

    assert date.fromisoformat(fields_of(page_of(lead.get(NEW)))["starts_on"]) > date(2027, 1, 5)
