"""Signing: DKIM signatures (RFC 6376, rsa-sha256, relaxed/relaxed) for mails whose domain has a key here.

A key is a file `<selector>._domainkey.<domain>.pem` in the folder DKIM_KEYS; of several for one domain the last by
name signs, the others are there until nobody needs them any more. Without a key nothing is signed and nothing loaded.

From, Subject, To, Date and all List headers are signed once more than they are there, so that adding one breaks the
signature: a second List-Unsubscribe would else be obeyed (rule M-03, RFC 8058 4).
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from .errors import ServerUnusable

OVERSIGNED = (
    *("from", "to", "subject", "date", "reply-to", "list-unsubscribe", "list-unsubscribe-post", "list-id", "list-post"),
    *("list-help", "list-owner", "list-archive", "list-subscribe"),
)
SIGNED = ("message-id", "mime-version", "content-type", "content-transfer-encoding", "auto-submitted", "precedence")
_NAME = "{selector}._domainkey.{domain}.pem"
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")
_BLANKS = re.compile(rb"[ \t]+")

Sign = Callable[[bytes], bytes]


class Key:
    """A private key with the name under which its other half is published."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.selector, _, rest = file.name.partition("._domainkey.")
        self.domain = rest.removesuffix(".pem")

    @property
    def name(self) -> str:
        """Where its public half stands in the DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @cached_property
    def sign(self) -> Sign:
        """The signature of some bytes."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - 8 MB, only with a key
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

        private = load_pem_private_key(self.file.read_bytes(), None)
        padding, algorithm = PKCS1v15(), SHA256()
        return lambda content: private.sign(content, padding, algorithm)  # type: ignore[union-attr,call-arg,arg-type]  # of RSA

    @cached_property
    def record(self) -> str:
        """What has to be published under its name, as one TXT record."""
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as above
            Encoding,
            PublicFormat,
            load_pem_private_key,
        )

        public = load_pem_private_key(self.file.read_bytes(), None).public_key()
        content = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(content).decode()}"


class Signer:
    """Signs mails with the keys of a folder, which is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _keys(self) -> dict[str, Key]:
        return {key.domain: key for key in keys_in(self._folder)}

    def signed(self, content: bytes, domain: str) -> bytes:
        """The mail with a signature in front, or as it is if there is no key for that domain.

        Raises ServerUnusable if the key cannot be read: unsigned the mail would be taken for a forgery.
        """
        key = self._keys.get(domain.lower())
        if not key:
            return content
        try:
            return signature(content, key) + content
        except Exception as error:
            raise ServerUnusable(f"{key.file.name} cannot sign: {type(error).__name__}: {error}") from error


def keys_in(folder: Path) -> list[Key]:
    """The keys of a folder, in the order of their names."""
    return [Key(file) for file in sorted(folder.glob("*._domainkey.*.pem"))]


def make_key(folder: Path, domain: str, selector: str) -> Key:
    """Make a key of 2048 bits (rule M-02), readable for its owner only. Raises FileExistsError if there is one."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as above
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / _NAME.format(selector=selector, domain=domain.lower())
    private = generate_private_key(public_exponent=65537, key_size=2048)
    file.touch(mode=0o600, exist_ok=False)  # last: a worker may look for keys at any moment
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Key(file)


def signature(content: bytes, key: Key) -> bytes:
    """The DKIM-Signature header of a mail with CRLF line ends."""
    head, _, body = content.partition(b"\r\n\r\n")
    fields = [(name.lower().decode(), value) for name, value in _FIELD.findall(head + b"\r\n")]
    names = list(_names_to_sign(name for name, _ in fields))
    tags = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={key.domain}; s={key.selector};\r\n"
        f" h={_folded(names)};\r\n bh={b64encode(_body_hash(body)).decode()};\r\n b="
    )
    parts = [_relaxed(name, value) for name, value in _in_order(names, fields)]
    unsigned = _relaxed("dkim-signature", b" " + tags.encode()).removesuffix(b"\r\n")
    signed = b64encode(key.sign(b"".join(parts) + unsigned)).decode()
    lines = "\r\n ".join(signed[start : start + 72] for start in range(0, len(signed), 72))
    return f"DKIM-Signature: {tags}{lines}\r\n".encode()


def _names_to_sign(there: Iterable[str]) -> Iterable[str]:
    """Each header that is there, and those that nobody may add once more (RFC 6376 5.4.2)."""
    yield from (name for name in there if name in OVERSIGNED or name in SIGNED)
    yield from OVERSIGNED


def _in_order(names: list[str], fields: list[tuple[str, bytes]]) -> Iterable[tuple[str, bytes]]:
    """The fields that these names stand for: of several the last first; where none is left, nothing."""
    left: dict[str, list[bytes]] = {}
    for name, value in fields:
        left.setdefault(name, []).append(value)
    for name in names:
        if values := left.get(name):
            yield name, values.pop()


def _relaxed(name: str, value: bytes) -> bytes:
    """A header as it is signed (RFC 6376 3.4.2)."""
    return name.encode() + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t") + b"\r\n"


def _body_hash(body: bytes) -> bytes:
    """Of the body as it is signed (RFC 6376 3.4.4). Replaced, not searched by patterns: a fortieth of the time."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return sha256(body[:end] + b"\r\n" if end else b"").digest()


def _folded(names: list[str]) -> str:
    lines: list[str] = [""]
    for name in names:
        if len(lines[-1]) + len(name) > 70:  # noqa: PLR2004 - lines of 78 characters
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n ".join(lines).removesuffix(":")
