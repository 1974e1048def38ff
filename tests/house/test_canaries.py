"""Values that stand nowhere else, looked for in everything that each kind of visitor can reach."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from sqlalchemy import select

from nextevents.app import create_app
from nextevents.communities.messages import MINE
from nextevents.events.messages_to_voters import POLL
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from nextevents.people.models import Purpose
from tests.conftest import settings_for
from tests.factories import make_person
from tests.house.campaigns import DRAFTED, OFFICES
from tests.house.discussions import HELD as HELD_POST
from tests.house.lists import READERS_ADDRESS, READERS_NAME
from tests.house.matrix import READING
from tests.house.visitors import Visitor
from tests.house.walks import each_actor_once
from tests.house.world import (
    ACTORS,
    ADDRESSES,
    BODIES,
    DIAL_IN,
    DRAFT_TEXT,
    DRAFT_TITLE,
    INVITED_ADDRESS,
    INVITED_NAME,
    LEAD,
    MEMBERS_DIAL_IN,
    NAMES,
    NEIGHBOUR,
    NEIGHBOURS_DIAL_IN,
    NOTE_ADDRESS,
    NOTE_SENDER,
    NOTE_TEXT,
    OFFICE,
    OTHER,
    PARTICIPANT,
    STRANGER,
    TAKERS_ADDRESS,
    TAKERS_NAME,
    UNPUBLISHED,
    VOTERS_ADDRESS,
    VOTERS_NAME,
    WAITING_DIAL_IN,
    House,
)

SITE = "http://localhost"
#: So many queries of one path are followed: months and filters have no end.
QUERIES = 4
#: What somebody may try who knows how addresses are made.
GUESSED = (
    "/veranstaltungen/?q=Kanarie",
    "/veranstaltungen/?jahr=2026",
    "/veranstaltungen/?ansicht=monat&monat=2026-12",
    "/veranstaltungen/entwurf/",
    "/veranstaltungen/entwurf/termin.ics",
    "/veranstaltungen/mitglieder/termin.ics",
    "/veranstaltungen/offen/angemeldet",
    "/veranstaltungen/offen/teilnehmende/",
    "/veranstaltungen/nebenan/verwalten/teilnehmende/",
    "/verwalten/?ansicht=vergangen",
    "/communities/chatbot-community/unterlagen/?q=Kanarie",
    "/veroeffentlichungen/?q=Kanarie",
    "/veroeffentlichungen/papier-entwurf/",
    "/veroeffentlichungen/papier-entwurf/datei",
    "/veranstaltungen/entwurf/angemeldet",
    "/veranstaltungen/entwurf/verwalten/angaben/",
    "/buero/postausgang/?stand=queued",
    "/demo/postausgang/",
)


#: Who organises an event at which somebody is registered; the office organises all.
ORGANISERS = {PARTICIPANT: LEAD, OTHER: LEAD, "new": LEAD, "guest": NEIGHBOUR}


#: Whose name stands on a circle's page.
LEADS = frozenset({LEAD, NEIGHBOUR})


@dataclass(frozen=True)
class Canary:
    """A value, who may see it, and who must for the test to be worth something."""

    what: str
    value: str
    seen_by: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


def canaries(house: House) -> Iterator[Canary]:
    """All of them. Whoever is named as seeing one is allowed to."""
    yield from personal_canaries(house)
    yield from canaries_of_events()


def personal_canaries(house: House) -> Iterator[Canary]:
    """What belongs to a person: names, addresses, links."""
    for actor in NAMES:
        own = frozenset({actor} & set(ACTORS))
        organising = {ORGANISERS[actor]} if actor in ORGANISERS else set()
        for what, value in (("name", NAMES[actor]), ("address", ADDRESSES[actor]), ("body", BODIES[actor])):
            listed = organising | ({OFFICE} if organising or (what == "body" and actor in ACTORS) else set())
            yield Canary(
                f"{what} of {actor}",
                value,
                own | listed if what != "address" else own & {PARTICIPANT, OTHER},
                frozenset(ACTORS) if what == "name" and actor in LEADS else own | organising | {OFFICE},
            )
    for actor in house.world.feeds:
        yield Canary(f"calendar address of {actor}", house.feed_token(actor), frozenset({actor}))
    for actor, secret in house.world.secrets.items():
        yield Canary(f"session of {actor}", secret)
    for actor, slug in house.world.registrations:
        seen_by = frozenset({actor} & set(ACTORS)) if slug != "vor-ort" else frozenset()
        yield Canary(f"registration of {actor} at {slug}", house.registration_token(actor, slug), seen_by)
    for purpose in house.world.proofs:
        yield Canary(f"link to prove an address: {purpose}", house.proof_token(purpose))
    for what, value in (("address", INVITED_ADDRESS), ("name", INVITED_NAME)):
        yield Canary(f"{what} of somebody invited", value, allowed=frozenset({LEAD, OFFICE}))
    for what, value in (("address", TAKERS_ADDRESS), ("name", TAKERS_NAME)):
        yield Canary(f"{what} of whom a seat is offered to", value, allowed=frozenset({PARTICIPANT, LEAD, OFFICE}))
    yield Canary("a post that waits", HELD_POST, frozenset({OFFICE}), frozenset({OFFICE}))
    yield Canary("code of a certificate", house.world.certificate, allowed=frozenset({PARTICIPANT, LEAD, OFFICE}))
    yield from canaries_of_links(house)


def canaries_of_links(house: House) -> Iterator[Canary]:
    """Links that were mailed, but for that of a poll, which its circle's leads pass on; and who has voted."""
    for purpose in house.world.rows:
        seen_by = {POLL: frozenset({LEAD, OFFICE}), MINE: frozenset({PARTICIPANT})}.get(purpose, frozenset())
        yield Canary(f"link of {purpose}", house.row_token(purpose), seen_by, seen_by)
    for what, value in (("address", READERS_ADDRESS), ("name", READERS_NAME)):
        yield Canary(f"{what} of a reader of the newsletter", value, frozenset({OFFICE}))
    for what, value in (("address", NOTE_ADDRESS), ("name", NOTE_SENDER), ("words", NOTE_TEXT)):
        yield Canary(f"{what} of somebody who has asked the leads", value)
    for what, value, seen_by in (("address", VOTERS_ADDRESS, frozenset()), ("name", VOTERS_NAME, {LEAD, OFFICE})):
        yield Canary(f"{what} of a voter", value, frozenset(seen_by), frozenset({LEAD, OFFICE}))


