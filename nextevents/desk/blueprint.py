"""The blueprint that all doors of this room hang on, and who may enter."""

from flask import Blueprint, g, request
from flask_login import current_user

from ..communities import queries as communities
from ..communities.models import Community
from ..events import queries as events
from ..events import rules
from ..events.models import Event
from ..ground import clock
from ..ground.errors import NotFound
from ..people.signing_in import person_or_none

bp = Blueprint("desk", __name__, template_folder="templates")


def organisers() -> bool:
    """People who run the event in the path: the office, the leads of its circles, its guests at the desk."""
    person = person_or_none()
    if person is None:
        return False
    try:
        event = event_here((request.view_args or {})["slug"])
    except NotFound:
        return False
    return rules.may_organise(person, event)


def leads() -> bool:
    """People who may make events: the office and all leads; and who was asked to run one date sees that one."""
    person = person_or_none()
    return person is not None and bool(current_user.is_office or communities.leads_any(person) or events.hosts(person))


def leads_of_circle() -> bool:
    """People who run the circle in the path: the office, and its leads."""
    person = person_or_none()
    if person is None:
        return False
    try:
        community = circle_here((request.view_args or {})["slug"])
    except NotFound:
        return False
    return bool(person.is_office) or communities.leads(person, community)


def host_in_turn() -> bool:
    """Whoever has the turn in the path."""
    person, today = person_or_none(), clock.local(clock.now()).date()
    number = (request.view_args or {})["number"]
    return person is not None and any(one.id == number for one in events.own_turns(person, today))


def circle_here(slug: str) -> Community:
    """The circle in the path, read once. Only for doors that are open to its leads."""
    if "circle_here" not in g or g.circle_here.slug != slug:
        g.circle_here = communities.community_at(slug)
    found: Community = g.circle_here
    return found


def event_here(slug: str) -> Event:
    """The event in the path, drafts included; read once. Only for doors that are open to its organisers."""
    if "event_here" not in g or g.event_here.slug != slug:
        g.event_here = events.event_with_slug(slug, with_drafts=True)
    found: Event = g.event_here
    return found
