"""A circle's library for its readers: its documents, and what stays of its meetings, with a search through all."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..communities import queries, rules
from ..communities.models import Document, DocumentKind, Viewers
from ..events import showing
from ..ground.documents import download
from ..ground.errors import NotFound, SignInFirst
from ..ground.web import everyone, open_to, page_number, paging, personal
from ..people.signing_in import person_or_none
from .communities import bp
from .entries import entries

PAGE = 30


@bp.get("/communities/<slug>/unterlagen/")
@open_to(everyone)
def library(slug: str) -> ResponseReturnValue:
    """What lies in a circle's library, as far as its reader may see it."""
    try:
        community = queries.community_with_slug(slug)
    except NotFound:
        return redirect(url_for(".library", slug=queries.community_that_had(slug).slug), code=301)
    person, page = person_or_none(), page_number()
    asked = request.args.get("q", "").strip()[:100]
    found = entries(community, person, asked, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "site/library.html",
        section="communities",
        community=community,
        entries=found[:PAGE],
        words=asked,
        is_stranger=person is None,
        may_lead=rules.runs(person, community),
        showing=showing,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.get("/communities/<slug>/unterlagen/<int:number>/")
@open_to(everyone)
def note(slug: str, number: int) -> ResponseReturnValue:
    """A note, for those who may see it."""
    document = _seen(slug, number)
    if document.kind != DocumentKind.NOTE:
        raise _nothing()
    return render_template(
        "site/note.html",
        section="communities",
        community=document.community,
        document=document,
        may_lead=rules.runs(person_or_none(), document.community),
        showing=showing,
    )


@bp.get("/communities/<slug>/unterlagen/<int:number>/datei")
@open_to(everyone)
def document_file(slug: str, number: int) -> ResponseReturnValue:
    """A file to save, for those who may see it."""
    document = _seen(slug, number)
    if document.file is None:
        raise _nothing()
    response = download(document.file)
    return response if document.viewers == Viewers.EVERYBODY else personal(response)


def _seen(slug: str, number: int) -> Document:
    """A document that the reader may see. Raises NotFound: nobody learns of what is not for them."""
    community = queries.community_with_slug(slug)
    try:
        document = queries.document(community, number)
    except NotFound:
        raise _nothing() from None
    if not rules.may_see(document, person_or_none()):
        raise _nothing()
    return document


def _nothing() -> NotFound:
    """Strangers are asked to sign in whatever they ask for, there or not: the link may be for people of the circle."""
    return SignInFirst() if person_or_none() is None else NotFound()
