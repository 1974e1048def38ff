"""What we write to people because of answers in their calendars."""

from datetime import datetime

from flask import url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from ..ground.tokens import pair, token_for
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from ..people.models import Person
from . import calendar, queries, showing
from .messages import manage_href
from .messages_to_circles import CALL
from .messages_to_many import INVITATION
from .models import Call, Event, Invitation, Registration

PLEASE_CONFIRM, PROPOSAL_REFUSED = "please_confirm", "proposal_refused"
_SUBJECT = _("Bitte bestätigen: %(title)s")
_REFUSED = _("Es bleibt bei der Zeit: %(title)s")


def subject_of(event: Event) -> str:
    """What such mails are about, in the outbox."""
    return f"event:{event.id}"


def please_confirm(event: Event, person: Person, standing: Registration | Call | Invitation, *, at: datetime) -> Mail:
    """Ask whether an answer under somebody's address is theirs. Holds nothing of what came in."""
    with force_locale(person.language):
        subject = str(_SUBJECT) % {"title": event.title}
    form = draft(
        (event.id, event.version, event.changed_at, event.sequence, subject),
        f"events/messages/{PLEASE_CONFIRM}",
        language=person.language,
        subject=subject,
        event=event,
        is_confirmed=False,
        showing=showing,
    )
    return Mail(
        kind=PLEASE_CONFIRM,
        subject=subject_of(event),
        revision=int(at.timestamp()),
        recipient=person.address,
        form=form,
        values={"name": person.name, "answer": absolute(_page_of(standing))},
        expires_at=event.ends_at,
        has_secrets=True,
    )


def proposal_refused(call: Call, *, at: datetime) -> Mail:
    """The date stays as it is, although another time was proposed; the calendar hears it too."""
    event, person, sequence = call.event, call.person, call.proposed_sequence or 0

    def written() -> str:
        with force_locale(person.language):
            return calendar.declining_counter(event, sequence)

    with force_locale(person.language):
        subject = str(_REFUSED) % {"title": event.title}
    form = draft(
        (event.id, event.version, event.changed_at, event.sequence, sequence, subject),
        f"events/messages/{PROPOSAL_REFUSED}",
        language=person.language,
        subject=subject,
        calendar=written,
        calendar_method="DECLINECOUNTER",
        event=event,
        is_confirmed=False,
        showing=showing,
    )
    return Mail(
        kind=PROPOSAL_REFUSED,
        subject=subject_of(event),
        revision=int(at.timestamp()),
        recipient=person.address,
        form=form,
        values={
            "name": person.name,
            "answer": absolute(_page_of(queries.standing_of(person, event) or call)),
            "stamp": calendar.stamp(at),
        },
        expires_at=event.ends_at,
        has_secrets=True,
    )


def _page_of(standing: Registration | Call | Invitation) -> str:
    """The page with the buttons."""
    if isinstance(standing, Registration):
        return manage_href(standing)
    if isinstance(standing, Call):
        return url_for("events.called", token=token_for(CALL, pair(standing.event_id, standing.person_id)))
    return url_for("events.invitation", token=token_for(INVITATION, standing.id))
