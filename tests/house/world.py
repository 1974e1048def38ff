"""The world that the laws of the house are tried in: a few people, their events, and secrets that nobody may leak.

Every personal or protected value is a canary: a word that stands nowhere else, so that it can be looked for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from nextevents.app import create_app
from nextevents.communities import messages as circle_messages
from nextevents.communities.messages import MINE
from nextevents.communities.models import Community
from nextevents.communities.models import Viewers as Readers
from nextevents.communities.services import its_list
from nextevents.demo.personas import PERSONAS
from nextevents.events import messages, messages_to_circles, messages_to_hosts
from nextevents.events.messages import REGISTRATION, TRANSFER
from nextevents.events.messages_to_circles import CALL
from nextevents.events.messages_to_many import INVITATION, Invited, announcements, invitations
from nextevents.events.messages_to_voters import POLL, VOTER, Asked, decided, own_link
from nextevents.events.messages_to_voters import asked as asking_mails
from nextevents.events.models import (
    Announcement,
    Audience,
    Call,
    Event,
    JointRequest,
    MaterialViewers,
    Place,
    ProposedCircle,
    Registration,
    Series,
    Stage,
    State,
    Transfer,
    Turn,
    Voter,
    VotesShown,
    WaitingMode,
)
from nextevents.events.queries import Called, Receiver
from nextevents.ground.database import READING, transaction, upgrade_database
from nextevents.ground.database import db as database
from nextevents.ground.rendered import Shelf, shelf
from nextevents.ground.tokens import pair, token_for
from nextevents.mailing.models import MailingList, Message
from nextevents.mailing.models import State as MailState
from nextevents.mailing.services import Mail, post
from nextevents.mailing.tasks import deliver_due
from nextevents.people import messages as people_messages
from nextevents.people.addresses import address_of
from nextevents.people.models import FEED, BrowserSession, Person, Proof, Purpose
from nextevents.people.services import ask_for_proof, begin_session, make_feed
from tests.conftest import new_database_url, settings_for
from tests.factories import (
    NOON,
    make_answer,
    make_belonging,
    make_certificate,
    make_community,
    make_document,
    make_event,
    make_file,
    make_invitation,
    make_lead,
    make_material,
    make_organisation,
    make_person,
    make_poll,
    make_question,
    make_registration,
    make_reminder_rule,
    make_result,
    make_transfer,
    make_voter,
)
from tests.house import campaigns, discussions, lists
from tests.house.visitors import Visitor

STRANGER, PARTICIPANT, OTHER, LEAD, NEIGHBOUR, OFFICE = ACTORS = (
    "stranger",
    "participant",
    "other",
    "lead",
    "neighbour",  # leads another circle than the lead
    "office",
)
NO_SUCH_NUMBER = 999_999

DIAL_IN = "https://konferenz.example/kanarie-offen"
MEMBERS_DIAL_IN = "https://konferenz.example/kanarie-mitglieder"
WAITING_DIAL_IN = "https://konferenz.example/kanarie-voll"
NEIGHBOURS_DIAL_IN = "https://konferenz.example/kanarie-nebenan"
INVITED_ADDRESS, INVITED_NAME = "kanarie.eingeladen@amt-offen.example", "Kanarie-Eingeladen"
TAKERS_ADDRESS, TAKERS_NAME = "kanarie.abnehmer@amt-offen.example", "Kanarie-Abnehmer"
VOTERS_ADDRESS, VOTERS_NAME = "kanarie.stimme@amt-offen.example", "Kanarie-Stimme"
NOTE_SENDER, NOTE_ADDRESS, NOTE_TEXT = "Kanarie-Fragend", "kanarie.fragend@amt-fragend.example", "Kanarie-Frage"
DRAFT_TITLE, DRAFT_TEXT = "Kanarie-Entwurf", "Kanarie-Entwurfstext"
UNPUBLISHED = "Kanarie-Werkstück"
NAMES = {actor: f"Kanarie-{actor.title()}" for actor in ACTORS if actor != STRANGER} | {
    "new": "Kanarie-Neuling",
    "guest": "Kanarie-Gast",  # comes to the neighbour's event and to no other
}
ADDRESSES = {actor: f"kanarie.{actor}@amt-{actor}.example" for actor in NAMES}
BODIES = {actor: f"Kanarie-Amt {actor.title()}" for actor in NAMES}


@dataclass
class World:
    """The numbers and secrets of what is in the database."""

    #: The secret of each actor's browser, and the numbers of their rows.
    secrets: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    #: Registrations by actor and event, such as ("participant", "offen").
    registrations: dict[tuple[str, str], int] = field(default_factory=dict)
    proofs: dict[Purpose, int] = field(default_factory=dict)
    #: Other rows by what their tokens are made for, such as "invitation".
    rows: dict[str, int] = field(default_factory=dict)
    #: What hangs on an event, by what it is and by event, such as ("question", "offen").
    parts: dict[tuple[str, str], int] = field(default_factory=dict)
    #: One of the times of the poll.
    time: int = 0
    #: What lies in the lead's circle's library, by who may see it, and a "file" for its people; and what it made.
    library: dict[str, int] = field(default_factory=dict)
    #: The code that stands on a certificate.
    certificate: str = ""
    #: Mails: one that was kept, one that has failed.
    kept_mail: int = 0
    failed_mail: int = 0
    #: The version of the event that the organisers' form shows.
    version: int = 0
    #: Whose turn it is to host in the lead's circle.
    turn: int = 0
    #: Campaigns: of the office's newsletter "sent" and "draft", and "circle" of the lead's own list.
    campaigns: dict[str, int] = field(default_factory=dict)
    #: Of that last one, the names of a text and of a picture, and the picture's number.
    blocks: tuple[str, str, int] = ("", "", 0)
    #: Of the newsletter: a "mailbox" on it, a "roster" that was handed in, its "version".
    lists: dict[str, int] = field(default_factory=dict)


class House:
    """The application with the demo and without it, on one database."""

    def __init__(self, kind: str, folder: Path) -> None:
        url = new_database_url(kind, folder)
        self.kind = kind
        self.with_demo = create_app(settings_for(folder, url))
        self.without_demo = create_app(settings_for(folder, url, demo=False))
        self.apps = (self.with_demo, self.without_demo)
        for app in self.apps:
            app.testing = True
            app.test_client_class = Visitor
        with self.with_demo.app_context():
            upgrade_database()
            self.world = _furnish()
        self.in_app(deliver_due.run)
        with self.with_demo.app_context():
            self.world.kept_mail, self.world.failed_mail = _mail_numbers()
            self.world.version = database.session.scalars(select(Event.version).where(Event.slug == "offen")).one()

    def close(self) -> None:
        """Let go of the database."""
        for app in self.apps:
            with app.app_context():
                database.engine.dispose()

    def app(self, *, demo: bool = True) -> Flask:
        """One of the two."""
        return self.with_demo if demo else self.without_demo

    def visitor(self, actor: str = STRANGER, *, demo: bool = True) -> Visitor:
        """A browser, signed in unless it is a stranger's."""
        visitor = self.app(demo=demo).test_client()
        return visitor.sign_in(self.world.secrets[actor]) if actor in self.world.secrets else visitor

    def path(self, endpoint: str, **values: object) -> str:
        """The path of a page."""
        with self.with_demo.test_request_context():
            return self.with_demo.url_for(endpoint, **values)

    def token(self, purpose: str, number: int) -> str:
        """The token of a row."""
        with self.with_demo.app_context():
            return token_for(purpose, number)

    def registration_token(self, actor: str, slug: str) -> str:
        """The token of somebody's registration."""
        return self.token(REGISTRATION, self.world.registrations[actor, slug])

    def row_token(self, purpose: str) -> str:
        """The token of the one row of that purpose."""
        return self.token(purpose, self.world.rows[purpose])

    def feed_token(self, actor: str) -> str:
        """The token of somebody's calendar address."""
        return self.token(FEED, self.world.feeds[actor])

    def proof_token(self, purpose: Purpose) -> str:
        """The token of the proof that was asked for."""
        return self.token(purpose, self.world.proofs[purpose])

    def event_number(self, slug: str) -> int:
        """The number of an event."""
        with self.with_demo.app_context():
            return database.session.scalars(select(Event.id).where(Event.slug == slug)).one()

    def in_app(self, work: Callable[..., object], *arguments: object) -> object:
        """Do something as the worker or the terminal does it: in an application context of its own."""

        def within() -> object:
            with self.with_demo.app_context():
                return work(*arguments)

        return Context().run(within)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo everything that happens inside, commits included. Inside stands an application context to look from."""
        with self.with_demo.app_context():
            connection = database.engine.connect()
            outer = connection.begin()
            kept = {app: self._engines(app) for app in self.apps}
            for app in self.apps:
                self._set_engines(app, {None: connection, READING: connection})
            database.session.remove()
            database.session.configure(join_transaction_mode="create_savepoint")
            self.forget()
            try:
                yield
            finally:
                database.session.remove()
                outer.rollback()
                connection.close()
                for app, engines in kept.items():
                    self._set_engines(app, engines)
                self.forget()

    def forget(self) -> None:
        """Forget what was rendered or known of a database that is not so any more."""
        vars(shelf).update(vars(Shelf()))
        for app in self.apps:
            for name in ("stored_forms", "form_drafts"):
                app.extensions.pop(name, None)

    @staticmethod
    def _engines(app: Flask) -> dict:
        with app.app_context():
            return dict(database.engines)

    @staticmethod
    def _set_engines(app: Flask, engines: dict) -> None:
        with app.app_context():
            database.engines.update(engines)


def _furnish() -> World:
    world = World()
    with transaction():
        _people(world)
        _events(world)
        _asked(world)
        _parts(world)
        _polls(world)
        _library(world)
        _campaigns(world)
        _lists(world)
        _mails(world)
    return world


def _campaigns(world: World) -> None:
    """The office has a newsletter, and the lead writes to the circle's own list."""
    circle = database.session.scalars(select(Community).where(Community.slug == "chatbot-community")).one()
    sent, draft = campaigns.newsletter(_person(world, OFFICE))
    own = campaigns.circles_draft(circle, _person(world, LEAD))
    world.campaigns = {"sent": sent.id, "draft": draft.id, "circle": own.id}
    words, picture = own.blocks
    world.blocks = (words["id"], picture["id"], picture["file_id"])


