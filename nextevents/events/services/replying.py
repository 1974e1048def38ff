"""Answers given in people's calendars: who may say what, in which order, and what follows (rules C-33 to C-40)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from flask import current_app

from ...ground.audit import note_deed
from ...ground.database import db
from ...ground.errors import Refusal
from ...mailing import queries as mailing
from ...mailing.inbound import Letter, read
from ...mailing.models import InboundMail, InboundState
from ...mailing.services import post, settle
from ...people import queries as people
from ...people.models import Person
from ...people.services import mark_proved
from .. import messages_about_replies as messages
from .. import queries, rules
from ..errors import AlreadyOver, CancelledByOrganisers, NothingToAnswer, PollClosed, TooManyAnswers
from ..models import Call, CallAnswer, Event, PollOption, Registration, Stage, State, Wish
from ..replies import CalendarReply, reply_in
from . import seats
from .polling import vote_for_time
from .refreshing import send_entry
from .registration import Request, accept_offer, cancel_registration, register, restore_registration

#: Clocks of mail systems differ by less.
CLOCKS_DIFFER = timedelta(minutes=5)
#: Nobody is asked to confirm more often: for one event in a week, for all of them in a day (rule M-22).
ASKED_AGAIN = timedelta(days=7)
MOST_ASKED_A_DAY = 3
#: Whoever goes in and out more often than this in a day has a machine that answers.
MOST_CHANGES_A_DAY = 20

CALENDAR_REPLY = "calendar_reply"
#: The note with an answer to a time of a poll that does not count.
HELD_TIME = "held time"
#: The note with a calendar's question how its entry stands.
ENTRY_WANTED = "entry wanted"

_WISHES = {
    CallAnswer.ACCEPTED: Wish.YES,
    CallAnswer.TENTATIVE: Wish.IF_NEED_BE,
    CallAnswer.DECLINED: Wish.NO,
}


class Effect(StrEnum):
    """What became of an answer; the value is the note with the mail."""

    COUNTED = "counted"
    #: It counts, and was given to an entry that has been changed since.
    OUTDATED = "counted, to an earlier state"
    #: Somebody has said something newer since, here or in the calendar.
    OLDER = "older"
    #: The event is over or cancelled.
    TOO_LATE = "too late"


# Reading


def read_reply(mail: InboundMail, *, at: datetime) -> None:
    """Find out what a mail to the organiser's address is, and let an answer count if it is surely its sender's.

    Everything else is left for a person to look at, or dropped if a machine wrote it. Never raises for what the mail
    holds.
    """
    letter = read(mail.content, border=current_app.config["MAIL_BORDER"])
    reply = reply_in(letter)
    if letter.problem:
        settle(mail, InboundState.REVIEW, kind="unreadable", note=letter.problem, at=at)
    elif _goes_in_circles(letter):
        settle(mail, InboundState.DROPPED, kind="loop", note="loop", at=at)
    elif reply is None:
        _sort(mail, letter, at=at)
    else:
        _read_answer(mail, letter, reply, at=at)


def _goes_in_circles(letter: Letter) -> bool:
    own = {current_app.config[name].casefold() for name in ("MAIL_FROM", "MAIL_BOUNCES")}
    return letter.is_tired or letter.author in own or bool(letter.loops & own)


def _sort(mail: InboundMail, letter: Letter, *, at: datetime) -> None:
    """A mail without a calendar."""
    if letter.is_report:
        settle(mail, InboundState.NEW, kind="report", at=at)  # for whoever reads what could not be delivered
    elif letter.has_tnef:
        settle(mail, InboundState.REVIEW, kind="tnef", note="only outlook", at=at)
    elif letter.is_automatic or letter.is_bulk:
        settle(mail, InboundState.DROPPED, kind="automatic", note="automatic", at=at)
    else:
        settle(mail, InboundState.REVIEW, kind="letter", note="letter", at=at)


def _read_answer(mail: InboundMail, letter: Letter, reply: CalendarReply, *, at: datetime) -> None:
    event, person = _event_of(reply), _person_of(reply)
    if event is None and not reply.problem and (option := queries.held_time(reply.uid)):
        _read_wish(mail, letter, reply, option, at=at)
        return
    if reply.method == "REFRESH" and not reply.problem:
        is_theirs = letter.is_proved and letter.author == reply.attendee and may_be_answered(mail, letter)
        _answer_question(mail, event, person if is_theirs else None, at=at)
        return
    note = reply.problem or ("unknown event" if event is None else "unknown person" if person is None else "")
    if not note and not (letter.is_proved and letter.author == reply.attendee):
        note = "not proved" if letter.author == reply.attendee else "somebody else"
        if event and person and may_be_answered(mail, letter):
            ask_to_confirm(event, person, at=at)
    state = InboundState.REVIEW
    if not note and event and person:
        state, note = _applied(event, person, reply, mail, at=at)
    about = messages.subject_of(event) if event else ""
    settle(mail, state, kind=CALENDAR_REPLY, note=note, about=about, at=at)


def _answer_question(mail: InboundMail, event: Event | None, person: Person | None, *, at: datetime) -> None:
    """A calendar asks how its entry stands: whoever surely has one gets it (rule C-38), and nobody need look at it."""
    is_sent = event is not None and person is not None and send_entry(event, person, at=at)
    about = messages.subject_of(event) if event else ""
    state = InboundState.DONE if is_sent else InboundState.DROPPED
    settle(mail, state, kind=CALENDAR_REPLY, note=ENTRY_WANTED, about=about, at=at)


def _read_wish(mail: InboundMail, letter: Letter, reply: CalendarReply, option: PollOption, *, at: datetime) -> None:
    """An answer to a time that is held for a poll: the word of a voter on it, or nothing that anybody must look at.

    Whoever was asked has a link of their own, so what cannot count is dropped.
    """
    state, note = InboundState.DROPPED, HELD_TIME
    voter = queries.voter_with_key(option.poll, reply.attendee) if reply.attendee else None
    if voter and reply.answer and letter.is_proved and letter.author == reply.attendee:
        try:
            stamp = reply.stamped(mail.received_at)
            is_new = vote_for_time(voter, option, _WISHES[reply.answer], stamp=stamp, at=at)
            state, note = (InboundState.DONE, Effect.COUNTED) if is_new else (state, Effect.OLDER)
        except PollClosed:
            note = Effect.TOO_LATE
    settle(mail, state, kind=CALENDAR_REPLY, note=note, at=at)


def _event_of(reply: CalendarReply) -> Event | None:
    event = queries.event_with_uid(reply.uid) if reply.uid else None
    return event if event and rules.is_public(event) else None


def _person_of(reply: CalendarReply) -> Person | None:
    return people.person_with_key(reply.attendee) if reply.attendee else None


def _applied(
    event: Event, person: Person, reply: CalendarReply, mail: InboundMail, *, at: datetime
) -> tuple[InboundState, str]:
    """Let an answer count; what cannot be done for a person is left for another one to look at."""
    try:
        effect = apply_mailed(event, person, reply, arrived_at=mail.received_at, at=at)
    except Refusal as refusal:
        return InboundState.REVIEW, str(refusal)
    return (InboundState.DROPPED if effect == Effect.OLDER else InboundState.DONE), effect.value


def apply_mailed(event: Event, person: Person, reply: CalendarReply, *, arrived_at: datetime, at: datetime) -> Effect:
    """Let an answer or a counter-proposal count as this person's. Raises what apply_reply does."""
    stamp = reply.stamped(arrived_at)
    if reply.method == "COUNTER":
        return note_proposal(event, person, reply, stamp=stamp, at=at)
    if reply.answer is None:
        raise NothingToAnswer
    mark_proved(person, at=at)
    return apply_reply(event, person, reply.answer, stamp=stamp, sequence=reply.sequence, comment=reply.comment, at=at)


