"""One factory per table, with no surprises: what is not said is plain and valid."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from nextevents.communities.models import Belonging, Community, Document, Kind, Lead, Result
from nextevents.communities.models import Viewers as Readers
from nextevents.communities.services import its_list
from nextevents.events.models import (
    Answer,
    Certificate,
    Event,
    Format,
    Invitation,
    Material,
    MaterialKind,
    MaterialViewers,
    Place,
    Poll,
    PollOption,
    Question,
    QuestionKind,
    Registration,
    ReminderRule,
    Stage,
    State,
    Transfer,
    Voter,
    WaitingMode,
)
from nextevents.ground.clock import moment_of
from nextevents.ground.database import db
from nextevents.ground.files import File
from nextevents.ground.text import search_key
from nextevents.mailing.models import ListKind, MailingList
from nextevents.people.models import Domain, Level, Organisation, Person

_numbers = count(1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def make_organisation(name: str = "", *, level: Level = Level.MUNICIPAL, domains: tuple[str, ...] = ()) -> Organisation:
    """A public body with its mail domains."""
    organisation = Organisation(name=name or f"Stadt Beispiel {next(_numbers)}", level=level)
    organisation.domains = [Domain(name=domain) for domain in domains]
    return _saved(organisation)


def make_person(
    address: str = "", *, name: str = "Ada Beispiel", proved: bool = True, office: bool = False, language: str = "de"
) -> Person:
    """Somebody with a proved address."""
    address = address or f"person{next(_numbers)}@stadt.example"
    person = Person(
        typed_address=address,
        address=address,
        address_key=address.casefold(),
        domain=address.rpartition("@")[2],
        name=name,
        language=language,
        is_office=office,
        made_at=NOON - timedelta(days=30),
        proved_at=NOON - timedelta(days=30) if proved else None,
    )
    return _saved(person)


def make_community(slug: str = "", *, name: str = "", kind: Kind = Kind.COMMUNITY, position: int = 0) -> Community:
    """A circle."""
    slug = slug or f"community-{next(_numbers)}"
    return _saved(
        Community(slug=slug, name=name or slug.title(), kind=kind, summary="Worum es geht.", position=position)
    )


def make_mailing_list(slug: str = "", **values: object) -> MailingList:
    """An open list of announcements that everybody may subscribe to."""
    slug = slug or f"liste-{next(_numbers)}"
    defaults: dict[str, object] = {"name": f"Verteiler {slug}", "kind": ListKind.ANNOUNCEMENTS, "made_at": NOON}
    return _saved(MailingList(slug=slug, **(defaults | values)))


def make_belonging(person: Person, community: Community) -> Belonging:
    """That somebody belongs to a circle, and is on its list."""
    its_list.subscribe(community, person, by="joined", at=NOON)
    return _saved(Belonging(person_id=person.id, community_id=community.id, since=NOON))


def make_lead(person: Person, community: Community) -> Lead:
    """That somebody runs a circle."""
    return _saved(Lead(person_id=person.id, community_id=community.id))


def make_document(
    community: Community,
    *,
    title: str = "Leitfaden",
    text: str = "",
    url: str = "",
    viewers: Readers = Readers.EVERYBODY,
    file: File | None = None,
) -> Document:
    """Something in a circle's library: a file, a link, or else a note."""
    return _saved(
        Document(
            community_id=community.id,
            title=title,
            text=text,
            url=url,
            viewers=viewers,
            file=file,
            search_text=search_key(f"{title}\n{text}"),
            made_at=NOON,
        )
    )


def make_result(
    community: Community, *, title: str = "Was bleibt", published_on: date | None = None, **values: object
) -> Result:
    """What a workshop has made, not published unless a day is named."""
    defaults: dict[str, object] = {
        "authors": "Kim Probe; Alex Muster",
        "abstract": "Ein **Papier** für die Praxis.",
        "file": make_file(name="papier.pdf"),
    }
    slug = f"werkstueck-{next(_numbers)}"
    return _saved(
        Result(
            community=community,
            title=title,
            published_on=published_on,
            search_text=search_key(title),
            **({"slug": slug} | defaults | values),
        )
    )


def make_event(
    *,
    title: str = "Sprachmodelle im Bürgeramt",
    slug: str = "",
    starts: datetime = datetime(2026, 12, 2, 14, 0),
    hours: float = 1.5,
    capacity: int | None = 60,
    stage: Stage = Stage.PUBLISHED,
    communities: tuple[Community, ...] = (),
    waiting_mode: WaitingMode = WaitingMode.MOVE_UP,
    **values: object,
) -> Event:
    """A published, virtual community meeting on Wednesday, 2 December 2026, 14:00 to 15:30 in Berlin."""
    defaults: dict[str, object] = {
        "format": Format.COMMUNITY_MEETING,
        "place": Place.VIRTUAL,
        "dial_in": "https://konferenz.next.example/sprachmodelle",
        "summary": "Drei Städte berichten.",
        "changed_at": NOON - timedelta(days=10),
    }
    event = Event(
        slug=slug or f"termin-{next(_numbers)}",
        title=title,
        capacity=capacity,
        stage=stage,
        waiting_mode=waiting_mode,
        search_text=search_key(title),
        seats_taken=0,
        sequence=0,
        **(defaults | values),
    )
    event.set_time(starts, starts + timedelta(hours=hours))
    event.communities = list(communities)
    return _saved(event)


