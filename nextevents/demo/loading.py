"""Loading the made-up world: communities, bodies, people, the archive of 2022, and what comes in the next year."""

import random
from datetime import date, datetime, time, timedelta

from ..communities import services as circles
from ..communities.models import Belonging, Community, Kind, Lead
from ..communities.models import Viewers as Readers
from ..events import services as events
from ..events.models import (
    Audience,
    Event,
    Format,
    Place,
    Question,
    QuestionKind,
    Registration,
    Stage,
    State,
    Viewers,
    WaitingMode,
)
from ..events.services import EventChange, import_rows
from ..ground import clock
from ..ground.database import db
from ..ground.documents import Upload
from ..people import services as people
from ..people.addresses import address_of
from ..people.models import Level, Membership, MembershipKind, Person
from . import content
from .closing import load_closing
from .lists import give_list, load_lists, subscribe_belonging
from .newsletters import load_newsletter
from .personas import LEAD, OFFICE, PARTICIPANT, PERSONAS
from .scheduling import load_scheduling

PEOPLE = 400
SEED = 7


def load_demo(*, at: datetime) -> None:
    """Fill an empty database. The dates ahead are counted from today."""
    chance = random.Random(SEED)  # noqa: S311 - made-up people, no secret
    communities = _load_communities(at)
    _load_organisations()
    list(import_rows(content.past_events_table(), at=at))
    crowd = _load_people(at)
    for one in content.coming_events(clock.local(at).date()):
        event = _load_event(one, communities, at)
        _fill(event, one, crowd, chance, at)
    _load_what_is_going_on(communities["chatbot-community"], crowd, chance, at)
    _load_belongings(list(communities.values()), crowd, chance, at)
    personas = _load_personas(communities, at)
    load_scheduling(communities, crowd, personas[LEAD], at=at)
    load_closing(communities["chatbot-community"], crowd, personas[PARTICIPANT], at=at)
    _load_libraries(communities, at)
    load_newsletter(crowd, personas[OFFICE], chance, at)
    load_lists(crowd, personas[OFFICE], at)


def _load_communities(at: datetime) -> dict[str, Community]:
    made = {}
    for position, one in enumerate(content.communities()):
        community = Community(
            slug=one.slug,
            name=one.name,
            kind=Kind(one.kind),
            summary=one.summary,
            description=one.description,
            position=position,
            ended_on=one.ended_on,
        )
        db.session.add(community)
        made[one.slug] = community
    db.session.flush()
    for community in made.values():
        give_list(community, at)
    return made


def _load_organisations() -> None:
    for one in content.organisations():
        organisation = people.make_organisation(one.name, Level(one.level))
        for domain in one.domains:
            people.assign_domain(address_of(f"post@{domain}").domain, organisation)


def _load_people(at: datetime) -> list[Person]:
    crowd = []
    for one in content.people(PEOPLE, SEED):
        person = people.person_with_address(
            address_of(one.email), name=one.name, organisation_name=one.organisation, at=at - timedelta(days=200)
        )
        people.mark_proved(person, at=at - timedelta(days=200))
        crowd.append(person)
    db.session.flush()
    return crowd


def _load_event(one: content.ComingEvent, communities: dict[str, Community], at: datetime) -> Event:
    starts, ends = one.starts_at, one.ends_at
    if one.all_day:
        starts, ends = _midnight(starts.date()), _midnight(ends.date() + timedelta(days=1))
    change = EventChange(
        title=one.title,
        summary=one.summary,
        description=one.description.strip(),
        format=Format(one.format),
        starts_local=starts,
        ends_local=ends,
        is_all_day=one.all_day,
        place=Place(one.place),
        address=one.address or "",
        dial_in=one.dial_in or "",
        audience=Audience(one.audience),
        takes_registrations=one.registration == "here",
        website=one.website or "",
        capacity=one.capacity,
        waiting_mode=WaitingMode(one.waiting_mode),
    )
    event = events.make_event(one.slug, change, [communities[slug] for slug in one.communities], at=at)
    event.stage = Stage.CANCELLED if one.cancelled else Stage.PUBLISHED
    return event


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _fill(event: Event, one: content.ComingEvent, crowd: list[Person], chance: random.Random, at: datetime) -> None:
    """Seat as many as the content says, and let some wait. No mail: they registered some time ago."""
    if not event.takes_registrations:
        return
    seated = min(one.registrations, len(crowd))
    _seat(event, chance.sample(crowd, min(seated + one.waiting, len(crowd))), chance, at, seats=seated)


