"""The mails of a campaign: word for word, and what holds for each of them (rules M-31 to M-37)."""

import re
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.models import Readers, Stream
from nextevents.newsroom import rendering
from nextevents.newsroom.blocks import Board, Button, Events, OwnEvents, Picture, Results, Text
from tests.factories import NOON, make_community, make_event, make_result
from tests.mailing.campaigns import make_newsletter
from tests.mailing.reading import Mail
from tests.mailing.snapshots import MailFiles, as_file, named_as_mails
from tests.newsroom.drafts import make_draft

LINKS = {
    "unsubscribe_url": "http://localhost/verteiler/abmelden/A/",
    "unsubscribe_token": "A",
    "preferences_url": "http://localhost/verteiler/einstellungen/B/",
}
WORDS = """Guten Tag {name},

hier ist **Neues**, mit einem [Link](https://next.example/neues) und {nichts}.

## Eine Überschrift

- eins
- zwei, mit [Termin](/veranstaltungen/)"""


@pytest.fixture
def within(app, db, at_noon):
    """Rows, and links as a worker builds them."""
    return db


@pytest.fixture
def draft(within):
    """A campaign with a block of each kind; the web version is for everybody."""
    circle = make_community("bots", name="Bots")
    make_event(title="Bots im Amt", slug="bots-im-amt", communities=(circle,))
    make_event(title="<b>Ganz</b> anders", slug="anders", starts=(NOON + timedelta(days=9)).replace(tzinfo=None))
    make_result(circle, title="Was bleibt", slug="was-bleibt", published_on=date(2026, 11, 2))
    newsletter = make_newsletter("neues", name="Neues & mehr", archive=Readers.EVERYBODY)
    campaign = make_draft(
        Text(text=WORDS),
        Board(heading="Aus dem Vorstand", text="Danke, {name}.", author="Der Vorstand"),
        OwnEvents(weeks=4),
        Events(weeks=4),
        Results(weeks=8),
        Picture(id="bild", file_id=7, alt="Drei Menschen", caption="Beim Treffen"),
        Button(label="Jetzt mitmachen", url="https://next.example/mitmachen?a=1&b=2"),
        Text(),
        mailing_list=newsletter,
        subject="NExT im Dezember",
    )
    campaign.slug = "next-im-dezember-k4w2"
    campaign.blocks = [row | {"id": f"baustein-{place}"} for place, row in enumerate(campaign.blocks)]
    campaign.circle_number = circle.id  # for variants with events of one's own
    return campaign


class Row:
    """What the outbox would hold."""

    recipient, message_id, created_at = "ada@stadt.example", "<eins@next.example>", NOON


def printed(campaign, variant="de", name="Ada Beispiel") -> Mail:
    """The mail of one variant, as it leaves for somebody."""
    form = rendering.mail(campaign, variant, [campaign.circle_number], at=NOON)
    content = Press(form, Sender("termine@next.example", "NExT", "")).print(
        to=Row.recipient, message_id=Row.message_id, date=NOON, values={"name": name}, links=LINKS
    )
    return Mail(Row, content, message_from_bytes(content, policy=default))


@named_as_mails
@pytest.mark.parametrize("variant", ["de", "en", "de-", "de:1"])
def test_every_variant_says_what_was_agreed(draft, snapshot, variant):
    mail = printed(draft, variant, "" if "-" in variant else "Ada Beispiel")

    assert as_file(mail) == snapshot(name=f"campaign.{variant.replace(':', '.own.')}", extension_class=MailFiles)


@pytest.fixture(params=["de", "en", "de:1"])
def mail(request, draft):
    return printed(draft, request.param)


def test_the_text_holds_every_link_and_every_word_of_the_html(mail):
    links = {link["href"] for link in mail.page.find_all("a")}
    text = " ".join(mail.text.split())
    seen = [words for tag in mail.page.find_all(["h1", "h2", "h3", "li"]) if (words := tag.get_text(" ", strip=True))]

    assert [one for one in links if one.removeprefix("mailto:") not in mail.text] == []
    assert len(links) > 10
    for words in seen:
        assert [one for one in re.findall(r"\w+", words) if one not in text] == []


