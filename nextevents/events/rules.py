"""Who may do what with an event: pure predicates."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..communities import queries as communities
from ..people import queries as people
from ..people.models import Organisation, Person
from . import queries
from .models import (
    ATTENDANCE,
    NOTED,
    Audience,
    Event,
    MaterialViewers,
    Place,
    Question,
    Registration,
    Stage,
    State,
    Viewers,
)

#: How long a withdrawal can be undone.
UNDO_TIME = timedelta(hours=24)
#: So much earlier can organisers go into the room, to prepare, and so much later, to talk on.
MODERATORS_SPARE = timedelta(hours=1)
#: How long before an event people can be let in.
DOOR_OPENS = timedelta(days=1)


def is_public(event: Event) -> bool:
    """Whether everybody may see the event's page."""
    return event.stage != Stage.DRAFT


def takes_place(event: Event, *, at: datetime) -> bool:
    """Whether it is still to come, or going on: mails and entries about anything else only confuse."""
    return event.stage == Stage.PUBLISHED and event.ends_at > at


def needs_sign_in(event: Event) -> bool:
    """Whether one must be signed in to register, because only then we know whether one may."""
    return event.audience in {Audience.MEMBERS, Audience.COMMUNITY, Audience.INVITED}


def may_register(person: Person | None, event: Event, *, at: datetime) -> bool:
    """Whether this person, signed in, belongs to those whom the event is for, or was invited by name as a guest."""
    if event.audience in {Audience.EVERYBODY, Audience.PUBLIC_SECTOR}:
        return True
    if person is None:
        return False
    if queries.is_invited(person, event):
        return True
    if event.audience == Audience.MEMBERS:
        return people.is_member(person, at.date())
    return event.audience == Audience.COMMUNITY and communities.belongs_to_any(person, event.communities)


def needs_approval(person: Person, event: Event) -> bool:
    """Whether an organiser has to say yes first: to all, or to those whose address no public body is known for.

    To whoever was invited by name, yes has been said.
    """
    return asks_first(person.organisation, event) and not queries.is_invited(person, event)


def asks_first(organisation: Organisation | None, event: Event) -> bool:
    """Whether an organiser looks first at people of this body, or of none that is known."""
    is_of_public_body = organisation is not None and organisation.is_public
    return event.needs_approval or (event.audience == Audience.PUBLIC_SECTOR and not is_of_public_body)


def welcomes_circles(event: Event, *, at: datetime) -> bool:
    """Whether the people of an event's circles can say yes to it: while it takes their registrations."""
    return event.is_open(at) and event.starts_at > at and event.audience != Audience.INVITED


def opens_later(event: Event, *, at: datetime) -> bool:
    """Whether its registration will open, but has not yet."""
    return event.opens_at is not None and at < event.opens_at < event.registration_ends_at


def may_call(event: Event, *, at: datetime) -> bool:
    """Whether they are called to it: as long as nobody has stopped that."""
    return event.calling_stopped_at is None and welcomes_circles(event, at=at)


def may_organise(person: Person | None, event: Event) -> bool:
    """Whether somebody runs this event: the office, the leads of its circles, and who was asked for this one date."""
    if person is None:
        return False
    return person.is_office or queries.organises(person, event)


def may_become_circle(event: Event, *, at: datetime) -> bool:
    """Whether a community can come out of a date: it is over, it took place, and who was there is still known."""
    return event.ends_at <= at and event.stage == Stage.PUBLISHED and event.faded_at is None


def may_propose_circle(person: Person, event: Event) -> bool:
    """Whether somebody may make a community out of a date: the office, and who leads a circle that held it."""
    return person.is_office or any(communities.leads(person, one) for one in event.communities)


def may_see_dial_in(registration: Registration) -> bool:
    """Whether somebody gets the way in: confirmed people only."""
    return registration.state in {State.CONFIRMED, State.ATTENDED} and registration.event.stage == Stage.PUBLISHED


def is_door_open(event: Event, *, at: datetime) -> bool:
    """Whether people can be let in: from a day before the start on, also afterwards, from paper."""
    is_kept = event.faded_at is None
    return event.stage == Stage.PUBLISHED and is_kept and event.starts_at - DOOR_OPENS <= at


def joining_opens_at(event: Event) -> datetime:
    """When one's own door to the video conference opens."""
    return event.starts_at - timedelta(minutes=event.join_opens_minutes)


def is_joining_open(event: Event, *, at: datetime) -> bool:
    """Whether that door is open: from some minutes before the start until the end."""
    return bool(event.dial_in) and event.stage == Stage.PUBLISHED and joining_opens_at(event) <= at < event.ends_at


