"""Whatever people and organisers do to an event, in whatever order: seats and waiting list stay right (G2, G3).

SEAT_STEPS says how many steps are taken at the least: `make test ARGS="tests/faults/test_seat_machine.py"` takes what
fits into some seconds, and with SEAT_STEPS=10000 as many as the guarantee wants.
"""

import os
import random
import time
import uuid
from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from itertools import chain, count
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nextevents.communities.models import Belonging
from nextevents.events import queries, services
from nextevents.events.errors import (
    AlreadyOver,
    AlreadyRegistered,
    CapacityBelowTaken,
    NoSeatFree,
    NothingToAnswer,
    NotTransferable,
    NotWaitingForAnswer,
    NotYetPublic,
    RegistrationClosed,
    TooManyTransfers,
    TransferredToOneself,
)
from nextevents.events.models import Invitation, Registration, Stage, Transfer, WaitingMode
from nextevents.events.services import EventChange, InviteeOutcome, Move, seats, transferring, waiting_list
from nextevents.ground.database import db
from nextevents.people.addresses import address_of
from nextevents.people.models import Person
from tests import factories
from tests.faults.instance import event_of, now
from tests.faults.seat_book import Book

SECONDS = 5
STEPS = int(os.environ.get("SEAT_STEPS", "0"))
#: From so many steps on, everything that can be done must have been done.
ENOUGH = 5_000
NAME = "Ada Beispiel"
#: What has to come about in a long run, so that no rule is there for nothing.
DEEDS = frozenset(
    {
        "approved",
        "called",
        "enrolled",
        "extra",
        "group",
        "invited",
        "moved",
        "offered",
        "promised",
        "refused",
        "transferred",
    }
)


class BrokeOffError(Exception):
    """Something fails at the last moment."""


