"""The archive of a discussion: threads, posts, search, files, feed. What strangers wrote is shown as text (M-33)."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ...events.showing import date_label, time_label
from ...ground import documents
from ...ground.errors import NotFound, SignInFirst
from ...ground.web import everyone, open_to, page_number, paging, personal
from ...mailing import queries as lists
from ...mailing.messages import absolute
from ...mailing.models import ListKind, MailingList, Readers
from ...people.signing_in import person_or_none
from .. import keeping, queries, readers, rendering
from ..blueprint import bp
from ..showing import letter_pieces

PAGE = 30
FEED_LENGTH, FEED_SECONDS = 20, 900


def _discussion(slug: str) -> MailingList:
    """The discussion, for whoever may read it. For all others there is nothing here.

    Raises NotFound, and SignInFirst for strangers who may be on a list that everybody knows of.
    """
    one = lists.list_with_slug(slug)
    if one.kind != ListKind.DISCUSSION:
        raise NotFound
    return _readable(one)


def _readable(one: MailingList) -> MailingList:
    if readers.may_read(one):
        return one
    if person_or_none() is None and keeping.is_known(one) and one.archive != Readers.NOBODY:
        raise SignInFirst
    raise NotFound


@bp.get("/verteiler/<slug>/archiv/")
@open_to(everyone)
def archive(slug: str) -> ResponseReturnValue:
    """The conversations of a list, or the posts with some words. Of a newsletter, its issues."""
    moved = lists.list_at_earlier_slug(slug)
    if moved is not None and lists.list_with_slug_or_none(slug) is None:
        return redirect(url_for(".archive", slug=moved.slug), code=301)
    found = lists.list_with_slug(slug)
    if found.kind != ListKind.DISCUSSION:
        return _issues(found)
    one = _discussion(slug)
    page, words = page_number(), request.args.get("q", "").strip()[:100]
    limits = {"limit": PAGE + 1, "offset": page * PAGE}
    posts = lists.found_posts(one, words, **limits) if words else []
    threads = [] if words else lists.threads(one, **limits)
    return render_template(
        "newsroom/archive.html",
        section="lists",
        mailing_list=one,
        words=words,
        posts=posts[:PAGE],
        threads=threads[:PAGE],
        is_public=one.is_read_by_all,
        time_label=time_label,
        **paging(page, has_more=len(posts or threads) > PAGE),
    )


def _issues(one: MailingList) -> ResponseReturnValue:
    """What was sent to a list: among that of all others if everybody may read it, else for its readers alone."""
    if one.is_read_by_all:
        return redirect(url_for(".issues", verteiler=one.slug), code=303)
    page, words = page_number(), request.args.get("q", "").strip()[:100]
    found = queries.issues_of(_readable(one), words, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "newsroom/issues.html",
        section="lists",
        issues=found[:PAGE],
        words=words,
        lists=[one],
        chosen=one,
        is_public=False,
        summary=rendering.summary,
        date_label=date_label,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.get("/verteiler/<slug>/archiv/<int:number>/")
@open_to(everyone)
def thread(slug: str, number: int) -> ResponseReturnValue:
    """A conversation."""
    one = _discussion(slug)
    return render_template(
        "newsroom/thread.html",
        section="lists",
        mailing_list=one,
        posts=lists.posts_in_thread(one, number),
        pieces=letter_pieces,
        is_public=one.is_read_by_all,
        time_label=time_label,
    )


@bp.get("/verteiler/<slug>/archiv/datei/<int:number>")
@open_to(everyone)
def post_file(slug: str, number: int) -> ResponseReturnValue:
    """A file that was attached, for everybody whose mail names it, archive or not: only ever a download."""
    one = lists.list_with_slug(slug)
    if readers.may_open_files(one):
        return documents.download(lists.file_of(one, number).file)
    if person_or_none() is None and one.kind == ListKind.DISCUSSION and keeping.is_known(one):
        raise SignInFirst
    raise NotFound


@bp.get("/verteiler/<slug>/archiv/lesen/<token>/")
@open_to(everyone)
def open_archive(slug: str, token: str) -> ResponseReturnValue:
    """From the link in somebody's mail to the archive of that list."""
    return _opened(".archive", slug, token)


@bp.get("/verteiler/<slug>/archiv/lesen/<token>/<int:number>/")
@open_to(everyone)
def open_thread(slug: str, token: str, number: int) -> ResponseReturnValue:
    """From there to a conversation; browsers keep the post's mark behind the #."""
    return _opened(".thread", slug, token, number=number)


@bp.get("/verteiler/<slug>/archiv/lesen/<token>/datei/<int:number>")
@open_to(everyone)
def open_post_file(slug: str, token: str, number: int) -> ResponseReturnValue:
    """From there to a file."""
    return _opened(".post_file", slug, token, number=number)


def _opened(page: str, slug: str, token: str, **number: Any) -> ResponseReturnValue:
    one = lists.list_with_slug_or_none(slug) or lists.list_at_earlier_slug(slug)
    if one is None:
        raise NotFound
    readers.open_by_link(one, token)
    return personal(Response(status=303, headers={"Location": url_for(page, slug=one.slug, **number)}))


@bp.get("/verteiler/<slug>/archiv/atom.xml")
@open_to(everyone)
def archive_feed(slug: str) -> ResponseReturnValue:
    """The newest posts of a list that everybody reads (RFC 4287), with the same bytes as long as nothing changes."""
    one = lists.list_with_slug(slug)
    if one.kind != ListKind.DISCUSSION or not one.is_read_by_all:
        raise NotFound
    found = lists.newest_posts(one, limit=FEED_LENGTH)
    changed = max((post.decided_at or post.received_at for post in found), default=datetime(2026, 1, 1, tzinfo=UTC))
    body = render_template(
        "newsroom/archive_feed.xml", mailing_list=one, posts=found, changed=changed, absolute=absolute
    )
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={FEED_SECONDS}"
    response.set_etag(sha256(body.encode()).hexdigest()[:32])
    return response.make_conditional(request)
