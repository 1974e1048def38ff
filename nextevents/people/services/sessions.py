"""Signed-in browsers and calendar addresses: both can be ended at any time."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete

from ...ground.database import change_rows, db
from ...ground.tokens import fingerprint, token_for
from ..models import FEED, BrowserSession, Feed, Person

#: Rule A-09: absolute lifetimes. How long a browser may be idle is looked at when it comes back (people.signing_in).
LIFETIME = timedelta(days=30)
OFFICE_LIFETIME = timedelta(hours=8)


def begin_session(person: Person, *, browser: str, at: datetime) -> str:
    """Sign a browser in; returns the secret for its cookie, of which only a fingerprint is kept."""
    secret = secrets.token_urlsafe(24)
    lifetime = OFFICE_LIFETIME if person.is_office else LIFETIME
    db.session.add(
        BrowserSession(
            person_id=person.id,
            secret_fingerprint=fingerprint(secret),
            browser=browser,
            began_at=at,
            expires_at=at + lifetime,
        )
    )
    db.session.flush()
    return secret


def end_session(person: Person, number: int) -> None:
    """Sign one of a person's browsers out."""
    change_rows(delete(BrowserSession).where(BrowserSession.person_id == person.id, BrowserSession.id == number))


def end_other_sessions(person: Person, kept: int) -> None:
    """Sign all of a person's browsers out but this one."""
    change_rows(delete(BrowserSession).where(BrowserSession.person_id == person.id, BrowserSession.id != kept))


def forget_old_sessions(*, at: datetime) -> None:
    """Delete what has run out."""
    change_rows(delete(BrowserSession).where(BrowserSession.expires_at < at))


def make_feed(person: Person, *, only_without_invitation: bool = False, at: datetime) -> Feed:
    """A calendar address of a person's own."""
    feed = Feed(person_id=person.id, only_without_invitation=only_without_invitation, made_at=at)
    db.session.add(feed)
    db.session.flush()
    return feed


def revoke_feed(person: Person, number: int) -> None:
    """Make a calendar address answer 404 from now on."""
    change_rows(delete(Feed).where(Feed.person_id == person.id, Feed.id == number))


def token_of_feed(feed: Feed) -> str:
    """The secret part of a calendar address."""
    return token_for(FEED, feed.id)
