"""Answers given in calendars: what counts, in which order, and what follows (66 to 73, guarantee G23)."""

import base64
import random
from datetime import datetime, timedelta

import icalendar
import pytest
from flask import url_for
from sqlalchemy import func, select

from nextevents.events import queries
from nextevents.events.errors import AlreadyOver, CancelledByOrganisers, NothingToAnswer, TooManyAnswers
from nextevents.events.messages_to_circles import CALL
from nextevents.events.models import Call, CallAnswer, Event, PollOption, Registration, Stage, State, Wish
from nextevents.events.services import (
    Effect,
    PollWish,
    apply_reply,
    apply_reviewed,
    cancel_registration,
    close_poll,
    make_poll,
    read_reply,
    refuse_proposal,
    replying,
    restore_registration,
    seats,
)
from nextevents.ground.audit import AuditEntry
from nextevents.ground.database import db as database
from nextevents.ground.database import is_postgresql
from nextevents.ground.tokens import pair, token_for
from nextevents.mailing import services as mailing
from nextevents.mailing.models import InboundMail, InboundState, Message
from nextevents.people.models import Person
from tests.events.changing import changed_to
from tests.factories import NOON, make_belonging, make_community, make_event, make_person, make_registration
from tests.mailing.letters import BORDER, OURS, STYLES, calendar, mail, part, passed
from tests.mailing.reading import posted
from tests.mailing.tnef import winmail

ADA, EVE = "ada@stadt.example", "eve@evil.example"
ACCEPTED, TENTATIVE, DECLINED = CallAnswer.ACCEPTED, CallAnswer.TENTATIVE, CallAnswer.DECLINED
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture
def within(app, db):
    """A border whose word we take."""
    kept, app.config["MAIL_BORDER"] = app.config["MAIL_BORDER"], BORDER
    yield
    app.config["MAIL_BORDER"] = kept


@pytest.fixture
def event(db) -> Event:
    return make_event(capacity=2)


@pytest.fixture
def ada(db) -> Person:
    return make_person(ADA, name="Ada Beispiel")


def call(event: Event, person: Person) -> Call:
    row = Call(event=event, person=person, called_at=NOON - 2 * DAY, comment="")
    database.session.add(row)
    database.session.flush()
    return row


def say(event, person, answer, *, at=NOON, stamp=None, sequence=0, comment="") -> Effect:
    return apply_reply(event, person, answer, stamp=stamp or at, sequence=sequence, comment=comment, at=at)


def states(event, person) -> list[State]:
    return [one.state for one in reversed(queries.registrations_of(person, event))]


def kinds(db) -> list[str]:
    return list(db.scalars(select(Message.kind).order_by(Message.id)))


def arrive(content: bytes, *, at: datetime = NOON, sender: str = ADA, to: str = OURS) -> InboundMail:
    """A mail that is received and read."""
    mailing.receive(sender, [to], content, at=at)
    number = mailing.begin_reading(to, after=0, at=at)
    row = mailing.mail_to_read(number)
    read_reply(row, at=at)
    return row


def answer_mail(event, answer="ACCEPTED", *, who=ADA, author=None, border=None, headers=None, **changes) -> bytes:
    changes = {"at": NOON} | changes
    return mail(part(calendar(event.uid, who, answer, **changes)), author=author or who, border=border, headers=headers)


# A yes


def test_a_yes_registers_and_the_entry_comes_back_confirmed(db, event, ada):
    assert say(event, ada, ACCEPTED, comment="Gern") == Effect.COUNTED

    assert states(event, ada) == [State.CONFIRMED]
    (told,) = posted("registered")
    assert b"PARTSTAT=ACCEPTED" in told.calendar
    assert queries.answers_by_person(event) == {ada.id: (ACCEPTED, "Gern", False, NOON, True)}


def test_a_yes_to_a_full_event_waits_and_says_so(db, event, ada):
    for _ in range(2):
        make_registration(event)

    say(event, ada, ACCEPTED)

    assert states(event, ada) == [State.WAITING]
    assert kinds(db) == ["waiting"]


