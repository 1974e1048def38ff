"""Inviting by name: reading what is pasted, sending it once, accepting and declining."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nextevents.events import queries
from nextevents.events.errors import (
    NothingToAnswer,
    NotInvited,
    NotYetPublic,
    RegistrationClosed,
    RemindedRecently,
    TooManyInvitations,
)
from nextevents.events.models import Audience, Invitation, Registration, Stage, State
from nextevents.events.queries import Reply
from nextevents.events.services import (
    InviteeOutcome,
    Request,
    accept_invitation,
    as_table,
    cancel_registration,
    decline_invitation,
    decoded,
    invite,
    look_through,
    register,
    remind_silent,
)
from nextevents.mailing.models import Message
from nextevents.people.models import Person
from tests.factories import make_event, make_invitation, make_person, make_registration
from tests.mailing.reading import posted

NEW, KNOWN, REGISTERED = InviteeOutcome.NEW, InviteeOutcome.KNOWN, InviteeOutcome.REGISTERED
DOUBLED, UNREADABLE = InviteeOutcome.DOUBLED, InviteeOutcome.UNREADABLE


def read(text, event=None):
    """What a pasted text holds: outcome, address, name, organisation."""
    report = look_through(event or make_event(), text)
    return [
        (one.outcome, one.address.typed if one.address else one.typed, one.name, one.organisation_name)
        for one in report.rows
    ]


def invited(db, event, text="ada@stadt.example", *, may_exceed=False, at, by=None):
    """Invite everybody in a text; the first of their invitations."""
    invite(event, look_through(event, text).new, may_exceed=may_exceed, by=by or make_person(), at=at)
    return db.scalars(select(Invitation).where(Invitation.event_id == event.id).order_by(Invitation.id)).first()


# Reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max@x.example", [(NEW, "max@x.example", "", "")]),
        (
            "Max <max@x.example>; erika@x.example",
            [(NEW, "max@x.example", "Max", ""), (NEW, "erika@x.example", "", "")],
        ),
        ('"Muster, Max" <max@x.example>', [(NEW, "max@x.example", "Muster, Max", "")]),
        ("a@x.example, b@x.example\r\nc@x.example", [(NEW, f"{name}@x.example", "", "") for name in "abc"]),
        ("max@x.example;Max Muster;Stadt X", [(NEW, "max@x.example", "Max Muster", "Stadt X")]),
        ("Max Muster\tStadt X\tmax@x.example", [(NEW, "max@x.example", "Max Muster", "Stadt X")]),
        (
            "E-Mail;Nachname;Vorname;Organisation\nmax@x.example;Muster;Max;Stadt X",
            [(NEW, "max@x.example", "Max Muster", "Stadt X")],
        ),
        ("\ufeffName,Mail\n@x,max@x.example", [(NEW, "max@x.example", "@x", "")]),
        ("ohne Adresse", [(UNREADABLE, "ohne Adresse", "", "")]),
        ("a@b@c", [(UNREADABLE, "a@b@c", "", "")]),
        ("max@x.example\nMAX@X.example", [(NEW, "max@x.example", "", ""), (DOUBLED, "MAX@X.example", "", "")]),
        ("termine@next.example", [(UNREADABLE, "termine@next.example", "", "")]),
        ("Max\u202e <max@x.example>", [(UNREADABLE, "Max·; max@x.example", "", "")]),
        ("max@x.example;\0", [(UNREADABLE, "max@x.example; ·", "", "")]),
        ("\n \n", []),
    ],
)
def test_a_pasted_list_is_read_as_people_write_it(db, text, expected):
    assert read(text) == expected


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "-1", "{{7*7}} %s ${x}", "<b>", "O'Neill", "von der Leyen-Müller"])
def test_an_unusual_name_is_kept_and_read_again_after_the_look(db, name):
    event = make_event()
    first = look_through(event, f"Mail;Name;Organisation\nmax@x.example;{name};Stadt; X").new

    assert [one.name for one in look_through(event, as_table(first)).new] == [name]


def test_a_name_of_more_than_120_letters_and_a_line_without_end_are_said(db):
    found = read(f"max@x.example;{'x' * 121}\n{'y' * 200_000}\nerika@x.example")

    assert [row[0] for row in found] == [UNREADABLE, UNREADABLE, NEW]


def test_a_table_of_excel_is_read_too():
    assert decoded("Jörg".encode("cp1252")) == decoded("\ufeffJörg".encode()) == "Jörg"


def test_five_thousand_rows_are_read_and_no_more(db):
    assert len(read("\n".join(f"p{number}@x.example" for number in range(6_000)))) == 5_000


def test_who_is_invited_or_registered_already_is_said(db, noon):
    event = make_event()
    make_registration(event, make_person("da@x.example"))
    make_registration(event, make_person("weg@x.example"), state=State.CANCELLED)
    invited(db, event, "gefragt@x.example", at=noon)

    found = read("da@x.example\nGefragt@X.example\nweg@x.example", event)

    assert [row[0] for row in found] == [REGISTERED, KNOWN, NEW]


# Sending


def test_each_is_written_to_once_by_name_in_their_language(db, noon):
    event = make_event()
    make_person("eve@x.example", language="en")
    rows = look_through(event, "Mail;Name\nmax@x.example;<b>Max</b>\neve@x.example;").new

    assert invite(event, rows, may_exceed=False, by=make_person(), at=noon) == 2
    assert invite(event, rows, may_exceed=False, by=make_person(), at=noon) == 0
    to_max, to_eve = posted("invitation")
    assert to_max.text.startswith("Guten Tag <b>Max</b>,\n")
    assert to_max.page.find_all("b") == []
    assert (to_max.row.form.language, to_eve.row.form.language) == ("de", "en")


def test_nobody_is_invited_to_a_draft_or_to_what_was_called_off(db, noon):
    for stage in (Stage.DRAFT, Stage.CANCELLED, Stage.POSTPONED):
        with pytest.raises(NotYetPublic):
            invited(db, make_event(stage=stage), at=noon)


def test_an_event_invites_five_thousand_a_day(db, noon):
    event = make_event()
    invited(db, event, "\n".join(f"p{number}@x.example" for number in range(5_000)), at=noon)

    with pytest.raises(TooManyInvitations):
        invited(db, event, "einer@x.example", at=noon + timedelta(hours=23))
    invited(db, event, "einer@x.example", at=noon + timedelta(hours=25))

    assert db.scalar(select(func.count()).select_from(Message)) == 5_001


# Answering


def test_a_yes_registers_the_invited_address_and_proves_it(db, noon):
    event = make_event(audience=Audience.INVITED)
    invitation = invited(db, event, at=noon)

    registration = accept_invitation(invitation, name="Ada", organisation_name="Amt", language="de", at=noon)

    person = db.scalars(select(Person).where(Person.address_key == "ada@stadt.example")).one()
    assert (registration.person, registration.state, registration.name) == (person, State.CONFIRMED, "Ada")
    assert person.proved_at == noon
    assert [mail.kind for mail in posted()] == ["invitation", "registered"]


def test_a_yes_said_twice_is_one_registration(db, noon):
    invitation = invited(db, make_event(), at=noon)

    first = accept_invitation(invitation, name="Ada", language="de", at=noon)
    second = accept_invitation(invitation, name="Ada", language="de", at=noon)

    assert first == second
    assert len(posted("registered")) == 1


def test_whoever_was_promised_a_place_comes_beyond_the_seats_and_takes_none(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    invitation = invited(db, event, may_exceed=True, at=noon)

    registration = accept_invitation(invitation, name="Ada", language="de", at=noon)

    db.refresh(event)
    assert (registration.state, registration.is_extra, registration.has_seat) == (State.CONFIRMED, True, False)
    assert event.seats_taken == 1
    cancel_registration(registration, at=noon)
    db.refresh(event)
    assert event.seats_taken == 1


def test_without_that_promise_one_waits_when_all_is_taken(db, noon):
    event = make_event(capacity=1)
    make_registration(event)

    assert accept_invitation(invited(db, event, at=noon), name="Ada", language="de", at=noon).state == State.WAITING


@pytest.mark.parametrize("earlier", [State.UNCONFIRMED, State.WAITING, State.OFFERED, State.REQUESTED])
def test_whoever_waited_or_asked_and_accepts_a_promised_place_has_it(db, noon, earlier):
    event, ada = make_event(capacity=1), make_person("ada@stadt.example", proved=earlier != State.UNCONFIRMED)
    if earlier != State.OFFERED:
        make_registration(event)
    if earlier == State.UNCONFIRMED:
        standing = register(event, ada, Request(name="Ada", is_proved=False), at=noon)
    else:
        standing = make_registration(event, ada, state=earlier)
    invitation = make_invitation(event, ada.address)
    invitation.may_exceed = True
    assert queries.invitation_counts(event)[Reply.SILENT] == 1

    for _ in range(2):
        assert accept_invitation(invitation, name="Ada", language="de", at=noon) == standing

    db.refresh(event)
    assert (standing.state, event.seats_taken) == (State.CONFIRMED, 1)
    assert (standing.has_seat, standing.is_extra) == (earlier == State.OFFERED, earlier != State.OFFERED)
    assert (standing.waiting_since, queries.answer_to(invitation)) == (None, standing)
    had_entry = earlier in {State.WAITING, State.OFFERED}
    assert [mail.kind for mail in posted()] == ["moved_up" if had_entry else "registered"]


def test_whoever_waits_for_a_promised_place_gets_none_after_the_deadline_and_is_let_go_by_a_no(db, noon):
    event = make_event(capacity=1, closes_at=noon + timedelta(days=1))
    make_registration(event)
    invitation = invited(db, event, may_exceed=True, at=noon)
    standing = make_registration(event, make_person("ada@stadt.example"), state=State.WAITING)

    with pytest.raises(RegistrationClosed):
        accept_invitation(invitation, name="Ada", language="de", at=noon + timedelta(days=2))
    assert standing.state == State.WAITING
    decline_invitation(invitation, at=noon + timedelta(days=2))
    assert (standing.state, queries.invitation_counts(event)[Reply.DECLINED]) == (State.CANCELLED, 1)


def test_only_the_invited_may_register_where_one_needs_an_invitation(db, noon):
    event, ada, eve = make_event(audience=Audience.INVITED), make_person("ada@stadt.example"), make_person()
    invited(db, event, at=noon)

    assert register(event, ada, Request(name="Ada", is_proved=True), at=noon).state == State.CONFIRMED
    with pytest.raises(NotInvited):
        register(event, eve, Request(name="Eve", is_proved=True), at=noon)
    with pytest.raises(NotInvited):
        register(event, make_person(proved=False), Request(name="Eve", is_proved=False), at=noon)


def test_after_the_deadline_a_yes_is_too_late(db, noon):
    invitation = invited(db, make_event(closes_at=noon + timedelta(days=1)), at=noon)

    with pytest.raises(RegistrationClosed):
        accept_invitation(invitation, name="Ada", language="de", at=noon + timedelta(days=2))


def test_a_no_is_kept_and_can_become_a_yes(db, noon):
    event = make_event()
    invitation = invited(db, event, at=noon)

    decline_invitation(invitation, at=noon)
    assert queries.invitation_counts(event)[Reply.DECLINED] == 1
    accept_invitation(invitation, name="Ada", language="de", at=noon)

    assert queries.invitation_counts(event)[Reply.ACCEPTED] == 1
    with pytest.raises(NothingToAnswer):
        decline_invitation(invitation, at=noon)


# Reminding


def test_only_the_silent_are_reminded_every_three_days_at_the_most(db, noon):
    event = make_event()
    invited(db, event, "\n".join(f"{name}@x.example" for name in ("ja", "nein", "weg", "still")), at=noon)
    by_name = {one.address: one for one in db.scalars(select(Invitation))}
    accept_invitation(by_name["ja@x.example"], name="Ja", language="de", at=noon)
    decline_invitation(by_name["nein@x.example"], at=noon)
    cancel_registration(accept_invitation(by_name["weg@x.example"], name="Weg", language="de", at=noon), at=noon)

    with pytest.raises(RemindedRecently):
        remind_silent(event, at=noon + timedelta(days=2))
    assert remind_silent(event, at=noon + timedelta(days=3)) == 1
    with pytest.raises(RemindedRecently):
        remind_silent(event, at=noon + timedelta(days=5))
    assert remind_silent(event, at=noon + timedelta(days=6)) == 1

    assert [mail.row.recipient for mail in posted("invitation_reminder")] == ["still@x.example"] * 2
    assert dict(queries.invitation_counts(event)) == {
        Reply.SILENT: 1,
        Reply.ACCEPTED: 1,
        Reply.DECLINED: 1,
        Reply.WITHDRAWN: 1,
    }
    assert db.scalar(select(func.count()).select_from(Registration)) == 2