def _lists(world: World) -> None:
    for circle in database.session.scalars(select(Community)):
        its_list.list_of(circle, at=NOON)
    newsletter = database.session.scalars(select(MailingList).where(MailingList.slug == "newsletter")).one()
    lists.fill(newsletter, world.rows, world.lists, at=NOON)
    discussions.fill(_person(world, OFFICE), world.rows, world.lists, at=NOON)


def _people(world: World) -> None:
    make_organisation("Stadt Bekannt", domains=("stadt-bekannt.example",))
    make_person(PERSONAS[0].email, name=PERSONAS[0].name)
    for actor, name in NAMES.items():
        person = make_person(ADDRESSES[actor], name=name, proved=actor != "new", office=actor == OFFICE)
        person.organisation_name = BODIES[actor]
        world.people[actor] = person.id
        if actor in ACTORS:
            world.secrets[actor] = begin_session(person, browser=f"Browser von {actor}", at=NOON)
            world.feeds[actor] = make_feed(person, at=NOON).id
    for number, owner in database.session.execute(select(BrowserSession.id, BrowserSession.person_id)):
        actor = next(actor for actor, person in world.people.items() if person == owner)
        world.sessions[actor] = number


def _person(world: World, actor: str) -> Person:
    return database.session.get_one(Person, world.people[actor])


