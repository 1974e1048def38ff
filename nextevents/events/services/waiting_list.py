"""The waiting list in the organisers' hands: its order, and a seat for somebody out of turn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import update

from ...ground.database import change_rows, db
from .. import queries, rules
from ..errors import NoSeatFree, NothingToAnswer
from ..models import Event, Registration, State
from . import seats

_STEP = timedelta(microseconds=1)


class Move(StrEnum):
    """Where somebody goes on the waiting list."""

    UP = "up"
    DOWN = "down"
    TOP = "top"


def move_waiting(event: Event, number: int, move: Move) -> None:
    """Move one of the waiting up, down, or to the top. Whoever does not wait any more stays where they are.

    The order is that of waiting_since and the number, as everywhere: the moments are dealt out anew, the earliest to
    whoever is first now. None becomes later than the latest was, so that nobody falls behind newcomers.
    """
    seats.hold(event)
    queue = list(queries.waiting_moments(event))
    order = [one for one, _ in queue]
    if number not in order:
        return
    place = order.index(number)
    target = {Move.UP: max(place - 1, 0), Move.DOWN: min(place + 1, len(order) - 1), Move.TOP: 0}[move]
    order.insert(target, order.pop(place))
    _deal_out(order, queue)


def _deal_out(order: Sequence[int], queue: Sequence[tuple[int, datetime]]) -> None:
    known = dict(queue)
    behind: tuple[datetime, int] | None = None
    for number, since in reversed(list(zip(order, (since for _, since in queue), strict=True))):
        moment = since
        if behind and (moment, number) >= behind:
            moment = behind[0] if number < behind[1] else behind[0] - _STEP
        if moment != known[number]:
            change_rows(update(Registration).where(Registration.id == number).values(waiting_since=moment))
        behind = (moment, number)
    db.session.expire_all()


def give_seat(waiting: Registration, *, as_extra: bool, at: datetime) -> None:
    """Confirm somebody who waits or was offered a seat, out of turn. Twice is harmless.

    Raises NoSeatFree unless a seat is free or it may be one more, and NothingToAnswer for whoever does not wait.
    """
    event = waiting.event
    seats.hold(event)
    db.session.refresh(waiting)
    if waiting.state == State.CONFIRMED:
        return
    if waiting.state not in {State.WAITING, State.OFFERED} or not rules.takes_place(event, at=at):
        raise NothingToAnswer
    if not waiting.has_seat and not seats.take_seat(event):
        if not as_extra:
            raise NoSeatFree
        waiting.is_extra = True
    seats.move_up(waiting, at=at)
