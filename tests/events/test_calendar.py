"""Every calendar we write, before judges that did not write it."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from nextevents.events import calendar, messages
from nextevents.events.models import Event, Place, State
from nextevents.events.services import Request, cancel_event, register
from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import make_event, make_person, make_registration
from tests.services.ical_judges import instants, judge

BERLIN = ZoneInfo("Europe/Berlin")
SENDER = Sender("termine@next.example", "NExT e. V.", "ruecklauf@next.example")


def printed(mail):
    """The mail as it would leave, read back."""
    content = Press(mail.form, SENDER).print(
        to=mail.recipient,
        message_id="<1@next.example>",
        date=datetime(2026, 11, 21, 12, tzinfo=UTC),
        values=mail.values,
    )
    return message_from_bytes(content, policy=default)


def calendar_in(mail) -> bytes:
    """The bytes of the mail's calendar part."""
    return next(part for part in printed(mail).walk() if part.get_content_type() == "text/calendar").get_payload(
        decode=True
    )


def entry(ics: bytes):
    """The one event in a calendar."""
    return next(iter(icalendar.Calendar.from_ical(ics).walk("VEVENT")))


def confirmed(event):
    return make_registration(event, make_person(name='Ada "die Erste" Müller, Nguyễn'))


MAILS = {
    "registered": lambda event, at: messages.registered(confirmed(event), at=at),
    "waiting": lambda event, at: messages.waiting(make_registration(event, state=State.WAITING), at=at),
    "moved up": lambda event, at: messages.moved_up(confirmed(event), at=at),
    "moved": lambda event, at: next(
        messages.event_changed(event, [confirmed(event)], frozenset({"starts_local"}), at=at)
    ),
    "updated": lambda event, at: next(messages.event_changed(event, [confirmed(event)], frozenset({"dial_in"}), at=at)),
    "lapsed": lambda event, at: messages.offer_lapsed(make_registration(event, state=State.OFFERED), at=at),
    "withdrawn": lambda event, at: messages.cancelled_by_you(confirmed(event), at=at),
    "cancelled": lambda event, at: next(messages.event_cancelled([confirmed(event)], at=at)),
}


@pytest.mark.parametrize("kind", MAILS)
def test_no_judge_finds_fault_with_the_calendar_in_a_mail(db, noon, kind):
    assert judge(calendar_in(MAILS[kind](make_event(), noon))) == []


@pytest.mark.parametrize("kind", MAILS)
def test_a_calendar_mail_has_the_tree_that_outlook_wants(db, noon, kind):
    mail = MAILS[kind](make_event(), noon)
    whole = printed(mail)
    alternative, attachment = whole.iter_parts()
    plain, html, invitation = alternative.iter_parts()

    kinds = [part.get_content_type() for part in (whole, alternative, plain, html, invitation, attachment)]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert invitation["Content-Disposition"] is None
    assert invitation.get_param("method") == str(icalendar.Calendar.from_ical(calendar_in(mail))["METHOD"])
    assert invitation.get_payload(decode=True) == attachment.get_payload(decode=True)
    assert (whole["To"], whole["Cc"], whole["Bcc"]) == (mail.recipient, None, None)
    assert str(entry(calendar_in(mail))["ATTENDEE"]) == f"mailto:{mail.recipient}"
    assert str(entry(calendar_in(mail))["ORGANIZER"]) == "mailto:termine@next.example"


@pytest.mark.parametrize(
    ("kind", "method", "participation", "rsvp", "status"),
    [
        ("registered", "REQUEST", "ACCEPTED", "FALSE", "CONFIRMED"),
        ("waiting", "REQUEST", "TENTATIVE", "FALSE", "TENTATIVE"),
        ("moved up", "REQUEST", "ACCEPTED", "FALSE", "CONFIRMED"),
        ("moved", "REQUEST", "NEEDS-ACTION", "TRUE", "CONFIRMED"),
        ("updated", "REQUEST", "ACCEPTED", "FALSE", "CONFIRMED"),
        ("lapsed", "CANCEL", "TENTATIVE", "FALSE", None),
        ("withdrawn", "CANCEL", "ACCEPTED", "FALSE", None),
        ("cancelled", "CANCEL", "ACCEPTED", "FALSE", "CANCELLED"),
    ],
)
def test_each_occasion_says_what_table_1_1_wants(db, noon, kind, method, participation, rsvp, status):
    ics = calendar_in(MAILS[kind](make_event(), noon))
    written, attendee = entry(ics), entry(ics)["ATTENDEE"]

    assert (
        str(icalendar.Calendar.from_ical(ics)["METHOD"]),
        attendee.params["PARTSTAT"],
        attendee.params["RSVP"],
        str(written["STATUS"]) if "STATUS" in written else None,
    ) == (method, participation, rsvp, status)


