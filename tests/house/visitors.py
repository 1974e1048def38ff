"""Browsers for tests: each request stands alone, as on a real server."""

import re
import time
from contextvars import Context
from itertools import count
from secrets import token_hex
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

_addresses = count(1)


class Visitor(FlaskClient):
    """A browser at a network address of its own.

    Its requests run outside the test's application context, so that no person, form token or session of one request
    is still there in the next.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        number = next(_addresses)
        self.environ_base["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request, and take in the whole answer."""
        options.setdefault("buffered", True)
        return Context().run(super().open, *args, **options)

    def sign_in(self, secret: str) -> "Visitor":
        """Be somebody: the browser whose session has this secret."""
        with self.session_transaction() as session:
            session.clear()
            session.update(_user_id=secret, _fresh=True, seen=int(time.time()), _permanent=True)
        return self

    def form_token(self) -> str:
        """What proves that a form came from us, as any page would hold it for this browser."""
        with self.session_transaction() as session:
            known = session.setdefault("csrf_token", token_hex(20))
        return URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(known)

    def send(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form of ours."""
        return self.post(path, data={"csrf_token": self.form_token()} | (fields or {}), **options)


def page_of(answer: TestResponse) -> BeautifulSoup:
    """The answer's page, taken apart."""
    return BeautifulSoup(answer.text, "html.parser")


def text_of(answer: TestResponse) -> str:
    """What the page says."""
    return " ".join(page_of(answer).stripped_strings)


def bare(answer: TestResponse, *paths: str) -> str:
    """The answer's body without what differs between two answers anyway: form tokens and the asked path."""
    body = re.sub(r'(name="(?:csrf_token|vorgang)" value=)"[^"]*"', r"\1", answer.text)
    for path in paths:
        body = body.replace(path, "")
    return body


__all__ = ["Visitor", "bare", "page_of", "text_of"]
