"""A circle's polls at the desk of its leads."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from nextevents.events import queries as events
from nextevents.events.models import Event, Poll, Stage, Vote, Voter, Wish
from tests import factories
from tests.factories import make_belonging, make_community, make_event, make_person, make_voter
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE = "/verwalten/communities/chatbot/umfragen/"
NEW = f"{PAGE}neu/"
FORM = {
    "title": "Wann im Januar?",
    "minutes": "60",
    "closes_on": "2026-12-10",
    "asks": "named",
    "named": "Max <max@x.example>; erika@x.example",
    "votes_shown": "organisers",
    "zeit-0-day": "2027-01-13",
    "zeit-0-starts": "14:00",
    "zeit-1-day": "2027-01-14",
    "zeit-1-starts": "10:00",
    "zeit-1-ends": "12:00",
    "do": "make",
}


def test_a_poll_is_made_and_everybody_named_is_asked(lead, db):
    answer = lead.send(NEW, FORM, follow_redirects=True)

    poll = db.scalars(select(Poll)).one()
    assert "Die Umfrage läuft. 2 Personen werden gefragt." in text_of(answer)
    assert [(one.starts_local.hour, one.ends_local.hour) for one in poll.options] == [(14, 15), (10, 12)]
    assert poll.closes_at.isoformat() == "2026-12-10T23:00:00+00:00"
    assert [mail.row.recipient for mail in posted("poll_asked")] == ["max@x.example", "erika@x.example"]
    assert "bis Donnerstag, 10. Dezember 2026, 24 Uhr" in text_of(answer)


def test_more_rows_are_given_without_losing_what_was_typed(lead, db):
    page = page_of(lead.send(NEW, FORM | {"do": "rows"}))

    assert page.find("input", attrs={"name": "zeit-9-day"})
    assert page.find("input", attrs={"name": "zeit-0-day"})["value"] == "2027-01-13"
    assert page.find("input", attrs={"name": "title"})["value"] == "Wann im Januar?"
    assert db.scalar(select(func.count()).select_from(Poll)) == 0


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"title": " "}, "Bitte füllen Sie dieses Feld aus."),
        (
            {"zeit-0-day": "", "zeit-0-starts": "", "zeit-1-day": "", "zeit-1-starts": "", "zeit-1-ends": ""},
            "eine Zeit",
        ),
        ({"zeit-0-day": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"zeit-0-starts": "26:00"}, "Bitte geben Sie eine Uhrzeit an"),
        ({"zeit-1-ends": "09:00"}, "Das Ende liegt nicht nach dem Beginn."),
        ({"minutes": ""}, "Bitte geben Sie ein Ende an"),
        ({"minutes": "0"}, "Zahl von 1 bis 1440"),
        ({"minutes": "9999999"}, "Zahl von 1 bis 1440"),
        ({"zeit-0-day": "2027-03-28", "zeit-0-starts": "02:30"}, "Meinen Sie 03:30?"),
        ({"zeit-0-day": "2026-11-20"}, "Diese Zeit ist schon vorbei."),
        ({"zeit-0-day": "9999-12-31"}, "Bitte prüfen Sie das Datum"),
        ({"closes_on": "2026-11-20"}, "Dieser Tag ist schon vorbei."),
        ({"closes_on": "2027-01-14"}, "bevor alle Vorschläge vorbei sind"),
        ({"closes_on": "9999-12-31"}, "Bitte prüfen Sie das Datum"),
        ({"named": "Max"}, "Nicht lesbar: Max"),
        ({"named": ""}, "Bitte nennen Sie mindestens eine Person."),
        ({"asks": "everybody"}, "Fehler"),
        ({"votes_shown": "x"}, "Fehler"),
    ],
)
def test_a_poll_that_cannot_be_is_refused_beside_the_field(lead, db, fields, problem):
    answer = lead.send(NEW, FORM | fields)

    assert answer.status_code == 422
    assert problem in text_of(answer)
    assert db.scalar(select(func.count()).select_from(Poll)) == 0


@pytest.fixture
def poll(community):
    return factories.make_poll(community)


def at(poll, deed=""):
    return f"{PAGE}{poll.id}/{deed}"


def test_the_best_time_stands_first_and_becomes_the_meeting_with_one_click(lead, poll, db):
    voter = make_voter(poll, person=make_person("ada@x.example"))
    db.add(Vote(voter_id=voter.id, option_id=poll.options[1].id, wish=Wish.YES))
    voter.voted_at = poll.made_at
    db.flush()
    db.expire_all()
    page = page_of(lead.get(at(poll)))
    assert [one.get_text() for one in page.select(".votes-words")] == [
        "1 ja, 0 zur Not, 0 nein",
        "0 ja, 0 zur Not, 0 nein",
    ]
    assert page.select_one(".votes-label").get_text().startswith("Mittwoch, 9. Dezember 2026")

    answer = lead.send(at(poll, "waehlen"), {"zeit": str(poll.options[1].id)}, follow_redirects=True)

    event = db.scalars(select(Event)).one()
    assert "Der Termin steht: Mittwoch, 9. Dezember 2026, 10 bis 11 Uhr (MEZ)." in text_of(answer)
    assert (event.stage, event.seats_taken) == (Stage.PUBLISHED, 1)
    assert "Der Termin steht" in text_of(lead.get(at(poll)))


def test_the_silent_are_reminded_and_not_twice_a_day(lead, poll, at_noon, noon):
    make_voter(poll, "max@x.example")
    assert "Erinnert wird höchstens einmal am Tag." in text_of(lead.get(at(poll)))
    at_noon.move_to(noon + timedelta(days=1, hours=1), tick=False)

    first = text_of(lead.send(at(poll, "erinnern"), follow_redirects=True))
    second = text_of(lead.send(at(poll, "erinnern"), follow_redirects=True))

    assert "1 Erinnerung geht hinaus." in first
    assert "Gerade gibt es niemanden zu erinnern." in second
    assert len(posted("poll_reminder")) == 1


def test_the_deadline_can_be_moved_and_a_poll_ended(lead, poll, db):
    lead.send(at(poll, "frist"), {"closes_on": "2026-12-05"})
    db.expire_all()
    assert poll.closes_at.isoformat() == "2026-12-05T23:00:00+00:00"

    assert "Die Umfrage ist beendet." in text_of(lead.send(at(poll, "beenden"), follow_redirects=True))
    assert "schon beendet" in text_of(lead.send(at(poll, "frist"), {"closes_on": "2026-12-06"}, follow_redirects=True))


def test_a_poll_of_another_circle_is_not_there(lead, db):
    foreign = factories.make_poll(make_community("daten"))

    answers = [
        lead.get(at(foreign)).status_code,
        *(
            lead.send(at(foreign, deed), {"zeit": str(foreign.options[0].id)}).status_code
            for deed in ("waehlen", "beenden", "erinnern")
        ),
    ]

    assert answers == [404] * 4
    assert db.scalar(select(func.count()).select_from(Event)) == 0


def test_the_page_of_a_poll_costs_the_same_with_one_voter_and_with_many(lead, poll, community, db):
    for _ in range(20):
        make_belonging(make_person(), community)
        make_voter(poll).voted_at = poll.made_at
    db.flush()
    db.expire_all()

    assert len(page_of(lead.get(at(poll))).select(".fold tbody tr")) == 20
    assert db.scalar(select(func.count()).select_from(Voter)) == 20


# The grid


def ticks(page):
    """The ticked times, and the rows of the grid."""
    found = page.find_all("input", {"name": "raster"})
    return [one["value"] for one in found if one.has_attr("checked")], [
        row.th.get_text() for row in page.select(".week-grid tbody tr")
    ]


GRID = {"title": "Treffen", "minutes": "60", "closes_on": "2026-11-30", "asks": "all", "votes_shown": "everybody"}


def test_times_are_ticked_in_a_grid_and_stay_ticked_from_week_to_week(lead, community):
    first = page_of(lead.get(NEW))
    assert ticks(first)[1][:2] == ["09:00", "10:00"]
    assert first.find("input", {"name": "raster", "value": "2026-12-01T10:00"})

    typed = GRID | {"raster": ["2026-12-01T10:00", "2026-12-02T14:00"], "week": "2026-11-30"}
    other = page_of(lead.send(NEW, typed | {"do": "later"}))

    assert other.find("input", {"name": "week"})["value"] == "2026-12-07"
    assert ticks(other)[0] == ["2026-12-01T10:00", "2026-12-02T14:00"]
    assert "Dienstag, 1. Dezember, 10:00" in other.get_text()
    assert page_of(lead.send(NEW, typed | {"do": "earlier"})).find("input", {"name": "week"})["value"] == "2026-11-23"


def test_what_was_ticked_and_typed_become_the_candidates_each_once(lead, community):
    typed = GRID | {
        "raster": ["2026-12-02T14:00", "2026-12-01T10:00"],
        "zeit-0-day": "2026-12-02",
        "zeit-0-starts": "14:00",
        "do": "make",
    }
    assert lead.send(NEW, typed).status_code == 303

    (poll,) = events.polls_of(community)
    assert [(one.starts_local, one.ends_local) for one in poll.options] == [
        (datetime(2026, 12, 1, 10), datetime(2026, 12, 1, 11)),
        (datetime(2026, 12, 2, 14), datetime(2026, 12, 2, 15)),
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"raster": ["morgen"]}, "Bitte kreuzen Sie die Zeiten noch einmal an."),
        ({"raster": ["2027-03-28T02:30"]}, "Bitte kreuzen Sie die Zeiten noch einmal an."),
        ({"raster": [f"2026-12-01T10:{minute:02}" for minute in range(41)]}, "noch einmal an."),
        ({"raster": ["2026-12-01T10:00"], "minutes": ""}, "Bitte geben Sie eine Dauer an."),
        ({"raster": ["2026-12-01T10:00"], "minutes": "eine Stunde"}, "Bitte geben Sie eine ganze Zahl ein"),
        ({"raster": ["2026-11-21T12:00"]}, "Diese Zeit ist schon vorbei."),
        ({"raster": ["2036-11-21T12:00"]}, "liegt in der Vergangenheit oder sehr weit weg"),
        ({"raster": []}, "Bitte schlagen Sie mindestens eine Zeit vor."),
        (
            {"raster": [f"2026-12-01T1{hour}:00" for hour in range(6)], "holds_times": "y"},
            "Vormerken können wir höchstens 5 Zeiten.",
        ),
    ],
)
def test_ticks_that_cannot_be_are_refused_with_a_word(lead, community, typed, words):
    answer = lead.send(NEW, GRID | {"do": "make"} | typed)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert list(events.polls_of(community)) == []


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
@pytest.mark.parametrize("do", ["earlier", "week", "later"])
def test_any_week_shows_a_grid(lead, community, week, do):
    answer = lead.send(NEW, GRID | {"week": week, "do": do})

    assert answer.status_code == 200
    assert len(ticks(page_of(answer))[1]) >= 7


def test_the_grid_says_what_else_takes_place(lead, community):
    make_event(title="Schon belegt", starts=datetime(2026, 12, 2, 14))

    page = page_of(lead.get(NEW))

    cell = page.find("input", {"value": "2026-12-02T14:00"}).find_parent("label")
    assert "Zur selben Zeit: „Schon belegt“" in cell.get_text()
    assert (
        "Am selben Tag: „Schon belegt“"
        in page.find("input", {"value": "2026-12-02T10:00"}).find_parent("label").get_text()
    )


def test_held_times_are_a_choice(lead, community):
    typed = GRID | {"raster": ["2026-12-01T10:00"], "holds_times": "y", "do": "make"}

    lead.send(NEW, typed)

    (poll,) = events.polls_of(community)
    assert poll.holds_times
    assert poll.options[0].uid


def test_what_an_address_looks_like_is_said_with_its_brackets(lead, community):
    page = page_of(lead.get(NEW))

    assert "Max Muster <max@stadt.example>" in page.find(id="named-hint").get_text()
    assert page.find("input", {"name": "closes_on"})["value"] == "2026-11-28"


# Who said yes and has no place


def said_yes(poll, name, **values):
    """Somebody who said yes to the first time."""
    voter = make_voter(poll, name=name)
    for key, value in values.items():
        setattr(voter, key, value)
    voter.votes = [Vote(option_id=poll.options[0].id, wish=Wish.YES)]
    voter.voted_at = poll.made_at
    return voter


def named_without_place(page):
    """Who is named as having said yes without a place."""
    return [one.get_text(" ", strip=True) for one in page.select("[aria-labelledby=unbelegt] li")]


def test_who_said_yes_with_an_unproved_address_is_named_until_they_register(lead, poll, db, noon):
    ada = make_person("ada@x.example")
    said_yes(poll, "Ada", address=ada.address, address_key=ada.address_key, person=ada)
    mo = said_yes(poll, "Mo Unbelegt")
    said_yes(poll, "Nur Name", address="", address_key=None)
    said_no = said_yes(poll, "Nein")
    said_no.votes[0].wish = Wish.NO
    db.flush()
    assert named_without_place(page_of(lead.get(at(poll)))) == []

    lead.send(at(poll, "waehlen"), {"zeit": str(poll.options[0].id)})
    db.expire_all()
    assert named_without_place(page_of(lead.get(at(poll)))) == ["Mo Unbelegt", "Nur Name keine Adresse angegeben"]

    event = db.scalars(select(Event)).one()
    factories.make_registration(event, make_person(mo.address))
    assert named_without_place(page_of(lead.get(at(poll)))) == ["Nur Name keine Adresse angegeben"]
    event.set_time(datetime(2026, 12, 17, 9), datetime(2026, 12, 17, 10))
    db.flush()
    assert named_without_place(page_of(lead.get(at(poll)))) == []
