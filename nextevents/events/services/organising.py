"""Making, publishing, changing and cancelling events; everybody who has an entry hears of it (guarantee G23)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from ...communities.models import Community
from ...ground.database import db
from ...ground.text import search_key
from ...mailing.services import post_all
from .. import messages, queries, rules
from ..conferences import href_of, new_key
from ..errors import CapacityBelowTaken, ChangedMeanwhile, SlugStays, SlugTaken
from ..models import Audience, Event, Format, Place, Question, ReminderRule, Stage, Viewers, WaitingMode
from . import seats
from .approving import end_requests
from .calling import call_off, call_people, plan_calling, tell_called
from .reminders import plan_reminders


@dataclass(frozen=True, kw_only=True)
class EventChange:
    """An event as it shall be. Local times are naive and as the wall clock in Berlin shows them."""

    title: str
    summary: str
    description: str
    format: Format
    starts_local: datetime
    ends_local: datetime
    is_all_day: bool = False
    place: Place
    address: str = ""
    dial_in: str = ""
    #: Whether people meet in a room at the conference provider; then its page is the dial-in.
    has_room: bool = False
    audience: Audience = Audience.EVERYBODY
    takes_registrations: bool = True
    website: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    waiting_mode: WaitingMode = WaitingMode.MOVE_UP
    offer_hours: int = 48
    hosts: str = ""
    is_listed: bool = True
    needs_approval: bool = False
    takes_groups: bool = False
    participants_shown_to: Viewers = Viewers.NOBODY
    asks_photos: bool = False
    asks_recording: bool = False
    asks_newsletter: bool = False
    counts_joining: bool = False
    join_opens_minutes: int = 15
    gives_certificates: bool = False
    asks_feedback: bool = False


Copied = TypeVar("Copied")

PLACE_FIELDS = frozenset({"place", "address", "dial_in"})
TEXT_FIELDS = frozenset({"title", "summary", "description"})


def make_event(
    slug: str, change: EventChange, communities: Sequence[Community], *, source: str | None = None, at: datetime
) -> Event:
    """A new event, as a draft."""
    event = Event(slug=slug, source=source, stage=Stage.DRAFT, changed_at=at, seats_taken=0, sequence=0, room="")
    change, event.room = _with_way_in(event, change)
    _apply(event, change)
    event.communities = list(communities)
    db.session.add(event)
    db.session.flush()
    return event


def copy_parts(source: Event, target: Event) -> None:
    """Take over what hangs on an earlier event: questions, partners, picture, reminders. Nobody's registration."""
    target.picture_id, target.picture_alt = source.picture_id, source.picture_alt
    for partner in source.partners:
        db.session.add(_copied(partner, event_id=target.id))
    for rule in db.session.scalars(select(ReminderRule).where(ReminderRule.event_id == source.id).order_by("id")):
        db.session.add(_copied(rule, event_id=target.id))
    numbers: dict[int | None, int] = {}
    for question in db.session.scalars(
        select(Question).where(Question.event_id == source.id).order_by("position", "id")
    ):
        copy = _copied(question, event_id=target.id, shown_if_id=numbers.get(question.shown_if_id))
        db.session.add(copy)
        db.session.flush()
        numbers[question.id] = copy.id
    db.session.flush()


def _copied(row: Copied, **changes: object) -> Copied:
    columns = {column.key for column in inspect(type(row)).column_attrs} - {"id"}
    return type(row)(**({name: getattr(row, name) for name in columns} | changes))


def publish_event(event: Event, *, calls: bool = True, at: datetime) -> None:
    """Show a draft to everybody, and call the people of its circles once the registration is open.

    Told not to, it calls nobody, newcomers neither.

    What was called off stays so: its entries are gone from the calendars.
    """
    if event.stage != Stage.DRAFT:
        return
    event.stage = Stage.PUBLISHED
    event.calling_stopped_at = None if calls else at
    event.changed_at = at
    db.session.flush()
    plan_reminders(event, at=at)
    plan_calling(event, at=at)
    call_people(event, at=at)


