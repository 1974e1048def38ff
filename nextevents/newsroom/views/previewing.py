"""The preview: as one of the readers sees the mail, as HTML, as text, and on a phone; and a block while one writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities.models import Community
from ...ground import clock
from ...ground.web import open_to, takes_files
from ...mailing.forms import FormDraft, read_by
from ...mailing.messages import absolute
from ...mailing.models import Campaign
from ...mailing.showing import mail_alone
from ...people.signing_in import current_person
from .. import audience, checks, queries, rendering, showing
from ..audience import LANGUAGES, NAMELESS
from ..blocks import Block, OwnEvents, Picture
from ..blueprint import bp, campaign_here, writers_of_campaign
from ..forms import form_for
from .composing import block_here

#: So many kinds of readers one can choose among.
MOST_READERS = 24
#: In place of a picture's number: it was chosen and not uploaded yet.
UPLOADED_LATER = -1


@dataclass(frozen=True)
class Reader:
    """Readers who get the same mail."""

    variant: str
    label: str


@bp.get("/redaktion/<int:number>/vorschau/")
@open_to(writers_of_campaign)
def preview(number: int) -> ResponseReturnValue:
    """The mail in its frame, wide or narrow, and its text."""
    campaign = campaign_here(number)
    recipients = audience.recipients(campaign, at=clock.now())
    readers = _readers(campaign, recipients)
    chosen = _chosen(readers)
    text, _html = _read(campaign, chosen, recipients)
    form_size = checks.size_of(rendering.mail(campaign, chosen.variant, recipients.circles, at=clock.now()))
    return render_template(
        "newsroom/preview.html",
        section="newsroom",
        campaign=campaign,
        reader_choices=[(one.variant, one.label) for one in readers],
        chosen=chosen,
        is_phone=request.args.get("breite") == "telefon",
        text=text,
        html_size=form_size[0],
        mail_size=form_size[1],
        showing=showing,
    )


@bp.get("/redaktion/<int:number>/vorschau/html")
@open_to(writers_of_campaign)
def preview_html(number: int) -> ResponseReturnValue:
    """The mail's HTML alone, shut in: no scripts, no forms, no other hosts."""
    campaign = campaign_here(number)
    recipients = audience.recipients(campaign, at=clock.now())
    return mail_alone(_read(campaign, _chosen(_readers(campaign, recipients)), recipients)[1])


def _read(campaign: Campaign, reader: Reader, recipients: audience.Recipients) -> tuple[str, str]:
    """Text and HTML as this reader gets them."""
    form = rendering.mail(campaign, reader.variant, recipients.circles, at=clock.now())
    return _read_by_ada(form, has_name=NAMELESS not in reader.variant)


def _read_by_ada(form: FormDraft, *, has_name: bool = True) -> tuple[str, str]:
    """Text and HTML with the values of somebody made up."""
    nowhere = absolute("/verteiler/")
    links = {"unsubscribe_url": nowhere, "preferences_url": nowhere, "reading_token": ""}
    return read_by(form, {"name": _("Ada Beispiel") if has_name else "", **links})


@bp.get("/redaktion/<int:number>/bausteine/<name>/vorschau")
@open_to(writers_of_campaign)
def preview_block(number: int, name: str) -> ResponseReturnValue:
    """A block alone in its mail, as it was saved."""
    campaign = campaign_here(number)
    return _block_alone(campaign, block_here(campaign, name))


@bp.post("/redaktion/<int:number>/bausteine/<name>/vorschau")
@open_to(writers_of_campaign)
@takes_files
def preview_typed_block(number: int, name: str) -> ResponseReturnValue:
    """The same as it is being written; nothing is kept, and what cannot be shown yet is said."""
    campaign = campaign_here(number)
    block = block_here(campaign, name)
    form = form_for(block, communities.all_communities())
    if not form.validate():
        said = [f"{one.label.text}: {' '.join(map(str, one.errors))}" for one in form if one.errors]
        return mail_alone("\n\n".join(said), is_text=True, status=422)
    return _block_alone(campaign, form.changed(block), is_text=request.form.get("look") == "text")


def _block_alone(campaign: Campaign, block: Block, *, is_text: bool = False) -> Response:
    if isinstance(block, Picture) and block.alt:  # mails hold its description, whether it was uploaded yet or not
        block = replace(block, file_id=block.file_id or UPLOADED_LATER)
    if block.is_empty:
        return mail_alone(_("Noch ist nichts zu sehen. Sobald Sie schreiben, steht es hier."), is_text=True)
    at = clock.now()
    text, html = _read_by_ada(rendering.block_alone(campaign, block, own=_own_circles(block, at), at=at))
    return mail_alone(text if is_text else html, is_text=is_text)


def _own_circles(block: Block, at: datetime) -> Sequence[int]:
    """Those of whoever writes; whoever belongs to none sees the dates of all, so that there is something to see."""
    if not isinstance(block, OwnEvents):
        return []
    mine = [one.community_id for one in communities.belongings_of(current_person())]
    return mine or queries.circles_with_events(at, weeks=block.weeks)


def _readers(campaign: Campaign, recipients: audience.Recipients) -> list[Reader]:
    """The kinds of readers, the largest group first; each language is among them."""
    counts = recipients.counts_by_variant()
    variants = [*counts, *(one for one in LANGUAGES if one not in counts)]
    circles = queries.communities_by_number()
    ordered = sorted(variants, key=lambda one: not one.startswith(campaign.language))
    return [Reader(one, _label(one, counts.get(one, 0), recipients, circles)) for one in ordered[:MOST_READERS]]


def _label(variant: str, count: int, recipients: audience.Recipients, circles: dict[int, Community]) -> str:
    own = [circles[one].name for one in audience.circles_in(variant, recipients.circles) if one in circles]
    parts = [
        _("Deutsch") if variant.startswith("de") else _("Englisch"),
        _("ohne Namen") if NAMELESS in variant else "",
        _("aus %(circles)s", circles=_(" und ").join(own)) if own else "",
    ]
    return f"{', '.join(filter(None, parts))} ({count})"


def _chosen(readers: list[Reader]) -> Reader:
    asked = request.args.get("leser", "")
    return next((one for one in readers if one.variant == asked), readers[0])
