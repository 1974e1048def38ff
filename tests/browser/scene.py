"""One person for each kind of mail, whose registration is what the mail says, and a few pages that need one."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from sqlalchemy import select

from nextevents.events import messages
from nextevents.events.messages import REGISTRATION
from nextevents.events.models import Event, Place, Registration, Stage, State, WaitingMode
from nextevents.ground.database import db
from nextevents.ground.tokens import code_for, token_for
from nextevents.mailing.models import Message
from nextevents.mailing.services import Mail, post
from nextevents.people import messages as people_messages
from nextevents.people.addresses import Address, address_of
from nextevents.people.models import Proof, Purpose
from tests.browser.live import Live, wait_for
from tests.browser.scene_of_lists import KINDS_OF_LISTS, Lists
from tests.factories import make_event, make_person, make_registration

#: Every kind of mail, and the state of the registration that it is about.
STATES = {
    "confirm_address": State.UNCONFIRMED,
    "registered": State.CONFIRMED,
    "waiting": State.WAITING,
    "seat_offered": State.OFFERED,
    "moved_up": State.CONFIRMED,
    "offer_lapsed": State.CANCELLED,
    "cancelled_by_you": State.CANCELLED,
    "reminder": State.CONFIRMED,
    "event_changed": State.CONFIRMED,
    "event_cancelled": State.CONFIRMED,
}
KINDS = ("sign_in", *STATES, *KINDS_OF_LISTS)
EVENTS = {
    "waiting": "szene-voll",
    "moved_up": "szene-voll",
    "seat_offered": "szene-angebot",
    "offer_lapsed": "szene-angebot",
    "event_cancelled": "szene-abgesagt",
}


#: As long as words and addresses can be.
LONG_TITLE = f"Szene: {'Donaudampfschifffahrtsgesellschaft' * 5}"
LONG_ADDRESS = f"{'vorzimmer-der-amtsleitung-' * 2}kontakt@{'-'.join(['verbandsgemeindeverwaltung'] * 2)}.example"


class Scene:
    """The tokens, codes and mails of these people."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.registrations: dict[str, str] = {}
        self.proofs: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self._at = datetime.now(UTC)
        with live.door():
            self._make_events()
            for kind, state in STATES.items():
                self._make_registration(kind, state)
            self._make_attendance()
            for mail in [*self._mails(), self._long_mail()]:
                post(mail, at=self._at)
            Lists(self.address, self._at).send()
        wait_for(lambda: len(self._sent()) == len(KINDS), "all mails of the scene", within=60)
        self.mails: dict[str, int] = self._sent()

    def mail(self, kind: str) -> EmailMessage:
        """The mail of a kind as it was kept."""
        ((content,),) = self.live.rows("SELECT content FROM kept_mail WHERE message_id = :id", id=self.mails[kind])
        return message_from_bytes(content, policy=default)

    def deliver_again(self, kind: str) -> None:
        """Let the mail of a kind have been handed over just now."""
        with self.live.door():
            self._one(select(Message).where(Message.id == self.mails[kind])).sent_at = datetime.now(UTC)

    def address(self, kind: str) -> str:
        """The address to which the mail of a kind went."""
        return f"szene.{kind}@musterhafen.example"

    def _sent(self) -> dict[str, int]:
        question = "SELECT kind, id FROM message WHERE recipient LIKE 'szene.%' AND state = 'sent'"
        return {str(kind): int(number) for kind, number in self.live.rows(question)}

    def _make_events(self) -> None:
        starts = (self._at + timedelta(days=150)).replace(hour=14, minute=0, second=0, microsecond=0, tzinfo=None)
        make_event(slug="szene-offen", starts=starts, changed_at=self._at)
        make_event(slug="szene-voll", title="Szene: voll", capacity=1, starts=starts, changed_at=self._at)
        make_event(
            slug="szene-angebot",
            title="Szene: mit Angebot",
            capacity=1,
            starts=starts,
            waiting_mode=WaitingMode.OFFER,
            changed_at=self._at,
        )
        make_event(
            slug="szene-abgesagt", title="Szene: abgesagt", stage=Stage.CANCELLED, starts=starts, changed_at=self._at
        )
        make_event(
            slug="szene-entwurf",
            title="Szene: Entwurf",
            stage=Stage.DRAFT,
            starts=starts,
            place=Place.HYBRID,
            address="Rathaus Musterhafen\nMarkt 1\n12345 Musterhafen",
            changed_at=self._at,
        )
        make_event(slug="szene-lang", title=LONG_TITLE, stage=Stage.DRAFT, starts=starts, changed_at=self._at)
        make_event(slug="szene-vorbei", title="Szene: vorbei", starts=starts - timedelta(days=400), changed_at=self._at)

    def _event(self, kind: str) -> Event:
        slug = EVENTS.get(kind, "szene-offen")
        return self._one(select(Event).where(Event.slug == slug))

    def _one(self, question):
        return db.session.scalars(question).one()

    def _make_registration(self, kind: str, state: State) -> None:
        person = make_person(self.address(kind), name="Kim Szene", proved=state != State.UNCONFIRMED)
        registration = make_registration(self._event(kind), person, state=state, made_at=self._at)
        registration.cancelled_at = self._at if state == State.CANCELLED else None
        self.registrations[kind] = token_for(REGISTRATION, registration.id)

    def _make_attendance(self) -> None:
        event = self._one(select(Event).where(Event.slug == "szene-vorbei"))
        person = make_person("szene-vorbei@musterhafen.example", name="Kim Szene")
        registration = make_registration(event, person, state=State.ATTENDED, made_at=self._at - timedelta(days=300))
        self.registrations["attended"] = token_for(REGISTRATION, registration.id)

    def _mails(self) -> list[Mail]:
        address = address_of(self.address("sign_in"))
        make_person(address.routed, name="Kim Szene")
        sign_in = self._proof("sign_in", Purpose.SIGN_IN, address)
        confirm = self._proof("confirm_address", Purpose.REGISTRATION, address_of(self.address("confirm_address")))
        self._proof("used", Purpose.REGISTRATION, address_of("szene-benutzt@musterhafen.example")).used_at = self._at
        self._proof("used sign_in", Purpose.SIGN_IN, address).used_at = self._at
        unconfirmed = self._registration("confirm_address")
        of, at = self._registration, self._at
        return [
            people_messages.sign_in(address, sign_in, language="de"),
            messages.confirm_address(unconfirmed.event, unconfirmed.person, confirm),
            messages.registered(of("registered"), at=at),
            messages.waiting(of("waiting"), at=at),
            messages.seat_offered(of("seat_offered"), at=at),
            messages.moved_up(of("moved_up"), at=at),
            messages.offer_lapsed(of("offer_lapsed"), at=at),
            messages.cancelled_by_you(of("cancelled_by_you"), at=at),
            messages.reminder(of("reminder"), at=at),
            *messages.event_changed(
                self._event(""), [of("event_changed")], frozenset({"starts_local", "dial_in"}), at=at
            ),
            *messages.event_cancelled([of("event_cancelled")], at=at),
        ]

    def _long_mail(self) -> Mail:
        """What needs the most room in a table of mails: a long word for its kind, a long subject, a long address."""
        address = address_of(LONG_ADDRESS)
        person = make_person(address.routed, name="Kim Szene", proved=False)
        proof = self._proof("colleague", Purpose.REGISTRATION, address)
        event = self._one(select(Event).where(Event.slug == "szene-lang"))
        return messages.confirm_for_colleague(event, person, proof)

    def _registration(self, kind: str) -> Registration:
        return self._one(select(Registration).join(Registration.person).filter_by(address=self.address(kind)))

    def _proof(self, name: str, purpose: Purpose, address: Address) -> Proof:
        """A proof that lasts as long as the tests may take."""
        proof = Proof(
            purpose=purpose,
            typed_address=address.typed,
            address_key=address.key,
            made_at=self._at,
            expires_at=self._at + timedelta(days=1),
        )
        db.session.add(proof)
        db.session.flush()
        self.proofs[name] = token_for(purpose, proof.id)
        self.codes[name] = code_for(purpose, proof.id)
        return proof
