"""Lists with ever so many readers, made by the database, and the issue that the office writes for them.

One in ten of those who could be meant is not: has left, pauses, has a mailbox that fails, or reads about something
else. So every condition of the audience has something to do, and whoever gets a mail wrongly is counted.
"""

from dataclasses import dataclass

from sqlalchemy import text

from bench import seed
from bench.servers import Instance
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.mailing.models import ListKind, MailingList
from nextevents.mailing.services import ListWish, make_list
from nextevents.newsroom import services as newsroom
from nextevents.newsroom.audience import Segment
from nextevents.newsroom.blocks import Block, Board, Button, Events, OwnEvents, Text
from nextevents.people.addresses import address_of
from nextevents.people.services import make_office, person_with_address

OFFICE = "buero@next.example"
#: So many of them are not meant.
ONE_IN = 10
#: Eight of them take place in the six weeks that an issue shows.
EVENTS = 24
PARAGRAPH = "Drei Städte berichten, wie sie Sprachmodelle im Bürgeramt einsetzen und was sie gelernt haben. "
BLOCKS: tuple[Block, ...] = (
    Text(
        text=f"Guten Tag {{name}},\n\n{4 * PARAGRAPH}\n\n- **Neu**: ein Baukasten\n- [Alle Termine](/veranstaltungen/)"
    ),
    Board(heading="Aus dem Vorstand", text=3 * PARAGRAPH, author="Der Vorstand"),
    OwnEvents(weeks=6),
    Events(weeks=6),
    Button(label="Alle Termine ansehen", url="https://next.example/termine/"),
)

#: Whose number is above :meant is not meant. One in five reads English, one in ten has told no name.
_MAILBOXES = """
    INSERT INTO mailbox (address, address_key, name, language, made_at, suspended_at, suspended_because)
    SELECT 'p' || n || '@amt' || n % 50 || '.example', 'p' || n || '@amt' || n % 50 || '.example',
        CASE n % 10 WHEN 0 THEN '' ELSE 'Leserin ' || n END, CASE n % 5 WHEN 0 THEN 'en' ELSE 'de' END, now(),
        CASE WHEN n > :meant AND n % 4 = 2 THEN now() END, ''
    FROM generate_series(1, :meant + :more) n
"""
_SUBSCRIPTIONS = """
    INSERT INTO subscription (list_id, mailbox_id, state, delivery, made_at, began_at, ended_by, digested_until)
    SELECT :list, id, CASE WHEN id > :meant AND id % 4 = 0 THEN 'ended' ELSE 'active' END,
        CASE WHEN id > :meant AND id % 4 = 1 THEN 'paused' ELSE 'each' END, now(), now(), '', 0
    FROM mailbox
"""
#: Whoever has chosen none gets all.
_CHOICES = """
    INSERT INTO subscription_topic (subscription_id, topic_id)
    SELECT id, CASE WHEN mailbox_id > :meant THEN :other ELSE :wanted END FROM subscription
    WHERE CASE WHEN mailbox_id > :meant THEN mailbox_id % 4 = 3 ELSE mailbox_id % 3 = 1 END
"""
_PEOPLE = """
    INSERT INTO person (typed_address, address, address_key, domain, name, organisation_id, organisation_name, language,
        is_office, gets_reminders, made_at, proved_at)
    SELECT address, address, address_key, domain.name, mailbox.name, domain.organisation_id, '', language, false, true,
        now(), now()
    FROM mailbox JOIN domain ON domain.name = split_part(address, '@', 2) WHERE mailbox.id % :one_in = 0
"""
#: Each is at home in one or two of the six circles.
_BELONGINGS = """
    INSERT INTO belonging (community_id, person_id, since, gets_invitations, is_in_feed, always_comes)
    SELECT community.id, person.id, now(), true, true, false
    FROM person JOIN community ON position IN (person.id % 6, person.id / 6 % 6)
"""
_BODIES = (
    "INSERT INTO organisation (name, level) SELECT 'Amt ' || n, 'municipal' FROM generate_series(0, 49) n",
    """
    INSERT INTO domain (name, organisation_id) SELECT 'amt' || n || '.example', organisation.id
    FROM generate_series(0, 49) n JOIN organisation ON organisation.name = 'Amt ' || n
    """,
)
#: Half of the bodies are members; of the others, people are.
_MEMBERSHIPS = (
    """
    INSERT INTO membership (kind, organisation_id, began_on) SELECT 'institutional', id, DATE '2020-01-01'
    FROM organisation WHERE id % 2 = 0
    """,
    """
    INSERT INTO membership (kind, person_id, began_on) SELECT 'personal', id, DATE '2020-01-01'
    FROM person WHERE organisation_id % 2 = 1
    """,
)
#: Those who have left a list of members, which nobody has to subscribe to.
_LEFT = """
    INSERT INTO subscription (list_id, mailbox_id, state, delivery, made_at, ended_at, ended_by, digested_until)
    SELECT :list, id, 'ended', 'each', now(), now(), 'one_click', 0 FROM mailbox WHERE id > :meant
"""
_FILLED = ("mailbox", "subscription", "subscription_topic", "person", "belonging", "membership", "organisation")