def _events(world: World) -> None:
    chatbot = make_community("chatbot-community", name="Chatbot", position=1)
    ethics = make_community("digitale-ethik", name="Digitale Ethik", position=2)
    data = make_community("open-data", name="Open Data", position=3)
    make_lead(_person(world, LEAD), chatbot)
    make_lead(_person(world, NEIGHBOUR), data)
    make_belonging(_person(world, PARTICIPANT), chatbot)
    both = (chatbot, ethics)
    series = Series(rule="FREQ=MONTHLY;INTERVAL=1;BYDAY=3WE;COUNT=2", made_at=NOON)
    made = {
        "serie": make_event(
            slug="serie",
            title="Serientreffen",
            starts=datetime(2027, 1, 20, 14),
            communities=(chatbot,),
            dial_in="",
            series=series,
        ),
        "offen": make_event(slug="offen", title="Offenes Treffen", communities=both, dial_in=DIAL_IN),
        "voll": make_event(
            slug="voll", title="Volles Treffen", capacity=1, communities=(chatbot,), dial_in=WAITING_DIAL_IN
        ),
        "angebot": make_event(
            slug="angebot", title="Treffen mit Angebot", capacity=1, waiting_mode=WaitingMode.OFFER, dial_in=""
        ),
        "mitglieder": make_event(
            slug="mitglieder", title="Mitgliedertreffen", audience=Audience.MEMBERS, dial_in=MEMBERS_DIAL_IN
        ),
        "vor-ort": make_event(
            slug="vor-ort", title="Treffen vor Ort", place=Place.IN_PRESENCE, address="Rathaus\n12345 Musterhafen"
        ),
        "abgesagt": make_event(slug="abgesagt", title="Abgesagtes Treffen", stage=Stage.CANCELLED, dial_in=""),
        "entwurf": make_event(
            slug="entwurf", title=DRAFT_TITLE, summary=DRAFT_TEXT, stage=Stage.DRAFT, communities=both, dial_in=""
        ),
        "nebenan": make_event(
            slug="nebenan",
            room="raum-nebenan",
            title="Treffen nebenan",
            communities=(data,),
            place=Place.HYBRID,
            address="Rathaus",
            dial_in=NEIGHBOURS_DIAL_IN,
        ),
        "gestern": make_event(
            slug="gestern",
            title="Gestriges Treffen",
            starts=(NOON - timedelta(days=1)).replace(tzinfo=None),
            communities=(chatbot,),
            gives_certificates=True,
            asks_feedback=True,
        ),
        "vorbei": make_event(
            slug="vorbei", title="Vergangenes Treffen", starts=(NOON - timedelta(days=200)).replace(tzinfo=None)
        ),
    }
    places = (
        (PARTICIPANT, "offen", State.CONFIRMED),
        (OTHER, "offen", State.CONFIRMED),
        ("new", "offen", State.UNCONFIRMED),
        (OTHER, "voll", State.CONFIRMED),
        (PARTICIPANT, "voll", State.WAITING),
        (PARTICIPANT, "angebot", State.OFFERED),
        (OTHER, "mitglieder", State.CONFIRMED),
        (PARTICIPANT, "vor-ort", State.CANCELLED),
        (PARTICIPANT, "abgesagt", State.CONFIRMED),
        (PARTICIPANT, "vorbei", State.ATTENDED),
        (PARTICIPANT, "gestern", State.ATTENDED),
        ("guest", "nebenan", State.CONFIRMED),
    )
    for actor, slug, state in places:
        registration = make_registration(made[slug], _person(world, actor), state=state)
        registration.organisation_name = BODIES[actor]
        registration.cancelled_at = NOON if state == State.CANCELLED else None
        world.registrations[actor, slug] = registration.id
    database.session.flush()


