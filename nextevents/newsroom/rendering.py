"""From blocks to finished mails, and to what the web version shows.

A campaign is set in type once for all readers whose mail is the same: by language, by whether we know a name, and by
the circles whose events are the reader's own. What blocks show is worked out first, as plain values; templates only
lay it out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale, format_date
from markupsafe import Markup

from ..communities.models import Result
from ..communities.showing import published_label
from ..events import showing
from ..events.models import Event
from ..ground import clock
from ..ground.markdown import as_html, as_text
from ..ground.text import search_key
from ..mailing import messages
from ..mailing.addresses import list_address, list_headers
from ..mailing.forms import FormDraft
from ..mailing.messages import absolute
from ..mailing.models import Campaign, Readers, Stream
from . import queries
from .audience import LANGUAGES, NAMELESS, Recipients, circles_in
from .blocks import Block, Board, Events, OwnEvents, Picture, Results, Shown, Text, blocks_of
from .placeholders import with_places, without_places

_OWN_PATH = re.compile(r"\]\(/(?!/)")
#: What stands in a list of results of each of them.
_EXCERPT = 240


@dataclass(frozen=True)
class Piece:
    """A block ready to be laid out."""

    block: Block
    #: Of text: its HTML and its plain text, with places for the reader's values.
    html: Markup = field(default_factory=Markup)
    text: str = ""
    #: Of events and results: what there is to show.
    shown: Sequence[Mapping[str, Any]] = ()
    #: Of pictures: where one sees it; empty where there is no web version.
    href: str = ""


def variants(campaign: Campaign, recipients: Recipients, *, at: datetime) -> dict[str, FormDraft]:
    """The finished mails of a campaign, by variant: those that its recipients need, and always one per language."""
    wanted = {*LANGUAGES, *recipients.counts_by_variant()}
    return {one: mail(campaign, one, recipients.circles, at=at) for one in sorted(wanted)}


def mail(campaign: Campaign, variant: str, circles: Sequence[int], *, at: datetime) -> FormDraft:
    """The mail of one variant. What the circles' bits mean is said by their order."""
    language = variant[:2]
    with force_locale(language):
        made = pieces(campaign, language, at=at, own=circles_in(variant, circles), has_name=NAMELESS not in variant)
    return _laid_out(campaign, language, made)


def block_alone(campaign: Campaign, block: Block, *, own: Sequence[int], at: datetime) -> FormDraft:
    """The mail with nothing in it but this block, saved or not, in the language of its writers."""
    with force_locale(campaign.language):
        piece = _piece(campaign, block, campaign.language, at, own, has_name=True)
    return _laid_out(campaign, campaign.language, [piece])


def _laid_out(campaign: Campaign, language: str, made: Sequence[Piece]) -> FormDraft:
    one = campaign.mailing_list
    form = messages.set_in_type(
        "newsroom/messages/campaign",
        language=language,
        subject=campaign.subject,
        text_language=campaign.language,
        pieces=made,
        list_name=one.name,
        is_by_rule=bool(one.rule),
        web_version=web_address(campaign),
        calendar=absolute(url_for("events.index")),
    )
    headers = {**list_headers(one, Stream.NEWSLETTER), "Reply-To": list_address(one.slug, "owner")}
    return replace(form, stream=Stream.NEWSLETTER, headers=headers)


def web_address(campaign: Campaign) -> str:
    """Where its receivers read it in a browser; empty if its list keeps no archive.

    Where the archive is not for everybody, each has a link of their own.
    """
    one, page = campaign.mailing_list, absolute(url_for("newsroom.issue", slug=campaign.slug))
    if one.archive == Readers.NOBODY:
        return ""
    return page if one.is_read_by_all else f"{page}lesen/{messages.place('reading_token')}/"


def pieces(
    campaign: Campaign, language: str, *, at: datetime, own: Sequence[int] = (), has_name: bool = True
) -> list[Piece]:
    """What a mail lays out, in the language that is set."""
    return [_piece(campaign, block, language, at, own, has_name=has_name) for block in blocks_of(campaign)]


