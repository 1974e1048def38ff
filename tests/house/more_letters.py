"""Mails of the kinds that the world of the laws has none of, so that there is a letter of every kind there is."""

from datetime import datetime, timedelta

from sqlalchemy import select

from nextevents.events import messages, messages_about_replies, messages_about_times, messages_to_circles
from nextevents.events.messages import Reminding
from nextevents.events.messages_to_voters import VOTER
from nextevents.events.models import Call, Event, Registration, Voter
from nextevents.ground.database import db, transaction
from nextevents.mailing import messages_of_bounces, messages_of_lists, messages_of_posts, services
from nextevents.mailing.addresses import unsubscribe_url
from nextevents.mailing.bounces import Report
from nextevents.mailing.models import BounceKind, Campaign, Delivery, Mailbox, MailingList, Post, PostState
from nextevents.mailing.services import Declaration, Mail, distributing
from nextevents.newsroom import audience, messages_to_keepers
from nextevents.newsroom.tasks import expand_campaigns
from nextevents.people.addresses import address_of
from nextevents.people.models import Person, Proof, Purpose
from tests.factories import NOON
from tests.house import discussions
from tests.house.world import OFFICE, OTHER, PARTICIPANT, VOTERS_ADDRESS, VOTERS_NAME, House, World

_WORDS = Declaration(text="Ja.", language="de", form_url="http://localhost/newsletter/", was_ticked=True)


def write_every_other_kind(house: House) -> None:
    """Write a mail of each kind that the world has none of."""
    with transaction():
        for mail in [*_of_events(house.world, NOON), *_of_lists(house.world, NOON)]:
            services.post(mail, at=NOON)
        _subscribe_and_send(house.world, NOON)
    house.in_app(expand_campaigns.run)


def _of_events(world: World, at: datetime) -> list[Mail]:
    def of(actor: str, slug: str) -> Registration:
        return db.session.get_one(Registration, world.registrations[actor, slug])

    there, coming = of(PARTICIPANT, "gestern"), of(OTHER, "offen")
    new = db.session.get_one(Person, world.people["new"])
    serie = db.session.scalars(select(Event).where(Event.slug == "serie")).one()
    call = db.session.get_one(Call, (serie.id, world.people[PARTICIPANT]))
    voter = db.session.get_one(Voter, world.rows[VOTER])
    option = voter.poll.options[0]
    option.uid = "vorgemerkt"
    asked = [messages_about_times.Receiver(voter.id, VOTERS_ADDRESS, VOTERS_NAME, "de")]
    afterwards = Reminding(there.event.ends_at + timedelta(hours=1), at + timedelta(days=1))
    proof = db.session.get_one(Proof, world.proofs[Purpose.REGISTRATION])
    return [
        messages.confirm_for_colleague(coming.event, new, proof),
        messages.certificate(there, at=at),
        messages.feedback_asked(there, at=at),
        messages.reminder(there, afterwards, at=at),
        messages.reminder(of(PARTICIPANT, "offen"), at=at),  # the one of the world has failed
        messages.declined(of(PARTICIPANT, "vor-ort"), at=at),
        messages_about_replies.please_confirm(coming.event, coming.person, coming, at=at),
        messages_about_replies.please_confirm(serie, call.person, call, at=at),
        messages_about_replies.proposal_refused(call, at=at),
        messages_to_circles.circle_founded(there.event.communities[0], there.event, coming.person, at=at),
        *messages_about_times.held(option, asked, at=at),
        *messages_about_times.released(option, asked, at=at),
    ]


def _of_lists(world: World, at: datetime) -> list[Mail]:
    office = db.session.get_one(Person, world.people[OFFICE])
    mailbox = db.session.get_one(Mailbox, world.lists["mailbox"])
    newsletter, talk = _list("newsletter"), _list(discussions.SLUG)
    held = db.session.get_one(Post, world.lists["held"])
    draft = db.session.get_one(Campaign, world.campaigns["circle"])
    report = Report(kind=BounceKind.OURS, status="5.7.1", words="550 5.7.1 refused")
    return [
        messages_of_lists.already_subscribed(newsletter, mailbox, at=at),
        messages_of_lists.confirm_mailbox(mailbox, at=at),
        messages_of_posts.post_waits(talk, held, at=at),
        messages_of_posts.post_rejected(held, at=at),
        messages_of_posts.how_to_leave(newsletter, mailbox.address, unsubscribe_url(newsletter.id, mailbox.id), at=at),
        messages_of_posts.to_keepers(talk, office.address, ("kim@amt.example", "Frage", "Wer hilft?"), 1, at=at),
        messages_to_keepers.post_held(held, office, 2, at=at),
        messages_to_keepers.release_wanted(draft, office, office, 3, at=at),
        messages_of_bounces.refused_by_domain("amt-anders.example", report, at=at),
    ]


def _subscribe_and_send(world: World, at: datetime) -> None:
    """Somebody asks for the newsletter; its issue, a post and a collection of posts go to others."""
    newsletter, talk = _list("newsletter"), _list(discussions.SLUG)
    services.ask_to_subscribe(newsletter, address_of("fragend@amt-offen.example"), _WORDS, at=at)
    _subscribe(newsletter, "ausgabe@amt-offen.example", at)
    draft = db.session.get_one(Campaign, world.campaigns["draft"])
    services.release_campaign(draft, by="buero@next.example", at=at)
    _subscribe(talk, "einzeln@amt-offen.example", at)
    post = db.session.get_one(Post, world.lists["post"])
    post.passed_on_at = None
    db.session.flush()
    services.pass_on(post.id, audience.readers_of(talk), at=at)
    _subscribe(talk, "gesammelt@amt-offen.example", at, Delivery.DAILY)
    post.state = PostState.ACCEPTED
    post.passed_on_at = distributing.last_digest_moment(Delivery.DAILY, at=at) - timedelta(hours=1)
    db.session.flush()
    services.send_digests(talk.id, Delivery.DAILY, at=at)


def _subscribe(one: MailingList, address: str, at: datetime, delivery: Delivery = Delivery.EACH) -> None:
    found = services.subscribe_proved(one, address_of(address), _WORDS, by="signed_in", name="Kim Probe", at=at)
    found.delivery = delivery
    db.session.flush()


def _list(slug: str) -> MailingList:
    return db.session.scalars(select(MailingList).where(MailingList.slug == slug)).one()