def _asked(world: World) -> None:
    """Somebody is invited to the open meeting, and somebody is offered the participant's seat there."""
    event = database.session.scalars(select(Event).where(Event.slug == "offen")).one()
    world.rows[INVITATION] = make_invitation(event, INVITED_ADDRESS, name=INVITED_NAME).id
    registration = database.session.get_one(Registration, world.registrations[PARTICIPANT, "offen"])
    world.rows[TRANSFER] = make_transfer(registration, TAKERS_ADDRESS, name=TAKERS_NAME).id
    _circles(world)


def _circles(world: World) -> None:
    """The participant belongs to a circle and is called to its next date; two events may become joint ones."""
    events = {one.slug: one for one in database.session.scalars(select(Event))}
    circles = {one.slug: one.id for one in database.session.scalars(select(Community))}
    person = world.people[PARTICIPANT]
    database.session.add(Call(event_id=events["serie"].id, person_id=person, called_at=NOON, proposed_at=NOON))
    world.rows[CALL] = pair(events["serie"].id, person)
    world.rows[MINE] = pair(circles["chatbot-community"], person)
    for slug, circle in (("offen", "open-data"), ("nebenan", "chatbot-community")):
        database.session.add(JointRequest(event_id=events[slug].id, community_id=circles[circle], asked_at=NOON))
        world.parts["joint", slug] = circles[circle]
    database.session.add(ProposedCircle(event_id=events["gestern"].id, name="Gestern", proposed_at=NOON))
    turn = Turn(community_id=circles["chatbot-community"], person_id=person, month=date(2027, 1, 1))
    database.session.add(turn)
    database.session.flush()
    world.turn = turn.id


