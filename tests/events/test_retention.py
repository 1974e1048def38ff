"""What is kept how long, and that nothing else goes (rule L-10)."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nextevents.events import messages, queries
from nextevents.events.models import (
    Answer,
    Call,
    Certificate,
    Feedback,
    FrozenFigures,
    Invitation,
    Question,
    QuestionKind,
    Registration,
    State,
)
from nextevents.events.retention import TERMS, fade_event
from nextevents.ground.audit import AuditEntry
from nextevents.ground.database import db as database
from nextevents.ground.documents import store_document
from nextevents.ground.files import File
from nextevents.mailing.models import Message
from nextevents.mailing.models import State as MailState
from nextevents.mailing.services import post
from nextevents.people.models import Level, Person
from tests.factories import NOON, make_event, make_organisation, make_person, make_registration

HALF_A_YEAR = timedelta(days=183)
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def fade(at):
    for term in TERMS:
        while term.count(at):
            assert term.fade(at)


def counts():
    return {
        table.name: database.session.scalar(select(func.count()).select_from(table))
        for table in database.metadata.sorted_tables
    }


def changed(before):
    return {name: count - before[name] for name, count in counts().items() if count != before[name]}


@pytest.fixture
def event(db):
    return event_with_everything()


def event_with_everything():
    """An event with people, answers, a file, an invitation, a certificate, feedback and mails in every state."""
    event = make_event(gives_certificates=True, asks_feedback=True)
    state = make_organisation(level=Level.STATE)
    food = Question(event_id=event.id, kind=QuestionKind.ONE_OF, label="Essen?", options=["ja", "nein"], kept_days=14)
    topic = Question(event_id=event.id, kind=QuestionKind.SEVERAL_OF, label="Thema?", options=["A", "B"], position=1)
    paper = Question(event_id=event.id, kind=QuestionKind.FILE, label="Antrag?", position=2)
    database.session.add_all([food, topic, paper])
    database.session.flush()
    for number, became in enumerate([State.ATTENDED] * 4 + [State.ABSENT, State.CANCELLED]):
        person = make_person()
        person.organisation_id = state.id if number < 3 else None
        one = make_registration(event, person, state=became, made_at=NOON - timedelta(days=number))
        file = store_document(b"%PDF-1.7", name="antrag.pdf", at=NOON)
        database.session.add_all(
            [
                Answer(registration_id=one.id, question_id=food.id, value="ja"),
                Answer(registration_id=one.id, question_id=topic.id, value="A\nB" if number else "B"),
                Answer(registration_id=one.id, question_id=paper.id, value="antrag.pdf", file_id=file.id),
            ]
        )
    database.session.add_all(
        [
            Certificate(event_id=event.id, registration_id=one.id, code="AAAA", name="Ada", issued_at=event.ends_at),
            Invitation(event_id=event.id, address="a@b.example", address_key="a@b.example", made_at=NOON),
            Feedback(event_id=event.id, rating=5, given_on=event.ends_at.date()),
        ]
    )
    database.session.flush()
    return event


def test_after_half_a_year_people_go_and_the_rest_stays(db, event):
    make_registration(make_event(starts=event.starts_local + timedelta(days=3)), made_at=NOON)
    at = event.ends_at + HALF_A_YEAR
    fade(at - timedelta(days=100))
    early = changed_by(lambda: fade(at))
    late = changed_by(lambda: fade(at + timedelta(seconds=1)))
    again = changed_by(lambda: fade(at + timedelta(seconds=1)))

    assert early == {}
    assert late == {"registration": -6, "answer": -12, "file": -6, "invitation": -1, "audit_entry": 1}
    assert again == {}


def changed_by(act):
    before = counts()
    act()
    return changed(before)


def test_figures_are_the_same_before_and_after(db, event):
    before = queries.figures_of(event)
    fade(event.ends_at + timedelta(days=20))
    without_food = queries.figures_of(event)
    fade(event.ends_at + HALF_A_YEAR + timedelta(days=1))
    database.session.expire_all()

    assert db.scalar(select(func.count(Registration.id))) == 0
    assert without_food == before
    assert queries.figures_of(event) == before
    assert before["states"] == {"cancelled": 1, "attended": 4, "absent": 1}
    assert before["levels"] == {"state": 3, "": 2}
    assert [one["answers"] for one in before["questions"]] == [[["ja", 5], ["nein", 0]], [["A", 4], ["B", 5]]]


def test_answers_with_a_term_of_their_own_go_earlier_and_alone(db, event):
    before = counts()
    fade(event.ends_at + timedelta(days=14))
    assert changed(before) == {}

    fade(event.ends_at + timedelta(days=14, seconds=1))

    assert changed(before) == {"answer": -6, "frozen_figures": 1}
    assert event.faded_at is None


def test_a_certificate_outlives_its_registration_and_goes_after_three_years(db, event):
    fade(event.ends_at + HALF_A_YEAR + timedelta(days=1))
    (paper,) = db.scalars(select(Certificate).execution_options(populate_existing=True)).all()
    assert (paper.registration_id, paper.name) == (None, "Ada")

    fade(event.ends_at + timedelta(days=1096))
    assert db.scalar(select(func.count(Certificate.id))) == 1
    fade(event.ends_at + timedelta(days=1097))
    assert db.scalar(select(func.count(Certificate.id))) == 0


def test_names_and_answers_stand_nowhere_in_what_was_frozen(db, event):
    for one in db.scalars(select(Registration)):
        one.name = one.note = "Kanarie"
    fade_event(event, at=event.ends_at + HALF_A_YEAR)

    assert "Kanarie" not in str(db.scalars(select(FrozenFigures)).one().figures)
    assert "Kanarie" not in str([row.detail for row in db.scalars(select(AuditEntry))])


def test_fading_twice_is_harmless(db, event):
    at = event.ends_at + HALF_A_YEAR
    fade_event(event, at=at)
    frozen = queries.figures_of(event)
    fade_event(event, at=at + timedelta(days=1))

    assert (event.faded_at, queries.figures_of(event)) == (at, frozen)
    assert frozen["states"] != {}


def test_mails_go_after_ninety_days_but_never_what_is_not_settled(db, event):
    for state in MailState:
        one = make_registration(make_event(starts=event.starts_local))
        post(messages.registered(one, at=NOON), at=NOON)
        db.scalars(select(Message).where(Message.subject == f"registration:{one.id}")).one().state = state
    db.flush()
    term = next(one for one in TERMS if one.name == "mails")

    assert term.count(NOON + timedelta(days=90)) == 0
    assert term.fade(NOON + timedelta(days=91)) == 3
    left = set(db.scalars(select(Message.state)))
    assert left == set(MailState) - {MailState.SENT, MailState.FAILED, MailState.SKIPPED}
    fade(NOON + timedelta(days=4000))
    assert set(db.scalars(select(Message.state))) == left


def test_who_never_proved_the_address_goes_with_the_registration(db):
    event = make_event()
    make_registration(event, make_person(proved=False), state=State.CANCELLED)
    kept = make_registration(event)
    at = NOON - timedelta(days=30) + timedelta(days=14)
    fade(at)
    assert db.scalar(select(func.count(Person.id))) == 2

    fade(at + timedelta(seconds=1))

    assert list(db.scalars(select(Registration.id))) == [kept.id]


def test_what_is_to_come_or_went_by_lately_is_left_alone(db):
    for days in (-400, 0, 182):
        starts = (NOON - timedelta(days=days)).replace(tzinfo=None)
        make_registration(make_event(starts=starts))
    before = counts()

    fade(NOON)

    assert changed(before) == {}


def test_only_files_of_answers_go(db, event):
    store_document(b"%PDF-1.7", name="folien.pdf", at=NOON)
    fade(event.ends_at + HALF_A_YEAR + timedelta(days=1))

    assert list(db.scalars(select(File.name))) == ["folien.pdf"]


def test_the_documents_for_operators_hold_the_table():
    text = OPERATING.read_text()

    assert [term.name for term in TERMS if f"| `{term.name}` |" not in text] == []


def test_what_people_said_to_an_invitation_goes_with_the_event_even_if_nobody_came(db):
    event, person = make_event(), make_person()
    db.add(Call(event_id=event.id, person_id=person.id, called_at=NOON, comment="Bin krank"))
    db.flush()

    fade(event.ends_at + HALF_A_YEAR)
    assert db.scalar(select(func.count()).select_from(Call)) == 1
    fade(event.ends_at + HALF_A_YEAR + timedelta(days=1))
    assert db.scalar(select(func.count()).select_from(Call)) == 0