def canaries_of_events() -> Iterator[Canary]:
    """What belongs to an event: the way in, drafts, answers, materials."""
    for slug, organiser in (("offen", LEAD), ("nebenan", NEIGHBOUR)):
        attending = {"offen": {PARTICIPANT, OTHER}, "nebenan": set()}[slug]
        own = {"offen": {PARTICIPANT}, "nebenan": set()}[slug]
        allowed = frozenset({organiser, OFFICE})
        yield Canary(f"answer at {slug}", f"Kanarie-Antwort-{slug}", allowed=allowed | own)
        yield Canary(f"material of {slug}", f"Kanarie-Folien-{slug}", allowed, allowed | attending)
    circle = frozenset({PARTICIPANT, OTHER, LEAD, OFFICE})  # one belongs and only waits, the other comes from outside
    yield Canary("material for people of a circle", "Kanarie-Folien-community", circle, circle)
    known = frozenset(ACTORS) - {STRANGER}
    yield Canary("material for whoever is signed in", "Kanarie-Folien-signed_in", known, known)
    yield Canary("dial-in", DIAL_IN, frozenset({PARTICIPANT, OTHER, LEAD, OFFICE}))
    yield Canary("dial-in of a full meeting", WAITING_DIAL_IN, frozenset({OTHER, LEAD, OFFICE}))
    yield Canary("dial-in of the meeting next door", NEIGHBOURS_DIAL_IN, frozenset({NEIGHBOUR, OFFICE}))
    yield Canary("dial-in for members", MEMBERS_DIAL_IN, frozenset({OTHER, OFFICE}))
    yield Canary(
        "note for people of a circle", "Kanarie-Notiz-community", *[frozenset({PARTICIPANT, LEAD, OFFICE})] * 2
    )
    yield Canary("file for people of a circle", "Kanarie-Datei", *[frozenset({PARTICIPANT, LEAD, OFFICE})] * 2)
    yield Canary("note for whoever is signed in", "Kanarie-Notiz-signed_in", *[frozenset(ACTORS) - {STRANGER}] * 2)
    yield Canary("what is not published", UNPUBLISHED, *[frozenset({LEAD, OFFICE})] * 2)
    yield Canary("title of a draft", DRAFT_TITLE, frozenset({LEAD, OFFICE}))
    yield Canary("text of a draft", DRAFT_TEXT, frozenset({LEAD, OFFICE}))
    yield Canary("draft of a mail to a circle", DRAFTED, frozenset({LEAD, OFFICE}))
    yield Canary("draft of a newsletter", OFFICES, frozenset({OFFICE}))


