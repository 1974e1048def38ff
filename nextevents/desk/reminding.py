"""How reminders are said to organisers."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from ..events import services, showing
from ..events.models import Anchor, Event, ReminderRule, ReminderState, Stage, State
from ..events.services import Outlook

HOUR = 60
DAY = 24 * HOUR


@dataclass(frozen=True)
class ReminderRow:
    """One rule in words. The number 0 is the rule that publishing makes."""

    number: int
    when: str
    moment: str
    whom: str
    text: str
    state: str


def reminder_rows(event: Event, at: datetime) -> list[ReminderRow]:
    """An event's reminders, the earliest first."""
    return [_row(one, event, at) for one in services.outlook(event)]


def late_reminders(event: Event, at: datetime) -> list[str]:
    """Which reminders of an event that is still to come have their moment behind them and never went out, in words."""
    is_to_come = event.stage in {Stage.DRAFT, Stage.PUBLISHED} and event.ends_at > at
    if not (is_to_come and event.takes_registrations):
        return []
    return [_distance(one.rule) for one in services.outlook(event) if _is_too_late(one, at)]


def _is_too_late(one: Outlook, at: datetime) -> bool:
    return one.state == ReminderState.MISSED or (one.state is None and one.due_at <= at)


def _row(one: Outlook, event: Event, at: datetime) -> ReminderRow:
    return ReminderRow(
        number=one.rule.id or 0,
        when=_distance(one.rule),
        moment=showing.time_label(one.due_at),
        whom=", ".join(showing.state_word(State(state)) for state in one.rule.states),
        text=one.rule.text,
        state=_state(one, event, at),
    )


def _distance(rule: ReminderRule) -> str:
    minutes = abs(rule.minutes)
    if rule.counts_days:
        distance = ngettext("%(num)s Tag", "%(num)s Tage", minutes // DAY)
    else:
        distance = ngettext("%(num)s Stunde", "%(num)s Stunden", minutes // HOUR)
    places = {
        (Anchor.START, True): _("vor dem Beginn"),
        (Anchor.START, False): _("nach dem Beginn"),
        (Anchor.END, True): _("vor dem Ende"),
        (Anchor.END, False): _("nach dem Ende"),
    }
    return f"{distance} {places[rule.anchor, rule.minutes < 0]}"


def _state(one: Outlook, event: Event, at: datetime) -> str:
    if one.state == ReminderState.SENT:
        return _("gesendet")
    if one.state == ReminderState.MISSED:
        return _("nicht gesendet, es war zu spät")
    if one.due_at <= at:
        return _("vorbei, nicht gesendet")
    return _("geplant") if event.stage == Stage.PUBLISHED else _("geplant, sobald der Termin veröffentlicht ist")