def pages_pieces(campaign: Campaign, language: str, *, at: datetime) -> list[Piece]:
    """The same for everybody on the web: no name, and nobody's own events."""
    return pieces(campaign, language, at=at, has_name=False)


def _piece(
    campaign: Campaign, block: Block, language: str, at: datetime, own: Sequence[int], *, has_name: bool
) -> Piece:
    if isinstance(block, Text | Board):
        written = _OWN_PATH.sub(f"]({current_app.config['BASE_URL']}/", block.text)
        html, text = as_html(written), as_text(written)
        return Piece(block, html=with_places(html, has_name=has_name), text=with_places(text, has_name=has_name))
    if isinstance(block, Events | Results) and block.shown:
        return Piece(block, shown=block.shown.get(language, ()))
    if isinstance(block, Events):
        return Piece(block, shown=_facts(queries.coming_events(block.communities, at, weeks=block.weeks)))
    if isinstance(block, OwnEvents):
        return Piece(block, shown=_facts(queries.coming_events(own, at, weeks=block.weeks)) if own else ())
    if isinstance(block, Results):
        today = clock.local(at).date()
        return Piece(block, shown=[_result(one) for one in queries.new_results(today, weeks=block.weeks)])
    if isinstance(block, Picture) and (page := web_address(campaign)):
        return Piece(block, href=f"{page}#{block.id}")
    return Piece(block)


def _facts(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [_event(event) for event in events]


def _event(event: Event) -> dict[str, Any]:
    return {
        "title": event.title,
        "when": showing.when_label(event),
        "day": event.starts_local.day,
        "month": format_date(event.starts_local.date(), "LLL"),
        "where": showing.place_label(event),
        "who": showing.hosts_label(event),
        "text": event.summary,
        "href": absolute(url_for("events.show", slug=event.slug)),
    }


def _result(result: Result) -> dict[str, Any]:
    abstract = " ".join(as_text(result.abstract).split())
    return {
        "title": result.title,
        "when": published_label(result),
        "who": result.community.full_name,
        "text": abstract if len(abstract) <= _EXCERPT else abstract[:_EXCERPT].rsplit(" ", 1)[0] + " …",
        "href": absolute(url_for("site.publication", slug=result.slug)),
    }


def frozen(campaign: Campaign, *, at: datetime) -> list[Block]:
    """The blocks with what they show now, in each language: the web version says for ever what was sent."""
    return [_frozen(campaign, block, at) for block in blocks_of(campaign)]


def _frozen(campaign: Campaign, block: Block, at: datetime) -> Block:
    if not isinstance(block, Events | Results):
        return block
    shown: Shown = {}
    for language in LANGUAGES:
        with force_locale(language):
            piece = _piece(campaign, block, language, at, (), has_name=False)
        shown[language] = [dict(one) for one in piece.shown]
    return replace(block, shown=shown)


def search_text(campaign: Campaign) -> str:
    """What the archive's search looks through: the words of a campaign, case-folded."""
    words = [campaign.subject]
    for piece in pages_pieces(campaign, campaign.language, at=campaign.started_at or campaign.made_at):
        block = piece.block
        words += [piece.text, *(f"{one['title']} {one['who']}" for one in piece.shown)]
        words += [
            str(getattr(block, name))
            for name in ("heading", "label", "alt", "caption", "author")
            if hasattr(block, name)
        ]
    return search_key("\n".join(filter(None, words)))


def summary(campaign: Campaign) -> str:
    """The first words of a campaign, for lists and feeds, without the greeting."""
    texts = (as_text(without_places(block.text)) for block in blocks_of(campaign) if isinstance(block, Text | Board))
    paragraphs = [one for text in texts for one in text.split("\n\n")]
    said = paragraphs[1:] if paragraphs and paragraphs[0].endswith(",") else paragraphs
    words = " ".join(" ".join(said).replace("\n- ", " ").split())
    return words if len(words) <= _EXCERPT else words[:_EXCERPT].rsplit(" ", 1)[0] + " …"
