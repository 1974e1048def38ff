"""Campaigns: one row for each receiver, written by the database itself in portions, and stopped at a word.

A portion is one INSERT … SELECT over a range of mailbox numbers; the cursor (`expanded_until`) moves in the same
transaction, and the unique key of messages makes a second one impossible. The cursor says only who has a row. Whether
somebody has a mail, each row says for itself, so nothing is lost with a worker (guarantee G7).

Pausing changes the campaign's state, which every mail looks at in the moment before it leaves; the rows follow.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from ...ground.database import after_commit, change_rows, db, insert_unless_there, is_postgresql
from ...ground.queue import bell
from ..errors import CampaignNotThere
from ..forms import FormDraft
from ..models import WAITING, Campaign, CampaignForm, CampaignState, Mailbox, Message, State
from .claiming import BULK
from .entitlement import PAUSED
from .figures import KIND, freeze
from .posting import DELIVER_DUE, LIFETIME, store_form

#: So many mailboxes are looked at in one transaction: about a second of PostgreSQL, a third of one of SQLite's lock.
EXPANSION, SMALL_EXPANSION = 20_000, 4_000
#: So many rows follow their campaign in one transaction.
FOLLOWING = 5_000
UNSENT = (*WAITING, State.CLAIMED, State.HELD)
#: What the worker is told when a campaign's state has changed.
TEND_CAMPAIGNS = "mailing.tend_campaigns"
#: What it is told when one begins; the room that knows its receivers has the ear.
EXPAND_CAMPAIGNS = "newsroom.expand_campaigns"

_OWN_COLUMNS = frozenset({"mailbox_id", "address", "variant"})


# ── What people decide ───────────────────────────────────────────────────────────────────────────────────────────────


def schedule(campaign: Campaign, *, by: str, due: datetime, at: datetime) -> None:
    """Let a campaign begin at that moment. By is the address of who releases it.

    Raises CampaignNotThere unless it is a draft, in review, or scheduled for another moment.
    """
    drafts = (CampaignState.DRAFT, CampaignState.REVIEW, CampaignState.SCHEDULED)
    _move(campaign, drafts, CampaignState.SCHEDULED, released_by=by, released_at=at, scheduled_for=due)


def release_campaign(campaign: Campaign, *, by: str, at: datetime) -> None:
    """Let a campaign begin now: the click only says so, the worker writes the messages.

    Raises CampaignNotThere unless it is a draft, in review or scheduled. Asked twice, the second time it is refused.
    """
    drafts = (CampaignState.DRAFT, CampaignState.REVIEW, CampaignState.SCHEDULED)
    values = {"released_by": by, "released_at": at, "scheduled_for": at, "started_at": at}
    _move(campaign, drafts, CampaignState.SENDING, **values)
    after_commit(lambda: bell.ring(EXPAND_CAMPAIGNS))


def take_back_release(campaign: Campaign) -> None:
    """Make a scheduled campaign a draft again. Raises CampaignNotThere if it has begun meanwhile."""
    _move(campaign, (CampaignState.SCHEDULED,), CampaignState.DRAFT, scheduled_for=None)


def send_back(campaign: Campaign) -> None:
    """Make a campaign a draft again that has begun, but of which no message is written.

    Raises CampaignNotThere unless it is being sent.
    """
    _move(campaign, (CampaignState.SENDING,), CampaignState.DRAFT, scheduled_for=None, started_at=None)


def pause_campaign(campaign: Campaign) -> None:
    """Send no more of it for now; what is just leaving leaves. Raises CampaignNotThere unless it is sending."""
    _move(campaign, (CampaignState.SENDING,), CampaignState.PAUSED)
    after_commit(lambda: bell.ring(TEND_CAMPAIGNS))


def resume_campaign(campaign: Campaign) -> None:
    """Go on with a paused campaign. Raises CampaignNotThere unless it is paused."""
    _move(campaign, (CampaignState.PAUSED,), CampaignState.SENDING)
    after_commit(lambda: bell.ring(TEND_CAMPAIGNS))


def stop_campaign(campaign: Campaign) -> None:
    """Send no more of it, ever. Raises CampaignNotThere unless it is sending or paused."""
    _move(campaign, (CampaignState.SENDING, CampaignState.PAUSED), CampaignState.STOPPED, expanded_until=None)
    after_commit(lambda: bell.ring(TEND_CAMPAIGNS))


def _move(campaign: Campaign, sources: tuple[CampaignState, ...], target: CampaignState, **values: Any) -> None:
    """One conditional UPDATE: of two who press at once, one is told so."""
    moved = change_rows(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.state.in_(sources))
        .values(state=target, version=Campaign.version + 1, **values)
    )
    db.session.refresh(campaign)
    if not moved:
        raise CampaignNotThere


# ── One row for each receiver ────────────────────────────────────────────────────────────────────────────────────────


def begin_scheduled(*, at: datetime) -> int:
    """Let campaigns begin whose moment has come; returns how many."""
    begun = change_rows(
        update(Campaign)
        .where(Campaign.state == CampaignState.SCHEDULED, Campaign.scheduled_for <= at)
        .values(state=CampaignState.SENDING, started_at=at, version=Campaign.version + 1)
    )
    if begun:
        after_commit(lambda: bell.ring(EXPAND_CAMPAIGNS))
    return begun


def campaigns_to_expand() -> list[Campaign]:
    """Campaigns that are being sent and of which not everybody has a row yet, oldest first."""
    chosen = select(Campaign).where(Campaign.state == CampaignState.SENDING, Campaign.expanded_until.is_not(None))
    return list(db.session.scalars(chosen.order_by(Campaign.started_at, Campaign.id)))


def store_campaign_forms(campaign: Campaign, forms: Mapping[str, FormDraft]) -> None:
    """Keep the finished mails of a campaign by variant. What is kept already stays: a second start sends the same."""
    for form in forms.values():
        store_form(form)
    rows = [{"campaign_id": campaign.id, "variant": variant, "form_key": form.key} for variant, form in forms.items()]
    if rows:
        db.session.execute(insert_unless_there(CampaignForm), rows)


def expand_portion(number: int, recipients: Select[*tuple[Any, ...]], *, at: datetime) -> bool:
    """Write the messages of the next portion of receivers; whether there may be more. A transaction for each portion.

    Recipients has the columns mailbox_id, address and variant (a key of store_campaign_forms); every other column
    becomes a value of the form under its name. It is asked for ranges of mailbox_id, so an index should lead there.
    Nothing is written unless the campaign is being sent. Fails loudly if a receiver's variant has no form.
    """
    held = select(Campaign).where(Campaign.id == number, Campaign.state == CampaignState.SENDING).with_for_update()
    campaign = db.session.scalars(held.execution_options(populate_existing=True)).first()
    if campaign is None or campaign.expanded_until is None:
        return False
    start = campaign.expanded_until
    end = _end_of_portion(start)
    if end is not None:
        _insert(campaign, recipients.subquery("recipients"), start, end, at)
    change_rows(update(Campaign).where(Campaign.id == number).values(expanded_until=end))
    after_commit(lambda: bell.ring(DELIVER_DUE))
    return end is not None


def _end_of_portion(start: int) -> int | None:
    """The last mailbox of the next portion, None if there is none any more. Whoever comes later is not meant."""
    size = EXPANSION if is_postgresql() else SMALL_EXPANSION
    portion = select(Mailbox.id).where(Mailbox.id > start).order_by(Mailbox.id).limit(size).subquery()
    end: int | None = db.session.scalar(select(func.max(portion.c.id)))
    return end


def _insert(campaign: Campaign, recipients: Subquery, start: int, end: int, at: datetime) -> None:
    of_variant = (CampaignForm.campaign_id == campaign.id) & (CampaignForm.variant == recipients.c.variant)
    columns: dict[str, Any] = {
        "kind": literal(KIND),
        "subject": literal(f"{KIND}:{campaign.id}"),
        "revision": literal(0),
        "recipient": recipients.c.address,
        "form_key": CampaignForm.form_key,
        "values": _values_of(recipients),
        "has_secrets": literal(value=False),
        "message_id": message_ids(),
        "priority": literal(BULK),
        "created_at": constant(at, Message.created_at),
        "due_at": constant(at, Message.due_at),
        "expires_at": constant(at + LIFETIME, Message.expires_at),
        "state": literal(State.QUEUED, Message.state.type),
        "attempt": literal(0),
        "was_repeated": literal(value=False),
        "answer": literal(""),
        "list_id": literal(campaign.list_id),
        "mailbox_id": recipients.c.mailbox_id,
        "campaign_id": literal(campaign.id),
    }
    chosen = (
        select(*columns.values())
        .select_from(recipients.outerjoin(CampaignForm, of_variant))
        .where(recipients.c.mailbox_id > start, recipients.c.mailbox_id <= end)
    )
    db.session.execute(
        insert_unless_there(Message, Message.kind, Message.subject, Message.revision, Message.recipient).from_select(
            list(columns), chosen, include_defaults=False
        ),
        execution_options={"synchronize_session": False},
    )


def constant(moment: datetime, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A moment as a column of an INSERT … SELECT."""
    return literal(moment, column.type)


