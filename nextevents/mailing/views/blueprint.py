"""The blueprint that all doors of this room hang on, and who is there, as far as lists may know."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from ...ground.mail_addresses import Address, address_of
from ...ground.web import language_code, personal
from ..messages import absolute
from ..models import MailingList
from ..services import Declaration, words_of_consent

bp = Blueprint("lists", "nextevents.mailing", template_folder="templates")


@dataclass(frozen=True)
class Owner:
    """Whoever is signed in: an address that is known to be theirs, and a name."""

    address: Address
    name: str


def owner() -> Owner | None:
    """The owner of a proved address in this browser; None for strangers."""
    person = current_user.person
    return Owner(address_of(person.address), person.name) if person else None


def declaration(one: MailingList, *, was_ticked: bool) -> Declaration:
    """What stands on the page that was just answered."""
    language = language_code()
    return Declaration(
        text=words_of_consent(one, language),
        language=language,
        form_url=absolute(request.path),
        was_ticked=was_ticked,
    )


def broken_link() -> tuple[Response, int]:
    """The friendly page for a link that came damaged, or leads nowhere any more: the same for all (bad input 78)."""
    return personal(Response(render_template("mailing/broken_link.html"))), 404
