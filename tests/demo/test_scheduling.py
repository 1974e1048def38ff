"""What the demo shows of dates to come: turns of hosts with their dates, and people with a standing yes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.communities.models import Belonging
from nextevents.demo.scheduling import STANDING, load_scheduling
from nextevents.events.models import Poll, Registration, Turn
from nextevents.ground import clock
from tests.factories import NOON, make_belonging, make_community, make_event, make_person, make_registration

pytestmark = pytest.mark.usefixtures("at_noon")


def test_the_demo_has_hosts_in_turn_with_their_date_people_who_always_come_and_an_open_poll(db):
    circles = {one: make_community(one) for one in ("chatbot-community", "whats-next", "machine-learning-ki")}
    lead, crowd = make_person(name="Lea Leitung"), [make_person() for _ in range(20)]
    starts = clock.local(NOON).replace(tzinfo=None) + timedelta(days=40)
    talk = make_event(communities=(circles["whats-next"],), starts=starts)
    meeting = make_event(communities=(circles["chatbot-community"],), starts=starts)
    for person in crowd[:10]:
        make_belonging(person, circles["chatbot-community"])
        make_registration(meeting, person)

    load_scheduling(circles, crowd, lead, at=NOON)

    turns = db.scalars(select(Turn).order_by(Turn.month)).all()
    assert (len(turns), turns[0].event_id, turns[0].person_id) == (4, talk.id, lead.id)
    db.refresh(talk)
    assert talk.organisers == [lead]
    always = db.scalars(select(Belonging.person_id).where(Belonging.always_comes)).all()
    there = set(db.scalars(select(Registration.person_id).where(Registration.event_id == meeting.id)))
    assert len(always) == STANDING
    assert set(always) <= there
    polls = db.scalars(select(Poll).where(Poll.closed_at.is_(None))).all()
    assert [sum(1 for voter in one.voters if voter.voted_at) for one in polls] == [9]
