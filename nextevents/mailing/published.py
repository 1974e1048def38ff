"""What an operator has published about mail: SPF, DKIM, DMARC and the mail server's own name, and what is missing.

Asks the DNS, so it takes time and may find nothing: called when somebody presses a button, never while a page is shown.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dns.exception
import dns.resolver
import dns.reversename
from flask import current_app
from flask_babel import gettext as _

from .signing import Key, keys_in

#: Seconds for one question, and for all servers together that are asked it.
TIMEOUT, LIFETIME = 1.5, 3.0


class Verdict(StrEnum):
    """What came of looking."""

    GOOD = "good"
    #: It works, but could be better.
    WEAK = "weak"
    MISSING = "missing"
    #: The DNS could not be asked.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what, how it is, in a sentence, and what to publish under which name."""

    subject: str
    verdict: Verdict
    sentence: str
    name: str = ""
    record: str = ""


class Unreachable(Exception):  # noqa: N818 - says what the DNS is
    """Nobody answered."""


class Names:
    """The DNS."""

    def __init__(self, resolver: dns.resolver.Resolver) -> None:
        self._resolver = resolver
        resolver.timeout, resolver.lifetime = TIMEOUT, LIFETIME

    def texts(self, name: str) -> list[str]:
        """All TXT records of a name; none if there are none. Raises Unreachable."""
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def names_of(self, host: str) -> list[str]:
        """The names that the addresses of a host say of themselves. Raises Unreachable."""
        addresses = [str(one) for kind in ("A", "AAAA") for one in self._ask(host, kind)]
        pointers = [str(dns.reversename.from_address(address)) for address in addresses]
        return [str(one).rstrip(".").lower() for pointer in pointers for one in self._ask(pointer, "PTR")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            return list(self._resolver.resolve(name, kind, raise_on_no_answer=False).rrset or ())
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise Unreachable from error


def names() -> Names:
    """The DNS as this machine is set up to ask it."""
    return Names(dns.resolver.Resolver())


def sender_domains() -> list[str]:
    """The domains that mails come from, those that people wait for first."""
    config = current_app.config
    addresses = (config["MAIL_FROM"], config["NEWSLETTER_FROM"], f"x@{config['LIST_DOMAIN']}")
    return list(dict.fromkeys(address.rpartition("@")[2].lower() for address in addresses))


def findings(dns_names: Names, smtp_host: str) -> dict[str, list[Finding]]:
    """What was found for each domain of ours, and for the mail server. All are asked at once: a few seconds at most."""
    keys = keys_in(current_app.config["DKIM_KEYS"])
    with ThreadPoolExecutor(max_workers=8) as threads:

        def texts(name: str) -> Callable[[], list[str] | None]:
            return threads.submit(_or_none, lambda: dns_names.texts(name)).result

        asked = {
            domain: (
                texts(domain),
                texts(f"_dmarc.{domain}"),
                [(key, texts(key.name)) for key in keys if key.domain == domain],
            )
            for domain in sender_domains()
        }
        host = threads.submit(_or_none, lambda: dns_names.names_of(smtp_host)).result if smtp_host else None
        found = {
            domain: [
                _spf(domain, spf(), smtp_host),
                *_dkim(domain, [(key, is_there()) for key, is_there in signed]),
                _dmarc(domain, dmarc()),
            ]
            for domain, (spf, dmarc, signed) in asked.items()
        }
    if host:
        found[smtp_host] = [_host(smtp_host, host())]
    return found


def _or_none(ask: Callable[[], list[str]]) -> list[str] | None:
    try:
        return ask()
    except Unreachable:
        return None


def _unknown(subject: str) -> Finding:
    return Finding(subject, Verdict.UNKNOWN, _("Das DNS war nicht zu erreichen. Versuchen Sie es später noch einmal."))


def _spf(domain: str, texts: list[str] | None, smtp_host: str) -> Finding:
    """Whether it is said who may send (RFC 7208): one record, and it ends in a no."""
    if texts is None:
        return _unknown("SPF")
    records = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    proposed = f"v=spf1 {f'a:{smtp_host} ' if smtp_host else ''}mx -all"
    if not records:
        sentence = _("Es steht nirgends, welche Server für diese Domain senden dürfen.")
        return Finding("SPF", Verdict.MISSING, sentence, domain, proposed)
    if len(records) > 1:
        sentence = _("Es gibt mehrere SPF-Einträge; dann gilt keiner. Fassen Sie sie zu einem zusammen.")
        return Finding("SPF", Verdict.MISSING, sentence, domain, proposed)
    if not records[0].lower().endswith(("-all", "~all")) and "redirect=" not in records[0].lower():
        sentence = _("Der Eintrag schließt niemanden aus. Er sollte mit „-all“ oder „~all“ enden.")
        return Finding("SPF", Verdict.WEAK, sentence, domain, records[0])
    return Finding("SPF", Verdict.GOOD, _("Eingetragen: %(record)s", record=records[0]))


def _dkim(domain: str, signed: list[tuple[Key, list[str] | None]]) -> list[Finding]:
    """Whether the public half of each key is there (RFC 6376 3.6.1)."""
    if not signed:
        sentence = _("Mails dieser Domain werden nicht unterschrieben: Es gibt keinen Schlüssel. Machen Sie einen mit:")
        return [Finding("DKIM", Verdict.MISSING, sentence, record=f"nextevents dkim-key {domain}")]
    return [_key(key, texts) for key, texts in signed]


def _key(key: Key, texts: list[str] | None) -> Finding:
    subject = f"DKIM ({key.selector})"
    if texts is None:
        return _unknown(subject)
    wanted = key.record.rpartition("p=")[2]
    if any(wanted in "".join(text.split()) for text in texts):
        return Finding(subject, Verdict.GOOD, _("Der Schlüssel ist veröffentlicht und passt."))
    sentence = (
        _("Veröffentlicht ist ein anderer Schlüssel. Empfänger halten unsere Unterschrift für gefälscht.")
        if texts
        else _("Wir unterschreiben, aber der Schlüssel zum Prüfen ist nicht veröffentlicht.")
    )
    return Finding(subject, Verdict.MISSING, sentence, key.name, key.record)


def _dmarc(domain: str, texts: list[str] | None) -> Finding:
    """Whether it is said what to do with forgeries (RFC 9989)."""
    if texts is None:
        return _unknown("DMARC")
    records = [text for text in texts if text.lower().startswith("v=dmarc1")]
    if len(records) != 1:
        proposed = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
        sentence = _("Es steht nirgends, was mit Fälschungen geschehen soll. Große Anbieter weisen solche Mails ab.")
        return Finding("DMARC", Verdict.MISSING, sentence, f"_dmarc.{domain}", proposed)
    tags = "".join(records[0].lower().split())
    if "p=none" in tags:
        sentence = _("Eingetragen, aber ohne Folgen (p=none). Wenn die Berichte gut aussehen: p=quarantine.")
        return Finding("DMARC", Verdict.WEAK, sentence)
    return Finding("DMARC", Verdict.GOOD, _("Eingetragen: %(record)s", record=records[0]))


def _host(host: str, pointers: list[str] | None) -> Finding:
    """Whether the address of the server that sends leads back to its name (rule M-04)."""
    if pointers is None:
        return _unknown("PTR")
    if host.lower() in pointers:
        return Finding("PTR", Verdict.GOOD, _("Adresse und Name des Mailservers führen zueinander."))
    sentence = (
        _("Die Adresse des Mailservers nennt einen anderen Namen: %(names)s.", names=", ".join(pointers))
        if pointers
        else _("Die Adresse des Mailservers nennt keinen Namen. Den trägt ein, wem das Netz gehört.")
    )
    return Finding("PTR", Verdict.WEAK, sentence, record=host)
