"""What leads and voters of a date poll do at the same moment."""

from typing import Any

from flask import Flask

from nextevents.events import queries, services
from nextevents.events.models import Wish
from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.ground.errors import Refusal
from nextevents.people.models import Person


def choose_in_rounds(app: Flask, gate: Any, polls: list[int], person: int, which: int) -> list[int]:
    """Choose one time of each poll, each time at the same moment as the others; gives the meetings' numbers."""
    made = []
    for number in polls:
        gate.wait(60)
        with app.test_request_context(), transaction():
            poll = queries.poll(number)
            event = services.choose_time(
                poll, poll.options[which].id, by=db.session.get_one(Person, person), at=clock.now()
            )
            made.append(event.id)
    return made


def vote_in_rounds(app: Flask, gate: Any, voters: list[int]) -> list[str]:
    """Vote yes to the first time of each poll while it is being closed; gives what each was told."""
    told = []
    for number in voters:
        gate.wait(60)
        try:
            with app.test_request_context(), transaction():
                voter = queries.voter(number)
                ballot = services.Ballot("Ada", {voter.poll.options[0].id: Wish.YES})
                services.vote(voter, ballot, at=clock.now())
        except Refusal:
            told.append("closed")
        else:
            told.append("voted")
    return told
