"""How the newsroom's matters are said to people."""

from dataclasses import dataclass

from flask_babel import gettext as _

from ..events.showing import edited_label
from ..mailing.models import Campaign, CampaignState, ListKind
from .blocks import Board, Button, Events, OwnEvents, Picture, Results, Text


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
