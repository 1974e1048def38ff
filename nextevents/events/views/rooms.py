"""The page that leads into an event's room at the conference provider: what stands in mails and calendars."""

from datetime import datetime

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.web import CONTENT_SECURITY_POLICY, everyone, open_to, personal
from ...mailing.messages import absolute
from ...people.models import Person
from ...people.signing_in import person_or_none
from .. import messages, queries, rules, showing
from ..conferences import Room, provider
from ..errors import RoomUnavailable
from ..forms import RoomForm
from ..models import Event, Registration
from .blueprint import bp

#: A room that does not answer may do so after so many seconds.
RETRY = 10


@bp.get("/raum/<key>/")
@open_to(everyone)
def room(key: str) -> ResponseReturnValue:
    """The door to the room; whoever is known to be registered has one of their own. Changes nothing."""
    event, person = queries.event_with_room(key), person_or_none()
    registration = None if rules.may_organise(person, event) else sure_registration(person, event)
    if registration:
        return personal(Response(status=303, headers={"Location": own_door(registration)}))
    return _page(event, person, RoomForm(formdata=None, name=person.name if person else ""), at=clock.now())


def sure_registration(person: Person | None, event: Event) -> Registration | None:
    """The registration with which somebody may go in; None for everybody else."""
    found = queries.active_registration(person, event) if person else None
    return found if found and rules.may_see_dial_in(found) else None


def own_door(registration: Registration) -> str:
    """Where the door of that registration is."""
    return url_for("events.joining", token=messages.token_of(registration))


@bp.post("/raum/<key>/")
@open_to(everyone)
def enter_room(key: str) -> ResponseReturnValue:
    """Go into the room under the name that was typed; organisers as moderators."""
    at, form = clock.now(), RoomForm()
    with transaction():
        event, person = queries.event_with_room(key), person_or_none()
        is_moderator = rules.may_organise(person, event)
        is_open = rules.is_room_open(event, is_moderator=is_moderator, at=at)
        wished = room_of(event)
    if not is_open:
        return _page(event, person, form, at=at)
    if not form.validate():
        return _page(event, person, form, at=at), 422
    try:
        return led_on(provider().way_in(wished, form.name.data, is_moderator=is_moderator))
    except RoomUnavailable as refusal:
        return unavailable(_page(event, person, form, refusal, at=at))


def _page(
    event: Event, person: Person | None, form: RoomForm, refusal: Refusal | None = None, *, at: datetime
) -> Response:
    is_moderator = rules.may_organise(person, event)
    page = render_template(
        "events/room.html",
        section="events",
        event=event,
        form=form,
        refusal=refusal,
        is_moderator=is_moderator,
        is_open=rules.is_room_open(event, is_moderator=is_moderator, at=at),
        is_over=event.ends_at <= at,
        opens_at=rules.joining_opens_at(event),
        showing=showing,
    )
    return leading_on(personal(Response(page)))


def room_of(event: Event) -> Room:
    """The room as the provider shall make it."""
    return Room(event.room, event.title, absolute(url_for("events.show", slug=event.slug)))


def led_on(address: str) -> Response:
    """The way to another site."""
    return personal(Response(status=303, headers={"Location": address}))


def leading_on(page: Response) -> Response:
    """Let a page's form lead on to another site: browsers look at where forms are led on to (CSP 3, 6.4.2)."""
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", "form-action 'self' https: http:"
    )
    return page


def unavailable(page: Response) -> Response:
    """A page that says that the room does not answer, and when to try again."""
    page.status_code = 503
    page.headers["Retry-After"] = str(RETRY)
    return page