class Seats(RuleBasedStateMachine):
    """An event to which everything happens that can, and a ledger of what was seen after each step."""

    registrations = Bundle("registrations")
    invitations = Bundle("invitations")
    transfers = Bundle("transfers")
    instance = None
    people = iter(())
    #: How often each deed was done, and how many steps were taken, over all machines of a test.
    done: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.at = now()
        #: Whether all that has happened was looked at, and found right.
        self.is_right = False

    @initialize(
        target=registrations,
        capacity=st.integers(0, 3),
        mode=st.sampled_from(WaitingMode),
        asks_first=st.sampled_from([False, False, True]),
        standing=st.integers(0, 4),
        proved=st.lists(st.booleans(), max_size=6),
    )
    def announce(self, capacity, mode, asks_first, standing, proved):
        self.event = self.instance.make_event(
            capacity=capacity,
            waiting_mode=mode,
            offer_hours=24,
            needs_approval=asks_first,
            takes_groups=True,
            stage=Stage.DRAFT,
        )
        (self.organiser,) = self.instance.make_people(1, office=True)
        self.starts_at, self.ends_at, self.circle = self.do(self.give_it_a_circle)
        self.book = Book(self.instance, self.event, self.starts_at, self.ends_at)
        self.members = []
        self.join(standing)
        called = self.call(lambda event: services.publish_event(event, at=self.at))
        self.check()
        return multiple(*called, *(self.sign_up(next(self.people), is_proved=is_proved) for is_proved in proved))

    def give_it_a_circle(self, event):
        circle = factories.make_community()
        event.communities.append(circle)
        return event.starts_at, event.ends_at, circle.id

    def do(self, act):
        """Let something happen in a transaction of its own, one second later."""
        self.at += timedelta(seconds=1)
        self.is_right = False
        with self.instance.door():
            return act(event_of(self.event))

    def with_registration(self, act, number, *words, **options):
        return self.do(lambda _: act(db.session.get(Registration, number), *words, at=self.at, **options))

    # ── what people do ───────────────────────────────────────────────────────────────────────────────────────────────

    @rule(target=registrations)
    def register(self):
        return self.sign_up(next(self.people), is_proved=True)

    @rule(target=registrations)
    def register_without_proof(self):
        return self.sign_up(next(self.people), is_proved=False)

    @rule(earlier=registrations, is_proved=st.booleans())
    def register_again(self, earlier, is_proved):
        if earlier:
            self.sign_up(self.person_of(earlier), is_proved=is_proved)

    def sign_up(self, person, *, is_proved):
        wish = services.Request(name=NAME, is_proved=is_proved)
        try:
            return self.do(lambda event: services.register(event, db.session.get(Person, person), wish, at=self.at).id)
        except RegistrationClosed:
            assert not self.is_open()
            return None

    @rule(number=registrations)
    def prove_the_address(self, number):
        if number:
            person = self.person_of(number)
            self.do(lambda _: services.confirm_registrations(db.session.get(Person, person), at=self.at))

    @rule(number=registrations)
    def cancel(self, number):
        if not number:
            return
        try:
            self.with_registration(services.cancel_registration, number)
        except AlreadyOver:
            assert self.at >= self.ends_at

    @rule(target=registrations, number=consumes(registrations))
    def undo_the_cancellation(self, number):
        if not number:
            return None
        cancelled_at, reason = self.value_of(number, "cancelled_at"), self.value_of(number, "reason")
        try:
            return self.with_registration(services.restore_registration, number).id
        except RegistrationClosed:
            assert not self.is_open() or reason or (cancelled_at and cancelled_at <= self.at - timedelta(days=1))
            return None

    @rule(number=registrations, answer=st.sampled_from([services.accept_offer, services.decline_offer]))
    def answer_an_offer(self, number, answer):
        if not number:
            return
        expires_at = self.value_of(number, "expires_at")
        try:
            self.with_registration(answer, number)
        except NotWaitingForAnswer:
            assert self.book.rows[number].state != "offered" or expires_at <= self.at or not self.takes_place()
        except AlreadyOver:
            assert self.at >= self.ends_at

    @rule(target=registrations, size=st.integers(1, 4), earlier=registrations, breaks_off=st.booleans())
    def register_a_group(self, size, earlier, breaks_off):
        """Somebody and colleagues of theirs, one of whom may be registered already: all of them, or nobody."""
        by, *colleagues = [next(self.people) for _ in range(size + 1)]
        if earlier:
            colleagues[-1] = self.person_of(earlier)
        before = self.book.read()
        try:
            self.do(lambda event: self.register_together(event, by, colleagues, breaks_off))
        except (RegistrationClosed, BrokeOffError):
            assert breaks_off or not self.is_open()
            assert self.book.read() == before, "half of a group is registered"
            return multiple()
        self.done["group"] += 1
        active = {row.person_id: row.id for row in self.book.read().values() if row.state != "cancelled"}
        assert {by, *colleagues} <= active.keys(), "half of a group is registered"
        return multiple(*(active[person] for person in (by, *colleagues)))

    def register_together(self, event, by, colleagues, breaks_off):
        organiser = db.session.get(Person, by)
        services.register(event, organiser, services.Request(name=NAME, is_proved=True), at=self.at)
        typed = [services.Colleague(NAME, address_of(db.session.get(Person, one).address)) for one in colleagues]
        services.register_colleagues(event, organiser, typed, nonce=None, language="de", at=self.at)
        if breaks_off:
            raise BrokeOffError

    @rule(target=registrations, invitation=invitations)
    def accept_an_invitation(self, invitation):
        if not invitation:
            return None
        may_exceed, person = self.promise_of(invitation)
        stood = any(row.person_id == person and row.state != "cancelled" for row in self.book.rows.values())
        try:
            number = self.do(
                lambda _: (
                    services.accept_invitation(
                        db.session.get(Invitation, invitation), name=NAME, language="de", at=self.at
                    ).id
                )
            )
        except RegistrationClosed:
            assert not self.is_open()
            return None
        row = self.book.read()[number]
        assert row.state == "confirmed" or not may_exceed, "somebody was promised a place and waits"
        assert row.state != "requested", "somebody who is invited has to ask"
        assert stood or row.state in {"confirmed", "waiting"}
        self.done["promised"] += row.is_extra
        return number

    @rule(invitation=invitations)
    def decline_an_invitation(self, invitation):
        if not invitation:
            return
        _, person = self.promise_of(invitation)
        try:
            self.do(lambda _: services.decline_invitation(db.session.get(Invitation, invitation), at=self.at))
        except NothingToAnswer:
            assert any(row.person_id == person for row in self.book.rows.values())
        except AlreadyOver:
            assert self.at >= self.ends_at

    def promise_of(self, invitation):
        """Whether it promises a place beyond the capacity, and to whom."""
        ((may_exceed, person),) = self.instance.rows(
            "SELECT may_exceed, person.id FROM invitation JOIN person ON person.address_key = invitation.address_key"
            " WHERE invitation.id = :id",
            id=invitation,
        )
        return bool(may_exceed), person

    @rule(target=transfers, number=registrations, other=registrations, is_new=st.booleans())
    def offer_a_seat_to_a_colleague(self, number, other, is_new):
        if not number or not other:
            return None
        colleague = self.address(next(self.people) if is_new else self.person_of(other))
        try:
            made = self.with_registration(services.offer_transfer, number, colleague, name=NAME)
        except NotTransferable:
            assert self.book.rows[number].state != "confirmed" or not self.is_to_come()
            return None
        except (TransferredToOneself, TooManyTransfers):
            return None
        self.done["offered"] += 1
        return made.id

    @rule(target=registrations, transfer=transfers)
    def take_a_colleagues_seat(self, transfer):
        if not transfer:
            return None
        giver, answered_at, expires_at = self.offer_of(transfer)
        try:
            taken = self.do(
                lambda _: (
                    services.accept_transfer(
                        db.session.get(Transfer, transfer), name=NAME, language="de", at=self.at
                    ).id
                )
            )
        except NothingToAnswer:
            is_sure = self.book.rows[giver].state == "confirmed" and self.is_to_come()
            assert answered_at or expires_at <= self.at or not is_sure
            return None
        except AlreadyRegistered:
            return None
        self.note_handing_over(giver, taken)
        return taken

    @rule(transfer=transfers)
    def leave_a_colleague_their_seat(self, transfer):
        if not transfer:
            return
        giver, answered_at, _ = self.offer_of(transfer)
        try:
            self.do(lambda _: services.decline_transfer(db.session.get(Transfer, transfer), at=self.at))
        except NothingToAnswer:
            assert answered_at
            assert self.book.rows[giver].state == "cancelled"

    def offer_of(self, transfer):
        """Whose seat it is, when the offer was answered, and when it runs out."""
        with self.instance.app.app_context():
            offer = db.session.get(Transfer, transfer)
            return offer.registration_id, offer.answered_at, offer.expires_at

    def note_handing_over(self, giver, taken):
        """A seat has moved, with nobody in between: what the one had, the other has."""
        before, after = self.book.rows[giver], self.book.read()
        assert not after[giver].has_seat
        assert after[taken].has_seat or not before.has_seat, "a seat is lost on its way"
        assert after[taken].state == "confirmed"
        self.book.out_of_turn.add(taken)
        self.done["transferred"] += 1

    # ── what organisers and time do ──────────────────────────────────────────────────────────────────────────────────

    @rule(more=st.integers(1, 4))
    def raise_the_capacity(self, more):
        capacity, *_ = self.instance.seats(self.event)
        if capacity is not None:
            self.change(capacity=capacity + more)

    @rule(capacity=st.integers(0, 6))
    def set_the_capacity(self, capacity):
        _, taken, _ = self.instance.seats(self.event)
        try:
            self.change(capacity=capacity)
        except CapacityBelowTaken:
            assert capacity < taken
        else:
            assert capacity >= taken

    @precondition(lambda self: len(self.book.rows) > 6)
    @rule()
    def take_as_many_as_come(self):
        self.change(capacity=None)

    @rule(mode=st.sampled_from(WaitingMode))
    def change_the_mode(self, mode):
        self.change(waiting_mode=mode)

    @rule(closes_in=st.sampled_from([None, timedelta(0), timedelta(days=3)]))
    def close(self, closes_in):
        self.change(closes_at=None if closes_in is None else self.at + closes_in)

    @precondition(lambda self: len(self.book.rows) > 8)
    @rule()
    def call_it_off(self):
        self.do(lambda event: services.cancel_event(event, at=self.at))

    def change(self, **values):
        def changed(event):
            as_it_is = EventChange(**{one.name: getattr(event, one.name) for one in fields(EventChange)})
            services.change_event(event, replace(as_it_is, **values), version=event.version, at=self.at)

        self.do(changed)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours):
        self.at += timedelta(hours=hours)

    @rule()
    def pass_on_what_expired(self):
        self.do(lambda _: services.drop_unconfirmed(at=self.at))
        self.check()
        self.do(lambda _: services.lapse_offers(at=self.at))

    @precondition(lambda self: len(self.book.rows) > 8)
    @rule()
    def begin(self):
        self.at = max(self.at, self.starts_at)

    @rule(asks_first=st.booleans())
    def change_who_has_to_ask(self, asks_first):
        self.change(needs_approval=asks_first)

    @rule(most=st.integers(1, 3), is_yes=st.booleans())
    def answer_requests(self, most, is_yes):
        asking = sorted(row.id for row in self.book.rows.values() if row.state == "requested")[:most]

        def answered(event):
            requests = [db.session.get(Registration, number) for number in asking]
            if is_yes:
                services.approve_requests(event, requests, at=self.at)
            else:
                services.refuse_requests(event, requests, "Es sind zu viele.", at=self.at)

        try:
            self.do(answered)
        except NothingToAnswer:
            assert is_yes
            assert not self.takes_place()
            return
        after = self.book.read()
        expected = {"confirmed", "waiting"} if is_yes else {"cancelled"}
        assert {after[number].state for number in asking} <= expected, "a request is still one after its answer"
        self.done["approved" if is_yes else "refused"] += len(asking)

    @rule(target=invitations, earlier=registrations, is_new=st.booleans(), may_exceed=st.booleans())
    def invite(self, earlier, is_new, may_exceed):
        address = self.address(next(self.people) if is_new or not earlier else self.person_of(earlier))
        invitee = services.Invitee(line=1, typed=address.typed, outcome=InviteeOutcome.NEW, address=address, name=NAME)
        try:
            self.do(
                lambda event: services.invite(
                    event, [invitee], may_exceed=may_exceed, by=db.session.get(Person, self.organiser), at=self.at
                )
            )
        except NotYetPublic:
            assert not self.takes_place()
            return None
        self.done["invited"] += 1
        return self.instance.value(
            "SELECT id FROM invitation WHERE event_id = :event AND address_key = :key",
            event=self.event,
            key=address.key,
        )

    @rule(target=registrations, earlier=registrations, who=st.sampled_from(["earlier", "new", "unknown"]))
    def put_on_the_list(self, earlier, who):
        return self.enrol(earlier, who, as_extra=False)

    @rule(target=registrations, earlier=registrations, who=st.sampled_from(["earlier", "new", "unknown"]))
    def put_on_the_list_as_one_more(self, earlier, who):
        return self.enrol(earlier, who, as_extra=True)

    def enrol(self, earlier, who, *, as_extra):
        if who == "unknown":
            address = self.read_address(f"neu-{uuid.uuid4().hex}@stadt.example")
        else:
            address = self.address(self.person_of(earlier) if earlier and who == "earlier" else next(self.people))
        by = self.organiser
        try:
            number = self.do(
                lambda event: (
                    services.enrol(
                        event, address, name=NAME, by=db.session.get(Person, by), as_extra=as_extra, at=self.at
                    ).id
                )
            )
        except RegistrationClosed:
            assert not self.takes_place()
            return None
        except AlreadyRegistered:
            assert earlier
            return None
        row = self.book.read()[number]
        assert not as_extra or row.has_seat or row.is_extra, "somebody who is one more has no place"
        self.done["enrolled"] += 1
        return number

    @rule(number=registrations)
    def take_off_the_list(self, number):
        if not number:
            return
        try:
            self.with_registration(services.cancel_as_organiser, number, "Bitte nur eine Person je Amt.")
        except AlreadyOver:
            assert self.at >= self.ends_at

    @rule(number=registrations, as_extra=st.booleans())
    def give_a_seat_out_of_turn(self, number, as_extra):
        if not number:
            return
        state = self.book.rows[number].state
        try:
            self.with_registration(services.give_seat, number, as_extra=as_extra)
        except NothingToAnswer:
            assert state not in {"waiting", "offered"} or not self.takes_place()
        except NoSeatFree:
            capacity, taken, _ = self.instance.seats(self.event)
            assert not as_extra
            assert taken == capacity
        else:
            self.book.out_of_turn.add(number)
            self.done["extra"] += self.book.read()[number].is_extra

    @rule(giver=registrations, taker=registrations, is_new=st.booleans())
    def hand_a_seat_over_at_once(self, giver, taker, is_new):
        if not giver or not taker:
            return
        person = next(self.people) if is_new else self.person_of(taker)
        try:
            taken = self.do(
                lambda _: (
                    services.transfer_seat(
                        db.session.get(Registration, giver), db.session.get(Person, person), name=NAME, at=self.at
                    ).id
                )
            )
        except NotTransferable:
            assert self.book.rows[giver].state != "confirmed" or not self.is_to_come()
        except AlreadyRegistered:
            assert not is_new
        else:
            self.note_handing_over(giver, taken)

    @rule(number=registrations, move=st.sampled_from(Move))
    def move_somebody_who_waits(self, number, move):
        queue = self.book.queue()
        self.do(lambda event: services.move_waiting(event, number or 0, move))
        if number in queue:
            place = queue.index(number)
            queue.insert({Move.UP: max(place - 1, 0), Move.DOWN: place + 1, Move.TOP: 0}[move], queue.pop(place))
            self.done["moved"] += 1
        assert self.book.queue() == queue, "the queue is not in the order that was asked for"

    @rule(target=registrations, more=st.integers(1, 3))
    def call_those_who_have_joined_since(self, more):
        self.join(more)
        return multiple(*self.call(lambda event: services.call_people(event, at=self.at)))

    def join(self, more):
        """Let people join the circle who always come; they joined in the opposite order of their numbers."""
        joined = [next(self.people) for _ in range(more)]

        def belong(_):
            for number, person in enumerate(joined):
                since = self.at - timedelta(milliseconds=number)
                row = Belonging(person_id=person, community_id=self.circle, since=since, always_comes=True)
                db.session.add(row)

        self.do(belong)
        self.members += reversed(joined)

    def call(self, act):
        """Register in bulk those of the circle who always come; gives their registrations."""
        known = {row.person_id for row in self.book.read().values()}
        coming = [person for person in self.members if person not in known]
        capacity, taken, _ = self.instance.seats(self.event)
        self.do(act)
        if not self.is_open() or not self.is_to_come():
            coming = []
        free = len(coming) if capacity is None else min(capacity - taken, len(coming))
        asks = self.instance.value("SELECT needs_approval FROM event WHERE id = :event", event=self.event)
        expected = ["requested"] * len(coming) if asks else ["confirmed"] * free + ["waiting"] * (len(coming) - free)
        made = {row.person_id: row for row in self.book.read().values() if row.person_id not in known}
        assert made.keys() == set(coming), "not all who always come were registered"
        assert [made[one].state for one in coming] == expected, "seats were not given in the order of joining"
        self.book.is_called = True
        self.done["called"] += len(coming)
        return [made[one].id for one in coming]

    # ── what must hold after each step ───────────────────────────────────────────────────────────────────────────────

    @invariant()
    def check(self):
        self.is_right = False
        self.book.look(self.at)
        self.is_right = True
        self.done["steps"] += 1

    def teardown(self):
        """Check, unless something has failed already, that everybody was told once of each turn."""
        if self.is_right:
            self.book.settle()

    def person_of(self, number):
        return self.instance.value("SELECT person_id FROM registration WHERE id = :id", id=number)

    def address(self, person):
        return self.read_address(self.instance.value("SELECT address FROM person WHERE id = :id", id=person))

    def read_address(self, typed):
        with self.instance.app.app_context():
            return address_of(typed)

    def value_of(self, number, column):
        with self.instance.app.app_context():
            return getattr(db.session.get(Registration, number), column)

    def takes_place(self):
        with self.instance.app.app_context():
            return event_of(self.event).stage == Stage.PUBLISHED and self.at < self.ends_at

    def is_to_come(self):
        return self.takes_place() and self.at < self.starts_at

    def is_open(self):
        with self.instance.app.app_context():
            return event_of(self.event).is_open(self.at)


