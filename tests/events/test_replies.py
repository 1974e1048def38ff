"""Answers as calendars write them: tolerant in form, and no more than an answer (66, 68)."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from nextevents.events.models import CallAnswer
from nextevents.events.replies import CalendarReply, reply_in
from nextevents.mailing.inbound import read
from tests.factories import NOON
from tests.mailing.letters import BORDER, STYLES, calendar, mail, part

ADA, EVE = "ada@stadt.example", "eve@evil.example"
UID = "0b54e4d6-5f4c-4d7e-9a6e-0c5b5f0f0f0f"


def found(*parts: str, author: str = ADA) -> CalendarReply | None:
    return reply_in(read(mail(*parts, author=author), border=BORDER))


def answered(answer: str = "ACCEPTED", **changes) -> CalendarReply | None:
    return found(part(calendar(UID, ADA, answer, at=NOON, **changes)))


@pytest.mark.parametrize("coding", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize(
    ("style", "answer"),
    [("outlook", "accepted"), ("google", "declined"), ("apple", "tentative"), ("thunderbird", "accepted")],
)
def test_the_calendars_of_this_world_are_understood(style, answer, coding):
    reply = found(part(STYLES[style](UID, ADA, at=NOON), coding=coding))

    assert (reply.uid, reply.attendee, reply.answer, reply.stamp, reply.problem) == (UID, ADA, answer, NOON, "")


def test_what_is_written_beside_an_answer_is_kept():
    assert found(part(STYLES["outlook"](UID, ADA, at=NOON))).comment == "Ich komme gern, etwas später."


@pytest.mark.parametrize(
    "kind",
    [
        "text/calendar; method=REPLY",
        "text/calendar",
        "TEXT/Calendar; charset=utf-8; Method=reply",
        "application/ics; name=antwort.ics",
        'application/octet-stream; name="Antwort.ICS"',
        'text/calendar; charset="gibt-es-nicht"',
    ],
)
def test_an_answer_is_found_however_its_part_is_called(kind):
    assert found(part(calendar(UID, ADA, at=NOON), kind=kind)).answer == CallAnswer.ACCEPTED


def test_the_method_may_stand_in_the_part_alone_or_in_the_body_alone():
    without = calendar(UID, ADA, at=NOON).replace("METHOD:REPLY\r\n", "")

    assert found(part(without)).answer == CallAnswer.ACCEPTED
    assert found(part(without, kind="text/calendar")).problem == "no answer"


def test_the_same_answer_in_two_parts_is_one():
    text = calendar(UID, ADA, at=NOON)

    assert found(part(text), part(text, kind="application/ics; name=x.ics")).answer == CallAnswer.ACCEPTED


def test_two_answers_are_none():
    texts = [calendar(UID, ADA, one, at=NOON) for one in ("ACCEPTED", "DECLINED")]

    assert found(*map(part, texts)).problem == "several answers"
    assert found(part("".join(texts))).problem == "several answers"


def test_of_several_people_only_the_sender_s_own_line_counts():
    lines = tuple(f"ATTENDEE;PARTSTAT={answer}:mailto:{who}" for answer, who in (("DECLINED", EVE), ("ACCEPTED", ADA)))

    assert answered(attendees=lines).answer == CallAnswer.ACCEPTED
    assert (
        found(part(calendar(UID, ADA, at=NOON, attendees=lines)), author="dritte@x.example").problem == "several people"
    )
    assert answered(attendees=(lines[1], lines[1])).problem == "several people"


def test_another_one_s_line_says_whose_it_is():
    assert found(part(calendar(UID, ADA, at=NOON)), author=EVE).attendee == ADA


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"method": "REQUEST"}, "no answer"),
        ({"method": "CANCEL"}, "no answer"),
        ({"answer": "NEEDS-ACTION"}, "no answer"),
        ({"answer": "X-VIELLEICHT"}, "no answer"),
        ({"answer": "DELEGATED"}, "delegated"),
        ({"attendees": (f'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:{EVE}":mailto:{ADA}',)}, "delegated"),
        ({"attendees": ("X-NOBODY:x",)}, "nobody answers"),
        ({"attendees": (f"ATTENDEE;PARTSTAT=ACCEPTED:{ADA}",)}, ""),
        ({"more": ("RECURRENCE-ID:20261202T130000Z",)}, "one date of a series"),
    ],
)
def test_what_is_not_a_plain_answer_is_for_a_person_to_look_at(changes, problem):
    answer = changes.pop("answer", "ACCEPTED")

    reply = answered(answer, **changes)

    assert reply.problem == problem
    assert reply.attendee == (ADA if problem in {"delegated", "one date of a series"} or answer != "ACCEPTED" else "")


def test_another_time_is_a_wish_in_the_time_of_berlin():
    more = ("DTSTART:20261203T130000Z", "DTEND:20261203T143000Z", "COMMENT:Lieber Donnerstag")

    reply = answered("TENTATIVE", method="COUNTER", more=more)

    assert (reply.answer, reply.problem) == (None, "")
    assert (reply.proposed, reply.comment) == ("03.12.2026, 14:00 – 15:30", "Lieber Donnerstag")


@pytest.mark.parametrize(
    ("line", "proposed"),
    [
        ("DTSTART;TZID=W. Europe Standard Time:20261203T140000", "03.12.2026, 14:00"),
        ("DTSTART;TZID=Customized Time Zone:20261203T140000", "03.12.2026, 14:00"),
        ("DTSTART;VALUE=DATE:20261203", "03.12.2026, 00:00"),
        ("DTSTART:irgendwann", ""),
    ],
)
def test_a_proposed_time_is_read_as_well_as_it_can_be(line, proposed):
    assert answered(method="COUNTER", more=(line,)).proposed == proposed


# Numbers and moments


@pytest.mark.parametrize(("written", "sequence"), [("3", 3), ("-1", 0), ("x", 0), ("9" * 400, int("9" * 400))])
def test_a_revision_is_a_number(written, sequence):
    assert answered(sequence=written).sequence == sequence


def test_a_moment_far_ahead_says_nothing():
    reply = answered()

    assert reply.stamped(NOON - timedelta(minutes=30)) == NOON
    assert reply.stamped(NOON - timedelta(hours=2)) == NOON - timedelta(hours=2)
    assert CalendarReply().stamped(NOON) == NOON


@pytest.mark.parametrize(
    ("written", "stamp"),
    [
        ("20261121T120000", NOON),
        ("20991231T235959Z", datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("20261399T120000Z", None),
        ("", None),
        ("gestern", None),
    ],
)
def test_a_moment_is_in_utc_or_nothing(written, stamp):
    text = calendar(UID, ADA, at=NOON).replace("DTSTAMP:20261121T120000Z", f"DTSTAMP:{written}")
    reply = found(part(text))

    assert (reply.stamp, reply.answer) == (stamp, CallAnswer.ACCEPTED)


# Bombs


def bomb(inside: str) -> str:
    return calendar(UID, ADA, at=NOON, more=(inside,))


BOMBS = {
    "68-a rule without end": (bomb("RRULE:FREQ=SECONDLY;COUNT=1000000000"), ""),
    "68-two rules": (bomb("RRULE:FREQ=DAILY\r\nRRULE:FREQ=SECONDLY"), ""),
    "68-a cross product": (bomb("RRULE:FREQ=YEARLY;BYDAY=" + ",".join(["MO"] * 5000)), ""),
    "68-a zone of seconds": (
        calendar(UID, ADA, at=NOON).replace(
            "BEGIN:VEVENT",
            "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
            "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0900\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT",
        ),
        "",
    ),
    "68-five thousand nested components": (bomb("BEGIN:X\r\n" * 5000 + "END:X\r\n" * 5000), ""),
    "68-five thousand nested entries": (bomb("BEGIN:VEVENT\r\n" * 5000), "too many entries"),
    "68-fifty-one entries": (calendar(UID, ADA, at=NOON) * 51, "too many entries"),
    "68-nested calendars": (bomb("BEGIN:VCALENDAR\r\n" * 5000), "unreadable calendar"),
    "66-nothing": ("", "unreadable calendar"),
    "66-garbage": ("\0\x01\xff" * 1000, "unreadable calendar"),
    "66-cut off": (calendar(UID, ADA, at=NOON)[:150], "unreadable calendar"),
    "66-an end without beginning": ("END:VCALENDAR\r\n" * 10, "unreadable calendar"),
    "66-a line of a megabyte": (bomb("COMMENT:" + "x" * 1_000_000), ""),
    "66-a parameter that never ends": (bomb('ATTENDEE;CN="x:mailto:y@z.example'), ""),
}


@pytest.mark.parametrize(("text", "problem"), BOMBS.values(), ids=BOMBS)
def test_whatever_is_sent_reading_it_ends_soon_and_well(text, problem):
    begun = time.thread_time()

    reply = found(part(text))

    assert reply.problem == problem
    assert len(reply.comment) <= 500
    assert time.thread_time() - begun < 5  # of this thread alone, however busy the machine is


def test_no_foreign_zone_is_learned():
    found(part(BOMBS["68-a zone of seconds"][0]))
    line = "DTSTART;TZID=Europe/Berlin:20261203T140000"

    assert answered(method="COUNTER", more=(line,)).proposed == "03.12.2026, 14:00"


def test_a_mail_without_a_calendar_has_no_answer():
    assert found() is None
