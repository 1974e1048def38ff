"""Messages to chosen participants."""

import pytest
from sqlalchemy import func, insert, select

from nextevents.events import queries
from nextevents.events.errors import NobodyChosen, NotYetPublic
from nextevents.events.models import Announcement, Answer, Question, QuestionKind, Registration, Stage, State
from nextevents.events.queries import Chosen
from nextevents.events.services import announce, invite, look_through
from nextevents.mailing.models import Form, Message
from nextevents.people.models import Person
from tests.factories import make_event, make_organisation, make_person, make_registration
from tests.mailing.reading import posted

CONFIRMED = Chosen(states=(State.CONFIRMED,))


def announced(event, at, chosen=CONFIRMED, **values):
    words = {"subject": "Raum geändert", "text": "Wir sind in **Saal 2**.", "nonce": None, "by": make_person()}
    return announce(event, chosen=chosen, at=at, **(words | values))


def names(event, **chosen):
    return [one.name for one in queries.receivers(event, Chosen(**chosen))]


def registered(event, name, state=State.CONFIRMED):
    return make_registration(event, make_person(name=name), state=state)


def test_it_goes_to_those_who_are_chosen_by_name_and_is_kept(db, noon):
    event = make_event()
    ada = registered(event, "Ada <b>")
    registered(event, "Bob", State.WAITING)

    made = announced(event, noon)

    (mail,) = posted()
    assert (mail.kind, mail.row.recipient, mail.subject) == ("announcement", ada.person.address, "Raum geändert")
    assert mail.row.subject == f"announcement:{made.id}"
    assert mail.text.startswith("Guten Tag Ada <b>,\n\nWir sind in Saal 2.\n")
    assert mail.page.find("strong", string="Saal 2")
    assert (made.count, made.chosen["states"]) == (1, ["confirmed"])


def test_the_same_form_sent_twice_is_one_announcement_and_one_mail(db, noon):
    event = make_event()
    registered(event, "Ada")

    first = announced(event, noon, nonce="form-1")
    second = announced(event, noon, nonce="form-1")

    assert first == second
    assert db.scalar(select(func.count()).select_from(Announcement)) == 1
    assert len(posted()) == 1


def test_whoever_comes_later_does_not_get_it(db, noon):
    event = make_event()
    registered(event, "Ada")
    announced(event, noon)

    registered(event, "Eve")

    assert len(posted()) == 1


def test_receivers_are_chosen_by_state_answer_and_body(db):
    event = make_event()
    ada, bob, eve = (registered(event, name) for name in ("Ada", "Bob", "Eve"))
    registered(event, "Zoe", State.WAITING)
    ada.person.organisation = make_organisation("Stadt A")
    bob.organisation_name = "Stadt A"
    question = Question(event_id=event.id, kind=QuestionKind.YES_NO, label="Essen?")
    db.add(question)
    db.flush()
    db.add_all(
        Answer(registration_id=one.id, question_id=question.id, value=value)
        for one, value in ((ada, "ja"), (bob, "nein"), (eve, "ja"))
    )
    db.flush()
    confirmed = (State.CONFIRMED,)

    assert names(event, states=confirmed) == ["Ada", "Bob", "Eve"]
    assert names(event, states=(State.WAITING, State.CONFIRMED)) == ["Ada", "Bob", "Eve", "Zoe"]
    assert names(event, states=confirmed, question_id=question.id, answer="ja") == ["Ada", "Eve"]
    assert names(event, states=confirmed, body="Stadt A") == ["Ada", "Bob"]
    assert names(event, states=confirmed, body="Stadt A", question_id=question.id, answer="ja") == ["Ada"]
    assert queries.bodies_at(event) == ["Stadt A"]


def test_whoever_has_not_proved_the_address_or_has_left_is_never_written_to(db):
    event = make_event()
    for state in State:
        registered(event, state.value, state)

    assert not {"unconfirmed", "cancelled"} & set(names(event, states=tuple(State)))


def test_a_message_to_nobody_and_one_about_a_draft_are_refused(db, noon):
    with pytest.raises(NobodyChosen):
        announced(make_event(), noon)
    draft = make_event(stage=Stage.DRAFT)
    registered(draft, "Ada")
    with pytest.raises(NotYetPublic):
        announced(draft, noon)


@pytest.mark.parametrize(
    "text",
    ["{event.title} {{7*7}} %s ${x} %(name)s", "<script>alert(1)</script>", "[x](javascript:alert(1))", ".\n.\n"],
)
def test_what_looks_like_code_stays_text_and_runs_nothing(db, noon, text):
    event = make_event()
    registered(event, "Ada")

    announced(event, noon, text=text)

    (mail,) = posted()
    assert mail.page.find_all("script") == []
    assert "javascript" not in str([link.get("href") for link in mail.page.find_all("a")])
    assert text.split()[0].rstrip(">") in mail.text or "x" in mail.text


def test_five_thousand_receivers_take_a_moment_and_one_form(db, noon):
    event = make_event(capacity=None)
    rows = [
        {
            "typed_address": f"p{n}@x.example",
            "address": f"p{n}@x.example",
            "address_key": f"p{n}@x.example",
            "domain": "x.example",
            "name": f"Person {n}",
            "organisation_name": "",
            "language": "de",
            "is_office": False,
            "made_at": noon,
        }
        for n in range(5_000)
    ]
    people = db.scalars(insert(Person).returning(Person.id), rows).all()
    db.execute(
        insert(Registration),
        [
            {
                "event_id": event.id,
                "person_id": person,
                "name": "Ada",
                "state": State.CONFIRMED,
                "has_seat": True,
                "made_at": noon,
            }
            for person in people
        ],
    )

    made = announced(event, noon)

    assert (made.count, db.scalar(select(func.count()).select_from(Message))) == (5_000, 5_000)
    assert db.scalar(select(func.count()).select_from(Form)) == 1


def test_five_thousand_invitations_share_one_form(db, noon):
    event, by = make_event(), make_person()
    text = "Mail;Name\n" + "\n".join(f"p{n}@x.example;Person {n}" for n in range(5_000))

    count = invite(event, look_through(event, text).new, may_exceed=False, by=by, at=noon)

    assert (count, db.scalar(select(func.count()).select_from(Form))) == (5_000, 1)