def machine_on(instance):
    """A machine of its own for this database."""

    class Here(Seats):
        pass

    Here.instance = instance
    Here.people = chain.from_iterable(instance.make_people(200) for _ in count())
    Here.done = Counter()
    return Here


def told(instance, **values):
    """A full event, as the machine begins it, to be led by hand through a short story; and its registrations."""
    begun = {"capacity": 2, "mode": WaitingMode.MOVE_UP, "asks_first": False, "standing": 0, "proved": [True] * 4}
    machine = machine_on(instance)()
    numbers = machine.announce(**(begun | values)).values
    machine.check()
    return machine, numbers


def run(instance, *, examples):
    """Let everything happen, so many times anew, on this database; tells how often what was done."""
    here = machine_on(instance)

    def machine():
        return here()

    number = random.randrange(2**32)
    print(f"seed {number}")
    seed(number)(machine)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate],  # making a failure smaller takes minutes, and every step has a name anyway
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
    return here.done


def test_seats_and_the_waiting_list_stay_right_whatever_happens(instance):
    done, until = Counter(), time.monotonic() + SECONDS
    while time.monotonic() < until or done["steps"] < STEPS:
        done += run(instance, examples=8)
    print(dict(done))
    if done["steps"] >= ENOUGH:
        assert done.keys() >= DEEDS