def test_a_yes_of_somebody_who_comes_already_writes_nothing(db, event, ada):
    make_registration(event, ada)

    assert say(event, ada, ACCEPTED) == Effect.COUNTED

    assert (states(event, ada), kinds(db)) == ([State.CONFIRMED], [])


def test_a_yes_takes_an_offered_seat(db, event, ada):
    make_registration(event, ada, state=State.OFFERED)

    say(event, ada, ACCEPTED)

    assert states(event, ada) == [State.CONFIRMED]


def test_a_yes_proves_the_address_of_a_registration_that_waits_for_it(db, event, ada):
    make_registration(event, ada, state=State.UNCONFIRMED)

    say(event, ada, ACCEPTED)

    assert (states(event, ada), kinds(db)) == ([State.CONFIRMED], ["registered"])


def test_a_yes_after_a_no_is_an_undo_and_raises_the_revision(db, event, ada):
    make_registration(event, ada)
    say(event, ada, DECLINED, at=NOON)
    before = event.sequence

    say(event, ada, ACCEPTED, at=NOON + MINUTE)

    assert states(event, ada) == [State.CANCELLED, State.CONFIRMED]
    assert event.sequence > before
    assert kinds(db) == ["declined", "registered"]


def test_whom_the_organisers_have_taken_out_does_not_come_back_by_an_old_entry(db, event, ada):
    registration = make_registration(event, ada)
    cancel_registration(registration, at=NOON)
    registration.reason = "Leider nur für Städte."

    with pytest.raises(CancelledByOrganisers):
        say(event, ada, ACCEPTED, at=NOON + MINUTE)

    assert states(event, ada) == [State.CANCELLED]
    assert queries.answers_by_person(event)[ada.id].answer == ACCEPTED


# A no


def test_a_no_frees_the_seat_for_the_next_one_and_leaves_a_way_back(db, event, ada):
    mine = make_registration(event, ada)
    make_registration(event)
    waiting = make_registration(event, state=State.WAITING)

    assert say(event, ada, DECLINED) == Effect.COUNTED

    db.refresh(waiting)
    assert (states(event, ada), waiting.state) == ([State.CANCELLED], State.CONFIRMED)
    (told,) = posted("declined")
    assert (told.row.recipient, told.calendar) == (ADA, b"")
    assert "Doch dabei sein" in told.text
    assert restore_registration(mine, at=NOON + DAY - MINUTE).state == State.WAITING


def test_a_no_of_somebody_who_was_only_called_is_kept(db, event, ada):
    call(event, ada)

    say(event, ada, DECLINED)

    assert (states(event, ada), kinds(db)) == ([], [])
    assert queries.answers_by_person(event)[ada.id].answer == DECLINED


def test_a_no_of_somebody_who_was_seen_changes_nothing(db, event, ada):
    make_registration(event, ada, state=State.ATTENDED)

    with pytest.raises(AlreadyOver):
        say(event, ada, DECLINED)

    assert states(event, ada) == [State.ATTENDED]


# A perhaps


def test_a_perhaps_is_kept_and_shown_and_keeps_the_seat(db, event, ada):
    make_registration(event, ada)

    say(event, ada, TENTATIVE, comment="Zug?")

    assert (states(event, ada), kinds(db)) == ([State.CONFIRMED], [])
    assert queries.answers_by_person(event) == {ada.id: (TENTATIVE, "Zug?", False, NOON, True)}


# Order


def test_the_same_answer_twice_and_an_older_one_change_nothing(db, event, ada):
    say(event, ada, ACCEPTED, stamp=NOON)

    assert say(event, ada, ACCEPTED, stamp=NOON) == Effect.OLDER
    assert say(event, ada, DECLINED, stamp=NOON - MINUTE) == Effect.OLDER
    assert (states(event, ada), kinds(db)) == ([State.CONFIRMED], ["registered"])


