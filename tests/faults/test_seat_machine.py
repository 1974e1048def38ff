"""Whatever people and organisers do to an event, in whatever order: seats and waiting list stay right (G2, G3)."""

import random
import time
from collections import Counter
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import chain, count

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
from sqlalchemy.exc import IntegrityError

from nextevents.events import services
from nextevents.events.errors import AlreadyOver, CapacityBelowTaken, NotWaitingForAnswer, RegistrationClosed
from nextevents.events.models import Registration, Stage, WaitingMode
from nextevents.events.services import EventChange, seats
from nextevents.ground.database import db
from nextevents.people.models import Person
from tests.faults.instance import event_of, now

SECONDS = 12
#: Which turn a mail tells of.
KINDS = {
    "registered": "in",
    "moved_up": "in",
    "seat_offered": "offered",
    "cancelled_by_you": "out",
    "offer_lapsed": "out",
}


@dataclass(frozen=True)
class Row:
    """A registration as the database holds it."""

    id: int
    state: str
    has_seat: bool
    waiting_since: datetime | None

    @property
    def place(self):
        """Where it stands among those who wait."""
        return str(self.waiting_since), self.id


class Seats(RuleBasedStateMachine):
    """An event to which everything happens that can, and a ledger of what was seen after each step."""

    registrations = Bundle("registrations")
    instance = None
    people = iter(())

    def __init__(self):
        super().__init__()
        self.at = now()
        self.before = {}
        self.due = {}
        self.is_right = True

    @initialize(
        target=registrations,
        capacity=st.integers(0, 3),
        mode=st.sampled_from(WaitingMode),
        proved=st.lists(st.booleans(), max_size=6),
    )
    def announce(self, capacity, mode, proved):
        self.event = self.instance.make_event(capacity=capacity, waiting_mode=mode, offer_hours=24)
        self.starts_at, self.ends_at = self.do(lambda event: (event.starts_at, event.ends_at))
        return multiple(*(self.sign_up(next(self.people), is_proved=is_proved) for is_proved in proved))

    def do(self, act):
        """Let something happen in a transaction of its own, one second later."""
        self.at += timedelta(seconds=1)
        with self.instance.door():
            return act(event_of(self.event))

    def with_registration(self, act, number):
        return self.do(lambda _: act(db.session.get(Registration, number), at=self.at))

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
        wish = services.Request(name="Ada Beispiel", is_proved=is_proved)
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
        cancelled_at = self.moment_of(number, "cancelled_at")
        try:
            return self.with_registration(services.restore_registration, number).id
        except RegistrationClosed:
            assert not self.is_open() or (cancelled_at and cancelled_at <= self.at - timedelta(days=1))
            return None

    @rule(number=registrations, answer=st.sampled_from([services.accept_offer, services.decline_offer]))
    def answer_an_offer(self, number, answer):
        if not number:
            return
        expires_at = self.moment_of(number, "expires_at")
        try:
            self.with_registration(answer, number)
        except NotWaitingForAnswer:
            assert self.before[number].state != "offered" or expires_at <= self.at or not self.takes_place()
        except AlreadyOver:
            assert self.at >= self.ends_at

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

    @precondition(lambda self: len(self.before) > 6)
    @rule()
    def take_as_many_as_come(self):
        self.change(capacity=None)

    @rule(mode=st.sampled_from(WaitingMode))
    def change_the_mode(self, mode):
        self.change(waiting_mode=mode)

    @rule(closes_in=st.sampled_from([None, timedelta(0), timedelta(days=3)]))
    def close(self, closes_in):
        self.change(closes_at=None if closes_in is None else self.at + closes_in)

    @precondition(lambda self: len(self.before) > 8)
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

    @precondition(lambda self: len(self.before) > 8)
    @rule()
    def begin(self):
        self.at = max(self.at, self.starts_at)

    # ── what must hold after each step ───────────────────────────────────────────────────────────────────────────────

    @invariant()
    def check(self):
        self.is_right = False
        ((stage, capacity, taken),) = self.instance.rows(
            "SELECT stage, capacity, seats_taken FROM event WHERE id = :event", event=self.event
        )
        after = self.rows()
        waiting = [row for row in after.values() if row.state == "waiting"]
        seated = [row for row in after.values() if row.has_seat]
        assert taken == len(seated), "seats_taken is not the number of rows with a seat"
        assert capacity is None or taken <= capacity, "oversold"
        for row in after.values():
            expected = {"confirmed": True, "offered": True, "waiting": False, "cancelled": False}
            assert row.has_seat == expected.get(row.state, row.has_seat), f"{row} and its seat"
        if stage == "published" and self.at < self.starts_at:
            assert not waiting or (capacity is not None and taken == capacity), "somebody waits beside a free seat"
        self.check_order(after, waiting)
        if stage == "published" and self.at < self.ends_at:
            self.note_mails(after)
        self.before = after
        self.is_right = True

    def check_order(self, after, waiting):
        if any(row.has_seat for number, row in after.items() if number not in self.before):
            still = [row for row in waiting if row.id in self.before]
            assert not still, "a newcomer has a seat while others wait"
        moved = [row for row in self.before.values() if row.state == "waiting" and after[row.id].has_seat]
        if moved and waiting:
            assert max(row.place for row in moved) < min(row.place for row in waiting), "somebody was overtaken"

    def note_mails(self, after):
        """Note what everybody must be told of, once each."""
        for number, row in after.items():
            before = self.before[number].state if number in self.before else "unconfirmed"
            due = self.due.setdefault(number, Counter())
            if row.state != before:
                due["in"] += row.state == "confirmed"
                due["offered"] += row.state == "offered"
                due["out"] += row.state == "cancelled" and before != "unconfirmed"

    def teardown(self):
        """Check, unless something has failed already, that everybody was told once of each turn."""
        if not self.is_right:
            return
        told = {}
        for subject, kind in self.instance.rows("SELECT subject, kind FROM message"):
            told.setdefault(subject, Counter())[KINDS.get(kind, kind)] += 1
        for number, due in self.due.items():
            mails = told.get(f"registration:{number}", Counter())
            assert {turn: mails[turn] for turn in due} == due, f"{number} was told {mails}, not {due}"

    def rows(self):
        found = self.instance.rows(
            "SELECT id, state, has_seat, waiting_since FROM registration WHERE event_id = :event", event=self.event
        )
        return {number: Row(number, state, bool(seat), since) for number, state, seat, since in found}

    def person_of(self, number):
        return self.instance.value("SELECT person_id FROM registration WHERE id = :id", id=number)

    def moment_of(self, number, column):
        with self.instance.app.app_context():
            return getattr(db.session.get(Registration, number), column)

    def takes_place(self):
        with self.instance.app.app_context():
            return event_of(self.event).stage == Stage.PUBLISHED and self.at < self.ends_at

    def is_open(self):
        with self.instance.app.app_context():
            return event_of(self.event).is_open(self.at)


def run(instance, *, examples):
    """Let everything happen, so many times anew, on this database."""

    class Here(Seats):
        pass

    def machine():
        return Here()

    Here.instance = instance
    Here.people = chain.from_iterable(instance.make_people(200) for _ in count())
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


def test_seats_and_the_waiting_list_stay_right_whatever_happens(instance):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        run(instance, examples=8)


def test_control_without_filling_freed_seats_somebody_waits_beside_one(instance, monkeypatch):
    monkeypatch.setattr(seats, "fill_free_seats", lambda *_, **__: None)

    with pytest.raises(AssertionError, match="somebody waits beside a free seat"):
        run(instance, examples=200)


def test_control_seats_that_are_freed_twice_are_noticed(instance, monkeypatch):
    free_seat = seats.free_seat

    def freed_twice(event):
        free_seat(event)
        free_seat(event)

    monkeypatch.setattr(seats, "free_seat", freed_twice)

    with pytest.raises((AssertionError, IntegrityError), match="seats_taken is not the number of rows|ck_event_seats"):
        run(instance, examples=200)
