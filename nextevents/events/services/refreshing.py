"""Sending the entry once more to whose calendar asks for it (REFRESH, RFC 5546 3.2.6 and 6.1.6, rule C-38)."""

from datetime import datetime, timedelta

from ...mailing import queries as mailing
from ...mailing.services import Mail, post
from ...people.models import Person
from .. import messages, messages_to_circles, queries, rules
from ..models import CallAnswer, Event, State

#: Nobody is sent the same entry more often, be it asked for or changed.
ONCE_IN = timedelta(hours=1)
WITH_ENTRY = frozenset({State.CONFIRMED, State.WAITING, State.OFFERED})


def send_entry(event: Event, person: Person, *, at: datetime) -> bool:
    """Send somebody the entry that stands in their calendar, as it is now; tells whether there was one to send."""
    if not rules.takes_place(event, at=at):
        return False
    mail = _entry_of(event, person, at=at)
    if mail is None or mailing.times_written(mail.kind, mail.recipient, since=at - ONCE_IN, subject=mail.subject):
        return False
    post(mail, at=at)
    return True


def _entry_of(event: Event, person: Person, *, at: datetime) -> Mail | None:
    """By a registration, or by having been called; whoever has withdrawn or declined has none."""
    latest = next(iter(queries.registrations_of(person, event)), None)
    if latest and latest.state in WITH_ENTRY:
        return messages.entry_again(latest, at=at)
    call = queries.call_of(event.id, person.id)
    is_out = latest is not None and not latest.is_active
    if call is None or call.answer == CallAnswer.DECLINED or is_out:
        return None
    return next(messages_to_circles.called_again(event, person, at=at), None)
