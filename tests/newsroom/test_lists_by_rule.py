"""Lists by rule: whoever the rule names is on them, and whoever it names no more is not, up to the last moment."""

from datetime import timedelta

import pytest
from sqlalchemy import literal, select

from nextevents.communities.models import Lead
from nextevents.events.models import State as Place
from nextevents.mailing import queries, services
from nextevents.mailing.models import (
    Delivery,
    Message,
    Moderation,
    Post,
    PostState,
    Readers,
    State,
    SubscriptionState,
)
from nextevents.newsroom import audience, tasks
from nextevents.people.models import Level, Membership, MembershipKind, Person
from tests.factories import (
    NOON,
    make_community,
    make_event,
    make_lead,
    make_organisation,
    make_person,
    make_registration,
)
from tests.house.visitors import text_of
from tests.mailing.campaigns import make_mailbox, subscribe
from tests.mailing.discussions import ADA, arrives, letter, make_discussion
from tests.mailing.letters import BORDER

KIM = "kim@amt.example"
PAGE = "/verteiler/leitungen/"


@pytest.fixture(autouse=True)
def _noon(db, app, time_machine, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BORDER", BORDER)
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def leads(db):
    """The list of all who lead a circle: Ada and Kim."""
    circle = make_community("kreis")
    for address in (ADA, KIM):
        make_lead(make_person(address), circle)
    return make_discussion("leitungen", rule="leads", archive=Readers.SUBSCRIBERS)


def lead(db, address: str) -> Lead:
    return db.scalars(select(Lead).join(Person, Person.id == Lead.person_id).where(Person.address == address)).one()


def lead_no_more(db, address: str) -> None:
    db.delete(lead(db, address))
    db.commit()


def written(db, kind: str) -> list[str]:
    return db.scalars(select(Message.recipient).where(Message.kind == kind).order_by(Message.recipient)).all()


def post_of(author: str, **more: object):
    return arrives(letter(author=author, **more), to="leitungen@next.example", sender=author)


def test_a_mail_does_not_leave_for_whom_the_rule_names_no_more(db, leads):
    post_of(ADA)
    assert written(db, "post") == [ADA, KIM]
    lead_no_more(db, KIM)

    claimed = services.claim_due(limit=10, at=NOON)
    begun = services.set_aside_unwanted(claimed)
    db.commit()

    states = dict(db.execute(select(Message.recipient, Message.state).where(Message.kind == "post")).all())
    assert len(begun) == 1
    assert states == {ADA: State.CLAIMED, KIM: State.SKIPPED}


def test_whoever_is_named_no_more_gets_no_digest(db, leads, time_machine):
    for address in (ADA, KIM):
        subscribe(leads, make_mailbox(address), delivery=Delivery.DAILY)
    post_of(ADA)
    lead_no_more(db, KIM)
    time_machine.move_to(NOON + timedelta(hours=20), tick=False)

    tasks.send_digests()

    assert written(db, "digest") == [ADA]


@pytest.mark.parametrize("moderation", [Moderation.NOBODY, Moderation.NEWCOMERS])
def test_whom_the_rule_names_may_write_without_ever_having_subscribed(db, leads, moderation):
    leads.moderation = moderation
    db.commit()
    first = post_of(ADA)
    if moderation == Moderation.NEWCOMERS:
        assert first.note == "held"
        services.accept_post(db.scalars(select(Post)).one(), by=KIM, at=NOON)
        db.commit()

    assert post_of(ADA, message_id="<2@x.example>").note == "accepted"


def test_neither_strangers_nor_who_was_named_nor_who_has_left_write_there(db, leads):
    subscribe(leads, make_mailbox(ADA), state=SubscriptionState.ENDED)
    lead_no_more(db, KIM)

    notes = [post_of(one, message_id=f"<{one}>").note for one in (ADA, KIM, "eve@x.example")]

    assert notes == ["held", "held", "held"]
    assert set(db.scalars(select(Post.state))) == {PostState.HELD}


def test_whom_the_rule_names_sees_the_lists_page_and_its_archive_and_nobody_else_does(db, leads, client, signed_in):
    kim, eve = signed_in(db.get(Person, lead(db, KIM).person_id)), signed_in(make_person("eve@x.example"))

    page = text_of(kim.get(PAGE))
    assert "Sie stehen auf diesem Verteiler" in page
    assert leads.name in text_of(kim.get("/verteiler/"))
    assert [one.get(f"{PAGE}archiv/").status_code for one in (kim, eve)] == [200, 404]
    assert [one.get(PAGE).status_code for one in (client, eve)] == [404, 404]
    assert leads.name not in text_of(eve.get("/verteiler/"))
    lead_no_more(db, KIM)
    assert kim.get(PAGE).status_code == 404


def test_a_rule_names_the_same_people_whether_it_stands_in_a_column_or_not(db, leads):
    state = make_organisation("Land", level=Level.STATE)
    uli, bo, cy = (make_person(f"{name}@x.example") for name in ("uli", "bo", "cy"))
    uli.organisation = state
    event, other = make_event(), make_event()
    make_registration(event, bo)
    make_registration(other, cy, state=Place.CANCELLED)
    for person, ended in ((cy, None), (bo, NOON.date())):
        kind = MembershipKind.PERSONAL
        db.add(Membership(kind=kind, person_id=person.id, began_on=NOON.date() - timedelta(days=9), ended_on=ended))
    make_person("neu@x.example", proved=False).organisation = state
    db.flush()

    rules = {
        "members": {"cy@x.example"},
        "leads": {ADA, KIM},
        f"registered:{event.id}": {"bo@x.example"},
        f"registered:{other.id}": set(),
        "level:state": {"uli@x.example"},
        "level:": set(),
        "unsinn": set(),
        "": set(),
    }
    keys = [ADA, KIM, "uli@x.example", "bo@x.example", "cy@x.example", "neu@x.example"]
    for number, (rule, expected) in enumerate(rules.items()):
        assert {row.address_key for row in db.execute(audience.people_named_by(rule))} == expected, rule
        by_column = {key for key in keys if db.scalar(select(audience.is_named(literal(rule), literal(key))))}
        assert by_column == expected, rule
        if rule:
            one = make_discussion(f"liste-{number}", rule=rule)
            assert {key for key in keys if queries.is_on(one, key)} == expected, rule
