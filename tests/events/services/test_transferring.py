"""A seat that goes to a colleague."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import (
    AlreadyRegistered,
    NothingToAnswer,
    NotTransferable,
    TooManyTransfers,
    TransferredToOneself,
)
from nextevents.events.models import Registration, State, Transfer, WaitingMode
from nextevents.events.services import (
    accept_transfer,
    cancel_registration,
    decline_transfer,
    offer_transfer,
    transfer_seat,
)
from nextevents.mailing.models import Message
from nextevents.people.addresses import address_of
from tests.factories import make_event, make_person, make_registration
from tests.mailing.reading import posted

BOB = "bob@stadt.example"


def kinds_of_mail(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def offered(giver, at, address=BOB):
    return offer_transfer(giver, address_of(address), name="Bob", at=at)


@pytest.fixture
def event(db):
    """A full one, for which people wait."""
    return make_event(capacity=1)


@pytest.fixture
def giver(event):
    return make_registration(event, make_person("ada@stadt.example"))


def test_until_the_colleague_says_yes_the_seat_stays_where_it_is(db, giver, event, noon):
    offered(giver, noon)

    assert (giver.state, event.seats_taken) == (State.CONFIRMED, 1)
    (mail,) = posted()
    assert (mail.kind, mail.row.recipient) == ("transfer_offered", BOB)


def test_with_the_yes_the_seat_moves_and_nobody_who_waits_gets_it(db, giver, event, noon):
    waits = make_registration(event, state=State.WAITING)
    before = event.sequence

    taken = accept_transfer(offered(giver, noon), name="Bob Beispiel", language="en", at=noon)

    db.refresh(event)
    assert (giver.state, giver.has_seat) == (State.CANCELLED, False)
    assert (taken.state, taken.has_seat, taken.name) == (State.CONFIRMED, True, "Bob Beispiel")
    assert (taken.person.address, taken.person.proved_at) == (BOB, noon)
    assert (waits.state, event.seats_taken, event.sequence) == (State.WAITING, 1, before + 1)
    assert kinds_of_mail(db) == ["transfer_offered", "transferred", "registered"]
    goes, comes = posted("transferred")[0], posted("registered")[0]
    assert b"METHOD:CANCEL" in goes.calendar
    assert b"METHOD:REQUEST" in comes.calendar


def test_a_place_beyond_the_seats_stays_one(db, giver, event, noon):
    extra = make_registration(event, state=State.WAITING)
    extra.state, extra.is_extra, extra.waiting_since = State.CONFIRMED, True, None

    taken = accept_transfer(offered(extra, noon), name="Bob", language="de", at=noon)

    db.refresh(event)
    assert (taken.is_extra, taken.has_seat, event.seats_taken) == (True, False, 1)


def test_a_yes_is_said_once(db, giver, noon):
    transfer = offered(giver, noon)
    accept_transfer(transfer, name="Bob", language="de", at=noon)

    with pytest.raises(NothingToAnswer):
        accept_transfer(transfer, name="Bob", language="de", at=noon)
    with pytest.raises(NothingToAnswer):
        decline_transfer(transfer, at=noon)


def test_after_a_no_or_two_days_or_a_withdrawal_there_is_nothing_to_take(db, event, noon):
    seats = [make_registration(make_event()) for _ in range(3)]
    declined, late, withdrawn = (offered(one, noon, f"bob{place}@x.example") for place, one in enumerate(seats))
    decline_transfer(declined, at=noon)
    decline_transfer(declined, at=noon)
    cancel_registration(seats[2], at=noon)

    for transfer, at in ((declined, noon), (late, noon + timedelta(hours=48)), (withdrawn, noon)):
        with pytest.raises(NothingToAnswer):
            accept_transfer(transfer, name="Bob", language="de", at=at)
    assert [one.state for one in seats] == [State.CONFIRMED, State.CONFIRMED, State.CANCELLED]


def test_a_later_wish_takes_the_place_of_an_earlier_one(db, giver, noon):
    first = offered(giver, noon)
    second = offered(giver, noon, "eve@stadt.example")

    with pytest.raises(NothingToAnswer):
        accept_transfer(first, name="Bob", language="de", at=noon)
    assert accept_transfer(second, name="Eve", language="de", at=noon).person.address == "eve@stadt.example"


def test_whoever_waited_has_the_seat_and_leaves_the_list(db, giver, event, noon):
    bob = make_registration(event, make_person(BOB), state=State.WAITING)

    taken = accept_transfer(offered(giver, noon), name="Bob", language="de", at=noon)

    db.refresh(event)
    assert (taken, bob.state, bob.waiting_since, event.seats_taken) == (bob, State.CONFIRMED, None, 1)


def test_whoever_was_offered_another_seat_passes_that_one_on(db, noon):
    event = make_event(capacity=2, waiting_mode=WaitingMode.OFFER)
    giver = make_registration(event)
    bob = make_registration(event, make_person(BOB), state=State.OFFERED)
    waits = make_registration(event, state=State.WAITING)

    accept_transfer(offered(giver, noon), name="Bob", language="de", at=noon)

    db.refresh(event)
    assert (bob.state, waits.state, event.seats_taken) == (State.CONFIRMED, State.OFFERED, 2)


def test_whoever_has_a_seat_needs_no_second_one_and_the_giver_keeps_theirs(db, noon):
    event = make_event()
    giver, _bob = make_registration(event), make_registration(event, make_person(BOB))
    transfer = offered(giver, noon)

    with pytest.raises(AlreadyRegistered):
        accept_transfer(transfer, name="Bob", language="de", at=noon)

    assert (giver.state, giver.has_seat) == (State.CONFIRMED, True)


def test_one_cannot_give_a_seat_to_oneself(db, giver, noon):
    with pytest.raises(TransferredToOneself):
        offered(giver, noon, "ADA@stadt.example")


@pytest.mark.parametrize("state", [State.WAITING, State.OFFERED, State.UNCONFIRMED, State.REQUESTED, State.CANCELLED])
def test_only_a_sure_seat_can_be_given_away(db, noon, state):
    registration = make_registration(make_event(), state=state)

    with pytest.raises(NotTransferable):
        offered(registration, noon)
    with pytest.raises(NotTransferable):
        transfer_seat(registration, make_person(), name="Bob", at=noon)


def test_once_the_event_has_begun_it_is_too_late(db, giver, event):
    with pytest.raises(NotTransferable):
        offered(giver, event.starts_at)


def test_one_seat_and_one_address_get_three_mails_a_day(db, giver, noon):
    for number in range(3):
        offered(giver, noon, f"victim{number}@x.example")
    with pytest.raises(TooManyTransfers):
        offered(giver, noon, "another@x.example")

    for _ in range(3):
        offered(make_registration(make_event()), noon, "one@x.example")
    with pytest.raises(TooManyTransfers):
        offered(make_registration(make_event()), noon, "one@x.example")
    assert offered(giver, noon + timedelta(hours=25))
    assert len(db.scalars(select(Transfer)).all()) == 7


def test_organisers_pass_a_seat_to_somebody_known_at_once(db, giver, event, noon):
    bob = make_person(BOB, name="Bob")

    taken = transfer_seat(giver, bob, name="Bob", at=noon)

    assert (giver.state, taken.state, taken.registered_by_id) == (State.CANCELLED, State.CONFIRMED, giver.person_id)
    assert kinds_of_mail(db) == ["transferred", "registered"]
    assert len(db.scalars(select(Registration)).all()) == 2