def change_event(
    event: Event,
    change: EventChange,
    communities: Sequence[Community] | None = None,
    *,
    version: int,
    tells_text_changes: bool = False,
    at: datetime,
) -> frozenset[str]:
    """Change an event; whoever has it in the calendar gets the update. Returns the names of what changed.

    A new time or place is always told; a new text only if asked for. More seats move waiting people up. A new time
    ends a postponement, and what was said about it, and calls whoever was not called before; so does a registration
    that is open earlier than planned. Communities are left as they are unless given.

    Raises ChangedMeanwhile if the event is no longer at this version, and CapacityBelowTaken.
    """
    seats.hold(event)
    if event.version != version:
        raise ChangedMeanwhile
    if change.capacity is not None and change.capacity < event.seats_taken:
        raise CapacityBelowTaken(event.seats_taken)
    change, room = _with_way_in(event, change)
    changed = frozenset(one.name for one in fields(change) if getattr(event, one.name) != getattr(change, one.name))
    if communities is not None and {one.id for one in communities} != {one.id for one in event.communities}:
        changed |= {"communities"}
        event.communities = list(communities)
    if not changed:
        return changed
    event.room = room
    _apply(event, change)
    is_back = event.stage == Stage.POSTPONED and bool(changed & messages.TIME_FIELDS)
    if is_back:
        event.stage, event.notice = Stage.PUBLISHED, ""
    event.changed_at = at
    has_opened = event.calls_at is not None and not rules.opens_later(event, at=at)
    plan_calling(event, at=at)
    if changed & messages.TIME_FIELDS:
        plan_reminders(event, at=at)
    told = changed & (messages.TIME_FIELDS | PLACE_FIELDS | (TEXT_FIELDS if tells_text_changes else {"title"}))
    if told and event.stage == Stage.PUBLISHED and event.ends_at > at:
        seats.bump_sequence(event, at=at)
        post_all(messages.event_changed(event, queries.told_registrations(event), told, at=at), at=at)
        tell_called(event, told, at=at)
    if is_back or has_opened:
        call_people(event, at=at)
    seats.fill_free_seats(event, at=at)
    return changed


def _with_way_in(event: Event, change: EventChange) -> tuple[EventChange, str]:
    """The change with the page of the event's room as the dial-in, and the room's key; empty if it has none."""
    own_page = href_of(event.room) if event.room else None
    if change.place == Place.IN_PRESENCE or not change.has_room:
        dial_in = "" if change.dial_in == own_page else change.dial_in
        return replace(change, has_room=False, dial_in=dial_in), ""
    key = event.room or new_key()
    return replace(change, dial_in=href_of(key)), key


def _apply(event: Event, change: EventChange) -> None:
    for one in fields(change):
        if one.name not in messages.TIME_FIELDS and one.name != "has_room":
            setattr(event, one.name, getattr(change, one.name))
    event.is_all_day = change.is_all_day
    event.set_time(change.starts_local, change.ends_local)
    event.search_text = search_key(f"{change.title}\n{change.summary}\n{change.description}")


def change_slug(event: Event, slug: str, *, at: datetime) -> bool:
    """Give a draft another address; returns whether it is another one.

    Raises SlugStays once the event is published, because people have the address then, and SlugTaken.
    """
    if slug == event.slug:
        return False
    if event.stage != Stage.DRAFT:
        raise SlugStays(event.slug)
    try:
        with db.session.begin_nested():
            event.slug = slug
            event.touch(at)
    except IntegrityError:
        raise SlugTaken(slug) from None
    return True


def postpone_event(event: Event, notice: str = "", *, at: datetime) -> None:
    """Take an event off its date until there is a new one: entries vanish, registrations stay. Twice is harmless.

    What the organisers say about it, as plain text, stands in the mails and on the page until there is a new time.
    """
    seats.hold(event)
    if event.stage != Stage.PUBLISHED or event.ends_at <= at:
        return
    event.stage, event.notice = Stage.POSTPONED, notice
    db.session.flush()
    plan_reminders(event, at=at)
    seats.bump_sequence(event, at=at)
    post_all(messages.event_postponed(queries.told_registrations(event), at=at), at=at)
    call_off(event, at=at)


def cancel_event(event: Event, notice: str = "", *, at: datetime) -> None:
    """Call an event off; it vanishes from the calendars of all who had it. Cancelling twice is harmless.

    What the organisers say about it, as plain text, stands in the mails and on the page.
    """
    seats.hold(event)
    if event.stage == Stage.CANCELLED:
        return
    was_public = rules.is_public(event)
    event.stage, event.notice = Stage.CANCELLED, notice
    db.session.flush()
    plan_reminders(event, at=at)
    seats.bump_sequence(event, at=at)
    if was_public and event.ends_at > at:
        post_all(messages.event_cancelled(queries.told_registrations(event), at=at), at=at)
        end_requests(event, at=at)
        call_off(event, at=at)
