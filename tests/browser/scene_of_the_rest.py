"""Mails of the kinds that the scene has none of, so that robots find the links of every kind there is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from sqlalchemy import select

from nextevents.communities import messages as circle_messages
from nextevents.communities.models import Community
from nextevents.events import (
    messages,
    messages_about_replies,
    messages_about_times,
    messages_to_circles,
    messages_to_hosts,
)
from nextevents.events import messages_to_many as many
from nextevents.events import messages_to_voters as voters
from nextevents.events.messages import Reminding
from nextevents.events.models import Announcement, Call, Event, Registration, State, Turn
from nextevents.events.queries import Called, Receiver
from nextevents.ground.database import db
from nextevents.mailing.services import Mail, post
from nextevents.people.addresses import address_of
from nextevents.people.models import Proof, Purpose
from tests.browser.live import Live, wait_for
from tests.browser.scene import KINDS, Scene
from tests.browser.visiting import new_address
from tests.factories import make_invitation, make_person, make_poll, make_registration, make_transfer, make_voter
from tests.kinds_of_mail import every_kind

ADDRESS = "mehr.szene@musterhafen.example"


class Rest:
    """These mails, by their kinds."""

    def __init__(self, live: Live, scene: Scene) -> None:
        self._live = live
        self._at = datetime.now(UTC)
        self._scene = scene
        with live.door():
            self._fill()
            for mail in self._mails():
                post(replace(mail, recipient=ADDRESS), at=self._at)
        wanted = every_kind() - set(KINDS)
        wait_for(lambda: wanted <= self._sent().keys(), "all other mails", within=60)
        self._numbers = self._sent()

    @property
    def mails(self) -> list[EmailMessage]:
        """All of them as they were kept."""
        question = "SELECT content FROM kept_mail WHERE message_id = :id"
        found = [self._live.rows(question, id=number) for number in self._numbers.values()]
        return [message_from_bytes(content, policy=default) for ((content,),) in found]

    def _sent(self) -> dict[str, int]:
        question = "SELECT kind, id FROM message WHERE recipient = :address AND state = 'sent'"
        return {str(kind): int(number) for kind, number in self._live.rows(question, address=ADDRESS)}

    def _fill(self) -> None:
        self._person = make_person(ADDRESS, name="Kim Szene")
        self._event = self._one(select(Event).where(Event.slug == "szene-offen"))
        self._over = self._one(select(Event).where(Event.slug == "szene-vorbei"))
        self._circle = db.session.scalars(select(Community).order_by(Community.id)).first()
        self._coming = make_registration(self._event, self._person, made_at=self._at)
        self._there = make_registration(self._over, self._person, state=State.ATTENDED, made_at=self._at)
        self._over.gives_certificates = self._over.asks_feedback = True
        self._call = Call(event=self._event, person=self._person, called_at=self._at, comment="", proposed_at=self._at)
        db.session.add(self._call)
        self._poll = make_poll(self._circle, title="Szene: Wann?", closes_at=self._at + timedelta(days=30))
        self._voter = make_voter(self._poll, ADDRESS, name="Kim Szene")
        self._option = self._poll.options[0]
        self._option.uid = "szene-vorgemerkt"
        db.session.flush()

    def _one(self, question):
        return db.session.scalars(question).one()

    def _mails(self) -> Iterable[Mail]:
        yield from self._about_the_registration()
        yield from self._about_answers()
        yield from self._to_voters()
        yield from self._to_circles()

    def _about_the_registration(self) -> Iterable[Mail]:
        coming, there, person, at = self._coming, self._there, self._person, self._at
        cancelled = self._one(
            select(Registration).join(Registration.person).filter_by(address=self._scene.address("cancelled_by_you"))
        )
        transfer = make_transfer(coming, "mehr.abnehmer@musterhafen.example")
        transfer.made_at, transfer.expires_at = at, at + timedelta(days=2)
        proof = self._proof(Purpose.REGISTRATION)
        yield messages.confirm_for_colleague(self._event, person, proof)
        yield messages.declined(cancelled, at=at)
        yield messages.requested(coming, at=at)
        yield messages.refused(cancelled, at=at)
        yield messages.registered_by_other(coming, person, at=at)
        yield messages.cancelled_by_organisers(cancelled, at=at)
        yield messages.transfer_offered(transfer, "de")
        yield messages.transferred(cancelled, "Bo Beispiel", at=at)
        yield messages.certificate(there, at=at)
        yield messages.feedback_asked(there, at=at)
        yield messages.reminder(
            there, Reminding(self._over.ends_at + timedelta(hours=1), at + timedelta(days=1)), at=at
        )
        yield from messages.event_postponed([coming], at=at)

    def _about_answers(self) -> Iterable[Mail]:
        yield messages_about_replies.please_confirm(self._event, self._person, self._coming, at=self._at)
        yield messages_about_replies.proposal_refused(self._call, at=self._at)

    def _to_voters(self) -> Iterable[Mail]:
        at, one = self._at, self._voter
        asked = [voters.Asked(one.id, one.address, one.address_key, one.name, reminders) for reminders in (0, 1)]
        # of somebody who is not registered yet, so that there is something to answer
        invitation = make_invitation(self._event, new_address(), name="Kim Szene").id
        receivers = [messages_about_times.Receiver(one.id, one.address, one.name, "de")]
        invited = [many.Invited(invitation, ADDRESS, ADDRESS, "Kim Szene", reminders=number) for number in (0, 1)]
        yield from voters.asked(self._poll, asked, {})
        yield voters.own_link(one, "de", at=at)
        yield from voters.decided(self._poll, self._event, asked[:1], {one.address_key: invitation}, {})
        yield from messages_about_times.held(self._option, receivers, at=at)
        yield from messages_about_times.released(self._option, receivers, at=at)
        yield from many.invitations(self._event, invited, {}, at=at)
        yield from many.announcements(
            self._event,
            Announcement(id=1_000_000, subject="Raum", text="Wir sind **oben**."),
            [Receiver(self._coming.id, "Kim Szene", ADDRESS, "de")],
        )

    def _to_circles(self) -> Iterable[Mail]:
        at, circle, person, event = self._at, self._circle, self._person, self._event
        called = [Called(person.id, person.name, person.address, person.language, circle.id)]
        note = {"sender": "Kim Frage", "address": "kim.frage@musterhafen.example", "text": "Wer hilft?"}
        turn = Turn(id=1, community=circle, person=person, month=at.date())
        proof = self._proof(Purpose.BELONGING)
        yield circle_messages.confirm_belonging(circle, address_of(ADDRESS), proof, language="de")
        yield circle_messages.joined(circle, person, at=at)
        yield circle_messages.appointed(circle, person, person, at=at)
        yield circle_messages.note_to_leads(circle, person, note, reply_to=ADDRESS, nonce="szene", at=at)
        yield circle_messages.asked_to_close(circle, person, closes_on=at.date(), at=at)
        yield from messages_to_circles.called(event, called, at=at)
        yield from messages_to_circles.called_changed(event, called, frozenset({"starts_local"}), at=at)
        yield from messages_to_circles.called_off(event, called, at=at)
        yield from messages_to_circles.call_declined(event, person, at=at)
        yield from messages_to_circles.standing(event, [(self._coming, person)], {person.id: circle.id}, at=at)
        yield messages_to_circles.circle_founded(circle, event, person, at=at)
        yield messages_to_hosts.your_turn(turn, at=at)
        yield messages_to_hosts.turn_handed(turn, person, "Bin im Urlaub.", at=at)

    def _proof(self, purpose: Purpose) -> Proof:
        proof = Proof(
            purpose=purpose,
            typed_address=ADDRESS,
            address_key=ADDRESS,
            made_at=self._at,
            expires_at=self._at + timedelta(days=1),
        )
        db.session.add(proof)
        db.session.flush()
        return proof
