"""Who did what with other people's data, and when (rule L-11)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from .database import Model, db


class AuditEntry(Model):
    """One deed. Names no address; people and things stand there by number."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: The number of the person who did it; None: the house itself.
    person_id: Mapped[int | None]
    #: What was done, such as "exported".
    action: Mapped[str]
    #: What it was done to, such as "event:12".
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index("ix_audit_entry_subject", "subject", "at"), Index("ix_audit_entry_at", "at"))


def note_deed(action: str, subject: str, *, person_id: int | None, at: datetime, **detail: Any) -> None:
    """Write down what somebody does, in the transaction in which it is done."""
    db.session.add(AuditEntry(at=at, person_id=person_id, action=action, subject=subject, detail=detail))
