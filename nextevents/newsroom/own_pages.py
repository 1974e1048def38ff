"""What a reader finds behind a link, without asking anybody: our own pages are looked up, all others only read.

An address of ours leads to a route and, where a part of it names something, to a row in the database. Nothing is
fetched, neither from us nor from elsewhere.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ..communities import queries as communities
from ..communities import rules as communities_rules
from ..communities.models import DocumentKind
from ..events import queries as events
from ..events import rules as events_rules
from ..events import services as registering
from ..events.messages_to_voters import POLL
from ..events.models import Event
from ..ground import clock
from ..ground.errors import NotFound
from ..ground.tokens import number_in
from ..ground.web import audience_of, everyone, signed_in
from ..mailing import queries as lists
from ..mailing.models import ListKind, MailingList
from . import keeping, queries
from .blocks import Picture, blocks_of


class Behind(Enum):
    """What stands behind a link."""

    #: A page of this site that readers can open.
    PAGE = auto()
    #: No page of this site, or no address at all.
    NOTHING = auto()
    #: A page of this site that only some can open: organisers, the office, people on a list.
    FOR_SOME = auto()
    #: Somebody's own page: whoever has the link acts in their name.
    SOMEBODYS_OWN = auto()
    #: Another site, or a mailbox, where nobody has looked.
    ELSEWHERE = auto()


def behind(href: str) -> Behind:
    """What a reader finds behind a link of a mail."""
    try:
        parts = urlsplit(href)
        is_own = (parts.hostname, parts.port) == _own_host() and parts.scheme in {"", "http", "https"}
    except ValueError:  # brackets that hold no address, a port that is no number
        return Behind.NOTHING
    if is_own or not (parts.scheme or parts.netloc):
        return _at(unquote(parts.path))
    return Behind.ELSEWHERE if _could_be_somewhere(parts) else Behind.NOTHING


def _own_host() -> tuple[str | None, int | None]:
    own = urlsplit(current_app.config["BASE_URL"])
    return own.hostname, own.port


def _could_be_somewhere(parts: SplitResult) -> bool:
    """Whether an address is written as one: a host with a domain, or a mailbox."""
    if parts.scheme in {"", "http", "https"}:
        return "." in (parts.hostname or "").strip(".")
    return "@" in parts.path.strip("@")


def event_at(href: str) -> Event | None:
    """The public event whose page a link leads to."""
    try:
        endpoint, values = _route(unquote(urlsplit(href).path))
        return events.event_with_slug(**values) if endpoint == "events.show" else None
    except (ValueError, HTTPException, NotFound):
        return None


def _at(path: str) -> Behind:
    # Mails have no address of their own that a path could go on from.
    if not path.startswith("/") or "\0" in path:
        return Behind.NOTHING
    try:
        endpoint, values = _route(path)
        return _page(endpoint, values)
    except (HTTPException, NotFound):
        return Behind.NOTHING


def _route(path: str) -> tuple[str, Mapping[str, Any]]:
    """The name and the values of the route at a path of ours. Raises HTTPException for none."""
    try:
        return current_app.url_map.bind("").match(path, method="GET")
    except RequestRedirect as elsewhere:
        return _route(unquote(urlsplit(elsewhere.new_url).path))


def _page(endpoint: str, values: Mapping[str, Any]) -> Behind:
    if audience_of(current_app.view_functions[endpoint]) not in {everyone, signed_in}:
        return Behind.FOR_SOME
    if endpoint in LOOKED_UP:
        return Behind.PAGE if LOOKED_UP[endpoint](**values) else Behind.FOR_SOME
    if "token" in values:
        return Behind.SOMEBODYS_OWN
    return Behind.FOR_SOME if values else Behind.PAGE


# Each says whether all readers can open what it found, and raises NotFound where there is nothing.


def _event(slug: str) -> bool:
    return bool(events.event_with_slug(slug))


def _event_picture(slug: str, number: int) -> bool:
    return bool(events.picture_of(events.event_with_slug(slug), number))


def _participants(slug: str) -> bool:
    return events_rules.may_see_participants(events.event_with_slug(slug), None)


def _material(slug: str, number: int) -> bool:
    event = events.event_with_slug(slug)
    found = events.material(event, number)
    return _there(found.file) and found.viewers in events_rules.viewers_for(None, event)


def _room(key: str) -> bool:
    return bool(events.event_with_room(key))


def _certificate(code: str) -> bool:
    known = registering.code_in(code)
    return _there(known and events.certificate_with_code(known))


def _poll(token: str) -> bool:
    """The link that all may have; that of somebody who votes is another one."""
    return bool(events.poll(number_in(POLL, token) or 0))


def _circle(slug: str) -> bool:
    return bool(communities.community_at(slug))


def _note(slug: str, number: int) -> bool:
    found = communities.document(communities.community_with_slug(slug), number)
    return _there(found.kind == DocumentKind.NOTE) and communities_rules.may_see(found, None)


def _document(slug: str, number: int) -> bool:
    found = communities.document(communities.community_with_slug(slug), number)
    return _there(found.file) and communities_rules.may_see(found, None)


def _publication(slug: str) -> bool:
    """Before its day, those who run its circle see it; by the time that the mail leaves, it may be for all."""
    found = communities.result_with_slug(slug)
    return _there(found.published_on) and communities_rules.is_published(found, on=clock.local(clock.now()).date())


def _publication_file(slug: str) -> bool:
    return _there(communities.result_with_slug(slug).file) and _publication(slug)


def _list(slug: str) -> bool:
    return keeping.is_known(_list_at(slug))


def _list_of_old(slug: str) -> bool:
    return _list(slug.lower())


def _list_at(slug: str) -> MailingList:
    return lists.list_with_slug_or_none(slug) or lists.list_at_earlier_slug(slug) or lists.list_with_slug(slug)


def _archive(slug: str) -> bool:
    return _list_at(slug).is_read_by_all


def _thread(slug: str, number: int) -> bool:
    one = lists.list_with_slug(slug)
    return bool(lists.posts_in_thread(one, number)) and one.is_read_by_all


def _post_file(slug: str, number: int) -> bool:
    one = lists.list_with_slug(slug)
    return bool(lists.file_of(one, number)) and one.is_read_by_all


def _archive_feed(slug: str) -> bool:
    one = lists.list_with_slug(slug)
    return _there(one.kind == ListKind.DISCUSSION and one.is_read_by_all)


def _list_feed(slug: str) -> bool:
    return bool(queries.public_list(slug))


def _issue(slug: str) -> bool:
    return queries.issue_with_slug(slug).mailing_list.is_read_by_all


def _issue_picture(slug: str, file: int) -> bool:
    pictures = {one.file_id for one in blocks_of(queries.issue_with_slug(slug)) if isinstance(one, Picture)}
    return _there(file in pictures) and _issue(slug)


def _there(found: object) -> bool:
    if not found:
        raise NotFound
    return True


#: By the name of the route, whether what its values name is there; of routes that everybody may open.
LOOKED_UP: dict[str, Callable[..., bool]] = {
    "belonging.asked": _circle,
    "belonging.begin": _circle,
    "communities.document_file": _document,
    "communities.library": _circle,
    "communities.note": _note,
    "communities.show": _circle,
    "events.asked": _event,
    "events.attendees": _participants,
    "events.certificate": _certificate,
    "events.community_feed": _circle,
    "events.enter": _event,
    "events.event_file": _event,
    "events.material": _material,
    "events.picture": _event_picture,
    "events.poll": _poll,
    "events.room": _room,
    "events.show": _event,
    "lists.old_page": _list_of_old,
    "lists.show": _list,
    "newsroom.archive": _archive,
    "newsroom.archive_feed": _archive_feed,
    "newsroom.issue": _issue,
    "newsroom.issue_picture": _issue_picture,
    "newsroom.list_feed": _list_feed,
    "newsroom.post_file": _post_file,
    "newsroom.thread": _thread,
    "site.publication": _publication,
    "site.publication_file": _publication_file,
}
