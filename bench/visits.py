"""Visitors who fill in forms, as browsers do it."""

import re
import time
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

from bench import load

#: What the answer page says to whoever holds a seat, and to whoever waits.
SEATED, WAITING = "24 Stunden für Sie reserviert", "stehen Sie auf der Warteliste"

_FIELD = re.compile(r'<input[^>]* name="(csrf_token|vorgang)"[^>]* value="([^"]+)"')
_OF_RELEASE = re.compile(r'<input[^>]* name="(csrf_token|version|count)"[^>]* value="([^"]+)"')


@dataclass
class Visits:
    """What new visitors came to."""

    #: How long each whole registration took.
    waits: list[float] = field(default_factory=list)
    seated: int = 0
    waiting: int = 0
    #: Whoever was not told how it stands.
    lost: int = 0


def registering(port: int, slug: str, number: int, visits: Visits) -> load.Visitor:
    """A new visitor, who reads the event's page, sends its form and follows to the answer."""
    began = time.perf_counter()
    page = f"/veranstaltungen/{slug}/"
    answer = yield load.get(port, page)
    cookies = _cookies(answer)
    form = {name: unescape(value) for name, value in _FIELD.findall(answer.body.decode())}
    form |= {"name": f"Ada Beispiel {number}", "email": f"{slug}-{number}@stadt-{number % 40}.example"}
    typed = urlencode(form | {"organisation": "Stadt Beispiel"}).encode()
    answer = yield load.post(port, f"{page}anmeldung", typed, Cookie=_written(cookies))
    cookies |= _cookies(answer)
    if answer.status == 303:
        target = urlsplit(urljoin(page, answer.headers("Location")[0]))
        answer = yield load.get(port, target.path, Cookie=_written(cookies))
    visits.waits.append(time.perf_counter() - began)
    _note(visits, answer)


def publishing(port: int, slug: str, cookie: str) -> load.Visitor:
    """A lead who is signed in, opens the page of a draft and presses its button."""
    page = f"/veranstaltungen/{slug}/verwalten/"
    answer = yield load.get(port, page, Cookie=cookie)
    name, _, value = cookie.partition("=")
    cookies = {name: value} | _cookies(answer)
    form = {name: unescape(value) for name, value in _FIELD.findall(answer.body.decode())}
    typed = urlencode(form).encode()
    yield load.post(port, f"{page}veroeffentlichen", typed, Cookie=_written(cookies))


def releasing(port: int, number: int, cookie: str) -> load.Visitor:
    """Somebody of the office who opens an issue, sends it to themselves, reads what is found, and lets it go out.

    Four requests; the third is the page that shows who gets it, the last is the click.
    """
    page = f"/redaktion/{number}/"
    answer = yield load.get(port, page, Cookie=cookie)
    name, _, value = cookie.partition("=")
    cookies = {name: value} | _cookies(answer)
    token = urlencode({name: unescape(value) for name, value in _FIELD.findall(answer.body.decode())}).encode()
    yield load.post(port, f"{page}testmail", token, Cookie=_written(cookies))
    answer = yield load.get(port, f"{page}senden/", Cookie=_written(cookies))
    cookies |= _cookies(answer)
    form = {name: unescape(value) for name, value in _OF_RELEASE.findall(answer.body.decode())}
    typed = urlencode(form | {"when": "now", "is_meant": "y"}).encode()
    yield load.post(port, f"{page}freigeben", typed, Cookie=_written(cookies))


def signing_in(port: int, address: str) -> load.Visitor:
    """Somebody who wants in, and waits for the code."""
    page = "/konto/anmelden/"
    answer = yield load.get(port, page)
    form = {name: unescape(value) for name, value in _FIELD.findall(answer.body.decode())}
    typed = urlencode(form | {"email": address}).encode()
    yield load.post(port, page, typed, Cookie=_written(_cookies(answer)))


def _cookies(answer: load.Answer) -> dict[str, str]:
    pairs = (value.partition(";")[0].partition("=") for value in answer.headers("Set-Cookie"))
    return {name: value for name, _, value in pairs}


def _written(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _note(visits: Visits, answer: load.Answer) -> None:
    said = answer.body.decode() if answer.status == 200 else ""
    visits.seated += SEATED in said
    visits.waiting += WAITING in said
    visits.lost += SEATED not in said and WAITING not in said