def test_the_revision_goes_before_the_time(db, event, ada):
    event.sequence = 3
    db.flush()
    say(event, ada, ACCEPTED, sequence=2, stamp=NOON)

    assert say(event, ada, DECLINED, sequence=1, stamp=NOON + DAY, at=NOON + DAY) == Effect.OLDER
    assert say(event, ada, DECLINED, sequence=3, stamp=NOON - DAY, at=NOON + DAY) == Effect.COUNTED


def test_a_revision_that_we_never_sent_does_not_silence_later_answers(db, event, ada):
    say(event, ada, ACCEPTED, sequence=2**40, stamp=NOON)

    assert say(event, ada, DECLINED, sequence=0, stamp=NOON + MINUTE, at=NOON + MINUTE) == Effect.COUNTED


def test_what_somebody_does_here_later_counts_more_than_an_answer_on_its_way(db, event, ada):
    mine = make_registration(event, ada, made_at=NOON)
    assert say(event, ada, DECLINED, stamp=NOON - timedelta(hours=1), at=NOON) == Effect.OLDER

    cancel_registration(mine, at=NOON + DAY)
    assert say(event, ada, ACCEPTED, stamp=NOON + MINUTE, at=NOON + DAY) == Effect.OLDER
    assert states(event, ada) == [State.CANCELLED]


def test_a_no_given_after_a_yes_counts_even_if_the_yes_was_read_late(db, event, ada):
    say(event, ada, ACCEPTED, stamp=NOON - timedelta(hours=5), at=NOON)

    assert say(event, ada, DECLINED, stamp=NOON - timedelta(hours=4), at=NOON) == Effect.COUNTED
    assert say(event, ada, ACCEPTED, stamp=NOON - timedelta(hours=3), at=NOON) == Effect.COUNTED
    assert states(event, ada) == [State.CANCELLED, State.CONFIRMED]


def test_a_perhaps_in_between_does_not_make_a_no_look_like_a_withdrawal_here(db, event, ada):
    say(event, ada, ACCEPTED, stamp=NOON - timedelta(hours=5), at=NOON)
    say(event, ada, DECLINED, stamp=NOON - timedelta(hours=4), at=NOON)
    say(event, ada, TENTATIVE, stamp=NOON - timedelta(hours=3), at=NOON)

    assert say(event, ada, ACCEPTED, stamp=NOON - timedelta(hours=2), at=NOON) == Effect.COUNTED
    assert states(event, ada) == [State.CANCELLED, State.CONFIRMED]


def test_an_answer_to_an_earlier_state_counts_and_says_so(db, event, ada):
    make_registration(event, ada)
    changed_to(event, at=NOON, title="Anders")
    assert event.sequence == 1

    assert say(event, ada, TENTATIVE, sequence=0, at=NOON + MINUTE) == Effect.OUTDATED
    assert queries.answers_by_person(event)[ada.id].is_outdated
    assert say(event, ada, ACCEPTED, sequence=1, at=NOON + 2 * MINUTE) == Effect.COUNTED


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.PUBLISHED])
def test_nothing_counts_once_it_is_over_or_off(db, ada, stage):
    event = make_event(stage=stage)
    at = NOON if stage == Stage.CANCELLED else event.ends_at

    assert say(event, ada, ACCEPTED, at=at) == Effect.TOO_LATE
    assert (states(event, ada), db.scalar(select(func.count()).select_from(Call))) == ([], 0)


def test_a_machine_that_says_yes_and_no_for_ever_is_stopped(db, event, ada):
    for number in range(20):
        say(event, ada, DECLINED if number % 2 else ACCEPTED, at=NOON + number * MINUTE)

    with pytest.raises(TooManyAnswers):
        say(event, ada, ACCEPTED, at=NOON + timedelta(hours=1))

    assert len(kinds(db)) == 20
    assert say(event, ada, ACCEPTED, at=NOON + 2 * DAY) == Effect.COUNTED


# Mails


def test_a_proved_answer_counts_and_its_mail_is_done(db, event, ada):
    row = arrive(answer_mail(event))

    assert (row.state, row.kind, row.note) == (InboundState.DONE, "calendar_reply", "counted")
    assert (states(event, ada), row.settled_at) == ([State.CONFIRMED], NOON)


