"""Lists of the made-up world: one for each community, one to talk on, one for the board, one that a rule fills."""

from datetime import datetime, timedelta

from ..communities.models import Community
from ..communities.services import its_list
from ..mailing import services
from ..mailing.messages import absolute
from ..mailing.models import Delivery, Joining, ListKind, MailingList, Moderation, Posting, Readers, Replies
from ..mailing.services import Declaration, ListWish
from ..people.addresses import address_of
from ..people.models import Person
from .conversations import load_conversations

#: Numbers of the crowd that talk with each other.
TALKING = 42


def give_list(community: Community, at: datetime) -> None:
    """The list of a circle; closed where the circle has ended."""
    one = its_list.list_of(community, at=at)
    if community.ended_on:
        services.close_list(one, at=at)


def subscribe_belonging(community: Community, person: Person, at: datetime) -> None:
    """Put somebody who belongs to a circle on its list."""
    its_list.subscribe(community, person, by="joined", at=at)


def load_lists(crowd: list[Person], office: Person, at: datetime) -> None:
    """Beside the newsletter and the communities' lists: one to talk on, an internal one, and one by rule."""
    at -= timedelta(days=120)
    talk = services.make_list(
        "offene-runde",
        ListWish(
            name="Offene Runde",
            purpose="Fragen und Antworten quer durch die Verwaltung, von allen für alle.",
            kind=ListKind.DISCUSSION,
            sender_name="Offene Runde",
            posting=Posting.SUBSCRIBERS,
            moderation=Moderation.NEWCOMERS,
            archive=Readers.SUBSCRIBERS,
            replies=Replies.LIST,
        ),
        at=at,
    )
    services.remember_slug(talk, "forum")
    for number, person in enumerate(crowd[:TALKING]):
        subscription = services.subscribe_proved(
            talk, address_of(person.address), _words(talk), by="signed_in", name=person.name, at=at
        )
        subscription.delivery = (Delivery.EACH, Delivery.EACH, Delivery.DAILY, Delivery.WEEKLY)[number % 4]
    load_conversations(talk, crowd, at + timedelta(days=117))
    board = services.make_list(
        "vorstand",
        ListWish(
            name="Vorstand",
            purpose="Termine, Protokolle und Absprachen des Vorstands.",
            kind=ListKind.DISCUSSION,
            sender_name="NExT Vorstand",
            joining=Joining.INVITED,
            posting=Posting.SUBSCRIBERS,
            moderation=Moderation.NOBODY,
            replies=Replies.LIST,
        ),
        at=at,
    )
    for person in (office, *crowd[-6:]):
        services.subscribe_proved(
            board, address_of(person.address), _words(board), by="signed_in", name=person.name, at=at
        )
    services.make_list(
        "mitglieder",
        ListWish(
            name="Alle Mitglieder",
            purpose="Einladungen zur Mitgliederversammlung und was sonst alle Mitglieder wissen müssen.",
            kind=ListKind.ANNOUNCEMENTS,
            sender_name="NExT e. V.",
            joining=Joining.INVITED,
            rule="members",
        ),
        at=at,
    )


def _words(one: MailingList) -> Declaration:
    page = absolute(f"/verteiler/{one.slug}/")
    return Declaration(text=services.words_of_consent(one, "de"), language="de", form_url=page, was_ticked=False)
