"""Flights: what a dead process leaves behind says what had been accepted, and never too much."""

import os
import time
from datetime import UTC, datetime

import pytest

from nextevents.mailing import flights
from nextevents.mailing.flights import BEGUN, NOT_BEGUN, Flight, forget_old_flights, what_flights_say

LEASE = datetime(2026, 11, 21, 12, 15, 0, 4711, tzinfo=UTC)
ADA, BOB, EVE = (1, LEASE), (2, LEASE), (3, LEASE)


@pytest.fixture
def flight(tmp_path):
    """On its way: one has landed, one is in the air, one waits."""
    made = Flight(tmp_path, [ADA, BOB, EVE])
    made.begin(ADA)
    made.land(ADA, "250 2.0.0 über\nzwei Zeilen")
    made.begin(BOB)
    yield made
    made.end()


def test_each_mail_is_accepted_begun_or_not_begun_until_the_flight_ends(tmp_path, flight):
    assert what_flights_say(tmp_path) == {ADA: "250 2.0.0 über\nzwei Zeilen", BOB: BEGUN, EVE: NOT_BEGUN}

    flight.end()
    assert (what_flights_say(tmp_path), list(tmp_path.glob("flights/*"))) == ({}, [])


def test_a_line_that_was_cut_off_says_nothing(tmp_path, flight):
    flight.land(BOB, "250 ok")
    (file,) = tmp_path.glob("flights/*")
    file.write_bytes(file.read_bytes()[:-4])

    assert what_flights_say(tmp_path)[BOB] == BEGUN


class Full:
    """A file on a disk that is full: it takes a part, and says how much."""

    def write(self, content):
        return len(content) - 1

    def close(self):
        """Nothing to close."""


def test_a_note_that_does_not_fit_on_the_disk_is_no_note(flight, monkeypatch):
    monkeypatch.setattr(flight, "_file", Full())

    with pytest.raises(OSError, match="do not fit"):
        flight.begin(EVE)


@pytest.mark.usefixtures("flight")
def test_after_the_machine_was_started_anew_nothing_is_believed(tmp_path, monkeypatch):
    for boot in ("another", ""):
        monkeypatch.setattr(flights, "_this_boot", lambda boot=boot: boot)
        assert what_flights_say(tmp_path) == {}


@pytest.mark.usefixtures("flight")
def test_what_dead_processes_left_is_removed_after_a_day(tmp_path):
    (file,) = tmp_path.glob("flights/*")
    forget_old_flights(tmp_path)
    assert file.exists()

    os.utime(file, times=2 * (time.time() - 25 * 3600,))
    forget_old_flights(tmp_path)
    assert not file.exists()
