"""Publications: what workshops have made, for everybody."""

import re
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup

from ..communities import queries, rules, showing
from ..communities.models import Result
from ..communities.queries import ResultFilter
from ..events.showing import size_label
from ..ground import clock
from ..ground.documents import download
from ..ground.errors import NotFound
from ..ground.markdown import as_text
from ..ground.rendered import visitors_page
from ..ground.structured import json_ld
from ..ground.web import everyone, open_to, page_number, paging, personal
from ..mailing.messages import absolute
from ..people.signing_in import person_or_none
from .blueprint import bp

PAGE = 50


@bp.get("/veroeffentlichungen/")
@open_to(everyone)
def publications() -> ResponseReturnValue:
    """What was published, newest first, with a search."""
    today, page, chosen = _today(), page_number(), _filter()
    versions = (queries.fingerprint_of_results(), queries.fingerprint())

    def build() -> str:
        found = queries.published_results(chosen, today, limit=PAGE + 1, offset=page * PAGE)
        return render_template(
            "site/publications.html",
            section="publications",
            results=found[:PAGE],
            chosen=chosen,
            years=[(year, year) for year in queries.years_of_results(today)],
            circles=[(one.slug, one.full_name) for one in queries.communities_with_results(today)],
            showing=showing,
            **paging(page, has_more=len(found) > PAGE),
        )

    if chosen.words:  # what is read in files has no version
        return build()
    return visitors_page(("publications", request.full_path, str(get_locale()), today, versions), build)


def _today() -> date:
    return clock.local(clock.now()).date()


def _filter() -> ResultFilter:
    """What the query asks for. What makes no sense is as if it were not there."""
    year = request.args.get("jahr", "")
    return ResultFilter(
        words=request.args.get("q", "").strip()[:100],
        year=int(year) if re.fullmatch(r"20\d\d", year, re.ASCII) else None,
        community=request.args.get("community", "")[:80],
    )


@bp.get("/veroeffentlichungen/<slug>/")
@open_to(everyone)
def publication(slug: str) -> ResponseReturnValue:
    """One publication: what it says, how to quote it, its file."""
    result = _seen(slug)
    address = absolute(url_for("site.publication", slug=slug))
    is_published = rules.is_published(result, on=_today())
    return render_template(
        "site/publication.html",
        section="publications",
        result=result,
        address=address,
        is_published=is_published,
        data=_data(result, address) if is_published else "",
        showing=showing,
        size_label=size_label,
    )


@bp.get("/veroeffentlichungen/<slug>/datei")
@open_to(everyone)
def publication_file(slug: str) -> ResponseReturnValue:
    """Its file, to save."""
    result = _seen(slug)
    if result.file is None:
        raise NotFound
    response = download(result.file)
    return response if rules.is_published(result, on=_today()) else personal(response)


def _seen(slug: str) -> Result:
    """A result that the reader may see: before its day only who runs its circle. Raises NotFound."""
    result = queries.result_with_slug(slug)
    if not rules.is_published(result, on=_today()) and not rules.runs(person_or_none(), result.community):
        raise NotFound
    return result


def _data(result: Result, address: str) -> Markup:
    """The JSON-LD of a publication."""
    data: dict[str, Any] = {
        "@type": "Report",
        "name": result.title,
        "abstract": " ".join(as_text(result.abstract).split()),
        "author": [{"@type": "Person", "name": one.strip()} for one in re.split(r"[;\n]", result.authors)],
        "datePublished": str(result.published_on),
        "publisher": {"@type": "Organization", "name": "NExT e. V.", "url": absolute("/")},
        "inLanguage": "de",
        "url": address,
    }
    if result.file:
        content = absolute(url_for("site.publication_file", slug=result.slug))
        data["encoding"] = {"@type": "MediaObject", "contentUrl": content, "encodingFormat": result.file.content_type}
    return json_ld(data)