def _seat(event: Event, people: list[Person], chance: random.Random, at: datetime, *, seats: int | None = None) -> None:
    seated = len(people) if seats is None else seats
    for position, person in enumerate(people):
        made_at = at - timedelta(minutes=chance.randrange(60, 60 * 24 * 40))
        is_seated = position < seated
        db.session.add(
            Registration(
                event=event,
                person=person,
                name=person.name,
                organisation_name=person.body,
                state=State.CONFIRMED if is_seated else State.WAITING,
                has_seat=is_seated,
                made_at=made_at,
                waiting_since=None if is_seated else made_at,
            )
        )
    event.seats_taken = seated
    db.session.flush()


def _load_what_is_going_on(circle: Community, crowd: list[Person], chance: random.Random, at: datetime) -> None:
    """A meeting in presence that begins in a few hours, and one that is just over: to try the door and closing on."""
    hour = clock.local(at).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    today = EventChange(
        title="Bots zum Anfassen: Werkstatt vor Ort",
        summary="Wir bauen in drei Stunden einen Auskunftsbot und lassen ihn scheitern.",
        description="Bringen Sie ein Gerät mit. Kaffee ist da.",
        format=Format.COMMUNITY_MEETING,
        starts_local=hour + timedelta(hours=3),
        ends_local=hour + timedelta(hours=6),
        place=Place.IN_PRESENCE,
        address="Rathaus Musterhafen\nHafenplatz 1\n12345 Musterhafen",
        asks_photos=True,
        participants_shown_to=Viewers.PARTICIPANTS,
    )
    lately = EventChange(
        title="Was Bots nicht wissen dürfen",
        summary="Datenschutz und Auskunft: drei Fälle aus der Praxis.",
        description="Mit Fragen aus der Runde.",
        format=Format.COMMUNITY_MEETING,
        starts_local=hour - timedelta(days=9, hours=2),
        ends_local=hour - timedelta(days=9),
        place=Place.VIRTUAL,
        dial_in="https://konferenz.next.example/chatbot",
    )
    for slug, change, count in (("bots-zum-anfassen", today, 24), ("bots-und-auskunft", lately, 31)):
        event = events.make_event(slug, change, [circle], at=at)
        event.stage, event.capacity = Stage.PUBLISHED, 40
        event.gives_certificates = event.asks_feedback = True
        if event.place == Place.IN_PRESENCE:
            _ask_for_food(event)
        _seat(event, chance.sample(crowd, count), chance, at)


def _ask_for_food(event: Event) -> None:
    kinds = ["Alles", "Vegetarisch", "Vegan"]
    db.session.add(Question(event_id=event.id, kind=QuestionKind.ONE_OF, label="Was möchten Sie essen?", options=kinds))
    db.session.flush()


def _load_belongings(communities: list[Community], crowd: list[Person], chance: random.Random, at: datetime) -> None:
    circles = [community for community in communities if community.kind == Kind.COMMUNITY]
    for community in circles:
        for person in chance.sample(crowd, chance.randrange(25, 90)):
            db.session.add(Belonging(community_id=community.id, person_id=person.id, since=at - timedelta(days=90)))
            subscribe_belonging(community, person, at - timedelta(days=90))
    db.session.flush()


def _load_libraries(communities: dict[str, Community], at: datetime) -> None:
    by = people.person_with_address(address_of(PERSONAS[0].email), name=PERSONAS[0].name, at=at)
    for days, one in enumerate(reversed(content.documents()), start=1):
        wish = circles.DocumentWish(title=one.title, viewers=Readers(one.viewers), text=one.text.strip(), url=one.url)
        circles.add_document(
            communities[one.community], wish, upload=_upload(one.file), by=by, at=at - timedelta(days=60 - 7 * days)
        )
    for result in content.results():
        made = circles.ResultWish(
            title=result.title,
            authors=result.authors,
            abstract=result.abstract.strip(),
            published_on=result.published_on,
        )
        circles.add_result(communities[result.community], made, upload=_upload(result.file), at=at)


def _upload(name: str) -> Upload | None:
    return Upload(name=name, content=content.file(name)) if name else None


def _load_personas(communities: dict[str, Community], at: datetime) -> dict[str, Person]:
    found = {}
    for persona in PERSONAS:
        person = people.person_with_address(address_of(persona.email), name=persona.name, at=at)
        people.mark_proved(person, at=at)
        found[persona.key] = person
    people.make_office(found[OFFICE], at=at)
    db.session.add(Lead(community_id=communities["chatbot-community"].id, person_id=found[LEAD].id))
    db.session.add(
        Membership(kind=MembershipKind.PERSONAL, person_id=found[LEAD].id, began_on=at.date() - timedelta(days=365))
    )
    for slug in ("chatbot-community", "digitale-ethik"):
        db.session.add(Belonging(community_id=communities[slug].id, person_id=found[PARTICIPANT].id, since=at))
        subscribe_belonging(communities[slug], found[PARTICIPANT], at)
    db.session.flush()
    return found
