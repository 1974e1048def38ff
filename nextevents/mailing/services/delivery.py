"""Delivering: rows are claimed by changing them, and every outcome is written where it can be seen.

A worker may die at any line. Of a row whose lease ran out flights.py may know whether its mail was begun and accepted,
or never begun: then it goes back to the queue. If not, it is uncertain: RFC 1047, nobody can know. Whoever comes back
after its lease finds another one in the row and may not write (guarantees G7 to G11).
"""

import random
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Update,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from ...ground.database import Moment, change_rows, db, is_postgresql
from ..errors import DeliveryError, NotNow, Unanswered
from ..flights import BEGUN, NOT_BEGUN, Taking, what_flights_say
from ..forms import Press, Sender
from ..messages_of_posts import KIND as POST
from ..models import WAITING, Form, Message, Pause, State
from ..relay_log import RelayLog
from .claiming import EXPIRED, IS_CLAIMED, Claimed, are_still

UNCERTAIN_REST = timedelta(minutes=10)
#: So much longer than its lease a mail waits of which no flight of this machine knows: another one may know.
STRANGERS_WAIT = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
LONGEST_WAIT = timedelta(hours=4)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (60, 60, 120, 300))

STOPPED = "the worker stopped meanwhile"
IN_LOG = "the relay's log has it"
#: Longer ago no log is asked; and about so many mails at once at the most.
LOG_TIME = timedelta(days=1)
REPEATED_TIME = timedelta(hours=1)
MOST_UNCERTAIN = 1000

#: What was taken, and the server's words about it.
Accepted = tuple[Taking, str]

_random = random.Random()  # noqa: S311 - spreads retries, keeps no secret


def prepare_presses(claimed: Iterable[Claimed], sender: Sender, known: dict[str, Press]) -> None:
    """Add the presses that these messages need to the known ones; each form is read once."""
    missing = {message.form_key for message in claimed} - known.keys()
    if missing:
        for form in db.session.scalars(select(Form).where(Form.key.in_(missing))):
            with suppress(ValueError):  # a form that cannot become a mail parks its messages, not the batch
                known[form.key] = Press(form, sender)


def note_sent(accepted: Sequence[Accepted], *, at: datetime) -> None:
    """Write that the server has accepted these, as far as they are still ours, in one statement.

    That includes those that others have called uncertain meanwhile: an answer may take longer than the lease.
    """
    if not accepted:
        return
    rows = [{"at": at, "number": taking[0], "lease": taking[1], "said": words} for taking, words in accepted]
    if is_postgresql():
        columns = {f"all_{name}": [row[name] for row in rows] for name in ("number", "lease", "said")}
        db.session.connection().execute(_NOTE_ALL, {"at": at} | columns)
    else:
        db.session.connection().execute(_NOTE_ONE, rows)


def _note(number: Any, lease: Any, said: Any) -> Update:
    return (
        update(Message)
        .where(Message.id == number, Message.lease_until == lease, or_(IS_CLAIMED, Message.state == State.UNCERTAIN))
        .values(
            state=State.SENT,
            sent_at=bindparam("at", type_=Message.sent_at.type),
            answer=said,
            values=case((Message.has_secrets, literal({}, Message.values.type)), else_=Message.values),
        )
    )