def _values_of(recipients: Subquery) -> ColumnElement[Any]:
    """The receiver's values as a JSON object, made by the database."""
    make = func.json_build_object if is_postgresql() else func.json_object
    names = [one for one in recipients.c if one.name not in _OWN_COLUMNS]
    return make(*(part for one in names for part in (cast(literal(one.name), String), one)))


def message_ids() -> ColumnElement[str]:
    """A Message-ID for each row, made by the database: the moment, and 80 random bits.

    The moment leads so that the index of a million rows grows at its end, which costs half the time.
    """
    moment = f"<{time.time_ns() // 1_000_000:012x}"
    is_random = (
        func.right(func.replace(cast(func.gen_random_uuid(), String), "-", ""), 20)
        if is_postgresql()
        else func.lower(func.hex(func.randomblob(10)))
    )
    return literal(moment).concat(is_random).concat(f"@{current_app.config['LIST_DOMAIN']}>")


# ── Rows follow their campaign ───────────────────────────────────────────────────────────────────────────────────────


def campaigns_to_tend() -> list[int]:
    """The numbers of campaigns that have begun and are not over."""
    begun = Campaign.state.in_((CampaignState.SENDING, CampaignState.PAUSED, CampaignState.STOPPED))
    return list(db.session.scalars(select(Campaign.id).where(begun, Campaign.ended_at.is_(None)).order_by(Campaign.id)))


