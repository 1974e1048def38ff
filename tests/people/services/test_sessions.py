"""Signed-in browsers and calendar addresses can be ended at any time (rules A-09 and C-41)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.ground.tokens import fingerprint
from nextevents.people import queries
from nextevents.people.models import BrowserSession, Feed
from nextevents.people.services import (
    begin_session,
    end_other_sessions,
    end_session,
    forget_old_sessions,
    make_feed,
    revoke_feed,
    token_of_feed,
)
from tests.factories import make_person


def begin(person, at):
    secret = begin_session(person, browser="Firefox, Linux", at=at)
    return secret, queries.living_session(fingerprint(secret), at)


def test_a_browser_is_signed_in_by_a_secret_of_which_only_a_fingerprint_is_kept(db, noon):
    ada = make_person()
    secret, browser = begin(ada, noon)
    stored = db.execute(select(*BrowserSession.__table__.columns)).one()

    assert (browser.person, browser.browser, browser.began_at) == (ada, "Firefox, Linux", noon)
    assert len(secret) >= 32
    assert [value for value in stored if secret in str(value)] == []


@pytest.mark.usefixtures("db")
def test_two_browsers_have_nothing_in_common(noon):
    ada = make_person()
    secrets = {begin(ada, noon)[0] for _ in range(20)}

    assert (len(secrets), len(queries.sessions_of(ada, noon))) == (20, 20)


@pytest.mark.usefixtures("db")
def test_a_person_is_signed_in_for_thirty_days_and_somebody_of_the_office_for_eight_hours(noon):
    lifetimes = [begin(make_person(office=office), noon)[1].expires_at - noon for office in (False, True)]

    assert lifetimes == [timedelta(days=30), timedelta(hours=8)]


def test_a_session_that_ran_out_is_none(db, noon):
    ada = make_person()
    secret, _ = begin(ada, noon)
    end = noon + timedelta(days=30)

    assert queries.living_session(fingerprint(secret), end - timedelta(seconds=1))
    assert queries.living_session(fingerprint(secret), end) is None
    assert queries.sessions_of(ada, end) == []

    forget_old_sessions(at=end + timedelta(seconds=1))
    assert db.scalars(select(BrowserSession)).all() == []


@pytest.mark.usefixtures("db")
def test_one_browser_can_be_ended_by_its_person_only(noon):
    ada, eve = make_person(), make_person()
    (secret, browser), (other, _) = begin(ada, noon), begin(ada, noon)

    end_session(eve, browser.id)
    assert queries.living_session(fingerprint(secret), noon)

    end_session(ada, browser.id)
    assert queries.living_session(fingerprint(secret), noon) is None
    assert queries.living_session(fingerprint(other), noon)


@pytest.mark.usefixtures("db")
def test_all_other_browsers_can_be_ended_at_once(noon):
    ada, bob = make_person(), make_person()
    (kept, browser), _, _ = [begin(ada, noon) for _ in range(3)]
    begin(bob, noon)

    end_other_sessions(ada, browser.id)

    assert [one.id for one in queries.sessions_of(ada, noon)] == [browser.id]
    assert queries.living_session(fingerprint(kept), noon)
    assert len(queries.sessions_of(bob, noon)) == 1


@pytest.mark.usefixtures("db")
def test_sessions_are_listed_newest_first(noon):
    ada = make_person()
    for hours in (1, 3, 2):
        begin_session(ada, browser=f"{hours}", at=noon + timedelta(hours=hours))

    assert [one.browser for one in queries.sessions_of(ada, noon + timedelta(hours=4))] == ["3", "2", "1"]


def test_a_calendar_address_leads_to_its_feed_until_it_is_revoked(db, noon):
    ada = make_person()
    all_dates, few = make_feed(ada, at=noon), make_feed(ada, only_without_invitation=True, at=noon)
    tokens = [token_of_feed(feed) for feed in (all_dates, few)]

    assert [queries.feed_with_token(token) for token in tokens] == [all_dates, few]
    assert queries.feeds_of(ada) == [all_dates, few]

    revoke_feed(ada, all_dates.id)
    db.expire_all()
    assert [queries.feed_with_token(token) for token in tokens] == [None, few]


def test_nobody_revokes_another_persons_feed(db, noon):
    ada, eve = make_person(), make_person()
    feed = make_feed(ada, at=noon)

    revoke_feed(eve, feed.id)

    assert db.scalars(select(Feed.id)).all() == [feed.id]
