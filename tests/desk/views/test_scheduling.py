"""Planning a circle's dates: the next meeting, and a series."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from nextevents.events.models import Event, Stage
from nextevents.mailing.models import Message
from tests.factories import make_belonging, make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")

PLAN = "/verwalten/communities/chatbot/planen/"
NEXT = "/verwalten/communities/chatbot/naechstes-treffen"
SERIES = "/verwalten/communities/chatbot/serie/"
FORM = {
    "title": "Serientreffen",
    "starts_time": "14:00",
    "ends_time": "15:30",
    "every": "weeks",
    "interval": "1",
    "nth": "1",
    "weekday": "3",
    "day": "1",
    "starts_on": "2026-12-17",
    "ending": "count",
    "count": "3",
}


def filled(page, **chosen):
    """What the page's main form, or the chosen one, would send."""
    form = page.main.find("form", attrs={"method": "post", "novalidate": True} | chosen)
    fields = {one["name"]: one.get("value", "") for one in form.find_all("input") if one.get("type") != "checkbox"}
    ticked = {one["name"]: one.get("value", "y") for one in form.find_all("input", checked=True)}
    return {name: value for name, value in (fields | ticked).items() if name != "csrf_token"}


def made(db):
    return db.scalars(select(Event).order_by(Event.starts_at)).all()


def test_the_next_meeting_takes_a_date_and_a_click(lead, community, db):
    make_event(title="Treffen", communities=(community,), capacity=20, starts=datetime(2026, 11, 4, 14))
    assert "Alles andere ist wie bei „Treffen“" in text_of(lead.get(PLAN))

    answer = lead.send(NEXT, {"starts_on": "2027-01-13", "starts_time": "16:00", "do": "publish"})

    event = made(db)[-1]
    assert answer.location.endswith(f"/veranstaltungen/{event.slug}/verwalten/")
    assert (event.title, event.stage, event.starts_local) == ("Treffen", Stage.PUBLISHED, datetime(2027, 1, 13, 16))


def test_what_else_is_on_the_suggested_day_is_said_beside_it(lead):
    make_event(title="Nur mit Link", starts=datetime(2026, 12, 21, 10), is_listed=False)
    make_event(title="Andere Runde", starts=datetime(2026, 12, 21, 10))
    said = text_of(lead.get(PLAN))

    assert "Schon gesehen? Zum 21. Dezember 2026: Am selben Tag: Andere Runde." in said
    assert "Nur mit Link" not in said


@pytest.mark.parametrize(
    ("title", "keeps", "text"),
    [
        (" Ein neues Thema ", {}, ""),
        (" Ein neues Thema ", {"keeps_text": "y"}, "Worum es ging"),
        ("", {}, "Worum es ging"),
    ],
)
def test_a_next_meeting_about_something_else_has_the_settings_of_the_last_one_and_its_text_only_if_wished(
    lead, community, db, title, keeps, text
):
    last = make_event(title="Treffen", communities=(community,), capacity=20, starts=datetime(2026, 11, 4, 14))
    last.summary = last.description = last.hosts = "Worum es ging"
    db.flush()
    assert page_of(lead.get(PLAN)).find("input", attrs={"name": "keeps_text"})

    lead.send(NEXT, {"title": title, "starts_on": "2027-01-13", "starts_time": "16:00", "do": "draft"} | keeps)

    event = made(db)[-1]
    assert (event.title, event.capacity) == (title.strip() or "Treffen", 20)
    assert (event.summary, event.description, event.hosts) == (text, text, text)


