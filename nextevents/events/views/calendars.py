"""Calendar files and feeds (rules C-41 to C-46)."""

from collections.abc import Callable, Hashable
from hashlib import sha256

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities.models import Community
from ...ground import clock
from ...ground.errors import NotFound
from ...ground.rendered import shelf
from ...ground.web import everyone, open_to
from ...mailing.messages import absolute
from ...people import queries as people
from .. import calendar, queries
from ..models import Event, State
from .blueprint import bp

FEED_SECONDS = 900


@bp.get("/veranstaltungen/<slug>/termin.ics")
@open_to(everyone)
def event_file(slug: str) -> ResponseReturnValue:
    """One event to import by hand, for those who did not get it by mail."""
    event = queries.event_with_slug(slug)
    source = absolute(url_for(".event_file", slug=slug))
    response = _calendar(
        ("event.ics", event.id, event.version, event.sequence),
        lambda: calendar.published([event], name=event.title, source=source),
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{event.slug}.ics"'
    return response


@bp.get("/kalender.ics")
@open_to(everyone)
def feed() -> ResponseReturnValue:
    """All public events, to subscribe to."""
    return _public_feed(None, "NExT", absolute(url_for(".feed")))


@bp.get("/communities/<slug>/kalender.ics")
@open_to(everyone)
def community_feed(slug: str) -> ResponseReturnValue:
    """A community's public events, to subscribe to."""
    community = communities.community_at(slug)
    return _public_feed(community, community.full_name, absolute(url_for(".community_feed", slug=slug)))


def _public_feed(community: Community | None, name: str, source: str) -> Response:
    today = clock.local(clock.now()).date()
    key = queries.feed_key(community, today)
    return _calendar(
        ("feed", source, name, key),
        lambda: calendar.published(queries.feed_events(community, today), name=name, source=source),
    )


@bp.get("/kalender/<token>.ics")
@open_to(everyone)
def own_feed(token: str) -> ResponseReturnValue:
    """A person's own dates, with the way in where they are confirmed, and the meetings of their circles.

    Whoever has the address may read it.
    """
    own = people.feed_with_token(token)
    if own is None:
        raise NotFound
    found = queries.own_feed_registrations(own, clock.local(clock.now()).date())
    confirmed = frozenset(one.event_id for one in found if one.state in {State.CONFIRMED, State.ATTENDED})
    meetings = queries.own_feed_meetings(own, clock.local(clock.now()).date())
    tentative = frozenset(one.id for one in meetings)
    events = [*(one.event for one in found), *meetings]
    source = absolute(url_for(".feed"))  # its own address is a secret and stands in no file
    language = own.person.language
    response = _calendar(
        ("own feed", own.id, confirmed, tentative, _versions(events)),
        lambda: calendar.published(
            events, name=_("Meine NExT-Termine"), source=source, dial_ins=confirmed, tentative=tentative
        ),
        language,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _versions(events: list[Event]) -> tuple[tuple[int, int, int], ...]:
    return tuple(sorted((event.id, event.version, event.sequence) for event in events))


def _calendar(key: Hashable, build: Callable[[], bytes], language: str = "de") -> Response:
    """The body kept under its key, with a strong ETag, or 304 for whoever has it (rule C-43).

    Public calendars are German for everybody: programs fetch them, which have no language.
    """

    def written() -> bytes:
        with force_locale(language):
            return build()

    def fingerprinted() -> bytes:
        return sha256(shelf.body((key, language), written)).hexdigest()[:32].encode()

    etag = shelf.body(("etag", key, language), fingerprinted).decode()
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        response = Response(shelf.body((key, language), written), content_type=calendar.CONTENT_TYPE)
    response.headers["Cache-Control"] = f"private, max-age={FEED_SECONDS}"
    response.set_etag(etag)
    return response
