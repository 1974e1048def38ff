"""What hosts that take turns hear: that it is their turn soon, and that somebody has handed theirs over."""

from datetime import datetime
from typing import Any

from flask_babel import force_locale, format_date
from flask_babel import lazy_gettext as _

from ..mailing.forms import FormDraft
from ..mailing.messages import draft
from ..mailing.services import LIFETIME, Mail
from ..people.models import Person
from . import showing
from .models import Turn


def your_turn(turn: Turn, *, at: datetime) -> Mail:
    """In three weeks it is your turn to host, and where that is done."""
    return Mail(
        kind="your_turn",
        subject=f"turn:{turn.id}",
        revision=turn.person.id,
        recipient=turn.person.address,
        form=_form(turn, "your_turn", _("Sie sind dran: %(title)s")),
        values=_values(turn),
        expires_at=_last(turn, at),
    )


def turn_handed(turn: Turn, giver: Person, note: str, *, at: datetime) -> Mail:
    """Somebody has handed their turn over to you, perhaps with a word to it as plain text."""
    values = _values(turn) | {"giver": giver.name or giver.address} | ({"note": note} if note else {})
    return Mail(
        kind="turn_handed",
        subject=f"turn:{turn.id}",
        revision=int(at.timestamp()),
        recipient=turn.person.address,
        form=_form(turn, "turn_handed", _("Sie übernehmen: %(title)s"), has_note=bool(note)),
        values=values,
        expires_at=_last(turn, at),
    )


def _values(turn: Turn) -> dict[str, str]:
    event, person = turn.event, turn.person
    with force_locale(person.language):
        return {"name": person.name, "when": showing.when_label(event) if event else format_date(turn.month, "LLLL y")}


def _form(turn: Turn, occasion: str, subject: Any, **values: Any) -> FormDraft:
    event, circle = turn.event, turn.community
    with force_locale(turn.person.language):
        subject = str(subject) % {"title": circle.full_name}
    return draft(
        (circle.id, circle.version, event and (event.id, event.version), turn.id, tuple(values.items())),
        f"events/messages/{occasion}",
        language=turn.person.language,
        subject=subject,
        community=circle,
        event=event,
        turn=turn,
        **values,
    )


def _last(turn: Turn, at: datetime) -> datetime:
    event = turn.event
    return max(event.starts_at, at + LIFETIME) if event else at + LIFETIME
