"""What newcomers and organisers of a circle do at the same moment."""

import time
from typing import Any

from flask import Flask

from nextevents.communities import services as communities
from nextevents.communities.models import Community
from nextevents.events import queries, services
from nextevents.events.services import welcoming
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.people.models import Person
from tests.faults.instance import event_of

#: So long a newcomer takes in the middle of joining, so that others come in between.
PAUSE = 0.03


def join_in_rounds(app: Flask, gate: Any, circles: list[int], person: int) -> None:
    """Join one circle per round, slowly, each time at the same moment as the others."""
    hold_dates = welcoming._hold_dates  # noqa: SLF001 - the moment in which others come in between

    def pausing(*words: Any, **options: Any) -> Any:
        held = hold_dates(*words, **options)
        time.sleep(PAUSE)
        return held

    welcoming._hold_dates = pausing  # noqa: SLF001
    for number in circles:
        gate.wait(60)
        with app.test_request_context(), transaction():
            circle, newcomer = db.session.get_one(Community, number), db.session.get_one(Person, person)
            services.join_circle(circle, newcomer, at=clock.now())


def join_in_rounds_without_holding(app: Flask, gate: Any, circles: list[int], person: int) -> None:
    """The control: look first at what is published, then join and be called to that."""
    for number in circles:
        gate.wait(60)
        with app.test_request_context():
            circle = db.session.get_one(Community, number)
            seen = queries.meetings_of(circle, clock.now(), is_past=False, limit=9)
            numbers = [one.id for one in seen]
            db.session.rollback()
            time.sleep(PAUSE)
            with transaction():
                newcomer = db.session.get_one(Person, person)
                communities.join(db.session.get_one(Community, number), newcomer, at=clock.now())
                dates = [event_of(one) for one in numbers]
                welcoming._call(circle, newcomer, dates, at=clock.now())  # noqa: SLF001


def publish_in_rounds(app: Flask, gate: Any, drafts: list[int]) -> None:
    """Publish one draft per round, shortly after the others began."""
    for number in drafts:
        gate.wait(60)
        time.sleep(0.01)
        with app.test_request_context(), transaction():
            services.publish_event(event_of(number), at=clock.now())
