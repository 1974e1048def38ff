"""Certificates: who was there can prove it, and whoever is shown one can check it (rule L-11)."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from ...ground.database import change_rows, db, insert_unless_there
from ...mailing.services import post_all
from .. import messages, rules
from ..errors import NoCertificate
from ..models import Certificate, Event, Registration, State
from . import seats

#: Letters and figures that cannot be taken for one another: no 0 and O, no 1 and I.
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS, GROUP = 3, 4


def new_code() -> str:
    """A random code in three groups of four, such as KXQ7-M2PD-9RTV: 60 bits, too many to try."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(GROUPS))


def code_in(typed: str) -> str | None:
    """The code as it is kept, from what somebody typed: case, blanks and hyphens do not matter. None if it is none."""
    signs = "".join(one for one in typed.upper() if one not in " -–\t\u00a0")
    if len(signs) != GROUPS * GROUP or not set(signs) <= set(SIGNS):
        return None
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))


def issue_certificate(registration: Registration, *, at: datetime) -> None:
    """Issue somebody's certificate unless it stands; it keeps the name as it was then.

    Raises NoCertificate if the event gives none, is not over, or the person was not there.
    """
    if not rules.may_have_certificate(registration, at=at):
        raise NoCertificate
    _issue([registration], at=at)


def _issue(registrations: Sequence[Registration], *, at: datetime) -> None:
    rows = [
        {
            "event_id": one.event_id,
            "registration_id": one.id,
            "code": new_code(),
            "name": one.name or one.person.name,
            "organisation_name": one.person.body or one.organisation_name,
            "issued_at": at,
        }
        for one in registrations
    ]
    if rows:
        db.session.execute(insert_unless_there(Certificate), rows)


def send_certificates(event: Event, *, at: datetime) -> int:
    """Tell everybody who was there, and has not been told, where the certificate is; returns how many these are.

    The mail holds the link and not the paper (rule C-08). Raises NoCertificate if the event gives none or is not over.
    """
    seats.hold(event)
    if not event.gives_certificates or event.ends_at > at:
        raise NoCertificate
    told = select(Certificate.registration_id).where(
        Certificate.event_id == event.id, Certificate.sent_at.is_not(None), Certificate.registration_id.is_not(None)
    )
    found = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.ATTENDED, Registration.id.not_in(told))
        .options(joinedload(Registration.person), joinedload(Registration.event))
        .order_by(Registration.id)
    ).all()
    _issue(found, at=at)
    numbers = [one.id for one in found]
    change_rows(update(Certificate).where(Certificate.registration_id.in_(numbers)).values(sent_at=at))
    post_all((messages.certificate(one, at=at) for one in found), at=at)
    return len(found)
