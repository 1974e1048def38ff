"""The doors of the demo: signing in as somebody made up, and all mail as its receivers see it."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..events.showing import edited_label
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import NotFound
from ..ground.tokens import fingerprint
from ..ground.web import everyone, open_to
from ..mailing import queries as mailing
from ..mailing.showing import mail_alone
from ..people import queries as people
from ..people import services
from ..people.addresses import address_of
from ..people.signing_in import browser_name, let_in, let_out
from .personas import PERSONAS

PAGE = 100

bp = Blueprint("demo", "nextevents.demo", template_folder="templates")


@bp.get("/demo/")
@open_to(everyone)
def index() -> ResponseReturnValue:
    """The tour: who one can be, and what to try."""
    return render_template("demo/index.html", personas=PERSONAS)


@bp.post("/demo/anmelden/<key>")
@open_to(everyone)
def sign_in(key: str) -> ResponseReturnValue:
    """Sign this browser in as somebody made up."""
    persona = next((one for one in PERSONAS if one.key == key), None)
    if persona is None:
        abort(404)
    at = clock.now()
    with transaction():
        person = people.person_with_key(address_of(persona.email).key)
        if person is None:
            raise NotFound
        secret = services.begin_session(person, browser=browser_name(request.user_agent.string), at=at)
    browser = people.living_session(fingerprint(secret), at)
    if browser is None:
        raise NotFound
    let_out()
    let_in(browser, secret)
    return redirect(url_for("office.index" if person.is_office else "site.account"), code=303)


@bp.get("/demo/postausgang/")
@open_to(everyone)
def outbox() -> ResponseReturnValue:
    """All mail so far, newest first."""
    asked = request.args.get("seite", "1")
    page = min(int(asked), 10_000) - 1 if re.fullmatch(r"[1-9]\d{0,4}", asked, re.ASCII) else 0
    recipient = request.args.get("an", "").strip()[:254]
    found = mailing.kept_mails(limit=PAGE + 1, offset=page * PAGE, recipient=recipient)
    mails = [(message, kept, _Mail.read(kept.content)) for message, kept in found[:PAGE]]
    return render_template(
        "demo/outbox.html",
        mails=mails,
        recipient=recipient,
        previous_href=url_for(".outbox", seite=page, an=recipient or None) if page else "",
        next_href=url_for(".outbox", seite=page + 2, an=recipient or None) if len(found) > PAGE else "",
        time_label=edited_label,
    )


@bp.get("/demo/postausgang/<int:number>/")
@open_to(everyone)
def mail(number: int) -> ResponseReturnValue:
    """One mail: HTML, text, headers, calendar entry, attachments."""
    shown = _mail(number)
    return render_template("demo/mail.html", number=number, mail=shown, links=_Links.of(shown.html))


@bp.get("/demo/postausgang/<int:number>/html")
@open_to(everyone)
def mail_html(number: int) -> ResponseReturnValue:
    """The mail's HTML alone, shut in: no scripts, no forms, no other hosts."""
    return mail_alone(_mail(number).html)


@bp.get("/demo/postausgang/<int:number>/<int:part>/<name>")
@open_to(everyone)
def attachment(number: int, part: int, name: str) -> ResponseReturnValue:
    """An attachment as it was sent."""
    attachments = _mail(number).attachments
    if part >= len(attachments) or attachments[part].name != name:
        raise NotFound
    found = attachments[part]
    response = Response(found.content, content_type=found.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@dataclass(frozen=True)
class _Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class _Mail:
    """A mail taken apart."""

    subject: str
    sender: str
    to: str
    headers: str
    text: str
    html: str
    calendar: str
    attachments: list[_Attachment]

    @classmethod
    def read(cls, content: bytes) -> "_Mail":
        whole = message_from_bytes(content, policy=default)
        bodies = {part.get_content_type(): part.get_content() for part in whole.walk() if _is_body(part)}
        attachments = [
            _Attachment(part.get_filename() or "teil", part.get_content_type(), bytes(part.get_content()))
            for part in whole.iter_attachments()
        ]
        return cls(
            subject=str(whole["Subject"]),
            sender=", ".join(f"{one.display_name} <{one.addr_spec}>".strip() for one in whole["From"].addresses),
            to=str(whole["To"]),
            headers="\n".join(f"{name}: {value}" for name, value in whole.items()),
            text=bodies.get("text/plain", ""),
            html=bodies.get("text/html", ""),
            calendar=bodies.get("text/calendar", ""),
            attachments=attachments,
        )


@dataclass(frozen=True)
class _Link:
    href: str
    label: str


class _Links(HTMLParser):
    """The links of a mail's HTML with their words, each address once: what one would press in a mail program."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._href = ""

    @classmethod
    def of(cls, html: str) -> list[_Link]:
        links = cls()
        links.feed(html)
        return [_Link(href, " ".join(label.split())) for href, label in links.found.items() if label.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where a link leads."""
        href = dict(attrs).get("href") or "" if tag == "a" else ""
        if href.startswith(("http://", "https://")) and href not in self.found:
            self._href = href

    def handle_data(self, data: str) -> None:
        """Take the words within it."""
        if self._href:
            self.found[self._href] = self.found.get(self._href, "") + data

    def handle_endtag(self, tag: str) -> None:
        """Stop at its end."""
        if tag == "a":
            self._href = ""


def _is_body(part: EmailMessage) -> bool:
    return part.get_content_maintype() == "text" and not part.is_attachment()


def _mail(number: int) -> _Mail:
    kept = mailing.kept_mail(number)
    if kept is None:
        raise NotFound
    return _Mail.read(kept.content)
