"""Whoever comes to a circle is welcome at its dates that stand already: invited by entry, or there with one yes."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from flask import url_for
from flask_babel import force_locale
from sqlalchemy import Select, literal, select, true

from ...communities import services as communities
from ...communities.messages import ComingDate
from ...communities.models import Belonging, Community
from ...ground import clock
from ...ground.database import Moment, db, insert_unless_there
from ...ground.errors import NotFound
from ...mailing.messages import absolute
from ...mailing.services import Mail, post_all
from ...people import queries as people
from ...people.addresses import Address
from ...people.models import Person
from ...people.services import mark_proved
from .. import messages_to_circles as mails
from .. import queries, rules, showing
from ..models import Audience, Call, Event, Registration, Stage
from . import seats
from .calling import accept_call
from .registration import Request, register

#: More dates than this a mail does not list; all stand on the circle's page.
MOST_LISTED = 12


def join_circle(community: Community, person: Person, *, at: datetime) -> Belonging:
    """Make somebody, whose address is proved, part of a circle; its mail lists the coming dates, and calls follow.

    Twice is harmless. Raises CommunityClosed.
    """
    dates = _hold_dates(community, at=at)
    belonging = communities.join(community, person, coming=_listed(dates, person), at=at)
    _call(community, person, dates, at=at)
    return belonging


def appoint_lead(community: Community, address: Address, *, by: Person, at: datetime) -> Person:
    """Make whoever has this address lead a circle; they belong to it too and are called. Raises NobodyKnown."""
    dates = _hold_dates(community, at=at)
    lead = communities.appoint(community, address, by=by, at=at)
    _call(community, lead, dates, at=at)
    return lead


def hand_over_lead(community: Community, giver: Person, address: Address, *, at: datetime) -> Person:
    """Let somebody else lead in one's place, who is called too. Raises NobodyKnown; then nothing has changed."""
    dates = _hold_dates(community, at=at)
    taker = communities.hand_over(community, giver, address, at=at)
    _call(community, taker, dates, at=at)
    return taker


def _hold_dates(community: Community, *, at: datetime) -> Sequence[Event]:
    """Let nobody change a circle's coming dates meanwhile, drafts included.

    So a draft that is just being published has either called the newcomer, or is seen here as published. Held
    in the order of time, as a series holds its dates, so that nobody waits for somebody who waits for them.
    """
    return _held(queries.dates_to_come(community, at))


def _held(dates: Select[Event]) -> Sequence[Event]:
    chosen = dates.order_by(Event.starts_at, Event.id).with_for_update(of=Event)
    return db.session.scalars(chosen.execution_options(populate_existing=True)).all()


def _listed(dates: Sequence[Event], person: Person) -> list[ComingDate]:
    public = [one for one in dates if one.stage == Stage.PUBLISHED]
    with force_locale(person.language):
        return [
            ComingDate(one.title, showing.when_label(one), absolute(url_for("events.show", slug=one.slug)))
            for one in public[:MOST_LISTED]
        ]


def _call(community: Community, person: Person, dates: Sequence[Event], *, at: datetime) -> None:
    """Invite somebody by entry to what is published and still to come.

    Left out is what they come to, have withdrawn from or were called to before, so twice is harmless; and everything
    for whoever belongs to the circle without wanting invitations. Nobody is registered: a standing yes counts for new
    dates.
    """
    is_member = people.is_member(person, clock.local(at).date())
    open_dates = [
        one for one in dates if rules.may_call(one, at=at) and (is_member or one.audience != Audience.MEMBERS)
    ]
    numbers = _insert_calls(community, person, open_dates, at=at)
    called = [one for one in open_dates if one.id in numbers]
    for one in called:
        one.called_at = one.called_at or at
    db.session.flush()
    post_all(_mails(community, person, called, at=at), at=at)


def _insert_calls(community: Community, person: Person, dates: Sequence[Event], *, at: datetime) -> Collection[int]:
    """One statement for all dates; gives the numbers of those that were new."""
    wanted = queries.dates_to_call_to(community, person, [one.id for one in dates]).subquery()
    rows = select(wanted.c.id, literal(person.id), literal(at, Moment()), literal(""))
    columns = [Call.event_id, Call.person_id, Call.called_at, Call.comment]
    # "true" lets SQLite tell ON CONFLICT from the condition of a join
    made = insert_unless_there(Call).from_select(columns, rows.where(true())).returning(Call.event_id)
    return set(db.session.scalars(made))


def _mails(community: Community, person: Person, dates: Sequence[Event], *, at: datetime) -> Iterator[Mail]:
    one = queries.Called(person.id, person.name, person.address, person.language, community.id)
    for event in dates:
        yield from mails.called(event, [one], at=at)


def say_yes(community: Community, person: Person, numbers: Collection[int], *, at: datetime) -> list[Registration]:
    """Register somebody for dates of a circle, by the link that a mail of ours brought: it proves the address.

    Twice is one registration each. Raises NotFound for a date of another circle, RegistrationClosed and NotInvited;
    then nothing has changed.
    """
    dates = _held(queries.dates_to_come(community, at).where(Event.id.in_(numbers), Event.stage != Stage.DRAFT))
    if len(dates) != len(numbers):
        raise NotFound
    mark_proved(person, at=at)
    return [_registered(one, person, at=at) for one in dates]


def _registered(event: Event, person: Person, *, at: datetime) -> Registration:
    call = queries.call_of(event.id, person.id)
    if call:
        return accept_call(call, at=at)
    seats.hold(event)
    return register(event, person, Request(name=person.name, organisation_name=person.body, is_proved=True), at=at)
