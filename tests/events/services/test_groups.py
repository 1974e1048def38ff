"""Colleagues whom somebody registers along."""

from datetime import timedelta

from sqlalchemy import select

from nextevents.events.models import Registration, State
from nextevents.events.services import Colleague, Request, confirm_registrations, register, register_colleagues
from nextevents.mailing.models import Message
from nextevents.people.addresses import address_of
from tests.factories import make_event, make_organisation, make_person, make_registration


def colleague(name):
    return Colleague(name.title(), address_of(f"{name}@stadt.example"))


def hold(event, by, *names, at, nonce="n"):
    people = [colleague(name) for name in names]
    return register_colleagues(event, by, people, nonce=nonce, language="de", at=at)


def mails(db):
    return [tuple(row) for row in db.execute(select(Message.kind, Message.recipient).order_by(Message.id))]


def places(db):
    rows = db.execute(select(Registration.name, Registration.state, Registration.has_seat).order_by(Registration.id))
    return [tuple(row) for row in rows]


def test_each_gets_a_seat_or_a_place_on_the_list_and_a_mail_of_their_own(db, noon):
    make_organisation(domains=("stadt.example",))
    event, ada = make_event(capacity=2), make_person("ada@stadt.example")

    assert hold(event, ada, "zoe", "bob", "cem", at=noon) == [True, True, False]

    assert places(db) == [
        ("Zoe", State.UNCONFIRMED, True),
        ("Bob", State.UNCONFIRMED, True),
        ("Cem", State.UNCONFIRMED, False),
    ]
    assert mails(db) == [("confirm_for_colleague", f"{name}@stadt.example") for name in ("zoe", "bob", "cem")]
    assert set(db.scalars(select(Registration.registered_by_id))) == {ada.id}


def test_nobody_is_registered_before_they_say_so_themselves(db, noon):
    event, ada = make_event(), make_person("ada@stadt.example")
    hold(event, ada, "bob", at=noon)
    bob = db.scalars(select(Registration)).one()

    confirm_registrations(bob.person, at=noon)

    assert bob.state == State.CONFIRMED
    assert [kind for kind, _to in mails(db)] == ["confirm_for_colleague", "registered"]


def test_the_same_form_twice_does_nothing_twice(db, noon):
    event, ada = make_event(), make_person("ada@stadt.example")

    assert hold(event, ada, "bob", at=noon) == hold(event, ada, "bob", at=noon)
    assert (len(places(db)), len(mails(db))) == (1, 1)


def test_whoever_is_registered_already_stays_so_and_the_answer_does_not_tell(db, noon):
    event, ada = make_event(capacity=2), make_person("ada@stadt.example")
    bob = make_registration(event, make_person("bob@stadt.example", name="Bob"), made_at=noon - timedelta(days=1))

    assert hold(event, ada, "bob", "cem", at=noon) == [True, True]
    assert hold(event, ada, "bob", at=noon, nonce="m") == [False]
    assert (bob.state, bob.registered_by_id) == (State.CONFIRMED, None)
    assert mails(db) == [("confirm_for_colleague", "cem@stadt.example")]


def test_an_address_gets_one_mail_an_hour_however_often_it_is_typed(db, noon):
    first, second, ada = make_event(), make_event(), make_person("ada@stadt.example")

    hold(first, ada, "bob", at=noon)
    hold(second, ada, "bob", at=noon, nonce="m")

    assert (len(places(db)), len(mails(db))) == (2, 1)


def test_whoever_registers_alone_is_not_registered_by_anybody(db, noon):
    register(make_event(), make_person(), Request(name="Ada", is_proved=True), at=noon)

    assert db.scalars(select(Registration.registered_by_id)).all() == [None]
