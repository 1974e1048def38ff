"""How mail is doing: what is published about us, said in words, and who slows us down."""

import dns.exception
import dns.resolver
import pytest

from nextevents.mailing import published
from nextevents.mailing.published import Names, Unreachable, Verdict, findings
from nextevents.mailing.services import slow_down
from nextevents.mailing.signing import make_key
from tests.factories import make_person

DOMAIN = "next.example"


class Zone(Names):
    """A DNS with these entries, and nothing else."""

    def __init__(self, texts=None, pointers=()):
        self._texts, self._pointers = texts or {}, list(pointers)

    def texts(self, name):
        return self._texts.get(name, [])

    def names_of(self, host):
        del host
        return self._pointers


class Away(Names):
    """A DNS that nobody reaches, asked as a real one is."""

    def __init__(self):
        class Silent(dns.resolver.Resolver):
            def resolve(self, *_, **__):
                raise dns.resolver.LifetimeTimeout(timeout=3, errors=[])

        super().__init__(Silent(configure=False))


@pytest.fixture(autouse=True)
def keys(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DKIM_KEYS", tmp_path)
    return tmp_path


def verdicts(zone, host=""):
    found = findings(zone, host)
    return {one.subject: one.verdict for domain in found.values() for one in domain}


@pytest.mark.usefixtures("client")
def test_nothing_published_is_said_with_what_to_publish(app):
    with app.test_request_context("/"):
        found = findings(Zone(), "mail.next.example")

    by_subject = {one.subject: one for one in found[DOMAIN]}
    assert {one.verdict for one in by_subject.values()} == {Verdict.MISSING}
    assert by_subject["SPF"].record == "v=spf1 a:mail.next.example mx -all"
    assert by_subject["DKIM"].record == f"nextevents dkim-key {DOMAIN}"
    assert by_subject["DMARC"].name == f"_dmarc.{DOMAIN}"
    assert found["mail.next.example"][0].verdict == Verdict.WEAK


@pytest.mark.usefixtures("client")
def test_all_in_order_is_said(app, keys):
    key = make_key(keys, DOMAIN, "s1")
    texts = {
        DOMAIN: ["google-site-verification=x", "v=spf1 mx -all"],
        f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject"],
        f"s1._domainkey.{DOMAIN}": [key.record],
    }
    with app.test_request_context("/"):
        assert set(verdicts(Zone(texts, ["mail.next.example"]), "mail.next.example").values()) == {Verdict.GOOD}


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("name", "texts", "subject", "verdict"),
    [
        (DOMAIN, ["v=spf1 mx -all", "v=spf1 a -all"], "SPF", Verdict.MISSING),
        (DOMAIN, ["v=spf1 mx +all"], "SPF", Verdict.WEAK),
        (DOMAIN, ["v=spf1 redirect=x.example"], "SPF", Verdict.GOOD),
        (DOMAIN, ["v=spf10 mx -all"], "SPF", Verdict.MISSING),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p = none"], "DMARC", Verdict.WEAK),
        (f"_dmarc.{DOMAIN}", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], "DMARC", Verdict.MISSING),
        (f"s1._domainkey.{DOMAIN}", ["v=DKIM1; k=rsa; p=MIIBIjANother"], "DKIM (s1)", Verdict.MISSING),
    ],
)
def test_what_is_half_right_is_told_apart(app, keys, name, texts, subject, verdict):
    make_key(keys, DOMAIN, "s1")
    with app.test_request_context("/"):
        assert verdicts(Zone({name: texts}))[subject] == verdict


@pytest.mark.usefixtures("client")
def test_a_dns_that_does_not_answer_is_no_reason_to_worry(app):
    with app.test_request_context("/"):
        found = verdicts(Away(), "mail.next.example")
    assert {found[subject] for subject in ("SPF", "DMARC", "PTR")} == {Verdict.UNKNOWN}
    with pytest.raises(Unreachable):
        Away().texts("x.example")


def test_the_page_asks_nobody_until_the_button_is_pressed(app, signed_in, noon, monkeypatch):
    asked = []
    monkeypatch.setattr(published, "names", lambda: asked.append(1) or Zone())
    slow_down("amt.example", "451 4.7.1 zu schnell", rate=0, at=noon)
    browser = signed_in(make_person(office=True))

    page = browser.get("/buero/mailbetrieb/")
    assert (page.status_code, asked) == (200, [])
    assert "451 4.7.1 zu schnell" in page.text

    checked = browser.send("/buero/mailbetrieb/pruefen/")
    assert (checked.status_code, asked) == (200, [1])
    assert f"nextevents dkim-key {DOMAIN}" in checked.text