@dataclass(frozen=True)
class Issue:
    """What is to be sent, by its number, and to how many."""

    campaign: int
    count: int


def make_newsletter(instance: Instance, count: int) -> Issue:
    """A newsletter with topics. One in two readers has an account here, and gets the events of their own circles."""
    seed.fill_with_events(instance, EVENTS)
    with instance.app.app_context(), transaction():
        wish = ListWish(name="Neues", purpose="Was ansteht.", kind=ListKind.NEWSLETTER)
        newsletter = make_list("neues", wish, topics=("Termine", "Ergebnisse"), at=clock.now())
        wanted, other = newsletter.topics
        known = {"meant": count, "more": count // ONE_IN, "list": newsletter.id, "one_in": 2}
        _say(
            *_BODIES,
            _MAILBOXES,
            _SUBSCRIPTIONS,
            _CHOICES,
            _PEOPLE,
            _BELONGINGS,
            **known,
            wanted=wanted.id,
            other=other.id,
        )
        issue = _write(newsletter, Segment(topics=(wanted.id,)))
    vacuum(instance, *_FILLED)
    return Issue(issue, count)


def make_list_by_rule(instance: Instance, count: int) -> Issue:
    """All members who work in municipalities; a tenth of them has left the list. Their mailboxes are there."""
    seed.fill_with_events(instance, EVENTS)
    with instance.app.app_context(), transaction():
        members = make_list("mitglieder", ListWish(name="Mitglieder", rule="members"), at=clock.now())
        known = {"meant": count, "more": count // ONE_IN, "list": members.id, "one_in": 1}
        _say(*_BODIES, _MAILBOXES, _PEOPLE, _BELONGINGS, *_MEMBERSHIPS, _LEFT, **known)
        issue = _write(members, Segment(levels=("municipal",)))
    vacuum(instance, *_FILLED)
    return Issue(issue, count)


def _say(*statements: str, **known: int) -> None:
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    for one in statements:
        named = {name: value for name, value in known.items() if f":{name}" in one}
        db.session.execute(text(one), named)


def _write(one: MailingList, segment: Segment) -> int:
    at = clock.now()
    office = person_with_address(address_of(OFFICE), name="Bea Beispiel", at=at)
    make_office(office, at=at)
    return newsroom.start(one, by=office, subject="Neues im Dezember", blocks=BLOCKS, segment=segment, at=at).id


def vacuum(instance: Instance, *tables: str) -> None:
    """Let the database see what it holds now."""
    with instance.app.app_context(), db.engine.connect() as connection:
        durable = connection.execution_options(isolation_level="AUTOCOMMIT")
        durable.execute(text("SET statement_timeout = 0"))
        for table in tables:
            durable.execute(text(f"VACUUM ANALYZE {table}"))
