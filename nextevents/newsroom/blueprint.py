"""The blueprint that all doors of this room hang on, and who may enter."""

from typing import Any

from flask import Blueprint, g, request

from ..ground.errors import NotFound
from ..mailing import queries as lists
from ..mailing.models import Campaign
from ..people.signing_in import person_or_none
from . import queries, rules

bp = Blueprint("newsroom", __name__, template_folder="templates")


def writers() -> bool:
    """People who write to at least one list: the office, and the leads of circles."""
    person = person_or_none()
    return person is not None and bool(person.is_office or queries.lists_for(person))


def writers_of_campaign() -> bool:
    """People who write to the list of the campaign in the path."""
    person = person_or_none()
    if person is None:
        return False
    try:
        campaign = campaign_here(_in_path("number"))
    except NotFound:
        return False
    return rules.may_write_to(person, campaign.mailing_list)


def keepers_of_post() -> bool:
    """People who keep the list of the post in the path."""
    person = person_or_none()
    if person is None:
        return False
    try:
        post = lists.post_with_number(_in_path("number"))
    except NotFound:
        return False
    return rules.may_write_to(person, post.mailing_list)


def _in_path(name: str) -> Any:
    return (request.view_args or {})[name]


def campaign_here(number: int) -> Campaign:
    """The campaign in the path, read once. Only for doors that are open to its writers. Raises NotFound."""
    if "campaign_here" not in g or g.campaign_here.id != number:
        g.campaign_here = queries.campaign_with_number(number)
    found: Campaign = g.campaign_here
    return found