def may_be_answered(mail: InboundMail, letter: Letter) -> bool:
    """Whether a mail may be answered by a mail: not if a machine wrote it, or it came from nobody (RFC 3834 2)."""
    name = mail.sender.casefold().partition("@")[0]
    is_role = name.startswith("owner-") or name.endswith("-request") or name == "mailer-daemon"
    return bool(mail.sender) and not is_role and not letter.is_automatic and not letter.is_bulk


def ask_to_confirm(event: Event, person: Person, *, at: datetime) -> None:
    """Ask somebody by mail whether an answer that bears their address is theirs; nothing has changed until they say so.

    Only those are asked who have to do with the event, and seldom: anybody can send answers in another's name.
    """
    standing = queries.standing_of(person, event)
    if standing is None or event.ends_at <= at or event.stage == Stage.CANCELLED:
        return
    kind, topic = messages.PLEASE_CONFIRM, messages.subject_of(event)
    if mailing.times_written(kind, person.address, since=at - ASKED_AGAIN, subject=topic):
        return
    if mailing.times_written(kind, person.address, since=at - timedelta(days=1)) < MOST_ASKED_A_DAY:
        post(messages.please_confirm(event, person, standing, at=at), at=at)


# What follows


def apply_reply(
    event: Event,
    person: Person,
    answer: CallAnswer,
    *,
    stamp: datetime,
    sequence: int,
    comment: str = "",
    at: datetime,
) -> Effect:
    """Let somebody's answer count: a yes registers, a no withdraws, a perhaps is kept for the organisers.

    The stamp is when it was given, the sequence that of the entry it was given to. An answer that is older than what
    the person has said since changes nothing, nor does the same one again.

    Raises a refusal if the person cannot be registered or withdrawn; what they said is kept all the same.
    """
    seats.hold(event)
    if event.ends_at <= at or event.stage == Stage.CANCELLED:
        return Effect.TOO_LATE
    call, latest = _call_of(event, person, at=at), next(iter(queries.registrations_of(person, event)), None)
    sequence = min(sequence, event.sequence)
    if _is_older(call, stamp, sequence) or _has_acted_since(latest, call, stamp):
        return Effect.OLDER
    call.answer, call.comment, call.is_by_mail = answer, comment, True
    call.answered_at, call.answered_sequence = stamp, sequence
    db.session.flush()
    _EFFECTS[answer](event, person, latest, stamp, at)
    said = queries.answers_by_person(event, person).get(person.id)
    return Effect.OUTDATED if said and said.is_outdated else Effect.COUNTED


