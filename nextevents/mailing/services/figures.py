"""What became of a campaign, from what is honest: servers' answers, reports, and what people did (rule M-41).

Nobody's opening or clicking is counted. Counted while the messages are there; frozen when the campaign is over and
once more before its messages are forgotten. Of a large campaign what was just counted is shown again, so that counting
takes no more than a twentieth of a process's time, however many look and however many rows there are.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, func, select

from ...ground.database import db
from ..models import Bounce, BounceKind, Campaign, InboundMail, Mailbox, Message, State, Subscription, SubscriptionState

#: The kind of a campaign's messages; their subject is "campaign:<number>".
KIND = "campaign"

#: Who leaves so long after an issue, and before the next one, has left because of it, as far as anybody can tell.
LEAVING_TIME = timedelta(days=14)
RECENTLY = timedelta(minutes=1)
#: Smaller campaigns are counted anew each time.
SMALL = 10_000
#: So many times as long as counting took, what was counted is shown.
REST = 20
#: Of so many campaigns at the most something is kept.
MOST_KEPT = 100


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What became of a campaign's mails, each counted once in the first six, and what people did then."""

    #: A server has taken them.
    accepted: int = 0
    #: Not sent yet, or to be tried again.
    waiting: int = 0
    #: Refused for good, or too late.
    failed: int = 0
    #: Nobody knows whether the server has them.
    uncertain: int = 0
    #: Held, because the campaign is paused.
    held: int = 0
    #: Not wanted any more when their turn came, or stopped.
    skipped: int = 0
    #: Came back as undeliverable.
    bounced: int = 0
    #: Were called spam.
    complained: int = 0
    #: Left the list within two weeks, before the next issue.
    unsubscribed: int = 0
    #: Answers that came to us.
    replied: int = 0

    @property
    def written(self) -> int:
        """How many have a row so far."""
        return self.accepted + self.waiting + self.failed + self.uncertain + self.held + self.skipped


@dataclass(frozen=True)
class Progress:
    """How far a campaign is."""

    figures: Figures
    #: Whether everybody has a row.
    is_written: bool
    #: Mails a minute in the last minute.
    per_minute: int
    #: How long the rest will take at that rate; None if nothing leaves.
    remaining: timedelta | None


_OF_STATE = {
    State.QUEUED: "waiting",
    State.DEFERRED: "waiting",
    State.CLAIMED: "waiting",
    State.SENT: "accepted",
    State.FAILED: "failed",
    State.UNCERTAIN: "uncertain",
    State.HELD: "held",
    State.SKIPPED: "skipped",
}
_NOT_DELIVERED = (BounceKind.DEAD, BounceKind.SOFT, BounceKind.OURS, BounceKind.UNKNOWN)


def figures_of(campaign: Campaign) -> Figures:
    """What became of a campaign so far."""
    frozen = campaign.figures
    by_state = _by_state(campaign)
    if sum(by_state.values()) < _written(frozen):
        by_state = {name: frozen.get(name, 0) for name in set(_OF_STATE.values())}  # its messages are being forgotten
    return Figures(
        **by_state,
        **_reports(campaign),
        unsubscribed=max(_unsubscribed(campaign), frozen.get("unsubscribed", 0)),
        replied=frozen.get("replied", 0),
    )


#: What was counted last: by campaign, and until when it is shown.
_kept: dict[tuple[object, ...], tuple[float, Progress]] = {}


def progress_of(campaign: Campaign, *, at: datetime) -> Progress:
    """How far a campaign is, how fast it goes, and how long it will take. Of a large one a few seconds old."""
    key = (campaign.id, campaign.started_at, campaign.version, campaign.ended_at, campaign.expanded_until is None)
    shown_until, found = _kept.get(key, (0.0, None))
    began = time.monotonic()
    if found and began < shown_until:
        return found
    found = _counted(campaign, at=at)
    if found.figures.written > SMALL:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = (time.monotonic() + REST * (time.monotonic() - began), found)
    return found


def _counted(campaign: Campaign, *, at: datetime) -> Progress:
    figures = figures_of(campaign)
    is_recent = (Message.state == State.SENT, Message.sent_at > at - RECENTLY)
    recent = db.session.scalar(select(func.count()).where(Message.campaign_id == campaign.id, *is_recent)) or 0
    left = figures.waiting + figures.held
    remaining = RECENTLY * (left / recent) if recent else None
    return Progress(figures, campaign.expanded_until is None, recent, remaining)


def answered(one: Message | None, mail: InboundMail) -> str:
    """Count that somebody answered a mail of a campaign; returns "campaign:<number>", for InboundMail.about.

    Each sender counts once, as long as their answer is kept. Empty if the mail is of no campaign.
    """
    if one is None or one.campaign_id is None:
        return ""
    about = f"{KIND}:{one.campaign_id}"
    campaign = db.session.get_one(Campaign, one.campaign_id, with_for_update=True, populate_existing=True)
    is_of_sender = (InboundMail.about == about, InboundMail.sender == mail.sender, InboundMail.id != mail.id)
    if not db.session.scalar(select(exists().where(*is_of_sender))):
        campaign.figures = {**campaign.figures, "replied": campaign.figures.get("replied", 0) + 1}
        db.session.flush()
    return about


def freeze(campaign: Campaign) -> None:
    """Keep a campaign's figures as they are now."""
    found = figures_of(campaign)
    campaign.figures = {one.name: getattr(found, one.name) for one in fields(found)}


def _written(figures: Mapping[str, int]) -> int:
    return sum(figures.get(name, 0) for name in set(_OF_STATE.values()))


def _by_state(campaign: Campaign) -> dict[str, int]:
    rows = db.session.execute(
        select(Message.state, func.count()).where(Message.campaign_id == campaign.id).group_by(Message.state)
    )
    counts = dict.fromkeys(_OF_STATE.values(), 0)
    for state, count in rows:
        counts[_OF_STATE[state]] += count
    return counts


def _reports(campaign: Campaign) -> dict[str, int]:
    """Each message counts once, however many reports came."""

    def messages(*kinds: BounceKind) -> ColumnElement[int]:
        return func.count(func.distinct(case((Bounce.kind.in_(kinds), Bounce.mailbox_id))))

    bounced, complained = db.session.execute(
        select(messages(*_NOT_DELIVERED), messages(BounceKind.COMPLAINT)).where(Bounce.campaign_id == campaign.id)
    ).one()
    return {"bounced": bounced, "complained": complained}


def _unsubscribed(campaign: Campaign) -> int:
    if campaign.started_at is None:
        return 0
    following = select(func.min(Campaign.started_at)).where(
        Campaign.list_id == campaign.list_id, Campaign.started_at > campaign.started_at
    )
    two_weeks_later = campaign.started_at + LEAVING_TIME
    until = min(db.session.scalar(following) or two_weeks_later, two_weeks_later)
    left = (Subscription.state == SubscriptionState.ENDED, Subscription.ended_at.between(campaign.started_at, until))
    had_it = (
        select(Message.id)
        .where(Message.kind == KIND, Message.subject == f"{KIND}:{campaign.id}", Message.revision == 0)
        .where(Message.recipient == Mailbox.address)
        .where(Message.state == State.SENT, Message.sent_at < Subscription.ended_at)
        .exists()
    )
    counted = select(func.count()).select_from(Subscription).join(Mailbox, Mailbox.id == Subscription.mailbox_id)
    return db.session.scalar(counted.where(Subscription.list_id == campaign.list_id, *left, had_it)) or 0
