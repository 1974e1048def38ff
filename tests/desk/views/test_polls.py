"""A circle's polls at the desk of its leads."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nextevents.events.models import Event, Poll, Stage, Vote, Voter, Wish
from tests import factories
from tests.factories import make_belonging, make_community, make_person, make_voter
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