def test_only_confirmed_people_get_the_dial_in(db, noon):
    event = make_event()

    assert b"konferenz.next.example" in calendar_in(MAILS["registered"](event, noon))
    assert b"konferenz.next.example" not in calendar_in(MAILS["waiting"](event, noon))
    assert b"konferenz.next.example" not in calendar_in(MAILS["cancelled"](event, noon))
    assert b"konferenz.next.example" not in calendar.published([event], name="NExT", source="https://next.example/k")


def test_no_judge_finds_fault_with_a_feed_and_it_names_no_participant(db):
    feed = calendar.published(
        [make_event(), make_event(place=Place.HYBRID, address="Domplatz 1\n50667 Köln")],
        name="NExT, alle; Termine",
        source="https://next.example/kalender.ics",
    )

    assert judge(feed) == []
    assert b"ATTENDEE" not in feed


def test_a_feed_is_the_same_to_the_byte_as_long_as_nothing_changes(db):
    one, other = make_event(), make_event(starts=datetime(2027, 1, 5, 9))

    written = calendar.published([one, other], name="NExT", source="https://next.example/k")

    assert calendar.published([other, one], name="NExT", source="https://next.example/k") == written


def test_uid_is_the_same_in_mail_and_feed_and_names_neither_host_nor_person(db, noon):
    event = make_event()
    in_mail = str(entry(calendar_in(MAILS["registered"](event, noon)))["UID"])
    in_feed = str(entry(calendar.published([event], name="NExT", source="https://next.example/k"))["UID"])

    assert in_mail == in_feed == event.uid
    assert re.fullmatch(r"[0-9a-f-]{36}", in_mail)


def test_whole_days_end_on_the_day_after_the_last(db):
    event = make_event(starts=datetime(2027, 4, 7), hours=48, is_all_day=True)

    ics = calendar.published([event], name="NExT", source="https://next.example/k")

    assert b"DTSTART;VALUE=DATE:20270407" in ics
    assert b"DTEND;VALUE=DATE:20270409" in ics
    assert judge(ics) == []


def test_all_judges_and_python_agree_on_forty_moments_of_twenty_years(app):
    with app.test_request_context():
        for number in range(40):
            wall = datetime(2026 + number // 2, 3 + 7 * (number % 2), 29, 9 + number % 8, 15)
            event = Event(
                id=number,
                slug="x",
                uid=f"u{number}",
                sequence=0,
                title="Termin",
                place=Place.VIRTUAL,
                summary="",
                address="",
                dial_in="",
                changed_at=datetime(2026, 1, 1, tzinfo=UTC),
                is_all_day=False,
            )
            event.set_time(wall, wall + timedelta(hours=1))
            expected = [wall.replace(tzinfo=BERLIN).astimezone(UTC)]
            found = instants(calendar.published([event], name="NExT", source="https://next.example/k"))
            assert found == {"libical": expected, "ical.js": expected, "icalendar": expected}, wall


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(min_size=1, max_size=200).filter(lambda text: text.isprintable()))
def test_whatever_the_title_lines_stay_short_and_whole(app, title):
    event = Event(
        id=1,
        slug="x",
        uid="u",
        sequence=0,
        title=title,
        place=Place.VIRTUAL,
        summary=title,
        address="",
        dial_in="",
        changed_at=datetime(2026, 1, 1, tzinfo=UTC),
        is_all_day=False,
    )
    event.set_time(datetime(2026, 12, 2, 14), datetime(2026, 12, 2, 15))
    with app.test_request_context():
        ics = calendar.published([event], name=title, source="https://next.example/k")

    lines = ics.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert [line.decode() for line in lines]
    assert b"\n" not in ics.replace(b"\r\n", b"")
    assert str(entry(ics)["SUMMARY"]) == title


def test_from_invitation_to_cancellation_the_revision_only_rises(db, noon):
    event, ada = make_event(), make_person()
    register(event, ada, Request(name="Ada", is_proved=True), at=noon)
    changed_to(event, starts_local=datetime(2026, 12, 3, 14), ends_local=datetime(2026, 12, 3, 15, 30), at=noon)
    changed_to(event, dial_in="https://konferenz.next.example/neu", at=noon + timedelta(hours=1))
    cancel_event(event, at=noon + timedelta(hours=2))

    rows = db.execute(select(Message).order_by(Message.id)).scalars().all()
    assert [row.kind for row in rows] == ["registered", "event_changed", "event_changed", "event_cancelled"]
    assert [row.revision for row in rows[1:3]] == [1, 2]
    assert event.sequence == 3
