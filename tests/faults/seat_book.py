"""What is known of an event's seats from looking at its rows after each step, and what must hold between two looks."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from tests.faults.instance import Instance

#: Which turn a mail tells of.
TURNS = {
    "registered": "in",
    "registered_by_other": "in",
    "moved_up": "in",
    "seat_offered": "offered",
    "waiting": "waits",
    "requested": "asks",
    "refused": "refused",
    "cancelled_by_you": "out",
    "cancelled_by_organisers": "out",
    "transferred": "out",
    "offer_lapsed": "out",
}
#: Who was told nothing yet, and so has nothing to be told when it ends.
UNTOLD = frozenset({"unconfirmed", "requested"})


@dataclass(frozen=True)
class Row:
    """A registration as the database holds it."""

    id: int
    person_id: int
    state: str
    has_seat: bool
    is_extra: bool
    reason: str
    waiting_since: datetime | None

    @property
    def place(self) -> tuple[str, int]:
        """Where it stands among those who wait."""
        return str(self.waiting_since), self.id

    @property
    def is_in_queue(self) -> bool:
        """Whether it has a place among those who wait, be its address proved or not."""
        return self.state == "waiting" or (self.state == "unconfirmed" and self.waiting_since is not None)


class Book:
    """The rows as they were at the last look, and what everybody must have been told since the first."""

    def __init__(self, instance: Instance, event: int, starts_at: datetime, ends_at: datetime) -> None:
        self._instance = instance
        self._event = event
        self._starts_at, self._ends_at = starts_at, ends_at
        self.rows: dict[int, Row] = {}
        self._due: dict[int, Counter[str]] = {}
        #: Who has got a seat since the last look from a person, and not from the queue.
        self.out_of_turn: set[int] = set()
        #: Whether those who are new since the last look have come by a standing yes.
        self.is_called = False

    def read(self) -> dict[int, Row]:
        """The rows as they are now."""
        found = self._instance.rows(
            "SELECT id, person_id, state, has_seat, is_extra, reason, waiting_since FROM registration"
            " WHERE event_id = :event",
            event=self._event,
        )
        return {
            number: Row(number, person, state, bool(seat), bool(extra), reason, since)
            for number, person, state, seat, extra, reason, since in found
        }

    def queue(self) -> list[int]:
        """Who waits now, in order."""
        waiting = [row for row in self.read().values() if row.state == "waiting"]
        return [row.id for row in sorted(waiting, key=lambda row: row.place)]

    def look(self, at: datetime) -> None:
        """Compare what is there with what was there, and with what must always hold."""
        ((stage, capacity, taken),) = self._instance.rows(
            "SELECT stage, capacity, seats_taken FROM event WHERE id = :event", event=self._event
        )
        after = self.read()
        waiting = [row for row in after.values() if row.state == "waiting"]
        self._check_seats(after, capacity, taken)
        if stage == "published" and at < self._starts_at:
            assert not waiting or (capacity is not None and taken == capacity), "somebody waits beside a free seat"
            self._check_order(after, waiting)
        self._note_mails(after, is_running=stage == "published" and at < self._ends_at)
        self.rows, self.out_of_turn, self.is_called = after, set(), False

    def _check_seats(self, after: dict[int, Row], capacity: int | None, taken: int) -> None:
        assert taken == sum(row.has_seat for row in after.values()), "seats_taken is not the number of rows with a seat"
        assert capacity is None or taken <= capacity, "oversold"
        for row in after.values():
            expected = {"confirmed": not row.is_extra, "offered": True}
            if row.state != "unconfirmed":
                assert row.has_seat == expected.get(row.state, False), f"{row} and its seat"
            assert not (row.has_seat and row.is_extra), f"{row} has a seat and is one more"

    def _check_order(self, after: dict[int, Row], waiting: list[Row]) -> None:
        still = [row.place for row in waiting if row.id in self.rows and self.rows[row.id].is_in_queue]
        seated = [
            number
            for number, row in after.items()
            if row.has_seat and number not in self.out_of_turn and not self._had_seat(number)
        ]
        if not seated or not still:
            return
        moved = [self.rows[number].place for number in seated if number in self.rows and self.rows[number].is_in_queue]
        assert len(moved) == len(seated), "a newcomer has a seat while others wait"
        assert max(moved) < min(still), "somebody was overtaken"

    def _had_seat(self, number: int) -> bool:
        return number in self.rows and self.rows[number].has_seat

    def _note_mails(self, after: dict[int, Row], *, is_running: bool) -> None:
        """Note what everybody must be told of, once each."""
        for number, row in after.items():
            due = self._due.setdefault(number, Counter())
            before = self.rows[number].state if number in self.rows else "unconfirmed"
            if row.state == before:
                continue
            due["refused"] += row.state == "cancelled" and before == "requested" and bool(row.reason)
            if not is_running:
                continue
            if self.is_called and number not in self.rows:
                due["standing"] += 1  # one mail, whatever came of it
                continue
            due["in"] += row.state == "confirmed"
            due["offered"] += row.state == "offered"
            due["waits"] += row.state == "waiting"
            due["asks"] += row.state == "requested"
            due["out"] += row.state == "cancelled" and before not in UNTOLD

    def settle(self) -> None:
        """Check that everybody was told once of each turn."""
        told: dict[str, Counter[str]] = {}
        for subject, kind in self._instance.rows("SELECT subject, kind FROM message"):
            told.setdefault(subject, Counter())[TURNS.get(kind, kind)] += 1
        for number, due in self._due.items():
            mails = told.get(f"registration:{number}", Counter())
            assert {turn: mails[turn] for turn in due} == due, f"{number} was told {mails}, not {due}"