def reachable(visitor: Visitor, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Everything that can be reached by links and addresses shown, with headers, as text."""
    waiting, known, queries = list(starts), set(starts), Counter[str]()
    while waiting:
        path = waiting.pop()
        answer = visitor.get(path)
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
        body = answer.get_data().decode(errors="replace")  # files are no text
        yield path, f"{headers}\n\n{_unfolded(body)}"
        for found in set(_addresses_in(answer)) - known:
            bare = found.partition("?")[0]
            queries[bare] += 1
            if queries[bare] <= QUERIES:
                known.add(found)
                waiting.append(found)


def _unfolded(text: str) -> str:
    """Without the line breaks within lines of calendars (RFC 5545 3.1)."""
    return text.replace("\r\n ", "")


#: Taking whole pages apart would take longer than making them.
_ADDRESS = re.compile(r'(?:href|action|src|value)="([^"]*)"')


def _addresses_in(answer) -> Iterator[str]:
    if answer.mimetype != "text/html":
        return
    for address in map(unescape, _ADDRESS.findall(answer.text)):
        whole = urlsplit(urljoin(SITE + "/", address.replace("webcal:", "http:")))
        if whole.netloc == "localhost" and whole.scheme == "http" and not whole.path.startswith("/static/"):
            yield whole.path + (f"?{whole.query}" if whole.query else "")


@each_actor_once
def test_nobody_sees_what_is_not_for_them_and_everybody_sees_their_own(standing, actor):
    visitor = standing.visitor(actor, demo=False)
    starts = [case.path(standing) for case in READING if not case.values(standing).keys() & {"token", "code"}]
    pages = dict(reachable(visitor, [*starts, *GUESSED]))
    whole = "\n".join(pages.values())
    leaked, missing = [], []
    for canary in canaries(standing):
        if actor in canary.seen_by | canary.allowed:
            missing += [canary.what] if actor in canary.seen_by and canary.value not in whole else []
        elif canary.value in whole:
            leaked += [(canary.what, path) for path, text in pages.items() if canary.value in text]

    assert (leaked, missing) == ([], [])


def test_forms_tell_a_stranger_nothing_about_anybody(house):
    """Whatever a stranger sends: the answers hold nothing of whoever has that address."""
    visitor = house.visitor(demo=False)
    told = []
    for actor, address in ADDRESSES.items():
        guess = {"name": "Irgendwer", "email": address, "organisation": ""}
        answers = [
            visitor.send("/anmeldung/organisation", guess),
            visitor.send("/veranstaltungen/offen/anmeldung", guess, follow_redirects=True),
            visitor.send("/veranstaltungen/mitglieder/anmeldung", guess, follow_redirects=True),
            visitor.send("/konto/anmelden/", {"email": address}, follow_redirects=True),
            visitor.send("/veranstaltungen/offen/angemeldet", {"code": "123456"}),
            visitor.send("/konto/anmelden/code/", {"code": "123456"}),
        ]
        secrets = (NAMES[actor], BODIES[actor], DIAL_IN, MEMBERS_DIAL_IN)
        told += [(actor, answer.request.path) for answer in answers for secret in secrets if secret in answer.text]

    assert told == []


def test_mails_that_ask_for_a_proof_hold_nothing_that_the_asker_typed(house):
    """Otherwise anybody could write to anybody in our name (CVE-2026-41426 and its like)."""
    visitor = house.visitor()
    typed = {"name": "Kanarie-Getippt", "email": "fremd@anderswo.example", "organisation": "Kanarie-Getippte Stelle"}
    assert visitor.send("/veranstaltungen/offen/anmeldung", typed).status_code == 303

    mail = database.session.scalars(select(Message).where(Message.recipient == typed["email"])).one()
    assert set(mail.values) == {"confirm", "code"}
    assert "Kanarie-Getippt" not in str(mail.values)


def test_logs_hold_no_personal_value_and_no_token(house, caplog):
    caplog.set_level(logging.DEBUG)
    visitor = house.visitor(PARTICIPANT)
    for path in (
        f"/anmeldung/{house.registration_token(PARTICIPANT, 'offen')}/",
        f"/kalender/{house.feed_token(PARTICIPANT)}.ics",
        f"/konto/anmelden/{house.proof_token(Purpose.SIGN_IN)}/",
        "/konto/",
        "/veranstaltungen/?q=Kanarie-Participant%0AINFO%20erfunden",
    ):
        visitor.get(path, headers={"User-Agent": "Kanarie-Browser"})
    stranger = house.visitor()
    stranger.send("/konto/anmelden/", {"email": ADDRESSES[OTHER]})
    stranger.send("/konto/anmelden/code/", {"code": "123456"})
    stranger.send("/konto/anmelden/", {"email": "Kanarie-Unsinn"})
    stranger.send(
        "/veranstaltungen/offen/anmeldung",
        {"name": NAMES[LEAD], "email": ADDRESSES[LEAD], "organisation": BODIES[LEAD]},
    )

    assert _told(caplog.text, house) == []


def test_an_error_is_logged_without_the_values_that_led_to_it(standing, tmp_path, caplog):
    """The statement's parameters and the path, whose end is a token, stay out of the log."""
    app = create_broken(standing, tmp_path)
    token = standing.registration_token(PARTICIPANT, "offen")
    with app.app_context():
        answer = app.test_client().get(f"/kaputt/{token}")
        database.engine.dispose()

    assert answer.status_code == 500
    assert "IntegrityError" in caplog.text
    assert _told(caplog.text, standing) == []


def create_broken(standing: House, folder):
    """An application with a page on which a statement with personal values fails."""
    url = standing.with_demo.config["SQLALCHEMY_DATABASE_URI"]
    app = create_app(settings_for(folder, url))
    app.test_client_class = Visitor

    def fail(token: str) -> str:
        del token
        make_person(ADDRESSES[PARTICIPANT], name=NAMES[PARTICIPANT])
        return ""

    app.add_url_rule("/kaputt/<token>", "broken", fail)
    return app


def _told(log: str, house: House) -> list[str]:
    return [canary.what for canary in canaries(house) if canary.value in log] + re.findall(r"Kanarie\S*", log)
