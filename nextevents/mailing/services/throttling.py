"""Slower where a destination asks for it (rules M-11 and M-27), for mail of lists only: nobody waits to sign in.

A destination is what one operator serves: a mail domain, or a group of them. Which those are the operator says
(DESTINATION_GROUPS) and PROVIDERS knows; the DNS is not asked, so that it holds where no DNS can be reached.

A destination with a rate gives places, one after another. Whoever is claimed and finds none gets a later due_at and is
not looked at before; how long it waits grows with how long it has waited, so a mail is put off a few times, not
thousands.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import and_, case, delete, func, literal, or_, select, update

from ...ground.database import change_rows, db, insert_unless_there
from ..models import Destination, Message
from .claiming import PUT_BACK, Claimed, are_still

#: The domains under which the large providers run mailboxes.
PROVIDERS = {
    domain: name
    for name, domains in {
        "Google": ("gmail.com", "googlemail.com"),
        "Microsoft": ("outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.com", "live.de", "msn.com"),
        "GMX, WEB.DE": ("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "gmx.eu", "web.de", "email.de"),
        "Telekom": ("t-online.de", "magenta.de"),
        "Yahoo": ("yahoo.com", "yahoo.de", "ymail.com", "rocketmail.com", "aol.com", "aol.de"),
        "Apple": ("icloud.com", "me.com", "mac.com"),
    }.items()
    for domain in domains
}
#: What a destination gets a minute after its first complaint, if no rate is set.
FIRST_RATE = 30.0
LEAST_RATE = 1.0
#: From here on a destination without a set rate is not held back any more.
FREE_RATE = 600.0
#: A minute without complaint raises the rate so much.
RAISE = 1.1
MINUTE = timedelta(minutes=1)
#: Complaints about mails that were on their way together are one.
ONE_COMPLAINT = timedelta(seconds=30)
#: So much earlier than its place a mail may leave: workers look every few seconds only.
TOLERANCE = timedelta(seconds=5)
#: Places are given for so long ahead; whoever gets none asks again later.
HORIZON = timedelta(minutes=10)
#: A destination to which nothing goes is remembered for so long.
MEMORY = timedelta(days=1)
#: "Too fast" in a server's words (RFC 3463: 4.7.x; RFC 5321: 421).
_TOO_FAST = re.compile(r"\A(421\b|4\d\d[ -]4\.7\.\d+)")


def asks_to_slow_down(words: str) -> bool:
    """Whether these words of a server mean that mail comes too fast."""
    return bool(_TOO_FAST.match(words))


def destination_of(domain: str) -> str:
    """The group to which a mail domain, or one above it, belongs; the domain itself if to none."""
    groups = _groups()
    labels = domain.split(".")
    above = (".".join(labels[start:]) for start in range(len(labels)))
    return next((groups[one] for one in above if one in groups), domain)


def _groups() -> dict[str, str]:
    return PROVIDERS | dict(current_app.config["DESTINATION_GROUPS"])


def slow_down(domain: str, reason: str, *, rate: float, at: datetime) -> None:
    """Halve what a domain's destination gets, at most once in half a minute.

    Rate is the set one a minute, 0 if none is.
    """
    name = destination_of(domain)
    first = {
        "domain": name,
        "per_minute": max(LEAST_RATE, rate / 2 if rate else FIRST_RATE),
        "next_at": at + MINUTE,
        "slowed_at": at,
        "reason": reason,
    }
    made = db.session.execute(insert_unless_there(Destination).returning(Destination.domain), [first]).first()
    if not made:
        halved = case((Destination.per_minute > 2 * LEAST_RATE, Destination.per_minute / 2), else_=LEAST_RATE)
        change_rows(
            update(Destination)
            .where(Destination.domain == name, Destination.slowed_at < at - ONE_COMPLAINT)
            .values(per_minute=halved, next_at=at + MINUTE, slowed_at=at, reason=reason)
        )


def put_off(claimed: Collection[Claimed], *, rate: float, at: datetime) -> list[Claimed]:
    """Give each mail of a list its place at its destination; returns those that may leave now, puts back the others.

    Rate is the set one a minute for every destination, 0 for none: then only those that complained are held back.
    """
    by_destination = defaultdict(list)
    for message in claimed:
        if message.list_id is not None:
            by_destination[destination_of(message.domain)].append(message)
    later: dict[int, datetime] = {}
    for destination in _limited(by_destination, rate=rate, at=at):
        _raise(destination, rate=rate, at=at)
        later |= _placed(destination, by_destination[destination.domain], at=at)
    if later:
        _put_back([message for message in claimed if message.id in later], later)
    return [message for message in claimed if message.id not in later]


def _limited(destinations: Iterable[str], *, rate: float, at: datetime) -> list[Destination]:
    """Those with a rate, held: another worker gives their next places."""
    names = sorted(destinations)
    if rate and names:
        fresh = {"per_minute": rate, "next_at": at, "slowed_at": at, "reason": ""}
        db.session.execute(insert_unless_there(Destination), [{"domain": name, **fresh} for name in names])
    chosen = select(Destination).where(Destination.domain.in_(names)).order_by(Destination.domain)
    held = chosen.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(held)) if names else []


def _raise(destination: Destination, *, rate: float, at: datetime) -> None:
    """A little more after each minute without complaint, up to the set rate."""
    if at < max(destination.slowed_at, destination.raised_at or destination.slowed_at) + MINUTE:
        return
    destination.per_minute = min(destination.per_minute * RAISE, rate or FREE_RATE)
    destination.raised_at = at
    if rate and destination.per_minute >= rate:
        destination.reason = ""
    if not rate and destination.per_minute >= FREE_RATE:
        db.session.delete(destination)


def _placed(destination: Destination, messages: list[Claimed], *, at: datetime) -> dict[int, datetime]:
    """Move the destination's next place on for each mail that may leave now; gives when the others are due."""
    later = {}
    interval = MINUTE / destination.per_minute
    for message in messages:
        if destination.next_at <= at + min(TOLERANCE, interval):
            destination.next_at = max(destination.next_at, at - TOLERANCE) + interval
            continue
        place = max(destination.booked_until or at, destination.next_at) + interval
        if place - at <= HORIZON:
            destination.booked_until = place
        else:
            place = at + max(HORIZON, at - message.created_at)
        later[message.id] = place
    return later


def _put_back(messages: list[Claimed], due: dict[int, datetime]) -> None:
    """All in one statement."""
    due_at = case({number: literal(place, Message.due_at.type) for number, place in due.items()}, value=Message.id)
    change_rows(update(Message).where(are_still(messages)).values(PUT_BACK | {"due_at": due_at}))


def forget_destinations(*, at: datetime) -> None:
    """Forget those to which nothing went for a day, and those grouped otherwise now; all begin anew."""
    before = at - MEMORY
    has_rested = and_(Destination.slowed_at < before, func.coalesce(Destination.raised_at, before) <= before)
    names = db.session.scalars(select(Destination.domain)).all()
    is_called_otherwise = Destination.domain.in_([name for name in names if not _is_in_use(name)])
    change_rows(delete(Destination).where(or_(has_rested, is_called_otherwise)))


def _is_in_use(name: str) -> bool:
    """Whether mail is counted under this name: a group there is, or a domain that belongs to none."""
    return name in _groups().values() or ("." in name and destination_of(name) == name)


def slow_destinations() -> list[Destination]:
    """Those that are held back, slowest first."""
    return list(
        db.session.scalars(select(Destination).where(Destination.reason != "").order_by(Destination.per_minute))
    )