@pytest.mark.parametrize("style", STYLES)
def test_the_calendars_of_this_world_count(db, event, ada, style):
    arrive(mail(part(STYLES[style](event.uid, ADA, at=NOON))))

    expected = {"google": DECLINED, "apple": TENTATIVE}.get(style, ACCEPTED)
    assert queries.answers_by_person(event)[ada.id].answer == expected


FORGED = {
    "67-not proved": {"border": ""},
    "67-failed": {"border": f"{BORDER}; dmarc=fail header.from=stadt.example"},
    "67-of another domain": {"border": f"{BORDER}; dkim=pass header.d=evil.example"},
    "67-forged below": {"border": "", "headers": {"Authentication-Results": passed(ADA)}},
    "67-from an alias": {"author": "a.beispiel@stadt.example"},
    "67-by an assistant": {"author": "vorzimmer@stadt.example"},
    "66-by somebody else": {"author": EVE},
    "67-two authors": {"headers": {"From": f"{ADA}, {EVE}"}},
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_is_not_proved_changes_nothing_and_the_person_is_asked(db, event, ada, forged):
    make_registration(event, ada)

    row = arrive(answer_mail(event, "DECLINED", **forged))

    assert (row.state, states(event, ada)) == (InboundState.REVIEW, [State.CONFIRMED])
    assert db.scalar(select(func.count()).select_from(Call)) == 0
    (asked,) = posted()
    assert (asked.kind, asked.row.recipient) == ("please_confirm", ADA)
    assert "/anmeldung/" in asked.text


def test_whoever_was_called_is_led_to_the_page_of_the_call(db, event, ada):
    call(event, ada)

    arrive(answer_mail(event, border=""))

    page = url_for("events.called", token=token_for(CALL, pair(event.id, ada.id)))
    assert page in posted("please_confirm")[0].text


def test_nobody_is_asked_about_an_event_they_have_nothing_to_do_with(db, event, ada):
    row = arrive(answer_mail(event, border=""))

    assert (row.state, kinds(db)) == (InboundState.REVIEW, [])


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"Auto-Submitted": "auto-replied"}, ADA),
        ({"Precedence": "bulk"}, ADA),
        ({"List-Id": "<x>"}, ADA),
        ({}, ""),
        ({}, "MAILER-DAEMON@stadt.example"),
        ({}, "owner-liste@stadt.example"),
    ],
)
def test_machines_get_no_answer(db, event, ada, headers, sender):
    make_registration(event, ada)

    row = arrive(answer_mail(event, "DECLINED", border="", headers=headers), sender=sender)

    assert (row.state, kinds(db)) == (InboundState.REVIEW, [])


def test_a_flood_of_forgeries_is_one_mail_a_week_for_each_event_and_three_a_day(db, ada):
    events = [make_event() for _ in range(6)]
    for event in events:
        make_registration(event, ada)
    for number in range(60):
        arrive(answer_mail(events[number % 6], "DECLINED", border="", at=NOON + number * MINUTE))
    assert kinds(db) == ["please_confirm"] * 3

    for number in range(12):
        arrive(answer_mail(events[number % 6], border="", at=NOON + number * MINUTE), at=NOON + 2 * DAY)
    assert kinds(db) == ["please_confirm"] * 6


NOT_OURS = {
    "66-an unknown event": ({"uid": "gibt-es-nicht"}, "unknown event"),
    "66-no event": ({"uid": ""}, "unknown event"),
    "66-an unknown person": ({"who": "niemand@stadt.example"}, "unknown person"),
    "66-delegated": ({"answer": "DELEGATED"}, "delegated"),
    "66-several people": ({"attendees": (f"ATTENDEE:mailto:{EVE}", "ATTENDEE:mailto:x@y.example")}, "several people"),
}


