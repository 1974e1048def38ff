"""Reminders: rules planned as rows, each sent once, at its time or not at all (guarantee G19).

Hours are real hours; days are days of the calendar in the event's zone, so that "two days before" is at the same wall
time also over a clock change. What cannot be sent within GRACE, or before the event begins, is not sent late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import joinedload

from ...ground import clock
from ...ground.database import change_rows, db, insert_unless_there
from ...mailing.services import post_all
from ...people.models import Person
from .. import messages
from ..errors import RemindedThen, TooManyReminders
from ..models import Anchor, Event, PlannedReminder, Registration, ReminderRule, ReminderState, Stage, State
from . import seats

#: How long after its moment a reminder may still go out. One that speaks of the start ends when that has come.
GRACE = timedelta(hours=24)
DAY = timedelta(days=1)
MOST_RULES = 8
PORTION = 200


@dataclass(frozen=True, kw_only=True)
class ReminderWish:
    """A rule as organisers type it: minutes before (negative) or after; whole days if counts_days."""

    minutes: int
    counts_days: bool = False
    anchor: Anchor = Anchor.START
    states: Sequence[State] = (State.CONFIRMED,)
    #: Markdown; empty means the standard text.
    text: str = ""


#: What every published event gets that nobody has made a rule for.
DEFAULT = ReminderWish(minutes=-24 * 60)


def due_at(rule: ReminderRule, event: Event) -> datetime:
    """When a rule's reminder is due, from the event as it stands.

    Hours are counted on the moment; days on the wall clock. Where the clock skips that time, it is the one that the
    clock shows instead; where it shows it twice, it is the first.
    """
    is_start = rule.anchor == Anchor.START
    distance = timedelta(minutes=rule.minutes)
    if not rule.counts_days:
        return (event.starts_at if is_start else event.ends_at) + distance
    return _first_moment_of((event.starts_local if is_start else event.ends_local) + distance, ZoneInfo(event.zone))


def _first_moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    try:
        return clock.moment_of(wall, zone)
    except clock.NoSuchLocalTimeError as gap:
        return clock.moment_of(gap.suggestion, zone)
    except clock.AmbiguousLocalTimeError:
        return wall.replace(tzinfo=zone, fold=0)


def last_moment(due: datetime, event: Event) -> datetime:
    """Until when a reminder may still be sent."""
    return min(due + GRACE, event.starts_at) if due < event.starts_at else due + GRACE


def rules_of(event: Event) -> Sequence[ReminderRule]:
    """An event's rules, from the earliest; those of nobody left out."""
    found = db.session.scalars(select(ReminderRule).where(ReminderRule.event_id == event.id)).all()
    return sorted((rule for rule in found if rule.states), key=lambda rule: (due_at(rule, event), rule.id))


@dataclass(frozen=True)
class Outlook:
    """A rule with its moment, and what became of it; None if it is not planned, because nobody sees the event yet."""

    rule: ReminderRule
    due_at: datetime
    state: ReminderState | None


def outlook(event: Event) -> list[Outlook]:
    """An event's rules with what becomes of them; before there are any, the one that publishing makes."""
    rules = rules_of(event) if has_rules(event) else [_rule(event, DEFAULT)]
    numbers = [rule.id for rule in rules if rule.id]
    rows = db.session.scalars(select(PlannedReminder).where(PlannedReminder.rule_id.in_(numbers)))
    states = {(row.rule_id, row.due_at): row.state for row in rows}
    moments = [(rule, due_at(rule, event)) for rule in rules]
    return [Outlook(rule, due, states.get((rule.id, due))) for rule, due in moments]


def has_rules(event: Event) -> bool:
    """Whether anybody, or the house, has made a rule for this event already."""
    return db.session.scalar(select(exists().where(ReminderRule.event_id == event.id))) or False


def plan_reminders(event: Event, *, at: datetime) -> None:
    """Plan an event's reminders anew: to be called whenever it is published, moved, postponed or called off.

    Moments that have gone by are not planned: whoever is registered has just heard of the date. What was sent stays
    sent, also when a date is moved there and back. Harmless to repeat.
    """
    _forget_plans(event)
    if event.stage != Stage.PUBLISHED:
        return
    _make_default_rule(event)
    _plan(event, (rule for rule in rules_of(event) if due_at(rule, event) > at))


def _forget_plans(event: Event) -> None:
    of_event = select(ReminderRule.id).where(ReminderRule.event_id == event.id)
    still_planned = PlannedReminder.state == ReminderState.PLANNED
    change_rows(delete(PlannedReminder).where(PlannedReminder.rule_id.in_(of_event), still_planned))


def _make_default_rule(event: Event) -> None:
    if not has_rules(event):
        _add(event, DEFAULT)


