"""Who gets a campaign: segments, rules, variants; always the same few statements."""

from datetime import timedelta

import pytest

from nextevents.events.models import State
from nextevents.mailing.models import Delivery, SubscriptionState, SubscriptionTopic, Topic
from nextevents.newsroom import audience
from nextevents.newsroom.audience import Segment, circles_in, people_named_by
from nextevents.newsroom.blocks import OwnEvents, Text
from nextevents.people.models import Level
from tests.desk.counting import counted
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_event,
    make_lead,
    make_organisation,
    make_person,
    make_registration,
)
from tests.mailing.campaigns import make_mailbox, make_newsletter, make_readers, subscribe
from tests.newsroom.drafts import make_draft, make_reader, segmented


@pytest.fixture
def newsletter(db, at_noon):
    return make_newsletter()


@pytest.fixture
def draft(newsletter):
    return make_draft(Text(text="Hallo"), mailing_list=newsletter)


def names(draft):
    found = audience.recipients(draft, at=NOON)
    rows = found.some(limit=100)
    assert found.count() == len(rows)
    return [row.address.partition("@")[0] for row in rows]


def test_it_goes_to_those_who_are_on_the_list_and_want_mail(db, newsletter, draft):
    make_reader(newsletter, "ada@x.example")
    subscribe(newsletter, make_mailbox("weekly@x.example"), delivery=Delivery.WEEKLY)
    subscribe(newsletter, make_mailbox("left@x.example"), state=SubscriptionState.ENDED)
    subscribe(newsletter, make_mailbox("asked@x.example"), state=SubscriptionState.REQUESTED)
    subscribe(newsletter, make_mailbox("paused@x.example"), delivery=Delivery.PAUSED)
    make_reader(newsletter, "suspended@x.example", suspended_at=NOON)
    make_reader(make_newsletter("anderes"), "elsewhere@x.example")

    assert names(draft) == ["ada", "weekly"]


def test_a_topic_reaches_those_who_chose_it_and_those_who_chose_none(db, newsletter, draft):
    dates, results = (Topic(list_id=newsletter.id, slug=one, name=one) for one in ("termine", "ergebnisse"))
    db.add_all([dates, results])
    db.flush()
    for name, topics in (("dates", [dates]), ("results", [results]), ("both", [dates, results]), ("all", [])):
        subscription = subscribe(newsletter, make_mailbox(f"{name}@x.example"))
        db.add_all(SubscriptionTopic(subscription_id=subscription.id, topic_id=one.id) for one in topics)
    db.flush()

    assert names(segmented(draft, topics=(dates.id,))) == ["all", "both", "dates"]
    assert names(segmented(draft, topics=(dates.id, results.id))) == ["all", "both", "dates", "results"]


@pytest.fixture
def people(db, newsletter):
    """Ada of a state, who belongs to a circle; Bo of a city, registered; Cy of neither, who reads English."""
    state, city = make_organisation("Land", level=Level.STATE), make_organisation("Stadt", level=Level.MUNICIPAL)
    circle, event = make_community("bots"), make_event()
    ada, bo, cy = (make_person(f"{name}@x.example", name=name.title()) for name in ("ada", "bo", "cy"))
    ada.organisation, bo.organisation, cy.language = state, city, "en"
    make_belonging(ada, circle)
    make_registration(event, bo, state=State.WAITING)
    make_registration(event, cy, state=State.CANCELLED)
    for person in (ada, bo, cy):
        make_reader(newsletter, person)
    make_reader(newsletter, "fremd@x.example")
    db.flush()
    return {"organisation": state.id, "circle": circle.id, "event": event.id}


SEGMENTS = {
    "level": ({"levels": "state"}, ["ada"]),
    "organisation": ({"organisations": "organisation"}, ["ada"]),
    "community": ({"communities": "circle"}, ["ada"]),
    "event": ({"events": "event"}, ["bo"]),
    "language": ({"languages": "en"}, ["cy"]),
    "two that fit together": ({"levels": "state", "communities": "circle"}, ["ada"]),
    "two that nobody fits": ({"levels": "state", "events": "event"}, []),
    "everybody": ({}, ["ada", "bo", "cy", "fremd"]),
}


