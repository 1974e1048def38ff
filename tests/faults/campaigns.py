"""Campaigns as fault tests run them: released by the office's button, judged by who got what.

They are written and sent by processes that may die at any step.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.event import listen

from nextevents.communities.models import Belonging
from nextevents.ground import clock
from nextevents.ground.database import db
from nextevents.mailing import services
from nextevents.mailing.carrier import SMTPCarrier
from nextevents.mailing.flights import Flight
from nextevents.mailing.models import Delivery, MailingList, SubscriptionState
from nextevents.mailing.services import campaigning
from nextevents.mailing.tasks import tend_campaigns
from nextevents.newsroom import services as newsroom
from nextevents.newsroom.audience import Segment
from nextevents.newsroom.blocks import Events, OwnEvents, Text
from nextevents.newsroom.tasks import expand_campaigns, read_list_mails
from nextevents.people.services import begin_session
from tests.factories import make_community, make_event, make_person
from tests.faults import postman
from tests.house.visitors import Visitor, page_of
from tests.mailing import campaigns
from tests.mailing.discussions import letter, make_discussion

#: So many mailboxes in one transaction, so that an issue takes several.
PORTION = 100
MAIL_STEPS = ((Flight, "begin"), (SMTPCarrier, "_announce"), (SMTPCarrier, "_hand_over"), (Flight, "land"))
BLOCKS = (Text(text="Guten Tag {name},\n\nhier ist Neues."), OwnEvents(weeks=6), Events(weeks=6))


@dataclass(frozen=True)
class Draft:
    """An issue that can go out: its number, who is to get it, and what opens the office's browser."""

    number: int
    entitled: list[str]
    secret: str


def make_issue(instance, readers: int) -> list[str]:
    """An issue that is released; the addresses that are to get it."""
    draft = make_draft(instance, readers)
    page = send_test_and_look(instance, draft)
    assert press(instance.app, draft.number, draft.secret, page).endswith("/stand/")
    return draft.entitled


def make_post(instance, readers: int) -> list[str]:
    """A mail that came to a discussion and that nobody has read; the addresses that are to get it."""
    with instance.door():
        talk = make_discussion()
        entitled = campaigns.make_readers(talk, readers)
        _make_others(talk)
        services.receive(entitled[0], ["austausch@next.example"], letter(author=entitled[0]), at=clock.now())
    return entitled


def make_draft(instance, readers: int) -> Draft:
    """An issue for the Germans of a newsletter with so many; some get their own events, some others get nothing."""
    with instance.door():
        at, newsletter = clock.now(), campaigns.make_newsletter()
        entitled = campaigns.make_readers(newsletter, readers)
        _make_at_home(entitled[:40:2], at)
        _make_others(newsletter)
        office = make_person("buero@next.example", office=True)
        segment = Segment(languages=("de",))
        issue = newsroom.start(newsletter, by=office, subject="Neues", blocks=BLOCKS, segment=segment, at=at)
        return Draft(issue.id, entitled, begin_session(office, browser="Firefox, Linux", at=at))


def _make_at_home(addresses: list[str], at: datetime) -> None:
    """People behind these addresses, each in one of two circles that meet next month."""
    starts = datetime.combine(at.date() + timedelta(days=30), time(14))
    circles = [make_community(name) for name in ("bots", "daten")]
    for circle in circles:
        make_event(starts=starts, slug=f"treffen-{circle.slug}", communities=(circle,))
    for number, address in enumerate(addresses):
        person = make_person(address)
        db.session.add(Belonging(community_id=circles[number % 2].id, person_id=person.id, since=at))


def _make_others(newsletter: MailingList) -> None:
    """Whoever must not get it: has left, has not confirmed, pauses, reads English, is suspended, or never asked."""
    on_list: list[dict[str, object]] = [
        {"state": SubscriptionState.ENDED},
        {"state": SubscriptionState.REQUESTED},
        {"delivery": Delivery.PAUSED},
    ]
    for number, values in enumerate(on_list):
        campaigns.subscribe(newsletter, campaigns.make_mailbox(f"nicht{number}@amt.example"), **values)
    for name, values in {
        "english": {"language": "en"},
        "gesperrt": {"suspended_at": campaigns.NOON, "suspended_because": "x"},
    }.items():
        campaigns.subscribe(newsletter, campaigns.make_mailbox(f"{name}@amt.example", **values))
    campaigns.make_mailbox("fremd@amt.example")


# ── What the office does ─────────────────────────────────────────────────────────────────────────────────────────────


def send_test_and_look(instance, draft: Draft) -> dict[str, str]:
    """Send it to oneself and open the page with the button; what its form holds."""
    browser = _browser(instance.app, draft.secret)
    browser.send(f"/redaktion/{draft.number}/testmail")
    instance.change("DELETE FROM message WHERE kind = :kind", kind=newsroom.releasing.TEST)  # has been read
    form = page_of(browser.get(f"/redaktion/{draft.number}/senden/")).select_one('form[action$="/freigeben"]')
    return {name: form.select_one(f'[name="{name}"]')["value"] for name in ("version", "count")}


def press(app: Flask, number: int, secret: str, page: dict[str, str]) -> str:
    """Press the button; where it leads. As an act, in a process of its own."""
    ticked = {"when": "now", "is_meant": "y"}
    return _browser(app, secret).send(f"/redaktion/{number}/freigeben", page | ticked).location or ""


def _browser(app: Flask, secret: str) -> Visitor:
    app.test_client_class = Visitor
    browser = app.test_client()
    assert isinstance(browser, Visitor)
    return browser.sign_in(secret)


# ── What workers do ──────────────────────────────────────────────────────────────────────────────────────────────────


def work(app: Flask, step: int = 0) -> None:
    """Do what a worker does until the campaign is over; killed before the step of that number.

    A step is a statement, a commit, and of each mail: noting it, its envelope, its body, noting that it was taken.
    """
    campaigning.EXPANSION = campaigning.SMALL_EXPANSION = PORTION
    with app.app_context():
        count_steps(step)
        while services.campaigns_to_tend():
            expand_campaigns()
            postman.deliver(app)
            tend_campaigns()


def count_steps(step: int) -> None:
    """From now on, die before the step of that number."""
    position = 0

    def next_step(*_: object) -> None:
        nonlocal position
        position += 1
        if position == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        listen(db.engines[None], moment, next_step)
    for kind, name in MAIL_STEPS:
        setattr(kind, name, _after(next_step, getattr(kind, name)))


def _after(first: Callable[[], None], then: Callable[..., Any]) -> Callable[..., Any]:
    def both(*args: Any, **kwargs: Any) -> Any:
        first()
        return then(*args, **kwargs)

    return both


def pass_posts_on(app: Flask, step: int = 0) -> None:
    """Do what a worker does with mails to lists and the posts in them; killed before the step of that number."""
    with app.app_context():
        count_steps(step)
        read_list_mails()
        postman.deliver(app)


def work_with_a_cursor(app: Flask) -> None:
    """The control: rows are written in portions, and whoever is fetched counts as sent."""
    with app.app_context():
        expand_campaigns()
    postman.deliver_with_the_checkpoint_first(app)


# ── Who got what ─────────────────────────────────────────────────────────────────────────────────────────────────────


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
