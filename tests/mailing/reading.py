"""Mails as their receivers get them: every posted row printed and taken apart."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Self

from bs4 import BeautifulSoup
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from nextevents.ground.database import db
from nextevents.mailing.addresses import links_of
from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.models import Message


@dataclass(frozen=True)
class Mail:
    """One mail, read."""

    row: Message
    content: bytes
    whole: EmailMessage

    @classmethod
    def printed(cls, row: Message) -> Self:
        """What leaves for this row."""
        config = current_app.config
        sender = Sender(config["MAIL_FROM"], config["MAIL_FROM_NAME"], config["MAIL_BOUNCES"])
        content = Press(row.form, sender).print(
            to=row.recipient,
            message_id=row.message_id,
            date=row.created_at,
            values=row.values,
            links=links_of(row.list_id, row.mailbox_id),
        )
        return cls(row, content, message_from_bytes(content, policy=default))

    @property
    def kind(self) -> str:
        """The occasion."""
        return self.row.kind

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.whole["Subject"])

    @property
    def text(self) -> str:
        """The plain text."""
        return self._body("text/plain").decode().replace("\r\n", "\n")

    @property
    def html(self) -> str:
        """The HTML."""
        return self._body("text/html").decode().replace("\r\n", "\n")

    @property
    def page(self) -> BeautifulSoup:
        """The HTML, taken apart."""
        return BeautifulSoup(self.html, "html.parser")

    @property
    def calendar(self) -> bytes:
        """The calendar entry; nothing if there is none."""
        return self._body("text/calendar")

    def part(self, kind: str) -> EmailMessage | None:
        """The part of that kind."""
        return next((part for part in self.whole.walk() if part.get_content_type() == kind), None)

    def _body(self, kind: str) -> bytes:
        part = self.part(kind)
        body = part.get_payload(decode=True) if part else b""
        assert isinstance(body, bytes)
        return body


def posted(kind: str = "") -> list[Mail]:
    """All mails in the outbox, or those of a kind, oldest first."""
    chosen = select(Message).options(joinedload(Message.form)).order_by(Message.id)
    if kind:
        chosen = chosen.where(Message.kind == kind)
    return [Mail.printed(row) for row in db.session.scalars(chosen.execution_options(populate_existing=True))]