def _polls(world: World) -> None:
    """A circle asks when to meet; somebody without an account has answered."""
    chatbot = database.session.scalars(select(Community).where(Community.slug == "chatbot-community")).one()
    poll = make_poll(chatbot, title="Wann im Dezember?", votes_shown=VotesShown.ORGANISERS)
    voter = make_voter(poll, VOTERS_ADDRESS, name=VOTERS_NAME)
    voter.voted_at = NOON
    world.rows[POLL], world.rows[VOTER] = poll.id, voter.id
    world.time = poll.options[0].id
    database.session.flush()


def _library(world: World) -> None:
    """A note for each kind of reader, a file, and what the circle has made: published, and not yet."""
    chatbot = database.session.scalars(select(Community).where(Community.slug == "chatbot-community")).one()
    for readers in Readers:
        document = make_document(chatbot, title=f"Notiz {readers}", text=f"Kanarie-Notiz-{readers}", viewers=readers)
        world.library[readers] = document.id
    file = make_document(chatbot, title="Kanarie-Datei", viewers=Readers.COMMUNITY, file=make_file())
    world.library["file"] = file.id
    make_result(chatbot, title="Papier", slug="papier", published_on=NOON.date())
    world.library["result"] = make_result(chatbot, title=UNPUBLISHED, slug="papier-entwurf").id


def _parts(world: World) -> None:
    """Whatever can hang on an event, at the lead's and at the neighbour's; and a certificate."""
    for actor, slug in ((PARTICIPANT, "offen"), ("guest", "nebenan")):
        event = database.session.scalars(select(Event).where(Event.slug == slug)).one()
        registration = database.session.get_one(Registration, world.registrations[actor, slug])
        question = make_question(event, label=f"Thema für {slug}?")
        parts = {
            "question": question,
            "answer": make_answer(registration, question, f"Kanarie-Antwort-{slug}", file=make_file()),
            "material": make_material(event, title=f"Kanarie-Folien-{slug}"),
            "reminder": make_reminder_rule(event),
            "registration": registration,
        }
        world.parts |= {(what, slug): part.id for what, part in parts.items()}
    full = database.session.scalars(select(Event).where(Event.slug == "voll")).one()
    for viewers in (MaterialViewers.COMMUNITY, MaterialViewers.SIGNED_IN):
        material = make_material(full, title=f"Kanarie-Folien-{viewers}", viewers=viewers)
        world.parts[f"material for {viewers}", "voll"] = material.id
    there = database.session.get_one(Registration, world.registrations[PARTICIPANT, "gestern"])
    world.certificate = make_certificate(there).code


def _mails(world: World) -> None:
    """One mail of every kind, of which one has failed and the one to sign in still waits."""
    for purpose, actor in ((Purpose.SIGN_IN, OTHER), (Purpose.REGISTRATION, "new"), (Purpose.BELONGING, "guest")):
        world.proofs[purpose] = ask_for_proof(purpose, address_of(ADDRESSES[actor]), at=NOON).id
    for mail in every_kind_of_mail(world, NOON):
        post(mail, at=NOON + timedelta(minutes=5) if mail.kind == "sign_in" else NOON)
    database.session.execute(
        update(Message)
        .where(Message.kind == "reminder")
        .values(state=MailState.FAILED, answer="550 5.1.1 no such user")
        .execution_options(synchronize_session=False)
    )


