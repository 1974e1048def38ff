"""What people say to a circle's meetings, as its leads see it: proposals, answers, who stays away."""

from datetime import datetime, timedelta

import pytest

from nextevents.events.models import Call, CallAnswer, State
from nextevents.ground.database import db as database
from nextevents.mailing.models import InboundMail, InboundState
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_event,
    make_person,
    make_registration,
)
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/verwalten/communities/chatbot/"


@pytest.fixture
def event(community):
    """Its next meeting, to which people were called."""
    return make_event(slug="treffen", title="Treffen", communities=(community,), called_at=NOON - timedelta(days=1))


def say(event, name: str, **values: object) -> Call:
    """What somebody who was called has said."""
    call = Call(event=event, person=make_person(name=name), called_at=NOON - timedelta(days=1), **values)
    database.session.add(call)
    database.session.flush()
    return call


def propose(event, name: str = "Kim Vorschlag") -> Call:
    starts = datetime(2026, 12, 3, 14)
    return say(
        event,
        name,
        comment="<b>Donnerstag</b>",
        proposed_starts=starts,
        proposed_ends=starts + timedelta(hours=1),
        proposed_at=NOON,
        proposed_sequence=0,
    )


def test_a_proposal_waits_for_the_lead_and_is_refused_with_a_click(lead, event):
    call, starts = propose(event), event.starts_local

    page = lead.get(DESK)
    assert "Kim Vorschlag schlägt eine andere Zeit vor: 03.12.2026, 14:00 – 15:00 „<b>Donnerstag</b>“" in text_of(page)
    assert call.person.address not in page.text
    form = page_of(page).find("form", action=lambda one: one and "/vorschlag/" in one)
    assert lead.send(form["action"], {}).location == DESK

    said = text_of(lead.get(DESK))
    assert "Es bleibt bei der Zeit. Die Person bekommt das" in said
    assert "schlägt eine andere Zeit vor" not in said
    assert [mail.row.recipient for mail in posted("proposal_refused")] == [call.person.address]
    assert event.starts_local == starts


def test_a_proposal_to_another_circles_date_cannot_be_refused(lead):
    call = propose(make_event(communities=(make_community(),)))

    assert lead.send(f"{DESK}vorschlag/{call.event_id}/{call.person_id}/ablehnen", {}).status_code == 404
    assert posted() == []


def test_answers_stand_where_the_invited_are_with_when_and_how(lead, event):
    accepted, tentative, declined = CallAnswer
    say(event, "Zu Sage", answer=accepted, answered_at=NOON, answered_sequence=0, is_by_mail=True, comment="Gern!")
    say(event, "Viel Leicht", answer=tentative, answered_at=NOON, answered_sequence=0, is_by_mail=True)
    say(event, "Ab Sage", answer=declined, answered_at=NOON, answered_sequence=0)
    say(event, "Noch Still")
    propose(event)

    page = lead.get("/veranstaltungen/treffen/verwalten/community/")

    rows = [" ".join(row.get_text(" ").split()) for row in page_of(page).select("tbody tr")]
    assert len(rows) == 4
    for words in (
        "zugesagt, im Kalender, 21.11.2026 13:00",
        "vorläufig zugesagt, im Kalender",
        "abgesagt, auf der Seite",
        "schlägt eine andere Zeit vor: 03.12.2026, 14:00 – 15:00",
    ):
        assert any(words in row for row in rows), words
    assert "@" not in " ".join(rows)


def test_the_answer_stands_at_the_participant_and_in_the_list(lead, event):
    call = say(event, "Zu Sage", answer=CallAnswer.ACCEPTED, answered_at=NOON, answered_sequence=0, comment="Gern!")
    registration = make_registration(event, call.person, made_at=NOON)
    desk = "/veranstaltungen/treffen/verwalten/teilnehmende/"

    assert "zugesagt, auf der Seite, 21.11.2026 13:00: Gern!" in text_of(lead.get(f"{desk}{registration.id}/"))
    assert "zugesagt, auf der Seite" in text_of(lead.get(f"{desk}?spalten=reply"))
    assert "zugesagt, auf der Seite" not in text_of(lead.get(desk))


def test_answers_that_the_office_looks_at_are_counted(lead, event):
    for state in (InboundState.REVIEW, InboundState.REVIEW, InboundState.DONE):
        mail = {"sender": "a@b.example", "recipient": "t@next.example", "content": b"", "received_at": NOON}
        key = f"{state}{database.session.query(InboundMail).count()}"
        database.session.add(InboundMail(**mail, key=key, state=state, about=f"event:{event.id}"))
        database.session.flush()

    assert "2 Antworten prüft die Geschäftsstelle: Treffen" in text_of(lead.get(DESK))


# Who drifts away


def met(community, *, weeks_ago: int, **coming: State):
    """A past meeting, and how people stood to it."""
    event = make_event(communities=(community,), starts=datetime(2026, 11, 18, 14) - timedelta(weeks=weeks_ago))
    for name, state in coming.items():
        make_registration(event, PEOPLE[name], state=state, made_at=NOON).is_shown = name != "hidden"
    return event


PEOPLE = {}


@pytest.fixture
def people(community):
    """Four who belong to it."""
    for name in ("loyal", "gone", "hidden", "new"):
        PEOPLE[name] = make_person(name=f"{name.title()} Person")
        make_belonging(PEOPLE[name], community)
    yield PEOPLE
    PEOPLE.clear()


@pytest.mark.usefixtures("people")
def test_who_missed_the_last_three_meetings_drifts_away(lead, community):
    met(community, weeks_ago=16, loyal=State.ATTENDED, gone=State.ATTENDED, hidden=State.CONFIRMED)
    met(community, weeks_ago=12, loyal=State.ABSENT, gone=State.ABSENT)
    met(community, weeks_ago=8, loyal=State.ATTENDED, gone=State.CANCELLED)
    met(community, weeks_ago=4, new=State.ATTENDED)

    panel = next(one for one in page_of(lead.get(DESK)).find_all("details") if "Wer sich entfernt" in one.get_text())

    assert [" ".join(one.get_text(" ").split()) for one in panel.find_all("li")] == [
        "Gone Person",
        "1 Person, die nicht gezeigt werden möchte",
    ]
    assert "zu keinem der letzten drei Treffen" in panel.get_text()


@pytest.mark.usefixtures("people")
def test_nobody_drifts_away_from_a_circle_that_met_three_times_only(lead, community):
    met(community, weeks_ago=12, gone=State.ATTENDED)
    for weeks in (8, 4):
        met(community, weeks_ago=weeks)

    assert "Wer sich entfernt" not in text_of(lead.get(DESK))