@pytest.mark.parametrize(("keeps", "text"), [({}, ""), ({"keeps_text": "y"}, "Worum es ging")])
def test_a_series_under_another_title_takes_the_text_along_only_if_wished(lead, community, db, keeps, text):
    make_event(title="Treffen", communities=(community,), starts=datetime(2026, 11, 4, 14)).summary = "Worum es ging"
    db.flush()
    preview = filled(page_of(lead.send(SERIES, FORM | keeps)))

    lead.send(SERIES, preview | {"do": "draft"})

    assert [one.summary for one in made(db)[1:]] == [text] * 3


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"starts_on": "", "starts_time": "14:00"}, "Bitte geben Sie ein Datum an."),
        ({"starts_on": "2027-01-13", "starts_time": "25:00"}, "Bitte geben Sie eine Uhrzeit an"),
        ({"starts_on": "2027-03-28", "starts_time": "02:30"}, "Meinen Sie 03:30?"),
        ({"starts_on": "2026-10-25", "starts_time": "02:30"}, "Bitte prüfen Sie das Datum"),
        ({"starts_on": "2027-10-31", "starts_time": "02:30"}, "in dieser Nacht zweimal"),
        ({"starts_on": "9999-12-31", "starts_time": "14:00"}, "Bitte prüfen Sie das Datum"),
        ({"starts_on": "0001-01-01", "starts_time": "14:00"}, "Bitte prüfen Sie das Datum"),
    ],
)
def test_a_date_that_cannot_be_is_said_at_the_field(lead, db, fields, problem):
    answer = lead.send(NEXT, fields)

    assert answer.status_code == 422
    assert problem in text_of(answer)
    assert made(db) == []


def test_a_series_is_previewed_with_holidays_and_clashes_and_each_date_can_be_moved_or_left_out(lead, community, db):
    make_event(title="Anderes Treffen", starts=datetime(2026, 12, 17, 14, 30))
    preview = page_of(lead.send(SERIES, FORM))
    said = " ".join(preview.main.stripped_strings)
    assert "Zur selben Zeit: „Anderes Treffen“." in said
    assert "Heiligabend" in said
    assert "Silvester" in said
    assert len(made(db)) == 1

    moved = filled(preview) | {"do": "draft", "termin-1-day": "2026-12-22"}
    del moved["termin-2-is_wanted"]
    answer = lead.send(SERIES, moved, follow_redirects=True)

    assert "2 Entwürfe sind angelegt." in text_of(answer)
    dates = [one for one in made(db) if one.series_id]
    assert [(one.title, one.starts_local, one.stage) for one in dates] == [
        ("Serientreffen", datetime(2026, 12, 17, 14), Stage.DRAFT),
        ("Serientreffen", datetime(2026, 12, 22, 14), Stage.DRAFT),
    ]
    assert dates[0].series.rule == "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH;COUNT=3"


