"""An event or a circle of a test's own on the running instance, with people; and looking at pages as on a phone."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page
from sqlalchemy import select

from nextevents.communities.models import Community, Kind
from nextevents.events.messages import REGISTRATION
from nextevents.events.models import State
from nextevents.ground.database import db
from nextevents.ground.tokens import token_for
from nextevents.people.models import Person
from tests.browser.axe import sticking_out, violations
from tests.browser.live import ADDRESSES, Live
from tests.factories import make_community, make_event, make_lead, make_person, make_registration

PHONE = 360


@dataclass
class OwnEvent:
    """Where it is, and the registrations at it."""

    live: Live
    slug: str
    #: The addresses of registrations' own pages, by name.
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The public page."""
        return f"/veranstaltungen/{self.slug}/"

    @property
    def desk(self) -> str:
        """The organisers' pages."""
        return f"{self.path}verwalten/"

    def states(self) -> dict[str, str]:
        """Where everybody is, by name."""
        rows = self.live.rows(
            "SELECT r.name, r.state FROM registration r JOIN event e ON e.id = r.event_id WHERE e.slug = :slug",
            slug=self.slug,
        )
        return dict(rows)  # type: ignore[arg-type]

    def waiting(self) -> list[str]:
        """Who waits, in order."""
        rows = self.live.rows(
            "SELECT r.name FROM registration r JOIN event e ON e.id = r.event_id"
            " WHERE e.slug = :slug AND r.state = 'waiting' ORDER BY r.waiting_since, r.id",
            slug=self.slug,
        )
        return [name for (name,) in rows]


def own_event(
    live: Live, title: str, people: Iterable[tuple[str, State]] = (), *, begins: timedelta, **values: object
) -> OwnEvent:
    """Make one that begins in so long, with these people; each has the address that address_of() gives."""
    at = datetime.now(UTC)
    made = OwnEvent(live, f"eigen-{uuid.uuid4().hex[:8]}")
    starts = (at + begins).replace(tzinfo=None, microsecond=0)
    with live.door():
        event = make_event(slug=made.slug, title=title, starts=starts, changed_at=at, **values)  # type: ignore[arg-type]
        event.set_time(starts, starts + timedelta(hours=1), "UTC")
        for number, (name, state) in enumerate(people):
            person = make_person(address_of(made, name), name=name)
            registered = make_registration(event, person, state=state, made_at=at - timedelta(minutes=60 - number))
            made.pages[name] = f"/anmeldung/{token_for(REGISTRATION, registered.id)}/"
    return made


def circle_of(name: str, *, kind: Kind = Kind.COMMUNITY) -> Community:
    """A circle of somebody's own, that no other test knows. Within an open door."""
    mark = uuid.uuid4().hex[:8]
    circle = make_community(f"runde-{mark}", name=f"Runde {mark}", kind=kind)
    make_lead(db.session.scalars(select(Person).where(Person.address == ADDRESSES[name])).one(), circle)
    return circle


def address_of(event: OwnEvent, name: str) -> str:
    """The address of somebody at an event of one's own."""
    return f"{name.split(maxsplit=1)[0].lower()}.{event.slug}@musterhafen.example"


def looked_at(page: Page) -> None:
    """Nothing of the page may lie beside the phone's screen, and everybody can use it."""
    assert sticking_out(page) == [], page.url
    assert violations(page) == [], page.url
