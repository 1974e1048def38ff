"""Signing up, confirming, withdrawing, waiting."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events import queries
from nextevents.events.errors import AlreadyOver, NotInvited, NotWaitingForAnswer, RegistrationClosed
from nextevents.events.models import Audience, Registration, Stage, State, WaitingMode
from nextevents.events.services import (
    Request,
    accept_offer,
    cancel_event,
    cancel_registration,
    confirm_registrations,
    decline_offer,
    drop_unconfirmed,
    lapse_offers,
    register,
    restore_registration,
)
from nextevents.mailing.models import Message
from nextevents.people.models import Membership, MembershipKind
from tests.factories import (
    make_belonging,
    make_community,
    make_event,
    make_organisation,
    make_person,
    make_registration,
)
from tests.mailing.reading import posted

PROVED = Request(name="Ada Beispiel", is_proved=True)
UNPROVED = Request(name="Ada Beispiel", is_proved=False)


def seats_taken(db, event):
    db.refresh(event)
    return event.seats_taken


def kinds_of_mail(db):
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def test_the_last_seat_goes_to_one_person_and_the_next_one_waits(db, noon):
    event, ada, bob = make_event(capacity=1), make_person(), make_person()

    first = register(event, ada, PROVED, at=noon)
    second = register(event, bob, PROVED, at=noon)

    assert (first.state, second.state) == (State.CONFIRMED, State.WAITING)
    assert seats_taken(db, event) == 1
    assert kinds_of_mail(db) == ["registered", "waiting"]


def test_registering_twice_keeps_one_registration_and_one_mail(db, noon):
    event, ada = make_event(), make_person()

    first = register(event, ada, PROVED, at=noon)
    again = register(event, ada, PROVED, at=noon)

    assert again == first
    assert kinds_of_mail(db) == ["registered"]
    assert seats_taken(db, event) == 1


def test_the_same_form_sent_again_after_a_withdrawal_does_not_register_again(db, noon):
    event, ada = make_event(), make_person()
    form = Request(name="Ada", is_proved=True, nonce="form-1")
    registration = register(event, ada, form, at=noon)
    cancel_registration(registration, at=noon)

    again = register(event, ada, form, at=noon)

    assert (again.id, again.state) == (registration.id, State.CANCELLED)


def test_whoever_has_not_proved_the_address_holds_a_seat_for_a_day_without_any_mail(db, noon):
    event, ada = make_event(), make_person(proved=False)

    registration = register(event, ada, UNPROVED, at=noon)

    assert (registration.state, registration.has_seat) == (State.UNCONFIRMED, True)
    assert registration.expires_at == noon + timedelta(hours=24)
    assert kinds_of_mail(db) == []
    assert seats_taken(db, event) == 1


def test_confirming_makes_the_held_seat_sure_and_says_so(db, noon):
    event, ada = make_event(), make_person(proved=False)
    registration = register(event, ada, UNPROVED, at=noon)

    assert confirm_registrations(ada, at=noon) == [registration]
    assert registration.state == State.CONFIRMED
    assert kinds_of_mail(db) == ["registered"]


def test_who_withdraws_leaves_the_seat_to_the_one_who_waits_longest(db, noon):
    event = make_event(capacity=1)
    seated = make_registration(event)
    late = make_registration(event, state=State.WAITING, made_at=noon)
    early = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=1))

    cancel_registration(seated, at=noon)

    assert (early.state, late.state, seated.state) == (State.CONFIRMED, State.WAITING, State.CANCELLED)
    assert kinds_of_mail(db) == ["cancelled_by_you", "moved_up"]
    assert seats_taken(db, event) == 1


def test_where_seats_are_offered_the_next_one_is_asked_and_holds_the_seat(db, noon):
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER)
    seated, waiting = make_registration(event), make_registration(event, state=State.WAITING)

    cancel_registration(seated, at=noon)

    assert (waiting.state, waiting.has_seat) == (State.OFFERED, True)
    assert waiting.expires_at == noon + timedelta(hours=48)
    assert kinds_of_mail(db) == ["cancelled_by_you", "seat_offered"]


def test_nobody_registers_after_the_beginning(db, noon):
    event, ada = make_event(), make_person()

    with pytest.raises(RegistrationClosed):
        register(event, ada, PROVED, at=event.starts_at)

    assert list(db.scalars(select(Registration))) == []


def test_a_date_for_members_refuses_others(db, noon):
    event, ada = make_event(audience=Audience.MEMBERS), make_person()

    with pytest.raises(NotInvited):
        register(event, ada, PROVED, at=noon)


# Before it begins, and after


@pytest.mark.parametrize(
    ("opens", "closes", "is_taken"),
    [
        (None, None, True),
        (timedelta(0), None, True),
        (timedelta(seconds=1), None, False),
        (None, timedelta(seconds=1), True),
        (None, timedelta(0), False),
        (timedelta(hours=-1), timedelta(hours=1), True),
    ],
)
def test_registration_is_open_from_its_first_moment_to_just_before_its_last(db, noon, opens, closes, is_taken):
    event = make_event(
        opens_at=None if opens is None else noon + opens, closes_at=None if closes is None else noon + closes
    )

    if is_taken:
        assert register(event, make_person(), PROVED, at=noon).state == State.CONFIRMED
    else:
        with pytest.raises(RegistrationClosed):
            register(event, make_person(), PROVED, at=noon)


@pytest.mark.parametrize(
    "values",
    [{"stage": Stage.DRAFT}, {"stage": Stage.CANCELLED}, {"takes_registrations": False}, {"capacity": 0}],
    ids=str,
)
def test_nobody_registers_for_what_takes_no_registrations(db, noon, values):
    with pytest.raises(RegistrationClosed):
        register(make_event(**values), make_person(), PROVED, at=noon)

    assert list(db.scalars(select(Registration))) == []


def test_as_many_come_as_want_where_there_is_no_limit(db, noon):
    event = make_event(capacity=None)

    states = {register(event, make_person(), PROVED, at=noon).state for _ in range(5)}

    assert (states, seats_taken(db, event)) == ({State.CONFIRMED}, 5)


# For whom


def test_a_date_for_members_takes_them_and_those_who_work_for_one(db, noon):
    event, ada, bob = make_event(audience=Audience.MEMBERS), make_person(), make_person()
    bob.organisation = make_organisation()
    for owner in ({"person_id": ada.id}, {"organisation_id": bob.organisation.id}):
        db.add(Membership(kind=MembershipKind.PERSONAL, began_on=noon.date(), **owner))
    db.flush()

    assert {register(event, one, PROVED, at=noon).state for one in (ada, bob)} == {State.CONFIRMED}


def test_a_date_for_a_community_takes_those_who_belong_to_one_of_its_hosts(db, noon):
    host, other = make_community(), make_community()
    event = make_event(audience=Audience.COMMUNITY, communities=(host, make_community()))
    inside, outside = make_person(), make_person()
    make_belonging(inside, host)
    make_belonging(outside, other)

    assert register(event, inside, PROVED, at=noon).state == State.CONFIRMED
    with pytest.raises(NotInvited):
        register(event, outside, PROVED, at=noon)


def test_whoever_only_types_a_member_s_address_is_not_let_in(db, noon):
    event, ada = make_event(audience=Audience.MEMBERS), make_person()
    db.add(Membership(kind=MembershipKind.PERSONAL, person_id=ada.id, began_on=noon.date()))
    db.flush()

    with pytest.raises(NotInvited):
        register(event, ada, UNPROVED, at=noon)


# Confirming


def test_one_button_confirms_everything_that_waits_for_the_address(db, noon):
    ada = make_person(proved=False)
    made = [register(make_event(), ada, UNPROVED, at=noon) for _ in range(2)]
    late = register(make_event(), ada, UNPROVED, at=noon - timedelta(hours=24))

    assert confirm_registrations(ada, at=noon) == made
    assert [one.state for one in (*made, late)] == [State.CONFIRMED, State.CONFIRMED, State.UNCONFIRMED]


def test_whoever_is_signed_in_confirms_by_registering_again(db, noon):
    event, ada = make_event(), make_person()
    first = register(event, ada, UNPROVED, at=noon)

    assert register(event, ada, PROVED, at=noon) == first
    assert (first.state, first.expires_at, kinds_of_mail(db)) == (State.CONFIRMED, None, ["registered"])
    assert seats_taken(db, event) == 1


def test_who_confirms_a_place_on_the_list_is_told_its_number_and_keeps_the_time_of_asking(db, noon):
    event, ada = make_event(capacity=1), make_person(proved=False)
    make_registration(event)
    waiting = register(event, ada, UNPROVED, at=noon - timedelta(hours=1))
    other = register(event, make_person(), PROVED, at=noon)

    confirm_registrations(ada, at=noon)

    assert (waiting.state, waiting.waiting_since) == (State.WAITING, noon - timedelta(hours=1))
    assert [queries.waiting_position(one) for one in (waiting, other)] == [1, 2]
    assert kinds_of_mail(db) == ["waiting", "waiting"]


def test_who_confirms_a_place_on_the_list_when_a_seat_is_free_by_now_gets_it_with_one_mail(db, noon):
    event, ada = make_event(capacity=1), make_person(proved=False)
    seated = make_registration(event)
    waiting = register(event, ada, UNPROVED, at=noon)
    cancel_registration(seated, at=noon)
    assert waiting.state == State.UNCONFIRMED  # nobody moves up who has not confirmed

    confirm_registrations(ada, at=noon)

    assert (waiting.state, seats_taken(db, event)) == (State.CONFIRMED, 1)
    assert kinds_of_mail(db) == ["cancelled_by_you", "moved_up"]


def test_who_confirms_after_the_date_was_called_off_gets_no_entry(db, noon):
    event, ada = make_event(), make_person(proved=False)
    registration = register(event, ada, UNPROVED, at=noon)
    cancel_event(event, at=noon)

    assert confirm_registrations(ada, at=noon) == [registration]
    assert kinds_of_mail(db) == []


def test_a_seat_that_was_not_confirmed_within_a_day_goes_to_the_next_without_a_word(db, noon):
    event = make_event(capacity=1)
    held = register(event, make_person(proved=False), UNPROVED, at=noon)
    waiting = register(event, make_person(), PROVED, at=noon)
    day = noon + timedelta(hours=24)

    assert drop_unconfirmed(at=day - timedelta(seconds=1)) == 0
    assert drop_unconfirmed(at=day) == 1
    assert drop_unconfirmed(at=day) == 0

    assert (held.state, held.has_seat, waiting.state) == (State.CANCELLED, False, State.CONFIRMED)
    assert kinds_of_mail(db) == ["waiting", "moved_up"]
    assert seats_taken(db, event) == 1


# Withdrawing and coming back


def test_withdrawing_twice_frees_one_seat_and_writes_one_mail(db, noon):
    event = make_event()
    make_registration(event)
    registration = make_registration(event)

    for _ in range(2):
        cancel_registration(registration, at=noon)

    assert (kinds_of_mail(db), seats_taken(db, event)) == (["cancelled_by_you"], 1)
    assert (registration.cancelled_at, registration.revision) == (noon, 1)


def test_who_never_confirmed_withdraws_without_a_mail(db, noon):
    registration = make_registration(make_event(), state=State.UNCONFIRMED)

    cancel_registration(registration, at=noon)

    assert (registration.state, kinds_of_mail(db)) == (State.CANCELLED, [])


def test_nobody_withdraws_from_what_is_over(db):
    event = make_event()
    registration = make_registration(event)

    with pytest.raises(AlreadyOver):
        cancel_registration(registration, at=event.ends_at)
    cancel_registration(registration, at=event.ends_at - timedelta(seconds=1))
    assert registration.state == State.CANCELLED


def test_who_withdraws_from_a_date_that_was_called_off_gets_no_second_cancellation(db, noon):
    event = make_event()
    registration = make_registration(event)
    cancel_event(event, at=noon)

    cancel_registration(registration, at=noon)

    assert (registration.state, kinds_of_mail(db)) == (State.CANCELLED, ["event_cancelled"])


def test_while_newcomers_may_still_register_those_who_wait_come_first(db, noon):
    event = make_event(capacity=1)
    event.closes_at = event.starts_at + timedelta(minutes=30)
    seated, waiting = register(event, make_person(), PROVED, at=noon), register(event, make_person(), PROVED, at=noon)

    cancel_registration(seated, at=event.starts_at)
    newcomer = register(event, make_person(), PROVED, at=event.starts_at)

    assert (waiting.state, newcomer.state) == (State.CONFIRMED, State.WAITING)


def test_no_seat_is_given_away_once_it_has_begun(db, noon):
    event = make_event(capacity=1)
    seated, waiting = make_registration(event), make_registration(event, state=State.WAITING)

    cancel_registration(seated, at=event.starts_at)

    assert (waiting.state, seats_taken(db, event)) == (State.WAITING, 0)


def test_a_withdrawal_can_be_undone_for_a_day_and_the_entry_comes_with_a_higher_number(db, noon):
    event = make_event()
    registration = register(event, make_person(), PROVED, at=noon)
    cancel_registration(registration, at=noon)

    restored = restore_registration(registration, at=noon + timedelta(hours=24) - timedelta(seconds=1))

    assert (restored.id != registration.id, restored.state, seats_taken(db, event)) == (True, State.CONFIRMED, 1)
    assert kinds_of_mail(db) == ["registered", "cancelled_by_you", "registered"]
    sequences = [re.search(rb"SEQUENCE:(\d+)", mail.calendar)[1] for mail in posted()]
    assert sequences == [b"0", b"1", b"2"]


def test_undoing_twice_is_harmless_and_after_a_day_it_is_too_late(db, noon):
    event = make_event()
    registration = make_registration(event)
    cancel_registration(registration, at=noon)
    day = noon + timedelta(hours=24)
    restored = restore_registration(registration, at=noon)

    assert restore_registration(registration, at=noon) == restored
    assert restore_registration(restored, at=noon) == restored
    with pytest.raises(RegistrationClosed):
        restore_registration(registration, at=day)


def test_who_comes_back_when_the_seat_is_gone_waits(db, noon):
    event = make_event(capacity=1)
    registration = make_registration(event)
    make_registration(event, state=State.WAITING)
    cancel_registration(registration, at=noon)

    assert restore_registration(registration, at=noon).state == State.WAITING


# Offers


def offered(noon, **values):
    """A seat that was freed and is offered to the one who waits; somebody else waits behind."""
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER, **values)
    seated, first = make_registration(event), make_registration(event, state=State.WAITING, made_at=noon)
    second = make_registration(event, state=State.WAITING, made_at=noon + timedelta(seconds=1))
    cancel_registration(seated, at=noon)
    return event, first, second


def test_an_offer_that_is_accepted_makes_the_seat_sure(db, noon):
    event, first, second = offered(noon)

    accept_offer(first, at=noon)
    accept_offer(first, at=noon)

    assert (first.state, first.expires_at, second.state) == (State.CONFIRMED, None, State.WAITING)
    assert kinds_of_mail(db) == ["cancelled_by_you", "seat_offered", "moved_up"]
    assert seats_taken(db, event) == 1


def test_an_offer_that_is_declined_goes_to_the_next_at_once(db, noon):
    event, first, second = offered(noon)

    decline_offer(first, at=noon)

    assert (first.state, second.state) == (State.CANCELLED, State.OFFERED)
    assert kinds_of_mail(db) == ["cancelled_by_you", "seat_offered", "cancelled_by_you", "seat_offered"]
    assert seats_taken(db, event) == 1


def test_an_offer_lapses_at_its_hour_and_goes_to_the_next(db, noon):
    event, first, second = offered(noon, offer_hours=24)
    day = noon + timedelta(hours=24)

    assert lapse_offers(at=day - timedelta(seconds=1)) == 0
    with pytest.raises(NotWaitingForAnswer):
        accept_offer(first, at=day)
    assert lapse_offers(at=day) == 1

    assert (first.state, second.state, second.expires_at) == (State.CANCELLED, State.OFFERED, day + timedelta(hours=24))
    assert kinds_of_mail(db) == ["cancelled_by_you", "seat_offered", "offer_lapsed", "seat_offered"]
    with pytest.raises(NotWaitingForAnswer):
        decline_offer(first, at=day)
    assert seats_taken(db, event) == 1


def test_an_offer_never_lasts_longer_than_until_the_beginning(db):
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER)
    seated, waiting = make_registration(event), make_registration(event, state=State.WAITING)

    cancel_registration(seated, at=event.starts_at - timedelta(hours=3))

    assert waiting.expires_at == event.starts_at


def test_an_offer_for_a_date_that_was_called_off_cannot_be_accepted_and_lapses_in_silence(db, noon):
    event, first, _ = offered(noon)
    cancel_event(event, at=noon)
    told = kinds_of_mail(db)

    with pytest.raises(NotWaitingForAnswer):
        accept_offer(first, at=noon)
    assert lapse_offers(at=noon + timedelta(hours=48)) == 1

    assert (first.state, kinds_of_mail(db)) == (State.CANCELLED, told)


def test_whoever_has_no_offer_can_neither_accept_nor_decline_one(db, noon):
    waiting = make_registration(make_event(), state=State.WAITING)

    for answer in (accept_offer, decline_offer):
        with pytest.raises(NotWaitingForAnswer):
            answer(waiting, at=noon)
    assert waiting.state == State.WAITING


def test_each_offer_is_told_anew(db, noon):
    """Offered, lapsed, restored to the list, offered again: the second mail must not be taken for the first."""
    _, first, second = offered(noon)
    decline_offer(first, at=noon)
    again = restore_registration(first, at=noon)
    decline_offer(second, at=noon)

    assert again.state == State.OFFERED
    assert kinds_of_mail(db).count("seat_offered") == 3
