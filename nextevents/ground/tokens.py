"""Links that prove something without being stored anywhere.

A token is the number of a row and a keyed fingerprint of it, bound to one purpose: 32 characters of [A-Za-z0-9_-]
(rule M-40). It cannot be guessed (128 bits), a copy of the database does not contain it, and it dies with its row.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from hashlib import sha256

from flask import current_app

TOKEN_LENGTH = 32
#: Bits that a row's number can have on both databases.
_HALF = 31


def token_for(purpose: str, number: int) -> str:
    """The token of a row for one purpose."""
    return _token(_keys()[0], purpose, number)


def tokens_for(purpose: str) -> Callable[[int], str]:
    """What makes the tokens of many rows for one purpose, in a tenth of the time."""
    begun = hmac.new(_keys()[0].encode(), purpose.encode() + b"\0", "sha256")

    def token(number: int) -> str:
        body, mac = number.to_bytes(8), begun.copy()
        mac.update(body)
        return urlsafe_b64encode(body + mac.digest()[:16]).decode()

    return token


def number_in(purpose: str, token: str) -> int | None:
    """The row that a token speaks of; None if it was altered, cut off, or made for something else.

    Wrapping damage of mail programs at the end (a full stop, "=3D") is forgiven (bad input 78).
    """
    token = token.strip().removesuffix("=3D").rstrip(".=")
    if len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    try:
        number = int.from_bytes(urlsafe_b64decode(token)[:8])
    except (Base64Error, ValueError):
        return None
    is_ours = any(hmac.compare_digest(token, _token(key, purpose, number)) for key in _keys())
    return number if is_ours else None


def pair(first: int, second: int) -> int:
    """One number for a row that has no number of its own, but those of two others."""
    return first << _HALF | second


def halves(number: int) -> tuple[int, int]:
    """The two numbers that pair() has put together."""
    return number >> _HALF, number & (1 << _HALF) - 1


def code_for(purpose: str, number: int) -> str:
    """The six digits that go with a row, for typing. Derived, never stored."""
    return _code(_keys()[0], purpose, number)


def is_code_for(purpose: str, number: int, code: str) -> bool:
    """Whether somebody typed the right six digits; blanks and hyphens between them do not matter."""
    typed = code.replace(" ", "").replace("-", "").encode()
    return any(hmac.compare_digest(typed, _code(key, purpose, number).encode()) for key in _keys())


def fingerprint(secret: str) -> str:
    """What is stored of a random secret: enough to recognise it, nothing to use."""
    return sha256(secret.encode()).hexdigest()


def keyed_fingerprints(purpose: str, text: str) -> list[str]:
    """What is stored of something that must be recognised but never read again; the newest key's first.

    Without our key nobody can find it out by trying. Earlier ones are found under the keys of before.
    """
    return [hmac.digest(key.encode(), purpose.encode() + b"\0" + text.encode(), "sha256").hex() for key in _keys()]


def _token(key: str, purpose: str, number: int) -> str:
    body = number.to_bytes(8)
    return urlsafe_b64encode(body + _mac(key, purpose, body)[:16]).decode()


def _code(key: str, purpose: str, number: int) -> str:
    return f"{int.from_bytes(_mac(key, f'code {purpose}', number.to_bytes(8))[:8]) % 1_000_000:06d}"


def _mac(key: str, purpose: str, body: bytes) -> bytes:
    return hmac.digest(key.encode(), purpose.encode() + b"\0" + body, "sha256")


def _keys() -> list[str]:
    return [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
