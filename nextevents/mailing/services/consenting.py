"""Consent and its proof: what was shown, what was ticked, who confirmed it, when it was taken back (L-01 to L-06).

Rows are never changed but to note confirmation and withdrawal, and outlive the mailbox until limitation ends.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, select, update

from ...ground import clock
from ...ground.database import change_rows, db
from ..models import Consent, Mailbox, MailingList, Source

#: Raised whenever the words around a list's purpose change.
TEXT_VERSION = "2026-1"
#: Years to whose end a proof is kept after its withdrawal: until claims have lapsed (rule L-05).
KEPT_YEARS = 3
#: What nobody has confirmed is forgotten (rule L-04: after at most 14 days).
UNCONFIRMED = timedelta(days=13)
PORTION = 5000
#: In place of how a request was confirmed: so soon after its mail that it may have been a machine (rule M-39).
DOUBTFUL = "doubtful"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What somebody was shown and what they did."""

    text: str
    language: str
    #: The page on which it stood.
    form_url: str
    was_ticked: bool
    source: Source = Source.SELF
    #: Of staff and imports: who, and on what evidence.
    reason: str = ""
    version: str = TEXT_VERSION


def words_of_consent(one: MailingList, language: str) -> str:
    """What one agrees to, in full; this very text is shown, stored and printed."""
    with force_locale(language):
        return " ".join(
            part
            for part in (
                _("Ja, ich möchte Mails von „%(name)s“ bekommen.", name=one.name),
                one.purpose,
                _("Ich kann das jederzeit ändern oder beenden, mit einem Klick in jeder Mail."),
            )
            if part
        )


def note_request(
    one: MailingList,
    mailbox: Mailbox,
    typed_address: str,
    declaration: Declaration,
    *,
    at: datetime,
) -> Consent:
    """Write down that a list was asked for; who asked is not yet known."""
    consent = Consent(
        list_id=one.id,
        mailbox_id=mailbox.id,
        address=typed_address,
        text=declaration.text,
        text_version=declaration.version,
        language=declaration.language,
        form_url=declaration.form_url,
        was_ticked=declaration.was_ticked,
        requested_at=at,
        source=declaration.source,
        reason=declaration.reason,
    )
    db.session.add(consent)
    db.session.flush()
    return consent


def note_consent(
    one: MailingList,
    mailbox: Mailbox,
    declaration: Declaration,
    *,
    by: str,
    at: datetime,
) -> Consent:
    """Write down a consent of somebody whose address is proved, or of whom a proof was handed over."""
    consent = note_request(one, mailbox, mailbox.address, declaration, at=at)
    consent.confirmed_at, consent.confirmed_by = at, by
    db.session.flush()
    return consent


def note_withdrawal(*, mailbox_id: int, list_id: int | None = None, by: str, at: datetime) -> None:
    """Write down that somebody does not want a list any more, or, without one, none at all."""
    chosen = update(Consent).where(
        Consent.mailbox_id == mailbox_id, Consent.confirmed_at.is_not(None), Consent.withdrawn_at.is_(None)
    )
    if list_id is not None:
        chosen = chosen.where(Consent.list_id == list_id)
    change_rows(chosen.values(withdrawn_at=at, withdrawn_by=by))


def last_consent(one: MailingList, mailbox: Mailbox) -> Consent | None:
    """The newest confirmed consent of a mailbox to a list, withdrawn or not."""
    chosen = select(Consent).where(
        Consent.list_id == one.id, Consent.mailbox_id == mailbox.id, Consent.confirmed_at.is_not(None)
    )
    return db.session.scalars(chosen.order_by(Consent.id.desc()).limit(1)).first()


def _are_too_old(at: datetime) -> ColumnElement[bool]:
    """Withdrawn in a year whose claims have lapsed: kept to the end of the third year after it."""
    first_kept = datetime(clock.local(at).year - KEPT_YEARS, 1, 1, tzinfo=UTC)
    return Consent.withdrawn_at < first_kept


def count_old_consents(*, at: datetime) -> int:
    """How many proofs forget_old_consents would delete."""
    return db.session.scalar(select(func.count(Consent.id)).where(_are_too_old(at))) or 0


def forget_old_consents(*, at: datetime) -> int:
    """Delete proofs of what was withdrawn more than three whole years ago; returns how many, at most PORTION."""
    old = select(Consent.id).where(_are_too_old(at)).order_by(Consent.id).limit(PORTION)
    return change_rows(delete(Consent).where(Consent.id.in_(old)))
