"""An event with 5,000 registrations asks the database as often as one with 50; bench/growth.py has the times."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from nextevents.events.models import Answer, Question, QuestionKind, Registration, State
from nextevents.people.models import Person
from tests.desk.counting import counted
from tests.factories import NOON, make_event, make_question

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/veranstaltungen/ki/verwalten/"
FEW, MANY = 50, 5_000


@pytest.fixture
def filled(db):
    """Gives what fills an event with registrations, each with an answer, up to a number."""
    event = make_event(slug="ki", capacity=None)
    topic = make_question(event, kind=QuestionKind.ONE_OF)

    def fill(number):
        first = event.seats_taken
        people = db.scalars(
            insert(Person).returning(Person.id), [_person(position) for position in range(first, number)]
        ).all()
        registrations = db.scalars(
            insert(Registration).returning(Registration.id), [_registration(event.id, person) for person in people]
        ).all()
        db.execute(
            insert(Answer),
            [{"registration_id": one, "question_id": topic.id, "value": "Bahn"} for one in registrations],
        )
        event.seats_taken = number
        event.touch(NOON + timedelta(seconds=number))
        db.flush()
        db.expire_all()

    return fill


def _person(position):
    address = f"viele-{position}@stadt.example"
    return {
        "typed_address": address,
        "address": address,
        "address_key": address,
        "domain": "stadt.example",
        "name": f"Ada {position:04}",
        "organisation_name": f"Stadt {position % 40}",
        "language": "de",
        "is_office": False,
        "made_at": NOON,
        "proved_at": NOON,
    }


def _registration(event_id, person_id):
    return {
        "event_id": event_id,
        "person_id": person_id,
        "name": f"Ada {person_id:06}",
        "organisation_name": "",
        "state": State.CONFIRMED,
        "has_seat": True,
        "made_at": NOON,
        "revision": 0,
    }


def test_many_registrations_cost_no_more_questions_than_few(office, client, filled, db):
    def questions():
        number = db.scalar(select(Question.id))
        pages = {
            client: ["/veranstaltungen/ki/"],
            office: [
                f"{DESK}teilnehmende/?spalten=body&spalten=level&spalten=frage-{number}",
                f"{DESK}teilnehmende/?sortierung=body&frage-{number}=Bahn",
                f"{DESK}einlass/",
                DESK,
            ],
        }
        found = {}
        for visitor, paths in pages.items():
            for path in paths:
                with counted() as asked:
                    assert visitor.get(path).status_code == 200
                found[path] = len(asked)
        return found

    filled(FEW)
    questions()
    filled(FEW + 1)
    few = questions()
    filled(MANY)
    assert questions() == few