@pytest.mark.parametrize(("changes", "note"), NOT_OURS.values(), ids=NOT_OURS)
def test_what_fits_to_nothing_is_left_for_a_person(db, event, ada, changes, note):
    changes = dict(changes)
    who, answer = changes.pop("who", ADA), changes.pop("answer", "ACCEPTED")
    text = calendar(changes.pop("uid", event.uid), who, answer, at=NOON, **changes)

    row = arrive(mail(part(text), author=who))

    assert (row.state, row.note) == (InboundState.REVIEW, note)
    assert (states(event, ada), kinds(db)) == ([], [])


# A time that is held for a poll


@pytest.fixture
def option(ada) -> PollOption:
    """A time of an open poll that stands in Ada's calendar."""
    community = make_community()
    make_belonging(ada, community)
    times = [(datetime(2026, 12, day, 14), datetime(2026, 12, day, 15)) for day in (8, 9)]
    wish = PollWish(title="Wann?", times=times, closes_at=NOON + 7 * DAY, holds_times=True)
    return make_poll(community, wish, by=ada, at=NOON - DAY).options[0]


def wishes(option, who=ADA) -> dict[int, Wish]:
    voter = queries.voter_with_key(option.poll, who)
    return {one.option_id: one.wish for one in voter.votes}


@pytest.mark.parametrize(
    ("answer", "wish"), [("ACCEPTED", Wish.YES), ("TENTATIVE", Wish.IF_NEED_BE), ("DECLINED", Wish.NO)]
)
def test_an_answer_to_a_held_time_is_a_word_on_it(option, answer, wish):
    row = arrive(answer_mail(option, answer))

    assert (row.state, row.note, wishes(option)) == (InboundState.DONE, "counted", {option.id: wish})


def test_a_word_on_one_held_time_leaves_the_others_as_they_are_and_the_newest_counts(option):
    other = option.poll.options[1]
    arrive(answer_mail(other, "ACCEPTED"))
    arrive(answer_mail(option, "ACCEPTED", at=NOON + 5 * MINUTE), at=NOON + 6 * MINUTE)

    row = arrive(answer_mail(option, "DECLINED", at=NOON + MINUTE), at=NOON + 7 * MINUTE)

    assert (row.state, row.note) == (InboundState.DROPPED, "older")
    assert wishes(option) == {option.id: Wish.YES, other.id: Wish.YES}


@pytest.mark.parametrize(
    "changes", [{"border": ""}, {"who": EVE}, {"author": EVE}, {"answer": "DELEGATED"}], ids=lambda one: next(iter(one))
)
def test_no_stranger_votes_by_an_answer_to_a_held_time_and_nobody_has_to_look_at_it(db, option, changes):
    before = kinds(db)

    row = arrive(answer_mail(option, **changes))

    assert row.state == InboundState.DROPPED or row.note == "delegated"
    assert (wishes(option), kinds(db)) == ({}, before)


def test_an_answer_to_a_held_time_comes_too_late_once_the_poll_is_closed(option):
    close_poll(option.poll, at=NOON)

    row = arrive(answer_mail(option))

    assert (row.state, row.note, wishes(option)) == (InboundState.DROPPED, "too late", {})


def test_drafts_are_unknown(db, ada):
    assert arrive(answer_mail(make_event(stage=Stage.DRAFT))).note == "unknown event"


def test_another_time_is_shown_and_moves_nothing(db, event, ada):
    make_registration(event, ada)
    more = ("DTSTART:20261203T130000Z", "DTEND:20261203T143000Z", "COMMENT:Lieber Donnerstag")

    row = arrive(answer_mail(event, "TENTATIVE", method="COUNTER", more=more))

    assert (row.state, event.starts_local.day) == (InboundState.DONE, 2)
    (call,) = queries.proposals_to([event])
    assert (call.person, call.comment, call.answer) == (ada, "Lieber Donnerstag", None)
    assert (call.proposed_starts, call.proposed_ends) == (datetime(2026, 12, 3, 14), datetime(2026, 12, 3, 15, 30))


