"""What is looked at before a campaign leaves, each with a sentence and the block it is about."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from bs4 import BeautifulSoup

from nextevents.events.models import Stage
from nextevents.mailing.models import Readers
from nextevents.newsroom import audience, checks, rendering
from nextevents.newsroom.blocks import Board, Button, Events, Picture, Text, blocks_of
from nextevents.newsroom.own_pages import Behind
from tests.factories import NOON, make_event
from tests.mailing.campaigns import make_newsletter
from tests.newsroom.drafts import make_draft, make_reader, make_writer


@pytest.fixture(autouse=True)
def within(app, db, at_noon):
    """Rows, and links as a request builds them."""
    with app.test_request_context():
        yield


def found(*blocks, subject="Neues im Dezember", **of_list):
    newsletter = make_newsletter(**of_list)
    make_reader(newsletter, "ada@x.example")
    draft = make_draft(*blocks, mailing_list=newsletter, subject=subject)
    places = {block.id: number for number, block in enumerate(blocks_of(draft))}
    findings = checks.findings(draft, audience.recipients(draft, at=NOON), at=NOON)
    return [(one.sentence, places.get(one.block), one.is_serious) for one in findings]


def test_a_good_campaign_has_nothing_to_be_said_about():
    make_event()
    assert found(Text(text="Guten Tag {name},\n\n## Eins\n\n### Zwei\n\n[Termine](/veranstaltungen/)"), Events()) == []


def test_no_writer_chooses_colours_so_that_all_can_be_read():
    """Contrast is held by the form of all mails, which tests/house/test_letters_judged.py has judged in both lights."""
    newsletter, writer = make_newsletter(), make_writer()
    draft = partial(make_draft, mailing_list=newsletter, by=writer)
    plain = draft(Text(text="Grau"), Board(text="Grau", author="Ada"), Button(label="Los", url="/"))
    tried = draft(
        Text(text='<span style="color:#eee">Grau</span> <font color=white>Grau</font> [Grau](/ "style=color:#eee")'),
        Board(text='Grau{style="background:#eee"}\n\n<style>p{color:#eee}</style>', author='" style="color:#eee'),
        Button(label='<b style="color:#eee">', url="/"),
    )

    def colours(draft):
        html = rendering.mail(draft, "de", [], at=NOON).html
        said = [one["style"] for one in BeautifulSoup(html, "html.parser").select("[style], [color], [bgcolor]")]
        return set(re.findall(r"#[0-9a-f]{3,6}", " ".join(said)))

    assert colours(plain)
    assert colours(tried) == colours(plain)


SERIOUS = {
    "no subject": ((Text(text="Hallo"),), {"subject": ""}, "Der Betreff fehlt."),
    "long subject": ((Text(text="Hallo"),), {"subject": "x" * 71}, "länger als 70"),
    "subject of an answer": ((Text(text="Hallo"),), {"subject": "AW: Neues"}, "Antwort"),
    "nothing at all": ((Text(),), {}, "steht nichts"),
    "an empty button": ((Text(text="Hallo"), Button(label="Los")), {}, "leer"),
    "a picture without words": ((Text(text="Hallo"), Picture(file_id=7)), {}, "Beschreibung"),
    "a link to nowhere": ((Text(text="[Dort](/gibt-es-nicht/)"),), {}, "führt auf keine Seite"),
    "an event that is none": ((Text(text="[Dort](/veranstaltungen/unbekannt/)"),), {}, "führt auf keine Seite"),
    "a community that is none": ((Text(text="[Dort](/communities/unbekannt/)"),), {}, "führt auf keine Seite"),
    "a list that is none": ((Button(label="Dort", url="/verteiler/unbekannt/"),), {}, "führt auf keine Seite"),
    "somebody's own link": ((Text(text="[Dort](/anmeldung/abc/)"),), {}, "gehört einer einzelnen Person"),
    "a path of nothing": ((Text(text="[Dort](termine.html)"),), {}, "führt auf keine Seite"),
    "a whole book": ((Text(text="Wort und Satz. " * 6000),), {}, "zu lang"),
}


@pytest.mark.parametrize(("blocks", "more", "said"), SERIOUS.values(), ids=SERIOUS)
def test_what_must_be_put_right_is_said(blocks, more, said):
    assert [one for one in found(*blocks, **more) if said in one[0] and one[2]] != []


HINTS = {
    "emoji": ((Text(text="Hallo"),), {"subject": "Neues 🎉"}, "Bildzeichen", None),
    "placeholder in the subject": ((Text(text="Hallo"),), {"subject": "Für {name}"}, "Platzhalter", None),
    "placeholder that is none": ((Text(text="Hallo {vorname}"),), {}, "{vorname}", 0),
    "a level left out": ((Text(text="Hallo"), Text(text="### Zu tief")), {}, "fehlt eine Ebene", 1),
    "a link that says nothing": ((Text(text="[hier](https://x.example)"),), {}, "sagt nicht, wohin", 0),
    "a page of the office": ((Text(text="[Dort](/buero/)"),), {}, "können nicht alle öffnen", 0),
    "nothing comes": ((Text(text="Hallo"), Events(weeks=1)), {}, "zeigt gerade nichts", 1),
    "a picture that nobody sees": (
        (Text(text="Hallo"), Picture(file_id=7, alt="x")), {"archive": Readers.NOBODY}, "keine Web-Fassung", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("blocks", "more", "said", "place"), HINTS.values(), ids=HINTS)
def test_what_one_should_know_is_said_at_its_block(blocks, more, said, place):
    assert [(one[1], one[2]) for one in found(*blocks, **more) if said in one[0]] == [(place, False)]


def test_an_event_that_is_over_and_a_draft_are_noticed():
    make_event(slug="vorbei", starts=(NOON - timedelta(days=9)).replace(tzinfo=None))
    make_event(slug="entwurf", stage=Stage.DRAFT)
    said = [one[0] for one in found(Text(text="[Damals](/veranstaltungen/vorbei/) [Bald](/veranstaltungen/entwurf/)"))]

    assert ["schon vorbei" in said[1], "führt auf keine Seite" in said[0]] == [True, True]


def test_links_elsewhere_are_shown_and_never_asked_for(monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("nobody may be asked"))
    draft = make_draft(
        Button(label="Los", url="https://x.example/a"),
        Board(
            text="[Mail](mailto:a@x.example) [Hier](http://169.254.169.254/latest) [Wir](http://localhost/impressum/)"
        ),
    )

    assert [(one.href, one.behind) for one in checks.links(draft)] == [
        ("https://x.example/a", Behind.ELSEWHERE),
        ("mailto:a@x.example", Behind.ELSEWHERE),
        ("http://169.254.169.254/latest", Behind.ELSEWHERE),
        ("http://localhost/impressum/", Behind.PAGE),
    ]


def test_a_filled_block_is_not_called_empty():
    picture = Picture(file_id=7, alt="Petrol")
    assert [block.is_empty for block in (picture, replace(picture, file_id=0), Events(), Button(label="x"))] == [
        False, True, False, True
    ]  # fmt: skip
