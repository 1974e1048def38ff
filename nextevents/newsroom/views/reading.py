"""The archive: what was sent, with search and feed, for everybody or for a list's readers. Nothing personal in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ...events.showing import date_label
from ...ground import clock
from ...ground.errors import NotFound, SignInFirst
from ...ground.files import picture_response
from ...ground.web import everyone, language_code, open_to, page_number, paging, personal
from ...mailing.messages import absolute
from ...mailing.models import Campaign, MailingList
from ...people.signing_in import person_or_none
from .. import queries, readers, rendering
from ..blueprint import bp
from .composing import picture_of

PAGE = 30
FEED_LENGTH, FEED_SECONDS = 20, 900


@bp.get("/newsletter/archiv/")
@open_to(everyone)
def issues() -> ResponseReturnValue:
    """What was sent, newest first."""
    page, words = page_number(), request.args.get("q", "").strip()[:100]
    lists = queries.public_lists()
    chosen = next((one for one in lists if one.slug == request.args.get("verteiler")), None)
    found = queries.public_issues(words, chosen.slug if chosen else "", limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "newsroom/issues.html",
        section="newsletter",
        issues=found[:PAGE],
        words=words,
        lists=lists,
        chosen=chosen,
        is_public=True,
        summary=rendering.summary,
        date_label=date_label,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.get("/newsletter/<slug>/")
@open_to(everyone)
def issue(slug: str) -> ResponseReturnValue:
    """One issue, the same for everybody who may read it."""
    campaign = _issue(slug)
    page = render_template(
        "newsroom/issue.html",
        section="newsletter",
        campaign=campaign,
        pieces=rendering.pages_pieces(campaign, language_code(), at=campaign.started_at or clock.now()),
        is_public=_is_public(campaign),
        date_label=date_label,
    )
    return page if _is_public(campaign) else personal(Response(page))


def _issue(slug: str) -> Campaign:
    """An issue, for whoever may read it. Raises NotFound, and SignInFirst for strangers, who know its address."""
    campaign = queries.issue_with_slug(slug)
    if readers.may_read(campaign.mailing_list):
        return campaign
    if person_or_none() is None:
        raise SignInFirst
    raise NotFound


def _is_public(campaign: Campaign) -> bool:
    return campaign.mailing_list.is_read_by_all


@bp.get("/newsletter/<slug>/lesen/<token>/")
@open_to(everyone)
def open_issue(slug: str, token: str) -> ResponseReturnValue:
    """From the link in somebody's mail to the issue, and from there to the archive of that list."""
    campaign = queries.issue_with_slug(slug)
    readers.open_by_link(campaign.mailing_list, token)
    return personal(Response(status=303, headers={"Location": url_for(".issue", slug=slug)}))


@bp.get("/newsletter/<slug>/bilder/<int:file>")
@open_to(everyone)
def issue_picture(slug: str, file: int) -> ResponseReturnValue:
    """A picture of an issue."""
    campaign = _issue(slug)
    return picture_response(picture_of(campaign, file), is_public=_is_public(campaign))


@bp.get("/newsletter/atom.xml")
@open_to(everyone)
def feed() -> ResponseReturnValue:
    """The newest issues of all lists whose archive everybody may read."""
    return _feed(None, queries.public_issues(limit=FEED_LENGTH))


@bp.get("/verteiler/<slug>/atom.xml")
@open_to(everyone)
def list_feed(slug: str) -> ResponseReturnValue:
    """The newest issues of one list."""
    one = queries.public_list(slug)
    return _feed(one, queries.public_issues(list_slug=slug, limit=FEED_LENGTH))


def _feed(one: MailingList | None, found: Sequence[Campaign]) -> Response:
    """An Atom feed (RFC 4287), with the same bytes as long as nothing changes."""
    body = render_template(
        "newsroom/feed.xml",
        of_list=one,
        issues=found,
        changed=max((_moment(campaign) for campaign in found), default=datetime(2026, 1, 1, tzinfo=UTC)),
        moment=_moment,
        absolute=absolute,
        summary=rendering.summary,
    )
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={FEED_SECONDS}"
    response.set_etag(sha256(body.encode()).hexdigest()[:32])
    return response.make_conditional(request)  # type: ignore[return-value]  # it stays a Response


def _moment(campaign: Campaign) -> datetime:
    return campaign.started_at or campaign.made_at