def every_kind_of_mail(world: World, at: datetime) -> list[Mail]:
    """One of each."""

    def of(actor: str, slug: str) -> Registration:
        return database.session.get_one(Registration, world.registrations[actor, slug])

    event = database.session.scalars(select(Event).where(Event.slug == "offen")).one()
    proofs = {purpose: database.session.get_one(Proof, number) for purpose, number in world.proofs.items()}
    reader = _person(world, OTHER)
    return [
        people_messages.sign_in(address_of(reader.address), proofs[Purpose.SIGN_IN], language=reader.language),
        messages.confirm_address(event, _person(world, "new"), proofs[Purpose.REGISTRATION]),
        messages.registered(of(PARTICIPANT, "offen"), at=at),
        messages.waiting(of(PARTICIPANT, "voll"), at=at),
        messages.seat_offered(of(PARTICIPANT, "angebot"), at=at),
        messages.moved_up(of(OTHER, "voll"), at=at),
        messages.offer_lapsed(of(PARTICIPANT, "vor-ort"), at=at),
        messages.cancelled_by_you(of(PARTICIPANT, "vor-ort"), at=at),
        messages.reminder(of(OTHER, "offen"), at=at),
        *messages.event_changed(event, [of(OTHER, "offen")], frozenset({"starts_local"}), at=at),
        *messages.event_cancelled([of(PARTICIPANT, "abgesagt")], at=at),
        *messages.event_postponed([of(OTHER, "offen")], at=at),
        messages.requested(of(OTHER, "offen"), at=at),
        messages.refused(of(PARTICIPANT, "vor-ort"), at=at),
        messages.registered_by_other(of(OTHER, "offen"), _person(world, PARTICIPANT), at=at),
        messages.cancelled_by_organisers(of(PARTICIPANT, "vor-ort"), at=at),
        messages.transfer_offered(database.session.get_one(Transfer, world.rows[TRANSFER]), reader.language),
        messages.transferred(of(PARTICIPANT, "vor-ort"), TAKERS_NAME, at=at),
        *_mails_of_the_poll(world, event, at),
        *_mails_of_circles(world, event, at),
        *invitations(event, [_invited(world, reminders) for reminders in (0, 1)], {}, at=at),
        *announcements(
            event,
            Announcement(id=1, subject="Raum", text="Wir sind **oben**."),
            [Receiver(world.registrations[OTHER, "offen"], reader.name, reader.address, reader.language)],
        ),
    ]


def _mails_of_circles(world: World, event: Event, at: datetime) -> list[Mail]:
    circle = event.communities[0]
    reader, guest = _person(world, OTHER), _person(world, "guest")
    proof = database.session.get_one(Proof, world.proofs[Purpose.BELONGING])
    meeting = database.session.scalars(select(Event).where(Event.slug == "serie")).one()
    person = _person(world, PARTICIPANT)
    called = Called(person.id, person.name, person.address, person.language, circle.id)
    registration = database.session.get_one(Registration, world.registrations[OTHER, "offen"])
    note = {"sender": NOTE_SENDER, "address": NOTE_ADDRESS, "text": NOTE_TEXT}
    circle.ends_on = circle.ends_on or at.date()
    return [
        circle_messages.confirm_belonging(circle, address_of(guest.address), proof, language="de"),
        circle_messages.joined(circle, reader, at=at),
        circle_messages.appointed(circle, guest, reader, at=at),
        circle_messages.note_to_leads(circle, guest, note, reply_to="eva@amt.example", nonce="eins", at=at),
        circle_messages.asked_to_close(circle, guest, closes_on=at.date(), at=at),
        *messages_to_circles.called(meeting, [called], at=at),
        *messages_to_circles.called_changed(meeting, [called], frozenset({"starts_local"}), at=at),
        *messages_to_circles.called_off(meeting, [called], at=at),
        *messages_to_circles.call_declined(meeting, person, at=at),
        *messages_to_circles.standing(event, [(registration, reader)], {reader.id: circle.id}, at=at),
        messages_to_hosts.your_turn(Turn(id=1, community=circle, person=reader, month=at.date()), at=at),
        messages_to_hosts.turn_handed(
            Turn(id=1, community=circle, person=reader, month=at.date()), guest, NOTE_TEXT, at=at
        ),
    ]


def _mails_of_the_poll(world: World, event: Event, at: datetime) -> list[Mail]:
    voter = database.session.get_one(Voter, world.rows[VOTER])
    asked = [Asked(voter.id, VOTERS_ADDRESS, VOTERS_ADDRESS, VOTERS_NAME, reminders) for reminders in (0, 1)]
    return [
        *asking_mails(voter.poll, asked, {}),
        own_link(voter, "de", at=at),
        *decided(voter.poll, event, asked[:1], {VOTERS_ADDRESS: world.rows[INVITATION]}, {}),
    ]


def _invited(world: World, reminders: int) -> Invited:
    return Invited(
        world.rows[INVITATION], INVITED_ADDRESS, INVITED_ADDRESS.casefold(), INVITED_NAME, reminders=reminders
    )


def _mail_numbers() -> tuple[int, int]:
    numbers = dict(database.session.execute(select(Message.kind, Message.id)).all())
    return numbers["registered"], numbers["reminder"]
