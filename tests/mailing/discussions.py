"""Discussion lists, and mails to them as our border hands them over."""

from collections.abc import Mapping
from email.message import EmailMessage

from nextevents.ground.database import db
from nextevents.mailing import services
from nextevents.mailing.models import InboundMail, ListKind, MailingList, Moderation, Posting
from nextevents.newsroom import tasks
from tests.factories import NOON
from tests.mailing.letters import BORDER, passed

ADA = "ada@stadt.example"


def make_discussion(slug="austausch", **values: object) -> MailingList:
    """A list to which everybody on it may write, at once."""
    defaults = {
        "name": f"Gespräch {slug}", "kind": ListKind.DISCUSSION, "made_at": NOON,
        "posting": Posting.SUBSCRIBERS, "moderation": Moderation.NOBODY,
    }  # fmt: skip
    one = MailingList(slug=slug, **(defaults | values))
    db.session.add(one)
    db.session.flush()
    return one


def letter(
    text="Wer hat Erfahrung damit?\n",
    *,
    author=ADA,
    subject="Frage an alle",
    message_id="<1@stadt.example>",
    headers: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    proved=True,
) -> bytes:
    """A mail whose sender our border has proved, unless told otherwise."""
    message = EmailMessage()
    if proved:
        message["Authentication-Results"] = passed(author)
    message["Received"] = f"from elsewhere by {BORDER} with ESMTPS; Sat, 21 Nov 2026 12:00:00 +0000"
    message["From"], message["To"], message["Subject"] = f'"Beispiel, Ada" <{author}>', "x@y.example", subject
    if message_id:
        message["Message-ID"] = message_id
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def arrives(content: bytes, *, to="austausch@next.example", sender=ADA, at=NOON) -> InboundMail:
    """A mail comes in, and the worker reads it."""
    services.receive(sender, [to], content, at=at)
    db.session.commit()
    number = db.session.query(InboundMail.id).order_by(InboundMail.id.desc()).limit(1).scalar()
    tasks.read_list_mails()
    return db.session.get(InboundMail, number)