def tend(number: int, *, at: datetime) -> bool:
    """Let a portion of a campaign's rows follow its state, or end it; whether there may be more. Safe to repeat.

    Paused: what waits is held. Sending: what is held waits again. Stopped: neither is sent any more. A campaign is
    over when everybody has a row and no row waits; then its figures are frozen.
    """
    held = select(Campaign).where(Campaign.id == number, Campaign.ended_at.is_(None)).with_for_update()
    campaign = db.session.scalars(held.execution_options(populate_existing=True)).first()
    if campaign is None:
        return False
    if campaign.state == CampaignState.PAUSED:
        return _follow(campaign, WAITING, state=State.HELD, answer=PAUSED)
    if campaign.state == CampaignState.STOPPED:
        moved = _follow(campaign, (*WAITING, State.HELD), state=State.SKIPPED, answer="its campaign was stopped")
    else:
        again = {"state": State.QUEUED, "due_at": Message.created_at, "answer": ""}
        moved = _follow(campaign, (State.HELD,), **again)
        if moved:
            after_commit(lambda: bell.ring(DELIVER_DUE))
    if not moved:
        _end_if_over(campaign, at=at)
    return moved


def _follow(campaign: Campaign, sources: tuple[State, ...], **values: Any) -> bool:
    meant = select(Message.id).where(Message.campaign_id == campaign.id, Message.state.in_(sources)).limit(FOLLOWING)
    if is_postgresql():
        meant = meant.with_for_update(skip_locked=True)
    followed = update(Message).where(Message.id.in_(select(meant.cte("meant").c.id))).values(**values)
    # Counted by what comes back: Python's sqlite3 does not count what begins with WITH.
    moved = db.session.scalars(followed.returning(Message.id).execution_options(synchronize_session=False))
    return bool(moved.all())


def _end_if_over(campaign: Campaign, *, at: datetime) -> None:
    if campaign.expanded_until is not None or has_unsent(campaign):
        return
    is_stopped = campaign.state == CampaignState.STOPPED
    campaign.state = CampaignState.STOPPED if is_stopped else CampaignState.SENT
    campaign.ended_at = at
    freeze(campaign)
    db.session.flush()


def has_unsent(campaign: Campaign) -> bool:
    """Whether a row of this campaign waits, is held, or is just leaving."""
    for state in UNSENT:  # one at a time: each is one look into the index
        found = select(Message.id).where(Message.campaign_id == campaign.id, Message.state == state).limit(1)
        if db.session.scalar(found) is not None:
            return True
    return False
