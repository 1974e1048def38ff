"""Calendar entries in mails, files and feeds, judged by libical, ical.js, icalendar and our own rules."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextevents.events import calendar
from nextevents.events.models import Place, Stage
from nextevents.events.services import cancel_event, publish_event, register
from nextevents.ground import clock
from tests.events.occasions import ADDRESS, OCCASIONS, TRICKY, TWO_DAYS, UID, WISH, change, date
from tests.factories import NOON, make_event, make_person
from tests.mailing.reading import posted
from tests.services.ical_judges import instants, judge

SUMMER = datetime(2027, 7, 1, 9)


@pytest.fixture(autouse=True)
def within(app, db):
    """Links are built as in a worker."""
    del app, db


def published(*events, dial_ins=frozenset()):
    with force_locale("de"):
        return calendar.published(events, name="NExT", source="http://localhost/kalender.ics", dial_ins=dial_ins)


def entries_of(ics):
    return icalendar.Calendar.from_ical(ics).events


def entry_of(ics):
    (entry,) = entries_of(ics)
    return entry


def lines_of(ics):
    return ics.decode().replace("\r\n ", "").split("\r\n")


def the_mail(occasion, language="de"):
    OCCASIONS[occasion](language)
    mails = [mail for mail in posted() if mail.row.recipient == "ada@stadt.example"]
    return next(mail for mail in reversed(mails) if mail.kind == occasion.split()[0])


# Mails


#: It only names an entry (RFC 5546 3.2.8); see services/test_replying.py.
OF_NO_ENTRY = "proposal_refused"


@pytest.mark.parametrize("occasion", [one for one in OCCASIONS if one != OF_NO_ENTRY])
def test_the_entry_of_every_mail_finds_no_judge_s_complaint_and_speaks_to_its_receiver_alone(occasion):
    mail = the_mail(occasion)
    if not mail.calendar:
        assert occasion.split()[0] in {
            "announcement",
            "circle_founded",
            "confirm_for_colleague",
            "declined",
            "invitation",
            "invitation_reminder",
            "please_confirm",
            "refused",
            "requested",
            "transfer_offered",
            "turn_handed",
            "your_turn",
            "sign_in",
            "confirm_address",
            "seat_offered",
            "reminder",
            "follow_up",
            "certificate",
            "feedback_asked",
        }
        assert mail.whole.get_content_type() == "multipart/alternative"
        return
    part, copy = mail.part("text/calendar"), mail.part("application/ics")
    entry, whole = entry_of(mail.calendar), icalendar.Calendar.from_ical(mail.calendar)

    assert judge(mail.calendar) == []
    assert part["Content-Type"].params == {"charset": "utf-8", "method": str(whole["METHOD"])}
    assert copy.get_payload(decode=True) == mail.calendar
    assert (str(entry["ATTENDEE"]), str(entry["ORGANIZER"])) == (
        f"mailto:{mail.whole['To']}",
        "mailto:termine@next.example",
    )
    assert str(mail.whole["From"].addresses[0].addr_spec) == "termine@next.example" != mail.whole["To"]
    assert (mail.whole["Cc"], mail.whole["Bcc"]) == (None, None)
    assert (str(entry["UID"]), entry["DTSTAMP"].dt) == (UID, mail.row.created_at)


@pytest.mark.parametrize(
    ("occasion", "method", "status", "participation", "asks", "busy"),
    [
        ("registered", "REQUEST", "CONFIRMED", "ACCEPTED", "FALSE", "BUSY"),
        ("waiting", "REQUEST", "TENTATIVE", "TENTATIVE", "FALSE", "TENTATIVE"),
        ("moved_up", "REQUEST", "CONFIRMED", "ACCEPTED", "FALSE", "BUSY"),
        ("event_changed to another time", "REQUEST", "CONFIRMED", "NEEDS-ACTION", "TRUE", "BUSY"),
        ("event_changed to another place", "REQUEST", "CONFIRMED", "ACCEPTED", "FALSE", "BUSY"),
        ("event_changed to another way in", "REQUEST", "CONFIRMED", "ACCEPTED", "FALSE", "BUSY"),
        ("event_changed in its words", "REQUEST", "CONFIRMED", "ACCEPTED", "FALSE", "BUSY"),
        ("event_changed while waiting", "REQUEST", "TENTATIVE", "TENTATIVE", "FALSE", "TENTATIVE"),
        ("event_cancelled", "CANCEL", "CANCELLED", "ACCEPTED", "FALSE", None),
        ("cancelled_by_you", "CANCEL", None, "ACCEPTED", "FALSE", None),
        ("offer_lapsed", "CANCEL", None, "TENTATIVE", "FALSE", None),
    ],
)
def test_every_occasion_has_the_entry_that_the_table_asks_for(occasion, method, status, participation, asks, busy):
    mail = the_mail(occasion)
    entry, attendee = entry_of(mail.calendar), entry_of(mail.calendar)["ATTENDEE"].params

    assert str(icalendar.Calendar.from_ical(mail.calendar)["METHOD"]) == method
    assert (entry.get("STATUS"), entry.get("X-MICROSOFT-CDO-BUSYSTATUS")) == (status, busy)
    assert (attendee["PARTSTAT"], attendee["RSVP"], attendee["CUTYPE"], attendee["ROLE"]) == (
        participation,
        asks,
        "INDIVIDUAL",
        "REQ-PARTICIPANT",
    )
    assert b"VALARM" not in mail.calendar
    assert mail.subject.startswith(
        {
            "registered": "Anmeldung bestätigt: ",
            "waiting": "Warteliste: ",
            "moved_up": "Sie sind dabei: ",
            "event_changed": "Geändert: " if asks == "TRUE" or "waiting" in occasion else "Aktualisiert: ",
            "event_cancelled": "Abgesagt: ",
            "cancelled_by_you": "Abgemeldet: ",
            "offer_lapsed": "Abgemeldet: ",
        }[mail.kind]
    )


def test_one_identity_and_ever_higher_numbers_from_the_invitation_to_the_cancellation():
    event, person = date(), make_person("ada@stadt.example")
    register(event, person, WISH, at=NOON)
    change(event, at=NOON + timedelta(hours=1), starts_local=SUMMER, ends_local=SUMMER + timedelta(hours=1))
    change(event, at=NOON + timedelta(hours=2), place=Place.IN_PRESENCE, address=ADDRESS)
    cancel_event(event, at=NOON + timedelta(hours=3))

    entries = [entry_of(mail.calendar) for mail in posted()]

    assert [mail.kind for mail in posted()] == ["registered", "event_changed", "event_changed", "event_cancelled"]
    assert {str(entry["UID"]) for entry in entries} == {event.uid}
    assert [entry["SEQUENCE"] for entry in entries] == [0, 1, 2, 3]
    assert [entry["DTSTAMP"].dt - NOON for entry in entries] == [timedelta(hours=hours) for hours in range(4)]
    assert [judge(mail.calendar) for mail in posted()] == 4 * [[]]


def test_the_identity_is_the_same_in_mail_file_and_feed_and_says_nothing(client, at_noon):
    del at_noon
    event = make_event(slug="sprachmodelle")
    register(event, make_person("zoe@stadt.example"), WISH, at=NOON)

    file, feed = (client.get(path).data for path in ("/veranstaltungen/sprachmodelle/termin.ics", "/kalender.ics"))

    found = {str(entry_of(ics)["UID"]) for ics in (posted()[0].calendar, file, feed)}
    assert found == {event.uid}
    assert not {word for word in ("next.example", "localhost", "zoe", "sprachmodelle") if word in event.uid}


def test_a_date_that_moves_keeps_its_identity_and_another_date_has_another():
    first, second = make_event(), make_event()
    before = first.uid
    change(first, starts_local=SUMMER, ends_local=SUMMER + timedelta(hours=1))

    assert first.uid == before != second.uid


# Who sees the way in


@pytest.mark.parametrize(
    "occasion",
    [
        "sign_in",
        "confirm_address",
        "waiting",
        "seat_offered",
        "offer_lapsed",
        "cancelled_by_you",
        "event_changed while waiting",
        "event_cancelled",
    ],
)
def test_who_is_not_confirmed_reads_no_way_in_anywhere_in_the_mail(occasion):
    mail = the_mail(occasion)

    assert "konferenz" not in mail.text + mail.html + mail.calendar.decode()


def test_who_is_confirmed_has_the_way_in_where_calendars_look_for_it():
    entry = entry_of(the_mail("registered").calendar)
    link = "https://konferenz.next.example/sprachmodelle"

    assert (str(entry["LOCATION"]), str(entry["CONFERENCE"])) == (link, link)
    assert f"Zugang: {link}" in str(entry["DESCRIPTION"])
    assert entry["CONFERENCE"].params == {
        "VALUE": "URI",
        "FEATURE": ["AUDIO", "VIDEO"],
        "LABEL": "Zugang zur Videokonferenz",
    }


def test_a_way_in_that_is_no_address_of_the_web_is_told_but_is_no_conference_link():
    mail = the_mail("registered by telephone")
    entry = entry_of(mail.calendar)

    assert "CONFERENCE" not in entry
    assert "Zugang: Telefon 030 123456, PIN 4711" in str(entry["DESCRIPTION"])
    assert judge(mail.calendar) == []


def test_files_and_public_feeds_hold_no_way_in_and_a_persons_own_only_that_of_confirmed_dates():
    event, other = make_event(), make_event(dial_in="https://konferenz.next.example/andere")

    assert b"konferenz" not in published(event, other)
    own = published(event, other, dial_ins=frozenset({event.id}))
    assert (b"konferenz.next.example/sprachmodelle" in own, b"andere" in own) == (True, False)
    assert judge(own) == []


# Files and feeds


def test_a_feed_says_what_it_is_how_often_to_ask_and_nothing_of_anybody():
    event = make_event(slug="sprachmodelle")
    register(event, make_person("ada@stadt.example"), WISH, at=NOON)
    ics = published(event, make_event(place=Place.IN_PRESENCE, address=ADDRESS))
    head = ics.split(b"BEGIN:VTIMEZONE")[0].decode().split("\r\n")

    assert judge(ics) == []
    assert head.pop(0) == "BEGIN:VCALENDAR"
    assert set(head) == {
        "VERSION:2.0",
        "PRODID:-//NExT e. V.//NExTevents//DE",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:NExT",
        "X-WR-CALNAME:NExT",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "SOURCE;VALUE=URI:http://localhost/kalender.ics",
        "",
    }
    assert b"ATTENDEE" not in ics
    assert ics.count(b"@") == ics.count(b"mailto:termine@next.example") == 2


def test_a_cancelled_date_says_so_in_files():
    event = make_event()
    cancel_event(event, at=NOON)

    assert (entry_of(published(event))["STATUS"], entry_of(published(event))["SEQUENCE"]) == ("CANCELLED", 1)
    assert judge(published(event)) == []


def test_the_bytes_stay_the_same_until_something_changes():
    event, other = make_event(), make_event()
    before = published(event, other)
    assert published(other, event) == before

    change(event, at=NOON + timedelta(hours=1), title="Sprachmodelle überall")

    assert published(event, other) != before
    assert {entry["DTSTAMP"].dt for entry in entries_of(published(event, other))} == {
        NOON - timedelta(days=10),
        NOON + timedelta(hours=1),
    }


def test_a_draft_that_is_published_gets_the_stamp_of_that_moment():
    event = make_event(stage=Stage.DRAFT)
    publish_event(event, at=NOON)

    assert entry_of(published(event))["DTSTAMP"].dt == NOON


def test_an_empty_feed_is_a_right_one():
    assert judge(published()) == []


# Times


def test_the_zone_has_one_winter_and_one_summer_by_rule_and_every_zone_used_is_defined():
    zone = the_mail("registered").calendar.decode().split("BEGIN:VTIMEZONE")[1].split("END:VTIMEZONE")[0]

    assert zone.split() == [
        "TZID:Europe/Berlin",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
    ]
    assert [line for line in lines_of(published(make_event())) if "TZID=" in line] == [
        "DTSTART;TZID=Europe/Berlin:20261202T140000",
        "DTEND;TZID=Europe/Berlin:20261202T153000",
    ]


def test_forty_moments_in_twenty_years_are_the_same_for_python_libical_and_ical_js():
    starts = [datetime(2026, 1, 7, 9, 30) + timedelta(days=183 * number) for number in range(40)]
    events = [make_event(starts=one) for one in starts]

    moments = instants(published(*events))

    right = [clock.moment_of(one) for one in starts]
    assert moments == {"libical": right, "ical.js": right, "icalendar": right}


@pytest.mark.parametrize("year", range(2026, 2031))
@pytest.mark.parametrize("month", [3, 10])
def test_the_days_of_the_clock_changes_are_right_too(year, month):
    night = max(day for day in range(25, 32) if datetime(year, month, day).weekday() == 6)
    starts = [datetime(year, month, night, hour) for hour in (0, 1, 3, 4, 23)]
    events = [make_event(starts=one, hours=0.5) for one in starts]

    moments = instants(published(*events))

    right = [clock.moment_of(one) for one in starts]
    assert moments == {"libical": right, "ical.js": right, "icalendar": right}


def test_a_date_over_a_clock_change_ends_when_the_wall_clock_says():
    event = make_event(starts=datetime(2026, 10, 25, 1), hours=3)

    assert event.duration == timedelta(hours=4)
    assert [line for line in lines_of(published(event)) if line.startswith(("DTSTART;", "DTEND"))] == [
        "DTSTART;TZID=Europe/Berlin:20261025T010000",
        "DTEND;TZID=Europe/Berlin:20261025T040000",
    ]


def test_two_whole_days_end_on_the_morning_of_the_third_and_block_nothing():
    event = make_event(**TWO_DAYS)
    entry = entry_of(published(event))

    assert [line for line in lines_of(published(event)) if line.startswith(("DTSTART", "DTEND", "TRANSP"))][2:] == [
        "DTSTART;VALUE=DATE:20261202",
        "DTEND;VALUE=DATE:20261204",
        "TRANSP:TRANSPARENT",
    ]
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(days=2)
    assert judge(published(event)) == []


def test_one_whole_day_over_a_clock_change_is_one_day():
    event = make_event(starts=datetime(2027, 3, 28), hours=24, is_all_day=True)

    assert entry_of(published(event)).duration == timedelta(days=1)
    assert judge(published(event)) == []


# Words


@pytest.mark.parametrize("title", TRICKY, ids=lambda text: text[:12])
def test_no_title_breaks_the_entry_of_a_mail(title):
    register(date(title=title), make_person("ada@stadt.example"), WISH, at=NOON)
    (mail,) = posted()
    entry = entry_of(mail.calendar)

    assert judge(mail.calendar) == []
    assert (str(entry["SUMMARY"]), str(entry["ATTENDEE"])) == (title, "mailto:ada@stadt.example")
    assert entry["DTSTAMP"].dt == NOON


@pytest.mark.parametrize(
    "name",
    [
        'Ada "die Schnelle"',
        "Ada, Amt; Bau: Hof",
        "Ada\\Bob",
        "Müller-Lüdenscheidt",
        "👩🏽\u200d💻" * 20,
        "ATTENDEE:mailto:eve@evil.example",
        "END:VEVENT",
        "^n ^^ ^'",
        "{{7*7}}",
        120 * "ü",
        "",
    ],
)
def test_no_name_breaks_the_entry_of_a_mail(name):
    event, person = date(), make_person("ada@stadt.example")
    registration = register(event, person, WISH, at=NOON)
    registration.name = name
    line = calendar.attendee_line(name, person.address, "ACCEPTED")
    ics = calendar.for_mail(event, "REQUEST", is_confirmed=True)
    ics = ics.replace("\ue000attendee\ue001", line).replace("\ue000stamp\ue001", calendar.stamp(NOON))

    assert judge(ics.encode()) == []
    assert str(entry_of(ics.encode())["ATTENDEE"].params["CN"]) == (name or "ada@stadt.example")


def test_an_address_of_several_lines_is_one_place_of_at_most_255_signs():
    event = make_event(place=Place.IN_PRESENCE, address=ADDRESS)
    long = make_event(place=Place.IN_PRESENCE, address=40 * "Saal 3\n")

    assert str(entry_of(published(event))["LOCATION"]) == "Rathaus, Saal 3, Markt 1, 12345 Musterhafen"
    assert len(str(entry_of(published(long))["LOCATION"])) == 255


@pytest.mark.parametrize(
    ("values", "is_confirmed", "location"),
    [
        ({}, True, "https://konferenz.next.example/sprachmodelle"),
        ({}, False, "virtuell"),
        ({"dial_in": ""}, True, "virtuell"),
        (
            {"place": Place.HYBRID, "address": "Rathaus\nMarkt 1"},
            True,
            "Rathaus, Markt 1 / https://konferenz.next.example/sprachmodelle",
        ),
        ({"place": Place.HYBRID, "address": "Rathaus"}, False, "Rathaus / virtuell"),
        ({"place": Place.IN_PRESENCE, "address": "Rathaus"}, True, "Rathaus"),
    ],
)
def test_the_place_is_where_one_goes(values, is_confirmed, location):
    event = make_event(**values)
    ics = published(event, dial_ins=frozenset({event.id}) if is_confirmed else frozenset())

    assert str(entry_of(ics)["LOCATION"]) == location


def test_a_stamp_is_in_utc():
    assert calendar.stamp(NOON.astimezone(clock.BERLIN)) == "20261121T120000Z"
    assert NOON.tzinfo is UTC


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text("abcXYZ '-", min_size=1, max_size=90),
    address=st.from_regex(r"[a-z0-9.+_-]{1,60}@[a-z0-9-]{1,40}\.example", fullmatch=True),
    asks=st.booleans(),
)
def test_the_quick_way_to_write_a_receivers_line_gives_the_librarys_bytes(name, address, asks):
    quick = calendar.attendee_line(name, address, "NEEDS-ACTION", asks=asks)

    assert quick == calendar._any_line(name, address, "NEEDS-ACTION", asks=asks)  # noqa: SLF001 - the judge