def _add(event: Event, wish: ReminderWish) -> ReminderRule:
    rule = _rule(event, wish)
    db.session.add(rule)
    db.session.flush()
    return rule


def _rule(event: Event, wish: ReminderWish) -> ReminderRule:
    return ReminderRule(
        event_id=event.id,
        minutes=wish.minutes,
        counts_days=wish.counts_days,
        anchor=wish.anchor,
        states=[state.value for state in wish.states],
        text=wish.text,
    )


def _plan(event: Event, rules: Iterable[ReminderRule]) -> None:
    rows = [{"rule_id": rule.id, "due_at": due_at(rule, event), "state": ReminderState.PLANNED} for rule in rules]
    if rows:
        db.session.execute(insert_unless_there(PlannedReminder), rows)


def add_reminder(event: Event, wish: ReminderWish, *, at: datetime) -> ReminderRule:
    """One more rule, planned at once if the event is public. The same wish again changes nothing.

    Raises TooManyReminders, and RemindedThen if the same people are written to at that moment already.
    """
    seats.hold(event)
    _make_default_rule(event)
    standing, wanted = rules_of(event), _rule(event, wish)
    for other in standing:
        if due_at(other, event) == due_at(wanted, event) and set(other.states) & set(wanted.states):
            if _content(other) == _content(wanted):
                return other
            raise RemindedThen
    if len(standing) >= MOST_RULES:
        raise TooManyReminders(MOST_RULES)
    rule = _add(event, wish)
    plan_reminders(event, at=at)
    return rule


def _content(rule: ReminderRule) -> tuple[object, ...]:
    return (rule.minutes, rule.counts_days, rule.anchor, *rule.states, rule.text)


def remove_reminder(event: Event, number: int, *, at: datetime) -> None:
    """Take one rule away; the number 0 is the default rule of an event that has none yet. Twice is harmless.

    The last one stays as a rule for nobody, so that the default is not made again.
    """
    seats.hold(event)
    _make_default_rule(event)
    standing = rules_of(event)
    gone = next((rule for rule in standing if number in {rule.id, 0}), None)
    if gone is None or (number == 0 and len(standing) > 1):
        return
    if len(standing) == 1:
        gone.states = []
    else:
        db.session.delete(gone)
    db.session.flush()
    plan_reminders(event, at=at)


def remind(*, at: datetime) -> None:
    """Queue the reminders whose moment has come. Safe to run late, twice, or side by side.

    Each planned row is claimed by a conditional UPDATE while its event is held, and the mails have unique keys.
    Whoever registered after the reminder's moment knows, and whoever wants no reminders now gets none.
    """
    _plan_unplanned(at=at)
    for planned in _due(at):
        event = planned.rule.event
        seats.hold(event)
        is_in_time = at < last_moment(planned.due_at, event) and event.stage == Stage.PUBLISHED
        if _claim(planned, ReminderState.SENT if is_in_time else ReminderState.MISSED) and is_in_time:
            _send(planned, event, at=at)


def _plan_unplanned(*, at: datetime) -> None:
    """Give published events that no rule was ever made for the default: those from before there were rules.

    Their moment may have gone by within the grace, and is then still reminded of. Harmless to repeat.
    """
    without = db.session.scalars(
        select(Event)
        .where(Event.stage == Stage.PUBLISHED, Event.starts_at > at, Event.takes_registrations)
        .where(~exists().where(ReminderRule.event_id == Event.id))
        .order_by(Event.id)
        .limit(PORTION)
    ).all()
    for event in without:
        seats.hold(event)
        if not has_rules(event):
            _plan(event, [_add(event, DEFAULT)])


def _due(at: datetime) -> Sequence[PlannedReminder]:
    return db.session.scalars(
        select(PlannedReminder)
        .join(PlannedReminder.rule)
        .where(PlannedReminder.state == ReminderState.PLANNED, PlannedReminder.due_at <= at)
        .options(joinedload(PlannedReminder.rule).joinedload(ReminderRule.event))
        .order_by(ReminderRule.event_id, PlannedReminder.due_at, PlannedReminder.id)
        .limit(PORTION)
    ).all()


def _claim(planned: PlannedReminder, state: ReminderState) -> bool:
    is_unclaimed = (PlannedReminder.id == planned.id, PlannedReminder.state == ReminderState.PLANNED)
    return change_rows(update(PlannedReminder).where(*is_unclaimed).values(state=state)) == 1


def _send(planned: PlannedReminder, event: Event, *, at: datetime) -> None:
    rule, until = planned.rule, last_moment(planned.due_at, event)
    told = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state.in_([State(one) for one in rule.states]))
        .where(Registration.made_at < planned.due_at, Registration.person.has(Person.gets_reminders))
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    ).all()
    words = messages.Reminding(planned.due_at, until, rule.text)
    post_all((messages.reminder(registration, words, at=at) for registration in told), at=at)