def _unnested(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return func.unnest(bindparam(f"all_{name}", type_=postgresql.ARRAY(kind))).label(name)


#: Made once: they run for every portion.
_said = select(_unnested("number", Integer()), _unnested("lease", Moment()), _unnested("said", String())).cte()
_NOTE_ALL = _note(_said.c.number, _said.c.lease, _said.c.said)
_NOTE_ONE = _note(bindparam("number"), bindparam("lease", type_=Moment()), bindparam("said"))


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


def _settle(message: Claimed, **values: Any) -> None:
    change_rows(update(Message).where(are_still([message])).values(**values))


def free_abandoned(*, at: datetime) -> None:
    """Free what a dead worker left behind."""
    is_claimed = Message.state == State.CLAIMED
    _believe_flights(select(Message.id, Message.lease_until).where(is_claimed, Message.lease_until < at), at=at)
    _update_all(is_claimed, Message.lease_until < at - STRANGERS_WAIT, state=State.UNCERTAIN, answer=STOPPED)


def repeat_uncertain(*, at: datetime) -> None:
    """Repeat once, with the same bytes, what was uncertain long enough.

    An uncertain mail of a list is for a person to decide (rule M-24): nobody should have an issue or a post twice.
    """
    _repeat(Message.list_id.is_(None), Message.body_at < at - UNCERTAIN_REST, at=at)


def _repeat(*conditions: Any, at: datetime) -> None:
    may_be = (Message.state == State.UNCERTAIN, Message.was_repeated.is_(False), Message.expires_at > at)
    _update_all(*may_be, *conditions, state=State.QUEUED, was_repeated=True, due_at=at)


class Uncertain(NamedTuple):
    """A mail of which nobody knows whether the server has it."""

    id: int
    message_id: str
    body_at: datetime


def uncertain_mails(*, at: datetime) -> list[Uncertain]:
    """The mails that our relay's log may settle: uncertain long enough, and not so long that its lines are gone.

    Not the posts of lists, which leave under their author's Message-ID; and what was repeated, for an hour only.
    """
    may_be = (
        Message.state == State.UNCERTAIN,
        Message.kind != POST,
        Message.body_at.between(at - LOG_TIME, at - UNCERTAIN_REST),
        or_(Message.was_repeated.is_(False), Message.body_at > at - REPEATED_TIME),
    )
    chosen = select(Message.id, Message.message_id, Message.body_at).where(*may_be)
    rows = db.session.execute(chosen.order_by(Message.id).limit(MOST_UNCERTAIN))
    return [Uncertain(number, message_id, body_at) for number, message_id, body_at in rows if body_at]


def believe_relay(said: RelayLog, uncertain: Collection[Uncertain], *, at: datetime) -> None:
    """Settle what the relay's log knows: what it has taken is sent; what it has not is repeated once, lists too."""
    taken = [one.id for one in uncertain if one.message_id in said.taken]
    lost = [one.id for one in uncertain if one.message_id not in said.taken and said.covers(one.body_at)]
    if taken:
        _update_all(
            Message.id.in_(taken),
            Message.state == State.UNCERTAIN,
            state=State.SENT,
            sent_at=Message.body_at,
            answer=IN_LOG,
            values=case((Message.has_secrets, literal({}, Message.values.type)), else_=Message.values),
        )
    if lost:
        _repeat(Message.id.in_(lost), at=at)


def _believe_flights(abandoned: Select[int, datetime | None], *, at: datetime) -> None:
    """Settle what dead processes of this machine have noted: accepted, begun, or never begun."""
    takings = [(number, lease) for number, lease in db.session.execute(abandoned) if lease]
    said = what_flights_say(current_app.config["DATA"]) if takings else {}
    known = [(taking, said[taking]) for taking in takings if taking in said]
    note_sent([(taking, words) for taking, words in known if words], at=at)
    _settle_all([taking for taking, words in known if words is NOT_BEGUN], state=State.QUEUED, body_at=None)
    _settle_all([taking for taking, words in known if words == BEGUN], state=State.UNCERTAIN, answer=STOPPED)


def _settle_all(takings: Collection[Taking], **values: Any) -> None:
    if takings:
        _update_all(tuple_(Message.id, Message.lease_until).in_(takings), IS_CLAIMED, **values)


def give_up_expired(*, at: datetime) -> None:
    """Fail what is not worth sending any more: the code has run out, the event is over."""
    _update_all(Message.state.in_(WAITING), Message.expires_at <= at, state=State.FAILED, answer=EXPIRED)


def _update_all(*conditions: Any, **values: Any) -> None:
    change_rows(update(Message).where(*conditions).values(**values))


def is_paused(*, at: datetime) -> bool:
    """Whether the server is being left alone at the moment."""
    return db.session.scalar(select(Pause.id).where(Pause.until > at)) is not None


def pause_sending(reason: str, *, at: datetime) -> None:
    """Leave the server alone for a while: it refuses us, so no mail is to blame (guarantee G11).

    One statement: several workers see it die at the same moment. That counts once, so do mails during a pause.
    """
    ends = [literal(at + wait, Pause.until.type) for wait in PAUSES]
    flavour = postgresql if is_postgresql() else sqlite
    first = flavour.insert(Pause).values(id=1, until=at + PAUSES[0], failures=1, reason=reason)
    again = {
        "until": case(dict(enumerate(ends)), value=Pause.failures, else_=ends[-1]),
        "failures": Pause.failures + 1,
        "reason": reason,
    }
    change_rows(first.on_conflict_do_update(index_elements=[Pause.id], set_=again, where=Pause.until <= at))


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