def propose(event, *, stamp=NOON, sequence=0, day=3):
    more = (f"DTSTART:202612{day:02d}T130000Z", f"DTEND:202612{day:02d}T143000Z")
    return arrive(answer_mail(event, "TENTATIVE", method="COUNTER", more=more, at=stamp, sequence=sequence))


def test_a_refused_proposal_is_answered_once_with_the_revision_it_spoke_of(db, event, ada):
    propose(event, sequence=0)
    event.sequence = 4
    (call,) = queries.proposals_to([event])

    for _ in range(2):
        refuse_proposal(call, at=NOON)

    (told,) = posted("proposal_refused")
    assert told.part("text/calendar").get_param("method") == "DECLINECOUNTER"
    assert told.row.recipient == ADA
    whole = icalendar.Calendar.from_ical(told.calendar)
    (entry,) = whole.walk("VEVENT")
    assert {name: str(value) for name, value in whole.items()} == {
        "PRODID": "-//NExT e. V.//NExTevents//DE",
        "VERSION": "2.0",
        "METHOD": "DECLINECOUNTER",
    }
    assert set(entry) == {"UID", "SEQUENCE", "DTSTAMP", "ORGANIZER", "COMMENT"}  # no more may stand there
    assert (str(entry["UID"]), entry["SEQUENCE"], entry["DTSTAMP"].dt) == (event.uid, 0, NOON)
    assert (queries.proposals_to([event]), event.starts_local.day) == ([], 2)


def test_a_newer_proposal_waits_anew_and_an_older_one_changes_nothing(db, event, ada):
    propose(event, day=3)
    (call,) = queries.proposals_to([event])
    refuse_proposal(call, at=NOON)

    assert propose(event, day=4, stamp=NOON - MINUTE).state == InboundState.DROPPED
    assert queries.proposals_to([event]) == []
    propose(event, day=7, stamp=NOON + MINUTE)
    assert [one.proposed_starts.day for one in queries.proposals_to([event])] == [7]


@pytest.mark.parametrize("is_proposed", [True, False])
def test_nothing_is_refused_where_nothing_is_proposed_or_nothing_takes_place(db, event, ada, is_proposed):
    if is_proposed:
        propose(event)
        event.stage = Stage.CANCELLED
    else:
        call(event, ada)

    with pytest.raises(NothingToAnswer):
        refuse_proposal(database.session.get(Call, (event.id, ada.id)), at=NOON)


def question(event, *, at=NOON, **changes) -> InboundMail:
    """A calendar asks how its entry stands."""
    own = (f"ATTENDEE:mailto:{ADA}",)
    return arrive(answer_mail(event, method="REFRESH", attendees=own, at=at, **changes), at=at)


@pytest.mark.parametrize(
    ("state", "kind", "part"),
    [
        (State.CONFIRMED, "event_changed", b"PARTSTAT=ACCEPTED"),
        (State.WAITING, "event_changed", b"PARTSTAT=TENTATIVE"),
        (None, "called_changed", b"PARTSTAT=NEEDS-ACTION"),
    ],
)
def test_a_calendar_that_asks_for_its_entry_gets_it_as_it_is_now_once_an_hour(event, ada, state, kind, part):
    if state:
        make_registration(event, ada, state=state)
    else:
        call(event, ada)
    seats.bump_sequence(event, at=NOON)

    rows = [question(event, at=NOON + minutes * MINUTE) for minutes in (0, 59)]

    (told,) = posted()
    assert [(row.state, row.note) for row in rows] == [
        (InboundState.DONE, "entry wanted"),
        (InboundState.DROPPED, "entry wanted"),
    ]
    assert (told.kind, told.row.recipient) == (kind, ADA)
    assert part in told.calendar
    assert f"SEQUENCE:{event.sequence}".encode() in told.calendar
    assert "Ihr Kalender hat nach dem neuesten Stand dieses Termins gefragt." in " ".join(told.text.split())
    assert "anders als bisher" not in told.text
    assert question(event, at=NOON + 61 * MINUTE).state == InboundState.DONE