def is_room_open(event: Event, *, is_moderator: bool, at: datetime) -> bool:
    """Whether people can go into the room: organisers an hour earlier than everybody else, and so much longer."""
    spare = MODERATORS_SPARE if is_moderator else timedelta(0)
    is_in_time = joining_opens_at(event) - spare <= at < event.ends_at + spare
    return event.has_room and event.stage == Stage.PUBLISHED and is_in_time


def has_door(event: Event) -> bool:
    """Whether people come to a place, so that there is a code to show at the door."""
    return event.place != Place.VIRTUAL


def may_show_code(registration: Registration, *, at: datetime) -> bool:
    """Whether somebody has a code for the door: with a sure seat, until the event is over."""
    event = registration.event
    is_to_come = event.stage == Stage.PUBLISHED and event.ends_at > at
    return has_door(event) and is_to_come and registration.state in {State.CONFIRMED, State.ATTENDED}


def may_cancel(registration: Registration, *, at: datetime) -> bool:
    """Whether somebody can still withdraw: until the event is over, or attendance is noted."""
    return registration.is_active and registration.state not in NOTED and registration.event.ends_at > at


def may_change_answers(registration: Registration, *, at: datetime) -> bool:
    """Whether somebody can still change what they answered: until the event begins."""
    event = registration.event
    return registration.is_active and event.stage != Stage.CANCELLED and event.starts_at > at


def is_asked(question: Question, answers: Mapping[int, str]) -> bool:
    """Whether a question applies, given the answers to those before it, as Answer.value keeps them."""
    if question.shown_if_id is None:
        return True
    return question.shown_if_answer in answers.get(question.shown_if_id, "").split("\n")


def may_register_colleagues(event: Event) -> bool:
    """Whether one may register others too: only where nobody has to be signed in to be let in."""
    return event.takes_groups and not needs_sign_in(event)


def may_restore(registration: Registration, *, at: datetime) -> bool:
    """Whether a withdrawal can still be undone: within a day, while the event takes registrations.

    What organisers have ended, with a reason, one cannot undo oneself.
    """
    is_recent = registration.cancelled_at is not None and registration.cancelled_at > at - UNDO_TIME
    is_own = not registration.is_active and not registration.reason
    return is_own and is_recent and registration.event.is_open(at)


def may_transfer(registration: Registration, *, at: datetime) -> bool:
    """Whether a seat can go to a colleague: a sure one, until the event begins."""
    event = registration.event
    is_to_come = event.stage == Stage.PUBLISHED and event.starts_at > at
    return registration.state == State.CONFIRMED and is_to_come


#: Whoever had a place, once an event has begun; they see what stays of it for its participants.
PARTICIPANTS = frozenset(ATTENDANCE)
#: Who may say how it was: where nobody noted attendance, all who had a place.
MAY_RATE = frozenset({State.CONFIRMED, State.ATTENDED})


def may_have_certificate(registration: Registration, *, at: datetime) -> bool:
    """Whether somebody was there, at an event that is over and gives certificates."""
    event = registration.event
    return event.gives_certificates and event.ends_at <= at and registration.state == State.ATTENDED


def may_give_feedback(registration: Registration, *, at: datetime) -> bool:
    """Whether somebody may say how it was: after the end, and where the event asks."""
    event = registration.event
    is_over = event.ends_at <= at and event.stage == Stage.PUBLISHED
    return event.asks_feedback and is_over and registration.state in MAY_RATE


def viewers_for(
    person: Person | None, event: Event, registration: Registration | None = None
) -> frozenset[MaterialViewers]:
    """What must be said of an event's material for this reader to see it.

    `person` is who is signed in, if anybody; the registration is the one that the reader has shown to have.
    """
    if registration is not None and registration.state in PARTICIPANTS:
        return frozenset(MaterialViewers) - {MaterialViewers.NOBODY}
    if person is None:
        return frozenset({MaterialViewers.EVERYBODY})
    if communities.belongs_to_any(person, event.communities):
        return frozenset({MaterialViewers.EVERYBODY, MaterialViewers.SIGNED_IN, MaterialViewers.COMMUNITY})
    return frozenset({MaterialViewers.EVERYBODY, MaterialViewers.SIGNED_IN})


def may_see_participants(event: Event, registration: Registration | None) -> bool:
    """Whether somebody may see those participants who have agreed to it: all, or who comes too."""
    if event.participants_shown_to == Viewers.EVERYBODY:
        return True
    comes = registration is not None and registration.state in {State.CONFIRMED, State.ATTENDED}
    return event.participants_shown_to == Viewers.PARTICIPANTS and comes
