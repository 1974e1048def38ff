"""What is looked at before a campaign leaves: each finding is a sentence, and says at which block.

Nothing is fetched: links to this site are looked up (own_pages), all others are shown for the writer to open (no
request of ours goes where somebody else has typed).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser

from flask_babel import gettext as _

from ..ground.markdown import as_html
from ..mailing.forms import FormDraft
from ..mailing.models import Campaign, Readers
from . import rendering
from .audience import MOST_VARIANTS, Recipients
from .blocks import Block, Board, Button, Picture, Text, blocks_of
from .own_pages import Behind, behind, event_at
from .placeholders import unknown_placeholders

SUBJECT_LENGTH = 70
#: Bytes; Gmail cuts off what is longer (rule M-35).
LARGEST_HTML, LARGEST_MAIL = 80_000, 200_000
#: A line of base64 carries 57 bytes in 78.
_ENCODED = 78 / 57
_HEADING = re.compile(r"<h([1-4])>(.*?)</h\1>", re.DOTALL)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
_VAGUE = frozenset({"hier", "link", "mehr", "klick", "klicken", "here", "click here", "more", "weiter"})


@dataclass(frozen=True)
class Finding:
    """Something that should be put right, or known."""

    sentence: str
    #: The name of the block it is about; empty: the whole.
    block: str = ""
    #: Whether it may not go out like this.
    is_serious: bool = False


@dataclass(frozen=True)
class Link:
    """A link that readers can follow."""

    href: str
    label: str
    block: str
    behind: Behind


def findings(campaign: Campaign, recipients: Recipients, *, at: datetime) -> list[Finding]:
    """All that is to be said about a campaign, the serious things first. It looks at all who get it."""
    found = [*_about_what_is_written(campaign), *_about_events(campaign, at), *_about_size(campaign, recipients, at)]
    return sorted(found, key=lambda one: not one.is_serious)


def first_fault(campaign: Campaign) -> Finding | None:
    """What is written there and must be put right; as fast for a million readers as for one."""
    return next((one for one in _about_what_is_written(campaign) if one.is_serious), None)


def _about_what_is_written(campaign: Campaign) -> Iterator[Finding]:
    yield from _about_subject(campaign)
    yield from _about_blocks(campaign)
    yield from _about_headings(campaign)
    for link in links(campaign):
        yield from _about_link(link)


def _about_subject(campaign: Campaign) -> Iterator[Finding]:
    subject = campaign.subject
    if not subject:
        yield Finding(_("Der Betreff fehlt."), is_serious=True)
    if len(subject) > SUBJECT_LENGTH:
        yield Finding(_("Der Betreff ist länger als 70 Zeichen; viele Postfächer schneiden ihn ab."), is_serious=True)
    if subject.casefold().startswith(("re:", "aw:", "fwd:", "wg:")):
        yield Finding(_("Der Betreff sieht aus wie eine Antwort oder Weiterleitung."), is_serious=True)
    if _EMOJI.search(subject):
        yield Finding(_("Im Betreff steht ein Bildzeichen. Filter und Vorleseprogramme mögen das nicht."))
    if "{" in subject:
        yield Finding(_("Im Betreff werden Platzhalter nicht ersetzt; sie stehen dort so, wie Sie sie schreiben."))


def _about_blocks(campaign: Campaign) -> Iterator[Finding]:
    blocks = blocks_of(campaign)
    if all(block.is_empty for block in blocks):
        yield Finding(_("Noch steht nichts in dieser Aussendung."), is_serious=True)
    for block in blocks:
        if block.is_empty:
            yield Finding(_("Ein Baustein ist leer. Bitte füllen oder entfernen Sie ihn."), block.id, is_serious=True)
        if isinstance(block, Picture) and block.file_id and not block.alt:
            yield Finding(_("Dem Bild fehlt die Beschreibung für alle, die es nicht sehen."), block.id, is_serious=True)
        if isinstance(block, Picture) and campaign.mailing_list.archive == Readers.NOBODY:
            yield Finding(
                _("Dieser Verteiler hat keine Web-Fassung, also sieht niemand das Bild, nur seine Beschreibung."),
                block.id,
            )
        for word in unknown_placeholders(_written(block)):
            yield Finding(
                _("%(word)s ist kein Platzhalter und bleibt so stehen. Es gibt nur {name}.", word=word), block.id
            )


def _written(block: Block) -> str:
    return block.text if isinstance(block, Text | Board) else ""


def _about_headings(campaign: Campaign) -> Iterator[Finding]:
    """Level 1 is the subject; below, no level is left out."""
    level = 1
    for block in blocks_of(campaign):
        if getattr(block, "heading", "") or block.kind in {"events", "own_events", "results"}:
            level = 2
        for number, words in _HEADING.findall(as_html(_written(block))):
            if int(number) > level + 1:
                yield Finding(
                    _("Vor der Überschrift „%(words)s“ fehlt eine Ebene darüber.", words=re.sub(r"<[^>]+>", "", words)),
                    block.id,
                )
            level = int(number)


def links(campaign: Campaign) -> list[Link]:
    """All links that the writers have set, in order."""
    found = []
    for block in blocks_of(campaign):
        if isinstance(block, Button) and block.url:
            found.append(Link(block.url, block.label, block.id, behind(block.url)))
        for href, label in _Links.of(as_html(_written(block))):
            found.append(Link(href, label, block.id, behind(href)))
    return found


def _about_link(link: Link) -> Iterator[Finding]:
    words = {"label": link.label, "href": link.href}
    if link.behind == Behind.NOTHING:
        yield Finding(_("Der Link „%(label)s“ führt auf keine Seite: %(href)s", **words), link.block, is_serious=True)
    if link.behind == Behind.SOMEBODYS_OWN:
        said = _("Der Link „%(label)s“ gehört einer einzelnen Person; wer ihn hat, handelt für sie: %(href)s", **words)
        yield Finding(said, link.block, is_serious=True)
    if link.behind == Behind.FOR_SOME:
        said = _("Die Seite hinter dem Link „%(label)s“ können nicht alle öffnen: %(href)s", **words)
        yield Finding(said, link.block)


def _about_events(campaign: Campaign, at: datetime) -> Iterator[Finding]:
    """Links to events that are over, texts without a word behind a link, blocks that show nothing now."""
    for link in links(campaign):
        if link.label.strip().casefold().rstrip(".!…") in _VAGUE:
            yield Finding(_("„%(label)s“ sagt nicht, wohin der Link führt.", label=link.label), link.block)
        if _is_past(link, at):
            yield Finding(_("Der Termin „%(label)s“ ist schon vorbei.", label=link.label), link.block)
    for piece in rendering.pieces(campaign, campaign.language, at=at):
        if piece.block.kind in {"events", "results"} and not piece.shown:
            yield Finding(
                _("Dieser Baustein zeigt gerade nichts: Im gewählten Zeitraum steht nichts an."), piece.block.id
            )


def _is_past(link: Link, at: datetime) -> bool:
    event = event_at(link.href) if link.behind == Behind.PAGE else None
    return event is not None and event.ends_at <= at


def _about_size(campaign: Campaign, recipients: Recipients, at: datetime) -> Iterator[Finding]:
    counts = recipients.counts_by_variant()
    if len(counts) > MOST_VARIANTS:
        yield Finding(
            _("Aus den eigenen Communities der Lesenden ergeben sich mehr als 2.000 Fassungen."), is_serious=True
        )
    if not campaign.blocks:
        return
    largest = max(counts, key=lambda one: one.count("1"), default=campaign.language)
    form = rendering.mail(campaign, largest, recipients.circles, at=at)
    html, whole = size_of(form)
    if html > LARGEST_HTML:
        yield Finding(_("Die Mail ist zu lang: Manche Postfächer schneiden sie ab. Bitte kürzen Sie."), is_serious=True)
    elif whole > LARGEST_MAIL:
        yield Finding(_("Die Mail ist größer als 200 kB. Bitte kürzen Sie."), is_serious=True)


def size_of(form: FormDraft) -> tuple[int, int]:
    """Bytes of the HTML, and of the whole mail as it is sent, about."""
    html, text = len(form.html.encode()), len(form.text.encode())
    return html, round((html + text) * _ENCODED) + 3000


class _Links(HTMLParser):
    """The links of a piece of HTML: where they lead, and their words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._is_inside = False

    @classmethod
    def of(cls, html: str) -> list[tuple[str, str]]:
        links = cls()
        links.feed(html)
        return links.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where a link leads."""
        if tag == "a":
            self.found.append((dict(attrs).get("href") or "", ""))
            self._is_inside = True

    def handle_data(self, data: str) -> None:
        """Take the words within it."""
        if self._is_inside:
            href, label = self.found[-1]
            self.found[-1] = (href, label + data)

    def handle_endtag(self, tag: str) -> None:
        """Stop at its end."""
        self._is_inside = self._is_inside and tag != "a"
