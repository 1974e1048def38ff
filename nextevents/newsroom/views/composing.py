"""Composing: blocks added, changed, moved, taken out."""

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from ...communities import queries as communities
from ...ground import clock
from ...ground.database import db, transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.files import File, picture_response
from ...ground.web import open_to, takes_files
from ...mailing.models import Campaign, CampaignState
from ...people.signing_in import current_person
from .. import queries, rendering, services, showing
from ..blocks import KINDS, Block, Picture, block_with_id, blocks_of
from ..blueprint import bp, campaign_here, writers_of_campaign
from ..errors import ChangedMeanwhile
from ..forms import BlockForm, LookForm, PictureForm, VersionForm, form_for
from .drafting import done_or_told, version_in


@bp.get("/redaktion/<int:number>/")
@open_to(writers_of_campaign)
def compose(number: int) -> ResponseReturnValue:
    """A draft with its blocks; what has been handed over is shown where it is."""
    campaign = campaign_here(number)
    if campaign.state in {CampaignState.REVIEW, CampaignState.SCHEDULED}:
        return redirect(url_for(".sending", number=number), code=303)
    if campaign.state != CampaignState.DRAFT:
        return redirect(url_for(".progress", number=number), code=303)
    return render_template(
        "newsroom/compose.html",
        section="newsroom",
        campaign=campaign,
        pieces=rendering.pages_pieces(campaign, campaign.language, at=clock.now()),
        kinds=[(kind, showing.kind_word(kind)) for kind in KINDS],
        showing=showing,
    )


@bp.post("/redaktion/<int:number>/bausteine/")
@open_to(writers_of_campaign)
def add_block(number: int) -> ResponseReturnValue:
    """Put an empty block at the end, and open its form."""
    campaign, form = campaign_here(number), VersionForm()
    try:
        with transaction():
            block = services.add_block(
                campaign,
                request.form.get("kind", ""),
                version=version_in(form),
                by=current_person(),
                at=clock.now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".compose", number=number), code=303)
    return redirect(url_for(".edit_block", number=number, name=block.id), code=303)


def block_here(campaign: Campaign, name: str) -> Block:
    """The block in the path. Raises NotFound."""
    block = block_with_id(blocks_of(campaign), name)
    if block is None:
        raise NotFound
    return block


@bp.get("/redaktion/<int:number>/bausteine/<name>/")
@open_to(writers_of_campaign)
def edit_block(number: int, name: str) -> ResponseReturnValue:
    """The form of a block."""
    campaign = campaign_here(number)
    block = block_here(campaign, name)
    return _block_page(campaign, block, form_for(block, communities.all_communities(), campaign))


def _block_page(campaign: Campaign, block: Block, form: BlockForm, theirs: BlockForm | None = None) -> str:
    return render_template(
        "newsroom/block.html",
        section="newsroom",
        campaign=campaign,
        block=block,
        form=form,
        look=LookForm(formdata=None).look,
        differences=showing.differences(form, theirs) if theirs else None,
        showing=showing,
    )


@bp.post("/redaktion/<int:number>/bausteine/<name>/")
@open_to(writers_of_campaign)
@takes_files
def change_block(number: int, name: str) -> ResponseReturnValue:
    """Save a block; whoever was overtaken sees both versions (guarantee G20)."""
    campaign = campaign_here(number)
    block = block_here(campaign, name)
    form = form_for(block, communities.all_communities())
    content = _upload_in(form)
    is_fine = form.validate()
    if isinstance(form, PictureForm) and content is None and block.is_empty:
        add_error(form.picture, _("Bitte wählen Sie ein Bild aus."))
        is_fine = False
    if not is_fine:
        return _block_page(campaign, block, form), 422
    try:
        with transaction():
            changed, at = form.changed(block), clock.now()
            if content is not None:
                changed = services.store_block_picture(cast("Picture", changed), content, at=at)
            services.change_block(campaign, changed, version=version_in(form), by=current_person(), at=at)
    except ChangedMeanwhile:
        return _overtaken(number, name, form)
    except NotFound:
        raise
    except Refusal as refusal:
        add_error(form["picture"] if isinstance(form, PictureForm) else next(iter(form)), str(refusal))
        return _block_page(queries.campaign_with_number(number), block, form), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".compose", number=number) + f"#{name}", code=303)


def _upload_in(form: BlockForm) -> bytes | None:
    """What was uploaded; None if nothing was."""
    chosen = form["picture"].data if isinstance(form, PictureForm) else None
    return chosen.read() or None if isinstance(chosen, FileStorage) else None


def _overtaken(number: int, name: str, form: BlockForm) -> ResponseReturnValue:
    standing = queries.campaign_with_number(number)
    block = block_here(standing, name)
    form.version.data = str(standing.version)
    theirs = form_for(block, communities.all_communities(), standing)
    return _block_page(standing, block, form, theirs), 409


@bp.post("/redaktion/<int:number>/bausteine/<name>/<any(hoch, runter, entfernen):deed>")
@open_to(writers_of_campaign)
def arrange(number: int, name: str, deed: str) -> ResponseReturnValue:
    """Move a block up or down, or take it out."""
    campaign, version = campaign_here(number), version_in(VersionForm())
    by, at = current_person(), clock.now()

    def work() -> None:
        if deed == "entfernen":
            services.remove_block(campaign, name, version=version, by=by, at=at)
        else:
            services.move_block(campaign, name, down=deed == "runter", version=version, by=by, at=at)

    told = _("Der Baustein ist entfernt.") if deed == "entfernen" else ""
    return done_or_told(work, told, url_for(".compose", number=number))


@bp.get("/redaktion/<int:number>/bilder/<int:file>")
@open_to(writers_of_campaign)
def picture(number: int, file: int) -> ResponseReturnValue:
    """A picture of a draft."""
    return picture_response(picture_of(campaign_here(number), file), is_public=False)


def picture_of(campaign: Campaign, number: int) -> File:
    """A picture that stands in a campaign. Raises NotFound for any other file."""
    shown = {one.file_id for one in blocks_of(campaign) if isinstance(one, Picture)}
    found = db.session.get(File, number) if number in shown else None
    if found is None:
        raise NotFound
    return found
