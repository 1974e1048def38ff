"""What a campaign was at each saving: all versions, one of them beside what stands now, and the way back."""

from dataclasses import replace

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...events.showing import edited_label
from ...ground import clock
from ...ground.web import open_to
from ...mailing.models import Campaign, CampaignState, CampaignVersion
from ...people.signing_in import current_person
from .. import queries, services, showing
from ..audience import Segment
from ..blocks import Block, Picture, block_with_id, blocks_of
from ..blueprint import bp, campaign_here, writers_of_campaign
from ..forms import SettingsForm, VersionForm, form_for
from ..showing import Difference
from .drafting import done_or_told, offer, version_in


@bp.get("/redaktion/<int:number>/fassungen/")
@open_to(writers_of_campaign)
def versions(number: int) -> ResponseReturnValue:
    """What it was at each saving."""
    campaign = campaign_here(number)
    return render_template(
        "newsroom/versions.html",
        section="newsroom",
        campaign=campaign,
        versions=queries.versions_of(campaign),
        is_draft=campaign.state == CampaignState.DRAFT,
        blocks_of=blocks_of,
        time_label=edited_label,
        showing=showing,
    )


@bp.get("/redaktion/<int:number>/fassungen/<int:version>/")
@open_to(writers_of_campaign)
def compare(number: int, version: int) -> ResponseReturnValue:
    """What an earlier version says otherwise than the newest one."""
    campaign = campaign_here(number)
    earlier, newest = queries.version(campaign, version), queries.newest_version(campaign)
    return render_template(
        "newsroom/compare.html",
        section="newsroom",
        campaign=campaign,
        earlier=earlier,
        differences=[*_beside_blocks(campaign, earlier, newest), *_in_blocks(earlier, newest)],
        may_restore=campaign.state == CampaignState.DRAFT and earlier.version != newest.version,
        time_label=edited_label,
        showing=showing,
    )


def _beside_blocks(campaign: Campaign, earlier: CampaignVersion, newest: CampaignVersion) -> list[Difference]:
    """Subject, language, and whom it goes to."""
    then, now = SettingsForm.of(earlier), SettingsForm.of(newest)
    for form in (then, now):
        offer(form, campaign, Segment.of(earlier), Segment.of(newest))
    return showing.differences(then, now)


def _in_blocks(earlier: CampaignVersion, newest: CampaignVersion) -> list[Difference]:
    """Which blocks there are, in which order, and what each of them says; what is not there says nothing."""
    then, now, circles = blocks_of(earlier.blocks), blocks_of(newest.blocks), communities.all_communities()
    found = []
    if [one.id for one in then] != [one.id for one in now]:
        found.append(Difference(_("Bausteine"), showing.pieces_words(then), showing.pieces_words(now)))
    for block in [*then, *(one for one in now if not block_with_id(then, one.id))]:
        before, after = (block_with_id(some, block.id) or type(block)() for some in (then, now))
        said = showing.differences(form_for(before, circles, earlier), form_for(after, circles, newest))
        found += [replace(one, label=f"{showing.kind_word(block.kind)}: {one.label}") for one in said]
        found += _of_pictures(before, after)
    return found


def _of_pictures(before: Block, after: Block) -> list[Difference]:
    numbers = [one.file_id if isinstance(one, Picture) else 0 for one in (before, after)]
    if numbers[0] == numbers[1]:
        return []
    then, now = numbers[0] and _("das frühere Bild"), numbers[1] and _("das jetzige Bild")
    return [Difference(_("Bilddatei"), then or "", now or "")]


@bp.post("/redaktion/<int:number>/fassungen/<int:version>/zurueck")
@open_to(writers_of_campaign)
def restore(number: int, version: int) -> ResponseReturnValue:
    """Make an earlier version the newest one."""
    campaign, form = campaign_here(number), VersionForm()
    return done_or_told(
        lambda: services.restore(campaign, version, version=version_in(form), by=current_person(), at=clock.now()),
        _("Die frühere Fassung ist wieder da. Was vorher dort stand, finden Sie weiter bei den Fassungen."),
        url_for(".compose", number=number),
    )
