"""Campaigns as fault tests run them: written and sent by processes that may die at any step, judged by who got what."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy.event import listen

from nextevents.ground import clock
from nextevents.ground.database import db, transaction
from nextevents.mailing import services
from nextevents.mailing.carrier import SMTPCarrier
from nextevents.mailing.flights import Flight
from nextevents.mailing.models import Campaign, Delivery, MailingList, SubscriptionState
from nextevents.mailing.services import campaigning
from tests.faults import postman
from tests.mailing import campaigns

#: So many mailboxes in one transaction, so that an issue takes several.
PORTION = 100
MAIL_STEPS = ((Flight, "begin"), (SMTPCarrier, "_announce"), (SMTPCarrier, "_hand_over"), (Flight, "land"))


def make_issue(instance, readers: int) -> tuple[int, list[str]]:
    """A newsletter with so many readers, with some who must not get it, and an issue that is released."""
    with instance.door():
        newsletter = campaigns.make_newsletter()
        entitled = campaigns.make_readers(newsletter, readers)
        for number, values in enumerate(
            ({"state": SubscriptionState.ENDED}, {"state": SubscriptionState.REQUESTED}, {"delivery": Delivery.PAUSED})
        ):
            campaigns.subscribe(newsletter, campaigns.make_mailbox(f"nicht{number}@amt.example"), **values)
        campaigns.make_mailbox("fremd@amt.example")
        gone = campaigns.make_mailbox("gesperrt@amt.example", suspended_at=campaigns.NOON, suspended_because="x")
        campaigns.subscribe(newsletter, gone)
        issue = campaigns.make_campaign(newsletter)
        campaigns.release(issue, at=clock.now())
        return issue.id, entitled


def work(app: Flask, step: int = 0) -> None:
    """Do what a worker does until the campaign is over; killed before the step of that number.

    A step is a statement, a commit, and of each mail: noting it, its envelope, its body, noting that it was taken.
    """
    campaigning.EXPANSION = campaigning.SMALL_EXPANSION = PORTION
    position = 0

    def next_step(*_: object) -> None:
        nonlocal position
        position += 1
        if position == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        for moment in ("before_cursor_execute", "commit"):
            listen(db.engines[None], moment, next_step)
        for kind, name in MAIL_STEPS:
            setattr(kind, name, _after(next_step, getattr(kind, name)))
        while services.campaigns_to_tend():
            write(app)
            postman.deliver(app)
            tend(app)


def _after(first: Callable[[], None], then: Callable[..., Any]) -> Callable[..., Any]:
    def both(*args: Any, **kwargs: Any) -> Any:
        first()
        return then(*args, **kwargs)

    return both


def write(app: Flask) -> None:
    """Write the rows of every campaign that is being sent, a transaction for each portion."""
    with app.app_context():
        for number in [one.id for one in services.campaigns_to_expand()]:
            newsletter = db.session.get(MailingList, db.session.get(Campaign, number).list_id)
            with transaction():
                issue = db.session.get(Campaign, number)
                services.store_campaign_forms(issue, {"de": campaigns.form_of(issue, newsletter)})
            is_more = True
            while is_more:
                with transaction():
                    is_more = services.expand_portion(number, campaigns.readers_of(newsletter), at=clock.now())


def tend(app: Flask) -> None:
    """Let rows follow."""
    with app.app_context():
        for number in services.campaigns_to_tend():
            is_more = True
            while is_more:
                with transaction():
                    is_more = services.tend(number, at=clock.now())


def work_with_a_cursor(app: Flask) -> None:
    """The control: rows are written in portions, and whoever is fetched counts as sent."""
    write(app)
    postman.deliver_with_the_checkpoint_first(app)


def copies(server) -> Counter[str]:
    """How many mails each address got."""
    return Counter(to for mail in server.mails for to in mail.recipients)


def doubtful(instance) -> set[str]:
    """Of whom nobody knows whether the server has the mail: a person decides."""
    return {to for (to,) in instance.rows("SELECT recipient FROM message WHERE state = 'uncertain'")}


def check(instance, server, entitled) -> None:
    """Every entitled address exactly once, nobody else; of whom it is uncertain, once at the most."""
    got, in_doubt = copies(server), doubtful(instance)
    assert got.keys() <= set(entitled)
    assert max(got.values()) == 1
    assert set(entitled) - got.keys() <= in_doubt
