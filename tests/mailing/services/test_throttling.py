"""Slower where a mail domain asks for it, for mail of lists only."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from nextevents.mailing.models import Destination, Message, State
from nextevents.mailing.services import (
    Mail,
    asks_to_slow_down,
    claim_due,
    destination_of,
    forget_destinations,
    post,
    put_off,
    slow_destinations,
    slow_down,
)
from nextevents.mailing.services.throttling import FIRST_RATE
from nextevents.mailing.tasks import deliver_due
from tests.mailing import campaigns
from tests.mailing.test_tasks import FORM
from tests.services.smtp import FaultySMTP, Stage, refuse

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def issue(db):
    """An issue to 60 readers at three domains."""
    newsletter = campaigns.make_newsletter()
    campaigns.make_readers(newsletter, 60)
    campaign = campaigns.make_campaign(newsletter)
    campaigns.release(campaign)
    campaigns.expand(campaign)
    db.commit()
    return campaign


@pytest.mark.parametrize(
    ("words", "is_meant"),
    [
        ("421 4.3.2 closing", True),
        ("451 4.7.1 too many", True),
        ("450-4.7.28 too fast", True),
        ("451 4.3.0 later", False),
        ("550 5.7.1 no", False),
        ("x 451 4.7.1", False),
    ],
)
def test_too_fast_is_said_in_many_ways(words, is_meant):
    assert asks_to_slow_down(words) == is_meant


def leave(at, rate=0.0, limit=100):
    """Who may leave now."""
    return [one.recipient for one in put_off(claim_due(limit=limit, at=at), rate=rate, at=at)]


@pytest.mark.usefixtures("issue")
def test_nobody_is_held_back_before_a_domain_complains(noon):
    assert len(leave(noon)) == 60


@pytest.mark.usefixtures("issue")
def test_after_a_complaint_its_mails_get_places_and_the_others_leave(db, noon):
    slow_down("amt1.example", "451 4.7.1 slow", rate=0, at=noon)

    assert len(leave(noon)) == 40

    places = db.scalars(select(Message.due_at).where(Message.state == State.QUEUED).order_by(Message.due_at)).all()
    assert len(places) == len(set(places)) == 20
    assert places[0] > noon + MINUTE
    assert [later - earlier for earlier, later in pairwise(places)] == 19 * [2 * SECOND]
    assert leave(noon + MINUTE) == []
    assert db.scalars(select(Message.attempt).where(Message.state == State.QUEUED)).all() == 20 * [0]


@pytest.mark.usefixtures("issue")
def test_all_leave_in_the_end_no_faster_than_they_may_and_each_is_put_off_but_a_few_times(db, noon):
    slow_down("amt1.example", "451 4.7.1 slow", rate=0, at=noon)
    at, gone, looks = noon, [], 0
    while len(gone) < 60:
        claimed = claim_due(limit=100, at=at)
        looks += len(claimed)
        gone += [(at, one) for one in put_off(claimed, rate=0, at=at)]
        at += 2 * SECOND
        assert at < noon + 10 * MINUTE
    slow = [when for when, one in gone if one.domain == "amt1.example"]
    assert max(sum(start <= when < start + MINUTE for when in slow) for start in slow) <= 1.2 * FIRST_RATE
    assert looks < 60 + 3 * 20


@pytest.mark.usefixtures("issue")
def test_who_finds_no_place_within_ten_minutes_asks_again_later_and_ever_more_rarely(db, noon):
    slow_down("amt1.example", "451 4.7.1 slow", rate=2, at=noon)

    leave(noon)

    waits = [due - noon for due in db.scalars(select(Message.due_at).where(Message.state == State.QUEUED))]
    assert sum(wait == 10 * MINUTE for wait in waits) > 5
    assert max(waits) == 10 * MINUTE
    leave(noon + 40 * MINUTE)
    assert max(db.scalars(select(Message.due_at))) == noon + 80 * MINUTE


@pytest.mark.usefixtures("db")
def test_complaints_halve_the_rate_once_in_half_a_minute_and_quiet_raises_it(db, noon):
    def rate():
        db.expire_all()
        found = slow_destinations()
        return found[0].per_minute if found else None

    for after in (0, 10, 20, 40):
        slow_down("amt1.example", "421 slow", rate=0, at=noon + after * SECOND)
    assert rate() == FIRST_RATE / 2
    for number in range(10):
        slow_down("amt1.example", "421 slow", rate=0, at=noon + (2 + number) * MINUTE)
    assert rate() == 1.0


@pytest.mark.usefixtures("issue")
def test_after_quiet_minutes_a_domain_is_free_again(db, noon):
    slow_down("amt1.example", "421 slow", rate=0, at=noon)
    at = noon
    for _ in range(60):
        at += 2 * MINUTE
        leave(at)
        db.execute(Message.__table__.update().values(state=State.QUEUED, due_at=noon))
    assert slow_destinations() == []
    assert len(leave(at + MINUTE)) == 60


@pytest.mark.usefixtures("issue")
def test_domains_that_one_operator_serves_share_what_it_takes(app, db, noon, monkeypatch):
    assert destination_of("amt1.example") == "amt1.example"
    assert destination_of("gmail.com") == destination_of("googlemail.com") == "Google"
    groups = {"amt1.example": "Rechenzentrum", "amt2.example": "Rechenzentrum", "kreis.example": "Rechenzentrum"}
    monkeypatch.setitem(app.config, "DESTINATION_GROUPS", groups)
    assert destination_of("post.stadt.kreis.example") == "Rechenzentrum"
    assert destination_of("anderkreis.example") == "anderkreis.example"

    slow_down("amt1.example", "451 4.7.1 slow", rate=0, at=noon)
    slow_down("amt2.example", "451 4.7.1 slow", rate=0, at=noon)

    assert [(one.domain, one.per_minute) for one in slow_destinations()] == [("Rechenzentrum", FIRST_RATE)]
    assert {one.rpartition("@")[2] for one in leave(noon)} == {"amt0.example"}
    places = db.scalars(select(Message.due_at).where(Message.state == State.QUEUED).order_by(Message.due_at)).all()
    assert [later - earlier for earlier, later in pairwise(places)] == 39 * [2 * SECOND]


@pytest.mark.usefixtures("db")
def test_who_is_grouped_otherwise_now_or_not_written_to_any_more_is_forgotten(app, noon, monkeypatch):
    groups = {"amt1.example": "Rechenzentrum", "amt2.example": "Altes Haus"}
    monkeypatch.setitem(app.config, "DESTINATION_GROUPS", groups)
    for domain in ("amt1.example", "amt2.example", "amt3.example", "amt4.example", "gmail.com"):
        slow_down(domain, "421 slow", rate=0, at=noon)

    def known(at):
        forget_destinations(at=at)
        return {one.domain for one in slow_destinations()}

    assert known(noon) == {"Rechenzentrum", "Altes Haus", "amt3.example", "amt4.example", "Google"}
    groups = {"amt1.example": "Rechenzentrum", "amt3.example": "Rechenzentrum"}
    monkeypatch.setitem(app.config, "DESTINATION_GROUPS", groups)
    assert known(noon) == {"Rechenzentrum", "amt4.example", "Google"}
    slow_down("amt4.example", "421 slow", rate=0, at=noon + timedelta(hours=20))
    assert known(noon + timedelta(hours=25)) == {"amt4.example"}


@pytest.mark.usefixtures("issue")
def test_a_set_rate_holds_for_every_domain_and_is_no_complaint(db, noon):
    assert len(leave(noon, rate=60)) == 3 * 2
    assert {one.per_minute for one in db.scalars(select(Destination))} == {60.0}
    assert slow_destinations() == []

    slow_down("amt1.example", "421 slow", rate=60, at=noon + MINUTE)
    assert [one.per_minute for one in slow_destinations()] == [30.0]
    for number in range(2, 12):
        leave(noon + number * MINUTE, rate=60)
        db.execute(Message.__table__.update().values(state=State.QUEUED, due_at=noon))
    assert slow_destinations() == []


def test_whoever_signs_in_is_never_held_back(db, noon):
    slow_down("amt.example", "421 slow", rate=0, at=noon)
    post(Mail(kind="code", subject="x", recipient="ada@amt.example", form=FORM, values={"name": "x"}), at=noon)

    assert leave(noon, rate=1) == ["ada@amt.example"]


@pytest.mark.usefixtures("at_noon", "issue")
def test_a_server_that_says_so_slows_its_domain_down_and_no_other(app, db, monkeypatch):
    with FaultySMTP() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        for number in range(60):
            if number % 3 == 1:
                server.for_recipient(f"p{number:05}@amt1.example", refuse(Stage.RCPT, "451 4.7.1 too fast"))
        deliver_due()

        assert len(server.mails) == 40
    assert [(one.domain, one.reason) for one in slow_destinations()] == [("amt1.example", "451 4.7.1 too fast")]