def test_control_without_filling_freed_seats_somebody_waits_beside_one(instance, monkeypatch):
    monkeypatch.setattr(seats, "fill_free_seats", lambda *_, **__: None)
    machine, (first, *_) = told(instance)

    machine.cancel(number=first)
    with pytest.raises(AssertionError, match="somebody waits beside a free seat"):
        machine.check()


def test_control_seats_that_are_freed_twice_are_noticed(instance, monkeypatch):
    free_seat = seats.free_seat

    def freed_twice(event):
        free_seat(event)
        free_seat(event)

    monkeypatch.setattr(seats, "free_seat", freed_twice)
    machine, (first, *_) = told(instance, proved=[True] * 2)

    machine.cancel(number=first)
    with pytest.raises(AssertionError, match="seats_taken is not the number of rows"):
        machine.check()


def test_control_a_seat_that_is_freed_on_its_way_to_a_colleague_is_noticed(instance, monkeypatch):
    end_registration = transferring.end_registration

    def ended_as_if_it_were_given_back(registration, *, at):
        registration.has_seat = not registration.is_extra
        end_registration(registration, at=at)

    monkeypatch.setattr(transferring, "end_registration", ended_as_if_it_were_given_back)
    machine, (giver, taker, *_) = told(instance)

    machine.hand_a_seat_over_at_once(giver=giver, taker=taker, is_new=True)
    with pytest.raises(AssertionError, match="seats_taken is not the number of rows"):
        machine.check()