def note_proposal(event: Event, person: Person, reply: CalendarReply, *, stamp: datetime, at: datetime) -> Effect:
    """Keep another time that somebody proposes, for the organisers to see. It never moves the event (rule C-38).

    The newest proposal counts, and none that is older than what the person has answered since. One without a time is
    a word to the organisers.
    """
    seats.hold(event)
    if event.ends_at <= at or event.stage == Stage.CANCELLED:
        return Effect.TOO_LATE
    call = _call_of(event, person, at=at)
    if any(known is not None and stamp <= known for known in (call.answered_at, call.proposed_at)):
        return Effect.OLDER
    call.comment, call.refused_at = reply.comment, None
    call.proposed_starts, call.proposed_ends = reply.proposed_span or (None, None)
    call.proposed_at, call.proposed_sequence = stamp, min(reply.sequence, event.sequence)
    db.session.flush()
    return Effect.COUNTED


def refuse_proposal(call: Call, *, at: datetime) -> None:
    """Tell whoever proposed another time that the date stays as it is (RFC 5546 3.2.8). Twice is harmless.

    Raises NothingToAnswer if nothing was proposed, or the date is over or off.
    """
    event = call.event
    seats.hold(event)
    db.session.refresh(call)
    if call.proposed_at is None or not rules.takes_place(event, at=at):
        raise NothingToAnswer
    if call.refused_at is None:
        call.refused_at = at
        db.session.flush()
        post(messages.proposal_refused(call, at=at), at=at)


def _call_of(event: Event, person: Person, *, at: datetime) -> Call:
    """What is known of somebody's answers. The caller holds the event."""
    call = db.session.get(Call, (event.id, person.id), populate_existing=True)
    if call is None:
        call = Call(event_id=event.id, person_id=person.id, called_at=event.called_at or at, comment="")
        db.session.add(call)
        db.session.flush()
    return call