@pytest.mark.parametrize("why", ["stranger", "forged", "machine", "withdrawn", "declined", "over", "called off"])
def test_nobody_else_gets_an_entry_and_nobody_has_to_look_at_it(db, event, ada, why):
    if why in {"withdrawn", "over", "called off", "forged", "machine"}:
        make_registration(event, ada, state=State.CANCELLED if why == "withdrawn" else State.CONFIRMED)
    if why == "declined":
        call(event, ada).answer = DECLINED
    if why == "called off":
        event.stage = Stage.CANCELLED
    forged = {"author": EVE} if why == "forged" else {}
    headers = {"Auto-Submitted": "auto-generated"} if why == "machine" else None

    row = question(event, at=event.ends_at if why == "over" else NOON, headers=headers, **forged)

    assert (row.state, kinds(db)) == (InboundState.DROPPED, [])


def test_a_refusal_is_left_for_a_person_and_the_answer_is_kept(db, ada):
    event = make_event(takes_registrations=False)

    row = arrive(answer_mail(event))

    assert (row.state, row.note) == (InboundState.REVIEW, "Die Anmeldung zu diesem Termin ist geschlossen.")
    assert queries.answers_by_person(event)[ada.id].answer == ACCEPTED


def test_an_answer_that_outlook_has_packed_into_winmail_dat_counts(db, event, ada):
    packed = winmail(("Antwort.ics", calendar(event.uid, ADA, "ACCEPTED", at=NOON).encode()))
    coded = base64.encodebytes(packed).decode()
    head = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"

    row = arrive(mail(head + coded, author=ADA))

    assert (row.state, states(event, ada)) == (InboundState.DONE, [State.CONFIRMED])


WITHOUT_ANSWER = {
    "a letter": (mail(text="Ich kann leider nicht."), InboundState.REVIEW, "letter"),
    "70-winmail.dat": (mail(part("x", kind="application/ms-tnef; name=winmail.dat")), InboundState.REVIEW, "tnef"),
    "73-out of office": (mail(headers={"Auto-Submitted": "auto-replied"}), InboundState.DROPPED, "automatic"),
    "73-to many": (mail(headers={"Precedence": "bulk"}), InboundState.DROPPED, "automatic"),
    "73-our own X-Loop": (mail(headers={"X-Loop": OURS.upper()}), InboundState.DROPPED, "loop"),
    "74-ourselves": (mail(author=OURS), InboundState.DROPPED, "loop"),
    "74-too many stations": (b"Received: x\r\n" * 26 + mail(), InboundState.DROPPED, "loop"),
    "71-too long": (mail(text="x" * 2_100_000), InboundState.REVIEW, "unreadable"),
    "71-garbage": (b"\0\xff" * 100, InboundState.REVIEW, "letter"),
    "a report": (
        mail(headers={"Content-Type": 'multipart/report; boundary="=_x"'}), InboundState.NEW, "report",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "state", "kind"), WITHOUT_ANSWER.values(), ids=WITHOUT_ANSWER)
def test_a_mail_without_an_answer_is_sorted_and_never_answered(db, ada, content, state, kind):
    row = arrive(content)

    assert (row.state, row.kind) == (state, kind)
    assert kinds(db) == []


# Review


def test_somebody_of_the_office_can_let_an_answer_count(db, event, ada):
    office = make_person(office=True)
    row = arrive(answer_mail(event, author="a.beispiel@stadt.example"))

    assert apply_reviewed(row, by=office, at=NOON + DAY) == Effect.COUNTED

    assert (row.state, states(event, ada)) == (InboundState.DONE, [State.CONFIRMED])
    (deed,) = db.scalars(select(AuditEntry))
    assert (deed.action, deed.person_id, deed.detail["person"]) == ("answered_for", office.id, ada.id)


def test_what_is_no_answer_cannot_count(db, event, ada):
    office = make_person(office=True)
    for content in (mail(), answer_mail(event, "DELEGATED"), answer_mail(event, who="niemand@x.example")):
        row = arrive(content)
        with pytest.raises(NothingToAnswer):
            apply_reviewed(row, by=office, at=NOON)
        assert row.state == InboundState.REVIEW


