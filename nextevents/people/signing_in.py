"""Who is there: the signed-in person behind a request, as Flask-Login sees it."""

import time
from datetime import timedelta
from typing import cast

from flask import Flask, g, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user

from ..ground import clock
from ..ground.tokens import fingerprint
from . import queries
from .models import BrowserSession, Person, Proof

IDLE = timedelta(days=14)
OFFICE_IDLE = timedelta(minutes=30)
_REFRESH_SECONDS = 60


class Visitor(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """A signed-in browser and its person."""

    def __init__(self, browser: BrowserSession, secret: str) -> None:
        self.browser = browser
        self.person = browser.person
        self._secret = secret

    def get_id(self) -> str:
        """The secret in the cookie, which names the row of this browser."""
        return self._secret

    @property
    def is_office(self) -> bool:
        """Whether this is somebody of the office; looked up at each request, so it ends at once."""
        return self.person.is_office


class Stranger(AnonymousUserMixin):  # type: ignore[misc]  # flask-login has no types
    """Somebody who is not signed in."""

    is_office = False
    person = None


def connect_signing_in(app: Flask) -> None:
    """Let requests know who is there."""
    manager = LoginManager(app)
    manager.anonymous_user = Stranger
    manager.session_protection = None
    manager.user_loader(_visitor)


def _visitor(secret: str) -> Visitor | None:
    browser = queries.living_session(fingerprint(secret), clock.now())
    if browser is None:
        return None
    idle = OFFICE_IDLE if browser.person.is_office else IDLE
    seen, at = session.get("seen", 0), int(time.time())
    if at - seen > idle.total_seconds():
        return None
    if at - seen > _REFRESH_SECONDS:
        session["seen"] = at
    return Visitor(browser, secret)


def let_in(browser: BrowserSession, secret: str) -> None:
    """Sign this browser in, with a cookie made anew (rule A-09)."""
    _clear_but_for_language()
    session["seen"] = int(time.time())
    session.permanent = True
    login_user(Visitor(browser, secret))


def let_out() -> None:
    """Forget who this browser was."""
    logout_user()
    _clear_but_for_language()


def _clear_but_for_language() -> None:
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def forget_who_is_there() -> None:
    """Take whoever asks for a stranger in the rest of this request: there is no database to look them up in."""
    g._login_user = Stranger()  # noqa: SLF001 - where flask-login keeps it for a request


def current_person() -> Person:
    """The signed-in person. Only for doors that are open to the signed-in."""
    return cast("Person", current_user.person)


def person_or_none() -> Person | None:
    """The signed-in person, if any."""
    return cast("Person | None", current_user.person)


def remember_asking(number: int) -> None:
    """Note in this browser's cookie which proof it asked for (0: none was made); its button needs no code (A-02)."""
    session["asked"] = [*session.get("asked", []), number][-5:]


def asked_numbers() -> list[int]:
    """The numbers of the proofs that this browser asked for."""
    return [number for number in session.get("asked", []) if number]


def has_asked(proof: Proof) -> bool:
    """Whether it was this browser that asked."""
    return proof.id in session.get("asked", [])


def browser_name(agent: str) -> str:
    """A browser's name in two words, such as "Firefox, Windows"."""
    kinds = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    kind = next((name for mark, name in kinds if mark in agent), "Browser")
    system = next((name for mark, name in systems if mark in agent), "")
    return f"{kind}, {system}" if system else kind