def _is_older(call: Call, stamp: datetime, sequence: int) -> bool:
    """Whether this or something newer was answered before: by the entry's revision, then by time (RFC 5546 2.1.5)."""
    if call.answered_at is None or call.answered_sequence is None:
        return False
    return (sequence, stamp) <= (call.answered_sequence, call.answered_at)


def _has_acted_since(latest: Registration | None, call: Call, stamp: datetime) -> bool:
    """Whether the person has registered or withdrawn here, and not by another answer, after giving this one."""
    if latest is None:
        return False
    acted_at = latest.made_at
    if latest.cancelled_at and not _has_declined(latest):
        acted_at = latest.cancelled_at
    is_later_than_answer = call.answered_at is None or acted_at > call.answered_at
    return is_later_than_answer and stamp < acted_at - CLOCKS_DIFFER


def _has_declined(registration: Registration) -> bool:
    """Whether it ended by an answer in the calendar: then its mail says so."""
    topic, address = f"registration:{registration.id}", registration.person.address
    return mailing.times_written("declined", address, since=registration.made_at - CLOCKS_DIFFER, subject=topic) > 0


def _accept(event: Event, person: Person, latest: Registration | None, stamp: datetime, at: datetime) -> None:
    if latest and latest.state == State.OFFERED:
        accept_offer(latest, at=at)
        return
    if latest and latest.is_active and latest.state != State.UNCONFIRMED:
        return
    if latest and not latest.is_active and latest.reason:
        raise CancelledByOrganisers
    _refuse_flood(person, at=at)
    if latest and rules.may_restore(latest, at=at):
        registration = restore_registration(latest, at=at)
    else:
        name = latest.name if latest else person.name
        request = Request(name=name, organisation_name=person.organisation_name, is_proved=True)
        registration = register(event, person, request, at=at)
    if registration is not latest:
        registration.made_at = min(stamp, at)  # so that a later answer is later than this one
        db.session.flush()


def _decline(_event: Event, person: Person, latest: Registration | None, _stamp: datetime, at: datetime) -> None:
    if latest is None or not latest.is_active:
        return
    if not rules.may_cancel(latest, at=at):
        raise AlreadyOver
    _refuse_flood(person, at=at)
    cancel_registration(latest, by_calendar=True, at=at)


def _wait_and_see(
    _event: Event, _person: Person, _latest: Registration | None, _stamp: datetime, _at: datetime
) -> None:
    """A perhaps changes nothing."""


_EFFECTS: dict[CallAnswer, Callable[[Event, Person, Registration | None, datetime, datetime], None]] = {
    CallAnswer.ACCEPTED: _accept,
    CallAnswer.DECLINED: _decline,
    CallAnswer.TENTATIVE: _wait_and_see,
}


def _refuse_flood(person: Person, *, at: datetime) -> None:
    kinds = ("registered", "waiting", "declined")
    since = at - timedelta(days=1)
    if sum(mailing.times_written(kind, person.address, since=since) for kind in kinds) >= MOST_CHANGES_A_DAY:
        raise TooManyAnswers


# Reviewing


def apply_reviewed(mail: InboundMail, *, by: Person, at: datetime) -> Effect:
    """Let an answer count after somebody of the office has looked at it.

    Raises NothingToAnswer if it is no answer to an event of ours by a person we know, and what apply_reply raises.
    """
    reply = reply_in(read(mail.content, border="")) if mail.state == InboundState.REVIEW else None
    event, person = (_event_of(reply), _person_of(reply)) if reply else (None, None)
    if reply is None or event is None or person is None:
        raise NothingToAnswer
    effect = apply_mailed(event, person, reply, arrived_at=mail.received_at, at=at)
    settle(mail, InboundState.DONE, note=effect.value, at=at)
    note_deed("answered_for", f"event:{event.id}", person_id=by.id, at=at, mail=mail.id, person=person.id)
    return effect