# In any order


def honest_and_forged(event: Event, people: list[Person], count: int, chance: random.Random):
    """Answers of people over some hours, forgeries in their names, copies; and what each said last."""
    answers = ["ACCEPTED", "TENTATIVE", "DECLINED"]
    mails, last = [], {}
    for number in range(count):
        person, answer = chance.choice(people), chance.choice(answers)
        at = NOON + timedelta(seconds=number)
        if chance.random() < 0.2:
            forged = chance.choice(list(FORGED.values()))
            mails.append(answer_mail(event, answer, who=person.address, at=at + DAY / 2, **forged))
        else:
            mails.append(answer_mail(event, answer, who=person.address, at=at))
            last[person.id] = answer.lower()
    mails += chance.choices(mails, k=count // 5)
    chance.shuffle(mails)
    return mails, last


def read_all(db, event: Event, mails: list[bytes]) -> Event:
    """Receive and read them, in this order, as the worker does; the event as it is then."""
    for content in mails:
        mailing.receive("x@stadt.example", [OURS], content, at=NOON + DAY)
    read = 0
    while number := mailing.begin_reading(OURS, after=read, at=NOON + DAY):
        read_reply(mailing.mail_to_read(number), at=NOON + DAY)
        read = number
        if number % 200 == 0:
            db.expunge_all()
            event = db.get(Event, event.id)
    db.refresh(event)
    return event


def check_that_the_newest_counts(db, event: Event, last: dict[int, str]) -> None:
    """What everybody said last stands with the event, and only who said yes has a place, or who said so before."""
    said = {person: one.answer.value for person, one in queries.answers_by_person(event).items()}
    assert said == last, "an older answer counts"
    active = set(db.scalars(select(Registration.person_id).where(Registration.state != State.CANCELLED)))
    assert {person for person, answer in last.items() if answer == "accepted"} <= active
    assert {person for person, answer in last.items() if answer == "declined"}.isdisjoint(active)


def in_any_order(count: int, *, capacity: int | None, people: int) -> tuple[Event, list[bytes], dict[int, str]]:
    """An event, so many answers to it in any order, and what everybody said last."""
    chance = random.Random(number := random.randrange(2**32))
    print(f"seed {number}")
    event = make_event(capacity=capacity)
    crowd = [make_person(f"p{one}@stadt.example") for one in range(people)]
    mails, last = honest_and_forged(event, crowd, count, chance)
    return event, mails, last


def test_in_whatever_order_answers_come_the_newest_honest_one_of_each_counts(db):
    count, people = (5000, 200) if is_postgresql() else (300, 40)
    event, mails, last = in_any_order(count, capacity=None, people=people)

    event = read_all(db, event, mails)

    check_that_the_newest_counts(db, event, last)
    assert event.seats_taken == db.scalar(select(func.count()).where(Registration.state != State.CANCELLED))
    assert db.scalar(select(func.count()).where(InboundMail.state == InboundState.NEW)) == 0


def test_in_whatever_order_answers_come_no_seat_is_left_while_somebody_waits_and_none_is_given_twice(db):
    event, mails, last = in_any_order(300, capacity=10, people=40)

    event = read_all(db, event, mails)

    check_that_the_newest_counts(db, event, last)
    places = db.execute(select(Registration.state, Registration.has_seat).where(Registration.state != State.CANCELLED))
    kept = [(state, has_seat) for state, has_seat in places]
    assert set(kept) <= {(State.CONFIRMED, True), (State.WAITING, False)}
    assert event.seats_taken == kept.count((State.CONFIRMED, True)) == min(10, len(kept))


def test_control_without_the_guard_against_older_answers_one_counts(db, monkeypatch):
    monkeypatch.setattr(replying, "_is_older", lambda *_: False)
    event, mails, last = in_any_order(120, capacity=5, people=12)

    with pytest.raises(AssertionError, match="an older answer counts"):
        check_that_the_newest_counts(db, read_all(db, event, mails), last)
