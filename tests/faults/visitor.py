"""Visitors: they read the page of an event, fill in its form, and note what they are told."""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any

import httpx

_FIELD = re.compile(r'name="(csrf_token|vorgang)" value="([^"]+)"')
PATIENCE = httpx.Timeout(30.0, connect=30.0)


@dataclass(frozen=True)
class Told:
    """One answer; status 0 if the connection broke before it came."""

    email: str
    status: int
    location: str = ""
    text: str = ""
    retry_after: str = ""
    cookie: str = ""
    seconds: float = 0.0

    @property
    def is_registered(self) -> bool:
        """Whether it says that the sign-up was taken."""
        return self.status == httpx.codes.SEE_OTHER and self.location.endswith("/angemeldet")


@dataclass(frozen=True)
class Form:
    """A filled-in form, which can be sent as often as one likes."""

    url: str
    slug: str
    fields: dict[str, str]
    cookie: str

    def send(self) -> Told:
        """Send it once, over a connection of its own; what was told."""
        began = time.monotonic()
        target = f"{self.url}/veranstaltungen/{self.slug}/anmeldung"
        try:
            answer = httpx.post(target, data=self.fields, headers={"Cookie": self.cookie}, timeout=PATIENCE)
        except httpx.TransportError:
            return Told(self.fields["email"], 0, seconds=time.monotonic() - began)
        return Told(
            self.fields["email"],
            answer.status_code,
            answer.headers.get("Location", ""),
            answer.text,
            answer.headers.get("Retry-After", ""),
            _cookie_of(answer),
            time.monotonic() - began,
        )

    def for_another(self) -> "Form":
        """The same form filled in by somebody else."""
        return replace(self, fields=self.fields | {"email": new_address(), "vorgang": uuid.uuid4().hex})


def new_address() -> str:
    """An address that nobody has used."""
    return f"person-{uuid.uuid4().hex}@stadt.example"


def fill_in(url: str, slug: str, email: str = "") -> Form:
    """Read the page of an event and fill in its form."""
    page = httpx.get(f"{url}/veranstaltungen/{slug}/", timeout=PATIENCE).raise_for_status()
    fields = dict(_FIELD.findall(page.text))
    fields |= {"name": "Ada Beispiel", "email": email or new_address(), "organisation": ""}
    return Form(url, slug, fields, _cookie_of(page))


def page_behind(url: str, told: Told) -> httpx.Response:
    """The page that an answer leads to, read in the browser that got the answer."""
    return httpx.get(httpx.URL(url).join(told.location), headers={"Cookie": told.cookie}, timeout=PATIENCE)


def _cookie_of(answer: httpx.Response) -> str:
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def side_by_side(count: int, work: Callable[..., Any], *words: object) -> list[Thread]:
    """Start work in so many threads."""
    threads = [Thread(target=work, args=words, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def enter_code(url: str, told: Told, code: str) -> httpx.Response:
    """Type the code from the mail, in the browser that got the answer."""
    asked = page_behind(url, told)
    fields = dict(_FIELD.findall(asked.text)) | {"code": code}
    cookie = _cookie_of(asked) or told.cookie
    return httpx.post(httpx.URL(url).join(told.location), data=fields, headers={"Cookie": cookie}, timeout=PATIENCE)


def main_part(page: httpx.Response) -> str:
    """What a page says, without what is new on each."""
    found = re.search(r"<main.*</main>", page.raise_for_status().text, re.DOTALL)
    assert found
    return _FIELD.sub("", found[0])
