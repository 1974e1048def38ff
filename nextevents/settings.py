"""Every setting: its environment name, its default, and one line of explanation."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})


class InvalidSettingsError(Exception):
    """The environment asks for something that would not be safe to start with."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a running instance is told from outside. Field names in capitals are the environment names."""

    #: NEXTEVENTS_DATA: folder for the embedded database, the broker's files and the made secret.
    data: Path
    #: DATABASE_URL: a SQLAlchemy address; SQLite in the data folder unless given.
    database_url: str
    #: REDIS_URL: broker and shared counters; empty means Celery over the file system.
    redis_url: str = ""
    #: KEEP_FREE_MB: with less room on the disk than this, uploads and exports are refused.
    keep_free_mb: int = 200
    #: SMTP_URL: smtp://user:password@host:port, smtps://…, ?starttls=1; empty means that mail is kept and shown.
    smtp_url: str = ""
    #: BASE_URL: the one address that links are built from.
    base_url: str = "http://127.0.0.1:8000"
    #: SECRET_KEY: signing; made and stored on first start unless BASE_URL is https.
    secret_key: str = field(repr=False)
    #: SECRET_KEY_FALLBACKS: older keys, separated by blanks, that still verify.
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    #: TRUSTED_PROXIES: how many proxies' headers are believed.
    trusted_proxies: int = 0
    #: NEXTEVENTS_DEMO: demo people, the page to sign in as one of them, the visible outbox.
    demo: bool = False
    #: MAIL_FROM: the address that mails come from and that organises calendar entries (rule C-06).
    mail_from: str = "termine@next.example"
    #: MAIL_FROM_NAME: the name beside that address.
    mail_from_name: str = "NExT e. V."
    #: MAIL_BOUNCES: where mail systems report failures; the sender's address unless given. What is given must take
    #: name+anything@ as well: each mail has a return path of its own (rule M-08).
    mail_bounces: str = ""
    #: NEWSLETTER_FROM: the address that newsletters come from; newsletter@ at MAIL_FROM's domain unless given.
    newsletter_from: str = ""
    #: LIST_DOMAIN: what stands behind the @ of lists; MAIL_FROM's domain unless given.
    list_domain: str = ""
    #: DKIM_KEYS: the folder of keys that mails are signed with; "dkim" in the data folder unless given.
    dkim_keys: Path | None = None
    #: DESTINATION_RATE: how many mails of lists a minute one destination gets; 0: no limit until it asks for one.
    destination_rate: float = 0.0
    #: DESTINATION_GROUPS: mail domains that one operator serves, name=domain,domain; a domain stands for all below it.
    destination_groups: Mapping[str, str] = field(default_factory=dict)
    #: RELAY_LOG: the log of our own relay on this host (Postfix, Exim), which settles mails that are uncertain.
    relay_log: Path | None = None
    #: MAIL_IN: host:port at which `nextevents mail-in` takes mail over LMTP; nothing listens unless it is started.
    mail_in: str = "127.0.0.1:8024"
    #: MAIL_BORDER: our mail server's name in Authentication-Results; after a blank, how many Received lines are above.
    mail_border: str = ""
    #: BBB_URL: the BigBlueButton server, as `bbb-conf --secret` tells it; empty means that no rooms are offered.
    bbb_url: str = ""
    #: BBB_SECRET: the secret shared with that server.
    bbb_secret: str = field(default="", repr=False)
    #: CONTACT: the office's address, shown on every page of duties and in every mail.
    contact: str = "info@next.example"
    #: ALLOWED_HOSTS: further host names, separated by blanks, that requests may name besides BASE_URL's.
    allowed_hosts: tuple[str, ...] = ()

    @property
    def mail_domain(self) -> str:
        """The domain of the address that mails come from."""
        return self.mail_from.rpartition("@")[2]

    @property
    def host(self) -> str:
        """The host and port that requests must name."""
        return urlsplit(self.base_url).netloc

    @property
    def is_https(self) -> bool:
        """Whether visitors come over TLS, so that cookies can be bound to it."""
        return self.base_url.startswith("https://")


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises InvalidSettingsError for an https address without a given, long secret: a made one would sit in a
    folder that several hosts do not share (ASVS 13.3).
    """
    data = Path(environment.get("NEXTEVENTS_DATA", "var")).resolve()
    base_url = environment.get("BASE_URL") or _local_address(environment)
    smtp_url = environment.get("SMTP_URL", "")
    mail_from = environment.get("MAIL_FROM", "termine@next.example")
    return Settings(
        data=data,
        database_url=_with_driver(environment.get("DATABASE_URL") or f"sqlite:///{data / 'nextevents.db'}"),
        redis_url=environment.get("REDIS_URL", ""),
        keep_free_mb=int(environment.get("KEEP_FREE_MB") or "200"),
        smtp_url=smtp_url,
        base_url=base_url.rstrip("/"),
        secret_key=_secret_key(environment, base_url, data),
        secret_key_fallbacks=tuple(environment.get("SECRET_KEY_FALLBACKS", "").split()),
        trusted_proxies=int(environment.get("TRUSTED_PROXIES") or "0"),
        demo=environment.get("NEXTEVENTS_DEMO", "").lower() in TRUE_WORDS,
        mail_from=mail_from,
        mail_from_name=environment.get("MAIL_FROM_NAME", "NExT e. V."),
        mail_bounces=environment.get("MAIL_BOUNCES", "") or mail_from,
        newsletter_from=environment.get("NEWSLETTER_FROM", "").strip(),
        list_domain=environment.get("LIST_DOMAIN", "").strip().lower(),
        dkim_keys=Path(environment["DKIM_KEYS"]).resolve() if environment.get("DKIM_KEYS") else None,
        destination_rate=float(environment.get("DESTINATION_RATE") or "0"),
        destination_groups=_groups(environment.get("DESTINATION_GROUPS", "")),
        relay_log=Path(environment["RELAY_LOG"]).resolve() if environment.get("RELAY_LOG") else None,
        mail_in=_listening(environment.get("MAIL_IN") or "127.0.0.1:8024"),
        mail_border=_border(environment.get("MAIL_BORDER", "")),
        bbb_url=_conference_server(environment),
        bbb_secret=environment.get("BBB_SECRET", "").strip(),
        contact=environment.get("CONTACT", "info@next.example"),
        allowed_hosts=tuple(environment.get("ALLOWED_HOSTS", "").split()),
    )


def _local_address(environment: Mapping[str, str]) -> str:
    host, port = environment.get("HOST", "127.0.0.1"), environment.get("PORT", "8000")
    return f"http://{host if host != '0.0.0.0' else '127.0.0.1'}:{port}"  # noqa: S104 - compared, not bound


def _conference_server(environment: Mapping[str, str]) -> str:
    url = environment.get("BBB_URL", "").strip()
    if bool(url) != bool(environment.get("BBB_SECRET", "").strip()):
        raise InvalidSettingsError("BBB_URL and BBB_SECRET must be given together, or neither.")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise InvalidSettingsError("BBB_URL must be an address such as https://bbb.example.org/bigbluebutton/.")
    return url


def _listening(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise InvalidSettingsError("MAIL_IN must be host:port, such as 127.0.0.1:8024.")
    return address


def _border(words: str) -> str:
    name, _, stations = words.strip().partition(" ")
    if stations and not stations.strip().isdecimal():
        raise InvalidSettingsError("MAIL_BORDER must be a name and, if need be, a number: mx.example.org 1")
    return f"{name.lower()} {int(stations or 0)}" if name else ""


def _groups(words: str) -> dict[str, str]:
    """The group of each mail domain that has one."""
    groups: dict[str, str] = {}
    for word in words.split():
        name, _, domains = word.partition("=")
        if not name or not all(domains.split(",")):
            raise InvalidSettingsError("DESTINATION_GROUPS must be such as: rechenzentrum=stadt.example,kreis.example")
        groups |= {domain.lower().strip("."): name for domain in domains.split(",")}
    return groups


def _with_driver(url: str) -> str:
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _secret_key(environment: Mapping[str, str], base_url: str, data: Path) -> str:
    given = environment.get("SECRET_KEY", "")
    if given and len(given) < 32:  # noqa: PLR2004 - 32 characters are the least that a random key should have
        raise InvalidSettingsError("SECRET_KEY is too short: give at least 32 random characters.")
    if given:
        return given
    if base_url.startswith("https://"):
        raise InvalidSettingsError("SECRET_KEY must be given when BASE_URL is https.")
    return _stored_secret(data / "secret-key")


def _stored_secret(path: Path) -> str:
    """The secret of this data folder; of several processes that make it at once, one wins and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"secret-key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