def test_looking_again_says_what_is_at_the_new_day(lead):
    preview = page_of(lead.send(SERIES, FORM))

    again = text_of(lead.send(SERIES, filled(preview) | {"do": "check", "termin-0-day": "2027-01-01"}))

    assert "Neujahr" in again
    assert "Freitag, 1. Januar 2027" in again


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"count": "25"}, "Zahl von 1 bis 24"),
        ({"count": "0"}, "Zahl von 1 bis 24"),
        ({"count": "-1"}, "ganze Zahl"),
        ({"interval": "0"}, "Zahl von 1 bis 12"),
        ({"interval": "99"}, "Zahl von 1 bis 12"),
        ({"every": "seconds"}, "Fehler"),
        ({"every": "day_of_month", "day": "32"}, "Zahl von 1 bis 31"),
        ({"weekday": "9"}, "Fehler"),
        ({"nth": "5"}, "Fehler"),
        ({"ends_time": "13:00"}, "Das Ende liegt nicht nach dem Beginn."),
        ({"ending": "until"}, "Bitte geben Sie ein Datum an."),
        ({"ending": "until", "until": "2028-12-31"}, "Höchstens 24 Termine"),
        ({"ending": "until", "until": "2026-12-16"}, "kommt kein Termin zustande"),
        ({"ending": "until", "until": "9999-12-31"}, "Bitte prüfen Sie das Datum"),
        ({"starts_on": "31.12.2026"}, "Fehler"),
        ({"title": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"title": "x" * 201}, "Höchstens 200 Zeichen"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_beside_the_field(lead, db, fields, problem):
    answer = lead.send(SERIES, FORM | fields)

    assert answer.status_code == 422
    assert problem in text_of(answer)
    assert made(db) == []


def test_a_date_at_an_hour_that_the_clock_leaves_out_is_said_in_the_preview(lead, db):
    form = FORM | {"weekday": "6", "starts_on": "2027-03-21", "starts_time": "02:30", "ends_time": "04:00"}
    preview = page_of(lead.send(SERIES, form))

    answer = lead.send(SERIES, filled(preview) | {"do": "publish"})

    assert answer.status_code == 422
    assert "Meinen Sie 03:30?" in text_of(answer)
    assert made(db) == []


def test_nothing_ticked_makes_no_series(lead, db):
    fields = {name: value for name, value in filled(page_of(lead.send(SERIES, FORM))).items() if "wanted" not in name}

    answer = lead.send(SERIES, fields | {"do": "publish"})

    assert answer.status_code == 422
    assert db.scalar(select(func.count()).select_from(Event)) == 0


@pytest.fixture
def dates(lead, db):
    lead.send(SERIES, filled(page_of(lead.send(SERIES, FORM))) | {"do": "publish"})
    return made(db)


def page_path(event):
    return f"/veranstaltungen/{event.slug}/verwalten/serie/"


def change_fields(lead, event, **fields):
    """The form of all dates, filled in as it stands, with some fields otherwise."""
    form = page_of(lead.get(page_path(event))).find("form", action=page_path(event))
    areas = {one["name"]: one.get_text().removeprefix("\r\n").removeprefix("\n") for one in form.find_all("textarea")}
    selects = {one["name"]: one.find("option", selected=True)["value"] for one in form.find_all("select")}
    return (
        filled(page_of(lead.get(page_path(event))), action=page_path(event))
        | areas
        | selects
        | {"which": "all"}
        | fields
    )


def test_from_one_date_on_the_hour_changes_and_earlier_dates_stay(lead, dates, db):
    first, second, third = dates
    make_registration(third, make_person())

    fields = change_fields(lead, second, which="following", starts_time="10:00", ends_time="11:00")
    answer = lead.send(page_path(second), fields, follow_redirects=True)

    assert "2 Termine sind geändert." in text_of(answer)
    db.expire_all()
    assert [one.starts_local.hour for one in (first, second, third)] == [14, 10, 10]


def test_only_chosen_dates_change_and_only_in_what_was_typed_otherwise(lead, dates, db):
    first, second, third = dates
    second.dial_in = "https://konferenz.example/nur-hier"
    db.flush()

    fields = change_fields(lead, first, which="chosen", title="Neuer Titel", termin=[second.slug])
    lead.send(page_path(first), fields)

    db.expire_all()
    assert [one.title for one in (first, second, third)] == ["Serientreffen", "Neuer Titel", "Serientreffen"]
    assert second.dial_in == "https://konferenz.example/nur-hier"


def test_a_date_that_somebody_else_has_changed_is_listed_and_the_others_change(lead, dates, db):
    first, second, third = dates
    fields = change_fields(lead, first, title="Neuer Titel") | {f"version-{second.id}": "1"}
    second.touch(datetime.now().astimezone())
    db.flush()

    answer = lead.send(page_path(first), fields)

    assert answer.status_code == 409
    assert "Nicht alles ist geändert." in text_of(answer)
    db.expire_all()
    assert [one.title for one in (first, second, third)] == ["Neuer Titel", "Serientreffen", "Neuer Titel"]


def rows_of(lead, event):
    """The list of dates, one text each."""
    items = page_of(lead.get(page_path(event))).find_all("li", class_="series-item")
    return [" ".join(one.stripped_strings) for one in items]


def test_one_date_moves_from_the_list_and_its_people_are_told(lead, dates, db):
    first, second, third = dates
    make_registration(second, make_person("ada@stadt.example"))
    second.closes_at = second.starts_at - timedelta(days=1)
    db.flush()
    fields = filled(page_of(lead.get(page_path(first))), action=f"{page_path(second)}verlegen")

    answer = lead.send(
        f"{page_path(second)}verlegen", fields | {f"verlegen-{second.id}-day": "2026-12-29"}, follow_redirects=True
    )

    assert "Verlegt: Dienstag, 29. Dezember 2026" in text_of(answer)
    db.expire_all()
    assert [one.starts_local.day for one in (first, second, third)] == [17, 29, 31]
    assert second.closes_at == second.starts_at - timedelta(days=1)
    told = db.scalars(select(Message.recipient).where(Message.kind == "event_changed")).all()
    assert told == ["ada@stadt.example"]


def test_a_move_that_cannot_be_or_comes_too_late_is_said_in_its_row(lead, dates, db):
    first, second, _ = dates
    path, name = f"{page_path(second)}verlegen", f"verlegen-{second.id}-"
    fields = filled(page_of(lead.get(page_path(first))), action=path)

    assert lead.send(path, fields | {f"{name}ends": "13:00"}).status_code == 422
    second.touch(datetime.now().astimezone())
    db.flush()
    late = lead.send(path, fields | {f"{name}day": "2026-12-29"})
    assert late.status_code == 409
    assert page_of(late).find("li", id=f"termin-{second.id}").find("details", open=True)

    again = filled(page_of(late), action=path)
    assert again[f"{name}day"] == "2026-12-29"
    assert lead.send(path, again).status_code == 303


def test_one_date_is_left_out_with_a_word_to_its_people_and_the_others_stay(lead, dates, db):
    first, second, third = dates
    make_registration(second, make_person("ada@stadt.example"))
    path, name = f"{page_path(second)}auslassen", f"ausfallen-{second.id}-"

    assert lead.send(path, {}).status_code == 422
    assert second.stage == Stage.PUBLISHED
    fields = {f"{name}is_meant": "y", f"{name}cancellation_notice": "Feiertag."}
    answer = lead.send(path, fields, follow_redirects=True)

    assert "Abgesagt: " in text_of(answer)
    db.expire_all()
    stages = [one.stage for one in (first, second, third)]
    assert stages == [Stage.PUBLISHED, Stage.CANCELLED, Stage.PUBLISHED]
    assert (second.notice, db.scalars(select(Message.kind)).all()) == ("Feiertag.", ["event_cancelled"])
    assert "ausfallen" not in rows_of(lead, first)[1]
    moved = lead.send(f"{page_path(second)}verlegen", filled_move(second), follow_redirects=True)
    assert "Dieser Termin ist abgesagt." in text_of(moved)


def filled_move(event):
    """Another day for a date, typed by hand."""
    typed = {"day": "2026-12-29", "starts": "14:00", "ends": "15:00", "version": str(event.version)}
    return {f"verlegen-{event.id}-{name}": value for name, value in typed.items()}


def test_a_draft_that_is_left_out_is_gone_unless_somebody_stands_on_it(lead, db):
    lead.send(SERIES, filled(page_of(lead.send(SERIES, FORM))) | {"do": "draft"})
    first, second, third = made(db)
    make_registration(third, make_person())
    gone, kept = (f"{page_path(one)}auslassen" for one in (second, third))

    answer = lead.send(gone, {f"ausfallen-{second.id}-is_meant": "y"}, follow_redirects=True)
    refused = lead.send(kept, {f"ausfallen-{third.id}-is_meant": "y"}, follow_redirects=True)

    assert "Gelöscht: " in text_of(answer)
    assert "Auf diesem Entwurf steht schon jemand." in text_of(refused)
    assert made(db) == [first, third]


def test_all_drafts_of_a_series_are_published_at_once_and_their_people_called(lead, community, db):
    make_belonging(make_person("ada@stadt.example"), community)
    lead.send(SERIES, filled(page_of(lead.send(SERIES, FORM))) | {"do": "draft"})
    first, *_ = made(db)
    assert "3 Termine sind noch Entwürfe." in text_of(lead.get(page_path(first)))

    answer = lead.send(f"{page_path(first)}veroeffentlichen", follow_redirects=True)

    assert "3 Termine sind veröffentlicht." in text_of(answer)
    assert "Alle Entwürfe veröffentlichen" not in text_of(answer)
    db.expire_all()
    assert {one.stage for one in made(db)} == {Stage.PUBLISHED}
    assert [mail.row.recipient for mail in posted("called")] == 3 * ["ada@stadt.example"]


def test_an_event_without_a_series_has_no_such_page(lead, community):
    event = make_event(communities=(community,))

    assert lead.get(page_path(event)).status_code == 404
