"""The preview: as one of the readers sees the mail, as HTML, as text, and on a phone."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities.models import Community
from ...ground import clock
from ...ground.web import open_to
from ...mailing.forms import read_by
from ...mailing.messages import absolute
from ...mailing.models import Campaign
from ...mailing.showing import mail_alone
from .. import audience, checks, queries, rendering, showing
from ..audience import LANGUAGES, NAMELESS
from ..blueprint import bp, campaign_here, writers_of_campaign

#: So many kinds of readers one can choose among.
MOST_READERS = 24


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
    """Text and HTML with the values of somebody made up."""
    form = rendering.mail(campaign, reader.variant, recipients.circles, at=clock.now())
    name = "" if NAMELESS in reader.variant else _("Ada Beispiel")
    nowhere = absolute("/verteiler/")
    links = {"unsubscribe_url": nowhere, "preferences_url": nowhere, "reading_token": ""}
    return read_by(form, {"name": name, **links})


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
