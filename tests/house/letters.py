"""Mails as their receivers get them."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.mailing.models import KeptMail, Message
from nextevents.mailing.tasks import deliver_due
from tests.house.world import House


@dataclass(frozen=True)
class Letter:
    """A mail's text, its links as paths, and the code in it."""

    kind: str
    text: str
    html: str
    links: list[str]
    code: str

    def link(self, beginning: str) -> str:
        """The link to a page whose path begins so."""
        return next(link for link in self.links if link.startswith(beginning))


def letters(house: House, address: str | None = None) -> list[Letter]:
    """What an address (or everybody) has got, the oldest first; what is due is delivered before."""
    house.in_app(deliver_due.run)
    chosen = select(Message.kind, KeptMail.content).join(KeptMail).order_by(Message.id)
    if address:
        chosen = chosen.where(Message.recipient == address)
    return [_read(kind, content) for kind, content in database.session.execute(chosen)]


def last_letter(house: House, address: str) -> Letter:
    """The newest mail to an address."""
    return letters(house, address)[-1]


def _read(kind: str, content: bytes) -> Letter:
    mail = message_from_bytes(content, policy=default)
    bodies = {name: mail.get_body((name,)).get_content() for name in ("plain", "html")}
    found = re.findall(r"http://localhost/[^\s\"<>]*", bodies["plain"] + bodies["html"])
    code = re.search(r"^\s*(\d{6})\s*$", bodies["plain"], re.MULTILINE)
    links = [urlsplit(link).path for link in dict.fromkeys(found)]
    return Letter(kind, bodies["plain"], bodies["html"], links, code[1] if code else "")
