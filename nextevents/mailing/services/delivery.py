"""Delivering: rows are claimed by changing them, and every outcome is written where it can be seen.

A worker may die at any line. Before the body leaves, body_at is committed; so a row whose lease ran out without it
goes back to the queue, and one with it is uncertain: RFC 1047, nobody can know. Whoever comes back after its lease
finds a higher attempt number and may not write (guarantees G7 to G11).
"""

import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningUpdate

from ...ground.database import change_rows, db
from ..errors import DeliveryError, NotNow, Unanswered
from ..forms import Press, Sender
from ..models import WAITING, Form, Message, Pause, State
from .claiming import EXPIRED, IS_CLAIMED, Claimed
from .entitlement import IS_WANTED

UNCERTAIN_REST = timedelta(minutes=10)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
LONGEST_WAIT = timedelta(hours=4)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (60, 60, 120, 300))

_random = random.Random()  # noqa: S311 - spreads retries, keeps no secret


def prepare_presses(claimed: Iterable[Claimed], sender: Sender, known: dict[str, Press]) -> None:
    """Add the presses that these messages need to the known ones; each form is read once."""
    missing = {message.form_key for message in claimed} - known.keys()
    if missing:
        for form in db.session.scalars(select(Form).where(Form.key.in_(missing))):
            with suppress(ValueError):  # a form that cannot become a mail parks its messages, not the batch
                known[form.key] = Press(form, sender)


def _only_of(number: str, column: InstrumentedAttribute[Any], value: object) -> Any:
    return case((Message.id == bindparam(number), value), else_=column)


def _given(name: str, column: InstrumentedAttribute[Any]) -> Any:
    return bindparam(name, type_=column.type)


_SETTLES = and_(Message.id == bindparam("sent"), Message.attempt == bindparam("sent_attempt"))
_BEGINS = and_(Message.id == bindparam("next"), Message.attempt == bindparam("next_attempt"))


def _note(begins: ColumnElement[bool]) -> ReturningUpdate[int]:
    """The one statement that runs for every mail. Row 0 stands for none."""
    either = or_(Message.id == bindparam("sent"), Message.id == bindparam("next"))
    noted = update(Message).where(either, IS_CLAIMED, or_(_SETTLES, begins))
    return noted.values(
        state=_only_of("sent", Message.state, literal(State.SENT, Message.state.type)),
        sent_at=_only_of("sent", Message.sent_at, _given("at", Message.sent_at)),
        answer=_only_of("sent", Message.answer, _given("said", Message.answer)),
        values=case(
            (and_(Message.id == bindparam("sent"), Message.has_secrets), literal({}, Message.values.type)),
            else_=Message.values,
        ),
        body_at=_only_of("next", Message.body_at, _given("at", Message.body_at)),
    ).returning(Message.id)


#: Made once. Mails of lists are looked at again in the moment before they leave.
_NOTE, _NOTE_IF_WANTED = _note(_BEGINS), _note(and_(_BEGINS, IS_WANTED))


def note_sent_and_begin(sent: tuple[Claimed, str] | None, beginning: Claimed | None, *, at: datetime) -> bool:
    """Write that one mail was accepted and that the body of the next is about to leave, in one statement.

    Returns whether the next one may leave; if not, somebody else has taken it after our lease, or it is a mail of a
    list that is not wanted any more (rules M-29 and M-30): set_aside_unwanted() knows.
    """
    settled, words = sent or (None, "")
    touched = db.session.connection().execute(
        _NOTE_IF_WANTED if beginning and beginning.list_id is not None else _NOTE,
        {
            "sent": settled.id if settled else 0,
            "sent_attempt": settled.attempt if settled else 0,
            "said": words,
            "next": beginning.id if beginning else 0,
            "next_attempt": beginning.attempt if beginning else 0,
            "at": at,
        },
    )
    return bool(beginning and beginning.id in touched.scalars().all())


def note_failure(message: Claimed, error: DeliveryError, *, at: datetime) -> None:
    """Write why a mail did not leave: later, never, or nobody knows."""
    words = str(error)
    if isinstance(error, Unanswered):
        _settle(message, state=State.UNCERTAIN, answer=words)
    elif isinstance(error, NotNow):
        due_at = at + _wait_after(message.attempt)
        is_too_late = due_at >= message.expires_at
        _settle(message, state=State.FAILED if is_too_late else State.DEFERRED, due_at=due_at, answer=words)
    else:
        _settle(message, state=State.FAILED, answer=words)


def _wait_after(attempt: int) -> timedelta:
    wait = WAITS[attempt - 1] if attempt <= len(WAITS) else LONGEST_WAIT
    return wait * _random.uniform(1.0, 1.2)


def _is_still(message: Claimed) -> Any:
    return and_(Message.id == message.id, Message.attempt == message.attempt, Message.state == State.CLAIMED)


def _settle(message: Claimed, **values: Any) -> None:
    change_rows(update(Message).where(_is_still(message)).values(**values))


def free_abandoned(*, at: datetime) -> None:
    """Free what a dead worker left behind, and repeat once, with the same bytes, what was uncertain long enough.

    An uncertain mail to many is for a person to decide (rule M-24): nobody should have an issue twice.
    """
    abandoned = (Message.state == State.CLAIMED, Message.lease_until < at)
    _update_all(*abandoned, Message.body_at.is_(None), state=State.QUEUED)
    _update_all(*abandoned, Message.body_at.is_not(None), state=State.UNCERTAIN, answer="the worker stopped meanwhile")
    _update_all(
        Message.state == State.UNCERTAIN,
        Message.was_repeated.is_(False),
        Message.campaign_id.is_(None),
        Message.body_at < at - UNCERTAIN_REST,
        Message.expires_at > at,
        state=State.QUEUED,
        was_repeated=True,
        due_at=at,
    )


def give_up_expired(*, at: datetime) -> None:
    """Fail what is not worth sending any more: the code has run out, the event is over."""
    _update_all(Message.state.in_(WAITING), Message.expires_at <= at, state=State.FAILED, answer=EXPIRED)


def _update_all(*conditions: Any, **values: Any) -> None:
    change_rows(update(Message).where(*conditions).values(**values))


def is_paused(*, at: datetime) -> bool:
    """Whether the server is being left alone at the moment."""
    return db.session.scalar(select(Pause.id).where(Pause.until > at)) is not None


def pause_sending(reason: str, *, at: datetime) -> None:
    """Leave the server alone for a while: it refuses us, so no mail is to blame (guarantee G11)."""
    pause = db.session.get(Pause, 1) or Pause(id=1, failures=0, until=at, reason="")
    pause.until = at + PAUSES[min(pause.failures, len(PAUSES) - 1)]
    pause.failures += 1
    pause.reason = reason
    db.session.add(pause)


def resume_sending() -> None:
    """Forget earlier failures: the server has taken a mail."""
    change_rows(delete(Pause))


def replay(number: int, *, at: datetime) -> bool:
    """Queue a failed or uncertain message once more. Whether it was one is returned."""
    replayed = change_rows(
        update(Message)
        .where(Message.id == number, Message.state.in_((State.FAILED, State.UNCERTAIN)))
        .where(or_(Message.has_secrets.is_(False), Message.expires_at > at))
        .values(
            state=State.QUEUED,
            due_at=at,
            answer="",
            expires_at=case((Message.expires_at > at, Message.expires_at), else_=at + timedelta(days=1)),
        )
    )
    return bool(replayed)