def make_registration(
    event: Event, person: Person | None = None, *, state: State = State.CONFIRMED, made_at: datetime = NOON
) -> Registration:
    """A place at an event, with its seat counted where the state holds one."""
    person = person or make_person()
    has_seat = state in {State.CONFIRMED, State.OFFERED, State.UNCONFIRMED, State.ATTENDED}
    registration = Registration(
        event=event,
        person=person,
        name=person.name,
        state=state,
        has_seat=has_seat,
        made_at=made_at,
        waiting_since=made_at if state == State.WAITING else None,
        expires_at=made_at + timedelta(hours=24) if state in {State.UNCONFIRMED, State.OFFERED} else None,
    )
    event.seats_taken += has_seat
    return _saved(registration)


def make_invitation(event: Event, address: str = "", *, name: str = "") -> Invitation:
    """That somebody is asked to come."""
    address = address or f"person{next(_numbers)}@stadt.example"
    return _saved(
        Invitation(event=event, address=address, address_key=address.casefold(), name=name, reminders=0, made_at=NOON)
    )


def make_transfer(registration: Registration, address: str = "", *, name: str = "Bo Beispiel") -> Transfer:
    """A seat that is offered to a colleague for three days."""
    address = address or f"person{next(_numbers)}@stadt.example"
    return _saved(
        Transfer(
            registration=registration,
            name=name,
            address=address,
            address_key=address.casefold(),
            made_at=NOON,
            expires_at=NOON + timedelta(days=3),
        )
    )


def make_file(content: bytes = b"%PDF-1.7 leer", *, name: str = "unterlage.pdf") -> File:
    """A file as somebody has uploaded it."""
    return _saved(File(name=name, content_type="application/pdf", size=len(content), content=content, made_at=NOON))


def make_question(
    event: Event, *, kind: QuestionKind = QuestionKind.LINE, label: str = "Was ist Ihr Thema?", **values: object
) -> Question:
    """One question of an event's form, optional and for participants; those with options have three."""
    has_options = kind in {QuestionKind.ONE_OF, QuestionKind.SEVERAL_OF}
    defaults: dict[str, object] = {
        "options": ["Bahn", "Auto", "Rad"] if has_options else [],
        "position": next(_numbers),
    }
    return _saved(Question(event_id=event.id, kind=kind, label=label, **(defaults | values)))


def make_answer(
    registration: Registration, question: Question, value: str = "Bots", *, file: File | None = None
) -> Answer:
    """What somebody answered."""
    return _saved(Answer(registration=registration, question=question, value=value, file=file))


def make_material(
    event: Event,
    *,
    title: str = "Folien",
    viewers: MaterialViewers = MaterialViewers.PARTICIPANTS,
    file: File | None = None,
) -> Material:
    """A file that stays of an event."""
    file = file or make_file()
    return _saved(
        Material(
            event_id=event.id,
            kind=MaterialKind.FILE,
            title=title,
            viewers=viewers,
            search_text=search_key(title),
            file=file,
            made_at=NOON,
        )
    )


def make_reminder_rule(event: Event, *, minutes: int = -1440) -> ReminderRule:
    """A reminder of those who come, a day before."""
    return _saved(ReminderRule(event=event, minutes=minutes, states=[State.CONFIRMED.value]))


def make_certificate(registration: Registration, *, code: str = "HMNP-R2TW-X479") -> Certificate:
    """The paper that says that somebody was there."""
    return _saved(
        Certificate(
            event=registration.event,
            registration_id=registration.id,
            code=code,
            name=registration.name,
            organisation_name=registration.organisation_name,
            issued_at=NOON,
        )
    )


def make_poll(
    community: Community,
    *,
    title: str = "Wann passt es?",
    starts: tuple[datetime, ...] = (datetime(2026, 12, 8, 14, 0), datetime(2026, 12, 9, 10, 0)),
    **values: object,
) -> Poll:
    """A poll about two times in December, open until 1 December 2026."""
    defaults: dict[str, object] = {"closes_at": datetime(2026, 12, 1, 12, tzinfo=UTC), "made_at": NOON}
    poll = Poll(community=community, title=title, **(defaults | values))
    poll.options = [
        PollOption(
            starts_local=one,
            ends_local=one + timedelta(hours=1),
            starts_at=moment_of(one),
            ends_at=moment_of(one + timedelta(hours=1)),
        )
        for one in starts
    ]
    return _saved(poll)


def make_voter(poll: Poll, address: str = "", *, name: str = "", person: Person | None = None) -> Voter:
    """Somebody who was asked by mail, and has not voted."""
    address = person.address if person else address or f"person{next(_numbers)}@stadt.example"
    return _saved(
        Voter(
            poll=poll,
            address=address,
            address_key=address.casefold(),
            name=name,
            person=person,
            comment="",
            asked_at=NOON,
            reminders=0,
        )
    )


def _saved(row):
    db.session.add(row)
    db.session.flush()
    return row