def test_control_people_beyond_the_capacity_who_are_given_a_seat_of_it_are_noticed(instance, monkeypatch):
    move_up = seats.move_up

    def moved_up_to_a_seat(registration, *, at):
        registration.is_extra = False
        move_up(registration, at=at)

    monkeypatch.setattr(seats, "move_up", moved_up_to_a_seat)
    machine, (*_, waiting) = told(instance)

    machine.give_a_seat_out_of_turn(number=waiting, as_extra=True)
    with pytest.raises(AssertionError, match="seats_taken is not the number of rows"):
        machine.check()


def test_control_a_promise_that_is_not_kept_is_noticed(instance, monkeypatch):
    monkeypatch.setattr(queries, "may_exceed", lambda *_: False)
    monkeypatch.setattr(queries, "open_answer_to", lambda *_: None)
    machine, (first, *_) = told(instance)

    invitation = machine.invite(earlier=first, is_new=True, may_exceed=True)
    with pytest.raises(AssertionError, match="somebody was promised a place and waits"):
        machine.accept_an_invitation(invitation=invitation)


def test_control_a_queue_that_stays_as_it_was_is_noticed(instance, monkeypatch):
    monkeypatch.setattr(waiting_list, "_deal_out", lambda *_: None)
    machine, (*_, last) = told(instance)

    with pytest.raises(AssertionError, match="the queue is not in the order that was asked for"):
        machine.move_somebody_who_waits(number=last, move=Move.TOP)


def test_control_a_group_of_which_a_part_stays_is_noticed(instance, monkeypatch):
    register_together = Seats.register_together

    def kept_what_there_was(self, event, by, colleagues, breaks_off):
        register_together(self, event, by, colleagues[1:], breaks_off)

    monkeypatch.setattr(Seats, "register_together", kept_what_there_was)
    machine, (first, *_) = told(instance)

    with pytest.raises(AssertionError, match="half of a group is registered"):
        machine.register_a_group(size=2, earlier=first, breaks_off=False)


def test_control_standing_yeses_without_a_guard_are_noticed(instance, monkeypatch):
    monkeypatch.setattr(seats, "take_seats", lambda _event, number: number)

    with pytest.raises(AssertionError, match="not given in the order of joining|seats_taken is not the number"):
        told(instance, standing=3)