def test_the_text_is_readable_alone_in_lines_of_78_signs(mail):
    assert [one for one in mail.text.split("\n") if len(one) > 78 and "http" not in one] == []
    assert "-- " in mail.text.split("\n")


def test_the_html_is_one_page_that_loads_nothing_and_stands_in_tables_without_meaning(mail):
    page, language = mail.page, mail.page.html["lang"]

    assert (page.body["lang"], page.title.string) == (language, "NExT im Dezember")
    assert [tag.get_text(strip=True) for tag in page.find_all("h1")] == ["NExT im Dezember"]
    assert {table["role"] for table in page.find_all("table")} == {"presentation"}
    assert page.find_all(["img", "link", "script", "form", "iframe", "object", "video", "picture"]) == []
    assert re.findall(r"url\(|oklch|var\(|@import", mail.html) == []
    assert len(mail.html.encode()) < 80_000
    assert len(mail.content) < 200_000


def test_headings_leave_no_level_out(mail):
    levels = [int(tag.name[1]) for tag in mail.page.find_all(re.compile(r"h[1-6]"))]

    assert levels[0] == 1
    assert [two for one, two in pairwise(levels) if two > one + 1] == []


def test_words_in_another_language_than_the_mail_say_so(draft):
    english = printed(draft, "en").page
    assert {tag["lang"] for tag in english.find_all(["div", "td", "p"], attrs={"lang": True})} == {"en", "de"}
    assert "<b>" not in english.find("h3", string=re.compile("anders")).decode()


def test_the_foot_says_which_list_why_and_how_to_leave(mail):
    for words in (mail.text, BeautifulSoup(mail.html, "html.parser").decode(formatter=None)):
        for needed in (
            "Neues & mehr",
            "http://localhost/verteiler/abmelden/A/",
            "http://localhost/verteiler/einstellungen/B/",
            "http://localhost/newsletter/next-im-dezember-k4w2/",
            "http://localhost/impressum/",
            "info@next.example",
        ):
            assert needed in words


def test_headers_are_those_of_a_newsletter(mail):
    assert mail.whole["Precedence"] == "bulk"
    assert mail.whole["List-Post"] == "NO"
    assert mail.whole["List-Id"].endswith("<neues.next.example>")
    assert mail.whole["Reply-To"] == "neues+owner@next.example"
    assert mail.whole["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_list_without_an_archive_has_no_web_version(draft):
    draft.mailing_list.archive = Readers.NOBODY
    mail = printed(draft)

    assert "/newsletter/" not in mail.text
    assert "Bild: Drei Menschen" in mail.text


def test_a_name_stays_a_name(draft):
    mail = printed(draft, name="<b>{name}</b> {{7*7}} [x](https://evil.example)")

    assert "Guten Tag <b>{name}</b> {{7*7}} [x](https://evil.example)," in mail.text
    assert "Guten Tag <b>{name}</b> {{7*7}} [x](https://evil.example)," in mail.page.get_text()
    assert [link for link in mail.page.find_all("a") if "evil" in link["href"]] == []


def test_forms_are_of_the_stream_of_newsletters(draft):
    assert rendering.mail(draft, "de", [], at=NOON).stream == Stream.NEWSLETTER


def test_texts_are_large_enough_and_links_are_underlined_or_buttons(mail):
    sizes = [int(size) for size in re.findall(r"font-size: (\d+)px", mail.page.body.decode())]
    looks = [link["style"] for link in mail.page.find_all("a")]

    assert min(size for size in sizes if size != 15) >= 16  # 15 is for code
    assert [look for look in looks if "underline" not in look and "inline-block" not in look] == []


def test_nothing_personal_stands_on_the_web(draft):
    words = " ".join(f"{piece.html} {piece.text}" for piece in rendering.pages_pieces(draft, "de", at=NOON))

    assert "Guten Tag," in words
    assert "\ue000" not in words
    assert [
        piece.shown for piece in rendering.pages_pieces(draft, "de", at=NOON) if piece.block.kind == "own_events"
    ] == [()]


def test_the_archive_finds_words_titles_and_descriptions(draft):
    found = rendering.search_text(draft)

    for word in ("neues", "überschrift", "vorstand", "bots im amt", "was bleibt", "drei menschen", "mitmachen"):
        assert word in found
