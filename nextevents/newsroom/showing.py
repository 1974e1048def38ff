"""How the newsroom's matters are said to people."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from ..events.showing import edited_label
from ..mailing.models import Campaign, CampaignState, ListKind
from .blocks import Block, Board, Button, Events, OwnEvents, Picture, Results, Text
from .rules import LEFT

#: Fields that are about saving, and files, which have no words.
_ABOUT_SAVING = frozenset({"csrf_token", "picture", "version"})


def kind_word(kind: str) -> str:
    """What a kind of block is called."""
    return {
        Text.kind: _("Text"),
        Events.kind: _("Kommende Termine"),
        OwnEvents.kind: _("Termine der eigenen Communities"),
        Results.kind: _("Neue Ergebnisse"),
        Button.kind: _("Knopf"),
        Picture.kind: _("Bild"),
        Board.kind: _("Wort des Vorstands"),
    }[kind]


def state_word(state: CampaignState) -> str:
    """How far a campaign is."""
    return {
        CampaignState.DRAFT: _("Entwurf"),
        CampaignState.REVIEW: _("wartet auf Freigabe"),
        CampaignState.SCHEDULED: _("geplant"),
        CampaignState.SENDING: _("wird gesendet"),
        CampaignState.PAUSED: _("angehalten"),
        CampaignState.STOPPED: _("abgebrochen"),
        CampaignState.SENT: _("gesendet"),
    }[state]


def when_word(campaign: Campaign) -> str:
    """The moment that matters most about a campaign now."""
    moments = {
        CampaignState.SCHEDULED: campaign.scheduled_for,
        CampaignState.SENT: campaign.started_at,
        CampaignState.STOPPED: campaign.started_at,
        CampaignState.SENDING: campaign.started_at,
        CampaignState.PAUSED: campaign.started_at,
    }
    return edited_label(moments.get(campaign.state) or campaign.made_at)


def list_kind_word(kind: ListKind) -> str:
    """What sort of list it is."""
    return {
        ListKind.NEWSLETTER: _("Newsletter"),
        ListKind.ANNOUNCEMENTS: _("Ankündigungen"),
        ListKind.DISCUSSION: _("Austausch"),
    }[kind]


@dataclass(frozen=True)
class Difference:
    """What two versions of a form say differently, in words."""

    label: str
    mine: str
    theirs: str


def differences(mine: Iterable[Any], theirs: Any) -> list[Difference]:
    """The fields of a form in which what was typed is not what stands."""
    pairs = [(one, theirs[one.short_name]) for one in mine if one.short_name not in _ABOUT_SAVING]
    in_words = [Difference(str(one.label.text), _words_of(one), _words_of(other)) for one, other in pairs]
    return [found for found in in_words if found.mine != found.theirs]


def _words_of(field: Any) -> str:
    """What stands in a field, in words."""
    chosen = field.data if isinstance(field.data, list) else [field.data]
    if choices := getattr(field, "choices", None):
        return ", ".join(str(label) for value, label, *_rest in choices if value in chosen)
    return "" if field.data is None else str(field.data).strip()


def pieces_words(blocks: Iterable[Block]) -> str:
    """What a version consists of, in a line."""
    return ", ".join(kind_word(one.kind) for one in blocks)


def campaign_pages(campaign: Campaign) -> list[dict[str, object]]:
    """The pages of a campaign, for the row of links above each of them."""
    is_draft, has_left = campaign.state == CampaignState.DRAFT, campaign.state in LEFT
    pages = {
        "newsroom.compose": _("Schreiben") if is_draft else "",
        "newsroom.settings": _("Betreff und Empfangende") if is_draft else "",
        "newsroom.preview": _("Vorschau"),
        "newsroom.sending": "" if has_left else _("Prüfen und senden"),
        "newsroom.progress": _("Stand") if has_left else "",
        "newsroom.versions": _("Fassungen"),
    }
    return [
        {"label": label, "href": url_for(page, number=campaign.id), "is_current": request.endpoint == page}
        for page, label in pages.items()
        if label
    ]


def letter_pieces(text: str) -> list[tuple[str, bool]]:
    """A letter in pieces, each with whether it quotes somebody: lines that begin with ">"."""
    pieces = []
    for is_quoted, lines in groupby(text.split("\n"), key=lambda line: line.startswith(">")):
        if piece := "\n".join(lines).strip("\n"):
            pieces.append((piece, is_quoted))
    return pieces
