"""What stands behind a link: our own pages are looked up, others only read, and nobody is asked."""

from datetime import date

import pytest

from nextevents.communities.models import Viewers as DocumentViewers
from nextevents.communities.services import rename
from nextevents.events.messages_to_voters import POLL, VOTER
from nextevents.events.models import MaterialViewers, Stage
from nextevents.events.models import Viewers as ParticipantViewers
from nextevents.ground.tokens import token_for
from nextevents.ground.web import audience_of, everyone, signed_in
from nextevents.mailing.models import Joining, Readers
from nextevents.newsroom.own_pages import LOOKED_UP, Behind, behind
from nextevents.people.models import FEED
from tests.factories import (
    NOON,
    make_community,
    make_document,
    make_event,
    make_mailing_list,
    make_material,
    make_poll,
    make_result,
)


@pytest.fixture(autouse=True)
def within(app, db, at_noon, monkeypatch):
    """Rows, and links as a request builds them; whoever asks the network fails."""
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("nobody may be asked"))
    with app.test_request_context():
        yield


def test_every_page_with_a_name_in_its_address_is_looked_up_or_somebody_s_own(app):
    named = {
        rule.endpoint: rule.arguments
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.arguments and not rule.endpoint.startswith("demo.")
        if audience_of(app.view_functions[rule.endpoint]) in {everyone, signed_in}
    }

    assert {one for one in named if one not in LOOKED_UP and "token" not in named[one]} == set()
    assert set(LOOKED_UP) <= set(named)


PUBLIC = (
    "/", "/impressum/", "/veranstaltungen", "/konto/mails/", "/newsletter/archiv/?q=neu",
    "/veranstaltungen/bald/", "http://LOCALHOST/veranstaltungen/bald/#ort", "/veranstaltungen/bald/termin.ics",
    "/communities/modelle/", "/communities/chatbot/", "/communities/modelle/kalender.ics",
    "/verteiler/offen/", "/verteiler/offen/archiv/", "/veroeffentlichungen/neu/", "/veroeffentlichungen/neu/datei",
)  # fmt: skip
#: Of organisers, of people on a list, or before its day.
FOR_SOME = (
    "/veranstaltungen/bald/teilnehmende/", "/veranstaltungen/bald/verwalten/", "/redaktion/", "/verteiler/intern/",
    "/verteiler/intern/archiv/", "/veroeffentlichungen/bald/",
)  # fmt: skip
NOTHING = (
    "", "#unten", "termine.html", "veranstaltungen/", "https://", "https://lokal/x", "http://[", "mailto:",
    "https://x.example:port/", "/veranstaltungen/%00/", "/veranstaltungen/entwurf/", "/veranstaltungen/unbekannt/",
    "/veranstaltungen/bald/bilder/7", "/veranstaltungen/bald/unterlagen/99999999999/", "/raum/unbekannt/",
    "/communities/unbekannt/", "/communities/modelle/unterlagen/7/", "/verteiler/unbekannt/", "/newsletter/unbekannt/",
    "/veroeffentlichungen/nie/", "/bescheinigung/HMNP-R2TW-X479/", "/umfrage/abc/", "/verteiler/offen/archiv/7/",
)  # fmt: skip
ELSEWHERE = ("https://x.example/", "//x.example/a", "mailto:a@x.example", "http://localhost.x.example/impressum/")


def test_what_is_there_what_only_some_can_open_and_what_leads_nowhere():
    make_event(slug="bald", participants_shown_to=ParticipantViewers.PARTICIPANTS)
    make_event(slug="entwurf", stage=Stage.DRAFT)
    circle = make_community("chatbot")
    rename(circle, "modelle", "Sprachmodelle", at=NOON)
    make_mailing_list("offen", archive=Readers.EVERYBODY)
    make_mailing_list("intern", joining=Joining.INVITED)
    for slug, day in (("neu", date(2026, 11, 1)), ("bald", date(2027, 1, 1)), ("nie", None)):
        make_result(circle, slug=slug, published_on=day)

    expected = {Behind.PAGE: PUBLIC, Behind.FOR_SOME: FOR_SOME, Behind.NOTHING: NOTHING, Behind.ELSEWHERE: ELSEWHERE}
    wanted = {href: what for what, hrefs in expected.items() for href in hrefs}
    assert {href: behind(href) for href in wanted} == wanted


def test_papers_and_polls_are_for_whom_they_are_and_links_of_single_people_are_noticed():
    event, circle = make_event(slug="bald"), make_community("modelle")
    open_one, inner = (
        make_material(event, viewers=viewers) for viewers in (MaterialViewers.EVERYBODY, MaterialViewers.PARTICIPANTS)
    )
    note, kept = (make_document(circle, viewers=one) for one in (DocumentViewers.EVERYBODY, DocumentViewers.COMMUNITY))
    poll = make_poll(circle)

    wanted = {
        f"/veranstaltungen/bald/unterlagen/{open_one.id}/": Behind.PAGE,
        f"/veranstaltungen/bald/unterlagen/{inner.id}/": Behind.FOR_SOME,
        f"/communities/modelle/unterlagen/{note.id}/": Behind.PAGE,
        f"/communities/modelle/unterlagen/{kept.id}/": Behind.FOR_SOME,
        f"/communities/modelle/unterlagen/{note.id}/datei": Behind.NOTHING,
        f"/umfrage/{token_for(POLL, poll.id)}/": Behind.PAGE,
        f"/umfrage/stimme/{token_for(VOTER, 1)}/": Behind.SOMEBODYS_OWN,
        f"/kalender/{token_for(FEED, 1)}.ics": Behind.SOMEBODYS_OWN,
        "/anmeldung/irgendwas/": Behind.SOMEBODYS_OWN,
    }
    assert {href: behind(href) for href in wanted} == wanted
