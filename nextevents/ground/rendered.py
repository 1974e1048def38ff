"""Rendered bodies kept by version: never stale, because the key is what they were made of."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

from flask import g, has_request_context, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from .web import NONCE_FIELD

_LIMIT = 32 * 1024 * 1024
_CSRF_MARK = secrets.token_hex(16)
_NONCE_MARK = secrets.token_hex(16)
_LATE_MARK = secrets.token_hex(16)


Body = TypeVar("Body", str, bytes)


class Shelf:
    """The most recently used bodies, up to a number of bytes; safe among threads."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._size = 0
        self._bodies: OrderedDict[Hashable, str | bytes] = OrderedDict()
        self._lock = Lock()

    def body(self, key: Hashable, build: Callable[[], Body]) -> Body:
        """The body kept under this key, built now if there is none."""
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
                return cast("Body", self._bodies[key])
        body = build()
        with self._lock:
            self._keep(key, body)
        return body

    def _keep(self, key: Hashable, body: str | bytes) -> None:
        self._size += len(body) - len(self._bodies.pop(key, ""))
        self._bodies[key] = body
        while self._size > self._limit and self._bodies:
            _, dropped = self._bodies.popitem(last=False)
            self._size -= len(dropped)


shelf = Shelf()


def visitors_page(key: Hashable, build: Callable[[], str], **late: str) -> str:
    """A page for whoever comes: kept for those who are signed out, with their own form tokens put in.

    What changes more often than the page is handed over as late values, which the template calls by late(name).
    Whoever is signed in, or has a message waiting, gets the page built anew.
    """
    set_late(**late)
    if current_user.is_authenticated or "_flashes" in session:
        return build()
    body = shelf.body(key, lambda: _with_marks(build))
    for name, value in late.items():
        body = body.replace(_late_mark(name), escape(value))
    return body.replace(_CSRF_MARK, generate_csrf()).replace(_NONCE_MARK, new_nonce())


def set_late(**late: str) -> None:
    """Say the late values of a page that is built for one reader only."""
    g.late = late


def late(name: str) -> str:
    """A value that is put in when the page is handed out."""
    return _late_mark(name) if g.get("keeps_marks") else str(g.late[name])


def _late_mark(name: str) -> str:
    return f"{_LATE_MARK}-{name}-"


def csrf_input() -> Markup:
    """The hidden field that proves that a form came from us."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(_mark(_CSRF_MARK) or generate_csrf())


def nonce_input() -> Markup:
    """The hidden field by which a form that is sent twice is recognised (guarantee G5)."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(NONCE_FIELD, _mark(_NONCE_MARK) or new_nonce())


def new_nonce() -> str:
    """A fresh number for one form."""
    return secrets.token_urlsafe(12)


def _with_marks(build: Callable[[], str]) -> str:
    g.keeps_marks = True
    try:
        return build()
    finally:
        g.keeps_marks = False


def _mark(mark: str) -> str | None:
    return mark if has_request_context() and g.get("keeps_marks") else None
