"""Visitors: they read the page of an event, fill in its form, and note what they are told."""

import http.client
import re
import time
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

_FIELD = re.compile(r'name="(csrf_token|vorgang)" value="([^"]+)"')
PATIENCE = 60.0
BROKEN = 0


@dataclass(frozen=True)
class Told:
    """One answer; its status is BROKEN if the connection broke before it came."""

    status: int
    email: str = ""
    location: str = ""
    text: str = ""
    retry_after: str = ""
    cookie: str = ""
    asked: float = 0.0
    answered: float = 0.0

    @property
    def is_registered(self) -> bool:
        """Whether it says that the sign-up was taken."""
        return self.status == HTTPStatus.SEE_OTHER and self.location.endswith("/angemeldet")

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.answered - self.asked


@dataclass(frozen=True)
class Form:
    """A filled-in form, which can be sent as often as one likes."""

    url: str
    slug: str
    fields: dict[str, str]
    cookie: str

    @property
    def email(self) -> str:
        """The address typed into it."""
        return self.fields["email"]

    def send(self, *, patience: float = PATIENCE) -> Told:
        """Send it once, over a connection of its own; what was told within so many seconds."""
        target = f"{self.url}/veranstaltungen/{self.slug}/anmeldung"
        return replace(ask(target, fields=self.fields, cookie=self.cookie, patience=patience), email=self.email)

    def for_another(self) -> "Form":
        """The same form filled in by somebody else."""
        return replace(self, fields=self.fields | {"email": new_address(), "vorgang": uuid.uuid4().hex})


def ask(url: str, *, fields: dict[str, str] | None = None, cookie: str = "", patience: float = PATIENCE) -> Told:
    """Read a page, or send a form to it, over a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    headers = {"Cookie": cookie} if cookie else {}
    began = time.monotonic()
    try:
        if fields is None:
            connection.request("GET", parts.path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", parts.path, urlencode(fields), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, http.client.HTTPException):
        return Told(BROKEN, asked=began, answered=time.monotonic())
    finally:
        connection.close()
    return Told(
        answer.status,
        location=answer.getheader("Location", ""),
        text=text,
        retry_after=answer.getheader("Retry-After", ""),
        cookie=_cookie_in(answer.getheader("Set-Cookie", "")) or cookie,
        asked=began,
        answered=time.monotonic(),
    )


def _cookie_in(header: str) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in SimpleCookie(header).items())


def new_address() -> str:
    """An address that nobody has used."""
    return f"person-{uuid.uuid4().hex}@stadt.example"


def fill_in(url: str, slug: str, email: str = "") -> Form:
    """Read the page of an event and fill in its form."""
    page = ask(f"{url}/veranstaltungen/{slug}/")
    assert page.status == HTTPStatus.OK, page.text
    fields = dict(_FIELD.findall(page.text))
    fields |= {"name": "Ada Beispiel", "email": email or new_address(), "organisation": ""}
    return Form(url, slug, fields, page.cookie)


def sign_in(url: str, email: str) -> Told:
    """Ask for the mail by which one signs in."""
    page = ask(f"{url}/konto/anmelden/")
    fields = dict(_FIELD.findall(page.text)) | {"email": email, "next": ""}
    return ask(f"{url}/konto/anmelden/", fields=fields, cookie=page.cookie)


def page_behind(url: str, told: Told) -> Told:
    """The page that an answer leads to, read in the browser that got the answer."""
    return ask(urljoin(url, told.location), cookie=told.cookie)


def enter_code(url: str, told: Told, code: str) -> Told:
    """Type the code from the mail, in the browser that got the answer."""
    page = page_behind(url, told)
    fields = dict(_FIELD.findall(page.text)) | {"code": code}
    return ask(urljoin(url, told.location), fields=fields, cookie=page.cookie)


def main_part(page: Told) -> str:
    """What a page says, without what is new on each."""
    found = re.search(r"<main.*</main>", page.text, re.DOTALL)
    assert found, page
    return _FIELD.sub("", found[0])