@pytest.mark.parametrize(("segment", "expected"), SEGMENTS.values(), ids=SEGMENTS)
def test_a_segment_reaches_those_who_fit_it(draft, people, segment, expected):
    chosen = {name: (people.get(value, value),) for name, value in segment.items()}
    assert names(segmented(draft, **chosen)) == expected


def test_within_one_kind_any_will_do(db, newsletter, draft, people):
    other, circle = make_organisation("Bund", level=Level.FEDERAL), make_community("daten")
    event, dee = make_event(slug="zweites"), make_person("dee@x.example", name="Dee")
    dee.organisation = other
    make_belonging(dee, circle)
    make_registration(event, dee)
    make_reader(newsletter, dee)
    db.flush()

    assert names(segmented(draft, levels=("state", "municipal"))) == ["ada", "bo"]
    assert names(segmented(draft, organisations=(people["organisation"], other.id))) == ["ada", "dee"]
    assert names(segmented(draft, events=(people["event"], event.id))) == ["bo", "dee"]
    assert names(segmented(draft, communities=(people["circle"], circle.id))) == ["ada", "dee"]
    everything = {"organisations": (people["organisation"], other.id), "events": (people["event"], event.id)}
    assert names(segmented(draft, **everything)) == ["dee"]


def test_a_segment_is_read_as_it_was_stored(draft):
    segment = Segment(topics=(1, 2), levels=("state",))
    draft.segment = segment.as_stored()

    assert (draft.segment, Segment.of(draft)) == ({"topics": [1, 2], "levels": ["state"]}, segment)


@pytest.mark.parametrize("rule", ["", "members:x", "registered:", "registered:1; drop table", "level:", "unsinn"])
def test_a_rule_that_says_nothing_names_nobody(db, people, rule):
    assert db.execute(people_named_by(rule)).all() == []


def test_rules_name_members_participants_levels_and_leads(db, people):
    for slug, person, ended in (("laeuft", "kim", None), ("zu-ende", "uli", NOON.date())):
        circle = make_community(slug)
        circle.ended_on = ended
        make_lead(make_person(f"{person}@x.example", name=person.title()), circle)

    def named(rule):
        return sorted(row.name for row in db.execute(people_named_by(rule)))

    assert named(f"registered:{people['event']}") == ["Bo"]
    assert named("level:state") == ["Ada"]
    assert named("members") == []
    assert named("leads") == ["Kim"]


def test_variants_say_language_name_and_whose_events_are_ones_own(db, newsletter):
    one, two = make_community("eins", position=1), make_community("zwei", position=2)
    silent = make_community("drei", position=3)
    for circle in (one, two):
        make_event(communities=(circle,))
    make_event(communities=(silent,), starts=(NOON + timedelta(days=200)).replace(tzinfo=None))
    draft = make_draft(Text(text="Hallo {name}"), OwnEvents(weeks=4), mailing_list=newsletter)
    for name, circles in (("both", (one, two)), ("one", (one,)), ("silent", (silent,)), ("none", ())):
        person = make_person(f"{name}@x.example", name=name.title())
        for circle in circles:
            make_belonging(person, circle)
        make_reader(newsletter, person)
    make_reader(newsletter, "nameless@x.example", name="", language="fr")

    found = audience.recipients(draft, at=NOON)
    own = {row.address.partition("@")[0]: circles_in(row.variant, found.circles) for row in found.some(limit=9)}
    assert own == {"both": [one.id, two.id], "one": [one.id], "silent": [], "none": [], "nameless": []}
    assert {row.variant for row in found.some(limit=9) if row.name == ""} == {"de-"}
    assert sum(found.counts_by_variant().values()) == 5


def test_as_many_statements_for_one_reader_as_for_many(db, newsletter):
    circle = make_community("bots")
    make_event(communities=(circle,))
    draft = make_draft(Text(text="Hallo {name}"), OwnEvents(), mailing_list=newsletter)
    segmented(draft, levels=("state",), communities=(circle.id,))

    def asked():
        with counted() as statements:
            found = audience.recipients(draft, at=NOON)
            found.count()
            found.some(limit=10_000)
            found.counts_by_variant()
        return len(statements)

    few = asked()
    make_readers(newsletter, 600)
    assert asked() == few <= 6
