"""What the databases are filled with: as much as asked for, like what people write."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import insert

from bench.servers import Instance
from nextevents.communities.models import Community, Kind, Lead
from nextevents.events import services as events
from nextevents.events.models import Event, Format, Place, Registration, State
from nextevents.events.services import EventChange
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.ground.tokens import fingerprint
from nextevents.people.addresses import address_of
from nextevents.people.models import Person
from nextevents.people.queries import living_session
from nextevents.people.services import begin_session, make_office, person_with_address
from nextevents.people.signing_in import let_in

PORTION = 5_000
COMMUNITIES = ("Chatbot", "Datenlabor", "Digitale Ethik", "Machine Learning & KI", "Prozesse", "Registermodernisierung")
DESCRIPTION = """\
Drei Verwaltungen zeigen, was sie seit dem letzten Treffen gebaut haben, und was daran nicht ging.

## Ablauf

- Begrüßung und Neues aus der Community
- Werkstattbericht: **vom Antrag zum Bescheid** ohne Medienbruch
- Offene Runde, in der alle ihre Fragen mitbringen

Vorwissen braucht niemand. Die Folien stehen danach auf der [Seite der Community](https://next.example/community).
"""


def fill_with_events(instance: Instance, number: int) -> None:
    """So many coming events, spread over 120 days, each of one or two communities."""
    with instance.app.app_context(), transaction():
        at = clock.now()
        communities = [_community(name, position) for position, name in enumerate(COMMUNITIES)]
        db.session.add_all(communities)
        db.session.flush()
        for position in range(number):
            starts = timedelta(days=1 + position * 120 / number) + timedelta(minutes=position)
            chosen = [communities[position % 6], communities[position // 6 % 6]][: 1 + (position % 5 == 0)]
            _event(f"treffen-{position}", at, after=starts, communities=list(dict.fromkeys(chosen)))


def add_event(instance: Instance, slug: str, *, capacity: int | None) -> None:
    """One more event, tomorrow in ten weeks, that takes registrations."""
    with instance.app.app_context(), transaction():
        _event(slug, clock.now(), after=timedelta(days=70), capacity=capacity)


def _community(name: str, position: int) -> Community:
    slug = name.lower().replace(" & ", "-").replace(" ", "-")
    summary = f"Der Austausch über {name} in der öffentlichen Verwaltung."
    return Community(slug=slug, name=name, kind=Kind.COMMUNITY, summary=summary, position=position)


def add_draft(slug: str) -> Community:
    """A circle and the draft of its next meeting, within a transaction."""
    circle = _community("Ruf", 1)
    db.session.add(circle)
    db.session.flush()
    at = clock.now()
    _event(slug, at, after=timedelta(days=70), communities=[circle], is_draft=True)
    return circle


def add_people(slug: str, number: int) -> list[int]:
    """So many people, by their numbers, within a transaction."""
    at = clock.now()
    return _inserted([_person_row(slug, position, at) for position in range(number)])


def _event(
    slug: str,
    at: datetime,
    *,
    after: timedelta,
    communities: Sequence[Community] = (),
    capacity: int | None = 60,
    is_draft: bool = False,
) -> Event:
    starts = datetime.combine(clock.local(at + after).date(), time(14))
    change = EventChange(
        title=f"Vom Antrag zum Bescheid: {slug}",
        summary="Drei Verwaltungen zeigen, was sie gebaut haben, und was daran nicht ging.",
        description=DESCRIPTION,
        format=Format.COMMUNITY_MEETING,
        starts_local=starts,
        ends_local=starts + timedelta(hours=1, minutes=30),
        place=Place.VIRTUAL,
        dial_in=f"https://konferenz.next.example/{slug}",
        capacity=capacity,
    )
    event = events.make_event(slug, change, communities, at=at)
    if not is_draft:
        events.publish_event(event, at=at)
    return event


def fill_with_registrations(instance: Instance, slug: str, number: int) -> None:
    """So many people, all of them confirmed at one event. Nobody is told."""
    with instance.app.app_context(), transaction():
        at = clock.now()
        event = db.session.query(Event).where(Event.slug == slug).one()
        people = [_person_row(slug, position, at) for position in range(number)]
        numbers = _inserted(people)
        rows = (
            {
                "event_id": event.id,
                "person_id": person,
                "name": "Ada Beispiel",
                "organisation_name": "Stadt Beispiel",
                "state": State.CONFIRMED,
                "has_seat": True,
                "made_at": at,
                "revision": 0,
            }
            for person in numbers
        )
        _insert_all(Registration, list(rows))
        event.seats_taken += number


def _person_row(slug: str, position: int, at: datetime) -> dict[str, object]:
    domain = f"amt-{position % 40}.example"
    address = f"{slug}-{position}@{domain}"
    return {
        "typed_address": address,
        "address": address,
        "address_key": address,
        "domain": domain,
        "name": "Ada Beispiel",
        "organisation_name": "Stadt Beispiel",
        "language": "de",
        "is_office": False,
        "made_at": at,
        "proved_at": at,
    }


def _inserted(people: Sequence[dict[str, object]]) -> list[int]:
    numbers: list[int] = []
    for portion in _portions(people):
        numbers += db.session.scalars(insert(Person).returning(Person.id), portion)
    return numbers


def _insert_all(model: type[Registration], rows: Sequence[dict[str, object]]) -> None:
    for portion in _portions(rows):
        db.session.execute(insert(model), portion)


def _portions(rows: Sequence[dict[str, object]]) -> Iterable[list[dict[str, object]]]:
    return (list(rows[start : start + PORTION]) for start in range(0, len(rows), PORTION))


def cookie_of_office(instance: Instance) -> str:
    """The cookie of somebody of the office who has signed in."""
    at = clock.now()
    return _cookie_of(instance, "buero@next.example", lambda person: make_office(person, at=at))


def cookie_of_lead(instance: Instance, circle: int) -> str:
    """The cookie of whoever leads a circle, and has signed in."""

    def lead(person: Person) -> None:
        db.session.add(Lead(person_id=person.id, community_id=circle))

    return _cookie_of(instance, "leitung@amt.example", lead)


def _cookie_of(instance: Instance, address: str, appoint: Callable[[Person], object]) -> str:
    app, at = instance.app, clock.now()
    with app.test_request_context("/") as context:
        with transaction():
            person = person_with_address(address_of(address), name="Bea Beispiel", at=at)
            appoint(person)
            secret = begin_session(person, browser="Firefox, Linux", at=at)
        browser = living_session(fingerprint(secret), at)
        assert browser
        assert context.session is not None
        let_in(browser, secret)
        response = app.response_class()
        app.session_interface.save_session(app, context.session, response)
    return response.headers["Set-Cookie"].partition(";")[0]
