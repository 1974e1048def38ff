"""The list of events: coming ones, the archive of a year, a month as a table."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from ...communities import queries as communities
from ...ground import clock
from ...ground.rendered import visitors_page
from ...ground.web import everyone, open_to, page_number
from .. import queries, showing
from ..models import Format, Place
from ..queries import EventFilter
from .blueprint import bp

PAGE = 200
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z", re.ASCII)
FILTERS = ("community", "format", "ort", "q", "monat", "jahr", "ansicht")

Word = TypeVar("Word", bound=StrEnum)


@bp.get("/veranstaltungen/")
@open_to(everyone)
def index() -> ResponseReturnValue:
    """The list of coming events, the archive of a year, or a month as a table."""
    if request.args.get("ansicht") == "monat":
        return _month_page()
    at = clock.now()
    chosen, page = _filter(), page_number()
    key = (*queries.list_key(chosen, at, limit=PAGE + 1, offset=page * PAGE), communities.fingerprint())

    def build() -> str:
        found = queries.listed_events(chosen, at, limit=PAGE + 1, offset=page * PAGE)
        return render_template(
            "events/list.html",
            months=showing.months(found[:PAGE], at),
            previous_href=_page_href(page - 1) if page else "",
            next_href=_page_href(page + 1) if len(found) > PAGE else "",
            **_list_context(chosen, at),
        )

    return visitors_page(("list", request.full_path, str(get_locale()), key), build)


def _month_page() -> str:
    at = clock.now()
    today = clock.local(at).date()
    first = _month_asked() or today.replace(day=1)
    chosen = _filter(month=first)
    before, after = _month_before(first), _month_after(first)
    return render_template(
        "events/month.html",
        weeks=showing.month_weeks(first, queries.listed_events(chosen, at, limit=PAGE), at),
        weekday_names=showing.weekday_names(),
        caption=format_date(first, "MMMM y"),
        previous_href=_month_href(before),
        next_href=_month_href(after),
        previous_label=format_date(before, "MMMM"),
        next_label=format_date(after, "MMMM"),
        **_list_context(chosen, at),
    )


def _list_context(chosen: EventFilter, at: datetime) -> dict[str, Any]:
    return {
        "section": "events",
        "chosen": chosen,
        "circles": [(one.slug, one.name) for one in communities.all_communities()],
        "formats": [(kind.value, showing.format_word(kind)) for kind in Format],
        "places": [(place.value, showing.place_word(place)) for place in Place],
        "years": [(year, _("Archiv %(year)s", year=year)) for year in queries.archive_years(at)],
        "href": _href,
        "is_month_view": request.args.get("ansicht") == "monat",
    }


def _filter(month: date | None = None) -> EventFilter:
    """What the query asks for. What makes no sense is as if it were not there."""
    year = request.args.get("jahr", "")
    return EventFilter(
        community=request.args.get("community", "")[:80],
        format=_member(Format, request.args.get("format", "")),
        place=_member(Place, request.args.get("ort", "")),
        words=request.args.get("q", "").strip()[:100].replace("\0", ""),
        month=month or _month_asked(),
        year=int(year) if re.fullmatch(r"20\d\d", year, re.ASCII) else None,
    )


def _member(kind: type[Word], value: str) -> Word | None:
    return kind(value) if value in set(kind) else None


def _month_asked() -> date | None:
    found = MONTH.match(request.args.get("monat", ""))
    return date(int(found[1]), int(found[2]), 1) if found else None


def _month_before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _month_href(first: date) -> str:
    return _href(ansicht="monat", monat=f"{first:%Y-%m}") if 2000 < first.year < 2100 else ""  # noqa: PLR2004 - this century


def _page_href(page: int) -> str:
    return _href(seite=str(page + 1) if page else "")


def _href(**changes: str) -> str:
    """This list with other filters; an empty value takes one away, and a new filter begins at the first page."""
    known = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    wanted: dict[str, Any] = {name: value for name, value in (known | changes).items() if value}
    return url_for("events.index", **wanted)
