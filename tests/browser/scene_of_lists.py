"""One person for each kind of mail that lists send, on two lists that nobody else is on."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from nextevents.ground.database import db
from nextevents.mailing import messages_of_bounces, messages_of_lists, messages_of_posts, services
from nextevents.mailing.addresses import unsubscribe_url
from nextevents.mailing.bounces import Report
from nextevents.mailing.messages import absolute
from nextevents.mailing.models import (
    BounceKind,
    Campaign,
    Delivery,
    Joining,
    ListKind,
    MailingList,
    Moderation,
    Post,
    Posting,
    PostState,
)
from nextevents.mailing.services import Declaration, ListWish, Mail, distributing
from nextevents.newsroom import audience, messages_to_keepers
from nextevents.newsroom import services as newsroom
from nextevents.newsroom.blocks import Button, OwnEvents, Text
from nextevents.people.addresses import address_of
from nextevents.people.models import Person
from tests.factories import make_person

KINDS_OF_LISTS = (
    "confirm_subscription",
    "already_subscribed",
    "confirm_mailbox",
    "campaign",
    "post",
    "digest",
    "post_held",
    "post_waits",
    "post_rejected",
    "how_to_leave",
    "to_keepers",
    "release_wanted",
    "refused_by_domain",
)


class Lists:
    """A newsletter and a discussion, with their mails; whoever gets a mail of a kind has the address of that kind."""

    def __init__(self, address: Callable[[str], str], at: datetime) -> None:
        self._address = address
        self._at = at
        self._newsletter = services.make_list(
            "szene-neues",
            ListWish(name="Szene: Neues", purpose="Einmal im Monat: Termine.", kind=ListKind.NEWSLETTER),
            at=at,
        )
        self._talk = services.make_list(
            "szene-runde",
            ListWish(
                name="Szene: Runde",
                purpose="Fragen und Antworten.",
                kind=ListKind.DISCUSSION,
                joining=Joining.INVITED,
                posting=Posting.SUBSCRIBERS,
                moderation=Moderation.NOBODY,
            ),
            at=at,
        )

    def send(self) -> None:
        """Write each kind of mail; the issue of the newsletter leaves when the worker has set it in type."""
        keeper = make_person(self._address("post_held"), name="Kim Szene", office=True)
        self._ask()
        issue = self._send_issue(keeper)
        self._pass_on("post")
        self._collect()
        waiting = self._post("post_held", PostState.HELD)
        waiting.told_at = self._at  # nobody else is told
        services.post(messages_to_keepers.post_held(waiting, keeper, 2, at=self._at), at=self._at)
        for mail in self._letters(issue, waiting, keeper):
            services.post(replace(mail, recipient=self._address(mail.kind)), at=self._at)

    def _letters(self, issue: Campaign, waiting: Post, keeper: Person) -> Iterable[Mail]:
        """What goes to one person each: writers, keepers, whoever wants to leave, the operator."""
        at, newsletter, talk = self._at, self._newsletter, self._talk
        mailbox = services.mailbox_for(self._address("campaign"), at=at)
        written = ("kim.frage@musterhafen.example", "Frage", "Wer hilft?")
        report = Report(kind=BounceKind.OURS, status="5.7.1", words="550 5.7.1 refused")
        yield messages_of_posts.post_waits(talk, waiting, at=at)
        yield messages_of_posts.post_rejected(waiting, at=at)
        yield messages_of_posts.how_to_leave(
            newsletter, mailbox.address, unsubscribe_url(newsletter.id, mailbox.id), at=at
        )
        yield messages_of_posts.to_keepers(talk, keeper.address, written, 1, at=at)
        yield messages_to_keepers.release_wanted(issue, keeper, keeper, 3, at=at)
        yield messages_of_bounces.refused_by_domain("amt-anders.example", report, at=at)

    def _ask(self) -> None:
        words = Declaration(text="Ja, ich möchte das.", language="de", form_url="", was_ticked=True)
        services.ask_to_subscribe(
            self._newsletter, address_of(self._address("confirm_subscription")), words, name="Kim Szene", at=self._at
        )
        self._subscribe(self._newsletter, "already_subscribed")
        services.ask_to_subscribe(self._newsletter, address_of(self._address("already_subscribed")), words, at=self._at)
        mailbox = self._subscribe(self._newsletter, "confirm_mailbox").mailbox
        services.suspend(mailbox, "Das Postfach ist voll.", at=self._at)
        services.post(messages_of_lists.confirm_mailbox(mailbox, at=self._at), at=self._at)

    def _subscribe(self, one: MailingList, kind: str, delivery: Delivery = Delivery.EACH):
        words = Declaration(text="Ja.", language="de", form_url="", was_ticked=True)
        found = services.subscribe_proved(
            one, address_of(self._address(kind)), words, by="signed_in", name="Kim Szene", at=self._at
        )
        found.delivery = delivery
        return found

    def _send_issue(self, writer: Person) -> Campaign:
        self._subscribe(self._newsletter, "campaign")
        blocks = (
            Text(text="Guten Tag {name},\n\nhier ist **Neues** mit [Link](/veranstaltungen/)\n\n## Was war\n\n- eins"),
            OwnEvents(weeks=4),
            Button(label="Jetzt mitmachen", url=absolute("/communities/")),
        )
        issue = newsroom.start(self._newsletter, by=writer, subject="Szene: Neues", blocks=blocks, at=self._at)
        services.release_campaign(issue, by=writer.address_key, at=self._at)
        return issue

    def _pass_on(self, kind: str) -> None:
        self._subscribe(self._talk, kind)
        post = self._post(kind, PostState.ACCEPTED)
        services.pass_on(post.id, audience.readers_of(self._talk), at=self._at)

    def _collect(self) -> None:
        self._subscribe(self._talk, "digest", Delivery.DAILY)
        due = distributing.last_digest_moment(Delivery.DAILY, at=self._at)
        self._post("digest", PostState.ACCEPTED).passed_on_at = due - timedelta(hours=1)
        db.session.flush()
        services.send_digests(self._talk.id, Delivery.DAILY, at=self._at)

    def _post(self, kind: str, state: PostState) -> Post:
        post = Post(
            mailing_list=self._talk,
            author_name="Kim Beitrag",
            author_address="kim.beitrag@musterhafen.example",
            subject=f"Frage an alle ({kind})",
            message_id=f"<szene.{kind}@musterhafen.example>",
            received_at=self._at,
            state=state,
            text="Wer hat Erfahrung damit?\n\n> und wer nicht\n",
            reason="Der erste Beitrag von dieser Adresse.",
        )
        db.session.add(post)
        db.session.flush()
        return post
