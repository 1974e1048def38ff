"""The pages of communities: all of them, and one with its meetings."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from ..communities import queries
from ..events import queries as events
from ..events import showing
from ..ground import clock
from ..ground.rendered import visitors_page
from ..ground.web import everyone, open_to

PAST_MEETINGS = 100
COMING_MEETINGS = 50

bp = Blueprint("communities", "nextevents.site", template_folder="templates")


@bp.get("/communities/")
@open_to(everyone)
def index() -> ResponseReturnValue:
    """All circles by kind."""
    at = clock.now()
    counts = events.coming_counts(at)
    today = clock.local(at).date()
    key = ("communities", request.full_path, str(get_locale()), queries.fingerprint(), tuple(counts.items()), today)

    def build() -> str:
        circles = queries.all_communities()
        ended = [one for one in circles if queries.has_ended(one, today)]
        living = [one for one in circles if one not in ended]
        return render_template(
            "site/communities.html", section="communities", living=living, ended=ended, counts=counts
        )

    return visitors_page(key, build)


@bp.get("/communities/<slug>/")
@open_to(everyone)
def show(slug: str) -> ResponseReturnValue:
    """One circle: what it is for, its coming and past meetings, its feed."""
    at = clock.now()
    community = queries.community_with_slug(slug)
    coming = events.meetings_of(community, at, is_past=False, limit=COMING_MEETINGS)
    past = events.meetings_of(community, at, is_past=True, limit=PAST_MEETINGS)
    return render_template(
        "site/community.html",
        section="communities",
        community=community,
        has_ended=queries.has_ended(community, clock.local(at).date()),
        coming=[showing.row_of(event, at) for event in coming],
        past=showing.months(past, at),
        showing=showing,
    )
